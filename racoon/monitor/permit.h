/* SPDX-License-Identifier: ISC */
/*
 * What a worker may ask for, by the monitor's own reading of racoon.conf: the
 * running one, and while a reload is under way the new one, too.
 */
#ifndef RACOON_MONITOR_PERMIT_H
#define RACOON_MONITOR_PERMIT_H

#include "conf/conf.h"
#include "libipsec/ipsec.h"

/* Policies that racoon makes (ike/genpol.h) have this priority and a hard
 * limit: others are not the worker's to touch. */
#define PERMIT_PRIORITY	0x80000001u

struct permit_script;

struct permit {
	struct conf	*now;		/* NULL: none yet */
	struct conf	*next;		/* NULL: no reload */
	uint16_t	 port, natt_port; /* without `listen' */
	/* All since the start: an SA keeps the scripts of its snapshot. */
	struct permit_script *script;
	size_t		 nscript;
	bool		 generates;	/* the same for generate_policy */
};

/* Takes a reference of the caller's: a reload begins, */
void	 permit_offer(struct permit *, struct conf *);
/* and ends well or not. */
void	 permit_keep(struct permit *, bool good);
void	 permit_fini(struct permit *);

bool	 permit_psk(const struct permit *, const char *path);
/* A file of certificates or of the peers' public keys. */
bool	 permit_cert(const struct permit *, const char *path);
bool	 permit_list(const struct permit *, const char *dir);
/* Has this file a private key in it? */
bool	 permit_is_secret(const struct permit *, const char *path);
/* The directive that names a file of private keys; NULL: none does. */
const struct conf_cert *permit_key(const struct permit *, bool plain,
	    const char *path);
bool	 permit_bind(const struct permit *, const struct ipsec_addr *,
	    bool natt);
bool	 permit_raw(const struct permit *, uint32_t family, uint32_t proto);
bool	 permit_script(const struct permit *, uint32_t what,
	    const char *path);
/* Is it a variable that scripts get, with a value of its kind? */
bool	 permit_variable(const char *text);
/* An SA, or a policy to be set, such as the engine makes them. */
bool	 permit_sa(const struct ipsec_sa *);
bool	 permit_policy(const struct permit *, const struct ipsec_policy *);

#endif
