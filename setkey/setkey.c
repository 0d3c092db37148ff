/* SPDX-License-Identifier: ISC */
/*
 * setkey: options, what is to be done, and the exit status.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "libipsec/addr.h"
#include "libipsec/buf.h"
#include "setkey/monitor.h"
#include "setkey/parse.h"
#include "setkey/replay.h"
#include "setkey/resolve.h"
#include "setkey/run.h"
#include "setkey/session.h"
#include "setkey/source.h"
#include "setkey/trace.h"
#include "libipsec/wireshark.h"

#define STATUS_READ	2	/* the script cannot be read */
#define REPLAY_SHORTEST	16	/* bytes of a PF_KEY message */

/* Options that are words only. */
enum { OPT_WIRESHARK = 256, OPT_FORCE };

enum mode {
	MODE_NONE, MODE_DUMP, MODE_FLUSH, MODE_FILE, MODE_SESSION,
	MODE_MONITOR,
	MODE_REPLAY		/* there are names behind the options */
};

struct options {
	enum mode	 mode;
	bool		 policies;	/* -P */
	bool		 dry;		/* -n */
	bool		 wireshark;	/* --wireshark */
	bool		 force;		/* --force */
	bool		 epoch;		/* -xx */
	char		**names;	/* of MODE_REPLAY, up to NULL */
	struct trace	 trace;		/* -v, -H */
	const char	*file;
	FILE		*in;
	struct run_options run;
};

static void
version(void)
{
	printf("setkey @(#) %s %s%s%s%s\n", PACKAGE_NAME, PACKAGE_VERSION,
	    PACKAGE_URL[0] == '\0' ? "" : " (", PACKAGE_URL,
	    PACKAGE_URL[0] == '\0' ? "" : ")");
}

static int
usage(void)
{
	version();
	fputs("usage: setkey [-vrk] file ...\n"
	    "       setkey [-nvrk] -c\n"
	    "       setkey [-nvrk] -f filename\n"
	    "       setkey [-PalpvNrkX] -D\n"
	    "       setkey [--force] --wireshark -D\n"
	    "       setkey [-Pv] -F\n"
	    "       setkey [-H] -x\n"
	    "       setkey [-V] [-h]\n", stdout);
	return EXIT_FAILURE;
}

/* Opened at once, as it always was: a missing file ends everything. */
static bool
open_file(struct options *o, const char *name)
{
	if (o->in != NULL && o->in != stdin)
		(void)fclose(o->in);
	o->mode = MODE_FILE;
	o->file = name;
	o->in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	if (o->in != NULL)
		return true;
	fprintf(stderr, "setkey: Can't open `%s': %s\n", name,
	    strerror(errno));
	return false;
}

/* False when there is nothing more to do. */
static bool
read_options(int argc, char **argv, struct options *o)
{
	static const struct option words[] = {
		{ "wireshark", no_argument, NULL, OPT_WIRESHARK },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "acDf:FhHklnNpPrvVxX", words,
	    NULL)) != -1) {
		switch (c) {
		case 'a':	/* Linux does not list dead SAs. */
			break;
		case 'c': o->mode = MODE_SESSION; break;
		case 'D': o->mode = MODE_DUMP; break;
		case 'F': o->mode = MODE_FLUSH; break;
		case 'f':
			if (!open_file(o, optarg))
				return false;
			break;
		case 'H': o->trace.hex = true; break;
		case 'k': o->run.fwd = false; break;
		case 'l': o->run.show.brief = true; break;
		case 'n': o->dry = true; break;
		case 'N': o->run.show.hide_sockets = true; break;
		case 'p': o->run.show.ports = true; break;
		case 'P': o->policies = true; break;
		case 'r': o->run.fwd = true; break;
		case 'v': o->trace.verbose = true; break;
		case 'x':
			o->epoch = o->mode == MODE_MONITOR;
			o->mode = MODE_MONITOR;
			break;
		case 'X': o->run.show.extra = true; break;
		case OPT_WIRESHARK: o->wireshark = true; break;
		case OPT_FORCE: o->force = true; break;
		case 'V':
			version();
			return false;
		default:
			(void)usage();
			return false;
		}
	}
	if (optind < argc) {
		o->mode = MODE_REPLAY;
		o->names = argv + optind;
	}
	if (o->mode != MODE_NONE)
		return true;
	(void)usage();
	return false;
}

/* Anybody may open it, but every request needs the privilege: ask once. */
static int
probe_kernel(struct ipsec *h)
{
	struct ipsec_sa_id id = { .spi = UINT32_MAX,
	    .proto = IPSEC_PROTO_ESP };
	struct ipsec_sa sa;
	int err;

	(void)addr_parse(&id.dst, "127.0.0.1");
	err = ipsec_sa_get(h, &id, &sa);
	explicit_bzero(&sa, sizeof(sa));
	return err == -EPERM ? err : 0;
}

/* What to do about a kernel that cannot be opened. */
static const char *
open_hint(int err)
{
	if (err == -EPERM || err == -EACCES)
		return " (only root may)";
	if (err == -EINVAL)
		return " (IPSEC_BACKEND has no name of a back end)";
	if (err != -EPROTONOSUPPORT)
		return "";
	return secure_getenv("IPSEC_BACKEND") == NULL ?
	    " (does it have XFRM? modprobe xfrm_user)" :
	    " (it lacks what IPSEC_BACKEND names: \"xfrm\" is the module "
	    "xfrm_user, \"pfkey\" is af_key)";
}

/* With -v or -H, messages are told from here on. */
static bool
open_kernel(struct ipsec **h, struct options *o)
{
	bool tell = o->mode != MODE_MONITOR &&
	    (o->trace.verbose || o->trace.hex);
	int err = ipsec_open(h, NULL);

	if (err == 0)
		err = probe_kernel(*h);
	if (err == 0 && tell && (err = trace_open(&o->trace, h)) == 0)
		o->run.show.trace = &o->trace;
	if (err == 0)
		return true;
	ipsec_close(*h);
	*h = NULL;
	fprintf(stderr, "setkey: cannot use the kernel's IPsec: %s%s\n",
	    strerror(-err), open_hint(err));
	return false;
}

static bool
kernel_failed(const struct ipsec *h, int err)
{
	const char *why = ipsec_error(h);
	bool more = why[0] != '\0' && strcasecmp(why, strerror(-err)) != 0;

	fprintf(stderr, "setkey: %s%s%s%s\n", strerror(-err),
	    more ? " (" : "", more ? why : "", more ? ")" : "");
	return false;
}

/* -D and -DP; with -l again and again. */
static bool
dump(struct ipsec *h, const struct options *o)
{
	const struct show_options *show = &o->run.show;
	long n;

	if (show->brief)
		fputs("time p   s spi      ltime   src -> dst\n", show->out);
	for (;;) {
		n = o->policies ? show_policies(h, show) :
		    show_sas(h, IPSEC_PROTO_ANY, show);
		if (n < 0)
			return kernel_failed(h, (int)n);
		if (n == 0)
			fputs(o->policies ? "No SPD entries.\n" :
			    "No SAD entries.\n", show->out);
		if (!show->brief)
			return true;
		if (fflush(show->out) != 0)
			return false;
		sleep(1);
	}
}

/* -D --wireshark: nobody should find the keys on a screen by accident. */
static bool
may_show_keys(const struct options *o)
{
	if (!o->wireshark || o->mode != MODE_DUMP || o->force ||
	    !isatty(fileno(o->run.show.out)))
		return true;
	fputs("setkey: these are keys: write them to a file, or add --force "
	    "to see them here\n", stderr);
	return false;
}

static bool
dump_wireshark(struct ipsec *h, const struct options *o)
{
	int err = wireshark_dump(h, o->run.show.out);

	return err == 0 || kernel_failed(h, err);
}

static bool
flush(struct ipsec *h, const struct options *o)
{
	int err = ipsec_flush(h, o->policies ? IPSEC_FLUSH_POLICY :
	    IPSEC_FLUSH_SA, IPSEC_PROTO_ANY);

	return err == 0 || kernel_failed(h, err);
}

/*
 * -n: the difference is for those who may see the kernel's policies; to check
 * a file takes no privilege.
 */
static bool
check_file(const struct script *s, const struct run_options *opt)
{
	struct ipsec *h = NULL;
	bool ok = run_check(s, opt) == 0;
	int err;

	if (ok && ipsec_open(&h, NULL) == 0 && probe_kernel(h) == 0 &&
	    (err = run_difference(h, s, opt)) != 0)
		ok = kernel_failed(h, err);
	ipsec_close(h);
	return ok;
}

/* ipsec_policy_fn: there is one. */
static int
see_policy(void *ctx, const struct ipsec_policy *p)
{
	(void)ctx;
	(void)p;
	return 1;
}

/*
 * Are the policies of the file those of the kernel?  A first look that takes
 * no memory; whatever is in its way is for the second one to tell.
 */
static bool
already_there(struct options *o)
{
	struct ipsec_filter all = { .stream = 1 };
	struct ipsec *h = NULL;
	bool there = false, tell = o->trace.verbose || o->trace.hex;
	off_t begin = ftello(o->in);
	struct digest d;
	int err;

	if (o->dry || tell || begin < 0 ||
	    fseeko(o->in, begin, SEEK_SET) != 0 || ipsec_open(&h, NULL) != 0)
		return false;
	err = ipsec_policy_dump(h, &all, see_policy, NULL);
	o->run.differs = err == 0;	/* there are none */
	if (err == 1 && digest_init(&d, o->run.fwd) == 0) {
		if (source_digest(o->in, &d)) {
			there = digest_compare(&d, h) == 1;
			o->run.differs = !there;
		}
		digest_fini(&d);
	}
	ipsec_close(h);
	(void)fseeko(o->in, begin, SEEK_SET);
	return there;
}

/* Parses everything before the kernel is changed. */
static int
run_file(struct options *o)
{
	struct parse_env env = { &resolve_system, report_diag,
	    o->run.report };
	int status = EXIT_FAILURE, err;
	struct ipsec *h = NULL;
	struct script s;
	bool good;

	if (already_there(o))
		return EXIT_SUCCESS;
	script_init(&s);
	if ((err = source_parse(o->in, &s, &env, &good)) != 0) {
		fprintf(stderr, "setkey: Can't read `%s': %s\n", o->file,
		    strerror(-err));
		status = STATUS_READ;
	} else if (good && (s.first == NULL || (o->dry ?
	    check_file(&s, &o->run) :
	    open_kernel(&h, o) && run_script(h, &s, &o->run) == 0))) {
		status = EXIT_SUCCESS;
	}
	ipsec_close(h);
	script_fini(&s);
	return status;
}

/* Too short a file is no message, and always had this error. */
static bool
replay_file(const char *name, const struct options *o)
{
	FILE *f = fopen(name, "re");
	int err = f == NULL ? -errno : 0;
	struct buf b;
	bool ok;

	buf_init(&b, REPLAY_FILE_MAX);
	if (err == 0)
		err = source_read(f, &b);
	if (err == 0 && b.n < REPLAY_SHORTEST)
		err = -EINVAL;
	ok = err == 0 && replay(buf_view(&b), o->trace.verbose, &o->run.show);
	if (err != 0)
		fprintf(stderr, "setkey: %s: %s\n", name, strerror(-err));
	else if (!ok)
		fprintf(stderr, "setkey: %s: not (only) PF_KEY messages\n",
		    name);
	if (f != NULL)
		(void)fclose(f);
	buf_fini(&b);
	return ok;
}

static bool
monitor(struct ipsec *h, const struct options *o)
{
	struct monitor m = { .out = o->run.show.out, .epoch = o->epoch,
	    .hex = o->trace.hex };

	return kernel_failed(h, monitor_run(h, &m));
}

static bool
replay_all(const struct options *o)
{
	bool ok = true;

	for (char **name = o->names; *name != NULL; name++)
		ok = replay_file(*name, o) && ok;
	return ok;
}

static int
run_mode(struct options *o)
{
	struct ipsec *h = NULL;
	bool ok = true;

	if (o->mode == MODE_FILE)
		return run_file(o);
	if (o->mode == MODE_REPLAY)
		return replay_all(o) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (o->dry && o->mode != MODE_SESSION)
		return EXIT_SUCCESS;
	if (!may_show_keys(o) || (!o->dry && !open_kernel(&h, o)))
		return EXIT_FAILURE;
	if (o->mode == MODE_DUMP)
		ok = o->wireshark ? dump_wireshark(h, o) : dump(h, o);
	else if (o->mode == MODE_FLUSH)
		ok = flush(h, o);
	else if (o->mode == MODE_MONITOR)
		ok = monitor(h, o);
	else
		ok = session_run(h, stdin, &o->run);
	ipsec_close(h);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct report report = { .out = stderr };
	struct options o = { .trace.out = stdout, .run = { .report = &report,
	    .fwd = true, .show.out = stdout } };
	int status = EXIT_FAILURE;

	if (read_options(argc, argv, &o)) {
		report.file = o.mode == MODE_FILE ? o.file : NULL;
		if (o.mode == MODE_SESSION)
			report.out = stdout;
		/* -l is about lists of associations. */
		o.run.show.brief = o.run.show.brief &&
		    (o.mode == MODE_DUMP || o.mode == MODE_REPLAY);
		status = run_mode(&o);
	}
	if (o.in != NULL && o.in != stdin)
		(void)fclose(o.in);
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fprintf(stderr, "setkey: standard output: %s\n",
		    errno != 0 ? strerror(errno) : "write error");
		status = EXIT_FAILURE;
	}
	return status;
}
