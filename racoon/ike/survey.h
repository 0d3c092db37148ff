/* SPDX-License-Identifier: ISC */
/*
 * One look at the kernel: the SAs that no child names, in groups that belong
 * together, and which outbound policy wants them.  A value for the time of
 * one call; nothing of it is kept.
 */
#ifndef RACOON_IKE_SURVEY_H
#define RACOON_IKE_SURVEY_H

#include "ike/child.h"

/* An SA without its keys. */
struct survey_sa {
	struct ipsec_sa_id id;
	struct ipsec_addr src;
	uint8_t		mode, dir;
	bool		dying, has_sel;
	uint32_t	reqid, seq, if_id;
	struct ipsec_selector sel;
	struct ipsec_encap encap;
	uint64_t	soft, hard;	/* seconds since it was added, */
	uint64_t	added;		/* which was then */
};

/* The SAs from one end to the other, one for each protocol. */
struct survey_way {
	unsigned int	n;
	const struct survey_sa *sa[IPSEC_TMPL_MAX];
};

/* Both ways of what was negotiated at once; either may be empty. */
struct survey_group {
	struct survey_way way[2];
	bool		odd;		/* more than that: leave it alone */
};

/* An outbound policy that asks for IPsec. */
struct survey_policy {
	struct ipsec_addr dst;		/* of its SAs; family 0: any of many */
	struct ipsec_addr src;		/* family 0: any */
	struct ipsec_selector sel;
	struct ipsec_mark mark;
	uint32_t	if_id;
	uint32_t	index;
	uint8_t		ntmpl;
	struct ipsec_tmpl tmpl[IPSEC_TMPL_MAX];
	unsigned int	taken;		/* groups that were found for it */
};

struct survey {
	struct survey_sa *sa;
	size_t		 nsa, room_sa;
	struct survey_policy *policy;
	size_t		 npolicy, room_policy;
	bool		 numbered;	/* the kernel tells the `seq' of SAs */
	size_t		 at;		/* of survey_next() */
};

/* What a policy is looked for to: SAs from here to there. */
struct survey_ask {
	struct ipsec_addr src, dst;
	struct ipsec_mark mark;
	uint32_t	if_id;
	unsigned int	n;
	uint8_t		proto[IPSEC_TMPL_MAX], mode[IPSEC_TMPL_MAX];
	uint32_t	reqid[IPSEC_TMPL_MAX];
	bool		any_reqid;
	const struct ipsec_selector *narrow; /* covered by it; NULL: no */
};

/* Asks the kernel for both.  A negative errno (ipsec_error()): nothing. */
int		 survey_take(struct ike *, struct survey *);
/* For policies only. */
int		 survey_policies(struct ike *, struct survey *);
void		 survey_free(struct survey *);
/* The next group of SAs that may be ours; from the start again after false. */
bool		 survey_next(struct survey *, struct survey_group *);
/*
 * The policy that wants such SAs, one that was not found before if there is
 * a choice, or NULL.  ORDER[i] is the template of the i-th SA.
 */
struct survey_policy *survey_match(const struct survey *,
		    const struct survey_ask *, uint8_t order[IPSEC_TMPL_MAX]);
/* Does any policy want the SAs of this child? */
bool		 survey_wants(const struct survey *, const struct child *);

#endif
