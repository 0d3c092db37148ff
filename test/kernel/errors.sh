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
	check 'the IKE SA is up' logged a 'ISAKMP-SA established'
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
	    wait_log b "$A4.*(ERROR|WARNING)"
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
	check 'the first packet brings up the SAs' udp_through a $B4
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
	    udp_through a $B4 30
	P2_ENC='aes 256' conf a
	P2_ENC='aes 256' conf b
	racoon_hup a
	racoon_hup b
	nap 2
	check 'a good reload: racoon runs' running a/racoon
	check 'new SAs have what the new file says' new_key_size
}

new_key_size()
{
	on a ip xfrm state flush
	on b ip xfrm state flush
	udp_through a $B4 40 || return 1
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

# The kernel's loader answers no for this cipher; only in a guest is the
# loader ours to change.
scene_kernel_without_cipher()
{
	local loader=/proc/sys/kernel/modprobe was

	pair
	P2_ENC=3des P2_AUTH=hmac_sha1 both
	transport4
	was=$(<$loader)
	if [ "$was" != "$RIG/modprobe" ] || grep -q des3_ede /proc/crypto; then
		ok 'the kernel refuses the SA # SKIP not in a guest'
		return
	fi
	echo "$RIG/modprobe-no-des" >$loader
	racoons a b
	serve b
	fails_to_come_up
	check 'a line tells that the kernel refuses the SA' wait_log b \
	    "$A4.*ERROR:.*kernel refuses.*(3des|3DES)"
	capture_stop a
	check "$NOTHING" nothing_installed
	echo "$was" >$loader
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
	racoons a b
	serve b
	capture_start c
	check 'three hundred packets leave' noise
	nap 2
	capture_stop c
	check 'racoon runs' running b/racoon
	check 'and has sent no more bytes than it got' less_back
	check 'traffic comes up' udp_through a $B4 30
}

# Half of it looks like a first message.
noise()
{
	on c perl -MIO::Socket::IP -MTime::HiRes=sleep -e '
	    srand 7;
	    my $s = IO::Socket::IP->new(PeerHost => $ARGV[0],
		PeerPort => 500, Proto => "udp") or die "$@\n";
	    for my $n (1 .. 300) {
		my $len = int rand 300;
		my $x = join "", map { chr int rand 256 } 1 .. $len;
		$x = pack("a8 x8 C4 N2", $x, 1, 0x10, 2, 0, 0, 28 + $len) . $x
		    if $n % 2;
		syswrite $s, $x;
		sleep 0.005;
	    }' $B4
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

run_scenes kernel_without_cipher wrong_psk no_phase1_proposal \
    no_phase2_proposal unknown_peer no_psk_file readable_psk_file \
    no_key_for_peer edited_psk_file bad_configuration reload \
    bad_setkey_file noise
