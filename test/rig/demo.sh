#!/bin/bash
# SPDX-License-Identifier: ISC
# What test/demo shows, inside the guest.
. "$RIG/lib.sh"
SAMPLE=$RIG/../kernel/sample
FAIL=

say() { printf '\n== %s\n' "$*"; }
show() { sed 's/^/    /'; }

# must TEXT COMMAND...: a step of the demo
must()
{
	local text=$1
	shift

	if "$@" >"$B/said" 2>&1; then
		echo "  $text: yes"
	else
		echo "  $text: NO"
		tail -n 5 "$B/said" | show
		FAIL=yes
		save_logs
	fi
}

# Sample policies name 1.2.3.4 and 5.6.7.8; b sees them the other way round.
files()
{
	local me=$1 peer=$2 h=$3

	cp "$SAMPLE/racoon.conf" "$B/$h/etc/racoon/"
	grep -v 5.6.7.9 "$SAMPLE/ipsec-tools.conf" |
	    sed "s/1\\.2\\.3\\.4/$me/g; s/5\\.6\\.7\\.8/$peer/g" \
	    >"$B/$h/etc/ipsec-tools.conf"
	psk "$h" "$peer" 'a long secret that both hosts know'
}

# Milliseconds from the packet that asked to the SAs, and what racoon says.
negotiate()
{
	local t0=${EPOCHREALTIME/./} t1

	on a "$TRAFFIC" touch $B4
	wait_for 20 sa_is a 2
	t1=${EPOCHREALTIME/./}
	echo "  From the first packet to both SAs in the kernel:" \
	    "$(((t1 - t0) / 1000)) ms, as this script sees it."
	grep -E 'ISAKMP-SA established|IPsec-SA established' \
	    "$B/a/log/racoon" | show
}

cat <<END

ipsec-tools: two hosts, $A4 (a) and $B4 (b), on Linux $(uname -r).
Each has network, /etc and /run of its own; between them is a switch, and
tcpdump listens there.
END

pair
files $A4 $B4 a
files $B4 $A4 b
serve b

say '1. Without IPsec, everybody on the way can read'
capture_start a
must 'UDP from a to b passes' udp a $B4 1 0 2
capture_stop a
tcpdump -n -A -r "$B/sw/log/a.pcap" 'udp and src 192.0.2.1' 2>/dev/null |
    grep -ao 'packet.*marker' | head -n 1 | sed 's/^/    on the wire: /'

say "2. The files of a (b's are the same the other way round)"
for f in racoon/racoon.conf ipsec-tools.conf; do
	echo "  /etc/$f"
	show <"$B/a/etc/$f"
done
echo '  /etc/racoon/psk.txt (mode 600): the address of b and the secret'

say '3. setkey loads the policies; racoon starts'
must 'setkey -f /etc/ipsec-tools.conf on a' \
    on a "$SETKEY" -f /etc/ipsec-tools.conf
must 'setkey -f /etc/ipsec-tools.conf on b' \
    on b "$SETKEY" -f /etc/ipsec-tools.conf
must 'racoon starts on a' racoon_start a
must 'racoon starts on b' racoon_start b

warm_up
say '4. The first packet makes the kernel ask racoon for SAs'
capture_start a
negotiate

say '5. Traffic now'
must 'UDP from a to b, 20 packets' udp a $B4 20 0.02
must 'TCP from a to b' tcp a $B4
must 'ping passes (in the clear: its policies say "none")' pinged a $B4
capture_stop a
echo '  on the wire:'
tcpdump -n -r "$B/sw/log/a.pcap" 'udp port 500 or esp or icmp' 2>/dev/null |
    awk '/isakmp/ && i++ < 9 || /ESP/ && e++ < 4 || /ICMP/ && c++ < 1' | show
must 'no text of ours on the wire' \
    refuses grep -aq 'clear text marker' "$B/sw/log/a.pcap"

say '6. The two SAs (setkey -D) and what went through them'
on a "$SETKEY" -D | sed -E '/^\t[EA]: /s/ [0-9a-f]{8} .*/ (key not shown)/' |
    show
must 'both SAs count packets' counted a $A4 $B4

say '7. The policies (setkey -DP)'
echo '  (without those of racoon'"'"'s own sockets and the bypass for SSH)'
on a "$SETKEY" -DP | awk '/^[^\t]/ { p = $0 !~ /per-socket|tcp/ } p' | show

say '8. racoon stops: its SAs stay, and the next start takes them over'
must 'racoon on a ends with status 0' racoon_stop a
must 'UDP still passes, as ESP' udp a $B4
must 'racoon on a starts again' racoon_start a
must 'and goes on with what was there' logged a 'ISAKMP-SAs and .* handed over'
must 'with the same two SAs' sa_is a 2

say '9. A host without IPsec gets no answer'
before=$(xfrm_stat a XfrmInTmplMismatch)
serve a
echo 'spdflush;' | on b "$SETKEY" -c
must 'UDP in the clear from b is refused by a' refuses udp b $A4 3 0.05 1
echo "  packets that a's kernel refused: $(($(xfrm_stat a XfrmInTmplMismatch) - before))"

hosts_end
if [ -n "$FAIL" ]; then
	printf '\nSomething did not work; see above.\n'
	exit 1
fi
printf '\nAll of it worked.  test/all runs every test.\n'
