/* SPDX-License-Identifier: ISC */
/*
 * When nothing of what a peer offers is accepted: the two that come nearest,
 * and in what they differ.
 */

#include <stdio.h>

#include "ike/propose.h"
#include "wire/names.h"

/* One attribute of both sides. */
struct pair {
	const char	*what;
	const char	*(*name)(uint16_t);	/* NULL: a number */
	uint32_t	theirs, ours;
	bool		fits;
};

#define PAIRS	6
#define GSSAPI	0x10000u	/* beside the method, which is XAuth's, too */

static uint32_t
method_of(uint16_t method, bool gss)
{
	return gss ? GSSAPI | method : method;
}

/* In the order in which an operator looks for a reason. */
static void
compare(const struct remote *remote, const struct transform *t,
    const struct conf_p1 *own, struct pair out[PAIRS])
{
	enum conf_check check = remote->proposal_check;
	uint32_t life = t->life_secs != 0 ? t->life_secs :
	    CONF_LIFETIME_DEFAULT;
	bool exact = check == CONF_EXACT;

	out[0] = (struct pair){ "authentication_method", name_p1_method,
	    method_of(t->method, t->gss_id.n > 0),
	    method_of(own->method, own->gss),
	    t->method == own->method && (t->gss_id.n > 0) == own->gss };
	out[1] = (struct pair){ "encryption_algorithm", name_p1_cipher,
	    t->cipher, own->cipher, t->cipher == own->cipher };
	out[2] = (struct pair){ "hash_algorithm", name_p1_hash, t->hash,
	    own->hash, t->hash == own->hash };
	out[3] = (struct pair){ "dh_group", name_group, t->group, own->group,
	    t->group == own->group };
	out[4] = (struct pair){ "key length", NULL, t->key_bits,
	    own->key_bits, check == CONF_OBEY || t->key_bits ==
	    own->key_bits || (!exact && t->key_bits > own->key_bits) };
	out[5] = (struct pair){ "lifetime", NULL, life, own->life_secs,
	    check == CONF_OBEY || own->life_secs == 0 || life ==
	    own->life_secs || (!exact && life < own->life_secs) };
}

/* The first that differs; *n: how many do. */
static const struct pair *
first_of(const struct pair p[PAIRS], unsigned *n)
{
	const struct pair *first = NULL;

	*n = 0;
	for (unsigned i = 0; i < PAIRS; i++) {
		if (p[i].fits)
			continue;
		if (first == NULL)
			first = &p[i];
		++*n;
	}
	return first;
}

static void
value_print(const struct pair *p, uint32_t value, char out[24])
{
	const char *name = p->name == NULL ? NULL : value & GSSAPI ?
	    "GSSAPI" : p->name((uint16_t)value);

	if (name != NULL)
		snprintf(out, 24, "%s", name);
	else
		snprintf(out, 24, "%u", value);
}

const char *
propose_near(const struct remote *remote, const struct sa_payload *theirs,
    char out[PROPOSE_NEAR])
{
	unsigned best = PAIRS + 1, n;

	out[0] = '\0';
	for (unsigned i = 0; i < theirs->ntransform; i++)
		for (size_t k = 0; k < remote->nproposal; k++) {
			struct pair p[PAIRS];
			const struct pair *first;
			char a[24], b[24];

			if (!propose_usable(&remote->proposal[k]))
				continue;
			compare(remote, &theirs->transform[i],
			    &remote->proposal[k], p);
			first = first_of(p, &n);
			if (first == NULL || n >= best)
				continue;
			best = n;
			value_print(first, first->theirs, a);
			value_print(first, first->ours, b);
			snprintf(out, PROPOSE_NEAR, "; nearest are the "
			    "peer's %u. and our %zu.: %s is %s, ours is %s%s",
			    i + 1, k + 1, first->what, a, b,
			    n > 1 ? ", and more" : "");
		}
	return out;
}
