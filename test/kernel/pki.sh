# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Certificates for the suites with signatures, made once in a guest: a CA with
# its list of what is revoked, and NAME.KIND.{crt,key} for the hosts a and b.

PKI=$B/pki

pki_config()
{
	# Some make names of text as if every string were a PrintableString.
	echo '[req]'
	echo "string_mask = ${PKI_STRINGS:-utf8only}"
	cat <<-'END'
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
	rsa4096) openssl genrsa -out "$2" 4096 ;;
	ecdsa256) openssl ecparam -name prime256v1 -genkey -noout -out "$2" ;;
	ecdsa384) openssl ecparam -name secp384r1 -genkey -noout -out "$2" ;;
	ecdsa521) openssl ecparam -name secp521r1 -genkey -noout -out "$2" ;;
	esac
}

# pki_host NAME KIND ADDRESSES: signed by $PKI/ca.*, or $PKI_CA
pki_host()
{
	local f=$PKI/$1.$2 a

	SAN=DNS:$1.example,email:$1@example
	for a in $3; do
		SAN=$SAN,IP:$a
	done
	export SAN
	pki_key "${PKI_KEY:-$2}" "$f.key"
	openssl req -new -x509 -config "$PKI/conf" -extensions host \
	    -CA "$PKI/${PKI_CA:-ca}.crt" -CAkey "$PKI/${PKI_CA:-ca}.key" \
	    -key "$f.key" \
	    -subj "/O=Test/CN=$1.$2" -days "${PKI_DAYS:-30}" -out "$f.crt"
}

# pki_below NAME: an authority that the CA signed
pki_below()
{
	SAN=DNS:ca openssl req -new -x509 -newkey rsa:${PKI_BITS:-2048} -nodes \
	    -config "$PKI/conf" -extensions ca -subj "/O=Test/CN=$1" \
	    -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -days 30 \
	    -keyout "$PKI/$1.key" -out "$PKI/$1.crt"
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

# Certificates nobody should believe, as NAME.KIND: b.revoked and the list that
# says so, b.expired, b.foreign of an authority that is called like ours.
pki_make_bad()
{
	local kind

	[ ! -e "$PKI/b.foreign.crt" ] || return 0
	{
		pki_config_bad >>"$PKI/conf"
		: >"$PKI/index"
		for kind in revoked expired; do
			PKI_KEY=rsa pki_host b $kind "$B4 ${PKI_B:-}"
		done
		# A date of the past can only be asked of this command.
		openssl req -new -config "$PKI/conf" -key "$PKI/b.expired.key" \
		    -subj /O=Test/CN=b.expired -out "$PKI/expired.csr"
		pki_ca -batch -create_serial -extensions host \
		    -startdate 20200101000000Z -enddate 20210101000000Z \
		    -in "$PKI/expired.csr" -out "$PKI/b.expired.crt" -notext &&
		    pki_ca -revoke "$PKI/b.revoked.crt" &&
		    pki_ca -gencrl -crldays 30 -out "$PKI/ca.crl" &&
		    SAN=DNS:ca openssl req -new -x509 -newkey rsa:2048 -nodes \
			-config "$PKI/conf" -extensions ca -days 60 \
			-subj '/O=Test/CN=CA' -keyout "$PKI/foreign.key" \
			-out "$PKI/foreign.crt" &&
		    PKI_KEY=rsa PKI_CA=foreign pki_host b foreign "$B4 ${PKI_B:-}"
	} >>"$PKI/log" 2>&1 || note "$(tail -n 3 "$PKI/log")"
}

pki_config_bad()
{
	cat <<-END
	[authority]
	database = $PKI/index
	serial = $PKI/serial
	new_certs_dir = $PKI
	default_md = sha256
	policy = any
	unique_subject = no
	[any]
	organizationName = optional
	commonName = supplied
	END
}

pki_ca()
{
	openssl ca -config "$PKI/conf" -name authority -cert "$PKI/ca.crt" \
	    -keyfile "$PKI/ca.key" "$@"
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
	[ ! -e "$PKI/below.crt" ] || cp "$PKI/below.crt" "$swan/x509ca/"
	cp "$PKI"/b.*.crt "$swan/x509/"
	cp "$PKI"/b.*.key "$swan/private/"
}
