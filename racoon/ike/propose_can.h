/* SPDX-License-Identifier: ISC */
/*
 * What the way to the kernel can carry of a sainfo: PF_KEY knows one ICV of
 * each algorithm, and that of hmac_sha256 is not RFC 4868's; it knows no AEAD,
 * no long sequence numbers, no alignment of AH.  What it cannot carry is
 * neither offered nor accepted.
 */
#ifndef RACOON_IKE_PROPOSE_CAN_H
#define RACOON_IKE_PROPOSE_CAN_H

#include "conf/conf.h"
#include "ike/sa.h"

/* Warns of what of these sainfo blocks cannot be had. */
void		 propose_warn(struct ipsec *kernel, const struct conf *);
/* Says why a protocol of these templates will not come about with this peer,
 * where propose_warn() could not know. */
void		 propose_warn_peer(const struct sa *, const struct sainfo *,
		    const struct ipsec_tmpl *, size_t n);

bool		 can_enc(const struct sa *, const struct conf_alg *);
/* For ESP, and for AH. */
bool		 can_auth(const struct sa *, const struct conf_alg *);
bool		 can_ah(const struct sa *, const struct sainfo *,
		    const struct conf_alg *);
bool		 can_esn(const struct sa *, const struct sainfo *);
/* The replay window in packets. */
uint32_t	 can_window(const struct sa *, const struct sainfo *);
/* racoon.conf(5) ah_align: is AH with this hash and this peer padded to 32
 * bits, where Linux would pad it to 64? */
bool		 ah_is_short(const struct sa *, const struct sainfo *,
		    const struct conf_alg *);

#endif
