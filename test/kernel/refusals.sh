#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a must not agree with strongSwan's charon on b: a pair of addresses
# for each reason and role, a line that tells the operator, and no SA.
#
# A row is REASON ROLE, the role racoon's.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

CHARON_OPTIONS='i_dont_care_about_security_and_use_aggressive_mode_psk = yes
	init_limit_half_open = 0
	retransmit_timeout = 2'
PKI_KINDS=rsa
ROWS=()
PKI_B=$(echo 198.51.100.{10..30})

# how REASON: mode, authentication, certificate, what is wrong
how()
{
	case $1 in
	key) echo aggressive psk - 'a wrong pre-shared key' ;;
	key_main) echo main psk - 'a wrong pre-shared key' ;;
	proposal) echo main psk - 'no proposal in common' ;;
	offer) echo aggressive psk - 'no proposal in common' ;;
	name) echo aggressive psk - 'another identity than expected' ;;
	foreign) echo main rsa foreign 'a certificate of another authority' ;;
	revoked) echo main rsa revoked 'a revoked certificate' ;;
	expired) echo main rsa expired 'an expired certificate' ;;
	subject) echo main rsa rsa 'another subject than expected' ;;
	esac
}

# line REASON ROLE: what racoon says, with the peer's identity if it knows it
line()
{
	case $1/$2 in
	key/initiator) echo 'b.key.example.*pre-shared key' ;;
	key/responder) echo 'b.key.example.*compare the pre-shared keys' ;;
	offer/initiator) echo 'a.example.*NO-PROPOSAL-CHOSEN' ;;
	offer/responder)
		echo 'no suitable proposal found: the peer offers AES-256/SHA512/PSK/MODP2048.*we accept AES-128/SHA256/PSK/MODP2048' ;;
	key_main/*) echo '(pre-shared|PSK)' ;;
	proposal/initiator) echo 'NO-PROPOSAL-CHOSEN' ;;
	proposal/responder)
		echo 'no suitable proposal found: the peer offers AES-256/SHA512/PSK/MODP4096.*we accept AES-128/SHA256/PSK/MODP2048' ;;
	name/*) echo 'b.name.example' ;;
	foreign/*) echo 'CN=b.foreign.*(signature|authorities)' ;;
	revoked/*) echo 'CN=b.revoked.*revoked' ;;
	expired/*) echo 'CN=b.expired.*expired on 2021-01-01' ;;
	subject/*) echo 'No ID match.*CN=b.rsa' ;;
	esac
}

# racoon_row PEER REASON
racoon_row()
{
	local mode auth cert

	read -r mode auth cert _ <<<"$(how "$2")"
	echo "remote $1 {"
	echo "	exchange_mode $mode; lifetime time 24 hour;"
	if [ "$auth" = rsa ]; then
		echo '	certificate_type x509 "a.rsa.crt" "a.rsa.key";'
		echo '	ca_type x509 "ca.crt"; my_identifier asn1dn;'
	elif [ "$mode" = aggressive ]; then
		echo '	my_identifier fqdn "a.example";'
	fi
	case $2 in
	name) echo '	peers_identifier fqdn "friend.example";' ;;
	subject) echo '	peers_identifier asn1dn "O=Test, CN=friend";' ;;
	esac
	echo '	verify_identifier on;'
	cat <<-END
	proposal {
		authentication_method $([ "$auth" = psk ] && echo pre_shared_key || echo rsasig);
		encryption_algorithm aes 128; hash_algorithm sha256;
		dh_group modp2048;
	} }
	END
}

# swan_row NUMBER PEER REASON
swan_row()
{
	local mode auth cert ours="id = $2" theirs="id = $A4" ike=aes128-sha256-modp2048

	read -r mode auth cert _ <<<"$(how "$3")"
	[ "$mode" = main ] || {
		ours="id = fqdn:b.$3.example" theirs='id = fqdn:a.example'
	}
	[ "$auth" = psk ] || {
		auth=pubkey theirs='id = "O=Test, CN=a.rsa"'
		ours="certs = b.$cert.crt
			id = \"O=Test, CN=b.$cert\""
	}
	[ "$3" != proposal ] || ike=aes256-sha512-modp4096
	[ "$3" != offer ] || ike=aes256-sha512-modp2048
	cat <<-END
	c$1 {
		version = 1
		aggressive = $([ "$mode" = main ] && echo no || echo yes)
		local_addrs = $2
		remote_addrs = $A4
		proposals = $ike
		local { auth = $auth
			$ours }
		remote { auth = $auth
			$theirs }
		children { child$1 {
			mode = transport
			esp_proposals = aes128-sha256-modp2048 } }
	}
	END
}

racoon_rows()
{
	local i reason

	echo 'path pre_shared_key "/etc/racoon/psk.txt";'
	echo 'path certificate "/etc/racoon/certs";'
	echo 'timer { interval 2 sec; phase1 8 sec; phase2 8 sec; }'
	for i in "${!ROWS[@]}"; do
		read -r reason _ <<<"${ROWS[i]}"
		racoon_row "$(row_peer "$i")" "$reason"
	done
	cat <<-END
	sainfo anonymous {
		pfs_group modp2048;
		encryption_algorithm aes 128;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
	}
	END
}

swan_rows()
{
	local i reason

	echo 'connections {'
	for i in "${!ROWS[@]}"; do
		read -r reason _ <<<"${ROWS[i]}"
		swan_row "$i" "$(row_peer "$i")" "$reason"
	done
	echo '} secrets {'
	for i in "${!ROWS[@]}"; do
		read -r reason _ <<<"${ROWS[i]}"
		case $reason in key*)
			echo "ike-bad$i { id = $(row_peer "$i")
				secret = \"not the key\" }" ;;
		*) echo "ike-$i { id = $(row_peer "$i")
				secret = \"$KEY\" }" ;;
		esac
	done
	echo "ike-k { id = fqdn:b.key.example
		secret = \"not the key\" }"
	echo "ike-n { id = fqdn:b.name.example
		secret = \"$KEY\" }"
	echo '}'
}

rows_up()
{
	local i peer hash certs=$B/a/etc/racoon/certs

	row_hosts
	pki_make
	pki_make_bad
	pki_install
	hash=$(openssl x509 -noout -hash -in "$PKI/ca.crt")
	cp "$PKI/ca.crl" "$certs/$hash.r0"
	racoon_rows | racoon_conf a
	for i in "${!ROWS[@]}"; do
		peer=$(row_peer "$i")
		psk a "$peer" "$KEY"
		protect $A4 "$peer"
	done | policies a
	psk a b.key.example "$KEY"
	psk a b.name.example "$KEY"
	racoons a || return
	swan_rows | check 'charon starts on b' charon_start b
}

# told PEER PATTERN: racoon says so of this peer
told() { logged a "\\[$1\\] (ERROR|WARNING): .*$2"; }

none_with()
{
	row_has "$1" 0 'auth-trunc|aead' || return
	! logged a "\\[$1\\].*ISAKMP-SA established"
}

# is_refused NUMBER REASON ROLE
is_refused()
{
	local peer

	peer=$(row_peer "$1")
	if [ "$3" = initiator ]; then
		on a ping -n -q -c 1 -W 1 "$peer"
	else
		on b swanctl --initiate --child "child$1" --timeout 2
	fi
	wait_for 4 told "$peer" "$(line "$2" "$3")" && return 0
	grep -F "[$peer]" "$B/a/log/racoon"
	return 1
}

scene_refusals()
{
	local i reason role what mode auth

	ROWS=()
	for reason in ${REASONS-key key_main proposal offer name foreign revoked \
	    expired subject}; do
		ROWS+=("$reason initiator" "$reason responder")
	done
	rows_up || return
	for i in "${!ROWS[@]}"; do
		read -r reason role <<<"${ROWS[i]}"
		read -r mode auth _ what <<<"$(how "$reason")"
		check "racoon $role $mode $auth: a line tells of $what" \
		    is_refused "$i" "$reason" "$role"
		check "racoon $role $mode $auth: no SA with $what" \
		    none_with "$(row_peer "$i")"
	done
}

run_scenes refusals
