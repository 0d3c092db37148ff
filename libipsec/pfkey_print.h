/* SPDX-License-Identifier: ISC */
/*
 * PF_KEY messages (RFC 2367) as setkey -x and -v show them, and bytes as hex.
 */
#ifndef LIBIPSEC_PFKEY_PRINT_H
#define LIBIPSEC_PFKEY_PRINT_H

#include <stdio.h>

#include "libipsec/view.h"

/*
 * Prints one message with all its extensions.  Lengths are believed only as
 * far as there are bytes; what is wrong is said in a line of its own.
 */
void	 pfkey_print_msg(FILE *, struct view msg);
/* " 00112233 44556677": groups of four, 32 to a line, no newline behind. */
void	 pfkey_print_hex(FILE *, struct view);
/* "00000000: 02 0b 00 " with 16 to a line: setkey -H. */
void	 pfkey_print_dump(FILE *, struct view);

#endif
