#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon on a and b, whose certificates are in the DNS (peers_certfile dnssec):
# an unbound on b validates what is in zones of ours and answers both.
#
# A row is an identity of a that b looks for; it has an address of each.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

PKI_KINDS=rsa
ROWS=('fqdn "a.signed"' 'user_fqdn "a@signed"' 'fqdn "many.signed"'
    'fqdn "a.plain"' 'fqdn "a.bogus"' 'fqdn "none.signed"' 'asn1dn'
    'fqdn "b.signed"' 'fqdn "a.signed"' 'fqdn "a.signed"')
row_own() { echo "203.0.113.$((10 + $1))"; }

# dns_cert HOST SAN: for the host's key
dns_cert()
{
	SAN=$2 openssl req -new -x509 -config "$PKI/conf" -extensions host \
	    -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -key "$PKI/$1.rsa.key" \
	    -subj "/O=Test/CN=$1" -days 30 -out "$PKI/$1.dns.crt"
}

# record NAME CERTIFICATE: RFC 4398, PKIX
record()
{
	echo "$1 IN CERT 1 0 0 $(openssl x509 -in "$2" -outform DER |
	    base64 -w 0)"
}

# zone NAME: the records come on standard input
zone()
{
	{
		echo "\$ORIGIN $1."
		echo '$TTL 3600'
		echo "@ IN SOA ns.$1. root.$1. 1 3600 600 86400 300"
		echo "@ IN NS ns.$1."
		echo 'ns IN A 192.0.2.2'
		cat
	} >"$PKI/$1.zone"
}

# zone_sign NAME: and its anchor
zone_sign()
(
	local key

	cd "$PKI" &&
	    key=$(ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom "$1") &&
	    ldns-signzone -f "$1.zone" "$1.zone" "$key" &&
	    mv "$key.key" "$1.anchor"
)

# Of three zones one is signed, one is not, and of the third the resolver knows
# another key than the one that signed it.
dns_make()
{
	pki_make
	dns_cert a 'DNS:a.signed,email:a@signed,DNS:many.signed,DNS:a.plain,DNS:a.bogus,DNS:none.signed' &&
	    dns_cert b DNS:b.signed || return 1
	{
		record a "$PKI/a.dns.crt"
		record b "$PKI/b.dns.crt"
		# more than a datagram takes
		record many "$PKI/ca.crt"
		record many "$PKI/b.dns.crt"
		record many "$PKI/a.dns.crt"
	} | zone signed
	record a "$PKI/a.dns.crt" | zone plain
	record a "$PKI/a.dns.crt" | zone bogus
	zone_sign signed && zone_sign bogus &&
	    sed 's/^signed\./bogus./' "$PKI/signed.anchor" >"$PKI/bogus.anchor"
}

resolver_conf()
{
	local z

	cat <<-END
	server:
	    interface: 127.0.0.1
	    interface: $B4
	    access-control: 192.0.2.0/24 allow
	    chroot: ""
	    username: ""
	    pidfile: ""
	    directory: "$PKI"
	    use-syslog: no
	    num-threads: 1
	    max-udp-size: 1232
	    module-config: "validator iterator"
	    val-log-level: 2
	    trust-anchor-file: "$PKI/signed.anchor"
	    trust-anchor-file: "$PKI/bogus.anchor"
	remote-control:
	    control-enable: no
	END
	for z in signed plain bogus; do
		cat <<-END
		auth-zone:
		    name: "$z."
		    zonefile: "$z.zone"
		    for-downstream: no
		    for-upstream: yes
		    fallback-enabled: no
		END
	done
}

resolver_start()
{
	resolver_conf >"$B/b/etc/unbound.conf"
	spawn b unbound unbound -d -c /etc/unbound.conf
	wait_log b 'start of service' 10 unbound
}

# resolv_conf HOST ADDRESS [OPTION]
resolv_conf()
{
	rm -f "$B/$1/etc/resolv.conf"
	printf 'nameserver %s\n%s\n' "$2" "${3:-options trust-ad}" \
	    >"$B/$1/etc/resolv.conf"
}

# dns_remote WHOSE ADDRESS LINES
dns_remote()
{
	cat <<-END
	remote $2 {
		exchange_mode main;
		certificate_type x509 "$1.dns.crt" "$1.rsa.key";
		peers_certfile dnssec;
		send_cert off; send_cr off;
		$3
		proposal {
			authentication_method rsasig; dh_group modp2048;
			encryption_algorithm aes; hash_algorithm sha256;
		}
	}
	END
}

dns_conf()
{
	cat <<-END
	path certificate "/etc/racoon";
	timer { interval 2 sec; phase1 20 sec; phase2 15 sec; }
	sainfo anonymous {
		pfs_group modp2048;
		encryption_algorithm aes;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
	}
	END
}

dns_hosts()
{
	local i h

	host_new a b
	attach a $A4/24
	attach b $B4/24
	for i in "${!ROWS[@]}"; do
		echo "addr add $(row_own "$i")/32 dev eth0"
		echo "route add $(row_peer "$i")/32 dev eth0 src $(row_own "$i")"
	done | on a ip -batch -
	for i in "${!ROWS[@]}"; do
		echo "addr add $(row_peer "$i")/32 dev eth0"
		echo "route add $(row_own "$i")/32 dev eth0 src $(row_peer "$i")"
	done | on b ip -batch -
	check 'certificates and zones' dns_make
	for h in a b; do
		cp "$PKI/$h.dns.crt" "$PKI/$h.rsa.key" "$B/$h/etc/racoon/"
		chmod 600 "$B/$h/etc/racoon/$h.rsa.key"
		resolv_conf $h $B4
	done
	check 'unbound starts' resolver_start
}

dns_start()
{
	local i

	{
		dns_conf
		for i in "${!ROWS[@]}"; do
			dns_remote a "$(row_peer "$i")" "my_identifier ${ROWS[i]};
			    verify_identifier on; peers_identifier fqdn \"b.signed\";"
			protect "$(row_own "$i")" "$(row_peer "$i")" >&3
		done
	} 3>"$B/policies" | racoon_conf a
	policies a <"$B/policies"
	{
		dns_conf
		dns_remote b anonymous 'my_identifier fqdn "b.signed";
		    generate_policy on; passive on;'
	} | racoon_conf b
	racoons a b
}

# begins NUMBER...
begins()
{
	local i to=()

	for i; do
		to+=("$(row_peer "$i")")
	done
	on a "$TRAFFIC" touch "${to[@]}"
}

row_up()
{
	local n

	n=$({ on a ip xfrm state list src "$(row_own "$1")"
	    on a ip xfrm state list dst "$(row_own "$1")"; } |
	    grep -c auth-trunc)
	[ "$n" -eq "${2:-2}" ]
}

# told NUMBER PATTERN: by b, and there is no SA
told()
{
	wait_log b "\\[$(row_own "$1")[^]]*\\] ERROR: .*$2" 20 || return
	row_up "$1" 0
}

comes_up() { wait_for 15 row_up "$1"; }

scene_dns()
{
	dns_hosts
	dns_start || return
	begins 0 1 2 3 4 5 6 7
	check 'signed zone, fqdn: both sides find the certificate' comes_up 0
	check 'user_fqdn' comes_up 1
	check 'an answer that is too long for UDP' comes_up 2
	check 'refused: a zone without signatures' told 3 \
	    'a\.plain, in the DNS under a\.plain\.: the answer is not authentic'
	check 'refused: a zone with wrong signatures' told 4 \
	    'a\.bogus, in the DNS under a\.bogus\.: the resolver failed \(SERVFAIL\): the zone.s signatures are wrong'
	check 'refused: no record' told 5 \
	    'under none\.signed\.: there is no CERT record'
	check 'refused: an identity that has no name there' told 6 \
	    'CN=a, has no name in the DNS'
	check 'refused: the certificate of somebody else' told 7 \
	    'says it is b\.signed, does not match its certificate'
	resolv_conf b 127.0.0.1 'options timeout:1'
	begins 8
	check 'refused: resolv.conf does not trust the resolver' told 8 \
	    'options trust-ad'
	resolv_conf b 127.0.0.1
	kill -STOP "${RIG_PID[b/unbound]}"
	begins 9
	check 'refused: a resolver that hangs, and not waited for in vain' \
	    told 9 'the resolver of /etc/resolv.conf does not answer'
	kill -CONT "${RIG_PID[b/unbound]}"
}

run_scenes dns
