/* SPDX-License-Identifier: ISC */
/*
 * The system calls that the worker is left with.  What is not here fails with
 * EPERM, so that a C library that tries something new can go on without; what
 * nobody but an intruder calls ends the process.
 */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

/* As they are: descriptors that are open, memory, time, threads. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recv), SCMP_SYS(send),
	SCMP_SYS(recvmmsg_time64),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(fstat64),
	SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(stat64),
	SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64), SCMP_SYS(select), SCMP_SYS(_newselect),
	SCMP_SYS(pselect6), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_settime64),
	SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(listen),
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(shutdown),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(membarrier), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid), SCMP_SYS(getpid),
	SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(restart_syscall), SCMP_SYS(getrlimit), SCMP_SYS(ugetrlimit),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
	SCMP_SYS(times), SCMP_SYS(get_robust_list), SCMP_SYS(getcpu),
};

/* What only an intruder wants. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
	SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(kill), SCMP_SYS(tkill),
	SCMP_SYS(setuid), SCMP_SYS(setresuid), SCMP_SYS(setreuid),
	SCMP_SYS(setgid), SCMP_SYS(setresgid), SCMP_SYS(setgroups),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
	SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(add_key),
};

/* A call that an old library does not know is none that can be made there. */
static int
add_all(scmp_filter_ctx ctx, const int *list, size_t n, uint32_t action)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = seccomp_rule_add(ctx, action, list[i], 0);
		if (r == -EDOM || r == -EINVAL)
			r = 0;
	}
	return r;
}

/* libseccomp's own macro leaves a field out, of which clang warns. */
static struct scmp_arg_cmp
argument_is(unsigned int nth, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){
		.arg = nth, .op = SCMP_CMP_EQ, .datum_a = value,
	};
}

/* Sockets of the Internet; of netlink just the news about interfaces. */
static int
add_sockets(scmp_filter_ctx ctx)
{
	int r;

	r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
	    argument_is(0, AF_INET));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		    argument_is(0, AF_INET6));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
		    argument_is(0, AF_NETLINK),
		    argument_is(2, NETLINK_ROUTE));
	return r;
}

/*
 * Options of sockets, of which some reach far: with IP_HDRINCL a raw socket
 * sends what it likes under any address, and a socket with SO_LINGER that is
 * sent to the monitor keeps it waiting when it lets go of it.
 */
static int
add_options(scmp_filter_ctx ctx)
{
	static const struct { int level, name; } ok[] = {
		{ SOL_SOCKET, SO_REUSEADDR }, { SOL_SOCKET, SO_ATTACH_FILTER },
		{ IPPROTO_IPV6, IPV6_V6ONLY },
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(ok) / sizeof(ok[0]) && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(setsockopt), 2,
		    argument_is(1, (scmp_datum_t)ok[i].level),
		    argument_is(2, (scmp_datum_t)ok[i].name));
	return r;
}

/*
 * What the C library and libevent ask of descriptors; never TIOCSTI, which
 * types into a terminal.  Signals are for ourselves: abort() sends one.
 */
static int
add_questions(scmp_filter_ctx ctx)
{
	static const unsigned int ok[] = { FIONREAD, TCGETS, SIOCGIFINDEX,
		SIOCGIFNAME };
	int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    argument_is(0, (scmp_datum_t)getpid()));

	for (size_t i = 0; i < sizeof(ok) / sizeof(ok[0]) && r == 0; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		    argument_is(1, ok[i]));
	return r;
}

/*
 * Memory that can be executed is not to be had, nor another process: a thread
 * is one by its flags, which clone3() hides from us.
 */
static int
add_memory(scmp_filter_ctx ctx)
{
	int r;

	r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		    1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(clone3), 0);
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
		    1, argument_is(2, 0));
	/* The resolver's file: there is nothing else to be seen. */
	if (r == 0)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT |
		    O_TRUNC, O_RDONLY));
	return r;
}

int
sandbox_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (ctx == NULL)
		return -ENOMEM;
	/* A tree instead of a list: the filter runs for each call. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = add_all(ctx, allowed, sizeof(allowed) / sizeof(allowed[0]),
	    SCMP_ACT_ALLOW);
	if (r == 0)
		r = add_all(ctx, deadly, sizeof(deadly) / sizeof(deadly[0]),
		    SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = add_sockets(ctx);
	if (r == 0)
		r = add_options(ctx);
	if (r == 0)
		r = add_questions(ctx);
	if (r == 0)
		r = add_memory(ctx);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	/* what the kernel says that has no filters */
	return r == -EINVAL || r == -ECANCELED ? -ENOSYS : r;
}
