/* SPDX-License-Identifier: ISC */
/* What the files of the fake kernel share. */
#ifndef TEST_SIM_KERNEL_INT_H
#define TEST_SIM_KERNEL_INT_H

#include <sys/queue.h>

#include "libipsec/ops.h"
#include "test/sim/kernel.h"
#include "test/sim/rng.h"

#define KERNEL_EPOCH	1700000000u	/* wall time at virtual time 0 */
#define KERNEL_WINDOW	64		/* most packets of a replay window */
#define KERNEL_BUCKETS	256

/*
 * Every SA is in a table by its two addresses and, with an SPI, in one by
 * what it is called; larval ones have a list of their own.
 */
struct ksa {
	TAILQ_ENTRY(ksa) entry;
	TAILQ_ENTRY(ksa) by_pair;
	LIST_ENTRY(ksa)	by_id, by_larva;
	struct ipsec_sa	sa;
	bool		larval, dying;
	uint64_t	seal;		/* of its keys: kernel_seal() */
	uint64_t	added, used;	/* ms; used 0: never */
	uint32_t	oseq;		/* last number sent */
	uint32_t	top;		/* highest number received */
	uint64_t	seen;		/* bit n: top - n was received */
};

/* Those between two single addresses are in a table, the others in a list. */
struct kpolicy {
	TAILQ_ENTRY(kpolicy) entry;
	LIST_ENTRY(kpolicy) chain;
	struct ipsec_policy policy;
	uint64_t	added;
	uint64_t	order;		/* when set: the older one matches */
};

struct kevent {
	TAILQ_ENTRY(kevent) entry;
	struct ipsec_event event;
};

struct khandle {
	LIST_ENTRY(khandle) entry;
	struct kernel	*kernel;
	unsigned int	listen;
	TAILQ_HEAD(, kevent) events;
	size_t		nevents;
	bool		lost;
	char		error[160];
};

struct krefusal {
	bool		 on;
	enum ipsec_alg_class class;
	uint16_t	 id;
	int		 err;
	const char	*reason;
};

struct kmarking {
	struct ipsec_addr src;
	uint32_t	mark;
};

#define KERNEL_MARKINGS		4
#define KERNEL_REFUSALS		4
#define KERNEL_ADDRESSES	8
#define KERNEL_LOST		64

struct kernel {
	uint64_t	now;
	struct rng	rng;
	TAILQ_HEAD(ksas, ksa) sas;	/* newest first */
	TAILQ_HEAD(kpair, ksa) pairs[KERNEL_BUCKETS];	/* likewise */
	LIST_HEAD(kids, ksa) ids[KERNEL_BUCKETS];
	LIST_HEAD(, ksa) larvae;
	size_t		nsas, nlarvae;
	unsigned int	crowd;		/* there were so many, maybe for an
					   instant only: kernel_crowd() */
	TAILQ_HEAD(kpolicies, kpolicy) policies;	/* as they were set */
	LIST_HEAD(kchain, kpolicy) exact[KERNEL_BUCKETS], wide;
	size_t		ntimed;		/* policies that expire */
	LIST_HEAD(, khandle) handles;
	uint32_t	seq, index;
	uint64_t	order;
	uint64_t	packets;	/* out and in */
	unsigned int	dumps;		/* kernel_dumps() */
	uint32_t	acq_expires;
	size_t		queue_max;
	unsigned int	fail_sa_set;
	bool		muted;
	struct krefusal	refusal[KERNEL_REFUSALS];
	struct kmarking	marking[KERNEL_MARKINGS];
	unsigned int	nmarking;
	struct ipsec_addr address[KERNEL_ADDRESSES];
	unsigned int	naddress;
	int64_t		wall;		/* ms the wall clock was set by */
	struct ipsec_sa_id lost[KERNEL_LOST];
	unsigned int	nlost;		/* ever */
	uint64_t	next;		/* nothing is due before */
	bool		next_known;
	void		(*changed)(void *);
	void		*changed_ctx;
};

/* Remembers the reason on the handle and returns ERR. */
int		 kernel_error(struct khandle *, int err, const char *reason);
/* Hands an event to every handle that listens to WHAT. */
void		 kernel_emit(struct kernel *, unsigned int what,
		    const struct ipsec_event *);
bool		 kernel_heard(const struct kernel *, unsigned int what);
/* A digest of algorithms and keys: equal where two SAs can talk. */
uint64_t	 kernel_seal(const struct ipsec_sa *);
/* Something is due at that time, maybe sooner than all else. */
void		 kernel_due(struct kernel *, uint64_t when);
/* The bucket of two addresses; ports do not count. */
unsigned int	 kernel_bucket(const struct ipsec_addr *,
		    const struct ipsec_addr *);
bool		 kernel_is_local(const struct kernel *,
		    const struct ipsec_addr *);

/* SAD */
int		 sad_getspi(void *, const struct ipsec_sa *, uint32_t min,
		    uint32_t max, uint32_t *spi);
int		 sad_set(void *, const struct ipsec_sa *, bool update);
int		 sad_get(void *, const struct ipsec_sa_id *,
		    struct ipsec_sa *);
int		 sad_delete(void *, const struct ipsec_sa_id *);
int		 sad_dump(void *, const struct ipsec_filter *, ipsec_sa_fn *,
		    void *);
void		 sad_flush(struct kernel *, uint8_t proto);
void		 sad_free(struct kernel *);
/* All SAs live longer. */
void		 sad_stretch(struct kernel *, uint64_t ms);
/* With the mark of the id, if the SA has one. */
struct ksa	*sad_locate(struct kernel *, const struct ipsec_sa_id *);
/* The SA that a template wants; NULL after an ACQUIRE, or during one. */
struct ksa	*sad_find(struct kernel *, const struct ipsec_policy *,
		    const struct ipsec_tmpl *, const struct ipsec_addr *src,
		    const struct ipsec_addr *dst,
		    const struct ipsec_selector *flow);
/* Counts BYTES; false when the SA hit a hard limit and is gone. */
bool		 sad_account(struct kernel *, struct ksa *, size_t bytes);
void		 sad_init(struct kernel *);
uint64_t	 sad_next(const struct kernel *);
void		 sad_expire(struct kernel *);

/* SPD */
int		 spd_set(void *, const struct ipsec_policy *, bool update);
int		 spd_get(void *, const struct ipsec_policy *,
		    struct ipsec_policy *);
int		 spd_delete(void *, const struct ipsec_policy *);
int		 spd_dump(void *, const struct ipsec_filter *,
		    ipsec_policy_fn *, void *);
void		 spd_flush(struct kernel *);
void		 spd_free(struct kernel *);
const struct ipsec_policy *spd_lookup(struct kernel *, enum ipsec_dir,
		    const struct ipsec_selector *flow,
		    const struct kernel_scope *);
/* Is this packet's mark, or that of a policy, one of M? */
bool		 mark_matches(const struct ipsec_mark *m, uint32_t mark);
/* Does FLOW match the selector of a policy or an SA? */
bool		 spd_matches(const struct ipsec_selector *,
		    const struct ipsec_selector *flow);
uint64_t	 spd_next(const struct kernel *);
void		 spd_expire(struct kernel *);

#endif
