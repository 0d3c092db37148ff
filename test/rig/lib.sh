# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Functions for scripts run by test/rig/guest: hosts, daemons, traffic, checks.
#
# A host is a network namespace and a mount namespace with /etc and /run of
# its own, so that every daemon finds its files where an installed one does.
# Hosts hang on a switch (the namespace "sw"), where captures are taken.
#
# Results are printed as TAP: "ok N - text", "not ok N - text".

shopt -s lastpipe
B=/run/rig			# everything of the hosts lies here
RIG_N=0 RIG_BAD=0 RIG_SCENE=start
RIG_PATIENCE=${RIG_PATIENCE:-4}
RACOON=${RACOON:-racoon} SETKEY=${SETKEY:-setkey}
declare -A RIG_HOLD RIG_PID
declare -a RIG_ETC

# ---- results ----------------------------------------------------------------

note() { printf '# %s\n' "$*"; }

ok()
{
	RIG_N=$((RIG_N + 1))
	printf 'ok %d - %s: %s\n' "$RIG_N" "$RIG_SCENE" "$*"
}

not_ok()
{
	RIG_N=$((RIG_N + 1)) RIG_BAD=$((RIG_BAD + 1))
	printf 'not ok %d - %s: %s\n' "$RIG_N" "$RIG_SCENE" "$*"
	save_logs
}

# check TEXT COMMAND...: ok when the command succeeds; what it printed is the
# reason when it does not.
check()
{
	local text=$1
	shift

	# Not in a subshell: what it starts has to be known here.
	if "$@" >"$B/said" 2>&1; then
		ok "$text"
		return 0
	fi
	not_ok "$text"
	{ echo "command: $*"; cat "$B/said"; } | head -n 12 | sed 's/^/#   /'
	return 1
}

refuses() { ! "$@"; }

# Copies what helps to understand a failure, once per scene.
save_logs()
{
	local to=$OUT/failed/$RIG_SCENE h

	if [ ! -d "$to" ]; then
		note "logs: $to"
	fi
	mkdir -p "$to"
	for h in "${!RIG_HOLD[@]}"; do
		mkdir -p "$to/$h"
		cp -r "$B/$h/log/." "$to/$h/" 2>/dev/null
		cp -r "$B/$h/etc/racoon" "$B/$h/etc/ipsec-tools.conf" \
		    "$B/$h/etc/swanctl" "$to/$h/" 2>/dev/null
		{
			on "$h" ip -s xfrm state
			on "$h" ip -s xfrm policy
			on "$h" cat /proc/net/xfrm_stat
			on "$h" ip addr
		} >"$to/$h/kernel" 2>&1
	done
}

# scene NAME: ends the one before and starts with no hosts.
scene()
{
	hosts_end
	RIG_SCENE=$1
	rm -rf "$OUT/failed/$1"
}

# run_scenes DEFAULT...: a scene "x" is the function scene_x; names given to
# the script replace the defaults.  warm_up_more, if there is such a function,
# is called once before.
run_scenes()
{
	local s t0

	warm_up
	! declare -F warm_up_more >/dev/null || warm_up_more
	for s in ${RIG_ARGS:-"$@"}; do
		t0=$SECONDS
		scene "$s"
		"scene_$s"
		daemons_clean
		note "$s took $((SECONDS - t0)) s"
	done
	finish
}

finish()
{
	hosts_end
	echo "1..$RIG_N"
	[ "$RIG_BAD" -eq 0 ]
	exit $?
}

nap() { read -r -t "$1" -u "$RIG_NEVER" || true; }

# wait_for SECONDS COMMAND...: until it succeeds.  What is waited for comes, so
# patience costs only where something is broken, and a slow machine has it.
wait_for()
{
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000 * RIG_PATIENCE))
	shift

	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/./}" -ge "$end" ]; then
			echo "not within the time: $*"
			return 1
		fi
		nap 0.1
	done
}

# ---- hosts ------------------------------------------------------------------

rig_begin()
{
	local f

	mkdir -p "$B/etc0"
	mount --bind "$B" "$B" && mount --make-private "$B"
	mount --bind /etc "$B/etc0"
	for f in "$B"/etc0/* "$B"/etc0/.[a-z]*; do
		case ${f##*/} in
		racoon|swanctl|strongswan.conf|ipsec-tools.conf) ;;
		*) RIG_ETC+=("$f") ;;
		esac
	done
	export B
	export -f rig_hold
	# A pipe that nothing is written to: a way to wait without a process.
	mkfifo "$B/never"
	exec {RIG_NEVER}<>"$B/never"
	return 0
}

# Runs as the host's first process, in its new namespaces.
rig_hold()
{
	local h=$1

	mount --make-rprivate /
	mkdir -p "$B/$h/run/rig" "$B/$h/run/bin"
	mount --bind /run/bin "$B/$h/run/bin"
	mount --rbind "$B" "$B/$h/run/rig"
	mount --bind "$B/$h/etc" /etc
	mount -t sysfs sys /sys
	mount --rbind "$B/$h/run" /run
	ip link set lo up
	sysctl -q -w net.ipv6.conf.default.accept_dad=0 \
	    net.ipv6.conf.all.accept_dad=0 \
	    net.core.xfrm_acq_expires="${ACQ_EXPIRES:-30}"
	: >"$B/$h/ready"
	exec sleep infinity
}

# host_new NAME...
host_new()
{
	local h

	for h; do
		mkdir -p "$B/$h/etc/racoon" "$B/$h/etc/swanctl" \
		    "$B/$h/run/lock" "$B/$h/run/tmp" "$B/$h/run/home" \
		    "$B/$h/log"
		ln -s "${RIG_ETC[@]}" "$B/$h/etc/"
		unshare --net --mount bash -c "rig_hold $h" \
		    >"$B/$h/log/host" 2>&1 &
		RIG_HOLD[$h]=$!
	done
	for h; do
		wait_for 10 test -e "$B/$h/ready" || {
			not_ok "host $h is up"
			return 1
		}
	done
}

# on HOST COMMAND...
on()
{
	local h=$1
	shift
	nsenter --target "${RIG_HOLD[$h]}" --net --mount -- "$@"
}

# attach HOST ADDR/PREFIX...: interface eth0, plugged into the switch.
attach()
{
	local h=$1 a
	shift

	[ -n "${RIG_HOLD[sw]:-}" ] || switch_new
	ip link add "p-$h" netns "${RIG_HOLD[sw]}" type veth \
	    peer name eth0 netns "${RIG_HOLD[$h]}"
	on sw ip link set "p-$h" master br0 up
	on "$h" ip link set eth0 up
	for a; do
		case $a in
		*:*) on "$h" ip addr add "$a" dev eth0 nodad ;;
		*) on "$h" ip addr add "$a" dev eth0 ;;
		esac
	done
}

switch_new()
{
	host_new sw
	on sw ip link add br0 type bridge mcast_snooping 0
	on sw ip link set br0 up
}

# wire HOST1 IF1 HOST2 IF2: a cable between two hosts.
wire()
{
	ip link add "$2" netns "${RIG_HOLD[$1]}" type veth \
	    peer name "$4" netns "${RIG_HOLD[$3]}"
	on "$1" ip link set "$2" up
	on "$3" ip link set "$4" up
}

# Two hosts on the switch: a is .1, b is .2.
pair()
{
	host_new a b
	attach a 192.0.2.1/24 2001:db8::1/64
	attach b 192.0.2.2/24 2001:db8::2/64
}
A4=192.0.2.1 B4=192.0.2.2 A6=2001:db8::1 B6=2001:db8::2

hosts_end()
{
	local h pid

	for h in $(foreign); do
		kill -9 "$h" 2>/dev/null
	done
	for pid in "${RIG_PID[@]}" "${RIG_HOLD[@]}"; do
		wait "$pid" 2>/dev/null
	done
	for h in "${!RIG_HOLD[@]}"; do
		rm -rf "${B:?}/$h"
	done
	RIG_HOLD=() RIG_PID=()
}

# Processes in a network namespace other than this one.
foreign()
{
	local mine

	mine=$(readlink /proc/self/ns/net)
	find /proc/[0-9]*/ns/net ! -lname "*${mine//[^0-9]/}*" \
	    2>/dev/null | cut -d/ -f3
}

# ---- daemons ----------------------------------------------------------------

# spawn HOST NAME COMMAND...: in the background, its words in log/NAME.
spawn()
{
	local h=$1 name=$2
	shift 2

	nsenter --target "${RIG_HOLD[$h]}" --net --mount -- "$@" \
	    >>"$B/$h/log/$name" 2>&1 </dev/null &
	RIG_PID[$h/$name]=$!
}

running() { [ -n "${RIG_PID[$1]:-}" ] && kill -0 "${RIG_PID[$1]}" 2>/dev/null; }

# daemon_stop HOST/NAME [SIGNAL]: exit status of the daemon, 137 when it had to
# be killed.
daemon_stop()
{
	local pid=${RIG_PID[$1]:-} try

	[ -n "$pid" ] || return 0
	unset "RIG_PID[$1]"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	for try in {1..600}; do
		kill -0 "$pid" 2>/dev/null || break
		[ "$try" -lt 600 ] || kill -9 "$pid" 2>/dev/null
		nap 0.05
	done
	wait "$pid" 2>/dev/null
}

# The log may be that of a start before; the pid file, written once the
# sockets are open, tells this one.
racoon_up()
{
	logged "$1" 'used as isakmp port' && running "$1/racoon" &&
	    [ "$(cat "$B/$1/run/racoon.pid")" = "${RIG_PID[$1/racoon]}" ]
}

# racoon_start HOST [OPTION...]: with the host's /etc/racoon/racoon.conf.
racoon_start()
{
	local h=$1
	shift

	spawn "$h" racoon "$RACOON" -F -f /etc/racoon/racoon.conf "$@"
	wait_for 20 racoon_up "$h" && return 0
	echo "racoon on $h did not start:"
	tail -n 5 "$B/$h/log/racoon"
	return 1
}

racoon_stop() { daemon_stop "$1/racoon"; }
racoon_hup() { kill -HUP "${RIG_PID[$1/racoon]}"; }

# logged HOST PATTERN [NAME]
logged() { grep -Eq -- "$2" "$B/$1/log/${3:-racoon}" 2>/dev/null; }

# log_count HOST PATTERN [NAME]
log_count() { grep -Ec -- "$2" "$B/$1/log/${3:-racoon}" 2>/dev/null || true; }

wait_log() { wait_for "${3:-15}" logged "$1" "$2" "${4:-racoon}"; }

# No daemon of the scene died or had a word from a sanitizer.
daemons_clean()
{
	local key h bad=

	for key in "${!RIG_PID[@]}"; do
		case $key in
		*/racoon)
			racoon_end "$key" || bad="$bad ${key%/*}" ;;
		esac
	done
	for h in "${!RIG_HOLD[@]}"; do
		if grep -aqE 'Sanitizer|runtime error:|Assertion' \
		    "$B/$h"/log/* 2>/dev/null; then
			bad="$bad $h(sanitizer)"
		fi
	done
	[ -z "$bad" ] || not_ok "daemons end cleanly; not so on:$bad"
	return 0
}

racoon_end()
{
	local rc

	daemon_stop "$1"
	rc=$?
	[ $rc -eq 0 ] || note "${1%/*}: racoon ended with status $rc"
	return $rc
}

# racoon_conf HOST: the configuration comes on standard input.
racoon_conf() { cat >"$B/$1/etc/racoon/racoon.conf"; }

# psk HOST PEER KEY
psk()
{
	(umask 077; printf '%s %s\n' "$2" "$3" >>"$B/$1/etc/racoon/psk.txt")
}

# policies HOST: setkey commands on standard input, kept as the host's
# /etc/ipsec-tools.conf and loaded.
policies()
{
	cat >"$B/$1/etc/ipsec-tools.conf"
	on "$1" "$SETKEY" -f /etc/ipsec-tools.conf
}

# ---- strongSwan -------------------------------------------------------------

# charon_start HOST: the connections (swanctl.conf) come on standard input.
charon_start()
{
	local h=$1

	cat >"$B/$h/etc/swanctl/swanctl.conf"
	cat >"$B/$h/etc/strongswan.conf" <<-END
	charon {
		load_modular = yes
		install_routes = no
		${CHARON_OPTIONS:-}
		plugins { include /etc/strongswan.d/charon/*.conf }
		filelog { out { path = $B/$h/log/charon
			default = 1
			ike_name = yes
			flush_line = yes
			time_format = %T
			time_add_ms = yes } }
	}
	END
	spawn "$h" charon.out /usr/lib/ipsec/charon
	wait_for 20 test -S "$B/$h/run/charon.vici" &&
	    wait_for 10 on "$h" swanctl --load-all && return 0
	echo "charon on $h did not start:"
	tail -n 5 "$B/$h/log/charon"
	return 1
}

# ---- traffic ----------------------------------------------------------------

# serve HOST [PORT]: the name of the first is that of its port, too
serve()
{
	local port=${2:-7}

	spawn "$1" "serve$port" "$RIG/traffic" serve "$port"
	wait_for 30 logged "$1" ready "serve$port" ||
	    not_ok "port $port on $1 is served"
}

# udp HOST ADDR [COUNT [GAP [WAIT]]]
udp() { on "$1" "$RIG/traffic" udp "$2" 7 "${3:-5}" "${4:-0.05}" "${5:-2}"; }

tcp() { on "$1" "$RIG/traffic" tcp "$2" "${3:-7}" 'clear text marker' 10; }

# A first packet raises an ACQUIRE and waits for the SAs or is lost: so often
# until one comes through.
udp_through() { wait_for "${3:-15}" udp "$1" "$2" 1 0 1; }

# first_packet HOST ADDR [A-SAS [PEER [PROTOS]]]: one packet is enough for SAs
# on a and PEER.  No second one before both ends are complete: the responder
# has its inbound SA first, and an answer just then asks for SAs of its own.
first_packet()
{
	local n=${3:-2} peer=${4:-b} proto

	udp "$1" "$2" 1 0 0.01
	for proto in ${5:-esp}; do
		wait_for 30 sa_is a "$n" "$proto" &&
		    wait_for 30 sa_is "$peer" 2 "$proto" || return 1
	done
	udp_through "$1" "$2"
}

pinged() { on "$1" ping -n -q -c "${3:-3}" -i 0.2 -W 2 "$2"; }
ping_through() { wait_for "${3:-15}" on "$1" ping -n -q -c 1 -W 1 "$2"; }

# ---- captures: on the switch's port of a host --------------------------------

capture_start()
{
	local f=$B/sw/log/$1

	rm -f "$f.pcap" "$f.tcpdump"
	spawn sw "$1.tcpdump" tcpdump -Z root -n -U --immediate-mode -i "p-$1" -w "$f.pcap"
	wait_for 10 grep -q 'listening on' "$f.tcpdump" ||
	    not_ok "the capture at $1 runs"
}

capture_stop()
{
	nap 0.3
	daemon_stop "sw/$1.tcpdump" INT
	return 0
}

# captured HOST FILTER: number of packets; far too many where no capture is.
captured()
{
	local f=$B/sw/log/$1.pcap

	[ -s "$f" ] || { echo 999999; return 1; }
	tcpdump -n -r "$f" "$2" 2>/dev/null | wc -l
}

NEIGHBOUR='arp or igmp or ip6[6] == 0 or icmp6[icmp6type] >= 130'
# only_esp HOST [udp]: ESP, and besides it only IKE and neighbour discovery.
# IKE shares port 4500 with encapsulated ESP: "udp" wants the latter.
only_esp()
{
	local esp='esp or ah' n clear

	[ "${2:-}" != udp ] ||
		esp='udp port 4500 and udp[8:4] != 0 and udp[4:2] > 16'
	n=$(captured "$1" "$esp")
	clear=$(captured "$1" "not (esp or ah or udp port 500 or udp port 4500 or $NEIGHBOUR)")
	echo "$n packets of ESP, $clear of clear text"
	[ "$n" -gt 0 ] && [ "$clear" -eq 0 ] || return 1
	! grep -aq 'clear text marker' "$B/sw/log/$1.pcap"
}

# ---- the kernel's state -----------------------------------------------------

# sa_count HOST [PROTO]: larval and requested SAs (no key yet) do not count.
sa_count()
{
	on "$1" ip xfrm state | awk -v p="${2:-esp}" '
	    /^src/ { want = 0 }
	    $1 == "proto" && $2 == p && $4 != "0x00000000" { want = 1 }
	    want && /^\t(enc|auth|auth-trunc|aead|comp) / { n++; want = 0 }
	    END { print n + 0 }'
}

# larval HOST: SAs without keys
larval()
{
	local all
	all=$(on "$1" ip xfrm state | grep -c '^src')
	echo $((all - $(sa_count "$1" esp) - $(sa_count "$1" ah) - \
	    $(sa_count "$1" comp)))
}

sa_is() { [ "$(sa_count "$1" "${3:-esp}")" -eq "$2" ]; }

# sa_packets HOST SRC DST: packets through the SAs of this direction
sa_packets()
{
	on "$1" ip -s xfrm state list src "$2" dst "$3" | awk '
	    /lifetime current:/ { getline; gsub(/[^0-9,]/, "")
		split($0, f, ","); n += f[2] } END { print n + 0 }'
}

# xfrm_stat HOST NAME
xfrm_stat() { on "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/xfrm_stat; }

# counted HOST PEER: traffic has passed SAs in both directions.
counted()
{
	local out in

	out=$(sa_packets "$1" "$2" "$3")
	in=$(sa_packets "$1" "$3" "$2")
	echo "$out packets out, $in in"
	[ "$out" -gt 0 ] && [ "$in" -gt 0 ]
}

# hex BYTES: a key of that length
hex() { printf '0x%0*d' $((2 * $1)) 1; }

# The kernel looks for a module when it meets an algorithm for the first time,
# and whoever asked is blocked for seconds, a racoon too.  Nothing here needs
# 3DES: a scene wants a kernel that has not met it.
warm_up()
{
	mkdir -p "$B"
	unshare --net bash -c "$(declare -f hex warm_states); warm_states" \
	    >"$B/warm" 2>&1
}

# shellcheck disable=SC2086
warm_states()
{
	local state='ip xfrm state add' n=1000 s
	local v4='src 192.0.2.1 dst 192.0.2.2'
	local v6='src 2001:db8::1 dst 2001:db8::2'

	esp() { $state $s proto esp spi $((n += 1)) mode $1 \
	    enc "$2" "$3" auth-trunc 'hmac(sha256)' $(hex 32) 128 "${@:4}"; }
	ah() { $state $s proto ah spi $((n += 1)) mode transport \
	    auth-trunc "hmac($1)" $(hex $2) $3; }
	for s in "$v4" "$v6"; do
		esp transport 'cbc(aes)' $(hex 16)
		esp tunnel 'cbc(aes)' $(hex 16)
		ah sha256 32 128
		$state $s proto comp spi $((n += 1)) mode transport \
		    comp deflate
	done
	s=$v4
	esp tunnel 'cbc(aes)' $(hex 16) encap espinudp 4500 4500 0.0.0.0
	esp transport 'ecb(cipher_null)' ''
	ah md5 16 96
	ah sha1 20 96
	ah sha384 48 192
	ah sha512 64 256
}

lossy() { on "$1" tc qdisc replace dev eth0 root netem "${@:2}"; }

RIG_ARGS="$*"
rig_begin
