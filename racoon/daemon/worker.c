/* SPDX-License-Identifier: ISC */
/*
 * racoon-worker: the daemon without root.  racoon(8) starts it, with three
 * sockets and five words; it is of no use otherwise.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "config.h"
#include "crypto/crypto.h"
#include "daemon/gss.h"
#include "daemon/host.h"
#include "daemon/moncall.h"
#include "daemon/sandbox.h"

/* Words of the command line, as monitor/worker.c writes them. */
enum { A_NAME, A_PATH, A_BACKEND, A_PORT, A_NATT_PORT, A_DEBUG, A_ROOT,
    A_PARENT, A_END };

struct running {
	struct moncall	*call;
	struct conf	*conf;
	struct crypto	*crypto;
	struct ipsec	*ipsec;
	struct host	*host;
};

static bool
enter_sandbox(const struct conf *conf, const char *root, pid_t parent)
{
	const struct sandbox s = { .uid = conf->uid, .gid = conf->gid,
		.root = root[0] == '\0' ? NULL : root, .parent = parent };

	/* What is read from /etc once. */
	tzset();
	return sandbox_enter(&s);
}

static bool
open_parts(struct running *r, char **arg, struct host_setup *setup)
{
	if (moncall_conf(r->call, &r->conf) != OK)
		return false;
	log_set_level(host_log_level(r->conf, setup->debug));
	r->crypto = crypto_new();
	if (r->crypto == NULL || moncall_ipsec(r->call, &r->ipsec) < 0)
		return false;
	if (!enter_sandbox(r->conf, arg[A_ROOT],
	    (pid_t)strtol(arg[A_PARENT], NULL, 10)))
		return false;
	setup->crypto = r->crypto;
	setup->ipsec = r->ipsec;
	setup->root = moncall_asroot(r->call);
	setup->pid = (pid_t)strtol(arg[A_PARENT], NULL, 10);
	r->host = host_new(setup, r->conf);
	return r->host != NULL;
}

static int
serve(char **arg)
{
	const struct moncall_setup link = {
		.call = MON_FD_CALL, .sign = MON_FD_SIGN,
		.tell = MON_FD_TELL, .path = arg[A_PATH],
		.backend = arg[A_BACKEND], .gss = gss_provider() != NULL,
	};
	struct host_setup setup = {
		.path = arg[A_PATH],
		.port = (uint16_t)strtoul(arg[A_PORT], NULL, 10),
		.natt_port = (uint16_t)strtoul(arg[A_NATT_PORT], NULL, 10),
		.debug = (unsigned int)strtoul(arg[A_DEBUG], NULL, 10),
	};
	struct running r = { .call = moncall_new(&link) };
	int status = EXIT_FAILURE;

	moncall_log(r.call);
	if (open_parts(&r, arg, &setup))
		status = host_run(r.host);
	host_free(r.host);
	if (r.ipsec != NULL)
		ipsec_close(r.ipsec);
	crypto_free(r.crypto);
	conf_unref(r.conf);
	log_to(NULL, NULL);
	moncall_free(r.call);
	return status;
}

int
main(int argc, char **argv)
{
	struct stat st;

	if (argc == A_END && fstat(MON_FD_TELL, &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		return serve(argv);
	(void)fputs("racoon-worker is started by racoon(8), not by hand\n",
	    stderr);
	return EXIT_FAILURE;
}
