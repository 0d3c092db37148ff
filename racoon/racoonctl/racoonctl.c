/* SPDX-License-Identifier: ISC */
/* racoonctl(8): asks a running racoon, and shows what it says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libipsec/pfkey_print.h"
#include "racoonctl/request.h"
#include "racoonctl/show.h"
#include "racoonctl/talk.h"
#include "racoonctl/top.h"
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
	{ "show-schedule", "sc", ADMIN_SHOW_SCHEDULE, words_none,
	    show_schedule },
	{ "show-event", "se", ADMIN_SHOW_EVENT, words_none, show_event },
	{ "show-sa", "ss", ADMIN_SHOW_SA, words_show_sa, show_ipsec },
	{ "flush-sa", "fs", ADMIN_FLUSH_SA, words_proto, show_nothing },
	{ "delete-sa", "ds", ADMIN_DELETE_SA, words_saopts, show_nothing },
	{ "delete-all-sa-dst", NULL, ADMIN_DELETE_ALL, words_delete_all,
	    show_nothing },
	{ "establish-sa", "es", ADMIN_ESTABLISH_SA, words_establish,
	    show_nothing },
	{ "vpn-connect", "vc", ADMIN_ESTABLISH_SA, words_connect,
	    show_nothing },
	{ "vpn-disconnect", "vd", ADMIN_DELETE_ALL, words_disconnect,
	    show_nothing },
	{ "get-cert", "gc", ADMIN_GET_CERT, words_cert, show_bytes },
	{ "logout-user", "lu", ADMIN_LOGOUT, words_login, show_nothing },
	{ "status", "st", ADMIN_STATUS, words_status, show_line },
	{ "top", NULL, ADMIN_PEERS, words_top, NULL },
	{ "why", NULL, ADMIN_WHY, words_why, show_bytes },
	{ "metrics", NULL, ADMIN_METRICS, words_none, show_bytes },
	{ "log", NULL, ADMIN_LOG, words_level, show_nothing },
};

static int
usage(void)
{
	puts("Usage:\n"
	    "  racoonctl [opts] reload-config\n"
	    "  racoonctl [opts] show-schedule\n"
	    "  racoonctl [opts] show-sa <protocol>\n"
	    "  racoonctl [opts] show-sa --wireshark [--force] isakmp|esp\n"
	    "  racoonctl [opts] flush-sa <protocol>\n"
	    "  racoonctl [opts] delete-sa <saopts>\n"
	    "  racoonctl [opts] delete-all-sa-dst <dst>\n"
	    "  racoonctl [opts] establish-sa [-u identity] [-n remoteconf] "
	    "[-w] <saopts>\n"
	    "  racoonctl [opts] vpn-connect [-u identity] vpn_gateway\n"
	    "  racoonctl [opts] vpn-disconnect vpn_gateway\n"
	    "  racoonctl [opts] show-event\n"
	    "  racoonctl [opts] get-cert <family> <src> <dst>\n"
	    "  racoonctl [opts] logout-user login\n"
	    "  racoonctl [opts] status [-v] [-f text|json] "
	    "[--format=text|json]\n"
	    "  racoonctl [opts] status -f table\n"
	    "  racoonctl [opts] top [-n frames] [-d seconds]\n"
	    "  racoonctl [opts] why <dst> [src]\n"
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

/* What is under way. */
struct talking {
	const struct command *c;
	const struct options *o;
	const struct words *w;
	struct show	 show;
	int		 fd;
};

static int
closed(void)
{
	return fail("racoon closed the admin connection before sending a "
	    "reply header (EOF)");
}

static int
cut(const struct talking *t)
{
	return errno == EPROTO ? fail("racoon's reply is cut short or "
	    "broken") : fail("cannot talk to racoon at %s: %s", t->o->path,
	    strerror(errno));
}

/* What is there already is what was asked for. */
static int
refused(const struct admin_reply *r)
{
	if (r->err == EEXIST)
		return EXIT_SUCCESS;
	if (r->body.n > 0)
		return fail("racoon refuses: %.*s", (int)r->body.n,
		    (const char *)r->body.p);
	return fail("racoon refuses: %s", r->err > 0 ? strerror(r->err) :
	    "see its log");
}

static show_fn *
show_of(const struct talking *t)
{
	if (t->w->command == ADMIN_SHOW_SA && t->w->proto == ADMIN_ISAKMP)
		return show_isakmp;
	if (t->w->command == ADMIN_WIRESHARK)
		return show_bytes;
	if (t->w->command == ADMIN_PEERS)
		return show_peers;
	return t->c->show;
}

static int
written(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	return fail("cannot write: %s", strerror(errno));
}

/* Events as they come, for ever. */
static int
follow(struct talking *t, struct buf *bytes)
{
	struct admin_reply r;
	enum talk what;

	while ((what = talk_next(t->fd, bytes, &r)) == TALK_GOOD) {
		if (!show_event(&t->show, r.body))
			return fail("racoon's reply is broken");
		if (written() != EXIT_SUCCESS)
			return EXIT_FAILURE;
	}
	return what == TALK_END ? closed() : cut(t);
}

/* Those before the one that is waited for say why it may not come. */
static int
await(struct talking *t, struct buf *bytes)
{
	struct show aside = t->show;
	struct admin_event ev;
	struct admin_reply r;
	enum talk what;

	aside.out = stderr;
	while ((what = talk_next(t->fd, bytes, &r)) == TALK_GOOD) {
		struct view body = r.body;

		if (!admin_event_get(&body, &ev))
			return fail("racoon's reply is broken");
		if (ev.type == t->w->await) {
			(void)show_awaited(&t->show, r.body);
			return written();
		}
		if (admin_event_is_error(ev.type))
			(void)show_event(&aside, r.body);
	}
	return what == TALK_END ? closed() : cut(t);
}

static int
show_reply(struct talking *t, struct buf *bytes)
{
	struct admin_reply r;

	switch (talk_next(t->fd, bytes, &r)) {
	case TALK_END:
		return closed();
	case TALK_FAILED:
		return cut(t);
	case TALK_GOOD:
		break;
	}
	if (r.err != 0)
		return refused(&r);
	if (!show_of(t)(&t->show, r.body))
		return fail("racoon's reply is broken");
	if (written() != EXIT_SUCCESS)
		return EXIT_FAILURE;
	if (t->w->command == ADMIN_SHOW_EVENT)
		return follow(t, bytes);
	return t->w->await != 0 ? await(t, bytes) : EXIT_SUCCESS;
}

static int
terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0 ? size.ws_col : 80;
}

static int
converse(struct talking *t, struct view request)
{
	struct buf reply;
	int status;

	t->fd = talk_dial(t->o->path);
	if (t->fd == -1)
		return fail("cannot connect to racoon admin socket %s: %s "
		    "(is racoon running?)", t->o->path, strerror(errno));
	buf_init(&reply, ADMIN_REPLY_MAX);
	if (talk_send(t->fd, request))
		status = show_reply(t, &reply);
	else
		status = cut(t);
	buf_fini(&reply);
	(void)close(t->fd);
	return status;
}

static int
ask(struct talking *t)
{
	struct buf request;
	int status;

	buf_init(&request, ADMIN_REQUEST_MAX);
	admin_request_put(&request, t->w->command, t->w->proto,
	    buf_view(&t->w->body));
	if (t->o->debug) {
		pfkey_print_hex(stdout, buf_view(&request));
		putchar('\n');
	}
	if (buf_ok(&request))
		status = converse(t, buf_view(&request));
	else
		status = fail("the request is too long");
	buf_fini(&request);
	return status;
}

static int
run(const struct options *o, int n, char **word)
{
	const struct command *c = find(word[0]);
	struct words w = { .n = n - 1, .word = word + 1 };
	struct talking t = { .c = c, .o = o, .w = &w, .show = {
	    .out = stdout, .verbose = o->verbose, .now = time(NULL),
	    .width = terminal_width() } };
	int status;

	if (c == NULL) {
		printf("Invalid command [%s]\n", word[0]);
		return fail("kmpstat: %s", strerror(EINVAL));
	}
	w.command = (uint16_t)c->number;
	buf_init(&w.body, ADMIN_REQUEST_MAX);
	if (!c->words(&w))
		status = fail("%s", w.why);
	else if (c->words == words_top)
		status = top_run(o->path, &t.show, w.frames, w.seconds);
	else
		status = ask(&t);
	buf_fini(&w.body);
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
