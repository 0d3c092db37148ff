# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Certificates for the suites with signatures, made once in a guest: a CA with
# its list of what is revoked, and NAME.KIND.{crt,key} for the hosts a and b.

PKI=$B/pki

pki_config()
{
	cat <<-'END'
	[req]
	distinguished_name = dn
	prompt = no
	[dn]
	CN = nobody
	[ca]
	basicConstraints = critical,CA:TRUE
	keyUsage = critical,keyCertSign,cRLSign
	subjectKeyIdentifier = hash
	[host]
	basicConstraints = CA:FALSE
	keyUsage = digitalSignature
	subjectAltName = ${ENV::SAN}
	END
}

# pki_key KIND FILE
pki_key()
{
	case $1 in
	rsa) openssl genrsa -out "$2" 2048 ;;
	ecdsa256) openssl ecparam -name prime256v1 -genkey -noout -out "$2" ;;
	ecdsa384) openssl ecparam -name secp384r1 -genkey -noout -out "$2" ;;
	ecdsa521) openssl ecparam -name secp521r1 -genkey -noout -out "$2" ;;
	esac
}

# pki_host NAME KIND ADDRESSES: signed by $PKI/ca.*
pki_host()
{
	local f=$PKI/$1.$2 a

	SAN=DNS:$1.example,email:$1@example
	for a in $3; do
		SAN=$SAN,IP:$a
	done
	export SAN
	pki_key "$2" "$f.key"
	openssl req -new -x509 -config "$PKI/conf" -extensions host \
	    -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -key "$f.key" \
	    -subj "/O=Test/CN=$1.$2" -days "${PKI_DAYS:-30}" -out "$f.crt"
}

pki_make()
{
	local kind

	[ ! -e "$PKI/ca.crt" ] || return 0
	mkdir -p "$PKI"
	pki_config >"$PKI/conf"
	{
		SAN=DNS:ca openssl req -new -x509 -newkey rsa:2048 -nodes \
		    -config "$PKI/conf" -extensions ca -subj '/O=Test/CN=CA' \
		    -days 60 -keyout "$PKI/ca.key" -out "$PKI/ca.crt"
		for kind in ${PKI_KINDS:-rsa ecdsa256 ecdsa384 ecdsa521}; do
			pki_host a "$kind" "$A4"
			pki_host b "$kind" "$B4 ${PKI_B:-}"
		done
	} >"$PKI/log" 2>&1 || note "$(tail -n 3 "$PKI/log")"
}

# pki_install: for racoon on a, charon on b
pki_install()
{
	local swan=$B/b/etc/swanctl

	pki_make
	mkdir -p "$B/a/etc/racoon/certs" "$swan/x509ca" "$swan/x509" \
	    "$swan/private"
	cp "$PKI"/ca.crt "$PKI"/a.*.crt "$PKI"/a.*.key "$B/a/etc/racoon/certs/"
	chmod 600 "$B"/a/etc/racoon/certs/*.key
	cp "$PKI/ca.crt" "$swan/x509ca/"
	cp "$PKI"/b.*.crt "$swan/x509/"
	cp "$PKI"/b.*.key "$swan/private/"
}
