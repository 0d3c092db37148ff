#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a with strongSwan's charon on b: one pair of addresses for each
# row of a table, so that each daemon starts once for many combinations.
#
# A row is ROLE MODE AUTH ID CIPHER HASH GROUP: racoon's role; the identities
# (addr, fqdn, user, keyid, dn); charon's words for algorithms.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

CHARON_OPTIONS='i_dont_care_about_security_and_use_aggressive_mode_psk = yes
	max_packet = 30000
	init_limit_half_open = 0
	retransmit_timeout = 2'

ROWS=()
PKI_B=$(echo 198.51.100.{10..60})

# For racoon.conf: method, cipher with length, hash
racoon_method()
{
	case $1 in
	psk) echo pre_shared_key ;;
	rsa*) echo rsasig ;;
	*) echo "$1" ;;
	esac
}

racoon_cipher()
{
	case $1 in
	aes*) echo "aes ${1#aes}" ;;
	camellia*) echo "camellia ${1#camellia}" ;;
	blowfish*) echo "blowfish ${1#blowfish}" ;;
	*) echo "$1" ;;
	esac
}

# racoon_id OWN|PEERS KIND NAME
racoon_id()
{
	local what=$1_identifier name=$3.example

	case $2 in
	addr) echo "$what address;" ;;
	fqdn) echo "$what fqdn \"$name\";" ;;
	user) echo "$what user_fqdn \"${3}@example\";" ;;
	keyid) echo "$what keyid tag \"key-of-$3\";" ;;
	dn) echo "$what asn1dn$([ "$1" = my ] || echo " \"$(dn_of "$3" "$4")\"");" ;;
	esac
}

# swan_id KIND NAME ADDRESS AUTH
swan_id()
{
	case $1 in
	addr) echo "$3" ;;
	fqdn) echo "fqdn:$2.example" ;;
	user) echo "email:$2@example" ;;
	keyid) echo "keyid:key-of-$2" ;;
	dn) echo "\"$(dn_of "$2" "$4")\"" ;;
	esac
}

dn_of() { echo "O=Test, CN=$1.$2"; }

# racoon_row PEER ROLE MODE AUTH ID CIPHER HASH GROUP
racoon_row()
{
	cat <<-END
	remote $1 {
		exchange_mode $3;
		lifetime time 24 hour;
		$(racoon_id my "$5" a "$4")
		$(racoon_id peers "$5" b "$4")
		verify_identifier on;
		${REMOTE_LINES:-}
		$([ "$4" = psk ] || cat <<-X
		certificate_type x509 "a.$4.crt" "a.$4.key";
		ca_type x509 "ca.crt";
		X
		)
		proposal {
			authentication_method $(racoon_method "$4");
			encryption_algorithm $(racoon_cipher "$6");
			hash_algorithm $7;
			dh_group $8;
		}
	}
	END
}

# swan_row NUMBER PEER ROLE MODE AUTH ID CIPHER HASH GROUP
swan_row()
{
	local auth='auth = psk' aggressive=no

	[ "$5" = psk ] || auth="auth = pubkey
			certs = b.$5.crt"
	[ "$4" = main ] || aggressive=yes
	cat <<-END
	c$1 {
		version = 1
		aggressive = $aggressive
		local_addrs = $2
		remote_addrs = $A4
		proposals = $7-$8-$9
		rekey_time = 4h
		${SWAN_LINES:-}
		local { $auth
			id = $(swan_id "$6" b "$2" "$5") }
		remote { ${auth%%certs*}
			id = $(swan_id "$6" a "$A4" "$5") }
		children { child$1 {
			mode = transport
			esp_proposals = aes128-sha256-${P2_GROUP:-modp2048}
			start_action = trap } }
	}
	END
}

# racoon_matrix and swan_matrix: the files, from ROWS
racoon_matrix()
{
	local i r

	echo 'path pre_shared_key "/etc/racoon/psk.txt";'
	echo 'path certificate "/etc/racoon/certs";'
	echo 'timer { interval 2 sec; phase1 20 sec; phase2 15 sec; }'
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		racoon_row "$(row_peer "$i")" "${r[@]}"
	done
	cat <<-END
	sainfo anonymous {
		pfs_group ${P2_GROUP:-modp2048};
		lifetime time 8 hour;
		encryption_algorithm aes;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
	}
	END
}

swan_matrix()
{
	local i r id

	echo 'connections {'
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		swan_row "$i" "$(row_peer "$i")" "${r[@]}"
	done
	echo '} secrets {'
	for id in "$A4" fqdn:a.example email:a@example \
	    "$(swan_id keyid a)"; do
		echo "ike$((n += 1)) { id = $id
			secret = \"$KEY\" }"
	done
	echo '}'
}

# matrix_hosts: daemons with the files of ROWS
matrix_hosts()
{
	local i n=0 peer

	host_new a b
	attach a $A4/24
	attach b $B4/24
	for i in "${!ROWS[@]}"; do
		echo "addr add $(row_peer "$i")/32 dev eth0"
	done | on b ip -batch -
	on a ip route add 198.51.100.0/24 dev eth0
	pki_install
	racoon_matrix | racoon_conf a
	for i in "${!ROWS[@]}"; do
		peer=$(row_peer "$i")
		psk a "$peer" "$KEY"
		protect $A4 "$peer"
	done | policies a
	for peer in b.example b@example key-of-b; do
		psk a "$peer" "$KEY"
	done
	racoons a || return
	swan_matrix | check 'charon starts on b' charon_start b
}

# pair_is PEER COUNT: so many SAs between a and PEER on both hosts
pair_is()
{
	local h n

	for h in a b; do
		n=$({ on $h ip xfrm state list src $A4 dst "$1"
		    on $h ip xfrm state list src "$1" dst $A4; } |
		    grep -c 'auth-trunc')
		[ "$n" -eq "$2" ] || return 1
	done
}

# comes_up NUMBER ROLE: one packet, from the one that begins
comes_up()
{
	local peer from=a to opt=

	peer=$(row_peer "$1") to=$peer
	if [ "$2" = responder ]; then
		from=b to=$A4 opt="-I $peer"
	fi
	# shellcheck disable=SC2086
	on $from ping -n -q -c 1 -W 1 $opt "$to"
	wait_for 10 pair_is "$peer" 2 || return 1
	# shellcheck disable=SC2086
	wait_for 5 on $from ping -n -q -c 1 -W 1 $opt "$to"
}

matrix()
{
	local i r

	matrix_hosts || return
	! declare -F path_more >/dev/null || path_more
	capture_start a
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		check "${ROWS[i]}" comes_up "$i" "${r[0]}"
	done
	capture_stop a
	check 'only ESP on the wire' only_esp a
}

both_roles()
{
	ROWS+=("initiator $*" "responder $*")
}

scene_groups()
{
	local g

	ROWS=()
	for g in modp1024 modp1536 modp2048 modp3072 modp4096 modp6144 \
	    modp8192 $(curves) modp1024s160 modp2048s224 modp2048s256; do
		both_roles main psk addr aes128 sha256 "$g"
	done
	matrix
}

curves() { echo "${EC_GROUPS-ecp256 ecp384 ecp521 curve25519}"; }

# Every group with each kind of signature and in both modes.
scene_groups_signed()
{
	local g

	ROWS=()
	for g in modp1024 modp1536 modp4096 modp6144 modp8192 $(curves); do
		ROWS+=("initiator main rsa dn aes128 sha256 $g"
		    "responder aggressive ecdsa256 dn aes128 sha256 $g")
	done
	matrix
}

scene_algorithms()
{
	local c h

	ROWS=()
	for c in aes128 aes192 aes256 3des camellia128 camellia192 \
	    camellia256 blowfish128 blowfish192 blowfish256 cast128 des; do
		both_roles main psk addr $c sha1 modp2048
	done
	for h in md5 sha1 sha256 sha384 sha512; do
		both_roles main psk addr aes256 $h modp2048
	done
	matrix
}

scene_aggressive()
{
	local g id

	ROWS=()
	for id in addr fqdn user keyid; do
		both_roles aggressive psk $id aes128 sha256 modp2048
	done
	for g in modp1024 modp1536 modp3072 modp4096 modp6144 modp8192 \
	    $(curves); do
		both_roles aggressive psk fqdn aes256 sha512 "$g"
	done
	matrix
}

scene_signatures()
{
	local mode id

	ROWS=()
	for mode in main aggressive; do
		for id in dn fqdn user addr; do
			both_roles $mode rsa $id aes128 sha256 modp2048
		done
		for auth in ecdsa256 ecdsa384 ecdsa521; do
			both_roles $mode $auth dn aes256 sha384 modp3072
		done
	done
	matrix
}

# A path that drops fragments of IP, which 4096 bits need unless IKE cuts its
# messages itself.
narrow()
{
	local h

	for h in a b; do
		on $h ip link set eth0 mtu 1280
		on $h iptables-legacy -t raw -A PREROUTING -f -j DROP
	done
	check 'fragments of IP do not pass' refuses \
	    on a ping -n -q -c 1 -W 1 -s 2000 $B4
}

scene_fragments()
{
	local REMOTE_LINES='ike_frag on;' P2_GROUP=modp4096 mode

	pki_make
	{
		# which a knows nothing of: charon sends it, too
		PKI_BITS=4096 pki_below below
		pki_host a rsa4096 "$A4"
		PKI_CA=below pki_host b rsa4096 "$B4 $PKI_B"
	} >>"$PKI/log" 2>&1
	ROWS=()
	for mode in main aggressive; do
		both_roles $mode rsa4096 dn aes128 sha256 modp2048
	done
	path_more() { narrow; }
	SWAN_LINES='fragmentation = yes' matrix
	ROWS=()
	daemons_clean
	scene fragments_forced
	both_roles main rsa4096 dn aes128 sha256 modp2048
	REMOTE_LINES='ike_frag force;' SWAN_LINES='fragmentation = force' matrix
	unset -f path_more
}

# Each has its certificate from an authority of its own, which the other learns
# of by being sent its certificate: both know the root only.
chains_make()
{
	pki_make
	pki_below below-a && pki_below b.below &&
	    PKI_KEY=rsa PKI_CA=below-a pki_host a rsachain "$A4" &&
	    PKI_KEY=rsa PKI_CA=b.below pki_host b rsachain "$B4 $PKI_B" &&
	    cp "$PKI/a.rsachain.crt" "$PKI/a.rsaleaf.crt" &&
	    cp "$PKI/a.rsachain.key" "$PKI/a.rsaleaf.key" &&
	    cp "$PKI/b.rsachain.crt" "$PKI/b.rsaleaf.crt" &&
	    cat "$PKI/below-a.crt" "$PKI/ca.crt" >>"$PKI/a.rsachain.crt"
}

scene_chains()
{
	local alone

	check 'authorities below the CA' chains_make
	ROWS=()
	both_roles main rsachain dn aes128 sha256 modp2048
	both_roles aggressive rsachain dn aes128 sha256 modp2048
	matrix
	check 'racoon sends its certificate and that of its authority' \
	    logged b 'received end entity cert "O=Test, CN=a.rsachain"' charon
	check 'but not the root' refuses \
	    logged b 'received issuer cert "O=Test, CN=CA"' charon
	daemons_clean
	scene chain_cut
	ROWS=('initiator main rsaleaf fqdn aes128 sha256 modp2048')
	matrix_hosts || return
	alone=$(row_peer 0)
	on a "$TRAFFIC" touch "$alone"
	check 'without it charon does not believe' \
	    wait_log b 'no issuer certificate found' 15 charon
	check 'and there is no SA' pair_is "$alone" 0
	check 'racoon says whom it said it is, and where to look' wait_log a \
	    "\\[$alone\\] ERROR: .*to which we say we are a\\.example, .*authority of our certificate" 20
}

run_scenes groups groups_signed algorithms aggressive signatures fragments chains
