#!/bin/bash
# SPDX-License-Identifier: ISC
# Phase 1 with Kerberos: racoon on a and b, the KDC of a realm on k.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

export ACQ_EXPIRES=10
REALM=TEST.EXAMPLE K4=192.0.2.3 KDC=$B/kdc
# Each host finds its own files there.
export KRB5_CONFIG=/etc/racoon/krb5.conf KRB5_KTNAME=FILE:/etc/racoon/keytab

krb5_conf()
{
	cat <<-END
	[libdefaults]
	default_realm = $REALM
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	[realms]
	$REALM = {
		kdc = $K4
	}
	END
}

# The realm, once in a guest, and the keys of all that are in it.
realm_make()
{
	local p commands=

	[ ! -e "$KDC/made" ] || return 0
	mkdir -p "$KDC"
	krb5_conf >"$KDC/krb5.conf"
	cat >"$KDC/kdc.conf" <<-END
	[kdcdefaults]
	kdc_ports = 88
	kdc_tcp_ports = 88
	[realms]
	$REALM = {
		database_name = $KDC/principal
		key_stash_file = $KDC/stash
		supported_enctypes = aes256-cts-hmac-sha1-96:normal
	}
	[logging]
	kdc = STDERR
	END
	for p in a b; do
		commands+="addprinc -randkey ike/$p.example
			ktadd -k $KDC/$p.keytab ike/$p.example
			addprinc -randkey user-$p
			ktadd -k $KDC/$p.keytab user-$p
			"
	done
	{
		kdc_env kdb5_util create -s -r $REALM -P thrown-away
		kdc_env kadmin.local -r $REALM <<<"$commands"
	} >"$KDC/log" 2>&1 && : >"$KDC/made"
}

kdc_env()
{
	env KRB5_CONFIG="$KDC/krb5.conf" KRB5_KDC_PROFILE="$KDC/kdc.conf" "$@"
}

realm()
{
	local h

	pair
	host_new k
	attach k $K4/24
	check 'a realm is made' realm_make || cat "$KDC/log"
	for h in a b; do
		mkdir -p "$B/$h/etc/racoon"
		krb5_conf >"$B/$h/etc/racoon/krb5.conf"
		cp "$KDC/$h.keytab" "$B/$h/etc/racoon/keytab"
	done
}

kdc_start()
{
	spawn k kdc env KRB5_CONFIG="$KDC/krb5.conf" \
	    KRB5_KDC_PROFILE="$KDC/kdc.conf" krb5kdc -n -r $REALM
	wait_for 10 logged k 'commencing operation' kdc
}

# gss_conf HOST GSS_ID [REMOTE-LINES]
gss_conf()
{
	racoon_conf "$1" <<-END
	${CONF_TOP:-}
	timer { counter 3; interval 2 sec; phase1 20 sec; phase2 15 sec; }
	remote anonymous {
		exchange_mode ${P1_MODE:-main};
		${3:-}
		proposal {
			authentication_method gssapi_krb;
			gss_id "$2";
			dh_group modp2048;
			encryption_algorithm aes;
			hash_algorithm sha256;
		}
	}
	sainfo anonymous {
		pfs_group modp2048;
		encryption_algorithm aes;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
	}
	END
}

# is_principal HOST PEER'S-ADDRESS NAME
is_principal() { logged "$1" "$2.*which says it is .*, is $3@$REALM"; }

# Addresses as identities, principals in UTF-16LE; a initiates.
scene_main_initiator()
{
	realm
	gss_conf a ike/a.example
	gss_conf b ike/b.example
	transport4
	check 'the KDC starts' kdc_start
	racoons a b
	serve b
	# what goes to the KDC is in the clear, and over then
	check 'a packet brings up SAs' first_packet a $B4
	protected $A4 $B4
	check 'initiator, main mode, GSS-API: a knows the principal of b' \
	    is_principal a $B4 ike/b.example
	check 'responder, main mode, GSS-API: b knows the principal of a' \
	    is_principal b $A4 ike/a.example
}

# Names as identities that have to be proved, principals in Latin-1; b
# initiates.
scene_main_responder()
{
	local CONF_TOP='gss_id_enc latin1;'

	realm
	gss_conf a ike/a.example 'my_identifier fqdn "a.example";
	    verify_identifier on; peers_identifier fqdn "b.example";'
	gss_conf b ike/b.example 'my_identifier fqdn "b.example";
	    verify_identifier on; peers_identifier fqdn "a.example";'
	transport4
	check 'the KDC starts' kdc_start
	racoons a b
	serve a
	check 'a packet brings up SAs' first_packet b $A4
	check 'initiator, main mode, GSS-API with names: b knows a' \
	    is_principal b $A4 ike/a.example
	check 'responder, main mode, GSS-API with names: a knows b' \
	    is_principal a $B4 ike/b.example
}

# A token goes with the first message: for the host that peers_identifier names
scene_aggressive()
{
	local P1_MODE=aggressive

	realm
	gss_conf a ike/a.example 'my_identifier fqdn "a.example";
	    verify_identifier on; peers_identifier fqdn "b.example";'
	gss_conf b ike/b.example 'my_identifier fqdn "b.example";'
	transport4
	check 'the KDC starts' kdc_start
	racoons a b
	serve b
	check 'a packet brings up SAs' first_packet a $B4
	check 'initiator, aggressive mode, GSS-API: a knows b' \
	    is_principal a $B4 ike/b.example
	check 'responder, aggressive mode, GSS-API: b knows a' \
	    is_principal b $A4 ike/a.example
}

nothing_installed() { sa_is a 0 && sa_is b 0; }

# A user of the realm is no gateway.
scene_wrong_principal()
{
	realm
	gss_conf a user-a
	gss_conf b ike/b.example
	transport4
	check 'the KDC starts' kdc_start
	racoons a b
	serve b
	check 'no packet passes' refuses udp a $B4 2 0.1 3
	check 'b names who came instead of a host' wait_log b \
	    "$A4.*ERROR:.*the peer is user-a@$REALM, which is no host of the"
	check 'nothing is installed' nothing_installed
}

# The kernel asks again only some time after what failed.
misses_kdc()
{
	refuses udp a $B4 1 0 0.5 || return 1
	logged a "$B4.*ERROR:.*no Kerberos context.*KDC"
}

# No key for what the host says it is; then no KDC.
scene_no_ticket()
{
	realm
	gss_conf a ike/c.example
	gss_conf b ike/b.example
	transport4
	racoons a b
	serve b
	check 'no packet passes' refuses udp a $B4 2 0.1 3
	check 'a names the keytab' wait_log a \
	    "$B4.*ERROR:.*FILE:/etc/racoon/keytab: .*\(we are ike/c.example\)"
	gss_conf a ike/a.example
	racoon_hup a
	check 'a reads its configuration again' wait_log a 'was reloaded'
	check 'a says that there is no KDC' wait_for 20 misses_kdc
	check 'nothing is installed' nothing_installed
}

if ! "$RACOON" -V | grep -q GSS-API || ! command -v krb5kdc >/dev/null; then
	echo 'ok 1 - gss # SKIP racoon is without GSS-API, or krb5kdc is missing'
	echo 1..1
	exit 0
fi
run_scenes main_initiator main_responder aggressive wrong_principal no_ticket
