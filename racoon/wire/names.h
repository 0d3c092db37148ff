/* SPDX-License-Identifier: ISC */
/* Numbers as words, for logs.  Never NULL; "?" for an unknown number. */
#ifndef RACOON_WIRE_NAMES_H
#define RACOON_WIRE_NAMES_H

#include <stdint.h>

const char	*name_payload(uint8_t type);	/* "SA", "KE", "NONCE", ... */
const char	*name_etype(uint8_t etype);	/* "main", "quick", ... */
const char	*name_notify(uint16_t type);	/* "NO-PROPOSAL-CHOSEN", ... */
const char	*name_proto(uint8_t proto);	/* "ISAKMP", "ESP", ... */
const char	*name_idtype(uint8_t type);	/* "IPv4_address", ... */
const char	*name_p1_cipher(uint16_t), *name_p1_hash(uint16_t);
const char	*name_p1_method(uint16_t), *name_group(uint16_t);
const char	*name_esp(uint8_t), *name_auth(uint16_t);
const char	*name_ipcomp(uint8_t);		/* transform of IPComp */
const char	*name_mode(uint16_t);		/* encapsulation */

#endif
