#!/bin/bash
# SPDX-License-Identifier: ISC
# The historical interface of libipsec.so.0 on a real kernel: the program
# test/abi/calls, which knows nothing but the documented ABI, must print what
# test/golden/libipsec/calls.txt has; on a kernel without PF_KEY it must hear
# why not.  The example of the native interface must work on both.
#
# Needs root, and in the environment TESTBIN (where the programs are),
# LD_LIBRARY_PATH (the library), PFKEY (1: this kernel has it).  Prints TAP.
set -u
: "${TESTBIN:?is where the test programs are}"
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
CALLS=$TESTBIN/abi/.libs/calls
[ -x "$CALLS" ] || CALLS=$TESTBIN/abi/calls
EXAMPLE=$TESTBIN/abi/watch
W=$(mktemp -d) || exit 1
trap 'rm -rf "$W"' EXIT
ran=0 failed=0

# check TEXT COMMAND...
check()
{
	local text=$1
	shift

	ran=$((ran + 1))
	if "$@" >"$W/said" 2>&1; then
		echo "ok $ran - abi: $text"
	else
		failed=$((failed + 1))
		echo "not ok $ran - abi: $text"
		head -n 40 "$W/said" | sed 's/^/#   /'
	fi
}

# Times and processes are not the same twice.
normal()
{
	sed -E -e 's/[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4}/TIME/g' \
	    -e 's/\bpid=[0-9]+/pid=PID/g' -e 's/diff: [0-9]+\(s\)/diff: N(s)/'
}

same_calls()
{
	ip netns exec t "$CALLS" kernel >"$W/calls" 2>&1
	normal <"$TOP/test/golden/libipsec/calls.txt" >"$W/want"
	normal <"$W/calls" >"$W/got"
	diff -u "$W/want" "$W/got"
}

nothing_left()
{
	[ -z "$(ip -n t xfrm state)" ] && [ -z "$(ip -n t xfrm policy)" ]
}

# Opening the socket would load af_key.  In a guest nobody else minds.
refused()
{
	local modprobe=/proc/sys/kernel/modprobe loader

	loader=$(cat $modprobe)
	grep -q 'User Mode Linux' /proc/cpuinfo && echo /bin/false >$modprobe
	ip netns exec t "$CALLS" | tee "$W/calls"
	echo "$loader" >$modprobe
	grep -qx 'pfkey_open: Address family not supported by protocol' \
	    "$W/calls"
}

ip netns del t 2>/dev/null
ip netns add t && ip -n t link set lo up
if [ "${PFKEY:-0}" = 1 ]; then
	check 'what needs no kernel' ip netns exec t "$CALLS"
	check 'every call as it was recorded' same_calls
	check 'the larval SA is the only thing that is left' \
	    eval 'ip netns exec t ip xfrm state flush; nothing_left'
else
	check 'without PF_KEY pfkey_open() says why' refused
fi

# said PATTERN: the example will have printed it, sooner or later
said()
{
	local tries=150

	until grep -q "$1" "$W/example"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.2
	done
}

# The example lists what there is, and hears of what comes and goes.
example()
{
	local rc

	ip -n t xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp \
	    spi 0x1234 mode transport enc 'cbc(aes)' \
	    0x00112233445566778899aabbccddeeff auth 'hmac(sha1)' \
	    0x00112233445566778899aabbccddeeff00112233 || return 1
	ip netns exec t "$EXAMPLE" -s 120 >"$W/example" 2>&1 &
	said listening && ip -n t xfrm state delete src 192.0.2.1 \
	    dst 192.0.2.2 proto esp spi 0x1234 &&
	    said '^deleted esp 192.0.2.2 spi 0x00001234'
	rc=$?
	kill $!
	cat "$W/example"
	[ $rc -eq 0 ] &&
	    grep -q '^esp 192.0.2.1 -> 192.0.2.2 spi 0x00001234' "$W/example"
}
check 'the example of the native interface' example
ip netns del t

echo "1..$ran"
[ "$failed" -eq 0 ]
