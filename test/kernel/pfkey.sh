#!/bin/bash
# SPDX-License-Identifier: ISC
# racoon and setkey over PF_KEY: scenes of racoon.sh, what is different there,
# and a kernel that has nothing else.  On a kernel without PF_KEY: that it is
# missed in words.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
# The scenes of racoon.sh, without its beginning and its end.
eval "$(sed -e '/^\. /d' -e '/^run_scenes /,$d' "$RIG/../kernel/racoon.sh")"

export IPSEC_BACKEND=pfkey
# PF_KEY has hmac_sha256 with 96 bits only.
export P2_AUTH=hmac_sha1

warm_up_more() { pfkey_warm && IN_GUEST=yes; }

scene_absent()
{
	pair
	both
	check 'setkey fails without PF_KEY' refuses setkey_says a
	check 'and says what is missing' test "$(cat "$OUT/said")" = \
	    "setkey: cannot use the kernel's IPsec: Protocol not supported (it lacks what IPSEC_BACKEND names: \"xfrm\" is the module xfrm_user, \"pfkey\" is af_key)"
	check 'racoon does not start' refuses racoon_foreground a
	check 'and says what is missing' logged a \
	    "cannot open the kernel's IPsec: Protocol not supported"
	unset IPSEC_BACKEND
	check 'without the variable setkey takes XFRM' setkey_says a
	export IPSEC_BACKEND=pfkey
}

setkey_says() { on "$1" "$SETKEY" -D >"$OUT/said" 2>&1; }
racoon_foreground()
{
	on "$1" timeout 20 "$RACOON" -F -f /etc/racoon/racoon.conf \
	    >"$B/$1/log/racoon" 2>&1
}

# One side over XFRM, the other over PF_KEY.
scene_mixed()
{
	pair
	both
	transport4
	racoons a
	unset IPSEC_BACKEND
	racoons b
	export IPSEC_BACKEND=pfkey
	serve b
	check 'a talks PF_KEY' logged a 'kernel interface: pfkey'
	check 'b talks XFRM' logged b 'kernel interface: xfrm'
	check 'the first packet brings up the SAs' udp_through a $B4
	protected $A4 $B4
}

# PF_KEY pads AH to 64 bits, and XFRM does the same for a peer that may have
# nothing else; 32 bits are refused in words.
scene_mixed_ah()
{
	pair
	P2_AUTH='hmac_sha512' both
	transport4 ah/transport//require
	racoons a
	unset IPSEC_BACKEND
	racoons b
	export IPSEC_BACKEND=pfkey
	serve b
	check 'AH with SHA-512 between both: traffic' udp_through a $B4
	capture_start a
	check 'UDP passes' udp a $B4
	capture_stop a
	check 'as AH' test "$(captured a ah)" -ge 10
	P2_AUTH='hmac_sha512, hmac_sha1' conf a '' 'ah_align 32;'
	racoon_hup a
	check 'a warning names the hash that cannot be had' wait_log a \
	    'racoon.conf:[0-9]+: "hmac_sha512" is neither offered nor accepted for AH over IPv4: PF_KEY cannot do ah_align 32'
}

# Soft limits make new SAs, hard ones end the old: EXPIRE.
scene_renewal()
{
	local first

	pair
	P2_TIME='20 sec' both
	transport4
	racoons a b
	serve b
	check 'the first packet brings up the SAs' first_packet a $B4
	first=$(spis a)
	check 'no packet is lost in 30 s' udp a $B4 1500 0.02
	check 'there was a second generation' \
	    test "$(log_count a 'IPsec-SA established')" -ge 4
	check 'the first SAs end' wait_for 20 refuses spis_any a $first
}

# What PF_KEY cannot carry is not negotiated.
scene_sha256()
{
	pair
	P2_AUTH='hmac_sha256, hmac_sha1' both
	transport4
	racoons a b
	serve b
	check 'a warning names the algorithm and the reason' logged a \
	    'racoon.conf:[0-9]+: "hmac_sha256" is neither offered nor accepted: PF_KEY cuts hmac-sha256 to 96 bits'
	check 'the first packet brings up the SAs' udp_through a $B4
	check 'with the other algorithm' has_state a 'hmac(sha1)'
	protected $A4 $B4
	check 'racoon on a stops' racoon_stop a
	check 'racoon on b stops' racoon_stop b
	P2_AUTH=hmac_sha256_96 both
	racoons a b
	check 'with 96 bits by name' udp_through a $B4
	check 'the kernel has them' on a sh -c \
	    'ip xfrm state | grep -q "hmac(sha256).* 96$"'
}

# A kernel with PF_KEY alone: xfrm_user gone, and nothing that loads it.  What
# hosts do here, ip(8) cannot see.
scene_nothing_else()
{
	if [ -z "${IN_GUEST:-}" ]; then
		ok 'PF_KEY alone # SKIP not in a guest'
		return
	fi
	check 'the module xfrm_user can be unloaded' rmmod xfrm_user
	unset IPSEC_BACKEND
	pair
	both
	transport4
	racoons a b
	serve b
	check 'racoon takes PF_KEY of its own accord' logged a \
	    'kernel interface: pfkey'
	check 'the first packet brings up the SAs' udp_through a $B4
	capture_start a
	check 'UDP passes' udp a $B4
	capture_stop a
	check 'only ESP on the wire' only_esp a
	check 'setkey shows two SAs' test "$(mature a)" -eq 2
	check 'setkey shows the policies' test \
	    "$(on a "$SETKEY" -DP | grep -c esp/transport//require)" -eq 3
	check 'and those that keep IKE out' test \
	    "$(on a "$SETKEY" -DP | grep -c 'per-socket policy')" -eq 8
	check 'racoon on a stops' racoon_stop a
	check 'and takes its SAs with it' test "$(mature a)" -eq 0
	check 'XFRM asked for by name fails' refuses env IPSEC_BACKEND=xfrm \
	    "$SETKEY" -D
	export IPSEC_BACKEND=pfkey
	"$RIG/modprobe" xfrm_user
}

mature() { on "$1" "$SETKEY" -D | grep -c state=mature; }

if [ "$PFKEY" = 1 ]; then
	run_scenes transport4 ah ipcomp tunnel_4_in_6 nat_transport mixed mixed_ah \
	    sha256 renewal nothing_else
else
	run_scenes absent
fi
