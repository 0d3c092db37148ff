# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Part of bench.sh: setkey beside ip(8), for up to 50,000 policies.  POLICIES
# names other numbers of them.  Medians of three runs; what is promised is
# checked.

POLICIES=${POLICIES:-1000 10000 50000}

# timed COMMAND...: ms, without the way into the host
timed()
{
	on h bash -c 'exec 3>&1 >"$1"; shift; t0=$(date +%s%N); "$@"; rc=$?
	    echo $((($(date +%s%N) - t0) / 1000000)) >&3; exit $rc' \
	    timed "$B/h/log/bench" "$@"
}

# median COMMAND...: of three runs, ms; BEFORE is done before each
median() { median_of 3 "$@"; }

# median_of N COMMAND...
median_of()
{
	local all='' n=$1 t
	shift

	for _ in $(seq "$n"); do
		# shellcheck disable=SC2086
		[ -z "$BEFORE" ] || on h $BEFORE
		t=$(timed "$@") || return 1
		all="$all $t"
	done
	tr ' ' '\n' <<<"${all# }" | sort -n | sed -n $((n / 2 + 1))p
}

# against TEXT OURS THEIRS GOAL: the row of the table, and its check
against()
{
	awk -v t="$1" -v a="$2" -v b="$3" -v g="$4" 'BEGIN {
	    printf "# %-32s %8d %8d  %.3f (goal %s)\n", t, a, b,
		(b > 0 ? a / b : 0), g }'
	at_most "policies, $1" "$2" "$3" "$4"
}

policy_file()
{
	awk -v n="$1" 'BEGIN { print "spdflush;"; for (i = 0; i < n; i++)
	    printf "spdadd 10.0.0.1 10.%d.%d.%d any -P out ipsec esp/transport//require;\n",
		1 + i / 62500, i / 250 % 250, 1 + i % 250 }'
}

sa_file()
{
	awk -v n="$1" 'BEGIN { print "flush;"; for (i = 0; i < n; i++)
	    printf "add 10.0.0.1 10.%d.%d.%d esp %d -E aes-cbc \"0123456789abcdef\" -A hmac-sha1 \"0123456789abcdefghij\";\n",
		1 + i / 62500, i / 250 % 250, 1 + i % 250, 4096 + i }'
}

# peak FILE: the largest resident memory of setkey -f, in kB; it has that for
# most of its life, so that looking now and then is enough
peak()
{
	on h perl -e 'if (!($p = fork)) { exec @ARGV; }
	    while (waitpid($p, 1) == 0) {
		if (open(F, "/proc/$p/status")) {
			/^VmHWM:\s+(\d+)/ and $m = $1 while <F>;
		}
		select(undef, undef, undef, 0.002);
	    } print "$m\n"' "$SETKEY" -f "$1"
}

# memory N: what a policy costs, above a file with none
memory()
{
	local base load again

	echo 'spdflush;' >"$B/h/empty"
	on h ip xfrm policy flush
	base=$(peak "$B/h/empty")
	load=$(peak "$B/h/setkey")
	sed '$d' "$B/h/setkey" >"$B/h/other"
	again=$(peak "$B/h/other")
	load=$(((load - base) * 1024 / $1))
	again=$(((again - base) * 1024 / $1))
	note "memory of a policy, bytes: loading $load, changing $again"
	check "policies, $1: less than 400 bytes for each" \
	    test "$load" -lt 400 -a "$again" -lt 400
}

# The kernel's dump of all policies, read and thrown away: ms
dump_alone()
{
	on h perl -MTime::HiRes=time -e 'socket(S, 16, 3, 6) or die;
	    $t = time;
	    send(S, pack("LSSLLx64", 80, 0x15, 0x301, 1, 0), 0) or die;
	    while (sysread(S, $b, 65536)) {
		last if unpack("L", substr($b, -20, 4)) == 20 &&
		    unpack("S", substr($b, -16, 2)) == 3;
	    } printf "%d\n", 1000 * (time - $t)'
}

# unchanged N LOADED IP: the same file again.  It must ask the kernel for all
# it has; compared with what loading costs without the haste of setkey -f, too.
unchanged()
{
	local again alone

	again=$(median "$SETKEY" -f "$B/h/setkey")
	alone=$(dump_alone)
	note "$1: unchanged $again ms, of these $alone ms the kernel's dump;" \
	    "loading took $2 ms"
	against "$1: unchanged, loading" "$again" "$2" 0.75
	against "$1: unchanged, ip -batch" "$again" "$3" 0.025
}

# policies_of N
policies_of()
{
	local n=$1 ours ip

	policy_file "$n" >"$B/h/setkey"
	sed -E -e '/^spdflush/d' -e 's/^spdadd ([^ ]+) ([^ ]+).*/xfrm policy add src \1 dst \2 dir out tmpl proto esp mode transport/' \
	    "$B/h/setkey" >"$B/h/batch"
	BEFORE='ip xfrm policy flush'
	# Half a minute of ip -batch does not need a median.
	ip=$(median_of $((n < 50000 ? 3 : 1)) ip -batch "$B/h/batch")
	ours=$(median "$SETKEY" -f "$B/h/setkey")
	against "$n: setkey -f, ip -batch" "$ours" "$ip" 0.25
	BEFORE=
	[ "$n" -lt 50000 ] || unchanged "$n" "$ours" "$ip"
	[ "$n" -lt 10000 ] || against "$n: -DP, ip xfrm policy" \
	    "$(median "$SETKEY" -DP)" "$(median ip xfrm policy)" 1.2
	[ "$n" -lt 50000 ] || memory "$n"
}
no_events()
{
	local n

	: >"$B/h/log/events"
	policy_file 1000 >"$B/h/setkey"
	on h "$SETKEY" -f "$B/h/setkey"
	spawn h events ip xfrm monitor policy
	nap 1
	on h "$SETKEY" -f "$B/h/setkey"
	nap 1
	daemon_stop h/events
	n=$(wc -l <"$B/h/log/events")
	check "policies, an unchanged file is no event" test "$n" -eq 0
}

policies_bench()
{
	local n

	scene policies
	host_new h
	printf '# %-32s %8s %8s  ratio\n' 'median of three, ms' ours other
	for n in $POLICIES; do
		policies_of "$n"
	done
	no_events
	on h ip xfrm policy flush
	sa_file 10000 >"$B/h/sas"
	on h "$SETKEY" -f "$B/h/sas"
	BEFORE=
	against '10000: -D, ip xfrm state' "$(median "$SETKEY" -D)" \
	    "$(median ip xfrm state)" 1.2
}
