#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon to racoon: every way for two hosts to know each other, and those that
# fail; what phase 2 does with the rarer algorithms.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

PKI_KINDS=rsa
PLAINRSA_GEN=${PLAINRSA_GEN:-plainrsa-gen}
NAMED_A='my_identifier fqdn "a.example"; peers_identifier fqdn "b.example";
	verify_identifier on;'
NAMED_B='my_identifier fqdn "b.example"; peers_identifier fqdn "a.example";
	verify_identifier on;'

# The algorithms of these scenes, before a daemon waits for their modules.
warm_up_more()
{
	local key s='src 192.0.2.1 dst 192.0.2.2 proto esp spi'

	printf -v key '0x%040d' 1
	unshare --net ip -batch - <<-END >"$B/warm" 2>&1
	xfrm state add $s 2001 mode transport aead rfc4106(gcm(aes)) $key 128
	xfrm state add $s 2002 mode transport enc rfc3686(ctr(aes)) $key auth-trunc hmac(sha256) ${key}000000000000000000000000 128
	END
	[ ! -s "$B/warm" ] || note "some algorithms are missing: $(<"$B/warm")"
	[ "$PFKEY" != 1 ] || pfkey_warm
}

# ---- a table: a pair of addresses, and remote blocks, for each row -----------

NET=198.51.100
MODES=() METHODS=() A_LINES=() B_LINES=() SA_LINES=()

table_new() { MODES=() METHODS=() A_LINES=() B_LINES=() SA_LINES=(); }

# row MODE METHOD A-LINES B-LINES [SAINFO-LINES]
row()
{
	MODES+=("$1") METHODS+=("$2") A_LINES+=("$3") B_LINES+=("$4")
	SA_LINES+=("${5:-encryption_algorithm aes;}")
}

# row_of HOST I: sets OWN, PEER and LINES
row_of()
{
	if [ "$1" = a ]; then
		OWN=$NET.1$2 PEER=$NET.2$2 LINES=${A_LINES[$2]}
	else
		OWN=$NET.2$2 PEER=$NET.1$2 LINES=${B_LINES[$2]}
	fi
}

# table_conf HOST
table_conf()
{
	local i

	cat <<-END
	path pre_shared_key "/etc/racoon/psk.txt";
	path certificate "/etc/racoon/certs";
	timer { counter 5; interval 2 sec; phase1 20 sec; phase2 15 sec; }
	END
	for i in "${!MODES[@]}"; do
		row_of "$1" "$i"
		cat <<-END
		remote $PEER {
			exchange_mode ${MODES[i]};
			$LINES
			proposal {
				authentication_method ${METHODS[i]};
				dh_group modp2048;
				encryption_algorithm aes;
				hash_algorithm sha256;
			}
		}
		sainfo address $OWN any address $PEER any {
			pfs_group modp2048;
			lifetime time 1 hour;
			authentication_algorithm ${P2_AUTH:-hmac_sha256};
			compression_algorithm deflate;
			${SA_LINES[i]}
		}
		END
	done
}

# Each address of the one talks from its own to that of the other.
table_addresses()
{
	local i

	for i in "${!MODES[@]}"; do
		row_of "$1" "$i"
		echo "addr add $OWN/32 dev eth0"
		echo "route add $PEER/32 dev eth0 src $OWN"
	done | on "$1" ip -batch -
}

table_policies()
{
	local i

	for i in "${!MODES[@]}"; do
		row_of "$1" "$i"
		protect "$OWN" "$PEER"
	done | policies "$1"
}

table_hosts()
{
	local h

	host_new a b
	attach a $A4/24
	attach b $B4/24
	for h in a b; do
		table_addresses $h
		mkdir -p "$B/$h/etc/racoon/certs"
		table_policies $h
	done
}

table_start()
{
	table_conf a | racoon_conf a
	table_conf b | racoon_conf b
	racoons a b || return
}

# row_up I [HOST]: SAs of both directions
row_up()
{
	local h=${2:-a} n

	n=$({ on $h ip xfrm state list src "$NET.1$1" dst "$NET.2$1"
	    on $h ip xfrm state list src "$NET.2$1" dst "$NET.1$1"; } |
	    grep -cE '(auth-trunc|aead)')
	[ "$n" -eq 2 ]
}

# row_passes I: the first packet has been sent
row_passes()
{
	wait_for 15 row_up "$1" && wait_for 5 row_up "$1" b &&
	    udp_through a "$NET.2$1"
}

touch_all()
{
	local i to=()

	for i in "${!MODES[@]}"; do
		to+=("$NET.2$i")
	done
	on a "$TRAFFIC" touch "${to[@]}"
}

# exchanges I ETYPE: phase 1 was of this type and no other
exchanges()
{
	local ike="host $NET.2$1 and udp port 500 and udp[26] != 5 and udp[26] != 32"
	local n other

	n=$(captured a "$ike and udp[26] = $2")
	other=$(captured a "$ike and udp[26] != $2")
	echo "$n messages of type $2, $other of others"
	[ "$n" -ge 3 ] && [ "$other" -eq 0 ]
}

# ---- certificates -------------------------------------------------------------

# An authority that keeps books, so that it can issue what has expired and
# revoke; `other' is one that nobody trusts.
pki_books()
{
	[ ! -e "$PKI/books" ] || return 0
	mkdir -p "$PKI"
	pki_make
	cat >>"$PKI/conf" <<-END
	[books]
	database = $PKI/books
	new_certs_dir = $PKI
	certificate = $PKI/ca.crt
	private_key = $PKI/ca.key
	rand_serial = yes
	unique_subject = no
	default_md = sha256
	default_crl_days = 30
	policy = names
	[names]
	O = supplied
	CN = supplied
	END
	: >"$PKI/books"
	export SAN=DNS:a.example
	openssl req -new -x509 -config "$PKI/conf" -extensions ca \
	    -key "$PKI/a.rsa.key" -subj '/O=Other/CN=CA' -days 30 \
	    -out "$PKI/other.crt"
	openssl req -new -x509 -config "$PKI/conf" -extensions host \
	    -CA "$PKI/other.crt" -CAkey "$PKI/a.rsa.key" \
	    -key "$PKI/a.rsa.key" -subj '/O=Test/CN=stranger' -days 30 \
	    -out "$PKI/stranger.crt"
	pki_issue expired -startdate 20200101000000Z -enddate 20200201000000Z
	pki_issue revoked -days 30
	openssl ca -config "$PKI/conf" -name books -revoke "$PKI/revoked.crt"
	openssl ca -config "$PKI/conf" -name books -gencrl -out "$PKI/crl"
}

# pki_issue NAME OPTION...: for a's key
pki_issue()
{
	openssl req -new -config "$PKI/conf" -key "$PKI/a.rsa.key" \
	    -subj "/O=Test/CN=$1" -out "$PKI/$1.req" &&
	    openssl ca -config "$PKI/conf" -name books -batch -notext \
		-extensions host -in "$PKI/$1.req" -out "$PKI/$1.crt" "${@:2}"
}

# certs HOST FILE...: into `path certificate', where ca.crt and what it revoked
# have the names that openssl rehash would give them.
certs()
{
	local h=$1 dir=$B/$1/etc/racoon/certs f
	shift

	mkdir -p "$dir"
	for f; do
		cp "$PKI/$f" "$dir/"
	done
	[ -n "${CA_HASH:-}" ] ||
		CA_HASH=$(openssl x509 -in "$PKI/ca.crt" -noout -hash)
	cp "$PKI/ca.crt" "$dir/$CA_HASH.0"
	[ ! -e "$PKI/crl" ] || cp "$PKI/crl" "$dir/$CA_HASH.r0"
	chmod 600 "$dir"/*.key
}

# own_cert NAME: lines of a remote block on a
own_cert() { echo "certificate_type x509 \"$1.crt\" \"a.rsa.key\";"; }

CERT_A='my_identifier asn1dn; verify_identifier on;
	peers_identifier asn1dn "O=Test, CN=b.rsa";'
CERT_B='my_identifier asn1dn; verify_identifier on;
	certificate_type x509 "b.rsa.crt" "b.rsa.key";'
KNOWN_A='peers_identifier asn1dn "O=Test, CN=a.rsa";'

# plain_keys: of a, b and a third, which is nobody's
plain_keys()
{
	local h to

	for h in a b c; do
		"$PLAINRSA_GEN" -b 2048 -f "$PKI/$h.plain" || return 1
		sed -n 's/^# : PUB/: PUB/p' "$PKI/$h.plain" >"$PKI/$h.pub"
	done
	for h in a b; do
		to=$B/$h/etc/racoon/certs
		cp "$PKI/$h.plain" "$PKI"/?.pub "$to/"
		chmod 600 "$to/$h.plain"
	done
}

plain()
{
	echo "certificate_type plain_rsa \"$1.plain\"; peers_certfile plain_rsa \"$2.pub\";"
}

# known NAME: none is sent, it is there already
known() { echo "send_cert off; send_cr off; peers_certfile x509 \"$1.rsa.crt\";"; }

# Everything that is to work, at once: one start of two daemons.
scene_modes()
{
	local i names etype=(4 1 2 2 4 1 2 4 2)

	pki_books >>"$B/pki.log" 2>&1
	table_new
	row aggressive pre_shared_key "$NAMED_A" "$NAMED_B"
	row base pre_shared_key "$NAMED_A" "$NAMED_B"
	row main pre_shared_key '' ''
	for i in main aggressive base; do
		row $i rsasig "$(own_cert a.rsa) $CERT_A" "$CERT_B $KNOWN_A"
	done
	row main rsasig "$(plain a b)" "$(plain b a)"
	row aggressive rsasig "$(plain a b) $NAMED_A" "$(plain b a) $NAMED_B"
	row main rsasig "$(own_cert a.rsa) $CERT_A $(known b)" \
	    "$CERT_B $KNOWN_A $(known a)"
	names=('aggressive mode, pre_shared_key, fqdn'
	    'base mode, pre_shared_key, fqdn'
	    'main mode, pre_shared_key, address, the key for *'
	    'main mode, rsasig with X.509, asn1dn'
	    'aggressive mode, rsasig with X.509, asn1dn'
	    'base mode, rsasig with X.509, asn1dn'
	    'main mode, rsasig with plain RSA keys, address'
	    'aggressive mode, rsasig with plain RSA keys, fqdn'
	    'main mode, rsasig with the certificates in files')
	table_hosts
	psk a b.example "$KEY"
	psk b a.example "$KEY"
	psk a $NET.22 'the key of everybody else'
	psk b '*' 'the key of everybody else'
	certs a a.rsa.crt a.rsa.key b.rsa.crt
	certs b b.rsa.crt b.rsa.key a.rsa.crt
	check 'plainrsa-gen makes keys' plain_keys
	table_start || return
	serve b
	capture_start a
	touch_all
	for i in "${!names[@]}"; do
		check "racoon with racoon, ${names[i]}: traffic" row_passes "$i"
	done
	capture_stop a
	for i in "${!names[@]}"; do
		check "${names[i]}: just that exchange" exchanges "$i" "${etype[i]}"
	done
	check 'only ESP on the wire' only_esp a
}

# What is not to work, beside one that does.
scene_refusals()
{
	local good

	pki_books >>"$B/pki.log" 2>&1
	good=$(own_cert a.rsa)
	table_new
	row main rsasig "$good $CERT_A" "$CERT_B $KNOWN_A"
	row main rsasig "$(own_cert stranger) $CERT_A" \
	    "$CERT_B peers_identifier asn1dn;"
	row main rsasig "$(own_cert expired) $CERT_A" \
	    "$CERT_B peers_identifier asn1dn;"
	row main rsasig "$(own_cert revoked) $CERT_A" \
	    "$CERT_B peers_identifier asn1dn;"
	row main rsasig "$good my_identifier fqdn \"liar.example\";" \
	    "$CERT_B peers_identifier asn1dn;"
	row main rsasig "$good $CERT_A" \
	    "$CERT_B peers_identifier asn1dn \"O=Test, CN=somebody\";"
	row main rsasig "$good $CERT_A ca_type x509 \"other.crt\";" \
	    "$CERT_B $KNOWN_A"
	row aggressive rsasig "$(plain a b) $NAMED_A" "$(plain b c) $NAMED_B"
	row aggressive pre_shared_key "$NAMED_A my_identifier fqdn \"c.example\";" \
	    "$NAMED_B"
	table_hosts
	psk a b.example "$KEY"
	psk b a.example "$KEY"
	psk b c.example "$KEY"
	certs a a.rsa.crt a.rsa.key stranger.crt expired.crt revoked.crt \
	    other.crt
	certs b b.rsa.crt b.rsa.key
	[ -e "$PKI/c.pub" ] && cp "$PKI"/*.plain "$PKI"/*.pub \
	    "$B/a/etc/racoon/certs/" && cp "$PKI"/*.plain "$PKI"/*.pub \
	    "$B/b/etc/racoon/certs/" || plain_keys
	table_start || return
	serve b
	capture_start a
	touch_all
	check 'racoon with racoon, main mode, rsasig, a list of what is revoked: traffic' \
	    row_passes 0
	refused b 1 'an authority that is not trusted' \
	    'CN=stranger.*its issuer .*O=Other.* is not among the trusted'
	refused b 2 'a certificate of the past' \
	    'CN=expired.*it has expired on 2020-02-01'
	refused b 3 'a revoked certificate' 'CN=revoked.*it has been revoked'
	refused b 4 'an identity that is not in the certificate' \
	    'says it is .*liar\.example.*certificate does not say'
	refused b 5 'another subject than peers_identifier' \
	    'No ID match: the peer says .*CN=a\.rsa'
	refused a 6 'an authority that is not ca_type' \
	    'CN=b\.rsa.*its issuer .*O=Test.* is not among the trusted'
	refused b 7 'another plain RSA key' \
	    'does not match any key of peers_certfile'
	refused b 8 'another identity, aggressive mode, pre_shared_key' \
	    'c\.example'
	capture_stop a
	check 'none of them has SAs' sa_is a 2
	check 'neither here nor there' sa_is b 2
	check 'and nothing goes in the clear' only_esp a
}

# refused HOST I TEXT PATTERN: its log says why
refused()
{
	row_of "$1" "$2"
	check "refused: $3, $(short "$1")" wait_log "$1" \
	    "\\[$PEER.*ERROR: .*$4"
}

short() { [ "$1" = b ] && echo responder || echo initiator; }

# Both sides' lists, and where they part.
scene_no_proposal()
{
	pair
	P1_ENC=3des P1_HASH=sha1 P1_GROUP=modp1024 conf a
	P1_ENC='aes 256' P1_HASH=sha1 P1_GROUP=modp1024 conf b
	keys a b
	transport4
	racoons a b || return
	on a "$TRAFFIC" touch $B4
	check 'b says that no proposal is suitable' wait_log b \
	    "$A4.*ERROR: no suitable proposal found"
	check 'with both lists' logged b \
	    'the peer offers .*3DES.*; we accept .*AES.*256.*racoon.conf:[0-9]+'
	check 'and the first attribute that differs' logged b \
	    "nearest are the peer's 1\\. and our 1\\.: encryption_algorithm is 3DES, ours is AES, and more"
	check 'a hears of it' wait_log a "$B4.*NO-PROPOSAL-CHOSEN"
	check 'no SA' sa_is a 0
}

# ---- phase 2 ------------------------------------------------------------------

scene_algorithms()
{
	local i names

	table_new
	row main pre_shared_key '' '' 'encryption_algorithm aes_gcm_16 128;'
	row main pre_shared_key '' '' 'encryption_algorithm aes_gcm_16 256;'
	row main pre_shared_key '' '' 'encryption_algorithm aes_ctr 128;'
	row main pre_shared_key '' '' \
	    'encryption_algorithm aes; esn on; replay_window 128;'
	names=('AES-GCM' 'AES-GCM with 256 bits' 'AES-CTR'
	    'extended sequence numbers, a window of 128')
	table_hosts
	psk a '*' "$KEY"
	psk b '*' "$KEY"
	table_start || return
	serve b
	capture_start a
	touch_all
	for i in "${!names[@]}"; do
		check "racoon with racoon, ${names[i]}: traffic" row_passes "$i"
	done
	capture_stop a
	check 'only ESP on the wire' only_esp a
	row_has 0 'rfc4106(gcm(aes)) 0x[0-9a-f]{40} 128'
	row_has 1 'rfc4106(gcm(aes)) 0x[0-9a-f]{72} 128'
	row_has 2 'rfc3686(ctr(aes)) 0x[0-9a-f]{40}'
	row_has 3 'flag .*esn'
	row_has 3 'replay_window 128'
}

# row_has I WORDS: both SAs of it, on both hosts
row_has()
{
	check "the kernel has $2" row_states "$1" "${2//[()]/.}"
}

row_states()
{
	local h

	for h in a b; do
		[ "$({ on $h ip xfrm state list src "$NET.1$1" dst "$NET.2$1"
		    on $h ip xfrm state list src "$NET.2$1" dst "$NET.1$1"; } |
		    tee /dev/stderr | grep -cE "$2")" -eq 2 ] || return 1
	done
}

# ---- hooks --------------------------------------------------------------------

hook_files()
{
	local h f

	for h in a b; do
		f=$B/$h/etc/racoon/scripts
		mkdir -p "$f"
		put "$f/tell" <<-'END'
		#!/bin/sh
		/usr/bin/env >"/run/hook.$1"
		END
		chmod 755 "$f/tell"
	done
}

# hook_said HOST WORD PATTERN...: the environment of that script
hook_said()
{
	local file=$B/$1/run/hook.$2 pattern
	shift 2

	cat "$file" || return 1
	for pattern; do
		grep -qxE "$pattern" "$file" || {
			echo "no line like $pattern"
			return 1
		}
	done
}

scene_hooks()
{
	local lines='script "tell" phase1_up; script "tell" phase1_down;
	    script "tell" phase1_dead;'
	local cookie='IKE_COOKIE=[0-9a-f]{16}:[0-9a-f]{16}'

	pair
	hook_files
	CONF_TOP='path script "/etc/racoon/scripts";' both "$lines"
	sed -i 's/counter 5/counter 2/' "$B/a/etc/racoon/racoon.conf"
	{ protect $A4 $B4; protect $A4 192.0.2.77; } | policies a
	protect $B4 $A4 | policies b
	racoons a b || return
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	check 'phase1_up on a knows both ends, the identity, the cookies' \
	    wait_for 5 hook_said a phase1_up "LOCAL_ADDR=$A4" LOCAL_PORT=500 \
	    "REMOTE_ADDR=$B4" REMOTE_PORT=500 "REMOTE_ID=.*$B4.*" "$cookie" \
	    INTERNAL_CIDR4=0
	check 'phase1_up on b' wait_for 5 hook_said b phase1_up \
	    "LOCAL_ADDR=$B4" "REMOTE_ADDR=$A4" "REMOTE_ID=.*$A4.*" "$cookie"
	check 'none is dead or down' \
	    refuses grep -q . "$B"/[ab]/run/hook.phase1_d*
	psk a 192.0.2.77 "$KEY"
	on a "$TRAFFIC" touch 192.0.2.77
	check 'phase1_dead for a peer that does not answer' wait_for 10 \
	    hook_said a phase1_dead REMOTE_ADDR=192.0.2.77 "LOCAL_ADDR=$A4"
	check 'racoon on a stops' racoon_stop a
	check 'phase1_down on a' hook_said a phase1_down "REMOTE_ADDR=$B4" \
	    "$cookie"
	check 'phase1_down on b, which was told' wait_for 5 hook_said b \
	    phase1_down "REMOTE_ADDR=$A4" "$cookie"
}

# ---- fragments ----------------------------------------------------------------

# long_certs: root, authority and hosts with 4096 bits
long_certs()
{
	local h f=$PKI/long

	SAN=DNS:x openssl req -new -x509 -newkey rsa:4096 -nodes \
	    -config "$PKI/conf" -extensions ca -subj '/O=Test/CN=Below' \
	    -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -days 30 \
	    -keyout "$f.key" -out "$f.crt" || return 1
	for h in a b; do
		SAN=DNS:$h.example openssl req -new -x509 -newkey rsa:4096 \
		    -nodes -config "$PKI/conf" -extensions host \
		    -subj "/O=Test/CN=long $h" -CA "$f.crt" -CAkey "$f.key" \
		    -days 30 -keyout "$f.$h.key" -out "$f.$h.crt" || return 1
	done
	LONG_HASH=$(openssl x509 -in "$f.crt" -noout -hash)
}

# a (10.9.0.2) - n - switch - b, 1280 bytes wide; n drops what is a fragment.
narrow_path()
{
	host_new a b n
	attach b $B4/24
	attach n $NAT4/24
	wire a eth0 n eth1
	on a ip -batch - <<-END
	addr add 10.9.0.2/24 dev eth0
	link set eth0 mtu 1280
	route add default via 10.9.0.1
	END
	on n ip -batch - <<-END
	addr add 10.9.0.1/24 dev eth1
	link set eth1 mtu 1280
	link set eth0 mtu 1280
	END
	on b ip -batch - <<-END
	link set eth0 mtu 1280
	route add 10.9.0.0/24 via $NAT4
	END
	forwards n
	on n iptables-legacy -A FORWARD -f -j DROP
}

scene_fragments()
{
	local h lines='ike_frag force; my_identifier asn1dn; verify_identifier on;'

	pki_books >>"$B/pki.log" 2>&1
	check 'a chain of certificates with 4096 bits' long_certs
	narrow_path
	for h in a b; do
		certs $h long.$h.crt long.$h.key
		cp "$PKI/long.crt" "$B/$h/etc/racoon/certs/$LONG_HASH.0"
		[ $h = a ] && peer=b || peer=a
		CONF_TOP='path certificate "/etc/racoon/certs";' \
		    P1_METHOD=rsasig conf $h "$lines
		    certificate_type x509 \"long.$h.crt\" \"long.$h.key\";
		    peers_identifier asn1dn \"O=Test, CN=long $peer\";"
	done
	protect 10.9.0.2 $B4 | policies a
	protect $B4 10.9.0.2 | policies b
	check 'the path drops fragments of IP' dropped_fragment
	racoons a b || return
	serve b
	capture_start b
	check 'racoon with racoon, main mode, rsasig, a chain of 4096 bits, ike_frag force: SAs come up' \
	    first_packet a $B4
	check 'UDP' udp a $B4
	capture_stop b
	check 'the messages came in fragments of IKE, both ways' both_cut
	check 'and no datagram was too long' test "$(captured b \
	    'ip[6:2] & 0x3fff != 0')" -eq 0
}

# A reply of 2000 bytes never comes back.
dropped_fragment()
{
	on a ip xfrm policy flush
	on b ip xfrm policy flush
	on a ping -n -q -c 1 -W 2 $B4 >/dev/null || return 1
	! on a ping -n -q -c 1 -W 1 -s 2000 $B4 || return 1
	on a "$SETKEY" -f /etc/ipsec-tools.conf
	on b "$SETKEY" -f /etc/ipsec-tools.conf
}

# 132: the payload of fragments.
both_cut()
{
	local out in

	out=$(captured b "src $B4 and udp port 500 and udp[24] = 132")
	in=$(captured b "dst $B4 and udp port 500 and udp[24] = 132")
	echo "$in fragments to b, $out from it"
	[ "$in" -ge 3 ] && [ "$out" -ge 3 ]
}

# ---- over PF_KEY --------------------------------------------------------------

# What PF_KEY has no words for is refused in words, and not negotiated.
scene_pfkey_refuses()
{
	export IPSEC_BACKEND=pfkey
	P2_AUTH=hmac_sha1
	table_new
	row main pre_shared_key '' '' 'encryption_algorithm aes_gcm_16, aes;'
	row main pre_shared_key '' '' \
	    'encryption_algorithm aes; esn on; replay_window 128;'
	table_hosts
	psk a '*' "$KEY"
	psk b '*' "$KEY"
	table_start || return
	unset IPSEC_BACKEND P2_AUTH
	serve b
	check 'AES-GCM is refused with a reason' logged a \
	    'racoon.conf:[0-9]+: "aes_gcm_16" is neither offered nor accepted: .*PF_KEY'
	check 'so are extended sequence numbers' logged a \
	    'racoon.conf:[0-9]+: esn is neither offered nor accepted: PF_KEY'
	check 'the window is cut to 32' logged a \
	    'racoon.conf:[0-9]+: replay_window is 32: PF_KEY'
	touch_all
	check 'the other cipher of the list: traffic' row_passes 0
	check 'sequence numbers of 32 bits: traffic' row_passes 1
	row_has 0 'cbc(aes)'
	row_has 1 'replay-window 32'
}

run_scenes modes refusals no_proposal algorithms hooks fragments
