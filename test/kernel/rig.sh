#!/bin/bash
# SPDX-License-Identifier: ISC
# The rig itself, shown with strongSwan on both sides: hosts, captures,
# counters and the checks that later judge racoon, and that they can fail.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

scene_capture_sees_clear_text()
{
	pair
	serve b
	capture_start a
	check 'UDP passes without IPsec' udp_through a $B4
	check 'TCP passes without IPsec' tcp a $B4
	capture_stop a
	check 'the capture calls that clear text' refuses only_esp a
	check 'no SA is counted' sa_is a 0
}

# charons CONFIG-OF-A CONFIG-OF-B
charons()
{
	check 'charon starts on b' charon_start b <<<"$2"
	check 'charon starts on a' charon_start a <<<"$1"
}

scene_transport()
{
	pair
	serve b
	capture_start a
	charons "$(swan $A4 $B4 $A4 $B4 transport modp2048)" \
	    "$(swan $B4 $A4 $B4 $A4 transport modp2048)"
	check 'the first packet brings up the SAs' first_packet a $B4
	check 'UDP' udp a $B4
	capture_stop a
	check 'only ESP on the wire' only_esp a
	check 'two SAs on a' sa_is a 2
	check 'two SAs on b' sa_is b 2
	check 'the SAs count the packets' counted a $A4 $B4
}

# UDP only: neighbour discovery must stay outside.
scene_transport6()
{
	pair
	serve b
	capture_start a
	charons "$(swan $A6 $B6 "$A6[udp]" "$B6[udp]" transport none)" \
	    "$(swan $B6 $A6 "$B6[udp]" "$A6[udp]" transport none)"
	check 'the first packet brings up the SAs' first_packet a $B6
	check 'UDP' udp a $B6
	capture_stop a
	check 'only ESP on the wire' only_esp a
	check 'two SAs on a' sa_is a 2
}

scene_tunnel()
{
	gateways
	serve r
	capture_start a
	charons "$(swan $A4 $B4 10.1.0.0/24 10.2.0.0/24 tunnel modp2048)" \
	    "$(swan $B4 $A4 10.2.0.0/24 10.1.0.0/24 tunnel modp2048)"
	check 'a packet from net to net brings up the tunnel' \
	    first_packet l 10.2.0.2
	check 'TCP through the tunnel' tcp l 10.2.0.2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
}

scene_nat()
{
	nat_box
	serve b
	capture_start b
	charons "$(swan 10.9.0.2 $B4 10.9.0.2/32 10.2.0.1/32 tunnel none)" \
	    "$(SWAN_CHILD=' ' swan $B4 %any 10.2.0.1/32 10.9.0.2/32 tunnel \
	    none | sed 's/id = %any/id = 10.9.0.2/')"
	check 'the first packet brings up the SAs' udp_through a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
}

run_scenes capture_sees_clear_text transport transport6 tunnel nat
