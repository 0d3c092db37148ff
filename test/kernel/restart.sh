#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon is stopped and started, or killed, while its SAs carry traffic.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

ON_STOP=keep
PFS=''

# many N: a and b with N pairs of addresses, a tunnel with SAs of its own for
# each; the addresses behind b are in PEERS.
many()
{
	local h i n=$1

	# shellcheck disable=SC2207
	ROWS=($(seq "$n"))
	row_hosts
	both
	PEERS=()
	for i in "${!ROWS[@]}"; do
		PEERS+=("$(row_theirs "$i")")
	done
	for h in a b; do
		awk -v n="$n" -v h=$h -v a=$A4 -v b=$B4 'BEGIN {
		    print "spdflush;"
		    for (i = 0; i < n; i++) {
			x = "10.1.0." 10 + i; y = "10.2.0." 10 + i
			how = "any -P %s ipsec esp/tunnel/%s-%s/unique:%d;\n"
			printf "spdadd %s %s " how, x, y,
			    h == "a" ? "out" : "in", a, b, i + 1
			printf "spdadd %s %s " how, y, x,
			    h == "b" ? "out" : "in", b, a, i + 1
		    } }' | policies $h
	done
	racoons a b
	serve b
	check 'the first packets bring up all SAs' all_up $((2 * n))
	said=$(log_count a 'IPsec-SA established')
}

all_up()
{
	on a "$TRAFFIC" touch "${PEERS[@]}"
	wait_for 120 sa_is a "$1" && wait_for 20 sa_is b "$1"
}

# flow SECONDS: a hundred packets a second, to one after the other
flow() { spawn a flow "$TRAFFIC" spray 7 $(($1 * 100)) 0.01 5 "${PEERS[@]}"; }
flow_over() { ! running a/flow; }
nothing_lost()
{
	wait_for 120 flow_over
	cat "$B/a/log/flow"
	[[ $(tail -n 1 "$B/a/log/flow") =~ ^sent\ ([0-9]+)\ received\ ([0-9]+)$ ]] &&
	    [ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
}

# Of what has been negotiated there are lines.
same_as_before() { [ "$(log_count a 'IPsec-SA established')" -eq "$said" ]; }
no_phase1() { [ "$(log_count "$1" 'initiate new phase 1')" -le 1 ]; }

again()
{
	local h

	for h; do
		check "racoon on $h starts again" racoon_start $h
	done
}

scene_graceful()
{
	local i

	many 200
	flow 25
	nap 2
	check 'racoon on b stops' racoon_stop b
	check 'its ISAKMP-SAs are in a file of root only' \
	    [ "$(stat -c '%a %u' "$B/b/run/racoon.pid.ike")" = '600 0' ]
	nap 1
	again b
	check 'the file is gone' refuses test -e "$B/b/run/racoon.pid.ike"
	nap 1
	check 'racoon on a stops' racoon_stop a
	again a
	nap 1
	for i in a b; do
		check "racoon on $i stops" racoon_stop $i
	done
	nap 1
	again a b
	check 'no packet is lost' nothing_lost
	check 'nothing was negotiated' same_as_before
	check 'no phase 1 by a' no_phase1 a
	check 'no phase 1 by b' no_phase1 b
	check 'as many SAs as before on a' sa_is a 400
	check 'as many SAs as before on b' sa_is b 400
}

scene_killed()
{
	many 200
	flow 25
	nap 2
	daemon_stop b/racoon KILL
	nap 1
	again b
	check 'b took over the pairs' logged b 'took over 200 pairs'
	nap 1
	daemon_stop a/racoon KILL
	daemon_stop b/racoon KILL
	nap 1
	again a b
	check 'a took over the pairs' logged a 'took over 200 pairs'
	check 'no packet is lost' nothing_lost
	check 'nothing was negotiated' same_as_before
	check 'as many SAs as before on a' sa_is a 400
	check 'as many SAs as before on b' sa_is b 400
	check 'a deletion by hand and a packet' deleted_and_back
	check 'as many SAs as before on b, after a while' \
	    wait_for 60 sa_is b 400
}

# The adopted pair is given up like any other, and negotiated anew.
deleted_and_back()
{
	local spi

	spi=$(on a ip xfrm state list src $A4 dst $B4 reqid 7 |
	    awk '$3 == "spi" { print $4; exit }')
	on a ip xfrm state delete src $A4 dst $B4 proto esp spi "$spi"
	wait_for 5 sa_is a 398 || return 1
	on a "$TRAFFIC" udp "${PEERS[6]}" 7 1 0 0.01
	wait_for 30 sa_is a 400 && udp_through a "${PEERS[6]}"
}

# A lifetime and a half after kill -9: they are renewed in time, and there are
# no second pairs.
scene_renewed()
{
	P2_TIME='30 sec' many 5
	flow 50
	nap 5
	daemon_stop a/racoon KILL
	nap 1
	again a
	nap 40
	check 'no packet is lost' nothing_lost
	check 'they were renewed' \
	    [ "$(log_count a 'IPsec-SA established')" -gt "$said" ]
	# the first one of all says it twice, see ike/info.h
	check 'by one phase 1, without INITIAL-CONTACT' \
	    [ "$(log_count b 'INITIAL-CONTACT')" -le 2 ]
	check 'five pairs on a' wait_for 40 sa_is a 10
	check 'five pairs on b' wait_for 40 sa_is b 10
}

# The same with strongSwan, which knows nothing of it.
scene_charon()
{
	pair
	P2_TIME='30 sec' conf a
	psk a $B4 "$KEY"
	transport4
	swan $B4 $A4 "$B4/32" "$A4/32" transport none | charon_start b
	check 'racoon starts' racoon_start a
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	spawn a flow "$TRAFFIC" udp $B4 7 4000 0.01 5
	nap 3
	daemon_stop a/racoon KILL
	nap 1
	again a
	check 'a took over the pair' logged a 'took over 1 pairs'
	nap 5
	check 'racoon stops' racoon_stop a
	nap 1
	again a
	check 'no packet is lost' nothing_lost
	check 'it was renewed' \
	    [ "$(log_count a 'IPsec-SA established')" -gt 2 ]
	check 'one pair on a' wait_for 40 sa_is a 2
}

# What no policy wants any more goes after a while; what is not racoon's stays.
scene_unwanted()
{
	many 3
	daemon_stop a/racoon KILL
	on a ip xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp \
	    spi 0x4711 mode transport enc 'cbc(aes)' \
	    0x00112233445566778899aabbccddeeff auth-trunc 'hmac(sha256)' \
	    0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 128
	echo "spddelete 10.1.0.10 10.2.0.10 any -P out;" | on a "$SETKEY" -c
	again a
	check 'two pairs are taken over' logged a 'took over 2 pairs'
	check 'the third one goes' wait_for 45 sa_is a 5
	check 'and the log tells so' logged a 'no policy wants the SAs'
}

# setkey loads the policies again, with other reqids, under traffic: new SAs
# come for them, and the old ones, which nobody wants any more, go within a
# minute; then flushes of both, at once and in turn.
scene_reloaded()
{
	local h i

	many 5
	for h in a b; do
		sed -i 's,/unique:,/unique:10,' "$B/$h/etc/ipsec-tools.conf"
		on $h "$SETKEY" -f /etc/ipsec-tools.conf
	done
	check 'new SAs come up' all_up 20
	check 'the old ones go from a' wait_for 70 sa_is a 10
	check 'the old ones go from b' wait_for 70 sa_is b 10
	for i in 1 2 3; do
		on a ip xfrm state flush
		on b ip xfrm policy flush
		on b "$SETKEY" -f /etc/ipsec-tools.conf
		on a "$TRAFFIC" touch "${PEERS[@]}"
		nap 0.$i
		on b ip xfrm state flush
		nap 1
	done
	check 'all pairs work again' all_work
	check 'five pairs on a' wait_for 40 sa_is a 10
	check 'five pairs on b' wait_for 40 sa_is b 10
}

all_work()
{
	local peer

	for peer in "${PEERS[@]}"; do
		udp_through a "$peer" || return 1
	done
}

# PF_KEY does not tell which SAs belong together.
scene_pfkey()
{
	export IPSEC_BACKEND=pfkey P2_AUTH=hmac_sha1
	many 5
	daemon_stop a/racoon KILL
	daemon_stop b/racoon KILL
	again a b
	check 'a took over the pairs' logged a 'took over 5 pairs'
	check 'b took over the pairs' logged b 'took over 5 pairs'
	flow 3
	check 'no packet is lost' nothing_lost
	check 'nothing was negotiated' same_as_before
	unset IPSEC_BACKEND P2_AUTH
}

warm_up_more() { [ "$PFKEY" != 1 ] || pfkey_warm; }

if [ "$PFKEY" = 1 ]; then
	run_scenes graceful killed pfkey
else
	run_scenes graceful killed renewed charon unwanted reloaded
fi
