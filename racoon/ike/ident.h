/* SPDX-License-Identifier: ISC */
/* Identities: configured identifiers and traffic selectors as ID payloads. */
#ifndef RACOON_IKE_IDENT_H
#define RACOON_IKE_IDENT_H

#include "conf/conf.h"
#include "libipsec/ipsec.h"
#include "wire/payload.h"

/* The body of our phase 1 ID payload: my_identifier, or LOCAL's address. */
void		 ident_own(const struct remote *, const struct ipsec_addr *local,
		    struct buf *body);
/* One side of a selector (net, prefix, port) as the body of an ID payload. */
void		 ident_put(struct buf *body, const struct ipsec_addr *,
		    uint8_t prefix, uint8_t proto);
/*
 * Phase 2 identities as the selector of traffic FROM one TO the other.  E_ID:
 * not addresses, families or protocols that differ, a range.
 */
enum err	 ident_selector(const struct id_payload *from,
		    const struct id_payload *to, struct ipsec_selector *)
		    MUST_CHECK;
/* The selector seen from the other side. */
void		 ident_mirror(const struct ipsec_selector *,
		    struct ipsec_selector *);

#endif
