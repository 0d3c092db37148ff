/* SPDX-License-Identifier: ISC */
/*
 * A PF_KEY kernel of a test's own: a thread for each socket that was opened.
 */
#ifndef TEST_PFKEY_FAKE_H
#define TEST_PFKEY_FAKE_H

#include <pthread.h>
#include <stdatomic.h>

#include "libipsec/pfkey.h"

#define FAKE_ENDS	16u

struct fake;
/* Answers one request on the socket FD. */
typedef void kernel_fn(struct fake *, int fd, const struct pfkey_msg *);

struct fake {
	kernel_fn	*answer;
	struct {
		struct fake *fake;
		pthread_t thread;
		int	 fd;
	} end[FAKE_ENDS];
	atomic_uint	 n, requests;
	atomic_bool	 stop;		/* for who never stops */
	struct ipsec_policy policy;
	struct ipsec_sa	 sa;
};

/* Ready-made values. */
struct ipsec_addr fake_addr(const char *text);
struct ipsec_sa	 fake_esp(uint32_t spi);
struct ipsec_policy fake_policy(void);

/* What the kernel says; a socket that was closed meanwhile hears nothing. */
void	 say(int fd, const void *p, size_t n);
/* Empties the buf. */
void	 say_buf(int fd, struct buf *b);
/* A bare header: M's, with an error. */
void	 say_error(int fd, const struct pfkey_msg *m, int error);
void	 say_sa(int fd, uint8_t type, const struct ipsec_sa *sa, uint32_t seq,
	    uint32_t pid);
void	 say_policy(int fd, const struct pfkey_msg *m,
	    const struct ipsec_policy *p, uint32_t seq);

/* Waits for answers as long as a slow machine may need them. */
struct ipsec	*fake_open(struct fake *f, kernel_fn *fn);
/* Waits WAIT_MS. */
struct ipsec	*fake_open_wait(struct fake *f, kernel_fn *fn, int wait_ms);
void	 fake_close(struct fake *f, struct ipsec *h);

#endif
