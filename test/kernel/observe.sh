#!/bin/bash
# SPDX-License-Identifier: ISC
# What operators see and do: the metrics of a racoon that works, looked at with
# curl, promtool and a real Prometheus; and racoonctl.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"

AT=127.0.0.1:26500

# metrics HOST: its metrics in $B/metrics
metrics()
{
	on "$1" curl -s -S -m 10 "http://$AT/metrics" >"$B/metrics"
}

# metric LINE: is there
metric()
{
	grep -Fqx "racoon_$1" "$B/metrics" ||
		{ grep "^racoon_${1%%[\{ ]*}" "$B/metrics"; return 1; }
}

# above NAME NUMBER: the sample's value is more than that
above()
{
	NAME=racoon_$1 LEAST=$2 awk '
	    index($0, ENVIRON["NAME"] " ") == 1 && $NF > ENVIRON["LEAST"] + 0 {
		found = 1
	    }
	    END { exit !found }' "$B/metrics" ||
		{ grep "^racoon_${1%%[\{ ]*}" "$B/metrics"; return 1; }
}

tells()
{
	check "$1 answers" metrics "$1" || return
	check 'promtool has nothing to say about it' \
	    promtool check metrics <"$B/metrics"
	check 'phase 1 was negotiated once, by this side' metric \
	    'negotiations_total{phase="1",role="initiator",result="success"} 1'
	check 'phase 2 likewise' metric \
	    'negotiations_total{phase="2",role="initiator",result="success"} 1'
	check 'nothing failed' metric \
	    'negotiations_total{phase="1",role="initiator",result="failure"} 0'
	check 'and it is known how long that took' metric \
	    'negotiation_duration_seconds_count{phase="1",role="initiator"} 1'
	check 'the IKE SA is there' metric \
	    'ike_sas{state="established",role="initiator"} 1'
	check 'the pair is there' metric 'pairs 1'
	check 'both SAs are in the kernel' metric \
	    'kernel_sas{proto="esp",state="mature"} 2'
	check 'the kernel asked' above 'kernel_events_total{type="acquire"}' 0
	check 'datagrams came' above datagrams_in_total 3
	check 'time passes' above start_time_seconds 1700000000
}

# ESP that nobody can place is counted by the kernel, and told.
unknown_spi()
{
	on b ip addr add 192.0.2.22/32 dev eth0
	on a "$SETKEY" -c <<-END
	add $A4 192.0.2.22 esp 0x1234 -E aes-cbc "an AES key of 16";
	spdadd $A4 192.0.2.22 any -P out ipsec esp/transport//require;
	END
	on a "$TRAFFIC" touch 192.0.2.22
	wait_for 5 shown b above 'xfrm_total{counter="XfrmInNoStates"}' 0
}

# shown HOST COMMAND...: succeeds with the metrics as of now
shown() { metrics "$1" && "${@:2}"; }

scene_metrics()
{
	pair
	serve b
	AT=127.0.0.1:26500
	local CONF_TOP='listen { metrics 127.0.0.1; }'
	both
	transport4
	racoons a b || return
	check 'UDP passes' udp_through a $B4
	tells a
	check 'the log has the time of phase 1' \
	    logged a 'NOTIFY: phase1\(Identity Protection\): [0-9]+\.[0-9]{6}$'
	check 'the log has the time of phase 2' \
	    logged a 'NOTIFY: phase2\(quick\): [0-9]+\.[0-9]{6}$'
	CONF_TOP='listen { metrics 127.0.0.1 [9109]; }' conf a
	racoon_hup a
	AT=127.0.0.1:9109
	check 'a reload moves them' wait_for 10 metrics a
	check 'and is counted' metric 'config_reloads_total{result="success"} 1'
	echo 'rubbish' | racoon_conf a
	racoon_hup a
	check 'a broken file shows' wait_for 10 shown a metric \
	    'config_last_reload_successful 0'
	AT=127.0.0.1:26500
	check 'ESP of an unknown SPI shows' unknown_spi
	check 'another key on b' change_key
	check 'what fails is told with its reason' wait_for 40 shown b above \
	    'negotiation_failures_total{phase="1",role="initiator",reason="E_TIMEOUT"}' 0
}

# b has another key, and has to begin anew.
change_key()
{
	sed -i 's/only we know/nobody else knows/' "$B/b/etc/racoon/psk.txt"
	ctl b flush-sa ipsec && ctl b flush-sa isakmp || return
	on b "$TRAFFIC" touch $A4
}

# ctl HOST WORD...: what racoonctl says, in $B/ctl
ctl()
{
	local h=$1
	shift

	on "$h" "${RACOONCTL:-racoonctl}" "$@" >"$B/ctl" 2>&1
}

# says HOST WORD... = LINE...: just these lines
says()
{
	local words=()

	while [ "$1" != = ]; do
		words+=("$1")
		shift
	done
	shift
	ctl "${words[@]}" || return
	printf '%s\n' "$@" | diff - "$B/ctl"
}

# The header and one line, which is like this.
one_sa()
{
	cat "$B/ctl"
	[ "$(wc -l <"$B/ctl")" -eq 2 ] && [[ $(tail -n 1 "$B/ctl") =~ ^$1$ ]]
}

COOKIES='[0-9a-f]{16}:[0-9a-f]{16}'
STAMP='20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}'

# As setkey, but for whose process it is and, perhaps, the second.
like_setkey()
{
	on a "$SETKEY" -D | grep -v 'pid=\|current:\|diff:' >"$B/setkey"
	ctl a show-sa esp && grep -v 'pid=\|current:\|diff:' "$B/ctl" |
	    diff "$B/setkey" - && grep -q '	E: aes-cbc  [0-9a-f]' "$B/ctl" &&
	    grep -q " pid=${RIG_PID[a/racoon]} " "$B/ctl"
}

# Who may connect without being root sees no key.
others_see_no_key()
{
	local key

	key=$(on a "$SETKEY" -D | sed -n 's/^	E: aes-cbc  \([0-9a-f]* \).*/\1/p' |
	    head -n 1)
	chmod 755 "$B/a/run/racoon"
	chmod 666 "$B/a/run/racoon/racoon.sock"
	on a setpriv --reuid=65534 --clear-groups --inh-caps=-all \
	    "${RACOONCTL:-racoonctl}" show-sa esp >"$B/ctl" 2>&1 || {
		cat "$B/ctl"
		return 1
	}
	[ -n "$key" ] && ! grep -q "$key" "$B/ctl" &&
	    grep -q '	E: aes-cbc  00000000 ' "$B/ctl"
}

gone() { says "$1" show-sa esp = 'No SAD entries.'; }

scene_control()
{
	local idle='Destination            Cookies                           '

	pair
	serve b
	both
	transport4
	racoons a b || return
	check 'nothing is there yet' says a show-sa isakmp = "${idle}Created"
	check 'with -l' says a -l show-sa isakmp = \
	    "${idle}ST S  V E Created             Phase2"
	check 'nor in the kernel' says a show-sa ipsec = 'No SAD entries.'
	check 'an unknown command fails' refuses ctl a show-sa internal
	check 'the socket is for root' test \
	    "$(stat -c '%a %u %g' "$B/a/run/racoon/racoon.sock")" = '600 0 0'
	check 'UDP passes' udp_through a $B4
	ctl a show-sa isakmp
	check 'the IKE SA' one_sa "192\.0\.2\.2\.500          $COOKIES $STAMP "
	ctl a -l ss isakmp
	check 'with -l' one_sa \
	    "192\.0\.2\.2\.500          $COOKIES  9 I 10 M $STAMP      1 "
	ctl b -ll ss isakmp
	check 'with -ll, of the other side' one_sa \
	    "192\.0\.2\.2\.500 {33}192\.0\.2\.1\.500 {33}$COOKIES  9 R 10 M $STAMP      1 "
	check 'SAs as setkey shows them' like_setkey
	check 'others than root see no key' others_see_no_key
	check 'metrics' ctl a metrics
	check 'they are OpenMetrics' test "$(tail -n 1 "$B/ctl")" = '# EOF'
	check 'with the pair' grep -qx 'racoon_pairs 1' "$B/ctl"
	check 'log debug' ctl a log debug
	check 'reload-config' ctl a reload-config
	check 'is done' wait_log a 'the configuration was reloaded'
	check 'flush-sa' ctl a flush-sa esp
	check 'nothing is left' gone a
	check 'nor with the peer' wait_for 5 gone b
	check 'but the IKE SA' says_up a
	check 'UDP passes again' udp_through a $B4
	check 'delete-sa' ctl a delete-sa isakmp inet $A4 $B4
	check 'nothing is left at all' says a show-sa isakmp = "${idle}Created"
	check 'nor of its children' gone a
	check 'nor with the peer' wait_for 5 says b show-sa isakmp = \
	    "${idle}Created"
	check 'UDP passes again' udp_through a $B4
	racoon_stop a
	check 'a racoon that has gone' refuses ctl a show-sa isakmp
	check 'is missed' grep -q \
	    'Connection refused (is racoon running?)$' "$B/ctl"
}

says_up() { ctl "$1" show-sa isakmp && [ "$(wc -l <"$B/ctl")" -eq 2 ]; }

# query EXPRESSION VALUE: what Prometheus on a knows
query()
{
	on a curl -s -m 10 -G --data-urlencode "query=$1" \
	    http://127.0.0.1:9090/api/v1/query >"$B/answer"
	cat "$B/answer"
	grep -Eq "\"value\":\[[0-9.]+,\"$2\"\]" "$B/answer"
}

# Go in a guest is slow to start.
scene_prometheus()
{
	pair
	serve b
	AT=127.0.0.1:26500
	local CONF_TOP='listen { metrics 127.0.0.1; }'
	both
	transport4
	racoons a b || return
	check 'UDP passes' udp_through a $B4
	mkdir -p "$B/a/tsdb"
	put "$B/a/prometheus.yml" <<-END
	global: { scrape_interval: 2s, evaluation_interval: 2s }
	rule_files: [ $RIG/../../doc/monitoring/racoon-alerts.yml ]
	scrape_configs:
	- job_name: racoon
	  static_configs: [ { targets: [ '$AT' ] } ]
	END
	GOMAXPROCS=1 spawn a prometheus prometheus \
	    --config.file="$B/a/prometheus.yml" \
	    --storage.tsdb.path="$B/a/tsdb" \
	    --web.listen-address=127.0.0.1:9090
	check 'Prometheus has seen racoon' \
	    wait_for 60 query 'up{job="racoon"}' 1
	check 'and its negotiations' query \
	    'racoon_negotiations_total{phase="1",result="success",role="initiator"}' 1
	check 'its histogram' query \
	    'sum(racoon_negotiation_duration_seconds_bucket{le="+Inf"})' 2
	check 'its SAs' query 'sum(racoon_kernel_sas{state="mature"})' 2
	check 'what it is' query 'count(racoon_build_info)' 1
	racoon_stop a
	check 'and that it has gone' \
	    wait_for 20 query 'up{job="racoon"}' 0
	check 'which is an alert' wait_for 20 query \
	    'count(ALERTS{alertname="RacoonDown",alertstate="pending"})' 1
	daemon_stop a/prometheus
}

run_scenes metrics control prometheus
