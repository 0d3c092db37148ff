/* SPDX-License-Identifier: ISC */
/*
 * What the monitor does for the worker: a table of requests.  Each handler is
 * called asroot_...(), looks at all its arguments, and does one thing.
 */
#ifndef RACOON_MONITOR_TABLE_H
#define RACOON_MONITOR_TABLE_H

#include "base/monmsg.h"
#include "conf/read.h"
#include "crypto/crypto.h"
#include "monitor/confbox.h"
#include "monitor/hook.h"
#include "monitor/permit.h"

enum mon_channel { MON_CALLS, MON_SIGNS };

/* A private key that was asked for. */
struct ring_key {
	struct key	*key;
	struct buf	 public;	/* key_public() */
	struct ring_key	*next;
};

/* What requests are about; lives longer than a worker. */
struct table {
	const struct conf_opener *opener;
	const char	*path;		/* racoon.conf */
	const char	*handover;	/* a file, or NULL */
	const char	*resolv;	/* the worker's resolv.conf, or NULL */
	struct crypto	*crypto;
	struct ipsec	*ipsec;
	struct hooks	*hooks;
	struct permit	 permit;
	struct confbox	 box, next;	/* of permit.now and of permit.next */
	struct ring_key	*ring;
	unsigned int	 nring;
	struct buf	 signature;
	long		 pid;		/* the worker's; 0: none */
	int		 give;		/* memory for MON_GIVEN; -1: none */
	bool		 given;		/* once for a worker: that is at its end */
	bool		 patient;	/* ports may still be the last one's */
	bool		 fresh;		/* the worker has not read it yet */
	/* A part of a dump; false: it does not arrive.  MON_MORE. */
	bool		 (*more)(void *, struct view);
	/* Begins to hand on the kernel's events; 0 or -errno. */
	int		 (*listen)(void *, unsigned int what);
	void		*ctx;
};

/* Before all else; the caller has set nothing yet. */
void		 table_init(struct table *);
/* Reads racoon.conf, for table_keep(); E_CONFIG: logged. */
enum err	 table_read(struct table *);
/* What was read is in force from now on, or not. */
void		 table_keep(struct table *, bool good);
/* Copies the resolver's file to where the worker finds it, if it needs it. */
void		 table_resolv(const struct table *);
/* A new worker begins: nothing that is the old one's stays. */
void		 table_begin(struct table *);
void		 table_fini(struct table *);

/*
 * Does what a worker asks for, and writes the answer: *fd is sent along with
 * it and closed then, unless it is -1.  False: it asked for what it must not
 * have, *why says so, and there is no answer.
 */
bool		 table_ask(struct table *, enum mon_channel, struct view,
		    struct buf *answer, int *fd, const char **why);

/* Handlers: the request, the answer, a descriptor for it; false: forbidden. */
typedef bool	 asroot_fn(struct table *, const struct mon_msg *,
		    struct mon_msg *, int *fd);
asroot_fn	 asroot_getspi, asroot_sa_set, asroot_sa_get,
		 asroot_sa_delete, asroot_sa_dump, asroot_policy_set,
		 asroot_policy_get, asroot_policy_delete, asroot_policy_dump,
		 asroot_flush, asroot_can, asroot_listen;
asroot_fn	 asroot_conf, asroot_keep, asroot_open, asroot_list,
		 asroot_give, asroot_given, asroot_take;
asroot_fn	 asroot_bind, asroot_raw, asroot_source, asroot_admin,
		 asroot_metrics;
asroot_fn	 asroot_key, asroot_sign;
asroot_fn	 asroot_hook, asroot_hooks;

/* Text without a NUL in it as a string of the caller's; NULL: it is not. */
char		*table_text(struct view, size_t max);
/* Memory that holds BYTES, to be read from the start; -errno. */
int		 table_memory(struct view bytes);
void		 table_drop_ring(struct table *);

#endif
