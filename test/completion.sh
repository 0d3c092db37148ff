#!/bin/sh
# SPDX-License-Identifier: ISC
# bash completion of racoonctl: every command of the usage, its options, and
# the peers that a racoon tells of.
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
here=$(cd "${builddir:-.}" && pwd)
if [ -z "${BASH_VERSION:-}" ]; then
	command -v bash >/dev/null || { echo 'no bash'; exit 77; }
	exec bash "$0" "$@"
fi
set -u
. "$top/racoon/racoonctl/completion/racoonctl"
n=0 bad=0

# offers WANT WORD...: the last word may become all of WANT
offers()
{
	local want=$1 have
	shift

	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_racoonctl
	have=" ${COMPREPLY[*]} " n=$((n + 1))
	for word in $want; do
		case $have in
		*" $word "*) ;;
		*)
			echo "not ok $n - ${*:2} may become $word"
			echo "# it may become:$have"
			bad=$((bad + 1))
			return ;;
		esac
	done
	echo "ok $n - completion: ${*:2}"
}

commands=$("$here/racoon/racoonctl/racoonctl" |
    sed -n 's/^  racoonctl \[opts\] \([a-z-]*\).*/\1/p' | sort -u)
[ "$(echo "$commands" | wc -l)" -ge 17 ] || bad=1
offers "$commands -d -l -s" racoonctl ''
offers 'show-sa show-event show-schedule' racoonctl -l -s /x sho
offers 'isakmp esp ah ipsec --wireshark' racoonctl show-sa ''
offers 'isakmp esp --force' racoonctl ss --wireshark ''
offers 'text json table' racoonctl status -f ''
offers '-u -n -w isakmp esp ah' racoonctl es ''
offers 'inet inet6' racoonctl delete-sa esp ''
offers 'inet inet6' racoonctl get-cert ''
offers 'error warning notify info debug debug2' racoonctl log ''

# A racoonctl that knows of two peers, where it is asked at this socket.
fake()
{
	[ "$*" = '-s /x show-sa isakmp' ] || return 1
	echo 'Destination            Cookies                           Created'
	echo '192.0.2.2.500          bbe7ae6b8e1d2bd6:efb0611ade4bac0c 2026 '
	echo '2001:db8::2.4500       bbe7ae6b8e1d2bd6:efb0611ade4bac0d 2026 '
}
for command in vpn-disconnect vd delete-all-sa-dst why; do
	offers '192.0.2.2 2001:db8::2' fake -s /x $command ''
done
echo "1..$n"
exit $((bad > 0))
