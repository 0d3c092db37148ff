/* SPDX-License-Identifier: ISC */
/*
 * Log lines of the engine: they name the peer, the SA and the step.  An error is
 * also the peer's last problem (problem.h).
 */
#ifndef RACOON_IKE_SAY_H
#define RACOON_IKE_SAY_H

#include "base/log.h"

struct exchange;
struct ike;
struct ipsec_addr;
struct sa;

#define SA_TEXT		40
/* "0123456789abcdef:0123456789abcdef" */
const char	*sa_print(const struct sa *, char out[SA_TEXT]);

/* The name of the row that comes next, or of the last one. */
const char	*say_step(const struct exchange *);
/* "[peer] LEVEL: text (spi ...)": about an IKE SA. */
void	say_sa(enum log_level, const struct sa *, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* The same about somebody whom we want to talk to. */
void	say_remote(enum log_level, struct ike *, const struct ipsec_addr *,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with the exchange and its step: "main I3 ID,HASH: text". */
void	say_exchange(enum log_level, const struct exchange *,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
