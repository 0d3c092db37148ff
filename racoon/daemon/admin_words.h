/* SPDX-License-Identifier: ISC */
/*
 * Numbers as the words of racoonctl's status.  They are those of ipsec-tools,
 * not those of the log (wire/names.h); programs read them.
 */
#ifndef RACOON_DAEMON_ADMIN_WORDS_H
#define RACOON_DAEMON_ADMIN_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "ike/report.h"

#define WORD	24			/* room for a number */

const char	*word_p1_state(enum ike_p1_state);
const char	*word_p2_state(enum ike_p2_state);
const char	*word_etype(uint8_t);
/* Of phase 1. */
const char	*word_cipher(uint16_t, char out[WORD]);
const char	*word_hash(uint16_t, char out[WORD]);
const char	*word_method(uint16_t, char out[WORD]);
/* Of phase 2, by the number of PF_KEY; 0: NULL. */
const char	*word_enc(uint16_t, char out[WORD]);
const char	*word_auth(uint16_t, bool ah, char out[WORD]);
const char	*word_proto(uint8_t);
const char	*word_mode(uint8_t, bool natt);

#endif
