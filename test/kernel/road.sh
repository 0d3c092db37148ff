#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon to racoon: peers whose addresses or policies nobody knows beforehand,
# behind NAT too, and peers that only marks tell apart.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

warm_up_more() { [ "$PFKEY" != 1 ] || pfkey_warm; }

# ---- generated policies -------------------------------------------------------

# generated HOST N: policies that have a number of their own
generated()
{
	local n

	n=$(on "$1" ip xfrm policy | grep -c 'proto esp reqid [1-9]')
	echo "$n generated policies"
	[ "$n" -eq "$2" ]
}

# A host of the road, a, and the net of b.
road()
{
	pair
	on b ip addr add 10.2.0.1/24 dev lo
	on b ip route add $A4/32 dev eth0 src 10.2.0.1
	on a ip route add 10.2.0.0/24 via $B4
	conf a
	conf b 'passive on; generate_policy unique;'
	sed -i 's,^sainfo anonymous,sainfo subnet 10.2.0.0/24 any clientaddr,' \
	    "$B/b/etc/racoon/racoon.conf"
	keys a b
	tunnel $A4 10.2.0.0/24 $A4 $B4 | policies a
}

scene_generate_policy()
{
	local own='spdadd 10.2.0.0/24 198.51.100.0/24 any -P out discard;'

	road
	echo "$own" | policies b
	racoons a b || return
	serve b
	capture_start a
	check 'racoon with racoon, generate_policy unique: SAs come up' \
	    first_packet a 10.2.0.1
	check 'UDP to the net of b' udp a 10.2.0.1
	capture_stop a
	check 'only ESP on the wire' only_esp a
	check 'b has policies for three directions' generated b 3
	check 'racoon on a stops' racoon_stop a
	check 'the SAs go from b' wait_for 5 sa_is b 0
	check 'and their policies with them' wait_for 5 generated b 0
	check "the administrator's stays" has_policy b 'dst 198.51.100.0/24'
	tunnel 10.2.0.0/24 $A4 $B4 $A4 | policies b
	racoons a
	check "with an administrator's policies SAs come up" \
	    first_packet a 10.2.0.1
	check 'nothing is generated then' generated b 0
	check 'racoon on a stops' racoon_stop a
	check 'the SAs go from b' wait_for 5 sa_is b 0
	check 'and all of those policies stay' has_policy b "dst $A4/32"
}

has_policy() { on "$1" ip xfrm policy | grep -qF -- "$2"; }

# ---- NAT ----------------------------------------------------------------------

# a, named, to the gateway's net 10.2.0.0/24
nat_client()
{
	conf "$1" "exchange_mode aggressive; nat_traversal on;
	    my_identifier fqdn \"$1.example\";
	    peers_identifier fqdn \"b.example\"; verify_identifier on;"
	psk "$1" b.example "$KEY"
	psk b "$1.example" "$KEY"
	tunnel "$2" 10.2.0.1 "$2" "${3:-$B4}" | policies "$1"
}

NAMES_B='exchange_mode aggressive; nat_traversal on; passive on;
	my_identifier fqdn "b.example"; peers_identifier fqdn "a.example";
	peers_identifier fqdn "c.example"; verify_identifier on;'

nat_encap() { on "$1" ip xfrm state | grep -q 'encap type espinudp'; }

scene_nat()
{
	nat_box
	CONF_TOP='timer { natt_keepalive 2 sec; }' nat_client a 10.9.0.2
	conf b "$NAMES_B"
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons a b || return
	serve b
	capture_start b
	check 'racoon with racoon, initiator behind NAT, aggressive mode, pre_shared_key, fqdn: SAs come up' \
	    first_packet a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	check 'TCP through NAT' tcp a 10.2.0.1
	nap 4
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'and what keeps the mapping alive, from a only' keeps_alive b
	check 'the SAs count the packets' counted a 10.9.0.2 $B4
}

# One byte each (RFC 3948 4), of who is behind the NAT
keeps_alive()
{
	local is='udp port 4500 and udp[4:2] = 9'

	[ "$(captured "$1" "$is and src host $NAT4")" -ge 1 ] &&
	    [ "$(captured "$1" "$is and dst host $NAT4")" -eq 0 ]
}

# b behind a box of its own, m, which hands it what comes to its ports.
scene_nat_double()
{
	nat_boxes
	nat_client a 10.9.0.2 $NAT4_B
	conf b "$NAMES_B"
	tunnel 10.2.0.1 10.9.0.2 10.8.0.2 $NAT4 | policies b
	racoons a b || return
	serve b
	capture_start m
	check 'racoon with racoon, both behind NAT, aggressive mode, pre_shared_key, fqdn: SAs come up' \
	    first_packet a 10.2.0.1
	check 'UDP through both' udp a 10.2.0.1
	check 'TCP through both' tcp a 10.2.0.1
	capture_stop m
	check 'only ESP in UDP on the wire' only_esp m udp
	check 'the SAs count the packets' counted a 10.9.0.2 $NAT4_B
	check 'and those of b' counted b 10.8.0.2 $NAT4
}

# The box restarts while ESP passes; the kernel of b sees another port, tells
# racoon (MAPPING), and all that b sends goes there, IKE too.
nat_mapping()
{
	nat_box
	nat_client a 10.9.0.2
	conf b "$NAMES_B"
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons a b || return
	serve a
	serve b
	check 'racoon with racoon, initiator behind NAT, its port changes: SAs come up' \
	    first_packet a 10.2.0.1
	check 'the box gave it a port' encap_port b '2[0-9]{4}'
	box_restarts n
	check 'UDP after the box has restarted' udp_through a 10.2.0.1
	check 'b tells that the port changed' \
	    logged b 'NAT-T: peer moved from .*\[2[0-9]{4}\] to .*\[3[0-9]{4}\]'
	check 'b sends ESP to the new one' encap_port b '3[0-9]{4}'
	check 'UDP from b' udp b 10.9.0.2
	check 'with the same SAs' sa_is b 2
	check 'none was made anew' test "$(log_count b 'IPsec-SA established')" \
	    -eq 2
	check 'racoon on b stops' racoon_stop b
	check 'its DELETE finds a' wait_for 5 sa_is a 0
}

# encap_port HOST PATTERN: of the peer, in all SAs
encap_port()
{
	local all good

	all=$(on "$1" ip xfrm state | grep -c 'encap type espinudp')
	good=$(on "$1" ip xfrm state | grep -cE \
	    "encap type espinudp sport (4500 dport $2|$2 dport 4500) ")
	echo "$good of $all"
	[ "$all" -gt 0 ] && [ "$good" -eq "$all" ]
}

scene_nat_mapping() { nat_mapping; }

# c: behind the box of a, too
second_client()
{
	host_new c
	wire c eth0 n eth2
	on c ip -batch - <<-END
	addr add 10.9.1.2/24 dev eth0
	route add default via 10.9.1.1
	END
	on n ip addr add 10.9.1.1/24 dev eth2
}

# a and c behind one box: b tells them apart by their ports.
scene_nat_two_clients()
{
	nat_box
	second_client
	on b ip route add 10.9.1.0/24 via $NAT4 src 10.2.0.1
	nat_client a 10.9.0.2
	nat_client c 10.9.1.2
	conf b "$NAMES_B generate_policy unique;"
	sed -i 's,^sainfo anonymous,sainfo address 10.2.0.1 any anonymous,' \
	    "$B/b/etc/racoon/racoon.conf"
	racoons a b c || return
	serve b
	capture_start b
	check 'racoon with racoon, two initiators behind one NAT, aggressive mode: SAs of the first' \
	    first_packet a 10.2.0.1
	udp c 10.2.0.1 1 0 0.01 >/dev/null
	check 'SAs of the second' wait_for 30 sa_is c 2
	check 'all of them on b' wait_for 30 sa_is b 4
	check 'UDP of the second' udp_through c 10.2.0.1
	check 'UDP of the first' udp a 10.2.0.1
	check 'UDP of the second again' udp c 10.2.0.1
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'three policies for each' generated b 6
	check 'the first one stops' racoon_stop a
	check 'its SAs go from b' wait_for 5 sa_is b 2
	check 'and its policies' wait_for 5 generated b 3
	check 'the second goes on' udp c 10.2.0.1
}

# As L2TP has it: transport mode for a UDP port, to whoever comes.
l2tp()
{
	nat_box
	conf a 'nat_traversal on;'
	conf b 'nat_traversal on; passive on; generate_policy on;'
	psk a $B4 "$KEY"
	psk b '*' "$KEY"
	{
		echo "spdadd 10.9.0.2[any] ${B4}[1701] udp -P out ipsec esp/transport//require;"
		echo "spdadd ${B4}[1701] 10.9.0.2[any] udp -P in ipsec esp/transport//require;"
	} | policies a
	racoons a b || return
	serve b 1701
	capture_start b
	on a "$TRAFFIC" udp $B4 1701 1 0 0.01 >/dev/null
	check 'racoon with racoon, initiator behind NAT, transport mode, generate_policy and passive: SAs come up' \
	    wait_for 30 sa_is a 2
	check 'and on b' wait_for 30 sa_is b 2
	check 'UDP to port 1701 passes' wait_for 15 on a "$TRAFFIC" udp $B4 \
	    1701 5 0.05 2
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'with UDP encapsulation on b' nat_encap b
	check 'b has policies' has_policy b "src $NAT4/32 dst $B4/32"
	check 'racoon on a stops' racoon_stop a
	check 'the SAs go from b' wait_for 5 sa_is b 0
	check 'and the policies' wait_for 5 refuses has_policy b \
	    "src $NAT4/32 dst $B4/32"
}

scene_l2tp() { l2tp; }

# Two behind one box, with ports of their own: all that tells them apart once
# ESP is taken off, since both come from the address of the box.
l2tp_two()
{
	nat_box
	second_client
	conf a 'nat_traversal on;'
	conf c 'nat_traversal on;'
	conf b 'nat_traversal on; passive on; generate_policy unique;'
	psk a $B4 "$KEY"
	psk c $B4 "$KEY"
	psk b '*' "$KEY"
	protect "10.9.0.2[1701]" "$B4[1701]" '' udp | policies a
	protect "10.9.1.2[1702]" "$B4[1701]" '' udp | policies c
	racoons a b c || return
	serve b 1701
	capture_start b
	l2tp_udp a 1701 1 0 0.01 >"$B/said"
	check 'racoon with racoon, two initiators behind one NAT, transport mode, generate_policy unique: SAs of the first' \
	    wait_for 30 sa_is a 2
	check 'UDP of the first' wait_for 15 l2tp_udp a 1701 1 0 2
	l2tp_udp c 1702 1 0 0.01 >"$B/said"
	check 'SAs of the second' wait_for 30 sa_is c 2
	check 'UDP of the second' wait_for 15 l2tp_udp c 1702 1 0 2
	l2tp_udp a 1701 20 0.1 3 >"$B/first" &
	check 'UDP of the second' l2tp_udp c 1702 20 0.1 3
	check 'and of the first at the same time' wait $!
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'all SAs on b' sa_is b 4
	check 'two policies for each' generated b 4
	check 'the first one stops' racoon_stop a
	check 'its SAs go from b' wait_for 5 sa_is b 2
	check 'and its policies' wait_for 5 generated b 2
	check 'the second goes on' l2tp_udp c 1702 5 0.05 2
}

# l2tp_udp HOST FROM COUNT GAP WAIT
l2tp_udp() { on "$1" "$TRAFFIC" udp $B4 1701 "$3" "$4" "$5" "$2"; }

scene_l2tp_two() { l2tp_two; }

# ---- marks --------------------------------------------------------------------

# marked KEY PEER NET: a's policies for what is behind a peer
marked()
{
	echo "xfrm policy add src $A4 dst $3 dir out $1 \
	    tmpl src $A4 dst $2 proto esp mode tunnel"
	echo "xfrm policy add src $3 dst $A4 dir in $1 \
	    tmpl src $2 dst $A4 proto esp mode tunnel"
}

C4=192.0.2.3 D4=192.0.2.4
# a's: neither the first nor the last ones are those that its blocks say.
marked_policies()
{
	local n

	for n in 0x30 0x20 0x40; do
		marked "mark $n mask 0xff" $C4 10.2.0.1
	done
	marked 'mark 0x10 mask 0xff' $B4 10.2.0.1
	for n in 41 42 43; do
		marked "if_id $n" $D4 10.4.0.1
	done
}

# marked_conf: a block of conf() for each peer
marked_conf()
{
	local file=$B/a/etc/racoon/racoon.conf peer

	conf a
	{
		sed -n '1,/^remote/p' "$file" | sed '$d'
		for peer in "$B4 mark 0x10/0xff" "$C4 mark 0x20/0xff" \
		    "$D4 if_id 42"; do
			sed -n -e '/^sainfo/q' -e '/^remote/,$p' "$file" | sed \
			    "s,^remote.*,remote ${peer%% *} { ${peer#* };,"
		done
		sed -n '/^sainfo/,$p' "$file"
	} >"$B/conf"
	mv "$B/conf" "$file"
}

# Port 7 is for the first peer, port 8 for the second.
marked_ports()
{
	on a iptables-legacy-restore <<-END
	*mangle
	-A OUTPUT -p udp -m multiport --ports 7 -j MARK --set-mark 0x10
	-A OUTPUT -p udp -m multiport --ports 8 -j MARK --set-mark 0x20
	-A PREROUTING -p esp -s $B4 -j MARK --set-mark 0x10
	-A PREROUTING -p esp -s $C4 -j MARK --set-mark 0x20
	COMMIT
	END
}

# b and c have the same address inside; c is d, too.
marked_hosts()
{
	local h

	pair
	host_new c
	attach c $C4/24 $D4/24
	for h in b c; do
		on $h ip addr add 10.2.0.1/32 dev lo
		on $h ip route add $A4/32 dev eth0 src 10.2.0.1
		conf $h
		psk $h $A4 "$KEY"
	done
	on c ip addr add 10.4.0.1/32 dev lo
	on a ip route add 10.2.0.1/32 via $B4
	psk a '*' "$KEY"
	marked_conf
	marked_policies | on a ip -batch -
	marked_ports
	tunnel 10.2.0.1 $A4 $B4 $A4 | policies b
	{
		tunnel 10.2.0.1 $A4 $C4 $A4
		tunnel 10.4.0.1 $A4 $D4 $A4
	} | policies c
}

scene_marks()
{
	marked_hosts
	racoons a b c || return
	serve a 8
	serve b
	on c "$TRAFFIC" udp $A4 8 1 0 0.01 >/dev/null
	check 'racoon with racoon, mark in remote: SAs, the second peer begins' \
	    wait_for 30 sa_is a 2
	check 'and on c' wait_for 30 sa_is c 2
	check 'UDP' wait_for 15 on c "$TRAFFIC" udp $A4 8 5 0.05 2
	check 'both SAs have the mark of its block' keyed 'mark 0x20/0xff' 2
	check 'SAs with the first peer, which has the same address inside' \
	    first_packet a 10.2.0.1 4
	check 'UDP to it' udp a 10.2.0.1
	check 'and again with the second' on c "$TRAFFIC" udp $A4 8 5 0.05 2
	check 'they have another mark' keyed 'mark 0x10/0xff' 2
	on c ping -n -q -c 1 -W 1 -I 10.4.0.1 $A4 >/dev/null
	check 'racoon with racoon, if_id in remote: SAs' wait_for 30 sa_is a 6
	check 'with the id of its block' keyed 'if_id 0x2a' 2
}

# keyed WORDS N: so many SAs of a have that
keyed()
{
	local n

	n=$(on a ip xfrm state | tee /dev/stderr | grep -c "$1")
	[ "$n" -eq "$2" ]
}

# ---- over PF_KEY --------------------------------------------------------------

scene_pfkey_l2tp()
{
	export IPSEC_BACKEND=pfkey
	P2_AUTH=hmac_sha1 l2tp
	unset IPSEC_BACKEND
}

scene_pfkey_mapping()
{
	export IPSEC_BACKEND=pfkey
	P2_AUTH=hmac_sha1 nat_mapping
	unset IPSEC_BACKEND
}

run_scenes generate_policy nat nat_double nat_mapping nat_two_clients l2tp \
    l2tp_two marks
