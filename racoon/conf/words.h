/* SPDX-License-Identifier: ISC */
/* Small tables of the reader that are not the crypto layer's. */
#ifndef RACOON_CONF_WORDS_H
#define RACOON_CONF_WORDS_H

#include <stdint.h>

/* Authentication methods with their numbers as initiator. */
struct method_word {
	const char	*word;		/* NULL ends the table */
	uint16_t	 id;
};

/* The row of WORD, or NULL. */
const struct method_word *method_word(const char *word);
/* The value of a hex digit, or -1. */
int		 hex_digit(char);

#endif
