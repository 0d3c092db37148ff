/* SPDX-License-Identifier: ISC */
/*
 * What the scenario programs share: running a function for many seeds, and
 * saying how to repeat the ones that fail.
 *
 *	scen_X [--case NAME] [--seed N] [--seeds COUNT] [--long] [--verbose]
 *
 * SIM_LONG=1 in the environment is the same as --long, 2 half of its seeds.
 */
#ifndef TEST_SIM_SCEN_H
#define TEST_SIM_SCEN_H

#include "test/sim/sim.h"

struct scen_case {
	const char	*name;
	/* Seeds are 1..n; a fresh simulation for each. */
	void		(*run)(struct sim *);
	unsigned int	 seeds, long_seeds;
};

/* Prints a line for each case; exit status 0 when all hold. */
int		 scen_main(int argc, char **argv, const struct scen_case *,
		    size_t n);

/*
 * Configuration with a small group, for speed; phase 1 lives an hour, phase 2
 * 30 minutes; without liveness, so that what is lost stays lost.  The given texts end the remote and the sainfo block, and so
 * win.  To be freed.
 */
char		*scen_conf_with(const char *remote, const char *sainfo);
void		 scen_configure(struct sim_host *, const char *remote,
		    const char *sainfo);
/* That configuration with one text in it replaced. */
void		 scen_configure_replacing(struct sim_host *, const char *from,
		    const char *to);
/* That configuration beginning in another mode; all are answered. */
void		 scen_mode(struct sim_host *, const char *mode);
/* The same with signatures instead of keys: the certificate of 10.0.0.1 or of
 * 10.0.0.2, whatever the host's address. */
void		 scen_certify(struct sim_host *, const char *mode, bool first);
/* Of two such hosts that are down the first gets a certificate of an authority
 * below another one, which the second trusts. */
void		 scen_certify_below(struct sim_host *host[2]);
/* A host with that configuration, not yet started. */
struct sim_host	*scen_host(struct sim *, const char *name, const char *addr);
/*
 * Two hosts, 10.0.0.1 and 10.0.0.2, that protect their traffic with TMPL;
 * started.
 */
void		 scen_two(struct sim *, struct sim_host *host[2],
		    const char *tmpl);
/* Sends both ways until both have arrived; a failure if not within MS. */
bool		 scen_talk(struct sim *, struct sim_host *,
		    struct sim_host *, uint64_t ms);
/* From now on: never more than two pairs of SAs for a selector. */
void		 scen_two_pairs(struct sim *);
/* What holds on a network that loses nothing: no negotiation has timed out,
 * and no IKE SA has gone but for another one. */
void		 scen_nothing_lost(struct sim *);
/* Every packet of the flow left and was delivered. */
void		 scen_lossless(struct sim *, const struct sim_flow *);
/* No SA but the larval kind may exist for a pair that failed. */
void		 scen_nothing_installed(struct sim *);

/* The address of the Nth stranger, with a port of its own. */
struct ipsec_addr scen_stranger(struct sim *, uint32_t n);
/* Copies of the ISAKMP datagrams that were sent, until scen_record_free(). */
#define SCEN_RECORDS	64
struct scen_record {
	struct dgram	*d[SCEN_RECORDS];
	size_t		 n;
};
void		 scen_record(struct sim *, struct scen_record *);
void		 scen_record_free(struct sim *, struct scen_record *);

#endif
