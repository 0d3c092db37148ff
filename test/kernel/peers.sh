#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on b, looked at with ike-scan from s, as strangers do: what is
# answered and how much, and that a real peer on c gets in through a flood.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

S4=192.0.2.66 C4=192.0.2.3
# What ike-scan proposes for as long as it is not told otherwise
P1_TIME='8 hour'
# Its words: cipher/bits,hash,authentication,group
GOOD=7/128,4,1,14
WEAK='--trans=5,1,1,1 --trans=1,2,1,2'
DPD=afcad71368a1f1c96b8696fc77570100
NATT=4a131c81070358455c5728f20e95452f

# scan ARGUMENT...: one probe, unless told otherwise; its words in $B/scan
scan()
{
	on s ike-scan -N -M --retry=1 --timeout=1500 "$@" $B4 >"$B/scan" 2>&1
}

# returned HANDSHAKES NOTIFICATIONS
returned()
{
	cat "$B/scan"
	grep -q "  $1 returned handshake; $2 returned notify" "$B/scan"
}

# chosen WORD...: one SA came, with one transform, which has these
chosen()
{
	local sa word

	returned 1 0 || return
	sa=$(grep -o 'SA=(.*' "$B/scan")
	[ "$(grep -o 'SA=(' <<<"$sa" | wc -l)" -eq 1 ] || return
	for word; do
		[ "$(grep -o "$word" <<<"$sa" | wc -l)" -eq 1 ] || return
	done
}

notified() { returned 0 1 && grep -q "$1" "$B/scan"; }
has_vendor() { cat "$B/scan"; grep -q "VID=$1" "$B/scan"; }

# bytes FILTER: of UDP in the capture at s
bytes()
{
	tshark -r "$B/sw/log/s.pcap" -Y "udp && $1" -T fields -e udp.length \
	    2>/dev/null | awk '{ n += $1 - 8 } END { print n + 0 }'
}

# answer_at_most TIMES: of the bytes that came
answer_at_most()
{
	local asked told

	asked=$(bytes "ip.dst == $B4") told=$(bytes "ip.src == $B4")
	echo "$asked bytes asked for $told"
	[ "$asked" -gt 0 ] && [ "$told" -gt 0 ] &&
	    [ "$told" -le $((asked * $1)) ]
}

# ike-scan sends random bytes as public value, and half of all numbers are none:
# racoon refuses these.  A seed makes the same bytes each time.
scan_seeded()
{
	local seed

	for seed in {1..8}; do
		scan --randomseed="$seed" "$@"
		! returned 1 0 >"$B/said" || return 0
	done
}

# watched SCAN PROBE...: and what came for 12 s
watched()
{
	capture_start s
	"$@"
	nap 12
	capture_stop s
}

# looked_at LINES: racoon on b
looked_at()
{
	host_new s b
	attach s $S4/24
	attach b $B4/24
	conf b "$@"
	check 'racoon starts on b' racoon_start b
}

scene_main()
{
	looked_at 'dpd_delay 10;'
	psk b $S4 "$KEY"
	# shellcheck disable=SC2086
	scan $WEAK --trans=7/256,5,1,16 --trans=$GOOD --trans=7/128,2,1,14
	check 'racoon responder main psk: the acceptable one of five proposals' \
	    chosen Enc=AES KeyLength=128 Hash=SHA2-256 Group=14:modp2048 Auth=PSK
	# shellcheck disable=SC2086
	scan $WEAK
	check 'racoon responder main psk: none is, NO-PROPOSAL-CHOSEN' \
	    notified NO-PROPOSAL-CHOSEN
	check 'a line names the peer and what it offers' \
	    logged b "$S4.*ERROR: no suitable proposal.*offers 3DES/MD5"
	watched scan --trans=$GOOD
	check 'no more bytes than were asked with' answer_at_most 1
	scan --trans=$GOOD --vendor=$DPD --vendor=00112233
	check 'vendor ids: DPD is answered' has_vendor $DPD
	check 'an unknown one is not' refuses has_vendor 00112233
	scan --aggressive --trans=$GOOD --dhgroup=14 --id=x
	check 'aggressive mode where it is not configured: no answer' \
	    returned 0 0
	scan --ikev2
	check 'IKEv2: no handshake' returned 0 '[01]'
	check 'it still answers' scan_answered
}

scan_answered()
{
	scan --trans=$GOOD
	returned 1 0
}

# Only who has a key is told anything that a key was used for.
scene_aggressive()
{
	looked_at 'exchange_mode aggressive; my_identifier fqdn "b.example";'
	psk b road.example "$KEY"
	watched scan_seeded --aggressive --trans=$GOOD --dhgroup=14 --idtype=2 \
	    --id=road.example
	check 'racoon responder aggressive psk: a known identity' \
	    chosen Enc=AES KeyLength=128 Hash=SHA2-256 Group=14:modp2048 Auth=PSK
	check 'at most three times the bytes' answer_at_most 3
	scan --aggressive --trans=$GOOD --dhgroup=14 --idtype=2 \
	    --id=other.example
	check 'racoon responder aggressive psk: not an unknown identity' \
	    returned 0 '[01]'
	check 'and a line names it' logged b "$S4.*ERROR.*other.example"
	scan --trans=$GOOD
	check 'main mode where it is not configured: no answer' returned 0 0
}

scene_nat()
{
	looked_at 'nat_traversal on;'
	psk b $S4 "$KEY"
	scan --trans=$GOOD --vendor=$NATT
	check 'NAT-T is announced to who announces it' has_vendor $NATT
	watched scan --nat-t --trans=$GOOD
	check 'racoon responder main psk on port 4500' \
	    chosen Enc=AES KeyLength=128 Hash=SHA2-256 Group=14:modp2048 Auth=PSK
	check 'no more bytes than were asked with' answer_at_most 1
}

# Nobody is configured but c.
scene_strangers()
{
	looked_at
	sed -i "s/^remote anonymous/remote $C4/" "$B/b/etc/racoon/racoon.conf"
	psk b $C4 "$KEY"
	racoon_stop b
	check 'racoon starts on b' racoon_start b
	scan --trans=$GOOD
	check 'who is not configured: no answer in main mode' returned 0 0
	scan --aggressive --trans=$GOOD --dhgroup=14 --id=x
	check 'nor in aggressive mode' returned 0 0
}

# Of the process that talks to them.
resident()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$(pgrep -P "${RIG_PID[b/racoon]}" \
	    racoon-worker)/status"
}

# flood NAME SOURCE PORT PROPOSAL: first messages in its name, some 200 a second
flood()
{
	spawn s "$1" ike-scan -N --retry=1 --timeout=100 --interval=5 \
	    --sport="$3" --sourceip="$2" --trans="$4" --file=/run/targets
}

# Anybody may come with a certificate, c comes with a key.
scene_flood()
{
	local before after answers

	host_new s b c
	attach s $S4/24
	attach b $B4/24
	attach c $C4/24
	# Answers to strangers have to leave, or racoon says it cannot send.
	on b ip route add default via $S4
	conf c
	keys b c
	PKI_KINDS=rsa pki_make
	mkdir -p "$B/b/etc/racoon/certs"
	cp "$PKI/ca.crt" "$PKI"/b.rsa.* "$B/b/etc/racoon/certs/"
	chmod 600 "$B/b/etc/racoon/certs/b.rsa.key"
	conf b
	sed -i "s/^remote anonymous/remote $C4/" "$B/b/etc/racoon/racoon.conf"
	cat >>"$B/b/etc/racoon/racoon.conf" <<-END
	remote anonymous {
		exchange_mode main;
		lifetime time 8 hour;
		certificate_type x509 "/etc/racoon/certs/b.rsa.crt"
		    "/etc/racoon/certs/b.rsa.key";
		ca_type x509 "/etc/racoon/certs/ca.crt";
		my_identifier asn1dn;
		proposal {
			authentication_method rsasig;
			encryption_algorithm aes;
			hash_algorithm sha256;
			dh_group modp2048;
		}
	}
	END
	protect $B4 $C4 | policies b
	protect $C4 $B4 | policies c
	racoons b c
	serve b
	for _ in {1..2500}; do
		echo $B4
	done >"$B/s/run/targets"
	before=$(resident)
	capture_start b
	flood strangers random 5000 7/128,4,3,14
	flood forger $C4 500 $GOOD
	nap 3
	check 'a real peer gets in through a flood of first messages, half of them in its name' \
	    udp_through c $B4
	check 'UDP' udp c $B4
	check 'while the flood goes on' running s/strangers
	wait "${RIG_PID[s/strangers]}" "${RIG_PID[s/forger]}"
	unset "RIG_PID[s/strangers]" "RIG_PID[s/forger]"
	capture_stop b
	answers=$(captured b "udp dst port 5000 and src host $B4")
	check "strangers are answered, so they take room ($answers answers)" \
	    test "$answers" -ge 1600
	answers=$(captured b "udp port 500 and dst host $C4")
	check "and so are those in the peer's name ($answers)" \
	    test "$answers" -ge 200
	after=$(resident)
	check "memory stays bounded (from $before to $after KB)" \
	    test "$after" -le $((before + 24576))
	check 'few lines in the log' \
	    test "$(log_count b '(ERROR|WARNING|INFO)')" -le 400
}

run_scenes main aggressive nat strangers flood
