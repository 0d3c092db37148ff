/* SPDX-License-Identifier: ISC */
/* Distinguished names: the text of racoon.conf to DER, and comparing. */
#ifndef RACOON_CONF_DN_H
#define RACOON_CONF_DN_H

#include "libipsec/buf.h"
#include "libipsec/view.h"

/*
 * "C=DE, O=Example, CN=x" or "/C=DE/O=Example/CN=x" as a DER Name into DER.
 * \ takes the special meaning from a character, \HH is a byte.  *wildcard: a
 * value is "*".  False for malformed text, an unknown type, or a full buf.
 */
bool		 dn_parse(const char *text, struct buf *der, bool *wildcard);
/*
 * Are two DER Names equal, attribute by attribute in the same order?  In
 * PATTERN a value of "*" equals every value.  False if one is malformed.
 */
bool		 dn_match(struct view pattern, struct view name);

#endif
