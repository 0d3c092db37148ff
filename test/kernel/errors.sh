#!/bin/bash
# SPDX-License-Identifier: ISC
# What goes wrong, and reloading: one clear line, nothing half-installed.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

# The kernel asks again so soon after a negotiation that failed.
export ACQ_EXPIRES=10
NOTHING='no SA on either side, and no packet in the clear'
nothing_installed()
{
	sa_is a 0 && sa_is b 0 && [ "$(captured a 'udp port 7')" -eq 0 ]
}

# fails_to_come_up: a sends, nothing comes.
fails_to_come_up()
{
	capture_start a
	check 'no packet passes' refuses udp a $B4 2 0.1 3
}

# few LINES HOST: no flood of complaints
few() { [ "$(log_count "$2" ' (ERROR|WARNING): ')" -le "$1" ]; }

scene_wrong_psk()
{
	pair
	conf a
	conf b
	psk a $B4 "$KEY"
	psk b $A4 'another key'
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'a line on b names the key as the reason' wait_log b \
	    "$A4.*(ERROR|WARNING):.*([Pp]re-shared|PSK|psk)" 15
	check 'a line on a, too' wait_log a \
	    "$B4.*(ERROR|WARNING):.*([Pp]re-shared|PSK|psk)" 15
	capture_stop a
	check "$NOTHING" nothing_installed
	check 'few lines on a' few 4 a
	check 'few lines on b' few 4 b
}

scene_no_phase1_proposal()
{
	pair
	P1_ENC=3des P1_HASH=sha1 conf a
	conf b
	keys a b
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'b says so' wait_log b "$A4.*(ERROR|WARNING).*proposal"
	check 'with what the peer offers' logged b '3DES|3des'
	check 'and with what b would take' logged b 'AES|aes'
	check 'a tells what the peer said' wait_log a \
	    "$B4.*(ERROR|WARNING|NOTIFY).*(NO-PROPOSAL-CHOSEN|proposal)"
	capture_stop a
	check "$NOTHING" nothing_installed
	check 'few lines on b' few 6 b
}

scene_no_phase2_proposal()
{
	pair
	P2_ENC=3des conf a
	P2_ENC='aes 256' conf b
	keys a b
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'the IKE SA is up' wait_log a 'ISAKMP-SA established'
	check 'b says so' wait_log b "$A4.*(ERROR|WARNING).*proposal"
	check 'with what the peer offers' logged b '3DES|3des'
	check 'and with what b would take' logged b '(AES|aes).*256'
	check 'a tells what the peer said' wait_log a \
	    "$B4.*(ERROR|WARNING|NOTIFY).*(NO-PROPOSAL-CHOSEN|proposal)"
	capture_stop a
	check "$NOTHING" nothing_installed
}

scene_unknown_peer()
{
	pair
	conf a
	{
		conf b
		sed -i "s/remote anonymous/remote 192.0.2.77/" \
		    "$B/b/etc/racoon/racoon.conf"
	}
	keys a b
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'b names the peer it has no remote block for' \
	    wait_log b "$A4.*(ERROR|WARNING):.*(no remote|remote. block)"
	capture_stop a
	check "$NOTHING" nothing_installed
}

scene_no_psk_file()
{
	pair
	both
	transport4
	rm "$B/a/etc/racoon/psk.txt"
	racoons a b
	serve b
	fails_to_come_up
	check 'a line names the file' \
	    wait_log a '(ERROR|WARNING):.*/etc/racoon/psk\.txt'
	capture_stop a
	check "$NOTHING" nothing_installed
	psk a $B4 "$KEY"
	check 'the file is there: the next negotiation succeeds' \
	    udp_through a $B4 40
}

scene_readable_psk_file()
{
	pair
	both
	transport4
	chmod 644 "$B/a/etc/racoon/psk.txt"
	racoons a b
	serve b
	fails_to_come_up
	check 'a line names the file and its mode' \
	    wait_log a '(ERROR|WARNING):.*/etc/racoon/psk\.txt.*(mode|perm|644|read|access)'
	capture_stop a
	check "$NOTHING" nothing_installed
	chmod 600 "$B/a/etc/racoon/psk.txt"
	check 'the mode is right: the next negotiation succeeds' \
	    udp_through a $B4 40
}

scene_no_key_for_peer()
{
	pair
	conf a
	conf b
	psk a 192.0.2.77 "$KEY"
	psk b $A4 "$KEY"
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'a line names the peer without a key' wait_log a \
	    "$B4.*(ERROR|WARNING):.*([Pp]re-shared|PSK|psk)"
	capture_stop a
	check "$NOTHING" nothing_installed
}

scene_edited_psk_file()
{
	pair
	conf a
	conf b
	psk a $B4 "$KEY"
	psk b $A4 'another key'
	transport4
	racoons a b
	serve b
	capture_start a
	check 'no packet passes' refuses udp a $B4 1 0 2
	capture_stop a
	rm "$B/b/etc/racoon/psk.txt"
	psk b $A4 "$KEY"
	check 'the next negotiation takes the new key' udp_through a $B4 60
}

scene_bad_configuration()
{
	pair
	conf a
	keys a b
	echo 'remote anonymous { exchange_mode sideways; }' >>"$B/a/etc/racoon/racoon.conf"
	line=$(wc -l <"$B/a/etc/racoon/racoon.conf")
	check 'racoon does not start' refuses on a \
	    "$RACOON" -F -f /etc/racoon/racoon.conf
	on a "$RACOON" -F -f /etc/racoon/racoon.conf \
	    >"$B/a/log/racoon" 2>&1
	check 'and names file and line' \
	    logged a "/etc/racoon/racoon.conf:$line:"
	on a "$RACOON" -t -f /etc/racoon/racoon.conf \
	    >"$B/a/log/test" 2>&1
	check 'so does the test of the configuration' \
	    logged a "/etc/racoon/racoon.conf:$line:" test
	conf a
	check 'a good one passes the test' \
	    on a "$RACOON" -t -f /etc/racoon/racoon.conf
	check 'no file: it says which' bad_name
}

bad_name()
{
	! on a "$RACOON" -F -f /etc/racoon/none.conf >"$B/a/log/none" 2>&1 &&
	    logged a '/etc/racoon/none.conf' none
}

scene_reload()
{
	pair
	both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	cp "$B/a/etc/racoon/racoon.conf" "$B/a/good.conf"
	echo 'sainfo anonymous { pfs_group modp0; }' >>"$B/a/etc/racoon/racoon.conf"
	line=$(wc -l <"$B/a/etc/racoon/racoon.conf")
	racoon_hup a
	check 'a bad reload names file and line' \
	    wait_log a "/etc/racoon/racoon.conf:$line:"
	check 'the SAs stay' sa_is a 2
	check 'traffic passes' udp a $B4
	on a ip xfrm state flush
	on b ip xfrm state flush
	check 'the running configuration still negotiates' \
	    first_packet a $B4
	P2_ENC='aes 256' conf a
	P2_ENC='aes 256' conf b
	racoon_hup a
	racoon_hup b
	for h in a b; do
		check "the reload is done on $h" \
		    wait_log $h 'the configuration was reloaded'
	done
	check 'a good reload: racoon runs' running a/racoon
	check 'new SAs have what the new file says' new_key_size
}

new_key_size()
{
	on a ip xfrm state flush
	on b ip xfrm state flush
	first_packet a $B4 || return 1
	on a ip xfrm state | grep -Eq 'enc cbc\(aes\) 0x[0-9a-f]{64}$'
}

scene_bad_setkey_file()
{
	pair
	{
		protect $A4 $B4
		echo "spdadd $A4 $B4 any -P sideways none;"
	} >"$B/a/etc/ipsec-tools.conf"
	on a "$SETKEY" -f /etc/ipsec-tools.conf >"$B/a/log/setkey" 2>&1
	rc=$?
	check "setkey fails (status $rc)" test $rc -ne 0
	check 'and names the line' logged a '/etc/ipsec-tools.conf,3:' setkey
	check 'nothing is applied' test -z "$(on a ip xfrm policy list)"
}

# b knows a by another name: the answer says so.
scene_refused_identity()
{
	pair
	conf a
	conf b 'verify_identifier on; peers_identifier address 192.0.2.77;'
	keys a b
	transport4
	racoons a b
	serve b
	fails_to_come_up
	check 'b names the identity and the block' wait_log b \
	    "$A4.*ERROR:.*No ID match.*$A4.*remote anonymous"
	check 'a tells what the peer said' wait_log a \
	    "$B4.*(ERROR|WARNING|NOTIFY).*INVALID-ID-INFORMATION"
	capture_stop a
	check "$NOTHING" nothing_installed
	check 'few lines on b' few 2 b
}

# The kernel's loader answers no for this cipher; only in a guest is the
# loader ours to change.
LOADER=/proc/sys/kernel/modprobe
no_des()
{
	pair
	P2_ENC=3des P2_AUTH=hmac_sha1 both
	transport4
	if [ "$(<$LOADER)" != "$RIG/modprobe" ] ||
	    grep -q des3_ede /proc/crypto; then
		ok 'the kernel refuses the SA # SKIP not in a guest'
		return 1
	fi
	echo "$RIG/modprobe-no-des" >$LOADER
}

# refused HOST PEER: after racoons have started
refused()
{
	serve b
	fails_to_come_up
	check 'a line tells that the kernel refuses the SA' wait_log "$1" \
	    "$2.*ERROR:.*kernel refuses.*(3des|3DES)"
	capture_stop a
	echo "$RIG/modprobe" >$LOADER
}

scene_kernel_without_cipher()
{
	no_des || return
	racoons a b
	refused b $A4
	check "$NOTHING" nothing_installed
}

# Both hosts have one kernel: b's racoon goes on only with another cipher put
# in its messages.  What it has begun ends with its exchange.
scene_initiator_without_cipher()
{
	no_des || return
	gcc -O2 -D_GNU_SOURCE -fPIC -shared -o "$B/b/as_aes.so" \
	    "$RIG/../kernel/as_aes.c" || not_ok 'as_aes.c compiles'
	printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$B/b/as_aes.so" \
	    "$RACOON" >"$B/b/racoon"
	chmod 755 "$B/b/racoon"
	racoons a
	RACOON=$B/b/racoon racoons b
	refused a $B4
	check "$NOTHING" wait_for 20 nothing_installed
}

# Random bytes and broken messages from a host that b knows nothing about.
C4=192.0.2.3
scene_noise()
{
	pair
	both
	transport4
	host_new c
	attach c $C4/24
	psk b $C4 "$KEY"
	racoons a b
	serve b
	capture_start c
	check 'three hundred packets leave' noise
	nap 2
	capture_stop c
	check 'racoon runs' running b/racoon
	check 'and has answered the valid ones' answered
	check 'and has sent no more bytes than it got' less_back
	check 'traffic comes up' udp_through a $B4 30
}

# Half of it looks like a first message; of that, every eighth is one.
noise()
{
	on c perl -MIO::Socket::IP -MTime::HiRes=sleep -e '
	    srand 7;
	    my $s = IO::Socket::IP->new(PeerHost => $ARGV[0],
		PeerPort => 500, Proto => "udp") or die "$@\n";
	    # AES-128, SHA-256, modp2048, pre-shared key, an hour.
	    my $transform = pack "C2 n C2 n (n2)7", 0, 0, 36, 1, 1, 0,
		0x8001, 7, 0x800e, 128, 0x8002, 4, 0x8004, 14, 0x8003, 1,
		0x800b, 1, 0x800c, 3600;
	    my $sa = pack("C2 n N2 C2 n C4", 0, 0, 56, 1, 1, 0, 0, 44, 1, 1,
		0, 1) . $transform;
	    sub cookie { join "", map { chr 1 + int rand 255 } 1 .. 8 }
	    for my $n (1 .. 300) {
		my $len = int rand 300;
		my $x = join "", map { chr int rand 256 } 1 .. $len;
		$x = pack("a8 x8 C4 N2", $x, 1, 0x10, 2, 0, 0, 28 + $len) . $x
		    if $n % 2;
		$x = cookie() . pack("x8 C4 N2", 1, 0x10, 2, 0, 0,
		    28 + length $sa) . $sa if $n % 16 == 1;
		syswrite $s, $x;
		sleep 0.005;
	    }' $B4
}

# An answer has the SA payload alone: it is as long as the question.
answered()
{
	local n
	n=$(captured c "udp and src $B4 and udp[24] == 1 and udp[26] == 2")
	echo "$n answers"
	[ "$n" -gt 0 ]
}

less_back()
{
	local got sent

	got=$(bytes "udp and dst $B4") sent=$(bytes "udp and src $B4")
	echo "$got bytes came, $sent went"
	[ "$got" -gt 20000 ] && [ "$sent" -le "$got" ]
}

bytes()
{
	tcpdump -n -e -r "$B/sw/log/c.pcap" "$1" 2>/dev/null |
	    awk 'match($0, /length [0-9]+/) {
		n += substr($0, RSTART + 7, RLENGTH - 7) } END { print n + 0 }'
}

run_scenes kernel_without_cipher initiator_without_cipher wrong_psk \
    no_phase1_proposal no_phase2_proposal unknown_peer refused_identity \
    no_psk_file readable_psk_file \
    no_key_for_peer edited_psk_file bad_configuration reload \
    bad_setkey_file noise
