#!/bin/bash
# SPDX-License-Identifier: ISC
# setkey on a kernel with ESP: every script test/golden/setkey/NAME.in must
# print what NAME.out says, and leave in the kernel what NAME.ipxfrm says (see
# the README there).  Then what those files do not show.
#
# On a kernel with PF_KEY everything goes through PF_KEY, elsewhere through XFRM.
# Arguments are the NAMEs that alone are to be compared.
#
# Needs root and a kernel with XFRM, and in the environment SETKEY (the
# program) and TOP (the source).  Prints TAP.
set -u
: "${SETKEY:?is the program to test}"
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
GOLDEN=$TOP/test/golden/setkey
if [ "${PFKEY:-0}" = 1 ]; then
	: "${IPSEC_BACKEND:=pfkey}"
fi
export IPSEC_BACKEND=${IPSEC_BACKEND:-xfrm}
W=$(mktemp -d) || exit 1
trap 'rm -rf "$W"' EXIT
export TZ=UTC LC_ALL=C
ran=0 failed=0

ok() { ran=$((ran + 1)); echo "ok $ran - setkey: $IPSEC_BACKEND: $*"; }
not_ok()
{
	ran=$((ran + 1)) failed=$((failed + 1))
	echo "not ok $ran - setkey: $IPSEC_BACKEND: $*"
}
# check TEXT COMMAND...
check()
{
	local text=$1
	shift

	if "$@" >"$W/said" 2>&1; then
		ok "$text"
	else
		not_ok "$text"
		head -n 30 "$W/said" | sed 's/^/#   /'
	fi
}

# until_true COMMAND...: for up to a minute
until_true()
{
	local end=$((SECONDS + 60))

	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# A fresh set of tables for each case.
fresh()
{
	ip netns del t 2>/dev/null
	ip netns add t && ip -n t link set lo up
}
in_t() { ip netns exec t "$@"; }

# As NAME.out was recorded: the command, what it said, its status.
record()
{
	local rc

	echo "\$ ip netns exec t setkey $*"
	in_t "$SETKEY" "$@" 2>"$W/err"
	rc=$?
	if [ -s "$W/err" ]; then
		echo '[stderr]'
		cat "$W/err"
	fi
	echo "[rc=$rc]"
}

# Times, process and policy numbers, and numbers that the kernel chooses.
plain()
{
	sed -E \
	    -e 's/[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}/TIME/g' \
	    -e 's/diff: [0-9]+\(s\)/diff: N(s)/' \
	    -e 's/ pid=[0-9]+/ pid=N/' \
	    -e 's/spid=[0-9]+/spid=N/' \
	    -e 's/refcnt=[12]$/refcnt=N/' \
	    -e 's/unique#[0-9]+/unique#N/' \
	    -e 's/(mode=tunnel spi=)[0-9]+\(0x0([1-9a-f][0-9a-f]{6}|0[1-9a-f][0-9a-f]{5}|00[1-9a-f][0-9a-f]{4})\)/\1N/' \
	    -e '/^setkey: /s/ \(.*\)$//'
}

# Of `ip -s xfrm', what a state or a policy is; the rest differs between a
# kernel with PF_KEY and without.
kernel_view()
{
	awk '/^src|^	proto|^	replay-window/ || /auth-trunc|enc |comp |encap/ ||
	    /limit:|expire add|expire use|	dir |tmpl|level|security/' |
	    sed -E -e 's/ uid 0$//' -e '/^	sel /d' -e '/enc-mask/d' \
		-e 's/ flag .*$//' \
		-e 's/seq 0x.*$//' -e 's/ index [0-9]+//' \
		-e 's/reqid (1638[4-9]|1639[0-9])\(.*\)/reqid N/' \
		-e '/mode tunnel/s/spi 0x0([1-9a-f][0-9a-f]{6}|0[1-9a-f][0-9a-f]{5}|00[1-9a-f][0-9a-f]{4})\(.*\) reqid/spi N reqid/'
}

# The files as they count for the back end.  PF_KEY has SHA-256 with 96 bits
# only, which has a name of its own, and does not keep the original address of
# esp-udp.
files_for_backend()
{
	cp -r "$GOLDEN" "$W/golden"
	[ "$IPSEC_BACKEND" = pfkey ] || return 0
	sed -i -E 's/hmac-sha(2-)?256 /hmac-sha256-96 /' "$W"/golden/*.in \
	    "$W"/golden/*.out
	sed -i -E -e '/hmac\(sha256\)/s/ 128$/ 96/' \
	    -e '/encap type/s/ addr .*$/ addr 0.0.0.0/' "$W"/golden/*.ipxfrm
}
files_for_backend

golden()
{
	local name=$1 o

	fresh
	cd "$W/golden" || exit 1
	{
		record -f "$name.in"
		for o in -D -Dp -DP -DPp; do record $o; done
	} >"$W/out" 2>&1
	{
		echo '$ ip -s xfrm state'
		in_t ip -s xfrm state
		echo '$ ip -s xfrm policy'
		in_t ip -s xfrm policy
	} >"$W/ipxfrm" 2>&1
	plain <"$W/out" >"$W/a"
	plain <"$name.out" >"$W/b"
	check "$name: what it prints" diff -u "$W/b" "$W/a"
	kernel_view <"$W/ipxfrm" >"$W/a"
	kernel_view <"$name.ipxfrm" >"$W/b"
	check "$name: what the kernel has" diff -u "$W/b" "$W/a"
	cd /
}

finish()
{
	ip netns del t 2>/dev/null
	echo "1..$ran"
	[ "$failed" -eq 0 ]
	exit
}

if [ $# -gt 0 ]; then
	for f; do golden "$f"; done
	finish
fi

# A kernel without an algorithm, where modules can be kept out.  Before all else:
# afterwards it has them.
case $IPSEC_BACKEND in
xfrm) alg=aes-ccm-16 module=ccm kernel='ccm(aes)' key='"0123456789abcdef012"' ;;
pfkey) alg=twofish-cbc module=twofish_generic kernel='cbc(twofish)'
    key='"0123456789abcdef"' ;;
esac
add_alg()
{
	echo "add 10.0.0.1 10.0.0.2 esp 9 -E $alg $key;" |
	    in_t "$SETKEY" -f -
}
fresh
if ! grep -qF "$kernel" /proc/crypto &&
    modprobe=$(cat /proc/sys/kernel/modprobe 2>/dev/null) &&
    echo /bin/false >/proc/sys/kernel/modprobe 2>/dev/null; then
	add_alg >"$W/missing" 2>&1
	echo "$modprobe" >/proc/sys/kernel/modprobe
	check 'a missing algorithm and its module are named' \
	    grep "^setkey: -:1: .*$alg missing.*modprobe.* $module" "$W/missing"
	check 'with the module it works' add_alg
else
	ok 'a missing algorithm is named # SKIP cannot keep modules out'
fi

for f in "$GOLDEN"/*.in; do
	f=${f##*/}
	golden "${f%.in}"
done

# ---- what the files do not show ---------------------------------------------

# says TEXT STATUS OUTPUT COMMAND...: both streams, times and numbers aside
says()
{
	local text=$1 status=$2 rc
	printf '%s\n' "$3" >"$W/b"
	shift 3

	in_t "$@" >"$W/said1" 2>&1
	rc=$?
	{ cat "$W/said1"; echo "status $rc"; } | sed '/^status/!s/^/ /' |
	    sed 's/^ //' | plain >"$W/a"
	{ [ ! -s "$W/b" ] || grep -v '^$' "$W/b"; echo "status $status"; } \
	    >"$W/c"
	check "$text" diff -u "$W/c" "$W/a"
}

policies() { in_t ip xfrm policy | grep -c '^src'; }

fresh
cat >"$W/syntax" <<'E'
spdadd 10.0.0.1 10.0.0.2 any -P out none;
flush;
bogus;
E
says 'an error of syntax is named' 1 "setkey: $W/syntax,3: syntax error at \`bogus'
setkey: $W/syntax,3: parse failed" "$SETKEY" -f "$W/syntax"
check 'and changes nothing' [ "$(policies)" -eq 0 ]

cat >"$W/errors" <<'E'
flush; spdflush;
spdadd 10.0.0.1 10.0.0.2 any -P out none;
spdadd 10.0.0.1 10.0.0.2 any -P out discard;
spdadd 10.0.0.1 10.0.0.3 any -P out none;

spddelete 10.0.0.9 10.0.0.2 any -P in;
delete 10.0.0.1
	10.0.0.2 esp 0x1234;
spdadd 10.0.0.1 10.0.0.4 any -P out none;
E
in_t "$SETKEY" -f "$W/errors" >/dev/null 2>&1
says 'errors keep their lines after a flush' 1 "setkey: $W/errors:3: File exists
setkey: $W/errors:6: No entry
setkey: $W/errors:6: No entry
setkey: $W/errors:7: No such process" "$SETKEY" -f "$W/errors"
check 'everything else was done' [ "$(policies)" -eq 3 ]
says '-FP empties the SPD' 0 '' "$SETKEY" -FP
says '-DP says so' 0 'No SPD entries.' "$SETKEY" -DP
says '-k adds no forwarding policy' 0 '' sh -c \
    "echo 'spdadd 10.0.0.1 10.0.0.2 any -P in none;' | '$SETKEY' -kf -"
check 'there is one policy' [ "$(policies)" -eq 1 ]

says 'a session answers on standard output' 1 "syntax error at \`bogus'
No such process.
No SAD entries." sh -c "printf 'bogus;\nget 10.0.0.1 10.0.0.2 esp\n 1;dump;' |
    '$SETKEY' -c 2>/dev/null"

# Level unique takes reqids that no policy has.
in_t ip xfrm policy add src 10.0.0.0/8 dst 10.9.0.0/16 dir out tmpl \
    proto esp mode transport reqid 16385
in_t "$SETKEY" -f - <<'E'
spdadd 10.0.0.1 10.0.0.5 any -P out ipsec esp/transport//unique;
spdadd 10.0.0.1 10.0.0.6 any -P out ipsec esp/transport//unique;
E
reqids=$(in_t ip xfrm policy | grep -o 'reqid [0-9]*' | sort | uniq -d)
check 'level unique takes free reqids' [ -z "$reqids" ]

# RFC 4868 by default, the width of PF_KEY by name.
K=0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
in_t "$SETKEY" -f - >"$W/sha256" 2>&1 <<E
flush;
add 10.0.0.1 10.0.0.2 ah 0x1000 -A hmac-sha256-96 $K;
add 10.0.0.1 10.0.0.2 ah 0x1001 -A hmac-sha256 $K;
E
names=$(in_t "$SETKEY" -D | awk '/A:/ { print $2 }' | xargs)
widths=$(in_t ip xfrm state | awk '/auth-trunc/ { print $NF }' | xargs)
case $IPSEC_BACKEND in
xfrm)
	check 'SHA-256 with 128 bits, or 96 by name' [ "$widths" = '128 96' ]
	check 'both are printed by their names' \
	    [ "$names" = 'hmac-sha256 hmac-sha256-96' ] ;;
pfkey)
	check 'SHA-256 with 96 bits by name, with 128 refused' grep \
	    '^setkey: -:3: .*PF_KEY cuts hmac-sha256 to 96 bits' "$W/sha256"
	check 'the name is that of 96 bits' \
	    [ "$names $widths" = 'hmac-sha256-96 96' ] ;;
esac

says 'without privilege: one line' 1 \
    "setkey: cannot use the kernel's IPsec: Operation not permitted" \
    setpriv --reuid=65534 --clear-groups --bounding-set=-all \
    --inh-caps=-all sh -c "printf 'flush;\nflush;\n' | '$SETKEY' -f -"

in_t "$SETKEY" -l -D >"$W/short" 2>&1 &
lister=$!
check '-l prints a line for each SA' until_true grep -Eq \
    '^[0-9]{4} ah  M 00001000 +[0-9]+/0   10\.0\.0\.1 -> 10\.0\.0\.2$' \
    "$W/short"
kill $lister

esp_is_gone() { ! in_t "$SETKEY" -D | grep -q '	esp '; }

# Soft limits in time and bytes, counters, the last use; then a hard limit.
dying()
{
	local name=$GOLDEN/live-dying

	ip netns add u
	ip link add v0 netns t type veth peer name v1 netns u
	ip -n t addr add 192.0.2.1/24 dev v0 && ip -n t link set v0 up
	ip -n u addr add 192.0.2.2/24 dev v1 && ip -n u link set v1 up
	in_t "$SETKEY" -f "$name.script" || return 1
	sleep 3
	in_t bash -c 'for n in 1 2 3 4; do
		printf %050d 0 >/dev/udp/192.0.2.2/9; done'
	{
		echo '$ ip netns exec a setkey -D'
		in_t "$SETKEY" -D
		in_t "$SETKEY" -DP >"$W/dp"
		echo '[rc=0]'
		until_true esp_is_gone
		echo '$ ip netns exec a setkey -D'
		in_t "$SETKEY" -D
	} | plain >"$W/a"
	ip netns del u
	plain <"$name.dump" | diff -u - "$W/a"
}
fresh
check 'an SA ages, is counted and ends' dying
check '-DP shows when a policy was used' grep -Eq \
    '^	created: .{20}  lastused: [A-Z][a-z]{2} .{16}$' "$W/dp"

# Many policies: all of them, in batches.
seq 0 9999 | awk '{ printf "spdadd 10.%d.%d.1 10.0.0.2 any -P out " \
    "ipsec esp/transport//require;\n", $1 / 256, $1 % 256 }' >"$W/many"
fresh
says '10,000 policies' 0 '' "$SETKEY" -f "$W/many"
check 'all are there' [ "$(in_t "$SETKEY" -DP | grep -c spid=)" -eq 10000 ]

finish
