#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a with strongSwan's charon on b: what phase 2 can agree on, in both
# roles, transport and tunnel mode.
#
# A row is ROLE MODE PROTOCOL PROPOSAL: racoon's role; charon's words for the
# proposal.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

CHARON_OPTIONS='init_limit_half_open = 0
	retransmit_timeout = 2'
ROWS=()

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
	sha1) echo 'aes|hmac_sha1|hmac\(sha1\).* 96$' ;;
	esac
}

# racoon_sainfo NUMBER ROLE MODE PROTOCOL PROPOSAL
racoon_sainfo()
{
	local ours=$A4 theirs enc auth

	theirs=$(row_peer "$1")
	[ "$3" = transport ] ||
		ours=$(row_ours "$1") theirs=$(row_theirs "$1")
	IFS='|' read -r enc auth _ <<<"$(words "$5")"
	cat <<-END
	sainfo address $ours any address $theirs any {
		lifetime time 8 hour;
		$([[ $5 != *-modp* ]] || echo 'pfs_group modp2048;')
		$([[ $5 != *-esn ]] || echo 'esn on; replay_window 64;')
		encryption_algorithm $enc;
		authentication_algorithm $auth;
		compression_algorithm deflate;
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
	cat <<-END
	c$1 {
		version = 1
		local_addrs = $(row_peer "$1")
		remote_addrs = $A4
		proposals = aes128-sha256-modp2048
		rekey_time = 4h
		local { auth = psk
			id = $(row_peer "$1") }
		remote { auth = psk
			id = $A4 }
		children { child$1 {
			mode = $3
			$proposals = $5
			$([ "$4" != ipcomp ] || echo 'ipcomp = yes')
			$([ "$3" = transport ] ||
			    echo "local_ts = $(row_theirs "$1")/32
			remote_ts = $(row_ours "$1")/32")
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

# row_policy NUMBER ROLE MODE PROTOCOL PROPOSAL
row_policy()
{
	local peer how ours=$A4 theirs out in

	peer=$(row_peer "$1") theirs=$peer
	out=/transport//require in=$out
	if [ "$3" = tunnel ]; then
		ours=$(row_ours "$1") theirs=$(row_theirs "$1")
		out=/tunnel/$A4-$peer/require in=/tunnel/$peer-$A4/require
	fi
	case $4 in
	ipcomp)
		echo "spdadd $ours $theirs any -P out ipsec ipcomp${out/require/use} esp/transport//require;"
		echo "spdadd $theirs $ours any -P in ipsec ipcomp${in/require/use} esp/transport//require;" ;;
	*)
		echo "spdadd $ours $theirs any -P out ipsec $4$out;"
		echo "spdadd $theirs $ours any -P in ipsec $4$in;" ;;
	esac
}

rows_up()
{
	local i r

	row_hosts
	racoon_rows | racoon_conf a
	for i in "${!ROWS[@]}"; do
		psk a "$(row_peer "$i")" "$KEY"
		read -ra r <<<"${ROWS[i]}"
		row_policy "$i" "${r[@]}"
	done | policies a
	racoons a || return
	swan_rows | check 'charon starts on b' charon_start b
}

# comes_up NUMBER ROLE MODE PROTOCOL PROPOSAL: one packet, from who begins,
# later one that is worth compressing
comes_up()
{
	local peer from=a to back pattern

	peer=$(row_peer "$1") to=$peer back=$A4
	[ "$3" = transport ] || to=$(row_theirs "$1") back=$(row_ours "$1")
	IFS='|' read -r _ _ pattern <<<"$(words "$5")"
	if [ "$2" = responder ]; then
		from=b
		on b ping -n -q -c 1 -W 1 -I "$to" "$back"
	else
		on a ping -n -q -c 1 -W 1 "$to"
	fi
	wait_for 10 row_has "$peer" 2 "$pattern" || return 1
	[ "$4" != ipcomp ] || row_has "$peer" 2 'comp deflate' || return 1
	wait_for 5 on a ping -n -q -c 1 -W 1 -s 1000 -p 61 "$to"
}

# rows_work: not the rest where three in a row do not
rows_work()
{
	local i r missed=0

	rows_up || return
	capture_start a
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		if check "racoon ${r[0]} main psk ${r[1]} ${r[2]} ${r[3]}" \
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
	everywhere ah sha1
	# As responder charon answers with ESP and with IPComp and ESP, which is
	# no choice.
	ROWS+=('responder transport ipcomp aes128-sha256-modp2048')
	rows_work
}

run_scenes combined others
