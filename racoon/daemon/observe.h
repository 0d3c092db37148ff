/* SPDX-License-Identifier: ISC */
/*
 * Lets operators see what racoon does: gathers the facts for the metrics when
 * somebody asks, and answers collectors by HTTP.
 */
#ifndef RACOON_DAEMON_OBSERVE_H
#define RACOON_DAEMON_OBSERVE_H

#include "conf/conf.h"
#include "crypto/crypto.h"
#include "daemon/credfile.h"
#include "monitor/asroot.h"
#include "daemon/net.h"
#include "ike/ike.h"

#define OBSERVE_CLIENTS	16	/* collectors at a time */
#define OBSERVE_MS	5000u	/* for one, from beginning to end */
#define OBSERVE_FRESH_MS 1000u	/* how long facts are taken for new, */
#define OBSERVE_SHARE	20u	/* at least so many times what they took */

struct event_base;
struct observe;

/* Whom it asks; all borrowed.  conf is whatever it points to by then. */
struct observe_sources {
	struct event_base *base;
	const struct ike *ike;
	struct ipsec	*ipsec;
	const struct net *net;
	const struct asroot *root;
	const struct credfile *credfile;
	const struct conf *const *conf;
};

struct observe	*observe_new(const struct observe_sources *);
void		 observe_free(struct observe *);
/* Serves where CONF says; what cannot be opened is logged, and what was open
 * stays then. */
void		 observe_listen(struct observe *, const struct conf *);
/* These happened; the first one also logs how long it took. */
void		 observe_event(struct observe *, const struct ike_event *);
void		 observe_kernel(struct observe *, const struct ipsec_event *);
void		 observe_reload(struct observe *, bool good);
/* Appends the metrics as of now, or of a second ago (metrics_put()). */
void		 observe_metrics(struct observe *, bool open, struct buf *);

#endif
