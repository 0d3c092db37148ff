/* SPDX-License-Identifier: ISC */
/*
 *	watch PORT GAP ADDR...		one UDP packet to each every GAP s
 *	watch -t TO PORT GAP ADDR...	one from each of ours to TO
 *
 * Until it is told to end by SIGTERM: then a line for each address,
 *	ADDR first F worst W silent S sent N received M
 * F is when its first answer came, W the longest time without one after that,
 * S how long ago the last one came, all in ms; -1: there was none.  A longest
 * time is told on SIGUSR1, too, and begins anew.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct peer {
	struct sockaddr_in to;
	struct in_addr addr, from;	/* what tells it from others; any */
	const char *text;
	int64_t	first, last, worst;
	unsigned long sent, got;
};

static volatile sig_atomic_t end, tell;

static void
on_signal(int sig)
{
	if (sig == SIGUSR1)
		tell = 1;
	else
		end = 1;
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* TO: where all of it goes, from addresses of ours, or NULL. */
static struct peer *
peers_of(char **arg, int n, int port, const char *to)
{
	struct peer *p = calloc((size_t)n, sizeof(*p));

	if (p == NULL)
		err(1, "memory");
	for (int i = 0; i < n; i++) {
		p[i].to.sin_family = AF_INET;
		p[i].to.sin_port = htons((uint16_t)port);
		p[i].text = arg[i];
		p[i].first = p[i].last = p[i].worst = -1;
		if (inet_pton(AF_INET, arg[i], &p[i].addr) != 1)
			errx(2, "%s is no address", arg[i]);
		p[i].to.sin_addr = p[i].addr;
		if (to == NULL)
			continue;
		p[i].from = p[i].addr;
		if (inet_pton(AF_INET, to, &p[i].to.sin_addr) != 1)
			errx(2, "%s is no address", to);
	}
	return p;
}

/* The time that is running counts, too. */
static int64_t
worst_of(const struct peer *p, int64_t t)
{
	int64_t	silent = t - p->last;

	return p->last >= 0 && silent > p->worst ? silent : p->worst;
}

static void
report(struct peer *p, int n, int64_t start)
{
	int64_t	t = now();

	for (int i = 0; i < n; i++) {
		printf("%s first %lld worst %lld silent %lld sent %lu "
		    "received %lu\n", p[i].text, p[i].first < 0 ? -1LL :
		    (long long)(p[i].first - start),
		    (long long)worst_of(&p[i], t), p[i].last < 0 ? -1LL :
		    (long long)(t - p[i].last), p[i].sent, p[i].got);
		p[i].worst = -1;
	}
	puts("end");
	fflush(stdout);
}

static void
answer(struct peer *p, int64_t t)
{
	if (p->first < 0)
		p->first = t;
	else if (t - p->last > p->worst)
		p->worst = t - p->last;
	p->last = t;
	p->got++;
}

/* A message with the address that it is from, or has come to. */
struct pair {
	union {
		struct cmsghdr h;
		char	room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in other;
	char	text[64];
	struct iovec iov;
	struct msghdr m;
};

static void
pair_init(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	p->iov = (struct iovec){ p->text, sizeof(p->text) };
	p->m = (struct msghdr){ .msg_name = &p->other,
	    .msg_namelen = sizeof(p->other), .msg_iov = &p->iov,
	    .msg_iovlen = 1, .msg_control = &p->control,
	    .msg_controllen = sizeof(p->control) };
}

static struct in_pktinfo *
own(struct pair *p)
{
	return (struct in_pktinfo *)(void *)CMSG_DATA(&p->control.h);
}

static void
take(int fd, struct peer *p, int n)
{
	struct pair in;
	struct in_addr from;

	pair_init(&in);
	if (recvmsg(fd, &in.m, MSG_DONTWAIT) < 0)
		return;		/* an ICMP error, say: go on */
	from = p[0].from.s_addr != 0 ? own(&in)->ipi_addr :
	    in.other.sin_addr;
	for (int i = 0; i < n; i++)
		if (p[i].addr.s_addr == from.s_addr) {
			answer(&p[i], now());
			return;
		}
}

static void
send_all(int fd, struct peer *p, int n)
{
	for (int i = 0; i < n; i++) {
		struct pair out;

		pair_init(&out);
		out.other = p[i].to;
		out.iov.iov_len = (size_t)snprintf(out.text, sizeof(out.text),
		    "clear text marker");
		out.control.h = (struct cmsghdr){ .cmsg_level = IPPROTO_IP,
		    .cmsg_type = IP_PKTINFO,
		    .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)) };
		own(&out)->ipi_spec_dst = p[i].from;
		(void)!sendmsg(fd, &out.m, MSG_DONTWAIT);
		p[i].sent++;
	}
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int	n, fd, room = 4 << 20, yes = 1;
	int64_t	start = now(), due = start, gap;
	const char *to = NULL;
	struct peer *p;

	if (argc > 2 && strcmp(argv[1], "-t") == 0) {
		to = argv[2];
		argv += 2;
		argc -= 2;
	}
	n = argc - 3;
	if (n < 1 || (gap = (int64_t)(atof(argv[2]) * 1000)) < 1)
		errx(2, "usage: watch [-t TO] PORT GAP ADDR...");
	p = peers_of(argv + 3, n, atoi(argv[1]), to);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes,
	    sizeof(yes)) != 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	puts("ready");
	fflush(stdout);
	while (!end) {
		struct pollfd f = { .fd = fd, .events = POLLIN };
		int64_t	left = due - now();

		if (left <= 0) {
			send_all(fd, p, n);
			/* who is late must not take all of the processor */
			due = due + gap > now() ? due + gap : now() + gap;
		} else if (poll(&f, 1, (int)left) > 0)
			take(fd, p, n);
		if (tell) {
			tell = 0;
			report(p, n, start);
		}
	}
	report(p, n, start);
	return 0;
}
