/* SPDX-License-Identifier: ISC */
/*
 * Preloaded by errors.sh into one racoon: what it sends has AES in the place of
 * triple DES (a key of 24 bytes serves both), so that its kernel takes what
 * another's refuses, where all hosts have the same kernel.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char refused[] = "cbc(des3_ede)", taken[sizeof(refused)] =
    "cbc(aes)";
static char copy[1 << 18];

ssize_t
sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *to,
    socklen_t to_len)
{
	char *at = copy;

	if (n > sizeof(copy)) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(copy, p, n);
	while ((at = memmem(at, (size_t)(copy + n - at), refused,
	    sizeof(refused))) != NULL)
		memcpy(at, taken, sizeof(taken));
	return syscall(SYS_sendto, fd, copy, n, flags, to, to_len);
}
