#!/bin/bash
# SPDX-License-Identifier: ISC
# The system that test/packages/run has upgraded, as a gateway: its own programs,
# started by its own init scripts with what the operator had configured before.
# The other gateway is a copy with everything turned round.
. "$RIG/lib.sh"

# system HOST: the root of the host, with /etc, /run and /var of its own
system()
{
	local h=$1 own=$B/$1/system dir

	mkdir -p "$own/root" "$own/run" "$own/tmp" "$own/log"
	cp -a "$ROOT/etc" "$own/etc"
	on "$h" mount --bind "$ROOT" "$own/root"
	on "$h" mount --bind "$own/etc" "$own/root/etc"
	for dir in run tmp; do
		on "$h" mount --bind "$own/$dir" "$own/root/$dir"
	done
	on "$h" mount --bind "$own/log" "$own/root/var/log"
	on "$h" mount --bind /proc "$own/root/proc"
	on "$h" mount --bind /dev "$own/root/dev"
}

# sys HOST COMMAND...: in there
sys()
{
	local h=$1
	shift
	PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH='' \
	    on "$h" chroot "$B/$h/system/root" "$@"
}

# The other end of what the operator had.
turned()
{
	sed -i -e 's/192\.0\.2\.1\b/@/g; s/192\.0\.2\.2\b/192.0.2.1/g; s/@/192.0.2.2/g' \
	    -e 's/10\.1\.0\./@/g; s/10\.2\.0\./10.1.0./g; s/@/10.2.0./g' "$@"
}

gateways()
{
	pair
	system a
	system b
	turned "$B"/b/system/etc/{ipsec-tools.conf,ipsec-tools.d/office.conf} \
	    "$B"/b/system/etc/racoon/{racoon.conf,psk.txt}
	echo 'privsep { user "racoon"; group "racoon"; }' \
	    >>"$B/b/system/etc/racoon/racoon.conf"
	on a ip addr add 10.1.0.1/24 dev lo
	on b ip addr add 10.2.0.1/24 dev lo
	on a ip route add 10.2.0.0/24 via $B4 src 10.1.0.1
	on b ip route add 10.1.0.0/24 via $A4 src 10.2.0.1
}

# confined_workers N: so many are racoon's user, which is a system's.
confined_workers()
{
	local comm uid n=0

	uid=$(sed -n 's/^racoon:[^:]*:\([0-9]*\):.*/\1/p' "$ROOT/etc/passwd")
	for comm in $(grep -lx racoon-worker /proc/[0-9]*/comm); do
		! grep -q "^Uid:	$uid	$uid	" "${comm%comm}status" || n=$((n + 1))
	done
	echo "$n"
	[ "$n" -eq "$1" ]
}

log_of() { cat "$B/$1/system/log/racoon.log"; }
log_has() { log_of "$1" | grep -q "$2"; }
pid_of() { cat "$B/$1/system/run/racoon.pid"; }
spis() { on "$1" ip xfrm state | sed -n 's/.*spi \(0x[0-9a-f]*\).*/\1/p' | sort; }
# Not those of sockets.
policy_count() { on "$1" ip xfrm policy | grep -c '^.dir '; }
reaches() { on a ping -n -q -c "${1:-1}" -i 0.1 -W 1 -I 10.1.0.1 10.2.0.1; }
# all_through FILE: ping's last words tell of no loss
all_through() { cat "$1"; grep -q ' 0% packet loss' "$1"; }

scene_upgraded()
{
	local h before pid

	gateways
	for h in a b; do
		check "policies load at boot on $h" sys $h /etc/init.d/setkey start
		# in, fwd and out of the tunnel, out for the printers
		check "all of them, on $h" test "$(policy_count $h)" -eq 4
		check "racoon starts on $h" sys $h /etc/init.d/racoon start
		check "and has status 0 on $h" sys $h /etc/init.d/racoon status
	done
	check 'what talks to the network on b is another user' confined_workers 1
	capture_start a
	check 'the tunnel comes up' wait_for 20 reaches
	check 'and carries' reaches 10
	capture_stop a
	check 'nothing but ESP on the wire' only_esp a
	check 'racoonctl shows its SA' \
	    wait_for 5 eval "sys a racoonctl show-sa isakmp | grep -q '$B4'"

	before=$(spis a) pid=$(pid_of a)
	on a ping -n -q -i 0.1 -w 12 -I 10.1.0.1 10.2.0.1 >"$B/ping" 2>&1 &
	RIG_PID[a/ping]=$!
	nap 0.5
	echo 'spdadd 10.1.0.9 10.9.0.0/16 any -P out discard;' \
	    >"$B/a/system/etc/ipsec-tools.d/more.conf"
	sed -i '/^flush;/d' "$B/a/system/etc/ipsec-tools.conf"
	check 'policies are reloaded' sys a /etc/init.d/setkey reload
	check 'with the new one' test "$(policy_count a)" -eq 5
	check 'racoon is reloaded' sys a /etc/init.d/racoon reload
	check 'and says so' wait_for 5 log_has a 'configuration was reloaded'
	echo 'rubbish' >>"$B/a/system/etc/racoon/racoon.conf"
	check 'a mistake is told by the reload' \
	    refuses sys a /etc/init.d/racoon reload
	check 'and by a restart, which leaves what runs' \
	    refuses sys a /etc/init.d/racoon restart
	check 'as it was' test "$(pid_of a)" = "$pid"
	sed -i '$d' "$B/a/system/etc/racoon/racoon.conf"
	check 'racoon is restarted' sys a /etc/init.d/racoon restart
	check 'is another process' refuses test "$(pid_of a)" = "$pid"
	check 'and has taken over' \
	    wait_for 5 log_has a '1 ISAKMP-SAs and 1 pairs .* handed over'
	wait "${RIG_PID[a/ping]}"
	unset 'RIG_PID[a/ping]'
	check 'not a packet was lost by all that' all_through "$B/ping"
	check 'the SAs are the same' test "$(spis a)" = "$before"
	check 'the IKE SA, too' \
	    eval "sys a racoonctl show-sa isakmp | grep -q '$B4'"
	for h in a b; do
		check "racoon stops on $h" sys $h /etc/init.d/racoon stop
		check "and is gone on $h" refuses sys $h /etc/init.d/racoon status
		log_of $h >"$B/$h/log/racoon"
	done
	check 'setkey stop' sys a /etc/init.d/setkey stop
	check 'empties both tables' test "$(policy_count a)$(spis a)" = 0
}

# With the privilege that the recipe of the container asks for.
in_container()
{
	local packaging=$RIG/../../doc/packaging h=$1 caps
	shift

	caps=$(grep -o -e '--cap-add [a-z_]*' "$packaging/Containerfile" |
	    sed 's/.* /,+/' | tr -d '\n')
	cp "$packaging/container-start" "$B/$h/system/tmp/container-start"
	PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_LIBRARY_PATH='' \
	    on "$h" setpriv --bounding-set="-all$caps" --inh-caps=-all \
	    chroot "$B/$h/system/root" /tmp/container-start "$@"
}

scene_container()
{
	local pid

	gateways
	echo 'privsep { user "racoon"; group "racoon"; }' \
	    >>"$B/a/system/etc/racoon/racoon.conf"
	check 'policies load on b' sys b /etc/init.d/setkey start
	check 'racoon starts on b' sys b /etc/init.d/racoon start
	in_container a >"$B/a/log/out" 2>"$B/a/log/racoon" &
	pid=$!
	RIG_PID[a/container]=$pid
	check 'the tunnel comes up' wait_for 20 reaches
	check 'policies are loaded' test "$(policy_count a)" -eq 4
	check 'by a worker that is another user' confined_workers 2
	check 'the log is on standard error' grep -q 'NOTIFY: phase2(quick)' \
	    "$B/a/log/racoon"
	check 'and nothing on standard output' test ! -s "$B/a/log/out"
	check 'racoonctl shows its SA' \
	    eval "sys a racoonctl show-sa isakmp | grep -q '$B4'"
	kill "$(pid_of a)"
	check 'it ends in order' wait "$pid"
	unset 'RIG_PID[a/container]'
	check 'racoon stops on b' sys b /etc/init.d/racoon stop
}

run_scenes upgraded container
