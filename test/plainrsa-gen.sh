#!/bin/sh
# SPDX-License-Identifier: ISC
# plainrsa-gen(8) from outside: what it writes, and what it refuses.  Prints
# TAP-like lines; fails if one of them does.
gen=${PLAINRSA_GEN:-racoon/plainrsa-gen/plainrsa-gen}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 bad=0

# ok TEXT COMMAND...: the command succeeds
ok() {
	text=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/out" 2>"$dir/err" </dev/null; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		sed 's/^/# /' "$dir/out" "$dir/err"
		bad=1
	fi
}
# fails TEXT WORDS COMMAND...: with status 1 and WORDS on standard error only
fails() {
	text=$1 words=$2
	shift 2
	"$@" >"$dir/printed" 2>"$dir/said" </dev/null
	status=$?
	ok "$text" test "$status" = 1 -a ! -s "$dir/printed"
	ok "$text: says why" grep -- "$words" "$dir/said"
}
# matches TEXT REGEX FILE LINE
matches() {
	ok "$1" sh -c 'sed -n "$1p" "$2" | grep -qE "$3"' - "$4" "$3" "$2"
}

ok "a key on standard output" "$gen" -b 1024
cp "$dir/out" "$dir/key"
matches "line 1: the public key" '^# : PUB 0sAQ[A-Za-z0-9+/]+=*$' "$dir/key" 1
matches "line 2" '^: RSA	\{$' "$dir/key" 2
matches "line 3" '^	# RSA 1024 bits$' "$dir/key" 3
matches "line 4" '^	# pubkey=0sAQ[A-Za-z0-9+/]+=*$' "$dir/key" 4
i=4
for name in Modulus PublicExponent PrivateExponent Prime1 Prime2 Exponent1 \
    Exponent2 Coefficient; do
	i=$((i + 1))
	matches "line $i" "^	$name: 0x([0-9a-f]{2})+\$" "$dir/key" $i
done
matches "the exponent is 3" '0x03$' "$dir/key" 6
matches "line 13" '^  }$' "$dir/key" 13
ok "13 lines" test "$(wc -l <"$dir/key")" -eq 13

ok "to a file" "$gen" -b 1024 -e 0x10001 -f "$dir/file"
ok "nobody else can read it" test "$(stat -c %a "$dir/file")" = 600
matches "the exponent asked for" 'PublicExponent: 0x010001$' "$dir/file" 6
cp "$dir/file" "$dir/before"
fails "not over another file" "File exists" "$gen" -b 1024 -f "$dir/file"
ok "which is as it was" cmp "$dir/file" "$dir/before"
ln -s "$dir/nowhere" "$dir/link"
fails "not through a link" "File exists" "$gen" -b 1024 -f "$dir/link"
ok "nor at its end" test ! -e "$dir/nowhere"
fails "no such directory" "No such file" "$gen" -f "$dir/no/file"

# -i: what another program made, which reads what comes out of it.
if command -v openssl >/dev/null; then
	openssl genrsa -out "$dir/pem" 1024 2>/dev/null
	modulus=$(openssl rsa -in "$dir/pem" -noout -modulus 2>/dev/null |
	    sed 's/^Modulus=//' | tr A-F a-f)
	ok "a PEM file is converted" "$gen" -i "$dir/pem"
	cp "$dir/out" "$dir/key"
	matches "it is the same key" "^	Modulus: 0x$modulus\$" "$dir/key" 5
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/ec"
	fails "not RSA" "not RSA" "$gen" -i "$dir/ec"
	fails "a failed conversion leaves nothing" "not RSA" \
	    "$gen" -i "$dir/ec" -f "$dir/left"
	ok "no file is left" test ! -e "$dir/left"
else
	echo "not ok - this test needs the openssl command"
	bad=1
fi
fails "no key in it" "holds no private key" "$gen" -i /etc/passwd
fails "no such key file" "No such file" "$gen" -i "$dir/none"

fails "too short" "1024 to 16384 bits" "$gen" -b 512
fails "too long" "too large" "$gen" -b 99999999
fails "no number" "is not a number" "$gen" -b 1k
fails "an octal number" "1024 to 16384 bits" "$gen" -b 0777
fails "a negative number" "is not a number" "$gen" -b -1024
fails "an even exponent" "odd public exponent" "$gen" -b 1024 -e 4
fails "the exponent 1" "odd public exponent" "$gen" -b 1024 -e 1
fails "-h" "^usage: plainrsa-gen" "$gen" -h
fails "an unknown option" "^usage: plainrsa-gen" "$gen" -z
fails "an operand" "^usage: plainrsa-gen" "$gen" key
echo "1..$n"
exit $bad
