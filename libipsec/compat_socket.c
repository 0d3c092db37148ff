/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY socket itself.
 */
#include "libipsec/compat.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define KIB		1024
#define SEND_BUFFER	(128 * KIB)
#define RECV_BUFFER	(2048 * KIB)	/* what is asked for at first */

static int
buffer_size(int so, int which)
{
	int size = 0;
	socklen_t n = sizeof(size);

	return getsockopt(so, SOL_SOCKET, which, &size, &n) < 0 ? -1 : size;
}

static bool
set_buffer(int so, int which, int size)
{
	return setsockopt(so, SOL_SOCKET, which, &size, sizeof(size)) == 0;
}

int
pfkey_open(void)
{
	int so = socket(PF_KEY, SOCK_RAW, PF_KEY_V2);

	if (so < 0)
		return compat_fail_errno(errno);
	/* Larger buffers are a wish: a dump must fit, or be repeated. */
	if (buffer_size(so, SO_SNDBUF) < SEND_BUFFER)
		(void)set_buffer(so, SO_SNDBUF, SEND_BUFFER);
	for (int size = RECV_BUFFER; size > buffer_size(so, SO_RCVBUF) &&
	    !set_buffer(so, SO_RCVBUF, size); size /= 2)
		;
	compat_fail(CE_OK);
	return so;
}

void
pfkey_close(int so)
{
	(void)close(so);
	compat_fail(CE_OK);
}

int
pfkey_set_buffer_size(int so, int kilobytes)
{
	int size = buffer_size(so, SO_RCVBUF);

	if (size >= 0 && kilobytes > 0 && size / KIB < kilobytes) {
		(void)set_buffer(so, SO_RCVBUF,
		    kilobytes > INT32_MAX / KIB ? INT32_MAX :
		    kilobytes * KIB);
		size = buffer_size(so, SO_RCVBUF);
	}
	if (size < 0)
		return compat_fail_errno(errno);
	compat_fail(CE_OK);
	return size / KIB;
}

int
pfkey_send(int so, struct sadb_msg *msg, int len)
{
	ssize_t n;

	n = send(so, msg, len < 0 ? 0 : (size_t)len, MSG_NOSIGNAL);
	if (n < 0)
		return compat_fail_errno(errno);
	compat_fail(CE_OK);
	return (int)n;
}

static ssize_t
receive(int so, void *p, size_t n, int flags)
{
	ssize_t got;

	do
		got = recv(so, p, n, flags);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Reads a message away that cannot be used. */
static struct sadb_msg *
refuse(int so, enum compat_err err)
{
	struct sadb_msg head;

	(void)receive(so, &head, sizeof(head), MSG_DONTWAIT);
	if (err == CE_SYSTEM)
		__ipsec_set_strerror("Message has a wrong length");
	else
		compat_fail(err);
	return NULL;
}

struct sadb_msg *
pfkey_recv(int so)
{
	struct sadb_msg head, *msg;
	size_t len;
	ssize_t n = receive(so, &head, sizeof(head), MSG_PEEK);

	if (n < 0) {
		compat_fail_errno(errno);
		return NULL;
	}
	if ((size_t)n < sizeof(head))
		return refuse(so, CE_UNKNOWN);
	len = head.sadb_msg_len * PFKEY_WORD;
	if (len < sizeof(head))
		return refuse(so, CE_SYSTEM);
	if ((msg = malloc(len)) == NULL) {
		compat_fail_errno(ENOMEM);
		return NULL;
	}
	/* With MSG_TRUNC the length is that of the message. */
	n = receive(so, msg, len, MSG_TRUNC);
	if (n < 0 || (size_t)n != len) {
		if (n < 0)
			compat_fail_errno(errno);
		else
			__ipsec_set_strerror("Message has a wrong length");
		free(msg);
		return NULL;
	}
	compat_fail(CE_OK);
	return msg;
}

/* What a reply to our REGISTER says. */
static int
registered(const struct sadb_msg *m)
{
	/* Who asks again is told so; what it heard before still holds. */
	if (m->sadb_msg_errno == EEXIST)
		return compat_fail(CE_OK);
	if (m->sadb_msg_errno != 0)
		return compat_fail_errno(m->sadb_msg_errno);
	return compat_fail(compat_supported(view_of(m,
	    m->sadb_msg_len * PFKEY_WORD)));
}

int
pfkey_recv_register(int so)
{
	struct sadb_msg *m;
	bool ours = false;
	int r = -1;

	while (!ours && (m = pfkey_recv(so)) != NULL) {
		ours = m->sadb_msg_type == SADB_REGISTER &&
		    m->sadb_msg_pid == (uint32_t)getpid();
		if (ours)
			r = registered(m);
		free(m);
	}
	return r;
}
