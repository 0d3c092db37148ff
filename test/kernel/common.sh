# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the suites about racoon share: configurations and policies.

for program in "$RACOON" "$SETKEY"; do
	command -v "$program" >/dev/null || [ "${0##*/}" = rig.sh ] || {
		echo "not ok 1 - $program is missing: see doc/TESTING.md"
		exit 1
	}
done

KEY='a key that only we know'

# conf HOST [REMOTE-LINES [SAINFO-LINES]]: quick to negotiate; the lines given
# come after the defaults and so replace them.
conf()
{
	racoon_conf "$1" <<-END
	path pre_shared_key "/etc/racoon/psk.txt";
	on_stop ${ON_STOP:-flush};
	${CONF_TOP:-}
	timer { counter 5; interval 2 sec; persend 1; phase1 20 sec; phase2 15 sec; }
	remote anonymous {
		exchange_mode ${P1_MODE:-main};
		lifetime time ${P1_TIME:-1 hour};
		${2:-}
		proposal {
			authentication_method ${P1_METHOD:-pre_shared_key};
			dh_group ${P1_GROUP:-modp2048};
			encryption_algorithm ${P1_ENC:-aes};
			hash_algorithm ${P1_HASH:-sha256};
		}
	}
	sainfo anonymous {
		${PFS-pfs_group modp2048;}
		lifetime time ${P2_TIME:-1 hour};
		encryption_algorithm ${P2_ENC:-aes};
		authentication_algorithm ${P2_AUTH:-hmac_sha256};
		compression_algorithm deflate;
		${3:-}
	}
	END
}

# both LINES: the same configuration and each other's key on a and b
both()
{
	conf a "$@"
	conf b "$@"
	keys a b
}

# keys HOST HOST: a key for the other's addresses
keys()
{
	local a=${1^^}4 b=${2^^}4 a6=${1^^}6 b6=${2^^}6

	psk "$1" "${!b}" "$KEY"
	psk "$2" "${!a}" "$KEY"
	[ -z "${!a6:-}" ] || psk "$2" "${!a6}" "$KEY"
	[ -z "${!b6:-}" ] || psk "$1" "${!b6}" "$KEY"
}

# Neighbour discovery has to stay outside, or no first packet ever leaves; with
# a priority, since kernels from 4.20 take a policy for two single addresses
# first among equals.
neighbours()
{
	local kind

	for kind in 135 136; do
		echo "spdadd ::/0 ::/0 icmp6 $kind,0 -P out prio def +100 none;"
		echo "spdadd ::/0 ::/0 icmp6 $kind,0 -P in prio def +100 none;"
	done
}

# protect LOCAL REMOTE [PROTECTION [UPPER]]: both directions
protect()
{
	local how=${3:-esp/transport//require} upper=${4:-any}

	echo "spdadd $1 $2 $upper -P out ipsec $how;"
	echo "spdadd $2 $1 $upper -P in ipsec $how;"
}

# tunnel LOCAL-NET REMOTE-NET LOCAL-END REMOTE-END [PROTOCOL]
tunnel()
{
	local p=${5:-esp}

	echo "spdadd $1 $2 any -P out ipsec $p/tunnel/$3-$4/require;"
	echo "spdadd $2 $1 any -P in ipsec $p/tunnel/$4-$3/require;"
}

# transport4 [PROTECTION]: policies on a and b
transport4()
{
	{ echo 'flush; spdflush;'; protect $A4 $B4 "$@"; } | policies a
	{ echo 'flush; spdflush;'; protect $B4 $A4 "$@"; } | policies b
}

racoons()
{
	local h rc=0

	for h; do
		check "racoon starts on $h" racoon_start "$h" || rc=1
	done
	return $rc
}

# protected ADDR-A ADDR-B: traffic passes, as ESP only.
protected()
{
	capture_start a
	check 'UDP passes' udp a "$2"
	check 'TCP passes' tcp a "$2"
	capture_stop a
	check 'only ESP on the wire' only_esp a "${3:-}"
	check 'the SAs count the packets' counted a "$1" "$2"
}

# gateways: l - a = b - r, with the nets 10.1.0.0/24 and 10.2.0.0/24, and $L6
# and $R6
L6=2001:db8:1::/64 R6=2001:db8:2::/64
gateways()
{
	pair
	host_new l r
	wire l eth0 a eth1
	wire r eth0 b eth1
	local l=${L6%/*} r=${R6%/*}

	on l ip -batch - <<-END
	addr add 10.1.0.2/24 dev eth0
	addr add ${l}2/64 dev eth0 nodad
	route add default via 10.1.0.1
	route add default via ${l}1
	END
	on r ip -batch - <<-END
	addr add 10.2.0.2/24 dev eth0
	addr add ${r}2/64 dev eth0 nodad
	route add default via 10.2.0.1
	route add default via ${r}1
	END
	on a ip -batch - <<-END
	addr add 10.1.0.1/24 dev eth1
	addr add ${l}1/64 dev eth1 nodad
	route add 10.2.0.0/24 via $B4
	route add $R6 via $B6
	END
	on b ip -batch - <<-END
	addr add 10.2.0.1/24 dev eth1
	addr add ${r}1/64 dev eth1 nodad
	route add 10.1.0.0/24 via $A4
	route add $L6 via $A6
	END
	forwards a
	forwards b
}

forwards()
{
	on "$1" sysctl -q -w net.ipv4.ip_forward=1 \
	    net.ipv6.conf.all.forwarding=1
}

# behind HOST BOX ADDRESS NET: HOST is NET.2, BOX on the switch hides it, with
# a port of its own choice for every flow.
behind()
{
	attach "$2" "$3/24"
	wire "$1" eth0 "$2" eth1
	on "$1" ip addr add "$4.2/24" dev eth0
	on "$2" ip addr add "$4.1/24" dev eth1
	on "$1" ip route add default via "$4.1"
	on "$2" sysctl -q -w net.ipv4.ip_forward=1
	on "$2" iptables-legacy -t nat -A POSTROUTING -o eth0 -p udp \
	    -j MASQUERADE --to-ports 20000-29999
	on "$2" iptables-legacy -t nat -A POSTROUTING -o eth0 -j MASQUERADE
}

# nat_box: a (10.9.0.2) - n (192.0.2.9) - switch - b
NAT4=192.0.2.9
nat_box()
{
	host_new a b n
	attach b $B4/24
	behind a n $NAT4 10.9.0
	on b ip addr add 10.2.0.1/32 dev lo
	on b ip route add 10.9.0.0/24 via $NAT4 src 10.2.0.1
}

# box_restarts BOX: it forgets its flows, and they get ports from 30000 on
box_restarts()
{
	on "$1" iptables-legacy -t nat -R POSTROUTING 1 -o eth0 -p udp \
	    -j MASQUERADE --to-ports 30000-39999
	# Silent about what it no longer knows: a capture calls its ICMP, in which
	# the packet is quoted, clear text.
	on "$1" iptables-legacy -I OUTPUT -o eth0 -p icmp \
	    --icmp-type destination-unreachable -j DROP
	# MASQUERADE drops the flows of an interface that goes down
	on "$1" ip link set eth0 down
	on "$1" ip link set eth0 up
}

# nat_boxes: a (10.9.0.2) - n (192.0.2.9) - switch - m (192.0.2.8) - b (10.8.0.2)
NAT4_B=192.0.2.8
nat_boxes()
{
	local port

	host_new a b n m
	behind a n $NAT4 10.9.0
	behind b m $NAT4_B 10.8.0
	for port in 500 4500; do
		on m iptables-legacy -t nat -A PREROUTING -i eth0 -p udp \
		    --dport $port -j DNAT --to-destination 10.8.0.2
	done
	on b ip addr add 10.2.0.1/32 dev lo
	on b ip route add 10.9.0.0/24 via 10.8.0.1 src 10.2.0.1
}

# swan LOCAL REMOTE LOCAL-TS REMOTE-TS MODE PFS: a swanctl.conf
swan()
{
	local pfs=
	[ "$6" = none ] || pfs=-$6
	cat <<-END
	connections { racoon {
		version = 1
		local_addrs = $1
		remote_addrs = $2
		proposals = ${SWAN_IKE:-aes128-sha256-modp2048}
		rekey_time = ${SWAN_IKE_REKEY:-4h}
		dpd_delay = ${SWAN_DPD:-0}
		dpd_timeout = ${SWAN_DPD_TIMEOUT:-0}
		local { auth = psk
			id = $1 }
		remote { auth = psk
			id = ${SWAN_PEER:-$2} }
		children { child {
			local_ts = $3
			remote_ts = $4
			mode = $5
			esp_proposals = aes128-sha256$pfs
			rekey_time = ${SWAN_REKEY:-1h}
			life_time = ${SWAN_LIFE:-2h}
			${SWAN_RAND:+rand_time = $SWAN_RAND}
			${SWAN_CHILD:-start_action = trap} } }
	} }
	secrets { ike { secret = "${SWAN_KEY:-$KEY}" } }
	END
}

# REGISTER makes the kernel look for the modules of every algorithm that it
# knows of: 75 processes the first time and 16 for ever after, and nobody can
# open PF_KEY meanwhile.  Processes are dear in a guest, a racoon took a minute
# to start: what is needed is loaded here, and then nothing is looked for.
# Fails where this is no guest.
pfkey_warm()
{
	local loader=/proc/sys/kernel/modprobe

	[ "$(cat $loader 2>/dev/null)" = "$RIG/modprobe" ] || return 1
	"$RIG/modprobe" -a des_generic cast5_generic blowfish_generic \
	    serpent_generic camellia_generic twofish_generic sha512_generic \
	    rmd160 cbc ctr hmac cmac xcbc deflate iptable_nat xt_MASQUERADE
	echo >$loader
}

# Tables of combinations, ROWS: each row has an address of b to talk to and,
# for tunnels, two addresses that are the nets behind a and b.
row_peer() { echo "198.51.100.$((10 + $1))"; }
row_ours() { echo "10.1.0.$((10 + $1))"; }
row_theirs() { echo "10.2.0.$((10 + $1))"; }

# row_hosts: a and b with the addresses of ROWS and the ways to the other's
row_hosts()
{
	local i

	host_new a b
	attach a $A4/24
	attach b $B4/24
	for i in "${!ROWS[@]}"; do
		echo "addr add $(row_peer "$i")/32 dev eth0"
		echo "addr add $(row_theirs "$i")/32 dev lo"
		echo "route add $(row_ours "$i") via $A4 src $(row_theirs "$i")"
	done | on b ip -batch -
	{
		echo 'route add 198.51.100.0/24 dev eth0'
		for i in "${!ROWS[@]}"; do
			echo "addr add $(row_ours "$i")/32 dev lo"
			echo "route add $(row_theirs "$i") via $B4 src $(row_ours "$i")"
		done
	} | on a ip -batch -
}

# row_has PEER COUNT PATTERN: so many lines of the SAs between a and it have it,
# on both hosts.  Asked again and again, so with a process for each only.
row_has()
{
	local h n line mine

	for h in a b; do
		n=0 mine=no
		states $h
		for line in "${RIG_STATES[@]}"; do
			case "$line " in
			src*" $1 "*) mine=yes ;;
			src*) mine=no ;;
			*) [[ $mine = no || ! $line =~ $3 ]] || n=$((n + 1)) ;;
			esac
		done
		[ $n -eq "$2" ] || return 1
	done
}
