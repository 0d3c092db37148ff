# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Part of bench.sh: setkey beside ip(8), for up to 50,000 policies.

# median COMMAND...: of three runs, ms; BEFORE is done before each
median()
{
	local i t0 all=

	for i in 1 2 3; do
		# shellcheck disable=SC2086
		[ -z "$BEFORE" ] || on h $BEFORE
		t0=$(now)
		on h "$@" >"$B/h/log/bench" || return 1
		all="$all $(($(now) - t0))"
	done
	tr ' ' '\n' <<<"${all# }" | sort -n | sed -n 2p
}

# against TEXT OURS THEIRS GOAL
against()
{
	awk -v t="$1" -v a="$2" -v b="$3" -v g="$4" 'BEGIN {
	    printf "%-32s %8d %8d  %.3f (goal %s)\n", t, a, b, a / b, g }'
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

# peak FILE: the largest resident memory of setkey -f, in kB
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
	again=$(peak "$B/h/setkey")
	awk -v n="$1" -v b="$base" -v l="$load" -v a="$again" 'BEGIN {
	    printf "memory of a policy, bytes: loading %d, reloading %d (goal 400)\n",
		(l - b) * 1024 / n, (a - b) * 1024 / n }'
}

# policies_of N
policies_of()
{
	local ours ip

	policy_file "$1" >"$B/h/setkey"
	sed -E -e '/^spdflush/d' -e 's/^spdadd ([^ ]+) ([^ ]+).*/xfrm policy add src \1 dst \2 dir out tmpl proto esp mode transport/' \
	    "$B/h/setkey" >"$B/h/batch"
	BEFORE='ip xfrm policy flush'
	ip=$(median ip -batch "$B/h/batch")
	ours=$(median "$SETKEY" -f "$B/h/setkey")
	against "$1: setkey -f, ip -batch" "$ours" "$ip" 0.25
	BEFORE=
	against "$1: unchanged, first time" \
	    "$(median "$SETKEY" -f "$B/h/setkey")" "$ours" 0.1
	against "$1: -DP, ip xfrm policy" "$(median "$SETKEY" -DP)" \
	    "$(median ip xfrm policy)" 1.2
	memory "$1"
}

no_events()
{
	: >"$B/h/log/events"
	spawn h events ip xfrm monitor policy
	nap 1
	on h "$SETKEY" -f "$B/h/setkey"
	nap 1
	daemon_stop h/events
	echo "events of an unchanged reload: $(wc -l <"$B/h/log/events") lines"
}

policies_bench()
{
	local n

	scene policies
	host_new h
	printf '%-32s %8s %8s  ratio\n' 'median of three, ms' ours other
	for n in ${POLICIES:-1000 10000 50000}; do
		policies_of "$n"
	done
	no_events
	on h ip xfrm policy flush
	sa_file 10000 >"$B/h/sas"
	on h "$SETKEY" -f "$B/h/sas"
	against "10000: -D, ip xfrm state" "$(median "$SETKEY" -D)" \
	    "$(median ip xfrm state)" 1.2
}
