#!/bin/bash
# SPDX-License-Identifier: ISC
# A full mesh of MESH_HOSTS (24) under real traffic and faults for
# MESH_SECONDS: loss of 20 %, partitions, reboots, kill -9, reloads by setkey,
# one-sided deletes.  Then it is left alone, and every pair has to work.  The
# same with charon on half of the hosts, where it takes a racoon at one end.  MESH_SEED repeats a run's choices,
# not the kernel's.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
MESH_HOSTS=${MESH_HOSTS:-24} MESH_SECONDS=${MESH_SECONDS:-600}
MESH_SEED=${MESH_SEED:-$((${EPOCHREALTIME/./} % 100000))}
GAP=1				# s between two packets of a pair
QUIET=60			# s without faults, at the end
P1_TIME='24 hour' P2_TIME='8 hour'
SWAN_IKE_REKEY=23h SWAN_REKEY=7h SWAN_LIFE=8h

address() { echo "10.7.0.$((10 + $1))"; }
name() { echo "h$1"; }
is_swan() { [ "$SWANS" = half ] && [ $(($1 % 2)) -eq 1 ]; }

# others I: the addresses of all hosts but the one
others()
{
	local j

	for ((j = 0; j < MESH_HOSTS; j++)); do
		[ "$j" -eq "$1" ] || address "$j"
	done
}

# ---- a host's life ----------------------------------------------------------

mesh_policies()
{
	local me other

	me=$(address "$1")
	echo 'spdflush;'
	for other in $(others "$1"); do
		protect "$me" "$other"
	done
}

mesh_racoon()
{
	local h other

	h=$(name "$1")
	# no patience of a test: what a mesh runs with
	racoon_conf "$h" <<-END
	path pre_shared_key "/etc/racoon/psk.txt";
	remote anonymous {
		exchange_mode main;
		lifetime time 24 hours;
		proposal {
			authentication_method pre_shared_key;
			dh_group modp2048;
			encryption_algorithm aes;
			hash_algorithm sha256;
		}
	}
	sainfo anonymous {
		pfs_group modp2048;
		lifetime time 8 hours;
		encryption_algorithm aes;
		authentication_algorithm hmac_sha256;
		compression_algorithm deflate;
	}
	END
	for other in $(others "$1"); do
		psk "$h" "$other" "$KEY"
	done
}

# charon's own way of policies: traps
mesh_swan()
{
	local me other

	me=$(address "$1")
	echo 'connections {'
	for other in $(others "$1"); do
		cat <<-END
		p${other##*.} {
			version = 1
			local_addrs = $me
			remote_addrs = $other
			proposals = aes128-sha256-modp2048
			rekey_time = $SWAN_IKE_REKEY
			unique = replace
			local { auth = psk
				id = $me }
			remote { auth = psk
				id = $other }
			children { c {
				mode = transport
				esp_proposals = aes128-sha256-modp2048
				rekey_time = $SWAN_REKEY
				life_time = $SWAN_LIFE
				start_action = trap } }
		}
		END
	done
	echo "} secrets { ike { secret = \"$KEY\" } }"
}

# up I: a host as after its boot; what it says is added to its log
up()
{
	local h

	h=$(name "$1")
	host_new "$h" || return 1
	attach "$h" "$(address "$1")/24"
	[ ! -e "$OUT/log/$h" ] || cp "$OUT/log/$h/"* "$B/$h/log/"
	if is_swan "$1"; then
		mesh_swan "$1" | charon_start "$h"
	else
		mesh_racoon "$1"
		mesh_policies "$1" | policies "$h" && racoon_start "$h"
	fi || return 1
	spawn "$h" serve "$TRAFFIC" serve 7
	# shellcheck disable=SC2046
	spawn "$h" watch "$WATCH" 7 $GAP $(others "$1")
}

# down I: everything on it dies at once, and what its kernel knew is gone
down()
{
	local h key pids=()

	h=$(name "$1")
	for key in "${!RIG_PID[@]}"; do
		[[ $key == "$h/"* ]] || continue
		pids+=("${RIG_PID[$key]}")
		unset "RIG_PID[$key]"
	done
	pids+=("${RIG_HOLD[$h]}")
	unset "RIG_HOLD[$h]"
	{
		kill -9 "${pids[@]}"
		wait "${pids[@]}"
	} 2>/dev/null
	on sw ip link del "p-$h" 2>/dev/null
	mkdir -p "$OUT/log/$h"
	cp "$B/$h/log/"* "$OUT/log/$h/"
	rm -rf "${B:?}/$h"
}

# ---- faults -----------------------------------------------------------------

fault_loss()
{
	lossy "$(name "$1")" loss 20%
	LOSSY[$1]=$((SECONDS + 20))
}

fault_partition()
{
	on sw ip link set "p-$(name "$1")" down
	CUT[$1]=$((SECONDS + 5 + RANDOM % 15))
}

fault_reboot()
{
	down "$1"
	unset "KILLED[$1]"
	up "$1" || not_ok "host $1 boots"
}

fault_kill()
{
	local h

	h=$(name "$1")
	if is_swan "$1"; then
		daemon_stop "$h/charon.out" KILL
		rm -f "$B/$h/run/charon.pid" "$B/$h/run/charon.vici"
		mesh_swan "$1" | charon_start "$h"
	else
		daemon_stop "$h/racoon" KILL
		unset "KILLED[$1]"
		[ "$(sa_count "$h")" -lt 4 ] || KILLED[$1]=yes
		racoon_start "$h"
	fi || not_ok "the daemon of host $1 starts"
}

fault_reload()
{
	is_swan "$1" || on "$(name "$1")" "$SETKEY" -f /etc/ipsec-tools.conf ||
		not_ok "setkey -f on host $1"
}

# One of its SAs, whichever; of a charon's one that it sends under.  When it has
# lost an inbound one, it alone could see that, for what it sends arrives as
# before; and it does nothing about it.
fault_delete()
{
	local h me='' line sas=()

	h=$(name "$1")
	! is_swan "$1" || me=$(address "$1")
	states "$h"
	for line in "${RIG_STATES[@]}"; do
		case $line in
		src*) set -- $line ;;
		*'proto esp spi 0x00000000'*) ;;
		*'proto esp spi'*)
			[ -n "$me" ] && [ "$2" != "$me" ] ||
			    sas+=("src $2 dst $4 ${line%% reqid*}") ;;
		esac
	done
	[ ${#sas[@]} -eq 0 ] && return 0
	# shellcheck disable=SC2086
	on "$h" ip xfrm state delete ${sas[RANDOM % ${#sas[@]}]}
	return 0
}

# mend [all]: what was to last for a while
mend()
{
	local i

	for i in "${!LOSSY[@]}"; do
		[ "${1:-}" = all ] || [ ${LOSSY[$i]} -le $SECONDS ] || continue
		on "$(name "$i")" tc qdisc del dev eth0 root 2>/dev/null
		unset "LOSSY[$i]"
	done
	for i in "${!CUT[@]}"; do
		[ "${1:-}" = all ] || [ ${CUT[$i]} -le $SECONDS ] || continue
		on sw ip link set "p-$(name "$i")" up
		unset "CUT[$i]"
	done
}

FAULTS=(loss partition reboot kill reload delete delete)
trouble()
{
	local end=$((SECONDS + MESH_SECONDS)) fault i
	declare -A count=()
	LOSSY=() CUT=() KILLED=()

	RANDOM=$MESH_SEED
	while [ $SECONDS -lt $end ]; do
		fault=${FAULTS[RANDOM % ${#FAULTS[@]}]}
		i=$((RANDOM % MESH_HOSTS))
		echo "$(date +%T) $fault $(name "$i")" >>"$OUT/faults"
		"fault_$fault" "$i" >/dev/null
		count[$fault]=$((${count[$fault]:-0} + 1))
		nap $((1 + RANDOM % 5))
		mend
	done
	mend all
	for fault in "${!count[@]}"; do
		note "$fault: ${count[$fault]} times"
	done
}

# ---- what has to be true ----------------------------------------------------

# watched I: the report of its watcher, as it is now
watched()
{
	local h log n

	h=$(name "$1") log=$B/$(name "$1")/log/watch
	n=$(grep -c '^end' "$log")
	kill -USR1 "${RIG_PID[$h/watch]}"
	wait_for 5 reported "$log" $((n + 1)) || return 1
	awk -v n="$n" '/^end/ { seen++; next } seen == n && / first /' "$log"
}
reported() { [ "$(grep -c '^end' "$1")" -ge "$2" ]; }

# ours I: of the report of host I, the pairs that a racoon is part of.  Two
# charons do not always find each other again.
ours()
{
	awk -v swan="$(is_swan "$1" && echo yes)" '
	    { split($1, part, ".") }
	    swan == "" || (part[4] - 10) % 2 == 0'
}

# How many pairs of two charons are silent, one way
others_silent()
{
	local i

	for ((i = 0; i < MESH_HOSTS; i++)); do
		! is_swan "$i" || watched "$i"
	done | awk '
	    { split($1, part, ".") }
	    (part[4] - 10) % 2 && ($7 < 0 || $7 > 3000) { n++ }
	    END { print n + 0 }'
}

# Every pair has been heard from lately.
all_talk()
{
	local i bad=

	for ((i = 0; i < MESH_HOSTS; i++)); do
		bad="$bad$(watched "$i" | ours "$i" | awk -v i="$i" '
		    $7 < 0 || $7 > 3000 { print "h" i "->" $1, $7 " ms;" }')"
	done
	echo "silent: $bad" | head -c 2000
	[ -z "$bad" ]
}

# No host with racoon sends under more than two SAs to another one: the pair in
# use and its predecessor.  Inbound there may be half of one that is coming, and
# charon keeps what it likes.
few_sas()
{
	local i bad=

	for ((i = 0; i < MESH_HOSTS; i++)); do
		! is_swan "$i" || continue
		bad="$bad$(on "$(name "$i")" ip xfrm state | awk -v i="$i" \
		    -v me="$(address "$i")" '
		    /^src/ { from = $2; to = $4 }
		    /auth-trunc/ && from == me { n[to]++ }
		    END { for (t in n) if (n[t] > 2)
			print "h" i, t, n[t] ";" }')"
	done
	echo "too many: $bad" | head -c 2000
	[ -z "$bad" ]
}

# talk_within SECONDS: or who does not
talk_within()
{
	wait_for "$1" all_talk || { all_talk; return 1; }
}

sas_now()
{
	local i n=0

	for ((i = 0; i < MESH_HOSTS; i++)); do
		n=$((n + $(sa_count "$(name "$i")")))
	done
	echo $n
}

# What was without an answer for how long since the last time that somebody
# asked: for each pair its longest time.
gaps()
{
	local i

	for ((i = 0; i < MESH_HOSTS; i++)); do
		watched "$i" | ours "$i" | sed "s/^/h$i /"
	done | tee "$OUT/gaps" | awk '$6 >= 0 { print $6 }' | sort -n | awk '
	    { g[NR] = $1 }
	    END { printf "the longest gap of %d pairs one way: median %.1f " \
		"s, 99 %% %.1f s, worst %.1f s\n", NR, g[int((NR + 1) / 2)] \
		/ 1000, g[int(NR * 0.99)] / 1000, g[NR] / 1000 }'
}

# CPU time of the racoons that run, and how long they have
cpu()
{
	local i pids=()

	for ((i = 0; i < MESH_HOSTS; i++)); do
		is_swan "$i" || pids+=("${RIG_PID[h$i/racoon]}")
	done
	ps -o cputimes=,etimes= -p "${pids[*]}" | awk '
	    { c += $1; e += $2; n++ }
	    END { printf "CPU of %d racoons: %d s in %d s of their lives\n",
		n, c, e }'
}

told_by() { on "$(name "$1")" "${RACOONCTL:-racoonctl}" metrics; }

# sums: the metrics of all racoons, added up: NAME VALUE
sums()
{
	local i

	for ((i = 0; i < MESH_HOSTS; i++)); do
		is_swan "$i" || told_by "$i"
	done | awk '/^racoon_/ { n[$1] += $2 }
	    END { for (k in n) print k, n[k] }' >"$B/sums"
}

# sum NAME: of the sums
sum()
{
	awk -v k="racoon_$1" '$1 == k { v = $2 } END { print v + 0 }' "$B/sums"
}

# adopted I: the racoon that came after a kill took over what it found
adopted()
{
	told_by "$1" | awk '
	    $1 == "racoon_adopted_total" && $2 > 0 { some = 1 }
	    END { exit !some }' || {
		echo "host $1 was killed and has adopted nothing"
		return 1
	}
}

# What each racoon says of its kernel is what is there, and who came after a
# kill says so.  A host that was rebooted since then had nothing to adopt.
tells_the_story()
{
	local i mature=0

	sums || return 1
	for ((i = 0; i < MESH_HOSTS; i++)); do
		is_swan "$i" || mature=$((mature + $(sa_count "$(name "$i")")))
	done
	echo "SAs: $(sum 'kernel_sas{proto="esp",state="mature"}') told, $mature counted"
	[ "$(sum 'kernel_sas{proto="esp",state="mature"}')" -eq $mature ] || return 1
	for i in "${!KILLED[@]}"; do
		adopted "$i" || return 1
	done
}

story_within()
{
	wait_for "$1" tells_the_story || { tells_the_story; return 1; }
}

story()
{
	local n text=

	for n in phase1_up phase1_failed phase2_up phase2_failed resent \
	    dpd_dead liveness_suspected liveness_repaired stray_seen \
	    stray_repairs reconciled resyncs adopted called; do
		text="$text $n $(sum ${n}_total),"
	done
	note "metrics of the racoons that run:${text%,}"
}

mesh()
{
	local i start=$SECONDS want

	SWANS=$1
	rm -rf "$OUT/log" "$OUT/faults"
	note "seed $MESH_SEED, $MESH_HOSTS hosts, $MESH_SECONDS s of faults"
	for ((i = 0; i < MESH_HOSTS; i++)); do
		up "$i" || { not_ok "host $i starts"; return; }
	done
	note "all hosts are up after $((SECONDS - start)) s"
	check 'every host reaches every other one' talk_within 60
	note "after $((SECONDS - start)) s"
	check 'no more than two pairs for a selector' few_sas
	gaps >/dev/null		# begins anew
	trouble
	note "$(gaps)"
	start=$SECONDS
	check 'all pairs work in the end' \
	    talk_within $((QUIET / RIG_PATIENCE))
	note "$((SECONDS - start)) s after the last fault"
	nap 30		# superseded pairs go
	check 'all pairs still work' talk_within 5
	check 'no more than two pairs for a selector' few_sas
	want=$((2 * MESH_HOSTS * (MESH_HOSTS - 1)))
	note "$(sas_now) SAs where $want do"
	check 'the metrics tell the story' story_within 10
	story
	note "$(cpu)"
	[ "$SWANS" = all ] || note "pairs of two charons that are silent, one" \
	    "way: $(others_silent)"
	for ((i = 0; i < MESH_HOSTS; i++)); do
		mkdir -p "$OUT/log/h$i" && cp "$B/h$i/log/"* "$OUT/log/h$i/"
	done
}

scene_racoon() { mesh all; }
scene_charon() { mesh half; }

run_scenes racoon charon
