#!/bin/bash
# SPDX-License-Identifier: ISC
# setkey -f on a host whose traffic goes on: what stays is not touched, no
# packet is lost, none leaves in the clear.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

MANY=2000
PLAIN=10.77.0.0

# sas: manual SAs for the traffic between the two, on both
sas()
{
	local h

	for h in a b; do
		on $h "$SETKEY" -f - <<-END || return 1
		add $A4 $B4 esp 0x1001 -E aes-cbc "0123456789abcdef"
			-A hmac-sha1 "0123456789abcdefghij";
		add $B4 $A4 esp 0x1002 -E aes-cbc "0123456789abcdef"
			-A hmac-sha1 "0123456789abcdefghij";
		END
	done
}

# file HOST FIRST: the policies of host a (or b): for the other one, and for
# MANY peers from FIRST on.
file()
{
	local here=$A4 there=$B4

	[ "$1" = a ] || { here=$B4 there=$A4; }
	cat <<-END
	spdflush;
	spdadd $here $there any -P out ipsec esp/transport//require;
	spdadd $there $here any -P in ipsec esp/transport//require;
	END
	awk -v h=$here -v n=$MANY -v first="$2" 'BEGIN {
	    for (i = first; i < first + n; i++)
		printf "spdadd %s 10.%d.%d.%d any -P out ipsec " \
		    "esp/transport//%s;\n", h, 1 + i / 62500, i / 250 % 250,
		    1 + i % 250, i % 2 ? "require" : "unique" }'
}

# spids HOST: what tells a policy from another one, and its number
spids()
{
	on "$1" ip -s -o xfrm policy | grep -v 'socket' |
	    sed -E 's/src ([^ ]+) dst ([^ ]+) .*[[:space:]]dir ([a-z]+) .*index ([0-9]+) .*/\1 \2 \3 \4/' |
	    sort
}

monitor_up() { grep -qs xfrm "/proc/${RIG_PID[a/events]}/cmdline"; }
events_start()
{
	: >"$B/a/log/events"
	spawn a events ip xfrm monitor policy
	wait_for 5 monitor_up
	nap 1
}
events_stop()
{
	nap 1
	daemon_stop a/events
	grep -c '^\(Updated\|Deleted\|src\|Flushed\)' "$B/a/log/events" || true
}

reloads()
{
	file a "$1" >"$B/a/etc/ipsec-tools.conf"
	on a "$SETKEY" -f /etc/ipsec-tools.conf
}

all_came_back()
{
	cat "$B/a/log/flood"
	grep -q ' 0% packet loss' "$B/a/log/flood"
}

ping_over() { ! running a/flood; }

scene_traffic()
{
	local before after n

	pair
	check 'manual SAs' sas
	file b 0 | policies b
	check "$MANY policies and two for the traffic" reloads 0
	check 'ESP passes' ping_through a $B4
	spids a >"$B/a/log/before"
	check 'the numbers of all policies can be seen' \
	    [ "$(wc -l <"$B/a/log/before")" -eq $((MANY + 3)) ]

	capture_start a
	spawn a flood ping -n -q -i 0.01 -c 600 -W 5 $B4
	nap 0.5
	events_start
	check 'the same file again' reloads 0
	n=$(events_stop)
	check 'changes nothing: no event' [ "$n" -eq 0 ]
	events_start
	check 'a peer less, and one more' reloads 1
	n=$(events_stop)
	check "two events ($n)" [ "$n" -eq 2 ]
	wait_for 60 ping_over
	capture_stop a
	check 'no packet of the flood is lost' all_came_back
	check 'only ESP on the wire' only_esp a

	spids a >"$B/a/log/after"
	before=$(comm -23 "$B/a/log/before" "$B/a/log/after" | wc -l)
	after=$(comm -13 "$B/a/log/before" "$B/a/log/after" | wc -l)
	check 'all others have kept their numbers' \
	    [ "$before $after" = '1 1' ]
	check 'the SAs are still there' sa_is a 2
}

scene_difference()
{
	pair
	check 'policies' reloads 0
	file a 1 >"$B/a/etc/new"
	on a "$SETKEY" -n -f /etc/new >"$B/a/log/diff" 2>&1
	check '-n succeeds' [ $? -eq 0 ]
	check 'and shows one line for each change' diff "$B/a/log/diff" - <<-END
	+ spdadd $A4 10.1.8.1 any -P out prio def ipsec esp/transport//unique;
	- spddelete $A4 10.1.0.1 any -P out;
	END
	spids a >"$B/a/log/before"
	(head -n 1000 "$B/a/etc/new"; echo 'spdadd bogus;') >"$B/a/etc/bad"
	check 'an error of syntax' refuses on a "$SETKEY" -f /etc/bad
	spids a >"$B/a/log/after"
	check 'changes nothing' cmp "$B/a/log/before" "$B/a/log/after"
	(cat "$B/a/etc/new"
	    echo 'spdadd 10.3.0.1/33 10.3.0.2 any -P out none;') \
	    >"$B/a/etc/bad"
	check 'what the kernel refuses' refuses on a "$SETKEY" -f /etc/bad
	spids a >"$B/a/log/after"
	check 'is taken back' cmp "$B/a/log/before" "$B/a/log/after"
	# Of others: only a flush is for them, too.
	on a ip xfrm policy add src 10.9.0.0/16 dst 10.8.0.0/16 dir out \
	    if_id 5 action allow
	echo 'spdadd 10.3.0.1 10.3.0.2 any -P out none;' >"$B/a/etc/more"
	check 'a file without a flush' on a "$SETKEY" -f /etc/more
	check 'removes nothing' \
	    [ "$(spids a | wc -l)" -eq $((MANY + 5)) ]
}

# In place: an update keeps the number, and the place among its equals.
scene_change()
{
	pair
	printf '%s\n' 'spdflush;' \
	    'spdadd 10.1.0.0/16 10.2.0.0/16 any -P out none;' \
	    'spdadd 10.1.0.0/16 10.2.1.0/24 any -P out discard;' | policies a
	spids a >"$B/a/log/before"
	printf '%s\n' 'spdflush;' \
	    'spdadd 10.1.0.0/16 10.2.0.0/16 any -P out discard;' \
	    'spdadd 10.1.0.0/16 10.2.1.0/24 any -P out discard;' | policies a
	spids a >"$B/a/log/after"
	check 'a changed policy keeps its number' \
	    cmp "$B/a/log/before" "$B/a/log/after"
	check 'and is changed' \
	    [ "$(on a ip xfrm policy list action block | grep -c ^src)" -eq 2 ]
	events_start
	check 'the same file again' on a "$SETKEY" -f /etc/ipsec-tools.conf
	check 'has nothing to do' [ "$(events_stop)" -eq 0 ]
}

scene_racoon()
{
	local sas

	pair
	both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	sas=$(on a ip xfrm state | grep -o 'spi 0x[0-9a-f]*' | sort | xargs)
	# Just the policies: a flush of the SAs would be carried out.
	sed -i 's/^flush; //' "$B/a/etc/ipsec-tools.conf"
	echo "spdadd 10.3.0.1 10.3.0.2 any -P out none;" \
	    >>"$B/a/etc/ipsec-tools.conf"
	check 'the policies are loaded again' \
	    on a "$SETKEY" -f /etc/ipsec-tools.conf
	check 'racoon still serves the same SAs' [ "$sas" = "$(on a ip xfrm \
	    state | grep -o 'spi 0x[0-9a-f]*' | sort | xargs)" ]
	protected $A4 $B4
}

run_scenes traffic difference change racoon
