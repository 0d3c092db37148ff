/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY back end's parts: a handle, its sockets, and what the interface
 * cannot do.
 */
#ifndef LIBIPSEC_PFKEY_H
#define LIBIPSEC_PFKEY_H

#include <sys/types.h>

#include "libipsec/ops.h"
#include "libipsec/pfkey_msg.h"

/* A new PF_KEY socket or -errno. */
typedef int pfkey_socket_fn(void *ctx);

struct pfkey {
	pfkey_socket_fn	*socket;
	void		*socket_ctx;
	int		 commands;	/* -1: could not be opened again */
	int		 events;	/* -1: not listening */
	unsigned int	 listening;	/* IPSEC_LISTEN_... */
	uint32_t	 seq, pid;
	bool		 lost;		/* events, since the last RESYNC */
	bool		 registered;
	char		 why[256];
};

/* Puts a reason where ipsec_error() finds it and returns the error. */
int	 pfkey_failed(struct pfkey *, int err, const char *said);
/* Opens a socket with a receive buffer of BYTES, as far as we may. */
int	 pfkey_socket(struct pfkey *, int bytes);
/*
 * Receives one message into the SIZE bytes at P: its length, 0 when it does
 * not fit or is not PF_KEY's, or -errno.  WAIT: not longer than a while.
 */
ssize_t	 pfkey_receive(int fd, void *p, size_t size, bool wait,
	    struct pfkey_msg *);
/* As ops.h says. */
int	 pfkey_policy_get(void *, const struct ipsec_policy *,
	    struct ipsec_policy *);
int	 pfkey_sa_dump(void *, const struct ipsec_filter *, ipsec_sa_fn *,
	    void *);
int	 pfkey_listen(void *, unsigned int what);
int	 pfkey_event_fd(void *);
int	 pfkey_events(void *, ipsec_event_fn *, void *);
/* What Linux does to an SA without saying so. */
void	 pfkey_sa_complete(struct ipsec_sa *);

/*
 * What PF_KEY has no words for: -EOPNOTSUPP with WHY set to a constant text
 * that names it.  The arguments have passed check.h.
 */
int	 pfkey_check_key(enum ipsec_alg_class, const struct ipsec_key *,
	    const char **why);
int	 pfkey_check_sa(const struct ipsec_sa *, const char **why);
/* What names an SA. */
int	 pfkey_check_sa_id(const struct ipsec_sa_id *, const char **why);
int	 pfkey_check_spi(const struct ipsec_sa *, const char **why);
int	 pfkey_check_policy(const struct ipsec_policy *, const char **why);
int	 pfkey_check_policy_id(const struct ipsec_policy *, const char **why);
int	 pfkey_check_command(const struct ipsec_command *, const char **why);

/* A handle whose sockets come from FN: tests have a kernel of their own. */
int	 pfkey_open_on(struct ipsec **, pfkey_socket_fn *, void *ctx);

#endif
