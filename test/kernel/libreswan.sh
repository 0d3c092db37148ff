#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a with Libreswan's pluto on b: one pair of addresses for each row
# of a table, so that each daemon starts once for many combinations.
#
# A row is ROLE MODE AUTH KIND GROUP: racoon's role; KIND is transport or
# tunnel; GROUP is that of PFS or none.  PROTO is esp or ah.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

ROWS=()
PROTO=esp
PKI_KINDS=rsa
# pluto writes the names of ipsec.conf so
PKI_STRINGS=nombstr

# racoon_row PEER ROLE MODE AUTH KIND GROUP
racoon_row()
{
	local auth=pre_shared_key

	[ "$4" = psk ] || auth=rsasig
	cat <<-END
	remote $1 {
		exchange_mode $3;
		lifetime time 24 hour;
		${REMOTE_LINES:-}
		$([ "$4" = psk ] || cat <<-X
		certificate_type x509 "a.rsa.crt" "a.rsa.key";
		ca_type x509 "ca.crt";
		my_identifier asn1dn;
		peers_identifier asn1dn "O=Test, CN=b.rsa";
		verify_identifier on;
		X
		)
		proposal {
			authentication_method $auth;
			encryption_algorithm aes 128;
			hash_algorithm sha256;
			dh_group modp2048;
		}
	}
	END
}

# racoon_sainfo OURS THEIRS GROUP
racoon_sainfo()
{
	cat <<-END
	sainfo address $1 any address $2 any {
		$([ "$3" = none ] || echo "pfs_group $3;")
		lifetime time ${P2_TIME:-8 hour};
		encryption_algorithm aes 128;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
		$([ $PROTO = esp ] || echo 'ah_align 32;')
	}
	END
}

# pluto_row NUMBER PEER ROLE MODE AUTH KIND GROUP
pluto_row()
{
	local aggressive=no pfs=yes alg=aes128-sha2_256

	[ $PROTO = esp ] || alg=sha2_256
	[ "$4" = main ] || aggressive=yes
	[ "$7" != none ] || pfs=no
	echo "conn c$1"
	sed 's/^/	/' <<-END
	ikev2=no
	aggressive=$aggressive
	left=$2
	right=${PLUTO_RIGHT:-$A4}
	type=$6
	ike=aes128-sha2_256;modp2048
	phase2=$PROTO
	phase2alg=$alg$([ $pfs = no ] || echo ";$7")
	pfs=$pfs
	leftupdown=%disabled
	ikelifetime=8h
	salifetime=4h
	retransmit-interval=1000
	auto=add
	END
	if [ "$5" = psk ]; then
		printf '\tauthby=secret\n'
	else
		printf '\t%s\n' authby=rsasig leftcert=b.rsa \
		    'leftid="O=Test, CN=b.rsa"' 'rightid="O=Test, CN=a.rsa"' \
		    'rightca=%same'
	fi
	[ "$6" = transport ] || printf '\t%s\n' "leftsubnet=$(row_theirs "$1")/32" \
	    "rightsubnet=$(row_ours "$1")/32"
}

pluto_matrix()
{
	local i r

	echo 'config setup'
	printf '\t%s\n' ikev1-policy=accept uniqueids=no
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		pluto_row "$i" "$(row_peer "$i")" "${r[@]}"
	done
}

racoon_matrix()
{
	local i r peer

	echo 'path pre_shared_key "/etc/racoon/psk.txt";'
	echo 'path certificate "/etc/racoon/certs";'
	echo 'timer { interval 2 sec; phase1 20 sec; phase2 15 sec; }'
	echo 'on_stop flush;'
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		peer=$(row_peer "$i")
		racoon_row "$peer" "${r[@]}"
		if [ "${r[3]}" = transport ]; then
			racoon_sainfo $A4 "$peer" "${r[4]}"
		else
			racoon_sainfo "$(row_ours "$i")" "$(row_theirs "$i")" \
			    "${r[4]}"
		fi
	done
}

row_policies()
{
	local i r peer

	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		peer=$(row_peer "$i")
		if [ "${r[3]}" = transport ]; then
			protect $A4 "$peer" $PROTO/transport//require
		else
			tunnel "$(row_ours "$i")" "$(row_theirs "$i")" \
			    $A4 "$peer" $PROTO
		fi
	done
}

pluto_certificates()
{
	local d=sql:/etc/pluto/nss

	pki_make
	mkdir -p "$B/a/etc/racoon/certs"
	cp "$PKI/ca.crt" "$PKI/a.rsa.crt" "$PKI/a.rsa.key" \
	    "$B/a/etc/racoon/certs/"
	chmod 600 "$B/a/etc/racoon/certs/a.rsa.key"
	openssl pkcs12 -export -in "$PKI/b.rsa.crt" -inkey "$PKI/b.rsa.key" \
	    -name b.rsa -passout pass:p -out "$B/b/run/b.p12"
	libreswan b certutil -A -d $d -n ca -t CT,C,C -i "/run/rig/pki/ca.crt" &&
	    libreswan b pk12util -i /run/b.p12 -d $d -W p
}

# rows_up: hosts and daemons with the files of ROWS
rows_up()
{
	local i

	row_hosts
	pluto_database b
	case "${ROWS[*]}" in
	*rsa*) check 'pluto has its certificates' pluto_certificates ;;
	esac
	racoon_matrix | racoon_conf a
	for i in "${!ROWS[@]}"; do
		psk a "$(row_peer "$i")" "$KEY"
	done
	row_policies | policies a
	racoons a || return
	pluto_matrix | check 'pluto starts on b' \
	    pluto_start b ": PSK \"$KEY\""
}

# comes_up NUMBER ROLE MODE AUTH KIND GROUP
comes_up()
{
	local peer to

	peer=$(row_peer "$1") to=$peer
	[ "$5" = transport ] || to=$(row_theirs "$1")
	if [ "$2" = initiator ]; then
		on a ping -n -q -c 1 -W 1 "$to"
	else
		whack b --name "c$1" --initiate --asynchronous
	fi
	wait_for 10 row_has "$peer" 2 auth-trunc || return 1
	wait_for 5 on a ping -n -q -c 1 -W 1 "$to"
}

# said PROTO: what a check says of it
said() { [ "$1" = esp ] || echo ", $1"; }

# rows_work: not the rest where three in a row do not
rows_work()
{
	local i r missed=0

	rows_up || return
	capture_start a
	for i in "${!ROWS[@]}"; do
		read -ra r <<<"${ROWS[i]}"
		if check "racoon ${ROWS[i]}$(said $PROTO)" comes_up "$i" "${r[@]}"; then
			missed=0
		elif [ $((missed += 1)) -eq 3 ]; then
			not_ok 'the other combinations'
			return
		fi
	done
	capture_stop a
	check 'only ESP on the wire' only_esp a
}

both_roles() { ROWS+=("initiator $*" "responder $*"); }

scene_main()
{
	ROWS=()
	both_roles main psk transport modp2048
	both_roles main psk tunnel none
	both_roles main rsa transport none
	both_roles main rsa tunnel modp3072
	rows_work
}

scene_aggressive()
{
	ROWS=()
	both_roles aggressive psk transport none
	both_roles aggressive psk tunnel modp2048
	both_roles aggressive rsa transport modp2048
	both_roles aggressive rsa tunnel none
	rows_work
}

# pluto_nat OURS THEIRS PEER [LINE...]: for a tunnel between two addresses, as
# pluto calls them; PEER is racoon, which may be anywhere.
pluto_nat()
{
	local peer=$3 ours=$1 theirs=$2
	shift 3

	echo 'config setup'
	echo '	ikev1-policy=accept'
	PLUTO_RIGHT=$peer pluto_row 0 "$PLUTO_LEFT" initiator main psk tunnel \
	    modp2048 | sed -e "s,subnet=10.2.*,subnet=$ours/32," \
	    -e "s,subnet=10.1.*,subnet=$theirs/32,"
	[ $# -eq 0 ] || printf '	%s\n' "$@"
}

# through_nat ROLE WHERE: from a, as what the switch of B4 or m sees
through_nat()
{
	serve b
	capture_start "$2"
	[ "$1" = initiator ] ||
		whack a --name c0 --initiate --asynchronous >"$B/said"
	check "racoon $1 main psk tunnel $3" udp_through a 10.2.0.1
	check 'UDP through NAT' udp a 10.2.0.1
	capture_stop "$2"
	check 'only ESP in UDP on the wire' only_esp "$2" udp
}


# pluto pads AH as RFC 4302 has it, and does not say who it is.
scene_ah()
{
	PROTO=ah
	ROWS=('initiator main psk transport modp2048'
	    'responder main psk tunnel none')
	rows_work
	PROTO=esp
}

# a behind a NAT, the net behind pluto is one address.
scene_nat()
{
	nat_box
	conf a 'nat_traversal on;'
	psk a $B4 "$KEY"
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $B4 | policies a
	racoons a
	PLUTO_LEFT=$B4 pluto_nat 10.2.0.1 10.9.0.2 %any rightid=10.9.0.2 |
	    check 'pluto starts on b' pluto_start b "%any $B4 : PSK \"$KEY\"" ||
		return
	through_nat initiator b 'behind a NAT'
}

scene_nat_responder()
{
	nat_box
	P1_TIME='24 hour' P2_TIME='8 hour' conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	tunnel 10.2.0.1 10.9.0.2 $B4 $NAT4 | policies b
	racoons b
	PLUTO_LEFT=10.9.0.2 pluto_nat 10.9.0.2 10.2.0.1 $B4 |
	    check 'pluto starts on a' pluto_start a ": PSK \"$KEY\"" || return
	through_nat responder b 'the peer behind a NAT'
	box_restarts n
	check 'the peer gets another port, racoon follows' \
	    udp_through a 10.2.0.1
}

# Both are behind a NAT, and the responder's lets IKE in.
scene_nat_double()
{
	nat_boxes
	conf a 'nat_traversal on;'
	psk a $NAT4_B "$KEY"
	tunnel 10.9.0.2 10.2.0.1 10.9.0.2 $NAT4_B | policies a
	racoons a
	PLUTO_LEFT=10.8.0.2 pluto_nat 10.2.0.1 10.9.0.2 %any \
	    rightid=10.9.0.2 | check 'pluto starts on b' pluto_start b \
	    ": PSK \"$KEY\"" || return
	through_nat initiator m 'both behind a NAT'
}

scene_nat_double_responder()
{
	nat_boxes
	P1_TIME='24 hour' P2_TIME='8 hour' conf b 'nat_traversal on;'
	psk b $NAT4 "$KEY"
	tunnel 10.2.0.1 10.9.0.2 10.8.0.2 $NAT4 | policies b
	racoons b
	PLUTO_LEFT=10.9.0.2 pluto_nat 10.9.0.2 10.2.0.1 $NAT4_B \
	    rightid=10.8.0.2 | check 'pluto starts on a' pluto_start a \
	    ": PSK \"$KEY\"" || return
	through_nat responder m 'both behind a NAT'
}

# one_up ROLE: a single SA pair, racoon in this role
one_up()
{
	ROWS=("$1 main psk transport modp2048")
	rows_up && check "racoon ${ROWS[0]}" comes_up 0 "$1" main psk transport
}

scene_pluto_deletes()
{
	one_up initiator || return
	whack b --name c0 --terminate >"$B/said"
	check 'pluto deletes: the SAs go from a' wait_for 5 sa_is a 0
	check 'and the next packet brings up new ones' \
	    comes_up 0 initiator main psk transport
}

scene_racoon_deletes()
{
	one_up responder || return
	check 'racoon stops' racoon_stop a
	check 'racoon deletes: the SAs go from b' wait_for 5 sa_is b 0
}

run_scenes main aggressive ah nat nat_responder nat_double nat_double_responder \
    pluto_deletes racoon_deletes
