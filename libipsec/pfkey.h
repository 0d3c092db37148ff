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

#define PFKEY_ANSWER_BYTES 16384	/* answers are shorter */
#define PFKEY_OTHERS	4096u	/* messages of others: a buffer full */
/* Why -EPROTO. */
#define PFKEY_UNREADABLE "the kernel has what PF_KEY cannot tell: use XFRM"

/* A new PF_KEY socket or -errno. */
typedef int pfkey_socket_fn(void *ctx);

struct pfkey {
	pfkey_socket_fn	*socket;
	void		*socket_ctx;
	int		 commands;	/* -1: could not be opened again */
	int		 events;	/* -1: not listening */
	unsigned int	 listening;	/* IPSEC_LISTEN_... */
	int		 wait_ms;	/* for an answer */
	uint32_t	 seq, pid;
	bool		 lost;		/* events, since the last RESYNC */
	bool		 mute;		/* did not answer to this call */
	bool		 registered;
	char		 why[256];
};

/* How to know the answer to a request. */
struct pfkey_want {
	uint8_t		type;
	bool		named;		/* the answer has the SA's name */
	uint32_t	seq;
	struct ipsec_sa_id id;
};

/*
 * Puts SAID, or the words of ERR when it is empty, where ipsec_error() finds
 * them; returns ERR.
 */
int	 pfkey_failed(struct pfkey *, int err, const char *said);
/* Opens a socket with a receive buffer of BYTES, as far as we may. */
int	 pfkey_socket(struct pfkey *, int bytes);
/* When an answer is late. */
int64_t	 pfkey_deadline(const struct pfkey *);
/* Others may go on without an end: late, and not in the buffer either. */
bool	 pfkey_drowned(unsigned int others, int64_t until);
/*
 * Receives one message into the SIZE bytes at P: its length, or 0 when it does
 * not fit or is not PF_KEY's, with as much of its header as there is, or
 * -errno; -EAGAIN: there is none UNTIL then (0: now).
 */
ssize_t	 pfkey_receive(int fd, void *p, size_t size, int64_t until,
	    struct pfkey_msg *);
/* Leaves whatever may still be under way on the old socket behind. */
int	 pfkey_reopen(struct pfkey *);
/* The socket for commands, without what others' changes left in it. */
int	 pfkey_ready(struct pfkey *);
int	 pfkey_submit(struct pfkey *, struct view);
/* Numbers the request at OFFSET of the buf and says how to know its answer. */
struct pfkey_want pfkey_number(struct pfkey *, struct buf *, size_t offset,
	    uint8_t type);
/* As ops.h says. */
int	 pfkey_policy_get(void *, const struct ipsec_policy *,
	    struct ipsec_policy *);
int	 pfkey_sa_dump(void *, const struct ipsec_filter *, ipsec_sa_fn *,
	    void *);
int	 pfkey_policy_dump(void *, const struct ipsec_filter *,
	    ipsec_policy_fn *, void *);
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

/*
 * A handle whose sockets come from FN, and that waits WAIT_MS for answers:
 * tests have a kernel of their own.
 */
int	 pfkey_open_on(struct ipsec **, pfkey_socket_fn *, void *ctx,
	    int wait_ms);

#endif
