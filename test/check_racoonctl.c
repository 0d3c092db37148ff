/* SPDX-License-Identifier: ISC */
/*
 * racoonctl in front of a socket that says what the historical racoon said, or
 * what no racoon should: what it shows is what the historical racoonctl showed.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libipsec/addr.h"
#include "suite.h"
#include "wire/admin.h"

#define OUT	20000

struct said {
	char	text[OUT];		/* with what went to standard error */
	int	status;
};

static FILE *
golden_file(const char *name)
{
	const char *dir = getenv("srcdir");
	char path[500];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/test/golden/racoonctl/%s.txt",
	    dir == NULL ? "." : dir, name);
	f = fopen(path, "re");
	ck_assert_msg(f != NULL, "%s", path);
	return f;
}

/* The bytes of a hex dump. */
static void
golden(const char *name, struct buf *out)
{
	FILE *f = golden_file(name);
	unsigned int byte;
	char line[200];
	int n;

	buf_init(out, 10000);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strlen(line) > 10 && line[8] == ':')
			for (char *p = line + 9; sscanf(p, "%x%n", &byte,
			    &n) == 1; p += n)
				buf_u8(out, (uint8_t)byte);
	(void)fclose(f);
}

/* What was shown for a command line, without its status. */
static void
golden_text(const char *name, const char *command, char out[OUT])
{
	FILE *f = golden_file(name);
	char line[1000], start[200];
	bool on = false;
	size_t n = 0;

	(void)snprintf(start, sizeof(start), "$ racoonctl -s "
	    "/run/a/racoon.sock %s\n", command);
	out[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		if (on && strncmp(line, "[rc=", 4) == 0)
			break;
		if (on)
			n += (size_t)snprintf(out + n, OUT - n, "%s", line);
		on = on || strcmp(line, start) == 0;
	}
	(void)fclose(f);
	ck_assert(on);
}

/* One client gets these bytes, and the end. */
static pid_t
serve(const char *path, const struct buf *bytes)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	uint8_t request[ADMIN_REQUEST_MAX];
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;
	int client;

	(void)strcpy(un.sun_path, path);
	(void)unlink(path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	pid = fork();
	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	client = accept(fd, NULL, NULL);
	(void)recv(client, request, sizeof(request), 0);
	(void)send(client, bytes->p, bytes->n, MSG_NOSIGNAL);
	(void)shutdown(client, SHUT_WR);
	(void)recv(client, request, sizeof(request), 0);
	_exit(0);
}

static void
run(const struct buf *bytes, const char *words, struct said *out)
{
	char dir[] = "/tmp/check_racoonctl.XXXXXX", path[60], command[300];
	pid_t pid;
	FILE *f;
	size_t n;
	int end;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	pid = serve(path, bytes);
	(void)snprintf(command, sizeof(command), "TZ=UTC "
	    "racoon/racoonctl/racoonctl -s %s %s 2>&1", path, words);
	f = popen(command, "re");
	ck_assert_ptr_nonnull(f);
	n = fread(out->text, 1, OUT - 1, f);
	out->text[n] = '\0';
	end = pclose(f);
	out->status = WIFEXITED(end) ? WEXITSTATUS(end) : -1;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)unlink(path);
	(void)rmdir(dir);
}

START_TEST(show_sa)
{
	static const char *const level[] = { "", "-l ", "-ll ", "-lll " };
	char words[80], want[OUT];
	struct said said;
	struct buf b;

	golden("psk-wire-showsa-isakmp-up", &b);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(words, sizeof(words), "%sshow-sa isakmp",
		    level[i]);
		golden_text("psk-02-up-a", words, want);
		run(&b, words, &said);
		ck_assert_str_eq(said.text, want);
		ck_assert_int_eq(said.status, 0);
	}
	buf_fini(&b);
}
END_TEST

/* Every mode has its letter, and what is none has no column. */
START_TEST(show_sa_modes)
{
	static const char *const want[] = { " 10 20", " 10 B 20", " 10 M 20",
		" 10 U 20", " 10 A 20", " 10 I 20", " 10 20" };
	struct said said;
	struct buf b;

	golden("psk-wire-showsa-isakmp-up", &b);
	for (uint8_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		buf_patch8(&b, ADMIN_HEADER + 281, i);
		run(&b, "-l show-sa isakmp", &said);
		ck_assert_msg(strstr(said.text, want[i]) != NULL, "%s",
		    said.text);
	}
	buf_fini(&b);
}
END_TEST

/* The golden reply, and all it says but for `created', which was wrong. */
START_TEST(show_schedule)
{
	struct said said;
	struct buf b;

	golden("psk-wire-schedule", &b);
	run(&b, "show-schedule", &said);
	ck_assert_str_eq(said.text,
	    "index    tick     xtime    created\n"
	    "2        20       45       2026-11-23 09:13:51\n"
	    "8        20       51       2026-11-23 09:13:44\n"
	    "1        50       75       2026-11-23 09:13:51\n"
	    "11       1800     1834     2026-11-23 09:13:41\n"
	    "7        2880     2911     2026-11-23 09:13:44\n");
	ck_assert_int_eq(said.status, 0);
	buf_fini(&b);
}
END_TEST

START_TEST(status)
{
	char want[OUT];
	struct said said;
	struct buf b;

	golden("psk-wire-status-text", &b);
	golden_text("psk-02-up-a", "status", want);
	run(&b, "status", &said);
	/* both but the second in which they were made */
	ck_assert_str_eq(strchr(said.text, '\n'), strchr(want, '\n'));
	ck_assert_int_eq(said.status, 0);
	buf_fini(&b);
}
END_TEST

static void
put_event(struct buf *b, uint32_t type, uint16_t port)
{
	struct admin_event ev = { .type = type };
	struct buf body;

	if (port != 0) {
		(void)addr_parse(&ev.src, "192.0.2.1");
		(void)addr_parse(&ev.dst, "192.0.2.2");
		ev.src.port = ev.dst.port = port;
	}
	buf_init(&body, 1000);
	admin_event_put(&body, &ev);
	admin_reply_put(b, ADMIN_SHOW_EVENT, 0, 0, buf_view(&body));
	buf_fini(&body);
}

/* As far as the words are the same: see COMPATIBILITY.md. */
START_TEST(show_event)
{
	static const uint32_t types[] = { 0x100, 0x107, 0x201, 0x201, 0x101,
		0x100, 0x107, 0x201, 0x101, 0x100, 0x107, 0x102 };
	char want[OUT], line[300];
	struct said said;
	struct buf b;
	size_t n = 0;
	FILE *f = golden_file("psk-20-show-event-a");

	/* there the complaint of the end is the first line */
	(void)fgets(line, sizeof(line), f);
	while (fgets(want + n, (int)(OUT - n), f) != NULL)
		if (strncmp(want + n, "[rc=", 4) != 0)
			n += strlen(want + n);
	(void)fclose(f);
	(void)snprintf(want + n, OUT - n, "%s", line);
	buf_init(&b, 10000);
	admin_reply_put(&b, ADMIN_SHOW_EVENT, 0, 0, view_of(NULL, 0));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		put_event(&b, types[i], 500);
	put_event(&b, ADMIN_EVENT_QUIT, 0);
	run(&b, "show-event", &said);
	ck_assert_str_eq(said.text, want);
	ck_assert_int_eq(said.status, 1);
	buf_fini(&b);
}
END_TEST

START_TEST(waits)
{
	static const char banner[] = "\x70\x00\x00\x05Hi\x1bMe";
	struct admin_event ev = { .type = ADMIN_EVENT_PHASE1_MODE_CFG };
	struct said said;
	struct buf b, body;

	buf_init(&b, 10000);
	buf_init(&body, 1000);
	admin_reply_put(&b, ADMIN_ESTABLISH_SA, 0, ADMIN_ISAKMP,
	    view_of(NULL, 0));
	put_event(&b, ADMIN_EVENT_PHASE1_AUTH_FAILED, 500);
	run(&b, "es -w isakmp inet 192.0.2.1 192.0.2.2", &said);
	ck_assert_str_eq(said.text, "Phase 1 error: authentication failed "
	    "(bad certificate?) : 192.0.2.1[500] -> 192.0.2.2[500]\n"
	    "racoonctl: racoon closed the admin connection before sending a "
	    "reply header (EOF)\n");
	ck_assert_int_eq(said.status, 1);
	/* a banner, whose control characters stay away from the terminal */
	put_event(&b, ADMIN_EVENT_PHASE1_UP, 500);
	admin_event_put(&body, &ev);
	buf_put(&body, banner, sizeof(banner) - 1);
	admin_reply_put(&b, ADMIN_SHOW_EVENT, 0, 0, buf_view(&body));
	run(&b, "es -w isakmp inet 192.0.2.1 192.0.2.2", &said);
	ck_assert_ptr_nonnull(strstr(said.text,
	    "VPN connexion established\n\nHiMe\n\n"));
	ck_assert_int_eq(said.status, 0);
	/* without -w nothing is waited for */
	run(&b, "es isakmp inet 192.0.2.1 192.0.2.2", &said);
	ck_assert_str_eq(said.text, "");
	ck_assert_int_eq(said.status, 0);
	buf_fini(&body);
	buf_fini(&b);
}
END_TEST

/* What racoon refuses, and what cannot be from one. */
START_TEST(errors)
{
	static const struct {
		int		 err;
		const char	*body, *text;
		int		 status;
	} rows[] = {
		{ EEXIST, "", "", 0 },
		{ ENOENT, "", "racoonctl: racoon refuses: No such file or "
		    "directory\n", 1 },
		{ -1, "", "racoonctl: racoon refuses: see its log\n", 1 },
		{ -1, "why not", "racoonctl: racoon refuses: why not\n", 1 },
	};
	struct said said;
	struct buf b;

	buf_init(&b, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		admin_reply_put(&b, ADMIN_GET_CERT, rows[i].err, 0,
		    view_text(rows[i].body));
		run(&b, "gc inet 192.0.2.1 192.0.2.2", &said);
		ck_assert_str_eq(said.text, rows[i].text);
		ck_assert_int_eq(said.status, rows[i].status);
	}
	buf_reset(&b);
	run(&b, "status", &said);
	ck_assert_str_eq(said.text, "racoonctl: racoon closed the admin "
	    "connection before sending a reply header (EOF)\n");
	ck_assert_int_eq(said.status, 1);
	buf_fini(&b);
	golden("psk-wire-showsa-isakmp-up", &b);
	for (size_t n = b.n - 1; n > 0; n -= n > 20 ? 20 : 1) {
		buf_cut(&b, n);
		run(&b, "show-sa isakmp", &said);
		ck_assert_str_eq(said.text, "racoonctl: racoon's reply is "
		    "cut short or broken\n");
		ck_assert_int_eq(said.status, 1);
	}
	buf_fini(&b);
}
END_TEST

START_TEST(table)
{
	static const char id[] = "\"CN=a peer with a name that is long\"",
		problem[] = "no suitable proposal found: the peer offers this "
		"and that, which is more than fits into a line of a terminal";
	struct admin_peer p = { .state = ADMIN_PEER_UP, .pairs = 12,
	    .age = 7300, .bytes_in = 999, .bytes_out = 1234567890,
	    .problem_age = -1, .id = view_text("198.51.100.7") };
	struct said said;
	struct buf b, body;

	buf_init(&b, 10000);
	buf_init(&body, 10000);
	(void)addr_parse(&p.remote, "198.51.100.7");
	admin_peer_put(&body, &p);
	p.state = ADMIN_PEER_SILENT;
	p.age = -1;
	p.id = view_text(id);
	p.problem = view_text(problem);
	p.problem_age = 59;
	admin_peer_put(&body, &p);
	(void)addr_parse(&p.remote,
	    "2001:db8:1111:2222:3333:4444:5555:6666");
	p.problem_age = -1;
	admin_peer_put(&body, &p);
	admin_reply_put(&b, ADMIN_PEERS, 0, 0, buf_view(&body));
	run(&b, "status -f table", &said);
	ck_assert_str_eq(said.text,
"PEER                                    STATE    AGE PAIRS      IN     OUT\n"
"198.51.100.7                            up        2h    12     999    1.2G\n"
"198.51.100.7 \"CN=a peer with a name tha silent     -    12     999    1.2G\n"
"  59s ago: no suitable proposal found: the peer offers this and that, which is m\n"
"2001:db8:1111:2222:3333:4444:5555:6666  silent     -    12     999    1.2G\n");
	run(&b, "top -n 1", &said);
	ck_assert_ptr_nonnull(strstr(said.text, ", peers: 3\n\nPEER "));
	ck_assert_int_eq(said.status, 0);
	buf_fini(&body);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { show_sa, show_sa_modes, show_schedule,
	    status, show_event, waits, errors, table };

	return suite_main("racoonctl", tests,
	    sizeof(tests) / sizeof(tests[0]));
}
