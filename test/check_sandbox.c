/* SPDX-License-Identifier: ISC */
/*
 * What is left to who has entered the sandbox: tried by a child, as root or
 * not at all.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "base/log.h"
#include "daemon/sandbox.h"
#include "test/daemon_tools.h"

#define NOBODY	65534

static void
quiet(void *ctx, enum log_level level, const char *peer, const char *text)
{
	(void)ctx;
	(void)level;
	(void)peer;
	(void)text;
}

static bool
enter(pid_t parent)
{
	static char dir[] = "/tmp/check_sandbox.XXXXXX";
	const struct sandbox s = { .uid = NOBODY, .gid = NOBODY, .root = dir,
	    .parent = parent };

	log_to(quiet, NULL);
	return mkdtemp(dir) != NULL && sandbox_enter(&s);
}

/* The wait status of a child that does FN in there; -1: there is no filter. */
static int
confined(void (*fn)(void))
{
	const pid_t parent = getpid();
	int status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (!enter(parent))
			_exit(99);
		fn();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

#define NEED_ROOT() do {						\
	if (geteuid() != 0)						\
		SKIP("needs root");					\
} while (0)

/* In the child: a step that must be so. */
#define MUST(x) do {							\
	if (!(x))							\
		_exit(__LINE__ % 90 + 1);				\
} while (0)

static void *
no_thread(void *arg)
{
	return arg;
}

static void
what_is_left(void)
{
	pthread_t t;
	int fd;

	MUST(geteuid() == NOBODY && getegid() == NOBODY);
	MUST((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0);
	MUST(close(fd) == 0);
	MUST((fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0 ||
	    errno == EAFNOSUPPORT);
	MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) >= 0);
	MUST(pthread_create(&t, NULL, no_thread, NULL) == 0);
	MUST(pthread_join(t, NULL) == 0);
}

static void
what_is_gone(void)
{
	void *p;

	MUST(open("/etc/passwd", O_RDONLY) == -1);
	MUST(open("/x", O_WRONLY | O_CREAT, 0600) == -1);
	MUST(socket(AF_UNIX, SOCK_STREAM, 0) == -1 && errno == EPERM);
	MUST(socket(AF_PACKET, SOCK_RAW, 0) == -1 && errno == EPERM);
	MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) == -1 &&
	    errno == EPERM);
	MUST(socket(AF_INET, SOCK_RAW, 50) == -1 && errno == EPERM);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(p == MAP_FAILED);
	MUST(unlink("/x") == -1 && errno == EPERM);
}

static void
runs_program(void)
{
	(void)execl("/bin/true", "true", (char *)NULL);
}

static void
forks(void)
{
	(void)syscall(SYS_fork);
}

static void
signals(void)
{
	(void)syscall(SYS_kill, getppid(), 0);
}

static void
becomes_root(void)
{
	(void)syscall(SYS_setresuid, 0, 0, 0);
}

START_TEST(left)
{
	NEED_ROOT();
	ck_assert_int_eq(confined(what_is_left), 0);
}
END_TEST

START_TEST(gone)
{
	NEED_ROOT();
	ck_assert_int_eq(confined(what_is_gone), 0);
}
END_TEST

START_TEST(deadly)
{
	static void (*const fn[])(void) = { runs_program, forks, signals,
		becomes_root };

	NEED_ROOT();
	for (size_t i = 0; i < sizeof(fn) / sizeof(fn[0]); i++) {
		int status = confined(fn[i]);

		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), SIGSYS);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("sandbox");

	tcase_add_test(t, left);
	tcase_add_test(t, gone);
	tcase_add_test(t, deadly);
	return run_case("sandbox", t);
}
