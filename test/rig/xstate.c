/* SPDX-License-Identifier: ISC */
/*
 * Lets User-Mode Linux run on processors with a large register state (AMX:
 * 11 KB).  The 6.1 guest sets a process's registers from a buffer of at most
 * 2.7 KB, and Linux takes this state only whole; so what the guest keeps is
 * completed with the initial state of the components it does not know.
 * Loaded into linux.uml by test/rig/guest with LD_PRELOAD.
 */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define STATE_MAX	16384
#define HEADER		512	/* XSTATE_BV: the components present */
#define KNOWN		0x2ffULL /* x87 to AVX-512, and protection keys */

long	 ptrace(enum __ptrace_request, ...);

/* The processor's own size of the state, as Linux reports it. */
static size_t
whole_size(long pid, uint8_t *state)
{
	struct iovec v = { state, STATE_MAX };

	if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &v) != 0)
		return 0;
	return v.iov_len;
}

static long
set_whole(long pid, const struct iovec *part)
{
	static uint8_t state[STATE_MAX];
	static size_t size;
	struct iovec whole = { state, 0 };
	uint64_t present;

	if (size == 0) {
		size = whole_size(pid, state);
		memset(state, 0, sizeof(state));
	}
	if (part->iov_len >= size || part->iov_len < HEADER + sizeof(present))
		return syscall(SYS_ptrace, PTRACE_SETREGSET, pid,
		    NT_X86_XSTATE, part);
	memcpy(state, part->iov_base, part->iov_len);
	memcpy(&present, state + HEADER, sizeof(present));
	present &= KNOWN;
	memcpy(state + HEADER, &present, sizeof(present));
	whole.iov_len = size;
	return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE,
	    &whole);
}

/* The system call stores the word; the library's function returns it. */
static long
peek(enum __ptrace_request request, long pid, long addr)
{
	long word, rc;

	rc = syscall(SYS_ptrace, request, pid, addr, &word);
	if (rc != 0)
		return rc;
	errno = 0;
	return word;
}

long
ptrace(enum __ptrace_request request, ...)
{
	va_list ap;
	long pid, addr, data;

	va_start(ap, request);
	pid = va_arg(ap, int);
	addr = va_arg(ap, long);
	data = va_arg(ap, long);
	va_end(ap);
	if (request == PTRACE_SETREGSET && addr == NT_X86_XSTATE)
		return set_whole(pid, (const struct iovec *)data);
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	    request == PTRACE_PEEKUSER)
		return peek(request, pid, addr);
	return syscall(SYS_ptrace, request, pid, addr, data);
}
