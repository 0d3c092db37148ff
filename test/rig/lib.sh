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
		    "$B/$h/etc/swanctl" \
		    "$B/$h/etc/pluto/ipsec.conf" "$to/$h/" 2>/dev/null
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
	[ ! -e "$OUT/failed/$1" ] || rm -rf "$OUT/failed/$1"
}

# run_scenes DEFAULT...: a scene "x" is the function scene_x; names given to
# the script replace the defaults.  warm_up_more, if there is such a function,
# is called once before.
run_scenes()
{
	local s t0 p0 p1

	warm_up
	! declare -F warm_up_more >/dev/null || warm_up_more
	for s in ${RIG_ARGS:-"$@"}; do
		t0=$SECONDS p0=$(forks)
		scene "$s"
		"scene_$s"
		daemons_clean
		p1=$(forks)
		note "$s took $((SECONDS - t0)) s and $((p1 - p0)) processes"
	done
	finish
}

# How many processes there have been: in a guest they are what takes time.
forks()
{
	local word n

	while read -r word n; do
		[ "$word" != processes ] || echo "$n"
	done </proc/stat
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
# patience costs only where something is broken, and a slow machine has it.  To
# ask costs others their time, so what takes long is asked for less and less.
wait_for()
{
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000 * RIG_PATIENCE)) gap=10
	shift

	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/./}" -ge "$end" ]; then
			echo "not within the time: $*"
			return 1
		fi
		nap 0.$gap
		gap=$((gap < 40 ? gap + 5 : gap))
	done
}

# ---- hosts ------------------------------------------------------------------

rig_begin()
{
	mkdir -p "$B/etc0"
	mount --bind "$B" "$B" && mount --make-private "$B"
	mount --bind /etc "$B/etc0"
	export B
	# A pipe that nothing is written to: a way to wait without a process.
	mkfifo "$B/never"
	exec {RIG_NEVER}<>"$B/never"
	return 0
}

# host_new NAME...
host_new()
{
	local h

	for h; do
		mkdir -p "$B/$h/log"
		"$HOST" new "$h" >"$B/$h/log/host" 2>&1 &
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
	"$HOST" on "${RIG_HOLD[$h]}" "$@"
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
	{
		echo link set eth0 up
		for a; do
			case $a in
			*:*) echo addr add "$a" dev eth0 nodad ;;
			*) echo addr add "$a" dev eth0 ;;
			esac
		done
	} | on "$h" ip -batch -
}

switch_new()
{
	host_new sw
	on sw ip -batch - <<-END
	link add br0 type bridge mcast_snooping 0
	link set br0 up
	END
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
	local h pid rest=()

	[ ${#RIG_HOLD[@]} -gt 0 ] || return 0
	{
		"$HOST" end
		for pid in "${RIG_PID[@]}" "${RIG_HOLD[@]}"; do
			wait "$pid"
		done
	} 2>/dev/null		# the shell's obituaries
	for h in "${!RIG_HOLD[@]}"; do
		rest+=("$B/$h")
	done
	rm -rf "${rest[@]}"
	RIG_HOLD=() RIG_PID=()
}

# ---- daemons ----------------------------------------------------------------

# spawn HOST NAME COMMAND...: in the background, its words in log/NAME.
spawn()
{
	local h=$1 name=$2
	shift 2

	"$HOST" on "${RIG_HOLD[$h]}" "$@" >>"$B/$h/log/$name" 2>&1 </dev/null &
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
	local pid=

	logged "$1" 'used as isakmp port' && running "$1/racoon" &&
	    read -r pid <"$B/$1/run/racoon.pid"
	[ "$pid" = "${RIG_PID[$1/racoon]}" ]
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

# lines_like HOST PATTERN [NAME]: sets RIG_LINES to how many lines of a log
# have it.  Without a process, since this is asked again and again.
lines_like()
{
	local log=$B/$1/log/${3:-racoon} lines=() line

	RIG_LINES=0
	[ -e "$log" ] && mapfile -t lines <"$log"
	for line in "${lines[@]}"; do
		[[ $line =~ $2 ]] && RIG_LINES=$((RIG_LINES + 1))
	done
	return 0
}

# logged HOST PATTERN [NAME]
logged()
{
	lines_like "$@"
	[ $RIG_LINES -gt 0 ]
}

# log_count HOST PATTERN [NAME]
log_count()
{
	lines_like "$@"
	echo $RIG_LINES
}

wait_log() { wait_for "${3:-15}" logged "$1" "$2" "${4:-racoon}"; }

# No daemon of the scene died or had a word from a sanitizer.
daemons_clean()
{
	local key bad=

	for key in "${!RIG_PID[@]}"; do
		case $key in
		*/racoon)
			racoon_end "$key" || bad="$bad ${key%/*}" ;;
		esac
	done
	[ ${#RIG_HOLD[@]} -eq 0 ] ||
		bad="$bad $(grep -alE 'Sanitizer|runtime error:|Assertion' \
		    "$B"/*/log/* 2>/dev/null)"
	bad=${bad# }
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

# put FILE: what cat does, without a process
put()
{
	local lines

	mapfile -t lines
	printf '%s\n' "${lines[@]}" >"$1"
}

# racoon_conf HOST: the configuration comes on standard input.
# PRIVSEP names the account that racoon-worker is given in every configuration.
racoon_conf()
{
	{
		[ -z "${PRIVSEP:-}" ] ||
			echo "privsep { user \"$PRIVSEP\"; group 65534; }"
		cat
	} | put "$B/$1/etc/racoon/racoon.conf"
}

# psk HOST PEER KEY
psk()
{
	umask 077
	printf '%s %s\n' "$2" "$3" >>"$B/$1/etc/racoon/psk.txt"
	umask 022
}

# policies HOST: setkey commands on standard input, kept as the host's
# /etc/ipsec-tools.conf and loaded.
policies()
{
	put "$B/$1/etc/ipsec-tools.conf"
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

# ---- Libreswan: unpacked, not installed, so it is told where everything is ----

LIBRESWAN=${LIBRESWAN:-$RIG/../../build/libreswan}

# libreswan HOST PROGRAM [ARGUMENT...]
libreswan()
{
	local h=$1 program=$LIBRESWAN/usr/libexec/ipsec/$2 lib
	shift 2

	[ -x "$program" ] || program=$LIBRESWAN/usr/bin/${program##*/}
	lib=$(echo "$LIBRESWAN"/usr/lib/*-linux-*)
	LD_LIBRARY_PATH=$lib:$lib/nss on "$h" "$program" "$@"
}

whack() { libreswan "$1" whack "${@:2}"; }

# pluto_database HOST: its empty store of certificates
pluto_database()
{
	mkdir -p "$B/$1/etc/pluto/nss" "$B/$1/run/pluto"
	libreswan "$1" certutil -N -d sql:/etc/pluto/nss --empty-password
}

# It starts a program of its own, from where an installed one is.
pluto_up() { running "$1/pluto" && logged "$1" 'loading secrets from' pluto; }

# pluto_start HOST SECRETS: ipsec.conf comes on standard input; SECRETS is a
# line of ipsec.secrets.
pluto_start()
{
	local h=$1 etc=$B/$1/etc/pluto

	if [ ! -e "$LIBRESWAN/complete" ]; then
		echo "Libreswan is not in $LIBRESWAN: run test/rig/install test"
		return 1
	fi
	[ -e "$etc/nss" ] || pluto_database "$h" || return 1
	cat >"$etc/ipsec.conf"
	(umask 077; echo "$2" >"$etc/ipsec.secrets")
	on "$h" mount --bind "$LIBRESWAN/usr/libexec" /usr/libexec || return 1
	libreswan "$h" pluto --nofork --stderrlog --config /etc/pluto/ipsec.conf \
	    --nssdir /etc/pluto/nss --ipsecdir /etc/pluto --rundir /run/pluto \
	    --secretsfile /etc/pluto/ipsec.secrets \
	    >>"$B/$h/log/pluto" 2>&1 </dev/null &
	RIG_PID[$h/pluto]=$!
	wait_for 10 pluto_up "$h" && return 0
	echo "pluto on $h did not start:"
	tail -n 5 "$B/$h/log/pluto"
	return 1
}

# ---- traffic ----------------------------------------------------------------

# serve HOST [PORT]: the name of the first is that of its port, too
serve()
{
	local port=${2:-7}

	spawn "$1" "serve$port" "$TRAFFIC" serve "$port"
	wait_for 30 logged "$1" ready "serve$port" ||
	    not_ok "port $port on $1 is served"
}

# udp HOST ADDR [COUNT [GAP [WAIT]]]
udp() { on "$1" "$TRAFFIC" udp "$2" 7 "${3:-5}" "${4:-0.05}" "${5:-2}"; }

tcp() { on "$1" "$TRAFFIC" tcp "$2" "${3:-7}" 'clear text marker' 10; }

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

# Not the later fragments of a UDP datagram, whose first one is looked at.
NEIGHBOUR='(udp and ip[6:2] & 0x1fff != 0) or arp or igmp or ip6[6] == 0 or icmp6[icmp6type] >= 130'
# only_esp HOST [udp]: ESP, and besides it only IKE and neighbour discovery.
# IKE shares port 4500 with encapsulated ESP: "udp" wants the latter.  What
# follows in a datagram that was cut has no ports: its first part counts.
only_esp()
{
	local esp='esp or ah' other n clear

	[ "${2:-}" != udp ] ||
		esp='udp port 4500 and udp[8:4] != 0 and udp[4:2] > 16'
	n=$(captured "$1" "$esp")
	other="not (esp or ah or udp port 500 or udp port 4500 or ip[6:2] & 0x1fff != 0 or $NEIGHBOUR)"
	clear=$(captured "$1" "$other")
	echo "$n packets of ESP, $clear of clear text"
	[ "$clear" -eq 0 ] ||
		tcpdump -nv -c 5 -r "$B/sw/log/$1.pcap" "$other" 2>/dev/null
	[ "$n" -gt 0 ] && [ "$clear" -eq 0 ] || return 1
	! grep -aq 'clear text marker' "$B/sw/log/$1.pcap"
}

# ---- the kernel's state -----------------------------------------------------

# states HOST: reads the SAs into RIG_STATES, a line each element.
states()
{
	on "$1" ip xfrm state >"$B/states" 2>/dev/null
	mapfile -t RIG_STATES <"$B/states"
}

# of_proto PROTO: how many of RIG_STATES, in RIG_SAS.  Larval and requested ones
# have no key yet and do not count.
of_proto()
{
	local line want=no key='^'$'\t''(enc|auth|auth-trunc|aead|comp) '

	RIG_SAS=0
	for line in "${RIG_STATES[@]}"; do
		case $line in
		src*) want=no ;;
		*"proto $1 spi 0x00000000 "*) ;;
		*"proto $1 spi "*) want=yes ;;
		*)
			[[ $want = yes && $line =~ $key ]] || continue
			RIG_SAS=$((RIG_SAS + 1)) want=no ;;
		esac
	done
}

# sa_count HOST [PROTO]
sa_count()
{
	states "$1"
	of_proto "${2:-esp}"
	echo $RIG_SAS
}

# larval HOST: SAs without keys
larval()
{
	local all=0 line p

	states "$1"
	for line in "${RIG_STATES[@]}"; do
		[[ $line != src* ]] || all=$((all + 1))
	done
	for p in esp ah comp; do
		of_proto $p
		all=$((all - RIG_SAS))
	done
	echo $all
}

# sa_is HOST COUNT [PROTO]
sa_is()
{
	states "$1"
	of_proto "${3:-esp}"
	[ $RIG_SAS -eq "$2" ]
}

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

# The kernel looks for a module when it meets an algorithm for the first time,
# and whoever asked is blocked for seconds, a racoon too.  Nothing here needs
# 3DES: a scene wants a kernel that has not met it.
warm_up()
{
	mkdir -p "$B"
	warm_states | unshare --net ip -batch - >"$B/warm" 2>&1
	[ ! -s "$B/warm" ] || note "some algorithms are missing: $(<"$B/warm")"
}

warm_states()
{
	local n=1000 s key16 key32
	local v4='src 192.0.2.1 dst 192.0.2.2'
	local v6='src 2001:db8::1 dst 2001:db8::2'

	printf -v key16 '0x%032d' 1
	printf -v key32 '0x%064d' 1
	esp() { echo "xfrm state add $s proto esp spi $((n += 1)) mode $1 \
	    enc $2 auth-trunc hmac(sha256) $key32 128 ${3:-}"; }
	ah() { echo "xfrm state add $s proto ah spi $((n += 1)) mode transport \
	    auth-trunc hmac($1) $2 $3"; }
	for s in "$v4" "$v6"; do
		esp transport "cbc(aes) $key16"
		esp tunnel "cbc(aes) $key16"
		ah sha256 "$key32" 128
		echo "xfrm state add $s proto comp spi $((n += 1)) \
		    mode transport comp deflate"
	done
	s=$v4
	esp tunnel "cbc(aes) $key16" 'encap espinudp 4500 4500 0.0.0.0'
	esp transport 'ecb(cipher_null) ""'
	ah md5 "$key16" 96
	ah sha1 "$key16"01234567 96
	ah sha384 "$key32${key16#0x}" 192
	ah sha512 "$key32${key32#0x}" 256
}

lossy() { on "$1" tc qdisc replace dev eth0 root netem "${@:2}"; }

RIG_ARGS="$*"
rig_begin
