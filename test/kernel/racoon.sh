#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon to racoon: every way to protect traffic, seen on the wire.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

C4=192.0.2.3

# A user's files word for word, addresses apart; test/kernel/sample holds them.
sample_host()
{
	local h=$1 peer

	cp "$RIG/../kernel/sample/racoon.conf" "$B/$h/etc/racoon/"
	sed -e "s/1\\.2\\.3\\.4/$A4/g" -e "s/5\\.6\\.7\\.8/$B4/g" \
	    -e "s/5\\.6\\.7\\.9/$C4/g" "$RIG/../kernel/sample/ipsec-tools.conf" |
	if [ "$h" = a ]; then cat; else sed -e 's/-P out/-P IN/' \
	    -e 's/-P in/-P out/' -e 's/-P IN/-P in/'; fi |
	policies "$h"
}

scene_sample()
{
	pair
	host_new c
	attach c $C4/24
	for h in a b c; do
		check "setkey loads ipsec-tools.conf on $h" sample_host $h
	done
	keys a b
	keys a c
	racoons a b c
	for h in b c; do
		serve $h
		serve $h 22
		serve $h 8140
	done
	capture_start a
	# Without -I, ping asks for a route to a UDP port, and that is a first
	# packet to the kernel.
	check 'ICMP passes, as its policies say in the clear' \
	    on a ping -n -q -c 3 -i 0.2 -W 2 -I $A4 $B4
	check 'SSH passes in the clear' tcp a $B4 22
	check 'and both raised no negotiation' refuses logged a 'phase 1'
	capture_stop a
	check 'the capture has no ESP' test "$(captured a esp)" -eq 0
	check 'the first packet to b brings up the SAs' first_packet a $B4
	protected $A4 $B4
	check 'two SAs on a' sa_is a 2
	on a "$TRAFFIC" udp $C4 8140 1 0 0.01
	check 'a packet to port 8140 of c brings up another pair' \
	    wait_for 30 sa_is a 4
	check 'both of them on c' wait_for 30 sa_is c 2
	check 'TCP to port 8140 of c' wait_for 15 tcp a $C4 8140
	check 'four SAs on a' sa_is a 4
	check 'a line tells of the IKE SA' logged a 'ISAKMP-SA established'
	check 'a line tells of each IPsec SA' \
	    logged a 'IPsec-SA established: ESP/Transport'
	check 'other ports of c stay in the clear' tcp a $C4
}

scene_transport4()
{
	pair
	both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	protected $A4 $B4
	check 'two SAs on a' sa_is a 2
	check 'two SAs on b' sa_is b 2
}

scene_transport6()
{
	pair
	both
	{ neighbours; protect $A6 $B6; } | policies a
	{ neighbours; protect $B6 $A6; } | policies b
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B6
	protected $A6 $B6
	check 'ping' pinged a $B6
	check 'two SAs on a' sa_is a 2
}

scene_no_pfs()
{
	pair
	PFS='' both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	protected $A4 $B4
}

scene_ah()
{
	local words=6	# PF_KEY has 96 bits of the hash, which fit either way

	[ "${IPSEC_BACKEND:-}" != pfkey ] || words=4
	pair
	both
	transport4 ah/transport//require
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4 2 b ah
	capture_start a
	check 'UDP passes' udp a $B4
	capture_stop a
	check 'AH on the wire' test "$(captured a ah)" -ge 10
	check 'and nothing else' \
	    test "$(captured a 'udp and not udp port 500')" -eq 0
	check 'two AH SAs on a' sa_is a 2 ah
	check 'padded as Linux does' \
	    test "$(captured a "ah and ip[21] = $words")" -ge 10
}

# RFC 4302 2.6: no padding
scene_ah_align()
{
	pair
	both '' 'ah_align 32;'
	transport4 ah/transport//require
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4 2 b ah
	capture_start a
	check 'UDP passes' udp a $B4
	capture_stop a
	check 'AH on the wire has no padding' \
	    test "$(captured a 'ah and ip[21] = 5')" -ge 10
	check 'all of it' test "$(captured a 'ah and ip[21] != 5')" -eq 0
	check 'the kernel was told' on a sh -c \
	    '[ "$(ip xfrm state | grep -c "flag.*align4")" -eq 2 ]'
	check 'setkey -X shows it' on a sh -c \
	    "[ \"\$($SETKEY -DX | grep -c -e ' -align4')\" -eq 2 ]"
}

scene_esp_and_ah()
{
	pair
	both
	transport4 'esp/transport//require ah/transport//require'
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4 2 b 'esp ah'
	protected $A4 $B4
	check 'two ESP SAs on a' sa_is a 2 esp
	check 'two AH SAs on a' sa_is a 2 ah
}

scene_ipcomp()
{
	pair
	both
	transport4 'ipcomp/transport//use esp/transport//require'
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4 2 b 'esp comp'
	protected $A4 $B4
	check 'two ESP SAs on a' sa_is a 2 esp
	check 'two IPComp SAs on a' sa_is a 2 comp
	check 'what is worth it is compressed, both ways' compressed a $B4
}

# compressed HOST TO: large packets pass, and are small on the wire
compressed()
{
	capture_start a
	on "$1" ping -n -q -c 3 -i 0.2 -W 2 -s 1000 -p 61 "$2" || return 1
	capture_stop a
	[ "$(captured a "esp and less 300 and src $A4")" -ge 3 ] &&
	    [ "$(captured a "esp and less 300 and dst $A4")" -ge 3 ] &&
	    [ "$(captured a 'greater 300')" -eq 0 ]
}

# The tunnel is IPComp's, and ESP has what it makes.  Inbound it is optional:
# what is not worth compressing comes without (RFC 3173 2.2), and an outbound
# tunnel cannot be.
tunnel_ipcomp()
{
	echo "spdadd $1 $2 any -P out ipsec ipcomp/tunnel/$3-$4/require esp/transport//require;"
	echo "spdadd $2 $1 any -P in ipsec ipcomp/tunnel/$4-$3/use esp/transport//require;"
}

scene_ipcomp_tunnel()
{
	gateways
	both
	tunnel_ipcomp 10.1.0.0/24 10.2.0.0/24 $A4 $B4 | policies a
	tunnel_ipcomp 10.2.0.0/24 10.1.0.0/24 $B4 $A4 | policies b
	racoons a b
	serve r
	check 'the first packet brings up the SAs' udp_through l 10.2.0.2
	check 'two ESP SAs on a' sa_is a 2 esp
	check 'two IPComp SAs on a' sa_is a 2 comp
	check 'UDP through the tunnel, not worth compressing' udp l 10.2.0.2
	check 'what is worth it is compressed, both ways' compressed l 10.2.0.2
}

scene_tunnel()
{
	gateways
	both
	tunnel 10.1.0.0/24 10.2.0.0/24 $A4 $B4 | policies a
	tunnel 10.2.0.0/24 10.1.0.0/24 $B4 $A4 | policies b
	racoons a b
	serve r
	capture_start a
	check 'a packet from net to net brings up the tunnel' \
	    first_packet l 10.2.0.2
	check 'UDP through the tunnel' udp l 10.2.0.2
	check 'TCP through the tunnel' tcp l 10.2.0.2
	check 'ping through the tunnel' pinged l 10.2.0.2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
	check 'the SAs count the packets' counted a $A4 $B4
	check 'two SAs on a' sa_is a 2
	check 'the log says tunnel' \
	    logged a 'IPsec-SA established: ESP/Tunnel'
}

scene_tunnel_4_in_6()
{
	gateways
	both
	{ neighbours; tunnel 10.1.0.0/24 10.2.0.0/24 $A6 $B6; } | policies a
	{ neighbours; tunnel 10.2.0.0/24 10.1.0.0/24 $B6 $A6; } | policies b
	racoons a b
	serve r
	capture_start a
	check 'a packet from net to net brings up the tunnel' \
	    first_packet l 10.2.0.2
	check 'UDP through the tunnel' udp l 10.2.0.2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
	check 'the SAs count the packets' counted a $A6 $B6
	check 'two SAs on a' sa_is a 2
}

# Traffic for a lifetime and a half: re-keying of a tunnel, and in IPv6.
scene_tunnel_6_in_6()
{
	gateways
	P2_TIME='20 sec' both
	{ neighbours; tunnel $L6 $R6 $A6 $B6; } | policies a
	{ neighbours; tunnel $R6 $L6 $B6 $A6; } | policies b
	racoons a b
	serve r
	capture_start a
	check 'a packet from net to net brings up the tunnel' \
	    first_packet l ${R6%/*}2
	check 'the SAs count the packets' counted a $A6 $B6
	first=$(spis a)
	check 'no packet is lost in 30 s' udp l ${R6%/*}2 1500 0.02
	check 'TCP through the tunnel' tcp l ${R6%/*}2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
	check 'there were at least two generations' \
	    test "$(log_count a 'IPsec-SA established')" -ge 4
	check 'the first SAs are gone' refuses spis_any a $first
}

scene_tunnel_6_in_4()
{
	gateways
	both
	tunnel $L6 $R6 $A4 $B4 | policies a
	tunnel $R6 $L6 $B4 $A4 | policies b
	racoons a b
	serve r
	capture_start a
	check 'a packet from net to net brings up the tunnel' \
	    first_packet l ${R6%/*}2
	check 'UDP through the tunnel' udp l ${R6%/*}2
	check 'TCP through the tunnel' tcp l ${R6%/*}2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
	check 'the SAs count the packets' counted a $A4 $B4
	check 'two SAs on a' sa_is a 2
}

# Linux compares the selector of every SA with the packet inside.
scene_tunnel_and_ah()
{
	local more=' ah/transport//require'

	gateways
	both
	tunnel 10.1.0.0/24 10.2.0.0/24 $A4 $B4 |
	    sed "s,;,$more;," | policies a
	tunnel 10.2.0.0/24 10.1.0.0/24 $B4 $A4 |
	    sed "s,;,$more;," | policies b
	racoons a b
	serve r
	capture_start a
	check 'a packet from net to net brings up the bundle' \
	    udp_through l 10.2.0.2
	check 'UDP through the bundle' udp l 10.2.0.2
	capture_stop a
	check 'AH on the wire' test "$(captured a ah)" -ge 10
	check 'and nothing else' test "$(captured a 'esp or (udp and not port 500)')" -eq 0
	check 'two ESP SAs on a' sa_is a 2 esp
	check 'two AH SAs on a' sa_is a 2 ah
}

behind_nat()
{
	nat_box
	conf a 'nat_traversal on;'
	conf b 'nat_traversal on;'
	psk a $B4 "$KEY"
	psk b $NAT4 "$KEY"
}

scene_nat_tunnel()
{
	behind_nat
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $B4 | policies a
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons a b
	serve b
	capture_start b
	check 'the first packet brings up the SAs' first_packet a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	check 'TCP through NAT' tcp a 10.2.0.1
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'the SAs count the packets' counted a 10.9.0.2 $B4
	check 'and those of b' counted b $B4 $NAT4
	check 'two SAs on a' sa_is a 2
	check 'with UDP encapsulation' nat_encap a
	check 'and on b' nat_encap b
}

nat_encap() { on "$1" ip xfrm state | grep -q 'encap type espinudp'; }

scene_nat_transport()
{
	behind_nat
	protect 10.9.0.2 $B4 | policies a
	protect $B4 $NAT4 | policies b
	racoons a b
	serve b
	capture_start b
	check 'the first packet brings up the SAs' first_packet a $B4
	check 'UDP through NAT' udp a $B4
	capture_stop b
	check 'only ESP in UDP on the wire' only_esp b udp
	check 'the SAs count the packets' counted a 10.9.0.2 $B4
	check 'with UDP encapsulation' nat_encap a
}

scene_no_nat_no_encap()
{
	pair
	both 'nat_traversal on;'
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	check 'no UDP encapsulation where there is no NAT' \
	    refuses nat_encap a
	protected $A4 $B4
}

scene_clear_text_refused()
{
	pair
	both
	transport4
	racoons a b
	serve a
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	before=$(xfrm_stat a XfrmInTmplMismatch)
	echo 'spdflush;' | policies b
	check 'clear text from b gets no answer from a' \
	    refuses udp b $A4 3 0.05 1
	after=$(xfrm_stat a XfrmInTmplMismatch)
	check "the kernel counts it ($before, then $after)" \
	    test "$after" -ge $((before + 3))
	check 'racoon stopped: traffic in the clear does not start' \
	    stopped_stays_closed
}

stopped_stays_closed()
{
	racoon_stop a || return 1
	capture_start a
	udp a $B4 3 0.05 1
	capture_stop a
	[ "$(captured a 'udp port 7')" -eq 0 ]
}

# Traffic for three lifetimes and a half, 50 packets a second.
scene_rekey()
{
	pair
	P1_TIME='20 sec' P2_TIME='20 sec' both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	first=$(spis a)
	check 'no packet is lost in 70 s' udp a $B4 3500 0.02
	check 'there were at least four generations' \
	    test "$(log_count a 'IPsec-SA established')" -ge 8
	check 'the first SAs are gone' refuses spis_any a $first
	check 'old SAs do not pile up' test "$(sa_count a)" -le 6
	check 'none waits for its keys' test "$(larval a)" -le 1
}

spis()
{
	on "$1" ip xfrm state |
	    awk '$1 == "proto" && $4 != "0x00000000" { print $4 }'
}

spis_any()
{
	local h=$1 spi
	shift

	for spi; do
		! spis "$h" | grep -q "$spi" || return 0
	done
	return 1
}

scene_new_peer_while_running()
{
	pair
	both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	host_new c
	attach c $C4/24
	conf c
	keys a c
	{ echo 'spdflush;'; protect $A4 $B4; protect $A4 $C4; } |
	    check 'setkey reloads the policies' policies a
	protect $C4 $A4 | policies c
	racoons c
	serve c
	check 'traffic to b goes on' udp a $B4
	check 'traffic to the new peer comes up' first_packet a $C4 4 c
	check 'UDP to the new peer' udp a $C4
	check 'four SAs on a' sa_is a 4
}

# Both sides send the first packet at once.
scene_both_at_once()
{
	pair
	both
	transport4
	racoons a b
	serve a
	serve b
	udp b $A4 3 0.2 5 >/dev/null &
	udp a $B4 3 0.2 5 >/dev/null
	wait $!
	check 'UDP from a' udp_through a $B4
	check 'UDP from b' udp_through b $A4
	check 'UDP from a again' udp a $B4 20
	check 'at most two pairs' test "$(sa_count a)" -le 4
}

scene_lossy_network()
{
	pair
	both
	transport4
	racoons a b
	serve b
	for h in a b; do
		lossy $h delay 10ms 5ms duplicate 20%
		lose_a_third $h || not_ok "packets to $h are lost"
	done
	on a "$TRAFFIC" touch $B4
	check 'SAs come up at a loss of a third' wait_for 40 sa_is a 2
	for h in a b; do
		on $h iptables-legacy -F INPUT
		lossy $h delay 0ms
	done
	check 'and on b' wait_for 20 sa_is b 2
	check 'traffic passes' udp_through a $B4
	check 'UDP' udp a $B4
}

# The first of three, each time: chance could lose all of one message's, and a
# single packet asks for SAs only once.
lose_a_third()
{
	on "$1" iptables-legacy -A INPUT -p udp --dport 500 -m statistic \
	    --mode nth --every 3 --packet 0 -j DROP
}

# The peer forgets everything: INITIAL-CONTACT clears the old SAs here.
# b_restarts LINES: the lines are those of both remote blocks; leaves a's first
# SAs in $old.
b_restarts()
{
	pair
	both "$1"
	transport4
	racoons a b
	serve a
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	old=$(spis a)
	daemon_stop b/racoon KILL
	on b ip xfrm state flush
	racoons b
}

scene_peer_restarts()
{
	b_restarts 'initial_contact on;'
	check 'traffic from b comes up' udp_through b $A4
	check 'a was told to forget the old SAs' wait_log a INITIAL-CONTACT
	check 'the old SAs are gone from a' \
	    wait_for 5 refuses spis_any a $old
	check 'traffic from a passes' udp_through a $B4
}

# And does not say so: the old SAs stay here.
scene_no_initial_contact()
{
	b_restarts 'initial_contact off;'
	check 'the first packet from b brings up two more' first_packet b $A4 4
	check 'and a was not told to forget the old ones' \
	    refuses logged a INITIAL-CONTACT
}

# a only answers.
scene_passive()
{
	pair
	conf a 'passive on;'
	conf b
	keys a b
	transport4
	racoons a b
	serve a
	serve b
	capture_start a
	check 'a packet from a does not pass' refuses udp a $B4 1 0 1
	check 'a line says why' wait_log a "$B4.*not initiating.*passive"
	capture_stop a
	check 'and b hears nothing of it' \
	    test "$(captured a 'udp or esp')" -eq 0
	check 'a packet from b brings up the SAs' first_packet b $A4
	check 'UDP from a' udp a $B4
	check 'two SAs on a' sa_is a 2
}

scene_stop_and_delete()
{
	pair
	both
	transport4
	racoons a b
	serve b
	on a ip xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp \
	    spi 0x4711 mode transport enc 'cbc(aes)' \
	    0x00112233445566778899aabbccddeeff auth-trunc 'hmac(sha256)' \
	    0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 128
	check 'the first packet brings up the SAs' first_packet a $B4 3
	check 'racoon on a stops with status 0' racoon_stop a
	check 'its SAs are gone, the other one stays' sa_is a 1
	check 'its policies stay' on a sh -c \
	    'ip xfrm policy | grep -q "dir out"'
	check 'the peer was told to delete its SAs' wait_for 5 sa_is b 0
	racoons a
	check 'after a new start the next packet brings them up again' \
	    first_packet a $B4 3
}

# P1-ENC P1-HASH GROUP P2-ENC P2-AUTH KERNEL-NAMES
algorithms()
{
	cat <<-END
	aes|sha1|modp1024|aes|hmac_sha1|cbc(aes) hmac(sha1)
	aes 192|sha384|modp1536|aes 192|hmac_sha384|cbc(aes) hmac(sha384)
	aes 256|sha512|modp4096|aes 256|hmac_sha512|cbc(aes) hmac(sha512)
	3des|md5|modp768|3des|hmac_md5|cbc(des3_ede) hmac(md5)
	aes|sha256|modp6144|null_enc|hmac_sha256|ecb(cipher_null) hmac(sha256)
	END
}

scene_algorithms()
{
	local enc hash group esp auth names name h n=0

	pair
	serve b
	algorithms | while IFS='|' read -r enc hash group esp auth names; do
		rm -f "$B"/[ab]/etc/racoon/psk.txt
		P1_ENC=$enc P1_HASH=$hash P1_GROUP=$group P2_ENC=$esp \
		    P2_AUTH=$auth PFS="pfs_group $group;" both
		transport4
		racoon_start a && racoon_start b ||
			not_ok "racoon starts with $enc $hash $group"
		check "$enc $hash $group, $esp $auth" first_packet a $B4
		for name in $names; do
			check "the kernel has $name" has_state a "$name"
		done
		racoon_stop a
		racoon_stop b
		# daemons_clean() reads these, too.
		for h in a b; do
			mv "$B/$h/log/racoon" "$B/$h/log/racoon.$((n += 1))"
		done
	done
}

has_state() { on "$1" ip xfrm state | grep -qF -- "$2"; }

run_scenes sample transport4 transport6 no_pfs ah ah_align esp_and_ah ipcomp ipcomp_tunnel \
    tunnel tunnel_4_in_6 tunnel_6_in_4 tunnel_6_in_6 tunnel_and_ah \
    nat_tunnel nat_transport no_nat_no_encap clear_text_refused \
    new_peer_while_running both_at_once lossy_network peer_restarts \
    no_initial_contact passive stop_and_delete algorithms rekey
