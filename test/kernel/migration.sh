#!/bin/bash
# SPDX-License-Identifier: ISC
# What doc/MIGRATION.md shows side by side, as two gateways: racoon is the one,
# strongSwan the other.
. "$RIG/lib.sh"
. "$RIG/../kernel/common.sh"
page=$RIG/../../doc/MIGRATION.md

# shown FILE: what the page has under that name
shown()
{
	awk -v name="\`$1\`" '$0 == name { on = 1; next }
	    on && /^    / { print substr($0, 5); got = 1; next }
	    on && got && /^[^ ]/ { exit }' "$page"
}

scene_strongswan()
{
	gateways
	shown /etc/racoon/racoon.conf | racoon_conf a
	check 'the page has a racoon.conf' \
	    grep -q '^remote 192.0.2.2' "$B/a/etc/racoon/racoon.conf"
	(umask 077; shown /etc/racoon/psk.txt >"$B/a/etc/racoon/psk.txt")
	check 'racoon has no word against it' no_warning
	shown /etc/ipsec-tools.conf | policies a
	racoons a
	shown /etc/swanctl/swanctl.conf |
	    check 'strongSwan takes its part' charon_start b
	serve r
	capture_start a
	check 'a packet brings up the tunnel' first_packet l 10.2.0.2
	check 'TCP passes' tcp l 10.2.0.2
	capture_stop a
	check 'only ESP between the gateways' only_esp a
}

no_warning()
{
	on a "$RACOON" -t -f /etc/racoon/racoon.conf | tee /dev/stderr |
	    refuses grep -E 'WARNING|ERROR'
}

run_scenes strongswan
