#!/bin/bash
# SPDX-License-Identifier: ISC
# A host is switched off and comes back with its policies and without its SAs,
# which its peer goes on to use.  Nobody asks whether the other is alive (no
# dead peer detection), and the host that is back sends nothing of its own.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

# charon's lifetimes are shorter: proposal_check is strict by default.
P1_TIME='24 hour' P2_TIME='8 hour'
WITHIN=3	# seconds until both reach each other again

# plug HOST ADDRESS...: as attach, with the same hardware address each time
plug()
{
	local octet

	printf -v octet %02x "'${1:0:1}"
	attach "$@"
	on "$1" ip link set eth0 address "02:00:00:00:00:$octet"
}

# switch_off HOST: all of its processes are killed, its network is gone.
switch_off()
{
	local key h=$1

	for key in "${!RIG_PID[@]}"; do
		[ "${key%/*}" != "$h" ] || daemon_stop "$key" KILL
	done
	kill -9 "${RIG_HOLD[$h]}"
	wait "${RIG_HOLD[$h]}"
	unset "RIG_HOLD[$h]"
	rm -f "$B/$h/ready"
	# the namespace goes when the kernel gets to it, and the cable with it
	wait_for 10 gone "$h"
} 2>/dev/null

gone()
{
	! on sw ip link show "p-$1" || [ "$1" = "${UNPLUGGED:-}" ]
}

# answers HOST ADDR: a packet goes there and comes back
answers() { udp "$1" "$2" 1 0 0.2; }

# back HOST ADDR: HOST, whose SAs are as they were, sends until it has an answer
# and that was in time; sets TOOK
back()
{
	local start=${EPOCHREALTIME/./}

	TOOK=
	wait_for 60 answers "$1" "$2" || return 1
	TOOK=$(((${EPOCHREALTIME/./} - start) / 1000))
	[ $TOOK -le $((WITHIN * 1000 * RIG_PATIENCE)) ]
}

# reached HOST ADDR OTHER-ADDR OTHER: OTHER has just come back
reached()
{
	check "$4 is reachable again" back "$1" "$2"
	note "$RIG_SCENE: $4 answers after $TOOK ms"
	check "and reaches its peer" answers "$4" "$3"
	check "the peer's new pair is there" wait_for 40 sa_is "$4" 2
	check "$4 saw what came" logged "$4" 'comes under SPI'
}

pair_plugged()
{
	host_new a b
	plug a $A4/24 $A6/64
	plug b $B4/24 $B6/64
}

# b_is_back [TUNNEL-ENDS]
b_is_back()
{
	switch_off b
	host_new b
	plug b $B4/24 $B6/64
	on b "$SETKEY" -f /etc/ipsec-tools.conf
	serve b
	racoons b
}

# rebooted LOCAL REMOTE [PROTECTION]: racoon on both
rebooted()
{
	pair_plugged
	both
	{ echo 'flush; spdflush;'; neighbours; protect "$@"; } | policies a
	{ echo 'flush; spdflush;'; neighbours; protect "$2" "$1" "${3:-}"; } |
	    policies b
	racoons a b || return
	serve a
	serve b
	check 'SAs come up' first_packet a "$2" 2 b "${4:-esp}"
	b_is_back
	reached a "$2" "$1" b
	check 'the peer has dropped what b has lost' wait_for 40 sa_is a 2
}

scene_transport4() { rebooted $A4 $B4; }
scene_transport6() { rebooted $A6 $B6; }

scene_tunnel()
{
	pair_plugged
	both
	tunnel $A4 $B4 $A4 $B4 | policies a
	tunnel $B4 $A4 $B4 $A4 | policies b
	racoons a b || return
	serve a
	serve b
	check 'SAs come up' first_packet a $B4
	b_is_back
	reached a $B4 $A4 b
}

# What it is good for: without it nothing happens.
scene_switched_off()
{
	pair_plugged
	CONF_TOP='repair_unknown_spi off;' both 'liveness off;'
	transport4
	racoons a b || return
	serve b
	check 'SAs come up' first_packet a $B4
	b_is_back
	check 'b stays unreachable' fails_for 8 answers a $B4
	check 'and looks for nothing' sa_is b 0
}

fails_for()
{
	local end=$((SECONDS + $1))
	shift

	while [ $SECONDS -lt $end ]; do
		! "$@" || return 1
	done
}

# One inbound SA goes and its peer misses the DELETE.
scene_deleted()
{
	pair_plugged
	both
	transport4
	racoons a b || return
	serve a
	serve b
	check 'SAs come up' first_packet a $B4
	on b iptables-legacy -A OUTPUT -p udp --dport 500 -j DROP
	on b ip xfrm state deleteall
	check 'b knows' wait_log b 'deleted by another program|flushed'
	on b iptables-legacy -F OUTPUT
	check 'b is reachable again' back a $B4
	note "$RIG_SCENE: b answers after $TOOK ms"
	check 'and reaches its peer' answers b $A4
}

# a behind the box n, to b
behind_nat()
{
	nat_box
	conf a 'nat_traversal on;'
	psk a $B4 "$KEY"
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $B4 | policies a
	racoons a
	serve a
}

a_is_back()
{
	UNPLUGGED=a switch_off a
	host_new a
	wait_for 10 rewire
	on a "$SETKEY" -f /etc/ipsec-tools.conf
	serve a
	racoons a
}

# Once the old cable is gone
rewire()
{
	! on n ip link show eth1 || return 1
	wire a eth0 n eth1
	on a ip addr add 10.9.0.2/24 dev eth0
	on n ip addr add 10.9.0.1/24 dev eth1
	on a ip route add default via 10.9.0.1
}

scene_nat()
{
	behind_nat
	conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons b || return
	serve b
	check 'SAs come up' first_packet a 10.2.0.1
	a_is_back
	reached b 10.9.0.2 10.2.0.1 a
	check 'ESP in UDP still' encapsulated a
	b_restarts
	reached a 10.2.0.1 10.9.0.2 b
}

# The other side, all but its network: the box has to know its way.
b_restarts()
{
	daemon_stop b/racoon KILL
	on b ip xfrm state flush
	racoons b
}

encapsulated() { on "$1" ip xfrm state | grep -q 'encap type espinudp'; }

# ---- strongSwan keeps its SAs -----------------------------------------------

scene_charon()
{
	pair_plugged
	conf b
	keys a b
	protect $B4 $A4 | policies b
	racoons b
	swan $A4 $B4 $A4 $B4 transport modp2048 |
	    check 'charon starts on a' charon_start a
	serve a
	serve b
	check 'SAs come up' first_packet a $B4
	b_is_back
	reached a $B4 $A4 b
}

scene_charon_tunnel()
{
	pair_plugged
	conf b
	keys a b
	tunnel $B4 $A4 $B4 $A4 | policies b
	racoons b
	swan $A4 $B4 $A4 $B4 tunnel modp2048 |
	    check 'charon starts on a' charon_start a
	serve a
	serve b
	check 'SAs come up' first_packet a $B4
	b_is_back
	reached a $B4 $A4 b
}

scene_charon_nat()
{
	behind_nat
	SWAN_CHILD=' ' swan $B4 %any 10.2.0.1/32 10.9.0.2/32 tunnel modp2048 |
	    sed 's/id = %any/id = 10.9.0.2/' |
	    check 'charon starts on b' charon_start b
	serve b
	check 'SAs come up' udp_through a 10.2.0.1
	a_is_back
	reached b 10.9.0.2 10.2.0.1 a
	check 'ESP in UDP still' encapsulated a
}

run_scenes transport4 transport6 tunnel switched_off deleted nat charon \
    charon_tunnel charon_nat
