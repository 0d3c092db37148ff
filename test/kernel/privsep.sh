#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon's two processes: what the one that talks to the network is left with,
# and what happens when either ends.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

ON_STOP=keep
PRIVSEP=nobody
PLAINRSA_GEN=${PLAINRSA_GEN:-plainrsa-gen}

# worker HOST: its process
worker() { pgrep -P "${RIG_PID[$1/racoon]}" racoon-worker; }
worker_is()
{
	local pid

	pid=$(worker "$1") && grep -qE "$2" "/proc/$pid/status"
}

# another HOST PID: a worker that is not this one
another()
{
	local pid

	pid=$(worker "$1") && [ "$pid" != "$2" ]
}

tunnels_up()
{
	racoons a b || return
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	said=$(log_count a 'IPsec-SA established')
}

nothing_new() { [ "$(log_count a 'IPsec-SA established')" -eq "$said" ]; }

confined()
{
	check "$1: another user" worker_is "$1" '^Uid:	65534	65534	65534	65534$'
	check "$1: no capability" worker_is "$1" '^CapEff:	0+$'
	check "$1: none that could come back" worker_is "$1" '^CapBnd:	0+$'
	check "$1: no new privileges" worker_is "$1" '^NoNewPrivs:	1$'
	check "$1: few system calls" worker_is "$1" '^Seccomp:	2$'
	check "$1: an empty root directory" \
	    [ -z "$(find "/proc/$(worker "$1")/root/" -type f)" ]
}

scene_confined()
{
	pair
	both
	transport4
	tunnels_up || return
	confined a
	confined b
	protected $A4 $B4
	check 'a reload' racoon_hup a
	check 'is read' wait_log a 'the configuration was reloaded'
	check 'the control socket answers' on a "$RACOONCTL" show-sa isakmp
	check 'explains' on a "$RACOONCTL" why $B4
	check 'tells all of its state' on a "$RACOONCTL" status -v -f json
	check 'and keys' on a "$RACOONCTL" show-sa --wireshark esp
	check 'racoon on a stops' racoon_stop a
	check 'and leaves its ISAKMP-SAs' test -s "$B/a/run/racoon.pid.ike"
	check 'racoon on a starts again' racoon_start a
	check 'UDP passes' udp a $B4
	check 'nothing was negotiated' nothing_new
}

scene_worker_dies()
{
	local first

	pair
	both
	transport4
	tunnels_up || return
	first=$(worker a)
	kill -KILL "$first"
	check 'another one is started' wait_for 10 another a "$first"
	check 'it says why' logged a 'racoon-worker .* was ended by signal 9'
	check 'it takes over the pair' wait_log a 'took over 1 pairs'
	check 'UDP passes' udp a $B4
	check 'nothing was negotiated' nothing_new
	kill -SEGV "$(worker a)"
	check 'after a crash, too' wait_for 10 logged a 'was ended by signal 11'
	check 'UDP passes' udp a $B4
	check 'and what is new is negotiated' renewed
	confined a
}

# Both SAs are deleted by hand; the next packet wants others.
renewed()
{
	on a ip xfrm state flush && on b ip xfrm state flush &&
	    on a "$TRAFFIC" touch $B4 && wait_for 30 sa_is a 2
}

no_worker() { ! kill -0 "$1" 2>/dev/null; }

scene_monitor_dies()
{
	local first

	pair
	both
	transport4
	tunnels_up || return
	first=$(worker a)
	daemon_stop a/racoon KILL
	check 'the worker ends at once' wait_for 2 no_worker "$first"
	check 'racoon starts again' racoon_start a
	check 'it takes over the pair' wait_log a 'took over 1 pairs'
	check 'UDP passes' udp a $B4
}

# Private keys are in the other process.
scene_signed()
{
	local h other lines

	pair
	for h in a b; do
		mkdir -p "$B/$h/etc/racoon/certs"
		"$PLAINRSA_GEN" -b 2048 -f "$B/$h.plain" || return
		sed -n 's/^# : PUB/: PUB/p' "$B/$h.plain" >"$B/$h.pub"
	done
	for h in a b; do
		[ $h = a ] && other=b || other=a
		cp "$B/$h.plain" "$B/$other.pub" "$B/$h/etc/racoon/certs/"
		chmod 600 "$B/$h/etc/racoon/certs/$h.plain"
		lines="certificate_type plain_rsa \"$h.plain\";
		    peers_certfile plain_rsa \"$other.pub\";"
		P1_METHOD=rsasig CONF_TOP='path certificate "/etc/racoon/certs";' \
		    conf $h "$lines"
	done
	transport4
	tunnels_up || return
	protected $A4 $B4
	confined a
}

scene_pfkey()
{
	export IPSEC_BACKEND=pfkey P2_AUTH=hmac_sha1
	pair
	both
	transport4
	tunnels_up || return
	confined a
	kill -KILL "$(worker a)"
	check 'it takes over the pair' wait_log a 'took over 1 pairs'
	check 'UDP passes' udp a $B4
	unset IPSEC_BACKEND P2_AUTH
}

warm_up_more() { [ "$PFKEY" != 1 ] || pfkey_warm; }

if [ "$PFKEY" = 1 ]; then
	run_scenes confined pfkey
else
	run_scenes confined worker_dies monitor_dies signed
fi
