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
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
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

static int raw_fd;

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
	const int on = 1;
	pthread_t t;
	int fd, n;

	MUST(geteuid() == NOBODY && getegid() == NOBODY);
	MUST((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0);
	MUST(close(fd) == 0);
	MUST((fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0 ||
	    errno == EAFNOSUPPORT);
	MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) >= 0);
	MUST((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	MUST(ioctl(fd, FIONREAD, &n) == 0 || errno != EPERM);
	MUST(close(fd) == 0);
	MUST(signal(SIGUSR1, SIG_IGN) != SIG_ERR && raise(SIGUSR1) == 0);
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
	MUST(syscall(SYS_tgkill, getppid(), getppid(), 0) == -1 &&
	    errno == EPERM);
	MUST(ioctl(STDIN_FILENO, TIOCSTI, "x") == -1 && errno == EPERM);
}

static bool
may_set(int fd, int level, int name, const void *value, socklen_t n)
{
	return setsockopt(fd, level, name, value, n) == 0 || errno != EPERM;
}

/* With sockets that root opened, as the monitor's are. */
static void
options_gone(void)
{
	static const struct linger linger = { .l_onoff = 1, .l_linger = 60 };
	static const int on = 1;
	/* above what the kernel looks at */
	static const long far = (long)SO_LINGER | 1L << 32;

	MUST(!may_set(raw_fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on)));
	MUST(!may_set(raw_fd, SOL_SOCKET, SO_LINGER, &linger,
	    sizeof(linger)));
	MUST(syscall(SYS_setsockopt, raw_fd, SOL_SOCKET, far, &linger,
	    sizeof(linger)) == -1 && errno == EPERM);
	MUST(may_set(raw_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
}

static void
aborts(void)
{
	abort();
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

START_TEST(options)
{
	NEED_ROOT();
	raw_fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ESP);
	if (raw_fd == -1)
		SKIP("needs CAP_NET_RAW");
	ck_assert_int_eq(confined(options_gone), 0);
	(void)close(raw_fd);
}
END_TEST

/* An error of ours looks like one, and not like an attack. */
START_TEST(an_end)
{
	int status;

	NEED_ROOT();
	status = confined(aborts);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

/* As the same user: 0 if the environment of PID can be read. */
static int
look_at(pid_t pid)
{
	char path[64];
	int status;
	pid_t other = fork();

	(void)snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
	if (other == 0)
		_exit(setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		    setresuid(NOBODY, NOBODY, NOBODY) == 0 &&
		    open(path, O_RDONLY | O_CLOEXEC) != -1 ? 0 : 1);
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	return status;
}

START_TEST(nobody_looks)
{
	const pid_t parent = getpid();
	int up[2], down[2], status;
	char byte = 0;
	pid_t pid;

	NEED_ROOT();
	ck_assert(pipe(up) == 0 && pipe(down) == 0);
	pid = fork();
	if (pid == 0) {
		if (!enter(parent) || write(up[1], "x", 1) != 1 ||
		    read(down[0], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(read(up[0], &byte, 1), 1);
	ck_assert_int_ne(look_at(pid), 0);
	ck_assert_int_eq(write(down[1], "x", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	for (int i = 0; i < 2; i++) {
		(void)close(up[i]);
		(void)close(down[i]);
	}
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
	tcase_add_test(t, options);
	tcase_add_test(t, an_end);
	tcase_add_test(t, nobody_looks);
	tcase_add_test(t, deadly);
	return run_case("sandbox", t);
}
