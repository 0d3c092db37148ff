#!/bin/bash
# SPDX-License-Identifier: ISC
# Inside the guest: host h against K peers, all of them addresses of host p,
# where one daemon answers.  One packet to each peer starts everything at once.
# BENCH names the parts to run: latency peers policies.  What they promise is
# checked at the end, with limits well above what is measured.
peers=("$@")
set --
. "$RIG/lib.sh"
[ ${#peers[@]} -gt 0 ] || peers=(10 100 300 1000)
BENCH=${BENCH:-latency peers privsep policies}
BENCH_CHARON_MAX=${BENCH_CHARON_MAX:-100000}
H=10.64.0.1
KEY='the key of the benchmark'
GROUP=modp3072
# All peers are one process with one address on the other side: charon is not
# to take that for an attack.
CHARON_OPTIONS='block_threshold = 100000
	cookie_threshold = 100000
	cookie_threshold_ip = 100000'

# addresses K
addresses()
{
	awk -v k="$1" 'BEGIN { for (i = 0; i < k; i++)
	    printf "10.64.%d.%d\n", 1 + i / 250, 1 + i % 250 }'
}

# hosts K
hosts()
{
	host_new h p
	wire h eth0 p eth0
	on h ip addr add $H/16 dev eth0
	addresses "$1" | sed 's/.*/addr add &\/16 dev eth0/' >"$B/p/addresses"
	on p ip -batch "$B/p/addresses"
	# No neighbour table of a thousand entries shall matter.
	on h sysctl -q -w net.ipv4.neigh.default.gc_thresh3=8192 \
	    net.ipv4.neigh.default.gc_thresh2=8192 \
	    net.ipv4.neigh.default.gc_thresh1=8192 2>/dev/null
	sysctl -q -w net.ipv4.neigh.default.gc_thresh3=8192 \
	    net.ipv4.neigh.default.gc_thresh2=8192 2>/dev/null
	return 0
}

# ---- the two daemons --------------------------------------------------------

racoon_host()
{
	{ echo "on_stop flush;"
	sed "s/modp3072/$GROUP/" "$RIG/../kernel/sample/racoon.conf"; } |
	    racoon_conf "$1"
}

# racoon_up_with K
racoon_up_with()
{
	racoon_host h
	racoon_host p
	addresses "$1" | sed "s/\$/ $KEY/" >"$B/h/etc/racoon/psk.txt"
	echo "$H $KEY" >"$B/p/etc/racoon/psk.txt"
	chmod 600 "$B"/[hp]/etc/racoon/psk.txt
	addresses "$1" | awk -v h=$H '{
	    print "spdadd", h, $1, "any -P out ipsec esp/transport//require;"
	    print "spdadd", $1, h, "any -P in ipsec esp/transport//require;"
	    }' | policies h || return 1
	sed 's/-P out/-P IN/; s/-P in/-P out/; s/-P IN/-P in/' \
	    "$B/h/etc/ipsec-tools.conf" | policies p || return 1
	racoon_start p && racoon_start h
}

swan_common()
{
	cat <<-END
		version = 1
		proposals = aes128-sha256-$GROUP
		local { auth = psk }
		remote { auth = psk }
		rekey_time = 24h
	END
}

swan_child()
{
	cat <<-END
		children { c {
			mode = transport
			esp_proposals = aes128-sha256-$GROUP
			rekey_time = 8h
			$1 } }
	END
}

# charon_up_with K: a connection for each peer on h, one for all on p
charon_up_with()
{
	{
		echo 'connections { h {'
		swan_common
		echo "local_addrs = 10.64.0.0/16"
		echo "remote_addrs = $H"
		swan_child ''
		echo "} } secrets { ike { secret = \"$KEY\" } }"
	} | charon_start p || return 1
	{
		echo 'connections {'
		addresses "$1" | while read -r a; do
			echo "p${a//./-} {"
			echo "$COMMON"
			echo "local_addrs = $H"
			echo "remote_addrs = $a"
			echo "$CHILD"
			echo '}'
		done
		echo "} secrets { ike { secret = \"$KEY\" } }"
	} | charon_start h
}
COMMON=$(swan_common)
CHILD=$(swan_child 'start_action = trap' | sed "s/children { c {/&/")

# ---- measuring --------------------------------------------------------------

# The daemon's processes: racoon has a worker.
processes() { echo "${RIG_PID[$1]}"; pgrep -P "${RIG_PID[$1]}"; }
# sum HOST/NAME FILE AWK-PROGRAM
sum()
{
	local p

	for p in $(processes "$1"); do
		awk "$3" "/proc/$p/$2"
	done | awk '{ n += $1 } END { print n + 0 }'
}

# ticks HOST/NAME: CPU time of the daemon in hundredths of a second
# shellcheck disable=SC2016
ticks() { sum "$1" stat '{ print $14 + $15 }'; }
# shellcheck disable=SC2016
# The larger one: what both have of libraries is in both.
# shellcheck disable=SC2016
rss()
{
	local p

	for p in $(processes "$1"); do
		awk '/VmHWM/ { print $2 }' "/proc/$p/status"
	done | sort -n | tail -n 1
}

now() { echo $((${EPOCHREALTIME/./} / 1000)); }

# settle K: until h has 2K SAs, or none was added for a minute, which is more
# than charon waits between two tries; prints ms of the last change
settle()
{
	local n last=-1 changed step=0.2

	[ "$1" -lt 200 ] || step=1
	changed=$(now)
	while :; do
		n=$(sa_count h)
		if [ "$n" -ne "$last" ]; then
			changed=$(now) last=$n
		fi
		[ "$n" -lt $((2 * $1)) ] || break
		[ $(($(now) - changed)) -lt 60000 ] || break
		nap $step
	done
	echo "$changed"
}

# storm DAEMON K: prints K wall-ms cpu-h-ms cpu-p-ms rss-h SAs failures
storm()
{
	local d=$1 k=$2 name=$1 t0 t1 ch cp n left

	[ "$d" = racoon ] || name=charon.out
	scene "$d-$k"
	hosts "$k"
	if ! "${d}_up_with" "$k" >"$B/up" 2>&1; then
		cat "$B/up"
		return 1
	fi
	ch=$(ticks h/$name) cp=$(ticks p/$name)
	t0=$(now)
	on h "$TRAFFIC" touch $(addresses "$k")
	t1=$(settle "$k")
	ch=$(($(ticks h/$name) - ch)) cp=$(($(ticks p/$name) - cp))
	n=$(sa_count h)
	left=$((k - $(established h) ))
	printf '%-8s %5d %9d %9d %9.1f %9d %10d %6d %8d\n' "$d" "$k" \
	    $((t1 - t0)) $((ch * 10)) "$(each $ch $((k - left)))" \
	    $((cp * 10)) "$(rss h/$name)" "$n" "$left"
	echo "$d $k $((t1 - t0)) $(each $ch $((k - left)))" \
	    "$(rss h/$name) $n $left" >>"$B/results"
	if [ "$d" = racoon ] && [ "$k" -ge 1000 ]; then
		idle h/$name
	fi
	[ "$left" -eq 0 ] || save_logs
}

# each TICKS N: ms for one
each()
{
	awk -v t="$1" -v n="$2" 'BEGIN { printf "%.1f", n ? t * 10 / n : 0 }'
}

# Peers that h has an outbound SA to.
established()
{
	on "$1" ip xfrm state | awk -v h=$H '
	    /^src/ { peer = $2 == h ? $4 : "" }
	    peer != "" && /^\tenc / { seen[peer] = 1 }
	    END { for (p in seen) n++; print n + 0 }'
}

# What lingers for late repetitions is gone after a minute.  A wake-up that a
# busy machine draws out costs a whole tick here: once more then.
idle()
{
	local t0 i

	nap 65
	for i in 1 2 3; do
		t0=$(ticks "$1")
		nap 30
		t0=$((($(ticks "$1") - t0) * 10))
		echo "         idle for 30 s with all SAs: $t0 ms of CPU"
		echo "$t0" >"$B/idle"
		[ $t0 -gt 300 ] || break
	done
}

table()
{
	printf '%-8s %5s %9s %9s %9s %9s %10s %6s %8s\n' daemon K 'wall ms' \
	    'CPU ms' 'CPU each' 'peer CPU' 'peak KB' SAs failures
}

# Ratios: CPU for each peer that came up, time until the last one did.
ratios()
{
	awk '{ wall[$1, $2] = $3; cpu[$1, $2] = $4; rss[$1, $2] = $5; k[$2] = 1 }
	    END { for (i in k) if (cpu["charon", i] && cpu["racoon", i])
		printf "K %5d: racoon / charon: CPU each %.2f, wall %.2f, peak RSS %.2f\n",
		    i, cpu["racoon", i] / cpu["charon", i],
		    wall["racoon", i] / wall["charon", i],
		    rss["racoon", i] / rss["charon", i] }' "$B/results" |
	    sort -k 2 -n
}

# ---- latency: one peer, several times ----------------------------------------

# From the kernel's question to the later of the two SAs, in ms, as a watcher
# of the kernel's messages sees them.
latency_once()
{
	spawn h monitor stdbuf -oL ip -t xfrm monitor acquire SA
	nap 0.5
	on h "$TRAFFIC" touch $(addresses 1)
	wait_for 10 sa_is h 2
	nap 0.5
	daemon_stop h/monitor
	awk '/^Timestamp/ {
		split($5, t, ":")
		at = (t[1] * 3600 + t[2] * 60 + t[3]) * 1000 + $(NF - 1) / 1000 }
	    /^acquire/ && !first { first = at }
	    /^(Updated )?src/ { last = at }
	    END { printf "%.1f\n", last - first }' "$B/h/log/monitor"
	: >"$B/h/log/monitor"
}

latency()
{
	local d=$1 i values='' v

	scene "latency-$d"
	hosts 1
	"${d}_up_with" 1 >/dev/null || return 1
	for i in 1 2 3 4 5 6 7; do
		v=$(latency_once)
		values="$values $v"
		if [ "$d" = charon ]; then
			on h swanctl --terminate --ike p10-64-1-1
		else
			racoon_stop h
			: >"$B/h/log/racoon"
			racoon_start h
		fi >/dev/null 2>&1
		wait_for 10 sa_is h 0
		on h ip xfrm state flush
		on p ip xfrm state flush
		nap 0.5
	done
	v=$(tr ' ' '\n' <<<"${values# }" | sort -n | sed -n 4p)
	printf '%-8s from ACQUIRE to both SAs, ms:%s; median %s\n' "$d" \
	    "$values" "$v"
	echo "$v" >"$B/latency-$d"
}

. "$RIG/../bench/policies.sh"
# ---- what is promised ---------------------------------------------------------

# at_most TEXT VALUE OTHER RATIO: both values are there, and the first is at
# most so much of the other
at_most()
{
	check "$1: ${2:-none} / ${3:-none} is at most $4" \
	    awk -v a="$2" -v b="$3" -v r="$4" \
	    'BEGIN { exit !(a > 0 && b > 0 && a <= b * r) }'
}

# result DAEMON K FIELD: wall ms 3, CPU each 4, KB 5, SAs 6, failures 7
result()
{
	awk -v d="$1" -v k="$2" -v f="$3" '$1 == d && $2 == k { print $f }' \
	    "$B/results" 2>/dev/null
}

latency_verdict()
{
	at_most 'latency, racoon / charon' "$(cat "$B/latency-racoon")" \
	    "$(cat "$B/latency-charon")" 0.7
}

# ---- what it costs that the worker is confined --------------------------------

# What else the machine does only adds to a time: the best of some rounds counts.
# Always as many, or a lucky one would end them.
privsep_bench()
{
	local k=$1 i

	for i in 1 2 3 4; do
		PRIVSEP='' storm racoon "$k"
		echo "not $(tail -n 1 "$B/results")" >>"$B/privsep"
		PRIVSEP=nobody storm racoon "$k"
		echo "confined $(tail -n 1 "$B/results")" >>"$B/privsep"
	done
}

# The best round: wall ms of all handshakes.
privsep_wall()
{
	awk -v w="$1" '$1 == w { print $4 }' "$B/privsep" | sort -n | head -n 1
}

privsep_verdict()
{
	check 'all peers are up, confined or not' \
	    [ "$(awk '{ n += $8 } END { print n + 0 }' "$B/privsep")" = 0 ]
	at_most 'wall, confined / not' "$(privsep_wall confined)" \
	    "$(privsep_wall not)" 1.11
}

# The CPU clock has too coarse a tick for few peers.
peers_verdict()
{
	local k=$1

	check "K $k: all peers are up" test "$(result racoon "$k" 7)" = 0
	check "K $k: there are two SAs for each" \
	    test "$(result racoon "$k" 6)" = $((2 * k))
	if [ "$k" -ge 100 ] && [ "$k" -le "$BENCH_CHARON_MAX" ]; then
		at_most "K $k: CPU, racoon / charon" \
		    "$(result racoon "$k" 4)" "$(result charon "$k" 4)" 0.5
	fi
	[ "$k" -eq 1000 ] || return 0
	check "K $k: at most 16 MB" test "$(result racoon "$k" 5)" -le 16384
	# It asks /proc/net some times a second whether there was a packet.
	check "K $k: idle, at most 10 ms of CPU a second" \
	    test "$(<"$B/idle")" -le 300
}

echo "Linux $(uname -r), $(nproc) CPU, $GROUP with PFS," \
    "$("$RACOON" -V 2>/dev/null | head -n 1)"
warm_up
RIG_SCENE=bench
for part in $BENCH; do
	case $part in
	latency)
		latency racoon
		latency charon
		latency_verdict ;;
	peers)
		table
		for k in "${peers[@]}"; do
			storm racoon "$k"
			[ "$k" -gt "$BENCH_CHARON_MAX" ] ||
				storm charon "$k"
		done
		ratios
		for k in "${peers[@]}"; do
			peers_verdict "$k"
		done ;;
	privsep)
		table
		privsep_bench 100
		privsep_verdict ;;
	policies)
		policies_bench ;;
	esac
done
finish
