#!/bin/bash
# SPDX-License-Identifier: ISC
# Pairs that lost a half, and peers that are gone: racoon on a, with charon or
# another racoon on b.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

# What liveness does is not to be done for it.
CONF_TOP='repair_unknown_spi off;'

# with_charon REMOTE-LINES
with_charon()
{
	pair
	P1_TIME='24 hour' P2_TIME='8 hour' PFS='pfs_group modp2048;' \
	    conf a "$1"
	keys a b
	protect $A4 $B4 | policies a
	racoons a
	swan $B4 $A4 "$B4" "$A4" transport modp2048 |
	    check 'charon starts on b' charon_start b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
}

# with_racoon REMOTE-LINES
with_racoon()
{
	pair
	both "$1"
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
}

# lose HOST SRC DST: the SAs of one direction
lose()
{
	on "$1" ip xfrm state deleteall src "$2" dst "$3"
}

# dark HOST ADDR LIMIT: packets until one is answered, and how long it took,
# in ms, in $DARK; false: not within LIMIT seconds
dark()
{
	local start=${EPOCHREALTIME/./} rc=0

	wait_for "$3" udp "$1" "$2" 1 0 0.2 || rc=1
	DARK=$(((${EPOCHREALTIME/./} - start) / 1000))
	echo "dark for $DARK ms"
	return $rc
}

dark_at_most()
{
	[ "$DARK" -le $(($1 * RIG_PATIENCE)) ]
}

# charon does not see that its inbound SA is gone; racoon sees no answer.
scene_charon_lost_in()
{
	with_charon ''
	nap 2
	lose b $A4 $B4
	check 'nothing passes' refuses udp a $B4 1 0 0.5
	check 'the pair heals' dark a $B4 30
	check 'within 10 s' dark_at_most 10000
	check 'since a saw the silence' \
	    logged a 'packets go out and none come in'
	check 'and b was asked first' logged a 'IPsec-SA silent'
	check 'under the same IKE SA' test \
	    "$(log_count a 'initiate new phase 1')" -eq 1
}

# Without an event that says so: a finds it in the kernel.
scene_charon_lost_out()
{
	with_charon ''
	nap 2
	lose b $B4 $A4
	check 'the pair heals' dark a $B4 30
	check 'within 10 s' dark_at_most 10000
}

# A short netsplit: what b said of its loss did not arrive.
split_racoon()
{
	with_racoon ''
	nap 3
	lossy b loss 100%
	lose b "$1" "$2"
	nap 0.5
	on b tc qdisc del dev eth0 root
	check 'b has given up the pair' wait_for 5 sa_is b 0
	check 'a has not' sa_is a 2
	check 'the pair heals' dark a $B4 20
	check 'within 3 s' dark_at_most 3000
	check 'since b said what it has' \
	    logged a 'the peer does not have it any more'
	check 'under the same IKE SA' test \
	    "$(log_count a 'initiate new phase 1')" -eq 1
	check 'two SAs on a' wait_for 5 sa_is a 2
	check 'two SAs on b' wait_for 5 sa_is b 2
}

# b meets an address of a's after the other: the first one's pair is well.
scene_two_addresses()
{
	local other=192.0.2.21

	pair
	on a ip addr add $other/32 dev eth0
	both
	psk b $other "$KEY"
	{ echo 'flush; spdflush;'; protect $A4 $B4; protect $other $B4; } |
	    policies a
	{ echo 'flush; spdflush;'; protect $B4 $A4; protect $B4 $other; } |
	    policies b
	racoons a b
	serve a
	check 'b reaches the first address' udp_through b $A4
	check 'and then the other one' udp_through b $other
	check 'of which it says INITIAL-CONTACT' logged a 'INITIAL-CONTACT'
	check 'the first one still works' udp b $A4
	check 'two pairs on a' sa_is a 4
	check 'two pairs on b' sa_is b 4
	check 'nor its IKE SA' refuses logged a 'ISAKMP-SA deleted'
}

scene_racoon_lost_in() { split_racoon $A4 $B4; }
scene_racoon_lost_out() { split_racoon $B4 $A4; }

# What the kernel counts is told in other words there.
scene_pfkey_lost_in()
{
	export IPSEC_BACKEND=pfkey
	"$RIG/modprobe" -a sch_netem
	pfkey_warm
	P2_AUTH=hmac_sha1 split_racoon $A4 $B4
	unset IPSEC_BACKEND
}

# Nothing is sent but questions.
scene_charon_killed()
{
	with_charon 'dpd_delay 2; dpd_retry 1; dpd_maxfail 3;'
	nap 6
	check 'b is asked while it is silent' logged b 'N\(DPD\)' charon
	check 'and found alive' sa_is a 2
	daemon_stop b/charon.out KILL
	rm -f "$B"/b/run/charon.*
	check 'a finds it dead' wait_log a 'seems to be dead' 30
	check 'its SAs are gone' wait_for 5 sa_is a 0
	on b ip xfrm state flush
	on b ip xfrm policy flush
	swan $B4 $A4 "$B4" "$A4" transport modp2048 |
	    check 'charon starts again' charon_start b
	check 'a brings the pair back by itself' wait_for 90 sa_is a 2
	check 'UDP' udp_through a $B4
}

run_scenes charon_lost_in charon_lost_out racoon_lost_in racoon_lost_out \
    charon_killed two_addresses
