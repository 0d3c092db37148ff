/* SPDX-License-Identifier: ISC */
/*
 * The seam to GSS-API (RFC 2743), for phase 1 with gssapi_krb: what the engine
 * asks of a provider.  All but host() may wait for a KDC and are called in
 * jobs, on any thread, for one context by one thread at a time.
 */
#ifndef RACOON_IKE_GSS_H
#define RACOON_IKE_GSS_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

#define GSS_NAME	256		/* bytes of a principal */
#define GSS_WHY		1024

struct gss;				/* a context; the provider's */

/* What a context is to be. */
struct gss_begin {
	bool	initiator;
	char	own[GSS_NAME];		/* our principal */
	char	peer[GSS_NAME];		/* initiator: whom it wants to reach */
};

struct gss_state {
	bool	done;			/* no more tokens: both have proved
					   who they are, and can wrap */
	char	own[GSS_NAME], peer[GSS_NAME]; /* done: "ike/HOST@REALM" */
	char	why[GSS_WHY];		/* of a failure, for the log */
};

/* Errors are E_AUTH, with state->why; of the bufs the caller looks at bad. */
struct gss_ops {
	/* The name of this host, by which its principals are known. */
	void	(*host)(char out[GSS_NAME]);
	/* Never NULL; errors come with the first step. */
	struct gss *(*new)(const struct gss_begin *);
	void	(*free)(struct gss *);
	/* Takes the peer's token (empty: there is none yet) and appends our
	   answer to it, if there is one.  Only what authenticates both sides
	   and protects what is wrapped is ever done. */
	enum err (*step)(struct gss *, struct view token, struct buf *out,
		    struct gss_state *);
	/* Encrypts for the peer, decrypts what the peer wrapped. */
	enum err (*wrap)(struct gss *, struct view, struct buf *out,
		    struct gss_state *);
	enum err (*unwrap)(struct gss *, struct view, struct buf *out,
		    struct gss_state *);
};

#endif
