#!/bin/bash
# SPDX-License-Identifier: ISC
# A host and STORM_PEERS (200; by hand: 400) peers with steady traffic in both
# directions, which all begin at the same moment.  Then setkey loads everything
# anew five times, 8 s apart: first on the host, then on both sides at once.  All
# peers are addresses of one other host.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
STORM_PEERS=${STORM_PEERS:-200}
H=10.64.0.1
GAP=0.25 GAP_MS=250		# between two packets of a pair
WORST=1000			# ms without an answer
PLAIN=10.64.255.1

addresses()
{
	awk -v k="$STORM_PEERS" 'BEGIN { for (i = 0; i < k; i++)
	    printf "10.64.%d.%d\n", 1 + i / 250, 1 + i % 250 }'
}

storm_hosts()
{
	host_new h p
	wire h eth0 p eth0
	on h ip addr add $H/16 dev eth0
	{ echo $PLAIN; addresses; } | sed 's/.*/addr add &\/16 dev eth0/' |
	    on p ip -batch -
	sysctl -q -w net.ipv4.neigh.default.gc_thresh3=8192 \
	    net.ipv4.neigh.default.gc_thresh2=8192 2>/dev/null
	conf h
	conf p
	addresses | sed "s/\$/ $KEY/" >"$B/h/etc/racoon/psk.txt"
	echo "$H $KEY" >"$B/p/etc/racoon/psk.txt"
	chmod 600 "$B"/[hp]/etc/racoon/psk.txt
}

# $1: how the SAs are flushed, too
storm_policies()
{
	{
		echo "spdflush; $1"
		addresses | awk -v h=$H '{
		    print "spdadd", h, $1, "any -P out ipsec esp/transport//require;"
		    print "spdadd", $1, h, "any -P in ipsec esp/transport//require;"
		    }'
	} | policies h
	sed 's/-P out/-P IN/; s/-P in/-P out/; s/-P IN/-P in/' \
	    "$B/h/etc/ipsec-tools.conf" | policies p
}

# ask: what the watcher has seen since it was asked last, into $B/seen
ask()
{
	local log=$B/h/log/watch n

	n=$(grep -c '^end' "$log")
	kill -USR1 "${RIG_PID[h/watch]}"
	wait_for 5 reported "$log" $((n + 1)) || return 1
	awk -v n="$n" '/^end/ { seen++; next } seen == n && / first /' \
	    "$log" >"$B/both"
	grep -v "^$PLAIN " "$B/both" >"$B/seen"
	STALL=$(awk -v plain=$PLAIN '$1 == plain { print $5 }' "$B/both")
}
reported() { [ "$(grep -c '^end' "$1")" -ge "$2" ]; }

all_answer()
{
	ask && awk -v k="$STORM_PEERS" '$7 >= 0 && $7 < 2000 { n++ }
	    END { print n + 0, "of", k, "answer"; exit n != k }' "$B/seen"
}

# No pair was silent for long, and none is.
no_gap()
{
	ask && awk -v max=$WORST -v k="$STORM_PEERS" -v plain="$STALL" -v gap=$GAP_MS '
	    $5 > worst { worst = $5 }
	    $7 >= 0 && $5 <= max + plain - gap { n++ }
	    END { print n + 0, "of", k, "without a gap, the worst", worst,
		    "ms, without a policy", plain, "ms"
		exit n != k }' "$B/seen"
}

# at_most N: SAs of a pair and direction, on both sides
at_most()
{
	local h

	for h in h p; do
		on $h ip xfrm state | awk -v max="$1" -v h=$h '
		    /^src/ { pair = $2 ">" $4 }
		    /auth-trunc/ && ++n[pair] > max { bad[pair] = n[pair] }
		    END { for (p in bad) print h, p, bad[p]
			for (p in bad) exit 1 }' || return 1
	done
}

# reloads HOST...
reloads()
{
	local i h pids few=0 gap=0

	for i in 1 2 3 4 5; do
		pids=()
		for h; do
			on "$h" "$SETKEY" -f /etc/ipsec-tools.conf &
			pids+=($!)
		done
		wait "${pids[@]}" || not_ok "reload $i"
		nap 8
		no_gap | sed 's/^/# /'
		[ "${PIPESTATUS[0]}" -eq 0 ] || gap=1
		at_most 2 || few=1
	done
	check "no gap over $WORST ms (on: $*)" [ $gap -eq 0 ]
	check "never more than two pairs for a selector (on: $*)" [ $few -eq 0 ]
	check "every pair works (on: $*)" all_answer
}

# Everybody has traffic for everybody from the first moment on, so that both
# sides of all pairs begin at once.
all_begin()
{
	local t0=$SECONDS

	spawn h serve "$TRAFFIC" serve 7
	spawn p serve "$TRAFFIC" serve 7
	# shellcheck disable=SC2046
	spawn p watch "$WATCH" -t $H 7 $GAP $(addresses)
	# shellcheck disable=SC2046
	spawn h watch "$WATCH" 7 $GAP $PLAIN $(addresses)
	check "$STORM_PEERS peers answer, though all began at once" \
	    wait_for 60 now_and_then all_answer
	note "after $((SECONDS - t0)) s"
	check 'pairs that came up twice have become one' \
	    wait_for 20 now_and_then at_most 1
	check 'nobody doubted what was well' refuses doubted
}
now_and_then() { nap 1; "$@"; }
doubted() { logged h "$DOUBTS" || logged p "$DOUBTS"; }
DOUBTS='IPsec-SA (lost|silent)|seems to be dead'

storm()
{
	storm_hosts
	storm_policies "$1"
	racoons h p
	all_begin
	ask
	reloads h
	reloads h p
	check 'one pair each in the end' at_most 1
	note "$(sa_count h) SAs where $((2 * STORM_PEERS)) do"
}

scene_reload() { storm ''; }

run_scenes reload
