/* SPDX-License-Identifier: ISC */
/*
 * The third seam: what racoon needs root for besides the kernel's IPsec
 * (struct ipsec_ops).  In racoon-worker each call is a request to the monitor
 * (daemon/moncall.h); in tests it is done on the spot (monitor/here.h).
 */
#ifndef RACOON_MONITOR_ASROOT_H
#define RACOON_MONITOR_ASROOT_H

#include "base/err.h"
#include "base/monmsg.h"
#include "conf/conf.h"
#include "crypto/plainrsa.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "monitor/hook.h"

struct event_base;

/* Descriptors that come back are the caller's, close-on-exec. */
struct asroot_ops {
	/* The loop that will run, before any other call; false: logged. */
	bool	 (*attach)(void *, struct event_base *);
	/* The loop will be gone: waits for scripts. */
	void	 (*detach)(void *);
	/* A file to read; -errno on failure.  PROC has no path but a row,
	 * RESOLV an empty one: it is where the C library looks, then. */
	int	 (*open)(void *, enum mon_file, enum mon_proc,
		    const char *path);
	/* Appends the names in a directory, each with its NUL; sorted. */
	bool	 (*list)(void *, const char *dir, struct buf *names);
	/* What a block's own certificate type names: a private key, or plain
	 * ones.  NULL: there is none (logged). */
	struct key *(*key)(void *, const struct crypto *,
		    const struct conf_cert *);
	struct plainrsa *(*plain)(void *, const struct crypto *,
		    const struct conf_cert *);
	/* As the functions of monitor/sock.h. */
	int	 (*bind)(void *, struct ipsec_addr *, bool natt);
	int	 (*raw)(void *, uint16_t family, int proto);
	bool	 (*source)(void *, const struct ipsec_addr *remote,
		    struct ipsec_addr *out);
	/* The one that serves CONF's metrics; -errno. */
	int	 (*metrics)(void *, const struct conf *);
	/* The control socket that CONF asks for; -1: logged. */
	int	 (*admin)(void *, const struct conf *);
	void	 (*hook)(void *, const struct hook_call *);
	void	 (*hooks)(void *, struct hooks_counts *);
	/* As the functions of monitor/handover.h. */
	bool	 (*give)(void *, struct view state);
	bool	 (*take)(void *, struct buf *state);
	/* Reads racoon.conf anew; E_CONFIG: logged. */
	enum err (*reload)(void *, struct conf **);
	/* What was read is in force from now on, or not wanted. */
	void	 (*keep)(void *, bool good);
	/* It serves: after the start and each reload, failed or not. */
	void	 (*ready)(void *);
};

struct asroot {
	const struct asroot_ops *ops;
	void	*ctx;
};

#endif
