/* SPDX-License-Identifier: ISC */
/*
 * racoon(8): options, start, end.  Everything that can fail does so before
 * the command returns to who started it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "config.h"
#include "conf/lint.h"
#include "conf/read.h"
#include "conf/show.h"
#include "crypto/crypto.h"
#include "monitor/background.h"
#include "monitor/pidfile.h"
#include "monitor/sink.h"
#include "monitor/spawn.h"
#include "monitor/worker.h"

#define PORT		500	/* RFC 2408 2.5.1 */
#define NATT_PORT	4500	/* RFC 3947 4 */

struct options {
	const char	*conf;		/* -f */
	struct conf_opener opener;
	const char	*log_file;	/* -l; NULL: syslog */
	bool		 foreground, test, show, version;
	unsigned int	 debug;		/* -d */
	uint16_t	 port, natt_port; /* -p, -P */
};

/* What runs, in the order of its making. */
struct running {
	const struct options *options;
	struct sink	*sink;
	int		 ready;		/* of background_start(), or -1 */
	struct table	 table;
	struct worker	*worker;
	struct pidfile	*pidfile;
	char		*handover;	/* path */
};

/* ---- words to the operator ---- */

/* The last word of a start that failed. */
static int __attribute__((format(printf, 1, 2)))
fail(const char *fmt, ...)
{
	char text[LOG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "racoon: %s\n", text);
	return EXIT_FAILURE;
}

static int
usage(void)
{
	(void)fputs(
	    "usage: racoon [-CdFLtVv46] [-f FILE] [-l FILE] [-p PORT] "
	    "[-P PORT]\n"
	    "  -f FILE  configuration file (" SYSCONFDIR "/racoon.conf)\n"
	    "  -t       check the configuration file and exit\n"
	    "  -C       print the configuration with all defaults and exit\n"
	    "  -F       stay in the foreground, log to standard output\n"
	    "  -d       log more; may be repeated\n"
	    "  -l FILE  log to FILE instead of syslog\n"
	    "  -p PORT  IKE port instead of 500\n"
	    "  -P PORT  NAT traversal port instead of 4500\n"
	    "  -V       print version and features and exit\n"
	    "  -v -L -4 -6  accepted for compatibility, without effect\n",
	    stderr);
	return EXIT_FAILURE;
}

static int
print_version(void)
{
	printf("@(#)%s %s\n\n"
	    "Compiled with:\n"
	    "- %s\n"
	    "- IPv6 support\n"
	    "- IKE fragmentation\n"
	    "- NAT Traversal\n"
	    "- Monotonic clock\n"
	    "%s",
	    PACKAGE_NAME, PACKAGE_VERSION, crypto_version(),
	    WITH_GSSAPI ? "- GSS-API authentication\n" : "");
	return EXIT_SUCCESS;
}

/* ---- options ---- */

static bool
read_port(char letter, const char *text, uint16_t *port)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	    n >= 1 && n <= UINT16_MAX) {
		*port = (uint16_t)n;
		return true;
	}
	(void)fail("-%c %s: a port is a number from 1 to 65535", letter, text);
	return false;
}

/* Options of the old daemon that mean nothing here: says what to do. */
static bool
refuse(int letter)
{
	static const struct {
		int		 letter;
		const char	*text;
	} row[] = {
		{ 'B', "-B: SAs are not restored from a file, since the kernel "
		    "keeps them; start racoon without -B" },
		{ 'Z', "-Z: there is no local test mode; to try racoon without "
		    "touching this host's SAs, give it a network namespace of "
		    "its own: unshare -n racoon -F" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].letter == letter) {
			(void)fail("%s", row[i].text);
			return true;
		}
	return false;
}

static bool
read_option(struct options *o, int letter, const char *arg)
{
	switch (letter) {
	case 'f':
		o->conf = arg;
		return true;
	case 'l':
		o->log_file = arg;
		return true;
	case 'F':
		o->foreground = true;
		return true;
	case 't':
		o->test = true;
		return true;
	case 'C':
		o->show = true;
		return true;
	case 'V':
		o->version = true;
		return true;
	case 'd':
		o->debug++;
		return true;
	case 'p':
		return read_port('p', arg, &o->port);
	case 'P':
		return read_port('P', arg, &o->natt_port);
	case 'v':
	case 'L':
	case '4':
	case '6':
		return true;
	}
	if (!refuse(letter))
		(void)usage();
	return false;
}

static bool
read_options(struct options *o, int argc, char **argv)
{
	int letter;

	*o = (struct options){
		.conf = SYSCONFDIR "/racoon.conf",
		.opener = conf_files,
		.port = PORT,
		.natt_port = NATT_PORT,
	};
	o->opener.gss = WITH_GSSAPI;
	while ((letter = getopt(argc, argv, "BCFLVZdf:l:p:P:tv46")) != -1)
		if (!read_option(o, letter, optarg))
			return false;
	if (optind == argc)
		return true;
	(void)usage();
	return false;
}

/* The log level until the configuration names one. */
static enum log_level
first_level(const struct options *o)
{
	return o->debug == 0 ? LOG_L_INFO :
	    o->debug == 1 ? LOG_L_DEBUG : LOG_L_DEBUG2;
}

/* ---- the configuration test ---- */

static int
test_config(const struct options *o, const char *program)
{
	struct sink sink = { .terminal = true };
	struct conf *conf;

	(void)sink_open(&sink);		/* has no file that could fail */
	log_set_level(first_level(o));
	if (conf_read(&o->opener, o->conf, &conf) != OK) {
		(void)fprintf(stderr, "%s: configuration file \"%s\" test "
		    "failed\n", program, o->conf);
		log_to(NULL, NULL);
		return EXIT_FAILURE;
	}
	if (conf->warnings + conf_lint(conf, &o->opener) > 0)
		log_msg(LOG_L_INFO, "the warnings do not keep racoon from "
		    "starting");
	printf("%s: configuration file \"%s\" syntax is ok\n"
	    "%s: configuration file \"%s\" test is successful\n",
	    program, o->conf, program, o->conf);
	conf_unref(conf);
	log_to(NULL, NULL);
	return EXIT_SUCCESS;
}

/* Warnings and errors go to standard error, so that the rest can be read. */
static int
show_config(const struct options *o)
{
	struct conf *conf;
	bool written;

	log_set_level(first_level(o));
	if (conf_read(&o->opener, o->conf, &conf) != OK)
		return fail("%s is refused: mend what is said above", o->conf);
	conf_show(conf, stdout);
	conf_unref(conf);
	written = fflush(stdout) == 0 && !ferror(stdout);
	return written ? EXIT_SUCCESS :
	    fail("cannot write the configuration: %s", strerror(errno));
}

/* ---- the daemon ---- */

/* Beside the pid file, so that it is another one for each racoon. */
static char *
handover_path(const char *pidfile)
{
	if (pidfile == NULL)
		pidfile = "racoon.pid";
	return pidfile[0] == '/' ? xasprintf("%s.ike", pidfile) :
	    xasprintf("%s/%s.ike", RUNDIR, pidfile);
}

/* The log level that CONF and a number of -d ask for. */
static enum log_level
level_of(const struct conf *conf, unsigned int debug)
{
	unsigned int level = (unsigned int)conf->log_level;

	if (debug >= (unsigned int)LOG_L_DEBUG2 - level)
		return LOG_L_DEBUG2;
	return (enum log_level)(level + debug);
}

static bool
uses_gss(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nremote; i++)
		for (size_t k = 0; k < conf->remote[i]->nproposal; k++)
			if (conf->remote[i]->proposal[k].gss)
				return true;
	return false;
}

/* Kerberos reads files of its own, whenever it likes. */
static bool
check_privsep(const struct conf *conf)
{
	if (conf->uid != 0 && conf->gid == 0)
		log_msg(LOG_L_WARNING, "%s: privsep has no `group': the "
		    "worker stays in root's", conf->path);
	if (conf->uid == 0 || !uses_gss(conf))
		return true;
	log_msg(LOG_L_ERROR, "%s: gssapi_krb needs Kerberos' own files, which "
	    "are out of reach with `user' of privsep: remove one of them",
	    conf->path);
	return false;
}

static bool
open_conf(struct running *r)
{
	const struct options *o = r->options;

	log_msg(LOG_L_INFO, "@(#)%s %s", PACKAGE_NAME, PACKAGE_VERSION);
	log_msg(LOG_L_INFO, "@(#)This product linked %s "
	    "(https://www.openssl.org/)", crypto_version());
	log_msg(LOG_L_INFO, "Reading configuration from \"%s\"", o->conf);
	if (table_read(&r->table) != OK) {
		log_msg(LOG_L_ERROR, "%s is refused: mend what is said above, "
		    "`racoon -t' checks it", o->conf);
		return false;
	}
	table_keep(&r->table, true);
	log_set_level(level_of(r->table.permit.now, o->debug));
	return check_privsep(r->table.permit.now);
}

static bool
open_parts(struct running *r)
{
	int err;

	if (!open_conf(r))
		return false;
	r->table.crypto = crypto_new();
	if (r->table.crypto == NULL)
		return false;
	err = ipsec_open(&r->table.ipsec, NULL);
	if (err < 0) {
		log_msg(LOG_L_ERROR, "cannot open the kernel's IPsec: %s "
		    "(CAP_NET_ADMIN and the module xfrm_user, or af_key, are "
		    "needed)", strerror(-err));
		return false;
	}
	log_msg(LOG_L_INFO, "kernel interface: %s",
	    ipsec_backend(r->table.ipsec));
	r->handover = handover_path(r->table.permit.now->path_pidfile);
	r->table.handover = r->handover;
	return true;
}

static void
close_parts(struct running *r)
{
	struct ipsec *ipsec = r->table.ipsec;
	struct crypto *crypto = r->table.crypto;

	worker_free(r->worker);
	pidfile_remove(r->pidfile);
	table_fini(&r->table);
	if (ipsec != NULL)
		ipsec_close(ipsec);
	crypto_free(crypto);
	free(r->handover);
}

/* The worker serves: whoever started us may go on. */
static void
on_ready(void *ctx)
{
	struct running *r = ctx;

	r->pidfile = pidfile_write(RUNDIR, r->table.permit.now->path_pidfile);
	r->sink->starting = false;
	r->table.patient = false;
	if (r->ready != -1)
		background_ready(r->ready);
	r->ready = -1;
}

static int
run(struct running *r)
{
	const struct options *o = r->options;
	const struct worker_setup setup = {
		.table = &r->table,
		.sink = r->sink,
		.port = o->port,
		.natt_port = o->natt_port,
		.debug = o->debug,
		.terminal = o->foreground,
		.ready = on_ready,
		.ctx = r,
	};

	r->worker = worker_new(&setup);
	return r->worker == NULL ? EXIT_FAILURE : worker_run(r->worker);
}

/* Runs to the end; READY as from background_start(), or -1. */
static int
serve(const struct options *o, struct sink *sink, int ready)
{
	struct running r = { .options = o, .sink = sink, .ready = ready };
	int status = EXIT_FAILURE;

	table_init(&r.table);
	r.table.opener = &o->opener;
	r.table.path = o->conf;
	r.table.resolv = SPAWN_RESOLV;
	r.table.permit.port = o->port;
	r.table.permit.natt_port = o->natt_port;
	r.table.patient = true;
	if (open_parts(&r))
		status = run(&r);
	if (!sink->starting)
		log_msg(LOG_L_INFO, "racoon process %ld shutdown",
		    (long)getpid());
	else if (sink->terminal)
		(void)fail("cannot start: the log above says why");
	close_parts(&r);
	return status;
}

/* Relative names must stay true when the daemon is at "/". */
static char *
absolute(const char *path)
{
	char *here, *full;

	if (path[0] == '/' || (here = getcwd(NULL, 0)) == NULL)
		return xstrdup(path);
	full = xasprintf("%s/%s", here, path);
	free(here);
	return full;
}

static int
log_and_serve(const struct options *o, int ready)
{
	struct sink sink = {
		.file = o->log_file,
		.terminal = o->foreground,
		.starting = true,
	};
	int status;

	if (!sink_open(&sink))
		return fail("cannot write the log file %s: %s", o->log_file,
		    strerror(errno));
	log_set_level(first_level(o));
	if (o->foreground)
		(void)puts("Foreground mode.");
	status = serve(o, &sink, ready);
	log_to(NULL, NULL);
	return status;
}

static int
start(const struct options *given)
{
	struct options o = *given;
	char *conf = absolute(given->conf);
	char *log_file = given->log_file == NULL ? NULL :
	    absolute(given->log_file);
	int ready = -1, status;

	o.conf = conf;
	o.log_file = log_file;
	(void)umask(077);
	if (o.foreground)
		(void)background_mute(STDIN_FILENO);
	else
		ready = background_start();
	if (!o.foreground && ready == -1)
		status = fail("cannot go into the background: %s",
		    strerror(errno));
	else
		status = log_and_serve(&o, ready);
	free(conf);
	free(log_file);
	return status;
}

/* A descriptor of 0 to 2 that is closed could become a socket. */
static bool
fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) == -1 && !background_mute(fd))
			return false;
	}
	return true;
}

static const char *
base_name(const char *path)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');

	return slash != NULL ? slash + 1 : path != NULL ? path : "racoon";
}

int
main(int argc, char **argv)
{
	struct options o;

	if (!fill_standard_descriptors() || !read_options(&o, argc, argv))
		return EXIT_FAILURE;
	if (o.version)
		return print_version();
	if (o.test)
		return test_config(&o, base_name(argv[0]));
	if (o.show)
		return show_config(&o);
	if (geteuid() != 0)
		return fail("must be root to invoke this program.");
	return start(&o);
}
