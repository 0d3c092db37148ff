#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a with strongSwan's charon on b: what phase 2 can agree on, in both
# roles, transport and tunnel mode.
#
# A row is ROLE MODE PROTOCOL PROPOSAL: racoon's role; transport, tunnel, or
# either with a 6 behind it, for IPv6; charon's words for the proposal.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

CHARON_OPTIONS='init_limit_half_open = 0
	retransmit_timeout = 2'
ROWS=()

# ends NUMBER MODE: US and PEER, the nets OURS and THEIRS, an address as NET;
# PLAIN is the mode without the 6
ends()
{
	PLAIN=${2%6}
	if [[ $2 = *6 ]]; then
		US=$A6 PEER=2001:db8::b:$((10 + $1)) NET=128
		OURS=2001:db8:1::$((10 + $1)) THEIRS=2001:db8:2::$((10 + $1))
	else
		US=$A4 PEER=$(row_peer "$1") NET=32
		OURS=$(row_ours "$1") THEIRS=$(row_theirs "$1")
	fi
	[ "$PLAIN" = tunnel ] || OURS=$US THEIRS=$PEER
}

# hosts6: what row_hosts does, for the rows with IPv6
hosts6()
{
	local i role mode mac_a mac_b

	on a ip addr add $A6/64 dev eth0 nodad
	on b ip addr add $B6/64 dev eth0 nodad
	mac_a=$(on a cat /sys/class/net/eth0/address)
	mac_b=$(on b cat /sys/class/net/eth0/address)
	# charon's policies are for neighbour discovery, too
	on b ip neigh replace $A6 lladdr "$mac_a" dev eth0
	for i in "${!ROWS[@]}"; do
		read -r role mode _ <<<"${ROWS[i]}"
		[[ $mode = *6 ]] || continue
		ends "$i" "$mode"
		on b ip addr add $PEER/128 dev eth0 nodad
		on a ip neigh replace $PEER lladdr "$mac_b" dev eth0
		[ "$PLAIN" = tunnel ] || continue
		on a ip addr add $OURS/128 dev lo nodad
		on b ip addr add $THEIRS/128 dev lo nodad
		on a ip route add $THEIRS via $B6 src $OURS
		on b ip route add $OURS via $A6 src $THEIRS
	done
}

# words PROPOSAL: racoon's cipher and hash, and what the kernel calls them
words()
{
	case $1 in
	aes128gcm16) echo 'aes_gcm_16 128|hmac_sha1|rfc4106\(gcm\(aes\)\).* 128$' ;;
	aes256gcm16) echo 'aes_gcm_16 256|hmac_sha1|rfc4106\(gcm\(aes\)\).* 128$' ;;
	aes128gcm8) echo 'aes_gcm_8 128|hmac_sha1|rfc4106\(gcm\(aes\)\).* 64$' ;;
	aes128ccm16) echo 'aes_ccm_16 128|hmac_sha1|rfc4309\(ccm\(aes\)\).* 128$' ;;
	aes256ccm8) echo 'aes_ccm_8 256|hmac_sha1|rfc4309\(ccm\(aes\)\).* 64$' ;;
	aes128gmac) echo 'aes_gmac 128|hmac_sha1|rfc4543\(gcm\(aes\)\).* 128$' ;;
	aes128ctr-sha256) echo 'aes_ctr 128|hmac_sha256|rfc3686\(ctr\(aes\)\)' ;;
	null-sha256) echo 'null_enc|hmac_sha256|ecb\(cipher_null\)' ;;
	aes256-sha512) echo 'aes 256|hmac_sha512|hmac\(sha512\).* 256$' ;;
	aes128-sha256-esn) echo 'aes 128|hmac_sha256|flag.* esn' ;;
	aes128-sha256-modp2048) echo 'aes 128|hmac_sha256|hmac\(sha256\)' ;;
	aes192-sha384) echo 'aes 192|hmac_sha384|hmac\(sha384\).* 192$' ;;
	3des-md5) echo '3des|hmac_md5|cbc\(des3_ede\)' ;;
	des-sha1) echo 'des|hmac_sha1|cbc\(des\)' ;;
	camellia128-sha1) echo 'camellia 128|hmac_sha1|cbc\(camellia\)' ;;
	camellia256-sha256) echo 'camellia 256|hmac_sha256|cbc\(camellia\)' ;;
	blowfish128-sha1) echo 'blowfish 128|hmac_sha1|cbc\(blowfish\)' ;;
	blowfish256-sha1) echo 'blowfish 256|hmac_sha1|cbc\(blowfish\)' ;;
	cast128-sha1) echo 'cast128|hmac_sha1|cbc\(cast5\)' ;;
	aes256gcm12) echo 'aes_gcm_12 256|hmac_sha1|rfc4106\(gcm\(aes\)\).* 96$' ;;
	aes192ccm12) echo 'aes_ccm_12 192|hmac_sha1|rfc4309\(ccm\(aes\)\).* 96$' ;;
	aes256gmac) echo 'aes_gmac 256|hmac_sha1|rfc4543\(gcm\(aes\)\).* 128$' ;;
	aes256ctr-sha512) echo 'aes_ctr 256|hmac_sha512|rfc3686\(ctr\(aes\)\)' ;;
	sha1) echo 'aes|hmac_sha1|hmac\(sha1\).* 96$' ;;
	sha256) echo 'aes|hmac_sha256|hmac\(sha256\).* 128$' ;;
	sha384) echo 'aes|hmac_sha384|hmac\(sha384\).* 192$' ;;
	sha512) echo 'aes|hmac_sha512|hmac\(sha512\).* 256$' ;;
	esac
}

# racoon_sainfo NUMBER ROLE MODE PROTOCOL PROPOSAL
racoon_sainfo()
{
	local enc auth

	ends "$1" "$3"
	IFS='|' read -r enc auth _ <<<"$(words "$5")"
	cat <<-END
	sainfo address $OURS any address $THEIRS any {
		lifetime time 8 hour;
		$([[ $5 != *-modp* ]] || echo 'pfs_group modp2048;')
		$([[ $5 != *-esn ]] || echo 'esn on; replay_window 64;')
		encryption_algorithm $enc;
		authentication_algorithm $auth;
		compression_algorithm deflate;
		${SAINFO:-}
	}
	END
}

racoon_rows()
{
	local i r

	cat <<-END
	path pre_shared_key "/etc/racoon/psk.txt";
	timer { interval 2 sec; phase1 20 sec; phase2 15 sec; }
	remote anonymous {
		exchange_mode main;
		lifetime time 24 hour;
		proposal {
			authentication_method pre_shared_key;
			encryption_algorithm aes 128;
			hash_algorithm sha256;
			dh_group modp2048;
		}
	}
	END
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		racoon_sainfo "$i" "${r[@]}"
	done
}

# swan_row NUMBER ROLE MODE PROTOCOL PROPOSAL
swan_row()
{
	local proposals=esp_proposals

	[ "$4" != ah ] || proposals=ah_proposals
	ends "$1" "$3"
	cat <<-END
	c$1 {
		version = 1
		local_addrs = $PEER
		remote_addrs = $US
		proposals = aes128-sha256-modp2048
		rekey_time = 4h
		local { auth = psk
			id = $PEER }
		remote { auth = psk
			id = $US }
		children { child$1 {
			mode = $PLAIN
			$proposals = $5
			$([ "$4" != ipcomp ] || echo 'ipcomp = yes')
			$([ $PLAIN = transport ] ||
			    echo "local_ts = $THEIRS/$NET
			remote_ts = $OURS/$NET")
			start_action = trap } }
	}
	END
}

swan_rows()
{
	local i r

	echo 'connections {'
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		swan_row "$i" "${r[@]}"
	done
	echo "} secrets { ike { secret = \"$KEY\" } }"
}

# row_policy NUMBER ROLE MODE PROTOCOL PROPOSAL.  IPComp is optional, but for
# an outbound tunnel, which cannot be: what is not worth it comes without.
row_policy()
{
	local out in

	ends "$1" "$3"
	out=/transport//require in=$out
	[ $PLAIN = transport ] ||
		out=/tunnel/$US-$PEER/require in=/tunnel/$PEER-$US/require
	case $4 in
	ipcomp)
		[ $PLAIN = tunnel ] || out=/transport//use
		out="ipcomp$out esp/transport//require"
		in="ipcomp${in/require/use} esp/transport//require" ;;
	*)
		out=$4$out in=$4$in ;;
	esac
	echo "spdadd $OURS $THEIRS any -P out ipsec $out;"
	echo "spdadd $THEIRS $OURS any -P in ipsec $in;"
}

rows_up()
{
	local i r

	row_hosts
	hosts6
	racoon_rows | racoon_conf a
	{
		neighbours
		for i in "${!ROWS[@]}"; do
			read -ra r <<<"${ROWS[i]}"
			row_policy "$i" "${r[@]}"
			psk a "$PEER" "$KEY"
		done
	} | policies a
	racoons a || return
	swan_rows | check 'charon starts on b' charon_start b
}

# comes_up NUMBER ROLE MODE PROTOCOL PROPOSAL: one packet, from who begins,
# later large ones that are worth compressing
comes_up()
{
	local pattern

	ends "$1" "$3"
	IFS='|' read -r _ _ pattern <<<"$(words "$5")"
	if [ "$2" = responder ]; then
		on b ping -n -q -c 1 -W 1 -I "$THEIRS" "$OURS"
	else
		on a ping -n -q -c 1 -W 1 "$THEIRS"
	fi
	wait_for 10 row_has "$PEER" 2 "$pattern" || return 1
	if [ "$4" = ipcomp ]; then
		row_has "$PEER" 2 'comp deflate' || return 1
	fi
	wait_for 5 on a ping -n -q -c 1 -W 1 -s 1000 -p 61 "$THEIRS"
}

# rows_work: not the rest where three in a row do not
rows_work()
{
	local i r missed=0

	rows_up || return
	capture_start a
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		if check "racoon ${r[0]} main psk ${r[*]:1:3}${SAINFO:+, $SAINFO}" \
		    comes_up "$i" "${r[@]}"; then
			missed=0
		elif [ $((missed += 1)) -eq 4 ]; then
			not_ok 'the other combinations'
			return
		fi
	done
	capture_stop a
	check 'nothing in the clear on the wire' only_esp a
}

# rows_small: all of IPComp, whose pings of 1000 equal bytes are small then
rows_small()
{
	rows_work
	check 'compressed on the wire, both ways' \
	    test "$(captured a 'greater 400 and not udp port 500')" -eq 0
	check 'and there was something' \
	    test "$(captured a 'esp and less 400')" -ge $((2 * ${#ROWS[@]}))
}

# everywhere PROTOCOL PROPOSAL...
everywhere()
{
	local proto=$1 proposal mode role
	shift

	for proposal; do
		for mode in transport tunnel; do
			for role in initiator responder; do
				ROWS+=("$role $mode $proto $proposal")
			done
		done
	done
}

scene_combined()
{
	ROWS=()
	everywhere esp aes128gcm16 aes256gcm16 aes128gcm8 aes128ccm16 \
	    aes256ccm8 aes128gmac
	rows_work
}

scene_others()
{
	ROWS=()
	everywhere esp aes128ctr-sha256 null-sha256 aes256-sha512 \
	    aes128-sha256-esn
	rows_work
}

# The rest of what both have; the mode makes no difference.
scene_ciphers()
{
	local proposal

	ROWS=()
	for proposal in aes192-sha384 3des-md5 des-sha1 camellia128-sha1 \
	    camellia256-sha256 blowfish128-sha1 blowfish256-sha1 \
	    cast128-sha1 aes256gcm12 aes192ccm12 aes256gmac \
	    aes256ctr-sha512; do
		ROWS+=("initiator transport esp $proposal"
		    "responder transport esp $proposal")
	done
	rows_work
}

# RFC 4302 2.6: charon pads AH over IPv4 as the RFC has it, and says who it is.
scene_ah()
{
	CHARON_OPTIONS="$CHARON_OPTIONS
	send_vendor_id = yes"
	ROWS=()
	everywhere ah sha1 sha256 sha384 sha512
	ROWS+=('initiator transport6 ah sha256' 'responder transport6 ah sha256'
	    'initiator tunnel6 ah sha256' 'responder tunnel6 ah sha256')
	rows_work
}

# The same, but it does not say so: racoon.conf does.
scene_ah_told()
{
	CHARON_OPTIONS=${CHARON_OPTIONS/yes/no}
	ROWS=('initiator transport ah sha256' 'responder tunnel ah sha512')
	SAINFO='ah_align 32;'
	rows_work
	SAINFO=
}

scene_ipcomp()
{
	ROWS=()
	everywhere ipcomp aes128-sha256-modp2048
	rows_small
}

run_scenes combined others ciphers ah ah_told ipcomp
