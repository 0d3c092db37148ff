/* SPDX-License-Identifier: ISC */
/*
 * The mesh: hundreds of hosts with policies for each other, traffic by a
 * model, faults by a plan, both from one seed; and what must hold meanwhile
 * and at the end.  See doc/TESTING.md.
 */
#ifndef TEST_SIM_MESH_H
#define TEST_SIM_MESH_H

#include "test/sim/sim.h"

#define MOST_PAIRS	2		/* old and new */
#define MESH_HOSTS_MAX	1000
#define MESH_KINDS	32		/* at most */
#define MESH_LIST_MAX	4096		/* of --only and --keep */
#define MESH_NONE	UINT32_MAX

struct mesh;
struct mesh_fault;

/* Numbers from an option; n MESH_NONE: all. */
struct mesh_list {
	unsigned int	 n, at[MESH_LIST_MAX];
};

struct mesh_options {
	uint64_t	 seed;
	unsigned int	 hosts, minutes, faults; /* 0: as the others say */
	unsigned int	 life;		/* minutes of phase 2's; 0: by seed */
	bool		 off[MESH_KINDS];	/* --without */
	bool		 with[MESH_KINDS];	/* the only ones: --with */
	bool		 chosen;		/* there are such */
	struct mesh_list only, keep;	/* faults, hosts */
	const struct mesh_plant *plant;
	bool		 real_dh, verbose;
	bool		 tell;		/* each fault as it comes */
	bool		 strict;	/* nothing is expected to fail */
	uint64_t	 until;		/* ms since the start: ends there */
};

/* Faults. */

enum mesh_scope { MESH_NET, MESH_HOST, MESH_NATED, MESH_LINK };

struct mesh_kind {
	const char	*name;
	unsigned int	 weight;	/* how often, beside the others */
	enum mesh_scope	 scope;
	uint32_t	 least, most;	/* ms it lasts; 0: an instant */
	/* Traffic may stop while it lasts; else it may not, though what is
	   negotiated meanwhile may take until the end. */
	bool		 breaks, slows;
	uint32_t	 bound;		/* ms after its end until all works */
	/* False: does not apply now. */
	bool		(*begin)(struct mesh *, struct mesh_fault *);
	void		(*end)(struct mesh *, struct mesh_fault *);
};

extern const struct mesh_kind mesh_kinds[];
extern const unsigned int mesh_nkinds;
unsigned int	 mesh_kind_find(const char *name);	/* or MESH_NONE */
/* The repair that KIND still lacks, or NULL. */
const char	*mesh_kind_lacks(unsigned int kind);
const char	*mesh_lacks(const char *what);	/* its name, or "(crowd)" */

struct mesh_fault {
	struct mesh	*mesh;
	unsigned int	 id, kind;
	uint64_t	 at;		/* ms since the start */
	uint32_t	 length, size;	/* SIZE: a random number */
	unsigned int	 a, b;		/* hosts; the same unless of a link */
	bool		 planned, began, took;
};

/* Hosts and the traffic between them. */

struct mesh_host {
	struct mesh	*mesh;
	struct sim_host	*h;		/* NULL: not kept */
	struct sim_nat	*nat;
	unsigned int	 index;
	struct rng	 rng;		/* of its traffic */
	bool		 off;		/* the machine: neither sends nor hears */
	bool		 down;		/* the engine */
	unsigned int	 bare;		/* times its policies are incomplete */
	uint64_t	 slow;		/* nothing is promised before */
	bool		 excused;	/* a fault of its own lacked its repair */
	unsigned int	 lacks;		/* the last such */
	struct mesh_link **link;
	size_t		 nlink;
};

/* Two hosts of which one asks and the other answers. */
struct mesh_link {
	struct mesh	*mesh;
	struct mesh_host *end[2];
	struct sim_flow	*flow[2];	/* from end[0], from end[1] */
	unsigned int	 asker;
	bool		 steady, open;
	bool		 dead;		/* a failure that was expected */
	uint64_t	 opened, until;
	uint64_t	 good;		/* when what was answered was asked */
	unsigned int	 active;	/* faults that break it now */
	unsigned int	 kind;		/* the fault it recovers from */
	bool		 mixed;		/* several */
	bool		 excused;	/* one that lacked its repair, ever */
	unsigned int	 lacks;		/* the last such */
	uint64_t	 clear;		/* when the last one ended */
	unsigned int	 bare[2];	/* clear text that was taken */
	uint32_t	 bound;
	unsigned int	 calm;		/* a fault it should not have felt */
	uint64_t	 calm_since;
	bool		 rested;	/* seen as it should be at rest */
};

/* How long recovery took. */
struct mesh_samples {
	uint32_t	*ms;
	size_t		 n, cap;
	unsigned int	 holes;		/* beyond the bound, as was expected */
	unsigned int	 injected, skipped;
};

#define MESH_START	MESH_KINDS	/* indices beside those of kinds */
#define MESH_OPEN	(MESH_KINDS + 1)
#define MESH_END	(MESH_KINDS + 2)
#define MESH_MIXED	(MESH_KINDS + 3)
#define MESH_SAMPLES	(MESH_KINDS + 4)

struct mesh_stats {
	struct mesh_samples of[MESH_SAMPLES];
	uint64_t	 packets, datagrams, pairs, runs, virtual_ms;
	unsigned int	 crowds;	/* more than two pairs, expected */
};

struct mesh {
	struct sim	*sim;
	const struct mesh_options *o;
	struct mesh_stats *stats;	/* borrowed: of all runs */
	unsigned int	 nhost;
	struct mesh_host *host;
	struct mesh_link **table;	/* by both indices */
	uint32_t	*pair;		/* in sim->pair, likewise */
	struct mesh_link **links;
	size_t		 nlink;
	struct mesh_fault *fault;
	size_t		 nfault;
	struct sim_net	 fair;
	uint64_t	 start, storm;	/* STORM: until then the net is bad */
	uint8_t		*cuts;		/* how often each way is cut */
	uint32_t	*zipf;		/* sums of weights */
	unsigned int	*steady;	/* pairs of hosts: the plan's links */
	size_t		 nsteady;
	uint32_t	 life;		/* seconds */
	bool		 ended;		/* no faults any more */
	bool		 quiet;		/* no traffic any more */
	unsigned int	 lacks;		/* a fault of the net that lacks its
					   repair; or none */
	unsigned int	 seen[MESH_KINDS]; /* faults that took place */
};

/* What came of a run. */
struct mesh_result {
	bool		 good, stopped;	/* STOPPED: by the user */
	char		 failure[256];
	uint64_t	 trace, failed_at; /* ms since the start */
	struct mesh_list used;		/* faults that took place */
	double		 seconds;
};

/* mesh.c */
void		 mesh_defaults(struct mesh_options *);
/* One run.  Adds to STATS.  STOP, if not NULL, is asked now and then. */
void		 mesh_run(const struct mesh_options *, struct crypto *,
		    struct mesh_stats *, bool (*stop)(void),
		    struct mesh_result *);
bool		 mesh_listed(const struct mesh_list *, unsigned int);

/* mesh_world.c */
void		 mesh_build(struct mesh *);
/* All hosts: so many seconds for SAs; for IKE SAs twice as many and more. */
void		 mesh_configure(struct mesh *, unsigned int life);
void		 mesh_unbuild(struct mesh *);

/* mesh_talk.c */
/* The link between two hosts, made if there is none; NULL: not possible. */
struct mesh_link *mesh_link(struct mesh *, unsigned int a, unsigned int b);
void		 mesh_traffic(struct mesh *);
/* A host draws another one. */
unsigned int	 mesh_draw(const struct mesh *, struct rng *);

/* mesh_fault.c */
void		 mesh_plan(struct mesh *);
void		 mesh_inject(struct mesh *);
void		 mesh_heal(struct mesh *);
/* A new link learns of the faults that break it already. */
void		 mesh_join_faults(struct mesh_link *);
/* One more or one less cut of that way. */
void		 mesh_cut(struct mesh *, unsigned int from, unsigned int to,
		    bool on);

/* mesh_watch.c: what a fault means for a link, and what must hold. */
void		 mesh_link_begin(struct mesh_link *, unsigned int kind);
void		 mesh_link_end(struct mesh_link *, unsigned int kind);
void		 mesh_link_calm(struct mesh_link *, unsigned int kind);
/* An answer to what was asked at ASKED. */
void		 mesh_link_good(struct mesh_link *, uint64_t asked);
void		 mesh_link_check(struct mesh_link *);
void		 mesh_sample(struct mesh *, unsigned int of, uint64_t ms);
/* The costly checks that hold at any time. */
void		 mesh_sweep(struct mesh *);
/* Lets time pass until all is as it should be at rest. */
void		 mesh_rest(struct mesh *);

/* mesh_plant.c: bugs that the checks have to find. */
struct mesh_plant {
	const char	*name, *finds;	/* what the failure says */
};

const struct mesh_plant *mesh_plant_find(const char *name);
const struct mesh_plant *mesh_plant_at(unsigned int i);	/* or NULL */

void		 mesh_plant(struct mesh *);

/* mesh_shrink.c */
/* Runs again and again with less; O->only, O->keep and O->until are then as
 * small as was found.  False: did not fail at all. */
bool		 mesh_shrink(struct mesh_options *, struct crypto *,
		    bool (*stop)(void), struct mesh_result *);

/* mesh_report.c */
void		 mesh_print_replay(const struct mesh_options *);
/* Human-readable; and as lines "mesh KIND N MEDIAN WORST BOUND ...". */
void		 mesh_print_stats(struct mesh_stats *, bool machine);
void		 mesh_stats_free(struct mesh_stats *);

#endif
