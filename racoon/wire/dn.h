/* SPDX-License-Identifier: ISC */
/* The text of a distinguished name in DER (X.501, RFC 5280 4.1.2.4). */
#ifndef RACOON_WIRE_DN_H
#define RACOON_WIRE_DN_H

#include "libipsec/view.h"
#include "wire/text.h"

/*
 * Appends "C=DE, O=Example, CN=gw"; false, with nothing appended, when the
 * bytes are not a name.
 */
bool		 dn_print(struct view der, struct text *);

#endif
