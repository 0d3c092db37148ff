#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon-tool of the Debian package: what it makes of a configuration as people
# have it.  racoon and setkey are the real ones, but nothing reaches a kernel.
# Prints TAP.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0 bad=0
command -v perl >/dev/null || {
	echo '1..0 # SKIP perl is not there'
	exit 77
}

check()
{
	local text=$1
	shift
	n=$((n + 1))
	if "$@" >"$T/said" 2>&1; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		sed 's/^/#   /' "$T/said"
		bad=$((bad + 1))
	fi
}
fails() { ! "$@"; }

# Notes what it is called with; a script must be one that the real one takes.
# "-P -D" shows what $T/spd has.
cat >"$T/setkey" <<END
#!/bin/sh
echo "\$*" >>"$T/calls"
case "\$*" in
'-P -D') cat "$T/spd" 2>/dev/null || echo 'No SPD entries.' ;;
-f*) cat >"$T/script" && "$PWD/setkey/setkey" -n -f "$T/script" >/dev/null ;;
esac
END
# The start is noted, too; its process is one that does nothing.
cat >"$T/racoon" <<END
#!/bin/bash
[ "\$1" = -t ] && exec "$PWD/racoon/racoon" "\$@"
echo "racoon \$*" >>"$T/calls"
sleep 60 >/dev/null 2>&1 & echo \$! >"$T/racoon.pid"
END
chmod 755 "$T/setkey" "$T/racoon"
mkdir -p "$T/etc/racoon-tool.conf.d"
(umask 077; echo '192.0.2.2 secret' >"$T/etc/psk.txt")
export RACOON_TOOL_ETC=$T/etc RACOON_TOOL_LIB=$T RACOON_TOOL_RUN=$T
export RACOON_TOOL_SETKEY=$T/setkey RACOON_TOOL_RACOON=$T/racoon PAGER=cat
tool()
{
	: >"$T/calls"
	rm -f "$T/script"
	perl "$top/debian/racoon-tool" "$@"
}
conf() { cat >"$T/etc/racoon-tool.conf"; }
made() { diff - "$1"; }

conf <<'END'
# comment
global:
	log: notify
	privsep: no

connection(%default):
	src_ip: 192.0.2.1

Connection(branch):
	src_range: 10.1.0.0/24	# ours
	dst_range: 10.2.0.0/24
	dst_ip: 192.0.2.2
	admin_status: enabled
	compression: yes
	lifetime: time 20 min

connection(hosts):
	dst_ip: 192.0.2.3
	admin_status: yes
	level: require
	pfs_group: none

connection(printer):
	src_range: 10.1.0.200
	dst_range: 0.0.0.0/0
	policy: discard
	admin_status: on

connection(off):
	dst_ip: 192.0.2.9

peer(192.0.2.2):
	verify_cert: yes
	passive: off
	lifetime: time 60 min
	hash_algorithm[0]: sha256
	encryption_algorithm[0]: aes 256
	dh_group[0]: modp2048
	hash_algorithm[1]: sha1
	my_identifier: fqdn gate.example.net
	peers_identifier: fqdn "branch.example.net"
END
check 'start' tool start
check 'policies as they have to be' made "$T/script" <<'END'
spdflush;
spdadd 10.1.0.0/24 10.2.0.0/24 any -P out ipsec
	ipcomp/tunnel/192.0.2.1-192.0.2.2/require
	esp/transport//unique;
spdadd 10.2.0.0/24 10.1.0.0/24 any -P in ipsec
	ipcomp/tunnel/192.0.2.2-192.0.2.1/use
	esp/transport//unique;
spdadd 192.0.2.1 192.0.2.3 icmp -P out prio 1 none;
spdadd 192.0.2.1 192.0.2.3 any -P out ipsec
	esp/transport//require;
spdadd 192.0.2.3 192.0.2.1 icmp -P in prio 1 none;
spdadd 192.0.2.3 192.0.2.1 any -P in ipsec
	esp/transport//require;
spdadd 10.1.0.200 0.0.0.0/0 any -P out discard;
spdadd 0.0.0.0/0 10.1.0.200 any -P in discard;
END
check 'racoon.conf as it has to be' made "$T/racoon.conf" <<END
# By racoon-tool: changes are lost.
log notify;
path pre_shared_key "$T/etc/psk.txt";
path certificate "$T/etc/certs";
remote 192.0.2.2 {
	exchange_mode main;
	lifetime time 60 min;
	my_identifier fqdn "gate.example.net";
	passive off;
	peers_identifier fqdn "branch.example.net";
	verify_cert on;
	proposal {
		authentication_method pre_shared_key;
		dh_group modp2048;
		encryption_algorithm aes 256;
		hash_algorithm sha256;
	}
	proposal {
		authentication_method pre_shared_key;
		dh_group modp2048;
		encryption_algorithm aes 256;
		hash_algorithm sha1;
	}
}
remote 192.0.2.3 {
	exchange_mode main;
	proposal {
		authentication_method pre_shared_key;
		dh_group modp1024;
		encryption_algorithm 3des;
		hash_algorithm sha1;
	}
}
sainfo address 10.1.0.0/24 any address 10.2.0.0/24 any {
	pfs_group modp1024;
	lifetime time 20 min;
	encryption_algorithm aes,3des;
	authentication_algorithm hmac_sha1,hmac_md5;
	compression_algorithm deflate;
}
sainfo address 192.0.2.1 any address 192.0.2.3 any {
	encryption_algorithm aes,3des;
	authentication_algorithm hmac_sha1,hmac_md5;
	compression_algorithm deflate;
}
END
check 'nobody else can read it' test "$(stat -c %a "$T/racoon.conf")" = 600
check 'racoon is started with it' \
    grep -qx "racoon -f $T/racoon.conf" "$T/calls"
check 'start of what runs' tool start
check 'starts no second one' fails grep -q racoon "$T/calls"
pid=$(cat "$T/racoon.pid")

printf '%s\n' '10.1.0.0/24[any] 10.2.0.0/24[any] 255' '	out prio def ipsec' \
    '192.0.2.1[any] 192.0.2.3[any] icmp 8,0' '	out prio def none' >"$T/spd"
list() { tool vlist "$@" | sed 's/ .* / /' | awk '{ print $1, $2 }'; }
check 'vpnlist' tool vpnlist
check 'tells what is up, down and disabled' \
    test "$(tool vpnlist | awk '{ printf "%s=%s ", $1, $2 }')" = \
    'branch=up hosts=down off=disabled printer=down '
check 'vpndown of what is up' tool VDOWN branch
check 'takes away its policies' made "$T/script" <<'END'
spddelete 10.1.0.0/24 10.2.0.0/24 any -P out;
spddelete 10.2.0.0/24 10.1.0.0/24 any -P in;
END
check 'vpndown of what is down' tool vpndown hosts
check 'does nothing' fails test -e "$T/script"
check 'vpnup' tool vup hosts
check 'adds policies' grep -q '^spdadd 192.0.2.1 192.0.2.3 any -P out' "$T/script"
check 'vpnreload' tool vreload branch
check 'replaces them' grep -q '^spdupdate 10.1' "$T/script"
check 'vpnup of a disabled one fails' fails tool vup off
check 'and of one that is not there' fails tool vup nobody
check 'the menu takes one down' sh -c "printf '1\nq\n' | perl '$top/debian/racoon-tool' vmenu branch"
check 'by its number' grep -q '^spddelete 10.1' "$T/script"

refused() { ! tool start 2>"$T/words"; }
# wrong TEXT: a configuration that is refused with a word about the line
wrong()
{
	printf '%b\n' "$1" | conf
	check "refused: $1" refused
	check 'with its place' grep -q "racoon-tool.conf:[0-9]*: " "$T/words"
	check 'and without any change' fails test -s "$T/calls"
}
wrong 'global:\n nonsense: 1'
wrong 'nonsense'
wrong 'peer(10.0.0.1; rm):\n'
wrong 'peer(10.0.0.1):\n passive: off; } x {'
wrong 'connection(x):\n src_ip: 10.0.0.1;spdflush'
wrong 'connection(x):\n src_ip: 10.0.0.1\n admin_status: yes'
wrong 'connection(x):\n admin_status: maybe'
wrong 'connection():\n'
wrong 'spdadd(x):\n spdadd ___src_range___'
printf 'peer(10.0.0.1):\n exchange_mode: sideways\n' | conf
cp "$T/racoon.conf" "$T/before"
check 'what racoon does not take is refused' fails tool reload
check 'and the old file stays' cmp "$T/before" "$T/racoon.conf"
check 'setkey is not called' fails test -s "$T/calls"

printf 'global:\n log: info\n' | conf
echo 'connection(more):
	src_ip: 2001:db8::1
	dst_ip: 2001:db8::2
	admin_status: enabled' >"$T/etc/racoon-tool.conf.d/more.conf"
check 'reload' tool reload
check 'reads the directory, too' \
    grep -qx 'spdadd 2001:db8::1 2001:db8::2 icmp6 -P out prio 1 none;' "$T/script"
check 'and makes no policies but those' test "$(grep -c spdadd "$T/script")" -eq 4
# Its SIGHUP has ended what stands for racoon.
wait_gone() { for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done; return 1; }
check 'racoon was told' wait_gone
check 'restart' tool force-reload
check 'starts it again' grep -q '^racoon' "$T/calls"
check 'stop' tool stop
check 'ends it' fails kill -0 "$(cat "$T/racoon.pid")"
check 'and empties both tables' test "$(tail -n 2 "$T/calls" | tr '\n' ' ')" = '-F -P -F '
check 'dump' tool saddump
check 'calls setkey -D' grep -qx -- -D "$T/calls"
check 'another word is refused' fails tool nonsense
cp "$top/debian/racoon-tool.conf" "$T/etc"
sed -i 's/^#\(connection\|peer\|	\)/\1/' "$T/etc/racoon-tool.conf"
check 'the example in the file that is installed' tool racoonstart
kill "$(cat "$T/racoon.pid")"

echo "1..$n"
[ $bad -eq 0 ]
