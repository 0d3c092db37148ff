/* SPDX-License-Identifier: ISC */
/* Where it lies between two racoons: a file, or a service manager's store. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor/handover.h"
#include "daemon_tools.h"
#include "suite.h"

#define SECRET	"keys and such"

/* A directory of our own. */
struct place {
	char		 dir[40], path[80], other[80];
	struct lines	 lines;
};

static void
place_init(struct place *p)
{
	memset(p, 0, sizeof(*p));
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/check_handover.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	(void)snprintf(p->path, sizeof(p->path), "%s/file", p->dir);
	(void)snprintf(p->other, sizeof(p->other), "%s/other", p->dir);
	log_to(catch_line, &p->lines);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("FDSTORE");
	(void)unsetenv("LISTEN_FDS");
}

static void
place_fini(struct place *p)
{
	(void)unlink(p->path);
	(void)unlink(p->other);
	ck_assert_int_eq(rmdir(p->dir), 0);
	log_to(NULL, NULL);
}

/* Is it to be had, and the right thing? */
static bool
taken(struct place *p)
{
	struct buf state;
	bool there;

	buf_init(&state, HANDOVER_MAX);
	there = handover_take(p->path, &state);
	ck_assert(there == view_equal(buf_view(&state), view_text(SECRET)));
	ck_assert(there || state.n == 0);
	buf_fini(&state);
	return there;
}

START_TEST(file_once)
{
	struct place p;
	struct stat st;

	place_init(&p);
	ck_assert(!taken(&p));
	ck_assert_uint_eq(p.lines.n, 0);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	ck_assert_int_eq(stat(p.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert(taken(&p));
	ck_assert_int_eq(access(p.path, F_OK), -1);
	ck_assert(!taken(&p));
	ck_assert_uint_eq(p.lines.n, 0);
	place_fini(&p);
}
END_TEST

/* What was in it is not on the disk any more, whoever has it open. */
START_TEST(file_is_wiped)
{
	char text[400];
	struct place p;
	ssize_t n;
	int fd;

	place_init(&p);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	fd = open(p.path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert(taken(&p));
	n = pread(fd, text, sizeof(text), 0);
	ck_assert_int_gt(n, (ssize_t)strlen(SECRET));
	ck_assert_ptr_null(memmem(text, (size_t)n, SECRET, strlen(SECRET)));
	(void)close(fd);
	place_fini(&p);
}
END_TEST

/* Somebody else's file is replaced, not written into. */
START_TEST(file_is_new)
{
	struct place p;
	struct stat st;
	int fd;

	place_init(&p);
	fd = open(p.other, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	ck_assert_int_eq(symlink(p.other, p.path), 0);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	ck_assert_int_eq(stat(p.other, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert(taken(&p));
	place_fini(&p);
}
END_TEST

/* How a file can be unfit; the last one is fit. */
static void
spoil(struct place *p, int how)
{
	char byte;
	int fd;

	switch (how) {
	case 0:
		ck_assert_int_eq(chmod(p->path, 0640), 0);
		break;
	case 1:
		ck_assert_int_eq(link(p->path, p->other), 0);
		break;
	case 2:
		ck_assert_int_eq(rename(p->path, p->other), 0);
		ck_assert_int_eq(symlink(p->other, p->path), 0);
		break;
	case 3:			/* the boot's number */
		fd = open(p->path, O_RDWR | O_CLOEXEC);
		ck_assert_int_eq(pread(fd, &byte, 1, 10), 1);
		byte = byte == 'a' ? 'b' : 'a';
		ck_assert_int_eq(pwrite(fd, &byte, 1, 10), 1);
		(void)close(fd);
		break;
	case 4:
		ck_assert_int_eq(truncate(p->path, 5), 0);
		break;
	case 5:
		ck_assert_int_eq(unlink(p->path), 0);
		ck_assert_int_eq(mkfifo(p->path, 0600), 0);
		break;
	}
}

START_TEST(file_unfit)
{
	struct place p;

	for (int how = 0; how <= 6; how++) {
		place_init(&p);
		ck_assert(handover_give(p.path, view_text(SECRET)));
		spoil(&p, how);
		ck_assert_msg(taken(&p) == (how == 6), "way %d", how);
		ck_assert_uint_eq(p.lines.n, how < 6);
		place_fini(&p);
	}
}
END_TEST

START_TEST(nowhere)
{
	struct place p;

	place_init(&p);
	(void)snprintf(p.path, sizeof(p.path), "%s/no/file", p.dir);
	ck_assert(!handover_give(p.path, view_text(SECRET)));
	ck_assert_uint_eq(p.lines.n, 1);
	place_fini(&p);
}
END_TEST

/* A service manager: its socket. */
static int
manager(struct place *p)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", p->other);
	ck_assert_int_eq(bind(s, (const struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", p->other, 1), 0);
	ck_assert_int_eq(setenv("FDSTORE", "4", 1), 0);
	return s;
}

/* The next message, TEXT, and the descriptor that comes with it or -1. */
static int
told(int s, const char *text)
{
	char got[200] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { .iov_base = got, .iov_len = sizeof(got) - 1 };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1,
	    .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int fd = -1;

	ck_assert_int_gt(recvmsg(s, &m, MSG_DONTWAIT), 0);
	ck_assert_str_eq(got, text);
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* Started with FD, as the one with our name behind some others. */
static void
start_with(int fd)
{
	char names[400] = "", n[24];

	for (int i = 3; i < fd; i++)
		strcat(names, "x:");
	strcat(names, "racoon-ike");
	(void)snprintf(n, sizeof(n), "%d", fd - 2);
	ck_assert_int_eq(setenv("LISTEN_FDNAMES", names, 1), 0);
	ck_assert_int_eq(setenv("LISTEN_FDS", n, 1), 0);
	(void)snprintf(n, sizeof(n), "%ld", (long)getpid());
	ck_assert_int_eq(setenv("LISTEN_PID", n, 1), 0);
}

static ssize_t
sendfile_all(int to, int from)
{
	char bytes[1000];
	ssize_t n = pread(from, bytes, sizeof(bytes), 0);

	return n > 0 ? write(to, bytes, (size_t)n) : -1;
}

START_TEST(store)
{
	struct place p;
	int s, fd;

	place_init(&p);
	s = manager(&p);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	ck_assert_int_eq(access(p.path, F_OK), -1);
	fd = told(s, "FDSTORE=1\nFDNAME=racoon-ike\n");
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(write(fd, "x", 1), -1);	/* it is sealed */
	start_with(fd);
	ck_assert_int_eq(setenv("LISTEN_PID", "1", 1), 0);
	ck_assert(!taken(&p));		/* meant for somebody else */
	start_with(fd);
	ck_assert(taken(&p));
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_eq(told(s, "FDSTOREREMOVE=1\nFDNAME=racoon-ike\n"), -1);
	ck_assert_uint_eq(p.lines.n, 0);
	(void)close(s);
	place_fini(&p);
}
END_TEST

/* Memory that somebody could have changed meanwhile. */
START_TEST(store_unsealed)
{
	struct place p;
	int s, fd, other;

	place_init(&p);
	s = manager(&p);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	other = told(s, "FDSTORE=1\nFDNAME=racoon-ike\n");
	fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ck_assert_int_gt(sendfile_all(fd, other), 0);
	start_with(fd);
	ck_assert(!taken(&p));
	ck_assert_uint_eq(p.lines.n, 1);
	(void)close(other);
	(void)close(s);
	place_fini(&p);
}
END_TEST

/* A manager without a store, as of old: the file. */
START_TEST(no_store)
{
	struct place p;
	int s;

	place_init(&p);
	s = manager(&p);
	ck_assert_int_eq(unsetenv("FDSTORE"), 0);
	ck_assert(handover_give(p.path, view_text(SECRET)));
	ck_assert(taken(&p));
	(void)close(s);
	place_fini(&p);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { file_once, file_is_wiped, file_is_new,
	    file_unfit, nowhere, store, store_unsealed, no_store };

	return suite_main("handover", tests, sizeof(tests) / sizeof(tests[0]));
}
