/* SPDX-License-Identifier: ISC */
/* racoonctl(8): asks a running racoon, and shows what it says. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libipsec/pfkey_print.h"
#include "racoonctl/request.h"
#include "racoonctl/show.h"
#include "wire/admin.h"

struct options {
	const char	*path;
	unsigned int	 verbose;
	bool		 debug;
};

struct command {
	const char	*word, *alias;	/* NULL: none */
	enum admin_command number;
	words_fn	*words;
	show_fn		*show;
};

static const struct command commands[] = {
	{ "reload-config", "rc", ADMIN_RELOAD, words_none, show_nothing },
	{ "show-sa", "ss", ADMIN_SHOW_SA, words_proto, show_ipsec },
	{ "flush-sa", "fs", ADMIN_FLUSH_SA, words_proto, show_nothing },
	{ "delete-sa", "ds", ADMIN_DELETE_SA, words_saopts, show_nothing },
	{ "metrics", NULL, ADMIN_METRICS, words_none, show_bytes },
	{ "log", NULL, ADMIN_LOG, words_level, show_nothing },
};

static int
usage(void)
{
	puts("Usage:\n"
	    "  racoonctl [opts] reload-config\n"
	    "  racoonctl [opts] show-sa <protocol>\n"
	    "  racoonctl [opts] flush-sa <protocol>\n"
	    "  racoonctl [opts] delete-sa <saopts>\n"
	    "  racoonctl [opts] metrics\n"
	    "  racoonctl [opts] log <level>\n"
	    "\n"
	    "General options:\n"
	    "  -d\t\tDebug: hexdump admin messages before sending\n"
	    "  -l\t\tIncrease output verbosity (mainly for show-sa)\n"
	    "  -s <socket>\tSpecify adminport socket to use "
	    "(default: " ADMIN_PATH ")\n"
	    "\n"
	    "Parameter specifications:\n"
	    "    <protocol>: \"isakmp\", \"esp\" or \"ah\".\n"
	    "        In the case of \"show-sa\" or \"flush-sa\", you can use "
	    "\"ipsec\".\n"
	    "\n"
	    "    <saopts>: \"isakmp\" <family> <src> <dst>\n"
	    "            : {\"esp\",\"ah\"} <family> <src/prefixlen[port]> "
	    "<dst/prefixlen[port]>\n"
	    "                              <ul_proto>\n"
	    "    <family>: \"inet\" or \"inet6\"\n"
	    "    <ul_proto>: \"icmp\", \"tcp\", \"udp\", \"gre\" or \"any\"\n"
	    "    <level>: \"error\", \"warning\", \"notify\", \"info\", "
	    "\"debug\" or \"debug2\"\n");
	return EXIT_SUCCESS;
}

static int __attribute__((format(printf, 1, 2)))
fail(const char *fmt, ...)
{
	va_list ap;

	(void)fflush(stdout);
	(void)fputs("racoonctl: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	return EXIT_FAILURE;
}

/* ---- the socket ---- */

static int
dial(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool
send_all(int fd, struct view v)
{
	ssize_t n;

	while (v.n > 0) {
		n = send(fd, v.p, v.n, MSG_NOSIGNAL);
		if (n > 0)
			(void)view_take(&v, (size_t)n);
		else if (errno != EINTR)
			return false;
	}
	return true;
}

static bool
receive_all(int fd, struct buf *out)
{
	uint8_t part[16384];
	ssize_t n;

	while ((n = recv(fd, part, sizeof(part), 0)) != 0) {
		if (n > 0)
			buf_put(out, part, (size_t)n);
		else if (errno != EINTR)
			return false;
	}
	explicit_bzero(part, sizeof(part));
	return buf_ok(out);
}

/* ---- a command ---- */

static const struct command *
find(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, word) == 0 ||
		    (commands[i].alias != NULL &&
		    strcmp(commands[i].alias, word) == 0))
			return &commands[i];
	return NULL;
}

/* What racoon's number says is shown by the exit status alone, as ever. */
static int
show_reply(const struct command *c, const struct options *o, uint16_t proto,
    struct view bytes)
{
	struct show s = { .out = stdout, .verbose = o->verbose,
	    .now = time(NULL) };
	struct admin_reply r;

	if (bytes.n == 0)
		return fail("racoon closed the admin connection before "
		    "sending a reply header (EOF)");
	if (admin_reply_get(bytes, &r) != ADMIN_GOOD)
		return fail("racoon's reply is cut short or broken");
	if (r.err != 0)
		return r.err == EEXIST ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!(c->show == show_ipsec && proto == ADMIN_ISAKMP ? show_isakmp :
	    c->show)(&s, r.body))
		return fail("racoon's reply is broken");
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail("cannot write: %s", strerror(errno));
	return EXIT_SUCCESS;
}

static int
converse(const struct command *c, const struct options *o, uint16_t proto,
    struct view request)
{
	struct buf reply;
	int fd, status;

	fd = dial(o->path);
	if (fd == -1)
		return fail("cannot connect to racoon admin socket %s: %s "
		    "(is racoon running?)", o->path, strerror(errno));
	buf_init(&reply, ADMIN_REPLY_MAX);
	if (!send_all(fd, request) || !receive_all(fd, &reply))
		status = fail("cannot talk to racoon at %s: %s", o->path,
		    strerror(errno));
	else
		status = show_reply(c, o, proto, buf_view(&reply));
	buf_fini(&reply);
	(void)close(fd);
	return status;
}

static int
run(const struct options *o, int n, char **word)
{
	const struct command *c = find(word[0]);
	struct words w = { .n = n - 1, .word = word + 1 };
	struct buf request;
	int status;

	if (c == NULL) {
		printf("Invalid command [%s]\n", word[0]);
		return fail("kmpstat: %s", strerror(EINVAL));
	}
	buf_init(&w.body, ADMIN_REQUEST_MAX);
	buf_init(&request, ADMIN_REQUEST_MAX);
	if (c->words(&w)) {
		admin_request_put(&request, c->number, w.proto,
		    buf_view(&w.body));
		if (o->debug) {
			pfkey_print_hex(stdout, buf_view(&request));
			putchar('\n');
		}
		status = converse(c, o, w.proto, buf_view(&request));
	} else
		status = fail("%s", w.why);
	buf_fini(&w.body);
	buf_fini(&request);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = { .path = ADMIN_PATH };
	int c;

	while ((c = getopt(argc, argv, "+lds:")) != -1)
		switch (c) {
		case 'l':
			o.verbose++;
			break;
		case 'd':
			o.debug = true;
			break;
		case 's':
			o.path = optarg;
			break;
		default:
			return usage();
		}
	if (optind == argc)
		return usage();
	return run(&o, argc - optind, argv + optind);
}
