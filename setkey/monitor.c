/* SPDX-License-Identifier: ISC */
/*
 * Over XFRM the kernel's events become the messages that PF_KEY would have
 * sent; over PF_KEY they are real ones, which the promiscuous mode of RFC
 * 2367 3.1.11 shows to every socket that asks for it.
 */
#include "setkey/monitor.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libipsec/pfkey_msg.h"
#include "libipsec/pfkey_print.h"

#define MESSAGE_MAX	(UINT16_MAX * 8u)	/* RFC 2367 2.3: length */
#define EVERYTHING	(IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE | \
	IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA | IPSEC_LISTEN_POLICY)

void
monitor_print(const struct monitor *m, struct view msg, long seconds,
    long micro)
{
	time_t t = (time_t)seconds;
	struct tm tm = { .tm_sec = 0 };

	if (m->epoch) {
		fprintf(m->out, "%ld.%06ld \n", seconds, micro);
	} else {
		(void)localtime_r(&t, &tm);
		fprintf(m->out, "%02d:%02d:%02d.%06ld \n", tm.tm_hour,
		    tm.tm_min, tm.tm_sec, micro);
	}
	/* Of who listens there is nothing to tell. */
	if (msg.n > offsetof(struct sadb_msg, sadb_msg_type) &&
	    msg.p[offsetof(struct sadb_msg, sadb_msg_type)] == SADB_X_PROMISC)
		return;
	if (m->hex)
		pfkey_print_dump(m->out, msg);
	pfkey_print_msg(m->out, msg);
	fputc('\n', m->out);
}

static int
print_now(const struct monitor *m, struct view msg)
{
	struct timeval now = { .tv_sec = 0 };

	(void)gettimeofday(&now, NULL);
	monitor_print(m, msg, (long)now.tv_sec, (long)now.tv_usec);
	return fflush(m->out) == 0 ? 0 : errno == 0 ? -EIO : -errno;
}

/* A loop of events with the first error of the output. */
struct events {
	const struct monitor *m;
	int	 err;
};

static void
put_event(void *ctx, const struct ipsec_event *e)
{
	struct events *ev = ctx;
	struct buf b;

	if (e->type == IPSEC_EVENT_RESYNC) {
		fputs("setkey: events were lost\n", stderr);
		return;
	}
	buf_init(&b, PFKEY_MSG_BYTES);
	(void)pfkey_put_event(&b, e);
	if (ev->err == 0 && b.n > 0 && buf_ok(&b))
		ev->err = print_now(ev->m, buf_view(&b));
	buf_fini(&b);
}

static int
run_events(struct ipsec *h, const struct monitor *m)
{
	struct events ev = { .m = m };
	struct pollfd fd = { .events = POLLIN };
	int err;

	if ((err = ipsec_listen(h, EVERYTHING)) != 0)
		return err;
	fd.fd = ipsec_event_fd(h);
	while (err == 0 && ev.err == 0) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return -errno;
		err = ipsec_events(h, put_event, &ev);
	}
	return err != 0 ? err : ev.err;
}

static int
open_promisc(void)
{
	struct sadb_msg msg = { .sadb_msg_version = PF_KEY_V2,
	    .sadb_msg_type = SADB_X_PROMISC, .sadb_msg_satype = 1,
	    .sadb_msg_len = sizeof(msg) / 8 };
	int fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2), err;

	if (fd < 0)
		return -errno;
	msg.sadb_msg_pid = (uint32_t)getpid();
	if (send(fd, &msg, sizeof(msg), 0) == (ssize_t)sizeof(msg))
		return fd;
	err = -errno;
	(void)close(fd);
	return err;
}

static int
run_pfkey(const struct monitor *m)
{
	void *p = malloc(MESSAGE_MAX);
	int fd = open_promisc(), err = p == NULL ? -ENOMEM : fd < 0 ? fd : 0;
	ssize_t n;

	while (err == 0) {
		n = recv(fd, p, MESSAGE_MAX, 0);
		if (n >= 0)
			err = print_now(m, view_of(p, (size_t)n));
		else if (errno == ENOBUFS)
			fputs("setkey: messages were lost\n", stderr);
		else if (errno != EINTR)
			err = -errno;
	}
	if (fd >= 0)
		(void)close(fd);
	if (p != NULL)
		explicit_bzero(p, MESSAGE_MAX);
	free(p);
	return err;
}

int
monitor_run(struct ipsec *h, const struct monitor *m)
{
	return strcmp(ipsec_backend(h), "pfkey") == 0 ? run_pfkey(m) :
	    run_events(h, m);
}
