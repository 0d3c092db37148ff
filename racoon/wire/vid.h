/* SPDX-License-Identifier: ISC */
/* Vendor IDs: a table of name, bytes and what they announce. */
#ifndef RACOON_WIRE_VID_H
#define RACOON_WIRE_VID_H

#include "libipsec/view.h"

enum vid {
	VID_UNKNOWN,
	VID_NATT_RFC,		/* RFC 3947 */
	VID_NATT_08, VID_NATT_07, VID_NATT_06, VID_NATT_05, VID_NATT_04,
	VID_NATT_03,
	VID_NATT_02, VID_NATT_02N, /* N: with the newline that Windows hashed */
	VID_NATT_01, VID_NATT_00,
	VID_DPD,		/* RFC 3706 */
	VID_XAUTH, VID_UNITY,
	VID_FRAG,		/* followed by four bytes of capabilities */
	VID_RACOON,		/* ipsec-tools' own */
	VID_KAME,
	VID_STRONGSWAN,
	VID_GSSAPI, VID_GSSAPI_LONG, VID_MS_NT5,
	VID_SPILIST,		/* ours, see spilist.h */
	VID_COUNT
};

/* Which one: the known bytes must be a prefix of BODY. */
enum vid	 vid_match(struct view body);
/* The bytes to send. */
struct view	 vid_bytes(enum vid);
/* "RFC 3947", "draft-ietf-ipsec-nat-t-ike-02", "DPD", ... */
const char	*vid_name(enum vid);

#endif
