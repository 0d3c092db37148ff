/* SPDX-License-Identifier: ISC */
/*
 *	watch PORT GAP ADDR...		one UDP packet to each every GAP s
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
#include <time.h>

struct peer {
	struct sockaddr_in to;
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

static struct peer *
peers_of(char **arg, int n, int port)
{
	struct peer *p = calloc((size_t)n, sizeof(*p));

	if (p == NULL)
		err(1, "memory");
	for (int i = 0; i < n; i++) {
		p[i].to.sin_family = AF_INET;
		p[i].to.sin_port = htons((uint16_t)port);
		p[i].text = arg[i];
		p[i].first = p[i].last = p[i].worst = -1;
		if (inet_pton(AF_INET, arg[i], &p[i].to.sin_addr) != 1)
			errx(2, "%s is no address", arg[i]);
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

static void
take(int fd, struct peer *p, int n)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char	text[64];

	if (recvfrom(fd, text, sizeof(text), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &len) < 0)
		return;		/* an ICMP error, say: go on */
	for (int i = 0; i < n; i++)
		if (p[i].to.sin_addr.s_addr == from.sin_addr.s_addr) {
			answer(&p[i], now());
			return;
		}
}

static void
send_all(int fd, struct peer *p, int n)
{
	static const char text[] = "clear text marker";

	for (int i = 0; i < n; i++) {
		(void)!sendto(fd, text, sizeof(text), MSG_DONTWAIT,
		    (struct sockaddr *)&p[i].to, sizeof(p[i].to));
		p[i].sent++;
	}
}

int
main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int	n = argc - 3, fd, room = 4 << 20;
	int64_t	start = now(), due = start, gap;
	struct peer *p;

	if (n < 1 || (gap = (int64_t)(atof(argv[2]) * 1000)) < 1)
		errx(2, "usage: watch PORT GAP ADDR...");
	p = peers_of(argv + 3, n, atoi(argv[1]));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
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
			due += gap;
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
