#!/bin/sh
# SPDX-License-Identifier: ISC
# racoonctl where no racoon is: what it says is what the historical one said
# (test/golden/racoonctl), of the commands that there are.
set -u
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
here=$(cd "${builddir:-.}" && pwd)
ctl=$here/racoon/racoonctl/racoonctl
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 bad=0

result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$tmp/said" 2>/dev/null
		bad=$((bad + 1))
	fi
}

# Our program as "racoonctl", whatever libtool has made of it.
racoonctl() (
	PATH=$tmp:$PATH
	exec racoonctl "$@"
)
printf '#!/bin/sh\nexec -a racoonctl %s "$@"\n' "$ctl" >"$tmp/racoonctl"
[ ! -x "$(command -v bash)" ] ||
    printf '#!/bin/bash\nexec -a racoonctl %s "$@"\n' "$ctl" >"$tmp/racoonctl"
chmod +x "$tmp/racoonctl"

# answer COMMAND...: as the golden files have it; answer_alone in a network
# that ends here
answer_alone() { answer_of unshare -n "$tmp/racoonctl" "$@"; }
answer() { answer_of racoonctl "$@"; }
answer_of() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	cat "$tmp/out"
	if [ -s "$tmp/err" ]; then
		echo '[stderr]'
		cat "$tmp/err"
	fi
	echo "[rc=$rc]"
}

# block COMMAND-LINE: what the golden file has for it
block() {
	awk -v line="\$ $1" '
	/^\$ / { on = $0 == line; next }
	on' "$top/test/golden/racoonctl/psk-00-no-daemon.txt"
}

while read -r line; do
	[ -n "$line" ] || continue
	block "racoonctl $line" >"$tmp/want"
	# shellcheck disable=SC2086
	answer $line >"$tmp/have"
	[ -s "$tmp/want" ] &&
	    diff "$tmp/want" "$tmp/have" >"$tmp/said"
	result $? "racoonctl $line"
done <<'END'
-s /run/a/racoon.sock show-sa isakmp
-s /run/a/racoon.sock bogus
-s /run/a/racoon.sock show-sa
-s /run/a/racoon.sock show-sa foo
-s /run/a/racoon.sock show-sa isakmp esp
-s /run/a/racoon.sock delete-sa
-s /run/a/racoon.sock delete-sa isakmp
-s /run/a/racoon.sock delete-sa isakmp inet 1.2.3.4
-s /run/a/racoon.sock delete-sa isakmp inet9 1.2.3.4 1.2.3.5
-s /run/a/racoon.sock delete-sa ipsec inet 1.2.3.4 1.2.3.5
-s /run/a/racoon.sock delete-sa esp inet 1.2.3.4/24 1.2.3.5/24 foo
-s /run/a/racoon.sock delete-sa esp inet 1.2.3.4[500] 1.2.3.5[500] any
-s /run/a/racoon.sock get-cert
-s /run/a/racoon.sock get-cert inet6 1.2.3.4 1.2.3.5
-s /run/a/racoon.sock establish-sa
-s /run/a/racoon.sock establish-sa -w
-s /run/a/racoon.sock establish-sa -w ipsec inet 1.2.3.4 1.2.3.5
-s /run/a/racoon.sock establish-sa internal inet 1.2.3.4 1.2.3.5
-s /run/a/racoon.sock vpn-connect
-s /run/a/racoon.sock vpn-connect -u
-s /run/a/racoon.sock vpn-disconnect
-s /run/a/racoon.sock logout-user
-s /run/a/racoon.sock logout-user 01234567890123456789012345678901
-s /run/a/racoon.sock show-event foo
-s /run/a/racoon.sock status -x
-s /run/a/racoon.sock status foo
-s /run/a/racoon.sock status -f
-s /run/a/racoon.sock status -f xml
-s /run/a/racoon.sock status --format=xml
END

# The usage: of the lines that were there each is, in that order.
block 'racoonctl -s /run/a/racoon.sock' |
    sed 's,/prefixlen/port,/prefixlen[port],g; /default:/d' >"$tmp/want"
answer -s /run/a/racoon.sock >"$tmp/have"
grep -Fxf "$tmp/want" "$tmp/have" | diff "$tmp/want" - >"$tmp/said"
result $? 'usage'
answer -x show-sa isakmp >"$tmp/have"
grep -q "^racoonctl: invalid option -- 'x'" "$tmp/have" &&
    grep -q '^\[rc=0\]' "$tmp/have"
result $? 'an option that does not exist'
# Options end at the command, as ever: what is behind it are its arguments.
for words in 'show-sa -ll isakmp' 'show-sa isakmp -l' 'ss -l'; do
	# shellcheck disable=SC2086
	answer -s "$tmp/no" $words >"$tmp/said"
	case $words in
	ss*) printf 'racoonctl: unknown protocol -l' ;;
	*) printf 'racoonctl: insufficient arguments' ;;
	esac | { echo '[stderr]'; cat; printf '\n[rc=1]\n'; } |
	    diff - "$tmp/said" >"$tmp/differ"
	result $? "$words: options come before the command"
done

# Without a network there is no way to a gateway, and no name server.
if unshare -n true 2>/dev/null; then
	for line in 'vpn-connect 203.0.113.1' \
	    'delete-sa esp inet nosuch.invalid 1.2.3.5 any'; do
		block "racoonctl -s /run/a/racoon.sock $line" >"$tmp/want"
		# shellcheck disable=SC2086
		answer_alone -s /run/a/racoon.sock $line >"$tmp/have"
		[ -s "$tmp/want" ] &&
		    diff "$tmp/want" "$tmp/have" >"$tmp/said"
		result $? "without a network: racoonctl $line"
	done
else
	n=$((n + 1))
	echo "ok $n - without a network # SKIP unshare(1) may not make one"
fi

answer log loud >"$tmp/said"
grep -q '^racoonctl: unknown level loud: error, warning' "$tmp/said"
result $? 'a level that does not exist'
answer -s "$tmp/no" -d reload-config >"$tmp/said"
grep -q '^ 08000180 01000000$' "$tmp/said"
result $? '-d shows the request'
# says WORDS... : on standard error, with status 1
complains() {
	text=$1
	shift
	answer "$@" >"$tmp/said"
	grep -Fq "$text" "$tmp/said" && grep -q '^\[rc=1\]' "$tmp/said"
	result $? "$*"
}

complains 'racoonctl: -n require an argument' establish-sa -n
complains 'racoonctl: -u require an argument' establish-sa -u
complains 'racoonctl: unknown protocol x' establish-sa -n a -w x
complains 'racoonctl: VPN gateway required' vpn-connect -u joe
complains 'racoonctl: insufficient arguments' why
complains 'racoonctl: too many arguments' why 1.2.3.4 1.2.3.5 1.2.3.6
complains 'racoonctl: insufficient arguments' delete-all-sa-dst
complains 'racoonctl: -n x: a number of 1 to' top -n x
complains 'racoonctl: -d requires a number' top -d
complains 'racoonctl: usage: top' top 5
complains 'racoonctl: insufficient arguments' show-sa --wireshark
complains 'racoonctl: unknown protocol x' show-sa --wireshark x
complains "racoonctl: cannot talk to racoon at $tmp/no: No such file" \
    -s "$tmp/no" top -n 1
for words in 'show-schedule:0200 0000' 'se:0300 0000' 'st:0301 0000' \
    'status -v -f json:0401 0100' 'status -f table:0304 0000' \
    'metrics:0104 0000' 'ss --wireshark esp:0504 0202'; do
	command=${words%%:*} want=${words#*:}
	# shellcheck disable=SC2086
	answer -s "$tmp/no" -d $command >"$tmp/said"
	number=${want% *} proto=${want#* }
	flagged=${number%??}$(printf '%02x' \
	    $((0x${number#??} | 0x80)))
	grep -q "^ 0800$flagged 0100$proto\$" "$tmp/said"
	result $? "the request of $command"
done
# An address without a prefix is one address, of IPv6 too; the historical one
# made a net of 32 bits of that, which no policy for the address covers.
for words in 'esp inet6 2001:db8::1 2001:db8::2 tcp:80800600' \
    'esp inet6 2001:db8::1 2001:db8::/48 tcp:80300600' \
    'ah inet 192.0.2.1 192.0.2.2:20200000' \
    'esp inet 10.1.0.0/16[53] 10.2.0.0/24 udp:10181100'; do
	# shellcheck disable=SC2086
	answer -s "$tmp/no" -d delete-sa ${words%:*} >"$tmp/said"
	grep -q "^ 10010182 01000[12]02 ${words##*:} 00000000 " "$tmp/said"
	result $? "the ends of ${words%:*}"
done
# With -n the name of the block is behind the addresses, with its NUL.
answer -s "$tmp/no" -d establish-sa -n peer isakmp inet 192.0.2.1 192.0.2.2 \
    >"$tmp/said"
grep -q '^ 15010282 0100ff01 20200000 00000000 02000000 c0000201 ' \
    "$tmp/said" && grep -q ' 70656572 00$' "$tmp/said"
result $? 'establish-sa -n'
echo "1..$n"
exit $((bad > 0))
