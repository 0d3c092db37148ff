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

# answer COMMAND...: as the golden files have it
answer() {
	racoonctl "$@" >"$tmp/out" 2>"$tmp/err"
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
END

# The usage: of the commands that there are, the lines are the same.
block 'racoonctl -s /run/a/racoon.sock' >"$tmp/want"
answer -s /run/a/racoon.sock >"$tmp/have"
sed '/show-schedule\|establish-sa\|vpn-\|show-event\|logout-user\|status\|default:/d
    s,/prefixlen/port,/prefixlen[port],g' "$tmp/want" >"$tmp/want2"
sed '/\] metrics\|\] log\|<level>\|default:/d' "$tmp/have" >"$tmp/have2"
diff "$tmp/want2" "$tmp/have2" >"$tmp/said"
result $? 'usage'
answer -x show-sa isakmp >"$tmp/have"
grep -q "^racoonctl: invalid option -- 'x'" "$tmp/have" &&
    grep -q '^\[rc=0\]' "$tmp/have"
result $? 'an option that does not exist'
answer log loud >"$tmp/said"
grep -q '^racoonctl: unknown level loud: error, warning' "$tmp/said"
result $? 'a level that does not exist'
answer -s "$tmp/no" -d reload-config >"$tmp/said"
grep -q '^ 08000180 01000000$' "$tmp/said"
result $? '-d shows the request'
echo "1..$n"
exit $((bad > 0))
