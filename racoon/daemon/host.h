/* SPDX-License-Identifier: ISC */
/*
 * The world around one engine: event loop, clock, sockets, kernel events,
 * worker threads, signals.  Implements struct ike_ops of ike.h.
 */
#ifndef RACOON_DAEMON_HOST_H
#define RACOON_DAEMON_HOST_H

#include <sys/types.h>

#include "conf/conf.h"
#include "crypto/crypto.h"
#include "libipsec/ipsec.h"
#include "monitor/asroot.h"

struct host;

struct host_setup {
	const struct asroot *root;
	const char	*path;			/* racoon.conf */
	struct crypto	*crypto;
	struct ipsec	*ipsec;
	uint16_t	 port, natt_port;	/* -p, -P */
	unsigned int	 debug;			/* how many -d */
	unsigned int	 threads;		/* 0: as many as fit */
	pid_t		 pid;			/* of racoon; 0: this process */
};

/* The log level that CONF and a number of -d ask for. */
enum log_level	 host_log_level(const struct conf *, unsigned int debug);

/*
 * Opens all that is needed to run with CONF, of which it takes a reference of
 * its own; borrows the setup and what it points to.  NULL: it cannot (logged).
 */
struct host	*host_new(const struct host_setup *, const struct conf *);
/* Serves until told to stop: the exit status. */
int		 host_run(struct host *);
/* As SIGTERM: host_run() will end. */
void		 host_stop(struct host *);
/* As SIGHUP.  False (logged): the running configuration stays in force. */
bool		 host_reload(struct host *);
/* Ends the engine in order, then closes everything. */
void		 host_free(struct host *);

#endif
