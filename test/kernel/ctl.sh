#!/bin/bash
# SPDX-License-Identifier: ISC
# racoonctl against a racoon with a real kernel: what is established, watched,
# explained and deleted by it.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
. "$RIG/../kernel/pki.sh"

# ctl HOST WORD...: what racoonctl says, in $B/ctl; its errors, in $B/ctl.err
ctl()
{
	local h=$1
	shift

	on "$h" "${RACOONCTL:-racoonctl}" "$@" >"$B/ctl" 2>"$B/ctl.err"
}

# says TEXT: the last answer was just this
says() { printf '%s\n' "$@" | diff - "$B/ctl"; }

# has PATTERN: a line of the last answer is like this
has() { grep -Eq "$1" "$B/ctl" || { cat "$B/ctl" "$B/ctl.err"; return 1; }; }

# status N HOST WORD...: ends with that status
ends()
{
	local want=$1
	shift

	ctl "$@"
	[ $? -eq "$want" ] || { cat "$B/ctl" "$B/ctl.err"; return 1; }
}

fits() { [ "$(wc -L <"$B/ctl")" -le 80 ] || { cat "$B/ctl"; return 1; }; }

# events HOST: what is told there from now on goes to $B/events
listen()
{
	spawn "$1" events "${RACOONCTL:-racoonctl}" show-event
	wait_for 5 logged "$1" 'racoonctl: show-event' ||
	    not_ok "$1 is listened to"
}

# told HOST LINE...: these came, in this order, among others
told()
{
	local h=$1 line n=0 at
	shift

	for line; do
		at=$(tail -n +$((n + 1)) "$B/$h/log/events" |
		    grep -nF -m 1 "$line") || {
			cat "$B/$h/log/events"
			return 1
		}
		n=$((n + ${at%%:*}))
	done
}

scene_establish()
{
	pair
	serve b
	both
	transport4
	racoons a b || return
	listen a
	check 'establish-sa -w isakmp' \
	    ends 0 a establish-sa -w isakmp inet $A4 $B4
	check 'says so' says 'VPN connexion established'
	check 'once more: nothing to do' \
	    ends 0 a establish-sa -w isakmp inet $A4 $B4
	check 'and nothing to say' test ! -s "$B/ctl"
	check 'establish-sa -w esp' \
	    ends 0 a es -w esp inet $A4/32 $B4/32 any
	check 'says so' says \
	    "Phase 2 established : $A4[500] -> $B4[500]"
	check 'UDP passes' udp a $B4
	check 'of other traffic there is no policy' \
	    ends 1 a establish-sa esp inet $A4/32 192.0.2.77/32 any
	check 'which is said' grep -q 'no outbound policy' "$B/ctl.err"
	check 'vpn-disconnect' ends 0 a vpn-disconnect $B4
	check 'says so' says "Phase 1 deleted : $A4[500] -> $B4[500]"
	check 'nothing is left' ends 0 a show-sa esp
	check 'in the kernel' says 'No SAD entries.'
	check 'and nobody else is there to be left' ends 1 a vd 192.0.2.77
	check 'vpn-connect' ends 0 a vpn-connect $B4
	check 'says so' says 'VPN connexion established'
	check 'delete-all-sa-dst' ends 0 a delete-all-sa-dst $B4
	check 'was heard' wait_for 5 told a \
	    "Phase 1 established : $A4[500] -> $B4[500]" \
	    "Phase 1 mode configuration done : $A4[500] -> $B4[500]" \
	    "Phase 2 established : $A4[500] -> $B4[500]" \
	    "Phase 2 deleted : $A4[500] -> $B4[500]" \
	    "Phase 1 deleted : $A4[500] -> $B4[500]" \
	    "Phase 1 established : $A4[500] -> $B4[500]"
	racoon_stop a
	check 'as is the end' wait_for 5 told a \
	    'Racoon terminated : anonymous -> anonymous'
}

# The keys that `ip xfrm state' has, as Wireshark wants them.
kernel_keys()
{
	on a ip xfrm state | awk '
	    $1 == "src" { src = $2; dst = $4 }
	    $1 == "proto" { spi = $4 }
	    $1 == "auth-trunc" { auth = $3 }
	    $1 == "enc" { enc = $3; printf "\"IPv4\",\"%s\",\"%s\",\"%s\"," \
		"\"AES-CBC [RFC3602]\",\"%s\",\"HMAC-SHA-256-128 [RFC4868]\"," \
		"\"%s\"\n", src, dst, spi, enc, auth }' | sort
}

same_keys()
{
	ctl a show-sa --wireshark esp && sort "$B/ctl" >"$B/ours" &&
	    kernel_keys >"$B/theirs" && [ -s "$B/theirs" ] &&
	    diff "$B/theirs" "$B/ours"
}

# Who may connect without being root gets no key.
others_get_none()
{
	chmod 755 "$B/a/run/racoon"
	chmod 666 "$B/a/run/racoon/racoon.sock"
	on a setpriv --reuid=65534 --clear-groups --inh-caps=-all \
	    "${RACOONCTL:-racoonctl}" show-sa --wireshark "$1" \
	    >"$B/ctl" 2>"$B/ctl.err"
	[ $? -eq 1 ] && [ ! -s "$B/ctl" ] &&
	    grep -q 'keys are for root only' "$B/ctl.err"
}

# hidden: no key of ESP is in a's log
hidden()
{
	kernel_keys | cut -d '"' -f 12 | sed 's/^0x//' >"$B/secrets"
	[ -s "$B/secrets" ] && ! grep -Fqf "$B/secrets" "$B/a/log/racoon"
}

scene_look()
{
	pair
	serve b
	both
	transport4
	racoons a b || return
	check 'why, with nothing there' ends 0 a why $B4
	check 'the policy' has "^policy:   $A4 -> $B4\$"
	check 'the block' has '^remote:   peer 192.0.2.2, block "anonymous" at '
	check 'what would be' has \
	    '^So:       the first packet makes racoon negotiate an IKE SA'
	check 'nothing was begun' ends 0 a show-sa isakmp
	check 'by that' test "$(wc -l <"$B/ctl")" -eq 1
	check 'why, of another address' ends 0 a why 192.0.2.77
	check 'goes in the clear' has '^So:       a packet goes in the clear'
	check 'UDP passes' udp_through a $B4
	check 'why, with a pair' ends 0 a why $B4
	check 'is protected' has '^So:       a packet is protected and sent'
	check 'status, for people' ends 0 a status -f table
	check 'fits the screen' fits
	check 'has the peer' has \
	    "^192.0.2.2 .* up +[0-9]+[smh] +1 +[0-9.]+k? +[0-9.]+k?\$"
	check 'status, of old' ends 0 a status -v
	check 'has phase 1' has '^  remote:         192.0.2.2$'
	check 'and phase 2' has \
	    '^  selector:       192.0.2.1/32 -> 192.0.2.2/32  proto=any '
	check 'and its algorithms' has \
	    '^  encryption:     AES-CBC  auth: hmac-sha256$'
	check 'status, for programs' ends 0 a status -v -f json
	check 'is one line of the schema 2.0' has \
	    '^\{"schema_version":"2\.0",.*"state":"established",.*"ok":true\}\]\}$'
	check 'top' ends 0 a top -n 2 -d 1
	check 'fits the screen' fits
	check 'has two frames' test "$(grep -c '^PEER ' "$B/ctl")" -eq 2
	check 'show-schedule' ends 0 a show-schedule
	check 'has timers' has \
	    '^[0-9]+ +[0-9]+ +[0-9]+ +20[0-9-]+ [0-9:]+$'
	check 'get-cert, without one' ends 0 a get-cert inet $A4 $B4
	check 'is empty' test ! -s "$B/ctl"
	check 'keys for Wireshark are those of the kernel' same_keys
	check 'keys of IKE' ends 0 a show-sa --wireshark isakmp
	check 'have their form' has '^[0-9a-f]{16},[0-9a-f]{32}$'
	check 'others get none of ESP' others_get_none esp
	check 'nor of IKE' others_get_none isakmp
	check 'log debug2' ends 0 a log debug2
	check 'UDP passes' udp a $B4
	check 'no key is in the log' hidden
}

# What differs is said where it is looked for.
scene_failures()
{
	pair
	serve b
	both
	transport4
	P1_HASH=sha512 conf b
	racoons a b || return
	listen b
	check 'establish-sa -w, refused' \
	    ends 1 a establish-sa -w isakmp inet $A4 $B4
	check 'as ever' grep -q 'racoon closed the admin connection before' \
	    "$B/ctl.err"
	check 'with the reason' grep -q '^Phase 1 error: ' "$B/ctl.err"
	check 'b hears of it' wait_for 5 told b \
	    "Phase 1 error: no proposal chosen : $B4[500] -> $A4[500]"
	check 'why, on b' ends 0 b why $A4
	check 'has what differs' has \
	    '^failure:  .*no suitable proposal found: .*SHA256.*SHA512'
	check 'status on b' ends 0 b status -f table
	check 'has it too' has '^  [0-9]+s ago: .*no suitable proposal'
	check 'and fits the screen' fits
	check 'establish-sa, of a block that is not there' \
	    ends 1 a establish-sa -n nosuch isakmp inet $A4 $B4
	check 'says so' grep -q 'no remote block is for this address' \
	    "$B/ctl.err"
	check 'establish-sa -w esp' ends 1 a establish-sa -w esp inet $A4 $B4
	check 'has no phase 1' grep -q \
	    '^Phase 2 error: no suitable phase 1' "$B/ctl.err"
}

# certificates HOST: that of the host and its key, and the authority
certificates()
{
	local dir=$B/$1/etc/racoon/certs

	mkdir -p "$dir"
	cp "$PKI/$1.rsa.crt" "$PKI/$1.rsa.key" "$dir/" &&
	    cp "$PKI/ca.crt" "$dir/$CA_HASH.0" && chmod 600 "$dir"/*.key
}

# signs HOST: its configuration, with a certificate
signs()
{
	CONF_TOP='path certificate "/etc/racoon/certs";' \
	    P1_METHOD=rsasig P2_AUTH=hmac_sha1 conf "$1" "verify_identifier on;
	    my_identifier asn1dn;
	    certificate_type x509 \"$1.rsa.crt\" \"$1.rsa.key\";"
}

# der_of NAME: the last answer is the certificate of NAME
der_of()
{
	openssl x509 -in "$PKI/$1.rsa.crt" -outform DER | cmp - "$B/ctl" &&
	    openssl x509 -inform DER -in "$B/ctl" -noout -subject |
	    grep -q "CN = $1.rsa\$"
}

# What the peer proved itself with; and AH, of which everything tells.
scene_cert()
{
	pair
	serve b
	PKI_KINDS=rsa pki_make
	CA_HASH=$(openssl x509 -in "$PKI/ca.crt" -noout -hash)
	for h in a b; do
		check "certificates for $h" certificates $h
		signs $h
	done
	transport4 ah/transport//require
	racoons a b || return
	check 'get-cert, with nothing there' ends 1 a get-cert inet $A4 $B4
	check 'says so' grep -q 'there is no IKE SA between' "$B/ctl.err"
	check 'establish-sa -w ah' ends 0 a es -w ah inet $A4 $B4
	check 'says so' says \
	    "Phase 2 established : $A4[500] -> $B4[500]"
	check 'UDP passes' udp_through a $B4
	check 'get-cert' ends 0 a get-cert inet $A4 $B4
	check 'is the certificate of b' der_of b
	check 'get-cert, of the other side' ends 0 b gc inet $B4 $A4
	check 'is the certificate of a' der_of a
	check 'get-cert, of nobody' ends 1 a get-cert inet $A4 192.0.2.77
	check 'has no output' test ! -s "$B/ctl"
	check 'status' ends 0 a status -v
	check 'has the names' has '^  remote:         O=Test, CN=b\.rsa$'
	check 'of both' has '^  local:          O=Test, CN=a\.rsa$'
	check 'and the method' has '  auth: RSA signatures  dh: 14$'
	check 'and AH' has \
	    '^  state:          established  protocol: AH  mode: Transport$'
	check 'and its algorithm' has '^  encryption:     \(none\)  auth: SHA$'
	check 'show-sa ah' ends 0 a show-sa ah
	check 'has both' test "$(grep -c '	ah mode=transport spi=' "$B/ctl")" -eq 2
	check 'with their keys' has '	A: hmac-sha1  [0-9a-f]{8} '
	check 'show-sa esp' ends 0 a show-sa esp
	check 'has none' says 'No SAD entries.'
	check 'flush-sa esp' ends 0 a flush-sa esp
	check 'leaves them' sa_is a 2 ah
	check 'flush-sa ah' ends 0 a flush-sa ah
	check 'does not' wait_for 5 sa_is a 0 ah
	check 'nor with the peer' wait_for 5 sa_is b 0 ah
	check 'delete-sa ah, whatever the protocol' ends 0 a ds ah inet $A4 $B4
	check 'ends the IKE SA' ends 1 a get-cert inet $A4 $B4
}

# Everything about a peer, of IPv6.
scene_six()
{
	pair
	both
	{ echo 'flush; spdflush;'; neighbours; protect $A6 $B6; } | policies a
	{ echo 'flush; spdflush;'; neighbours; protect $B6 $A6; } | policies b
	racoons a b || return
	check 'vpn-connect' ends 0 a vpn-connect $B6
	check 'says so' says 'VPN connexion established'
	check 'nothing else was begun' sa_is a 0
	check 'establish-sa -w esp' ends 0 a es -w esp inet6 $A6 $B6
	check 'says so' says \
	    "Phase 2 established : $A6[500] -> $B6[500]"
	check 'once more: nothing to do' ends 0 a es -w esp inet6 $A6/128 $B6/128
	check 'show-sa isakmp' ends 0 a -ll show-sa isakmp
	check 'has the addresses' has \
	    "^2001:db8::1\.500 {31}2001:db8::2\.500 {31}[0-9a-f]{16}:"
	check 'why' ends 0 a why $B6
	check 'is protected' has '^So:       a packet is protected and sent'
	check 'status' ends 0 a status -f table
	check 'fits the screen' fits
	check 'has the peer' has '^2001:db8::2 +up +'
	check 'get-cert, without one' ends 0 a get-cert inet6 $A6 $B6
	check 'vpn-disconnect' ends 0 a vpn-disconnect $B6
	check 'says so' says "Phase 1 deleted : $A6[500] -> $B6[500]"
	check 'nothing is left' wait_for 5 sa_is a 0
}

# What waits for XAuth says so, and nothing is begun.
scene_logins()
{
	pair
	both
	transport4
	racoons a b || return
	for words in "vpn-connect -u joe $B4" \
	    "es -u joe -w isakmp inet $A4 $B4"; do
		check "${words%% *} -u" no_login "$words"
	done
	check 'logout-user' ends 1 a logout-user joe
	check 'says why' grep -q 'this racoon has no logins with XAuth' \
	    "$B/ctl.err"
	check 'nothing was begun' ends 0 a show-sa isakmp
	check 'by that' test "$(wc -l <"$B/ctl")" -eq 1
	check 'no password is in the log' refuses grep -q secret \
	    "$B/a/log/racoon"
}

# no_login WORDS: refused, after the password was read from standard input
no_login()
{
	# shellcheck disable=SC2086
	echo secret | on a setsid -w "${RACOONCTL:-racoonctl}" $1 \
	    >"$B/ctl" 2>"$B/ctl.err"
	[ $? -eq 1 ] && grep -q 'cannot log in with XAuth' "$B/ctl.err"
}

# page COMMAND...: what doc/ADMIN.md has for it, and what it says on a, are the
# same but for numbers.  $OUT/pages has what belongs there.
page()
{
	local shows=${LINES_SHOWN:-1000}

	ctl a "$@" || return
	head -n "$shows" "$B/ctl" |
	    sed -e '1i # racoonctl '"$*" -e 's/^/    /' >>"$OUT/pages"
	awk -v start="    # racoonctl $*" '
	    /^    # racoonctl / || /^[^ ]/ { on = 0 }
	    on { print substr($0, 5) }
	    $0 == start { on = 1 }' "$RIG/../../doc/ADMIN.md" | only_words >"$B/page"
	head -n "$shows" "$B/ctl" | only_words | diff "$B/page" -
}

only_words()
{
	sed -E -e '/^$/d' -e 's/0x[0-9a-f]{8}/N/g' \
	    -e 's/[0-9][0-9.]*[kMG]?/N/g' -e 's/\bN[smhd]\b/N/g' \
	    -e 's/N(-N)*( N:N:N)?/N/g' -e 's/ +/ /g' \
	    -e 's/^( N ago: .{40}).*/\1/'
}

# What the documentation shows is what there is: a has a tunnel to b, which is
# up; c wants another hash; and d does not answer.
scene_pages()
{
	local nets='10.1.0.0/24 10.2.0.0/24'

	rm -f "$OUT/pages"
	host_new a b c
	attach a $A4/24
	attach b $B4/24
	attach c 192.0.2.3/24
	on a ip addr add 10.1.0.1/24 dev lo
	on b ip addr add 10.2.0.1/24 dev lo
	on a ip route add 10.2.0.0/24 via $B4 src 10.1.0.1
	on b ip route add 10.1.0.0/24 via $A4 src 10.2.0.1
	on a ip route add 10.3.0.0/24 via 192.0.2.3 src 10.1.0.1
	on a ip route add 10.4.0.0/24 via 192.0.2.4 src 10.1.0.1
	both
	P1_HASH=sha512 conf c
	psk a 192.0.2.3 "$KEY"
	psk c $A4 "$KEY"
	psk a 192.0.2.4 "$KEY"
	# shellcheck disable=SC2086
	{
		tunnel $nets $A4 $B4
		tunnel 10.1.0.0/24 10.3.0.0/24 $A4 192.0.2.3
		tunnel 10.1.0.0/24 10.4.0.0/24 $A4 192.0.2.4
	} | policies a
	tunnel 10.2.0.0/24 10.1.0.0/24 $B4 $A4 | policies b
	serve b
	racoons a b c || return
	on a "$TRAFFIC" touch 10.4.0.1
	check 'UDP passes' udp_through a 10.2.0.1
	check 'c is refused' ends 1 c es -w isakmp inet 192.0.2.3 $A4
	check 'd does not answer' wait_for 30 called_off a
	spawn a ping ping -n -q -i 0.05 10.2.0.1
	nap 1
	check 'status' page status -f table
	check 'top' page top -n 2 -d 1
	check 'why' page why 10.2.0.1
	check 'why, with a failure' page why 10.3.0.1
	check 'why, without an answer' page why 10.4.0.1
	LINES_SHOWN=12 check 'metrics' page metrics
}

called_off()
{
	ctl "$1" status -f table && grep -q '^192.0.2.4 *down ' "$B/ctl" &&
	    grep -q 'failed due to time up' "$B/ctl"
}

run_scenes establish look failures cert six logins pages
