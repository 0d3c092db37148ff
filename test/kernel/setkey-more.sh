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
# key BITS
key() { printf '0x'; head -c $(($1 / 4)) /dev/zero | tr '\0' 7; }

# Times, processes and numbers that the kernel chooses.
plain()
{
	sed -E -e 's/[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} [0-9]{4}/TIME/g' \
	    -e 's/diff: [0-9]+\(s\)/diff: N(s)/' -e 's/pid=[0-9]+/pid=N/' \
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
	host_new a
	check 'SAs and policies are taken' load a <<-END
	add 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x10/0xff -if_id 42
		-output-mark 0x3/0xf -esn -replay 128 -E aes-gcm-16 $(key 160);
	add 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff -E aes-gcm-16 $(key 160);
	add 10.0.0.1 10.0.0.2 esp 0x1001 -replay 64 -E null;
	add 10.0.0.1 10.0.0.2 esp 0x1002 -esn -E null;
	add 10.0.0.1 10.0.0.2 esp 0x1003 -offload lo out -E aes-gcm-16 $(key 160);
	spdadd 10.0.0.1 10.0.0.2 any -mark 7 -if_id 5 -P out ipsec esp/transport//require;
	spdadd 10.0.0.1 10.0.0.2 any -P out none;
	END
	on a ip -d xfrm state >"$B/states"
	check 'the kernel has the marks' grep -q 'mark 0x10/0xff' "$B/states"
	check 'the interface id' grep -q 'if_id 0x2a' "$B/states"
	check 'the output mark' grep -q 'output-mark 0x3/0xf' "$B/states"
	check 'the windows' sh -c "grep -Eq 'replay[-_]window 128' $B/states &&
	    grep -Eq 'replay[-_]window 64' $B/states"
	check 'extended sequence numbers, twice' \
	    [ "$(grep -c 'flag.*esn' "$B/states")" -eq 2 ]
	on a ip xfrm policy >"$B/policies"
	check 'policies with them' sh -c "grep -q 'mark 0x7/0xffffffff' \
	    $B/policies && grep -q 'if_id 0x5' $B/policies"
	on a "$SETKEY" -D >"$B/short"
	on a "$SETKEY" -DX >"$B/long"
	check 'the plain form does not change' \
	    sh -c "grep -v '	extensions:' $B/long |
	    sed 's/ pid=[0-9]*//' >$B/long2; sed 's/ pid=[0-9]*//' $B/short |
	    sed -E 's/(current|diff): .*//' >$B/s1
	    sed -E 's/(current|diff): .*//' $B/long2 | diff - $B/s1"
	check '-X has it all' grep -q '^	extensions: -mark 0x00000010/0x000000ff -if_id 42 -output-mark 0x00000003/0x0000000f -esn -replay 128$' "$B/long"
	check '-X of policies' sh -c "on_a() { nsenter --target ${RIG_HOLD[a]} \
	    --net --mount -- \"\$@\"; }; on_a $SETKEY -DPX |
	    grep -q '^	extensions: -mark 0x00000007/0xffffffff -if_id 5$'"
	check 'an SA is found by its mark' load a <<-END
	get 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff;
	delete 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff;
	END
	check 'and not without it' refuses load a <<-END
	delete 10.0.0.1 10.0.0.2 esp 0x1000 -mark 0x20/0xff;
	END
	check 'a policy is deleted by its mark and id' load a <<-END
	spddelete 10.0.0.1 10.0.0.2 any -mark 7 -if_id 5 -P out;
	END
	check 'the other stays' [ "$(on a ip xfrm policy | grep -c '^src')" -eq 1 ]
	load a >"$B/said" 2>&1 <<-END
	add 10.0.0.1 10.0.0.2 esp 0x1009 -offload nosuch0 in -E null;
	END
	check 'a device that is not there is named' \
	    grep -q "no such network device at .nosuch0" "$B/said"
}

# What PF_KEY cannot say is refused with a reason, not lost.
scene_pfkey_limits()
{
	case $BACKENDS in *pfkey*) ;; *)
		ok 'no PF_KEY in this kernel # SKIP'
		return ;;
	esac
	host_new a
	for what in '-mark 1' '-if_id 2' '-esn' '-replay 64' \
	    '-output-mark 3' '-offload lo in'; do
		IPSEC_BACKEND=pfkey load a >"$B/said2" 2>&1 <<-END
		add 10.0.0.1 10.0.0.2 esp 0x1000 $what -E aes-cbc $K16;
		END
		check "$what" grep -q '^setkey: -:1: .*(PF_KEY .*XFRM)$' \
		    "$B/said2"
	done
	check 'nothing was added' [ "$(on a ip xfrm state | wc -l)" -eq 0 ]
}

# ---- algorithms -------------------------------------------------------------

# added HOST TEXT: the last line of -D with the algorithms of one new SA.
added()
{
	on "$1" "$SETKEY" -F
	echo "add 10.0.0.1 10.0.0.2 esp 0x1000 $2;" | load "$1" &&
	    on "$1" "$SETKEY" -D >"$B/added"
}

scene_algorithms()
{
	local name bits icv

	host_new a
	for name in aes-gcm-8 aes-gcm-12 aes-gcm-16 aes-ccm-8 aes-ccm-12 \
	    aes-ccm-16; do
		icv=$((${name##*-} * 8))
		for bits in 128 192 256; do
			case $name in
			aes-gcm*) bits=$((bits + 32)) ;;
			*) bits=$((bits + 24)) ;;
			esac
			check "$name, $bits bits" added a "-E $name $(key $bits)"
			check 'is printed' grep -q "^	E: $name  77" "$B/added"
			check "with an ICV of $icv bits" sh -c "nsenter \
			    --target ${RIG_HOLD[a]} --net -- ip xfrm state |
			    grep -q 'aead .* $icv\$'"
		done
	done
	for bits in 160 224 288; do
		check "aes-ctr, $bits bits" added a \
		    "-E aes-ctr $(key $bits) -A hmac-sha256 $K32"
		check 'is printed' grep -q "^	E: aes-ctr  77" "$B/added"
	done
	check 'aes-gmac' added a "-E aes-gmac $(key 160)"
	check 'is printed' grep -q "^	E: aes-gmac  77" "$B/added"
	check 'chacha20-poly1305' added a "-E chacha20-poly1305 $(key 288)"
	check 'is printed' grep -q "^	E: chacha20-poly1305  77" "$B/added"
	for icv in 128 192 256; do
		name=hmac-sha$((icv * 2))
		check "$name" added a "-E null -A $name $(key $((icv * 2)))"
		check 'is printed' grep -q "^	A: $name  77" "$B/added"
		check "cut to $icv bits" sh -c "nsenter --target \
		    ${RIG_HOLD[a]} --net -- ip xfrm state |
		    grep -q 'auth-trunc.* $icv\$'"
	done
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
	    on a "$SETKEY" -vf - >"$B/said2" 2>&1
	check "$backend: a refusal has its number" grep -q \
	    '^sadb_msg{ version=2 type=4 errno=3 satype=3$' "$B/said2"
	unset IPSEC_BACKEND
}
scene_told() { told_case xfrm; }
scene_told_pfkey()
{
	case $BACKENDS in
	*pfkey*) told_case pfkey ;;
	*) ok 'no PF_KEY in this kernel # SKIP' ;;
	esac
}

# The messages of the kernel alone, each once.
events()
{
	awk 'BEGIN { RS = ""; ORS = "\n\n" }
	    { sub(/^([0-9:.]* \n)*/, "") }
	    /sadb_lifetime/ && !/sadb_msg{ version=2 type=7 / && $0 != last { print; last = $0 }' |
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
	    mode tunnel aead 'rfc4106(gcm(aes))' "$(key 160)" 128
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
scene_events_pfkey()
{
	case $BACKENDS in
	*pfkey*) events_case pfkey ;;
	*) ok 'no PF_KEY in this kernel # SKIP' ;;
	esac
}

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
	check 'an SA that is wanted is larval' sh -c \
	    "nsenter --target ${RIG_HOLD[a]} --net -- $SETKEY -D |
	    grep -A3 '	ah ' | grep -q state=larval"
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
	    sed 's/spid=N seq=[0-9]*/spid=N/' >"$B/got"
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
	check '-N counts them' sh -c "nsenter --target ${RIG_HOLD[a]} --net \
	    -- $SETKEY -DPN | grep -q \
	    '^3 per-socket policies not shown (filtered by -N)\$'"
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
	on a "$SETKEY" -DP | grep -v '	created\|	lifetime\|	spid\|	refcnt' \
	    >"$B/got"
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
	echo "spdadd $A4 $B4[$1] udp -P out ipsec esp/transport//unique:$1;"
}

scene_wireshark()
{
	local port n=0

	command -v tshark >/dev/null || {
		ok 'no tshark # SKIP'
		return
	}
	pair
	{
		sealed 1001 0x1001 "-E aes-cbc $K16 -A hmac-sha256 $K32"
		sealed 1002 0x1002 "-E 3des-cbc $(key 192) -A hmac-sha1 $(key 160)"
		sealed 1003 0x1003 "-E aes-gcm-16 $(key 288)"
		sealed 1004 0x1004 "-E null -A hmac-sha512 $(key 512)"
		sealed 1005 0x1005 "-E aes-ctr $(key 160) -A hmac-md5 $K16"
		sealed 1006 0x1006 "-E camellia-cbc $K16 -A hmac-sha1 $(key 160)"
	} | load a
	on a ping -n -q -c 1 -W 2 "$B4" >/dev/null	# the neighbour
	capture_start a
	for port in 1001 1002 1003 1004 1005 1006; do
		on a bash -c "printf 'marker %d' $port >/dev/udp/$B4/$port"
	done
	capture_stop a
	mkdir -p "$B/a/run/home/.config/wireshark"
	on a "$SETKEY" -D --wireshark >"$B/a/run/home/.config/wireshark/esp_sa"
	check 'what cannot be decrypted is a comment' grep -q \
	    '^# .* 0x00001006: .*camellia-cbc$' \
	    "$B/a/run/home/.config/wireshark/esp_sa"
	HOME=$B/a/run/home tshark -n -r "$B/sw/log/a.pcap" \
	    -o esp.enable_encryption_decode:TRUE \
	    -o esp.enable_authentication_check:TRUE \
	    -T fields -e udp.dstport -e esp.icv_good -Y udp \
	    >"$B/shark" 2>"$B/shark.err"
	for port in 1001 1002 1003 1004 1005; do
		check "port $port is read" grep -q "^$port" "$B/shark" &&
		    n=$((n + 1))
	done
	[ "$n" -eq 5 ] || head -n 5 "$B/shark" "$B/shark.err" | sed 's/^/# /'
	check 'and no more' [ "$(wc -l <"$B/shark")" -eq 5 ]
}

run_scenes extensions pfkey_limits algorithms told told_pfkey events \
    events_pfkey life sockets session foreign wireshark
