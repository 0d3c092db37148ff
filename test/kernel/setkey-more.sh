#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# setkey on a real kernel, what it did not have before: extensions for what
# only XFRM knows, algorithms, messages in words (-v, -x), keys for Wireshark.
# With PF_KEY in the kernel, what both back ends have is tried over it too.
# shellcheck source=test/rig/lib.sh
. "$RIG/lib.sh"

TOP=$(cd "$RIG/../.." && pwd)
GOLDEN=$TOP/test/golden/setkey
export TZ=UTC LC_ALL=C
BACKENDS=xfrm
[ "${PFKEY:-0}" = 0 ] || BACKENDS='xfrm pfkey'

# setkey on HOST; the commands come on standard input.
load() { on "$1" "$SETKEY" -f -; }
K16=0x0123456789abcdef0123456789abcdef
K32=${K16}0123456789abcdef0123456789abcdef
# key BITS: KEY is such a key
key()
{
	printf -v KEY '%*s' $(($1 / 4)) ''
	KEY=0x${KEY// /7}
}
# Of 160, 192, 288 and 512 bits.
key 160; K160=$KEY
key 192; K192=$KEY
key 288; K288=$KEY
key 512; K512=$KEY

# has TEXT PATTERN: as the shell's
# shellcheck disable=SC2053
has() { [[ $1 == *$2* ]]; }

# shows HOST PATTERN OPTION...: setkey prints such a line
shows()
{
	local h=$1 pattern=$2
	shift 2

	on "$h" "$SETKEY" "$@" >"$B/shown" && grep -Eq -- "$pattern" "$B/shown"
}

# Times, processes and numbers that the kernel chooses.
plain()
{
	sed -E -e 's/[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}/TIME/g' \
	    -e 's/diff: [0-9]+\(s\)/diff: N(s)/' -e 's/\bpid=[0-9]+/pid=N/' \
	    -e 's/addtime=[1-9][0-9]{8,}/addtime=N/' -e 's/id=[0-9a-f]+ p/id=N p/' \
	    -e 's/spid=[0-9]+/spid=N/' -e 's/refcnt=[12]$/refcnt=N/' \
	    -e 's/reserved=[0-9] seq=/reserved=N seq=/' \
	    -e 's/(reserved=N) seq=[1-9][0-9]{4,}/\1 seq=N/' \
	    -e '/^[0-9]{8}: /s/([0-9a-f]{2} ){4}$/PID/'
}

# same FILE COMMAND...: what it prints is what the file has
same()
{
	local file=$1
	shift

	"$@" >"$B/got" 2>&1
	plain <"$file" >"$B/want"
	plain <"$B/got" | diff -u "$B/want" -
}

# ---- extensions -------------------------------------------------------------

scene_extensions()
{
	local states policies

	host_new a
	check 'SAs and policies are taken' load a <<-END
	add 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x10/0xff -if_id 42
		-output-mark 0x3/0xf -esn -replay 128 -E aes-gcm-16 $K160;
	add 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff -E aes-gcm-16 $K160;
	add 10.0.0.1 10.0.0.2 esp 0x1001 -replay 64 -E null;
	add 10.0.0.1 10.0.0.2 esp 0x1002 -esn -E null;
	add 10.0.0.1 10.0.0.2 ah 0x1004 -align4 -A hmac-sha256 $K32;
	add 10.0.0.1 10.0.0.2 esp 0x1003 -offload lo out -E aes-gcm-16 $K160;
	spdadd 10.0.0.1 10.0.0.2 any -mark 7 -if_id 5 -P out ipsec esp/transport//require;
	spdadd 10.0.0.1 10.0.0.2 any -P out none;
	END
	states=$(on a ip -d xfrm state)
	check 'the kernel has the marks' has "$states" 'mark 0x10/0xff'
	check 'the interface id' has "$states" 'if_id 0x2a'
	check 'the output mark' has "$states" 'output-mark 0x3/0xf'
	check 'the windows' has "$states" 'replay?window 128'
	check 'also one without 64 bits' has "$states" 'replay?window 64'
	check 'extended sequence numbers, twice' \
	    has "$states" 'flag*esn*flag*esn'
	check 'the alignment of AH' has "$states" 'flag*align4'
	policies=$(on a ip xfrm policy)
	check 'policies with marks' has "$policies" 'mark 0x7/0xffffffff'
	check 'and ids' has "$policies" 'if_id 0x5'
	on a "$SETKEY" -D | plain >"$B/want"
	on a "$SETKEY" -DX >"$B/long"
	grep -v '	extensions:' "$B/long" | plain >"$B/got"
	check 'the plain form does not change' diff -u "$B/want" "$B/got"
	check '-X has it all' grep -q '^	extensions: -mark 0x00000010/0x000000ff -if_id 42 -output-mark 0x00000003/0x0000000f -esn -replay 128$' "$B/long"
	check '-X of policies' shows a \
	    '^	extensions: -mark 0x00000007/0xffffffff -if_id 5$' -DPX
	check 'an SA is found by its mark' load a <<-END
	get 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff;
	delete 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff;
	END
	check 'and not without it' refuses load a <<-END
	get 10.0.0.1 10.0.0.2 esp 0x1000;
	END
	check 'a policy is deleted by its mark and id' load a <<-END
	spddelete 10.0.0.1 10.0.0.2 any -mark 7 -if_id 5 -P out;
	END
	check 'the other stays' [ "$(on a ip xfrm policy | grep -c '^src')" -eq 1 ]
	load a >"$B/told" 2>&1 <<-END
	add 10.0.0.1 10.0.0.2 esp 0x1009 -offload nosuch0 in -E null;
	END
	check 'a device that is not there is named' \
	    grep -q 'no such network device at .nosuch0' "$B/told"
}

# What PF_KEY cannot say is refused with a reason, not lost.
scene_pfkey_limits()
{
	host_new a
	for what in '-mark 1' '-if_id 2' '-esn' '-replay 64' '-align4' \
	    '-output-mark 3' '-offload lo in'; do
		IPSEC_BACKEND=pfkey load a >"$B/told" 2>&1 <<-END
		add 10.0.0.1 10.0.0.2 esp 0x1000 $what -E aes-cbc $K16;
		END
		check "$what" grep -q '^setkey: -:1: .*(PF_KEY.*XFRM)$' \
		    "$B/told"
	done
	check 'nothing was added' [ "$(on a ip xfrm state | wc -l)" -eq 0 ]
}

# ---- algorithms -------------------------------------------------------------

# Lines of SPI, name, bits of the key, bits of the ICV.
algorithms()
{
	local n=4096 name icv bits

	for name in aes-gcm:32 aes-ccm:24; do
		for icv in 8 12 16; do
			for bits in 128 192 256; do
				row "${name%:*}-$icv" $((bits + ${name#*:})) \
				    $((icv * 8))
			done
		done
	done
	for bits in 160 224 288; do
		row aes-ctr "$bits" 128
		row aes-gmac "$bits" 128
	done
	row chacha20-poly1305 288 128
	for bits in 256 384 512; do
		row "hmac-sha$bits" "$bits" $((bits / 2))
	done
	row hmac-sha256-96 256 96
}
row() { printf '0x%08x %s %d %d\n' $((n++)) "$@"; }

# A cipher without an ICV of its own gets one of 128 bits.
add_algorithms()
{
	local spi name bits icv

	while read -r spi name bits icv; do
		case $name in
		hmac-*) name="null -A $name" ;;
		esac
		key "$bits"
		echo "add 10.0.0.1 10.0.0.2 esp $spi -E $name $KEY"
		[ "$name" != aes-ctr ] || echo "-A hmac-sha256 $K32"
		echo ';'
	done
}

# SPI, name and bits of the first key of each SA, from -D
shown_keys()
{
	awk '/spi=/ { spi = substr($2 $3, index($2 $3, "(") + 1, 10)
		name = "" }
	    name != "" && /^ / { for (i = 1; i <= NF; i++) bits += 4 * length($i) }
	    /^	[EA]:/ && name == "" { name = $2; bits = 0
		for (i = 3; i <= NF; i++) bits += 4 * length($i) }
	    /^	seq=/ { print spi, name, bits }' | sort
}

# SPI and ICV of each SA, from ip
kernel_icvs()
{
	awk '/ spi / { spi = $4 } /aead|auth-trunc/ { print spi, $NF }' | sort
}

scene_algorithms()
{
	host_new a
	algorithms >"$B/table"
	add_algorithms <"$B/table" >"$B/script"
	check 'all are taken' on a "$SETKEY" -f "$B/script"
	cut -d' ' -f1-3 "$B/table" >"$B/want"
	on a "$SETKEY" -D | shown_keys >"$B/got"
	check 'all are printed' diff -u "$B/want" "$B/got"
	cut -d' ' -f1,4 "$B/table" >"$B/want"
	on a ip xfrm state | kernel_icvs >"$B/got"
	check 'the kernel has their ICVs' diff -u "$B/want" "$B/got"
}

# ---- messages ---------------------------------------------------------------

told_case()
{
	local backend=$1

	host_new a
	on a ip link set lo up
	load a <<-END
	add 10.0.0.1 10.0.0.2 esp 0x1000 -m tunnel -E aes-cbc "0123456789abcdef"
		-A hmac-sha1 "01234567890123456789";
	add 10.0.0.2 10.0.0.1 ah 0x1001 -A hmac-md5 "0123456789abcdef";
	spdadd 10.1.0.0/16 10.2.0.0/16 any -P in ipsec
		esp/tunnel/10.0.0.1-10.0.0.2/require;
	spdadd 10.2.0.0/16[80] 10.1.0.0/16 tcp -P out ipsec
		esp/tunnel/10.0.0.2-10.0.0.1/require;
	END
	export IPSEC_BACKEND=$backend
	check "$backend: -Dv" same "$GOLDEN/told-D.told" on a "$SETKEY" -Dv
	check "$backend: -DPv" same "$GOLDEN/told-DP.told" on a "$SETKEY" -DPv
	check "$backend: -DH" same "$GOLDEN/told-DH.told" on a "$SETKEY" -DH
	check "$backend: -Fv" same "$GOLDEN/told-F.told" on a "$SETKEY" -Fv
	check "$backend: -FPv" same "$GOLDEN/told-FP.told" on a "$SETKEY" -FPv
	echo 'delete 10.0.0.1 10.0.0.2 esp 0x77;' |
	    on a "$SETKEY" -vf - >"$B/told" 2>&1
	check "$backend: a refusal has its number" grep -q \
	    '^sadb_msg{ version=2 type=4 errno=3 satype=3$' "$B/told"
	unset IPSEC_BACKEND
}
scene_told() { told_case xfrm; }
scene_told_pfkey() { told_case pfkey; }

# The messages of the kernel alone, each once: they say what was used so far.
events()
{
	awk 'BEGIN { RS = ""; ORS = "\n\n" }
	    { sub(/^([0-9:.]* \n)*/, "") }
	    /sadb_ext{ len=4 type=2 }/ && $0 != last { print; last = $0 }' |
	    plain | sed 's/seq=[0-9]* pid=N/seq=N pid=N/'
}

# monitor HOST [OPTION...]: in the background, until it listens.
monitor()
{
	local h=$1
	shift

	spawn "$h" monitor "$SETKEY" -x "$@"
	nap 1
}

events_case()
{
	local backend=$1

	host_new a
	export IPSEC_BACKEND=$backend
	monitor a
	load a <<-END
	add 192.0.2.1 192.0.2.2 esp 0x10001 -E aes-cbc 0x00112233445566778899aabbccddeeff;
	spdadd 192.0.2.1 192.0.2.2 any -P in none;
	spddelete 192.0.2.1 192.0.2.2 any -P in;
	delete 192.0.2.1 192.0.2.2 esp 0x10001;
	END
	on a ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 512 \
	    mode tunnel aead 'rfc4106(gcm(aes))' "$K160" 128
	on a ip xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dir out tmpl \
	    src 1.1.1.1 dst 2.2.2.2 proto esp mode tunnel
	nap 1
	daemon_stop a/monitor
	events <"$GOLDEN/live-promisc.events" >"$B/want"
	events <"$B/a/log/monitor" >"$B/got"
	check "$backend: what -x shows" diff -u "$B/want" "$B/got"
	unset IPSEC_BACKEND
}
scene_events() { events_case xfrm; }
scene_events_pfkey() { events_case pfkey; }

# An SA that ages and ends, one that is wanted; -xx and -H.
scene_life()
{
	pair
	monitor a -x -H
	load a <<-END
	add $A4 $B4 esp 0x10001 -lh 4 -ls 2 -E aes-cbc $K16;
	spdadd $A4 $B4 icmp -P out ipsec ah/transport//require;
	END
	on a ping -n -q -c 1 -W 1 "$B4" >/dev/null
	check 'an SA that is wanted is larval' shows a state=larval -D
	check 'and it is the one' grep -q '^	ah ' "$B/shown"
	check 'and asked for' wait_log a 'type=6 errno=0 satype=2' 5 monitor
	check 'a soft and a hard limit are told' wait_for 10 sh -c \
	    "[ \$(grep -c 'type=8 errno=0 satype=3' $B/a/log/monitor) -ge 2 ]"
	daemon_stop a/monitor
	check 'with times of the epoch' grep -Eq \
	    '^[0-9]{10}\.[0-9]{6} $' "$B/a/log/monitor"
	check 'and bytes' grep -Eq '^00000000: 02 08 00 03 ' "$B/a/log/monitor"
}

# Policies of sockets, made as programs make them.
scene_sockets()
{
	host_new a
	cat >"$B/a/run/socket.pl" <<-'END'
	use Socket;
	# struct xfrm_userpolicy_info: selector, limits, usage, priority,
	# index, direction, action (0: allow, 1: block)
	sub policy {
		my ($s, $dir, $action) = @_;
		my $p = pack('x40 S x14', 2) . pack('Q4 x32', (~0) x 4) .
		    pack('x32 L L C C C C x4', 0, 0, $dir, $action, 0, 0);
		setsockopt($s, 0, 17, $p) or die "setsockopt: $!\n";
	}
	socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
	socket(my $t, PF_INET, SOCK_DGRAM, 0) or die;
	policy($s, 0, 0); policy($s, 1, 0); policy($t, 0, 1);
	$| = 1;
	print "ready\n";
	sleep 60;
	END
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out none;' | load a
	spawn a socket perl "$B/a/run/socket.pl"
	check 'the sockets have policies' wait_log a ready 10 socket
	on a "$SETKEY" -DP | plain | grep -v '	created\|	lifetime\|	refcnt' |
	    sed 's/^	//;s/spid=N seq=[0-9]*/spid=N/' >"$B/got"
	cat >"$B/want" <<-'END'
	(per-socket policy) 
		in(socket) discard
		spid=N pid=N
	(per-socket policy) 
		out(socket) none
		spid=N pid=N
	(per-socket policy) 
		in(socket) none
		spid=N pid=N
	192.0.2.1[any] 192.0.2.2[any] 255
		out prio def none
		spid=N pid=N
	END
	check 'they are shown' diff -u "$B/want" "$B/got"
	check '-N counts them' shows a \
	    '^3 per-socket policies not shown \(filtered by -N\)$' -DPN
	daemon_stop a/socket
}

# Nothing of a failed command gets into the next one, and limits have 64 bits.
scene_session()
{
	host_new a
	on a "$SETKEY" -c >"$B/session" 2>&1 <<-'END'
	add 10.0.0.1 10.0.0.2 esp 0x2001 -m tunnel -u 5 -E des-cbc "short";
	add 10.0.0.1 10.0.0.2 esp 0x2002 -lh 5000000000 -ls 4294967297 -E des-cbc "01234567"; get 10.0.0.1 10.0.0.2 esp 0x2002;
	END
	check 'a session that had an error fails' [ $? -eq 1 ]
	check 'values do not leak' grep -q \
	    '^	esp mode=transport spi=8194(0x00002002) reqid=0(0x00000000)$' \
	    "$B/session"
	check 'limits are not cut' grep -q \
	    'hard: 5000000000(s)	soft: 4294967297(s)$' "$B/session"
	check 'keys are not in errors' refuses grep -q short "$B/session"
}

# What other programs made.
scene_foreign()
{
	host_new a
	on a ip xfrm policy add src 10.0.0.0/8 dst 10.4.0.0/16 dir out \
	    priority 7 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode beet
	on a ip xfrm policy add src 10.0.0.0/8 dst 10.5.0.0/16 dir in \
	    priority 7 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel \
	    reqid 5 level use
	on a "$SETKEY" -DP | grep -v '	created\|	lifetime\|	spid\|	refcnt' |
	    sed 's/^	//' >"$B/got"
	cat >"$B/want" <<-'END'
	10.0.0.0/8[any] 10.5.0.0/16[any] 255
		in prio high + 1073741817 ipsec
		esp/tunnel/192.0.2.1-192.0.2.2/use:5
	10.0.0.0/8[any] 10.4.0.0/16[any] 255
		Policy:[Invalid ipsec mode]
	END
	check 'beet and use with an id' diff -u "$B/want" "$B/got"
}

# ---- Wireshark --------------------------------------------------------------

# sealed PORT SPI ALGORITHMS: SA and policy for UDP to that port on b
sealed()
{
	echo "add $A4 $B4 esp $2 -u $1 $3;"
	echo "spdadd $A4 ${B4}[$1] udp -P out ipsec esp/transport//unique:$1;"
}

# hex TEXT
hex() { printf %s "$1" | od -An -tx1 | tr -d ' \n'; }

# all_sent HOST N: the capture has so many packets of ESP
all_sent() { [ "$(captured "$1" esp)" -ge "$2" ]; }

scene_wireshark()
{
	local port keys=$B/a/run/home/.config/wireshark/esp_sa

	command -v tshark >/dev/null || {
		ok 'no tshark # SKIP'
		return
	}
	pair
	{
		sealed 1001 0x1001 "-E aes-cbc $K16 -A hmac-sha256 $K32"
		sealed 1002 0x1002 "-E 3des-cbc $K192 -A hmac-sha1 $K160"
		sealed 1003 0x1003 "-E aes-gcm-16 $K288"
		sealed 1004 0x1004 "-E null -A hmac-sha512 $K512"
		sealed 1005 0x1005 "-E aes-ctr $K160 -A hmac-md5 $K16"
		sealed 1006 0x1006 "-E camellia-cbc $K16 -A hmac-sha1 $K160"
	} | load a
	on a ping -n -q -c 1 -W 2 "$B4" >/dev/null	# the neighbour
	capture_start a
	for port in 1001 1002 1003 1004 1005 1006; do
		on a bash -c "printf 'marker %d' $port >/dev/udp/$B4/$port"
		echo "$port $(hex "marker $port") 1"
	done | sed 6d >"$B/want"
	check 'six packets are sent' wait_for 10 all_sent a 6
	capture_stop a
	mkdir -p "${keys%/*}"
	on a "$SETKEY" -D --wireshark >"$keys"
	check 'what cannot be decrypted is a comment' grep -q \
	    '^# .* 0x00001006: .*camellia-cbc$' "$keys"
	HOME=$B/a/run/home tshark -n -r "$B/sw/log/a.pcap" \
	    -o esp.enable_encryption_decode:TRUE \
	    -o esp.enable_authentication_check:TRUE -T fields -E separator=' ' \
	    -e udp.dstport -e udp.payload -e esp.icv_good -Y udp \
	    >"$B/got" 2>"$B/shark.err"
	check 'Wireshark reads the others, and finds them authentic' \
	    diff -u "$B/want" "$B/got" ||
	    sed 's/^/# /' "$B/shark.err" | head -n 5
}

# Names of scenes may be given; in a kernel with PF_KEY its own come, too.
case $BACKENDS in
*pfkey*) PFKEY_SCENES='pfkey_limits told_pfkey events_pfkey' ;;
*) PFKEY_SCENES= ;;
esac
# shellcheck disable=SC2086
run_scenes extensions algorithms told events life sockets session foreign \
    wireshark $PFKEY_SCENES
