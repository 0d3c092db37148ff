/* SPDX-License-Identifier: ISC */
/*
 * What programs that try libipsec on a real kernel share: two network
 * namespaces, results as TAP, ready-made SAs and policies.
 */
#ifndef TEST_KERNEL_LIVE_H
#define TEST_KERNEL_LIVE_H

#include <sys/types.h>

#include "libipsec/ipsec.h"

#define LIVE_EVENTS	64u	/* kept of a run */

struct live {
	struct ipsec	*h, *far;	/* here and in the other namespace */
	bool		 pfkey;		/* h is of the PF_KEY back end */
	int		 here, there;	/* the namespaces */
	pid_t		 keeper;	/* keeps the other one alive */
	unsigned int	 n, bad;	/* results */
	struct ipsec_event event[LIVE_EVENTS];
	unsigned int	 nevents, resyncs;
};

/* Prints a result; returns GOOD. */
bool	ok(struct live *, bool good, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* Was it the result that we wanted? */
bool	is(struct live *, int got, int want, const char *text);
/* Runs a shell command. */
void	sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Seconds of a clock that only goes forward. */
double	now(void);
struct ipsec_addr addr(const char *text);
/* A key of the algorithm's greatest length. */
struct ipsec_key key(enum ipsec_alg_class, const char *name);
/* From 10.9.0.1 to 10.9.0.2, AES and SHA-1, which both back ends have. */
struct ipsec_sa esp(uint32_t spi);
/* Between two hosts, esp/transport//require. */
struct ipsec_policy policy(const char *src, const char *dst, uint8_t dir);
/* An outbound one that says something in every field. */
struct ipsec_policy full_policy(void);
/* An ipsec_event_fn: keeps it in the struct live. */
void	keep_event(void *, const struct ipsec_event *);
/* Collects events until one of TYPE came or SECONDS are over. */
const struct ipsec_event *wait_event(struct live *, struct ipsec *,
	    enum ipsec_event_type, double seconds);
/* No SAs, no policies, no events. */
void	clean(struct live *);
/* Sends a datagram from whichever namespace we are in. */
void	send_udp(const char *to, uint16_t port);
/* Moves us to a network namespace. */
void	enter(int netns);
/* Makes both namespaces: 10.9.0.1 here, 10.9.0.2 there, fd00:9:: too. */
void	make_namespaces(struct live *);
/* Opens both handles of a back end and listens to everything here. */
void	open_handles(struct live *, const char *backend);
void	close_handles(struct live *);
/* Tests: of opening, and of doing so without the privilege. */
void	test_handles(struct live *);
void	test_nobody(struct live *);

#endif
