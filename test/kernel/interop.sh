#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a with strongSwan's charon on b: both roles, both modes, with and
# without PFS, re-keying and deletion from either side.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

# Ours are the longer lifetimes: proposal_check is strict by default.
P1_TIME='24 hour' P2_TIME='8 hour'

# pfs_line NAME: the sainfo's line
pfs_line()
{
	[ "$1" = none ] || echo "pfs_group $1;"
}

# transport_hosts PFS
transport_hosts()
{
	pair
	PFS=$(pfs_line "$1") conf a
	keys a b
	protect $A4 $B4 | policies a
	racoons a
	swan $B4 $A4 "$B4" "$A4" transport "$1" |
	    check 'charon starts on b' charon_start b
	serve a
	serve b
}

tunnel_hosts()
{
	gateways
	PFS=$(pfs_line "$1") conf a
	keys a b
	tunnel 10.1.0.0/24 10.2.0.0/24 $A4 $B4 | policies a
	racoons a
	swan $B4 $A4 10.2.0.0/24 10.1.0.0/24 tunnel "$1" |
	    check 'charon starts on b' charon_start b
	serve l
	serve r
}

# transport ROLE PFS: the role is racoon's
transport()
{
	transport_hosts "$2"
	capture_start a
	if [ "$1" = initiator ]; then
		check 'the first packet from a brings up the SAs' \
		    first_packet a $B4
		check 'racoon began' logged a 'initiate new phase 2'
	else
		check 'the first packet from b brings up the SAs' \
		    first_packet b $A4
		check 'racoon responded' logged a 'established .* as responder'
	fi
	check 'UDP from a' udp a $B4
	check 'TCP from b' tcp b $A4
	capture_stop a
	check 'only ESP on the wire' only_esp a
	check 'the SAs count the packets' counted a $A4 $B4
	check 'two SAs on a' wait_for 15 sa_is a 2
}

tunnelled()
{
	tunnel_hosts "$2"
	capture_start a
	if [ "$1" = initiator ]; then
		check 'the first packet from a brings up the tunnel' \
		    first_packet l 10.2.0.2
	else
		check 'the first packet from b brings up the tunnel' \
		    first_packet r 10.1.0.2
	fi
	check 'UDP from l' udp l 10.2.0.2
	check 'TCP from r' tcp r 10.1.0.2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
	check 'two SAs on a' wait_for 15 sa_is a 2
}

scene_transport_initiator_pfs() { transport initiator modp2048; }
scene_transport_initiator() { transport initiator none; }
scene_transport_responder_pfs() { transport responder modp2048; }
scene_transport_responder() { transport responder none; }
scene_tunnel_initiator_pfs() { tunnelled initiator modp2048; }
scene_tunnel_initiator() { tunnelled initiator none; }
scene_tunnel_responder_pfs() { tunnelled responder modp2048; }
scene_tunnel_responder() { tunnelled responder none; }

scene_sample_parameters()
{
	pair
	cp "$RIG/../kernel/sample/racoon.conf" "$B/a/etc/racoon/"
	keys a b
	protect $A4 $B4 | policies a
	racoons a
	SWAN_IKE=aes128-sha256-modp3072 swan $B4 $A4 $B4 $A4 transport \
	    modp3072 | check 'charon starts on b' charon_start b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	protected $A4 $B4
}

scene_ipv6()
{
	pair
	conf a
	keys a b
	{ neighbours; protect $A6 $B6 esp/transport//require udp; } | policies a
	racoons a
	swan $B6 $A6 "$B6[udp]" "$A6[udp]" transport modp2048 |
	    check 'charon starts on b' charon_start b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B6
	check 'UDP' udp a $B6
	check 'two SAs on a' wait_for 15 sa_is a 2
}

scene_nat()
{
	nat_box
	conf a 'nat_traversal on;'
	psk a $B4 "$KEY"
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $B4 | policies a
	racoons a
	SWAN_CHILD=' ' swan $B4 %any 10.2.0.1/32 10.9.0.2/32 tunnel modp2048 |
	    sed 's/id = %any/id = 10.9.0.2/' |
	    check 'charon starts on b' charon_start b
	serve b
	capture_start b
	check 'the first packet brings up the SAs' udp_through a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
}

scene_nat_transport()
{
	nat_box
	conf a 'nat_traversal on;'
	psk a $B4 "$KEY"
	protect 10.9.0.2 $B4 | policies a
	racoons a
	SWAN_CHILD=' ' swan $B4 %any dynamic dynamic transport modp2048 |
	    sed 's/id = %any/id = 10.9.0.2/' |
	    check 'charon starts on b' charon_start b
	serve b
	capture_start b
	check 'racoon initiator main psk transport behind a NAT' \
	    udp_through a $B4
	check 'UDP through NAT' udp a $B4
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
}

# Both are behind a NAT, and charon's lets IKE in.
scene_nat_double()
{
	nat_boxes
	conf a 'nat_traversal on;'
	psk a $NAT4_B "$KEY"
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $NAT4_B | policies a
	racoons a
	SWAN_CHILD=' ' swan 10.8.0.2 %any 10.2.0.1/32 10.9.0.2/32 tunnel \
	    modp2048 | sed 's/id = %any/id = 10.9.0.2/' |
	    check 'charon starts on b' charon_start b
	serve b
	capture_start m
	check 'racoon initiator main psk tunnel, both behind a NAT' \
	    udp_through a 10.2.0.1
	check 'UDP through both' udp a 10.2.0.1
	capture_stop m
	check 'only ESP in UDP on the wire' only_esp m udp
}

# charon, behind a NAT, begins.
scene_nat_responder()
{
	nat_box
	conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons b
	swan 10.9.0.2 $B4 10.9.0.2/32 10.2.0.1/32 tunnel modp2048 |
	    check 'charon starts on a' charon_start a
	serve b
	capture_start b
	check 'racoon responder main psk tunnel, the peer behind a NAT' \
	    udp_through a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	box_restarts n
	check 'the peer gets another port, racoon follows' \
	    udp_through a 10.2.0.1
	check 'with the same SAs' sa_is b 2
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
}

scene_nat_responder_transport()
{
	nat_box
	conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	protect $B4 $NAT4 | policies b
	racoons b
	swan 10.9.0.2 $B4 dynamic dynamic transport modp2048 |
	    check 'charon starts on a' charon_start a
	serve b
	capture_start b
	check 'racoon responder main psk transport, the peer behind a NAT' \
	    udp_through a $B4
	check 'UDP through NAT' udp a $B4
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
}

# Both are behind a NAT, and racoon's lets IKE in.
scene_nat_double_responder()
{
	nat_boxes
	conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	tunnel 10.2.0.1 10.9.0.2 10.8.0.2 $NAT4 | policies b
	racoons b
	SWAN_PEER=10.8.0.2 swan 10.9.0.2 $NAT4_B 10.9.0.2/32 10.2.0.1/32 \
	    tunnel modp2048 | check 'charon starts on a' charon_start a
	serve b
	capture_start m
	check 'racoon responder main psk tunnel, both behind a NAT' \
	    udp_through a 10.2.0.1
	check 'UDP through both' udp a 10.2.0.1
	capture_stop m
	check 'only ESP in UDP on the wire' only_esp m udp
}

# No NAT, but racoon says there is one.
scene_nat_force()
{
	pair
	conf a 'nat_traversal force;'
	keys a b
	protect $A4 $B4 | policies a
	racoons a
	swan $B4 $A4 "$B4" "$A4" transport modp2048 |
	    check 'charon starts on b' charon_start b
	serve a
	serve b
	capture_start a
	check 'the first packet brings up the SAs' first_packet a $B4
	check 'UDP' udp b $A4
	capture_stop a
	check 'only ESP in UDP on the wire' only_esp a udp
}

# racoon's lifetime ends first.
scene_racoon_rekeys()
{
	P2_TIME='20 sec' transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	check 'no packet is lost in 30 s' udp a $B4 1500 0.02
	check 'new SAs came' \
	    test "$(log_count a 'IPsec-SA established')" -ge 4
}

# charon takes the IPsec SAs away with the IKE SA that made them.
scene_racoon_rekeys_ike()
{
	P1_TIME='20 sec' P2_TIME='20 sec' transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	check 'no packet is lost in 30 s' udp a $B4 1500 0.02
	check 'new SAs came' \
	    test "$(log_count a 'IPsec-SA established')" -ge 4
}

# It does so for each direction, each time; after 20 s they are gone.
scene_charon_rekeys()
{
	SWAN_REKEY=10s SWAN_LIFE=20s SWAN_RAND=0s transport_hosts modp2048
	check 'the first packet from b brings up the SAs' first_packet b $A4
	check 'no packet is lost in 25 s' udp b $A4 1250 0.02
	check 'new SAs came' \
	    test "$(log_count a 'IPsec-SA established')" -ge 4
	check 'old SAs do not pile up' test "$(sa_count a)" -le 8
}

scene_charon_deletes()
{
	transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	on b swanctl --terminate --ike racoon >/dev/null 2>&1
	check 'the SAs go from a' wait_for 5 sa_is a 0
	check 'the next packet brings up new ones' udp_through a $B4
}

scene_racoon_deletes()
{
	transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	check 'racoon stops' racoon_stop a
	check 'the SAs go from b' wait_for 5 sa_is b 0
}

# swan_sas COUNT: IKE SAs that charon has
swan_sas()
{
	local n

	n=$(on b swanctl --list-sas | grep -c ESTABLISHED)
	echo "$n IKE SAs"
	[ "$n" -eq "$1" ]
}

# Who begins anew says so within main mode (INITIAL-CONTACT).
scene_restarts()
{
	transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	daemon_stop a/racoon KILL
	on a ip xfrm state flush
	racoons a
	check 'racoon begins anew' first_packet a $B4
	check 'charon forgets what was before' wait_for 5 swan_sas 1
	daemon_stop b/charon.out KILL
	on b ip xfrm state flush
	on b ip xfrm policy flush
	swan $B4 $A4 "$B4" "$A4" transport modp2048 |
	    check 'charon starts again' charon_start b
	check 'charon begins anew' first_packet b $A4
	check 'racoon forgets what was before' wait_log a INITIAL-CONTACT
	check 'two SAs on a' wait_for 15 sa_is a 2
}

scene_charon_asks_if_alive()
{
	SWAN_DPD=2s SWAN_DPD_TIMEOUT=8s transport_hosts modp2048
	check 'the first packet from a brings up the SAs' first_packet a $B4
	nap 16
	check 'the SAs are still there after many probes' sa_is b 2
	check 'and so is the IKE SA' swan_established
	check 'UDP' udp a $B4
}

swan_established() { on b swanctl --list-sas | grep -q ESTABLISHED; }

scene_wrong_key()
{
	SWAN_KEY='another key' transport_hosts modp2048
	check 'no packet passes' refuses udp a $B4 2 0.1 4
	check 'a line names the key as the reason' \
	    wait_log a '(ERROR|WARNING):.*([Pp]re-shared|PSK|psk)' 25
	check 'no SA on a' sa_is a 0
	check 'no SA on b' sa_is b 0
}

run_scenes transport_initiator_pfs transport_initiator \
    transport_responder_pfs transport_responder tunnel_initiator_pfs \
    tunnel_initiator tunnel_responder_pfs tunnel_responder \
    sample_parameters ipv6 nat nat_transport nat_double nat_responder \
    nat_responder_transport nat_double_responder nat_force charon_deletes \
    racoon_deletes restarts charon_asks_if_alive wrong_key racoon_rekeys racoon_rekeys_ike \
    charon_rekeys
