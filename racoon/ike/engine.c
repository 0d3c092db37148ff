/* SPDX-License-Identifier: ISC */
/* What every file of the engine needs of it: numbers, chance, patience. */

#include "ike/engine.h"

#define COMPLAINT_RATE	5u		/* lines about strangers a second */
#define COMPLAINT_BURST	50u

uint64_t
ike_serial(struct ike *ike)
{
	return ++ike->serial;
}

uint32_t
ike_random(struct ike *ike, uint32_t n)
{
	uint64_t r = 0;

	if (n == 0 || crypto_random(ike->crypto, &r, sizeof(r)) != OK)
		return 0;
	return (uint32_t)(r % n);
}

bool
ike_may_complain(struct ike *ike, const struct ipsec_addr *about,
    unsigned int what)
{
	uint32_t silent = ike->complaints.refused;

	if (!complaint_new(&ike->complained, about, what, ike->now))
		return false;

	if (!bucket_take(&ike->complaints, ike->now, COMPLAINT_RATE,
	    COMPLAINT_BURST))
		return false;
	complaint_said(&ike->complained, about, what, ike->now);
	if (silent > 0)
		log_msg(LOG_L_WARNING, "%u lines about peers that are not "
		    "authentic were left out", silent);
	return true;
}
