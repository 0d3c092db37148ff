/* SPDX-License-Identifier: ISC */
/*
 * Traffic for tests:
 *	traffic serve PORT			echoes TCP and UDP on any address;
 *		prints "ready" when it does
 *	traffic udp ADDR PORT COUNT GAP WAIT [FROM]	numbered packets, GAP s
 *		apart, from port FROM; prints "sent N received N"; exit 0 when
 *		none is missing
 *	traffic spray PORT COUNT GAP WAIT ADDR...	the same to many in turn
 *	traffic tcp ADDR PORT TEXT WAIT		prints what comes back
 *	traffic touch ADDR...			one UDP packet to each, port 9
 *
 * In a guest the start of a program is what costs: this one is linked
 * statically, by test/rig/guest.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS	64
#define DATAGRAM	65535
#define WINDOW		50	/* packets on their way, at most */
#define PATIENCE	10.0	/* s without an answer: it is over */
#define COUNT_MAX	1000000

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Is there something to read before the time is UNTIL? */
static bool
readable(int fd, double until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	double	left = until - now();

	return poll(&p, 1, left > 0 ? (int)(left * 1000) + 1 : 0) > 0;
}

/* A slow guest that catches up sends bursts: no packet is to be lost here. */
static void
roomy(int fd)
{
	int	bytes = 4 << 20;

	/* where that is not ours, what there is has to do */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

static int
port_of(const char *text)
{
	int	port = atoi(text);

	if (port < 1 || port > 65535)
		errx(2, "%s is no port", text);
	return port;
}

static void
bind_port(int fd, bool is6, int port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in four = { .sin_family = AF_INET,
	    .sin_port = six.sin6_port };

	if (bind(fd, is6 ? (struct sockaddr *)&six : (struct sockaddr *)&four,
	    is6 ? sizeof(six) : sizeof(four)) != 0)
		err(1, "port %d", port);
}

/* FROM: the port of ours; NULL: any. */
static int
connected(const char *addr, const char *port, int type, const char *from)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)port_of(port)) };
	struct sockaddr_in four = { .sin_family = AF_INET,
	    .sin_port = six.sin6_port };
	bool	is6 = inet_pton(AF_INET6, addr, &six.sin6_addr) == 1;
	int	fd;

	if (!is6 && inet_pton(AF_INET, addr, &four.sin_addr) != 1)
		errx(2, "%s is no address", addr);
	fd = socket(is6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(1, "socket");
	if (from != NULL)
		bind_port(fd, is6, port_of(from));
	if (connect(fd, is6 ? (struct sockaddr *)&six :
	    (struct sockaddr *)&four, is6 ? sizeof(six) : sizeof(four)) != 0)
		err(1, "%s port %s", addr, port);
	return fd;
}

/*
 * serve
 */

static int
bound(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)port) };
	int	fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), yes = 1, no = 0;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes,
	    sizeof(yes)) != 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no,
	    sizeof(no)) != 0 || bind(fd, (struct sockaddr *)&any,
	    sizeof(any)) != 0)
		err(1, "port %d", port);
	return fd;
}

/* The answer comes from the address that was asked, of however many. */
static void
echo_datagram(int fd)
{
	static char text[DATAGRAM];
	union {
		struct cmsghdr h;
		char	room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control;
	struct sockaddr_storage from;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from),
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	ssize_t	n = recvmsg(fd, &m, 0);

	if (n < 0)
		return;
	iov.iov_len = (size_t)n;
	(void)!sendmsg(fd, &m, 0);
}

/* False when the connection is over. */
static bool
echo_stream(int fd)
{
	static char text[DATAGRAM];
	ssize_t	n = read(fd, text, sizeof(text));

	return n > 0 && write(fd, text, (size_t)n) == n;
}

static void
accept_one(int fd, struct pollfd *p, nfds_t *count)
{
	int	new = accept(fd, NULL, NULL);

	if (new < 0)
		return;
	if (*count == CONNECTIONS) {
		close(new);
		return;
	}
	p[*count] = (struct pollfd){ .fd = new, .events = POLLIN };
	++*count;
}

static int
serve(char **arg)
{
	struct pollfd p[CONNECTIONS] = { { .events = POLLIN },
	    { .events = POLLIN } };
	int	port = port_of(arg[0]), yes = 1;
	nfds_t	count = 2;

	signal(SIGPIPE, SIG_IGN);
	p[0].fd = bound(SOCK_STREAM, port);
	p[1].fd = bound(SOCK_DGRAM, port);
	roomy(p[1].fd);
	if (setsockopt(p[1].fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes,
	    sizeof(yes)) != 0)
		err(1, "IPV6_RECVPKTINFO");
	if (listen(p[0].fd, CONNECTIONS) != 0)
		err(1, "listen");
	puts("ready");
	fflush(stdout);
	while (poll(p, count, -1) >= 0 || errno == EINTR) {
		for (nfds_t i = count - 1; i >= 2; i--) {
			if (p[i].revents == 0 || echo_stream(p[i].fd))
				continue;
			close(p[i].fd);
			p[i] = p[--count];
		}
		if (p[1].revents != 0)
			echo_datagram(p[1].fd);
		if (p[0].revents != 0)
			accept_one(p[0].fd, p, &count);
	}
	err(1, "poll");
}

/*
 * udp
 */

struct flow {
	int	fd;
	long	count, sent, got;
	bool	*seen;
};

/* Replies may come in any order; each number counts once. */
static void
take(struct flow *f)
{
	char	text[2000], *end;
	ssize_t	n = recv(f->fd, text, sizeof(text) - 1, 0);
	long	number;

	if (n < 0)
		return;		/* an ICMP error, say: go on */
	text[n] = '\0';
	if (strncmp(text, "packet ", 7) != 0)
		return;
	number = strtol(text + 7, &end, 10);
	if (*end != ' ' || number < 1 || number > f->count || f->seen[number])
		return;
	f->seen[number] = true;
	f->got++;
}

/* Reads what there is, until fewer than FEW are on their way. */
static void
drain(struct flow *f, double until, long few)
{
	while (f->got < f->count && f->sent - f->got >= few &&
	    readable(f->fd, until))
		take(f);
}

static void
say_flow(const struct flow *f)
{
	int	shown = 0;

	printf("sent %ld received %ld", f->sent, f->got);
	for (long i = 1; i <= f->sent && shown < 10; i++)
		if (!f->seen[i])
			printf("%s %ld", shown++ == 0 ? " lost:" : "", i);
	putchar('\n');
}

/* COUNT GAP WAIT; to one address after the other, or to the only one. */
static int
run_flow(struct flow *f, char **arg, const struct sockaddr_in *to, long n)
{
	double	start = now(), gap = atof(arg[1]), wait = atof(arg[2]);
	char	text[64];

	f->count = atol(arg[0]);
	if (f->count < 1 || f->count > COUNT_MAX)
		errx(2, "%s is no number of packets", arg[0]);
	roomy(f->fd);
	f->seen = calloc((size_t)f->count + 1, sizeof(*f->seen));
	if (f->seen == NULL)
		err(1, "memory");
	for (long i = 1; i <= f->count; i++) {
		snprintf(text, sizeof(text), "packet %ld clear text marker", i);
		(void)!sendto(f->fd, text, strlen(text), 0, n == 0 ? NULL :
		    (const struct sockaddr *)&to[i % n],
		    n == 0 ? 0 : sizeof(to[0]));
		f->sent = i;
		drain(f, start + (double)i * gap, 0);
		drain(f, now() + PATIENCE, WINDOW);
		if (f->sent - f->got >= WINDOW)
			break;
	}
	drain(f, now() + wait, 0);
	say_flow(f);
	return f->got == f->count ? 0 : 1;
}

static int
udp(char **arg)
{
	struct flow f = { .fd = connected(arg[0], arg[1], SOCK_DGRAM,
	    arg[5]) };

	return run_flow(&f, arg + 2, NULL, 0);
}

#define SPRAYED	1000

static int
spray(char **arg)
{
	static struct sockaddr_in to[SPRAYED];
	struct flow f = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
	    0) };
	long	n;

	if (f.fd < 0)
		err(1, "socket");
	for (n = 0; arg[4 + n] != NULL && n < SPRAYED; n++) {
		to[n].sin_family = AF_INET;
		to[n].sin_port = htons((uint16_t)port_of(arg[0]));
		if (inet_pton(AF_INET, arg[4 + n], &to[n].sin_addr) != 1)
			errx(2, "%s is no address", arg[4 + n]);
	}
	return run_flow(&f, arg + 1, to, n);
}

static int
tcp(char **arg)
{
	size_t	n = strlen(arg[2]), got = 0;
	double	wait = atof(arg[3]);
	char	back[1024];
	ssize_t	r;
	int	fd;

	if (n >= sizeof(back))
		errx(2, "too long");
	alarm((unsigned int)wait + 1);	/* for the connection */
	fd = connected(arg[0], arg[1], SOCK_STREAM, NULL);
	alarm(0);
	if (write(fd, arg[2], n) != (ssize_t)n)
		err(1, "write");
	while (got < n && readable(fd, now() + wait) &&
	    (r = read(fd, back + got, sizeof(back) - 1 - got)) > 0)
		got += (size_t)r;
	back[got] = '\0';
	puts(back);
	return strcmp(back, arg[2]) == 0 ? 0 : 1;
}

static int
touch(char **arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	for (; *arg != NULL; arg++) {
		if (inet_pton(AF_INET, *arg, &to.sin_addr) != 1)
			errx(2, "%s is no address", *arg);
		/* The policy's answer may be an error: the packet counts. */
		(void)!sendto(fd, "x", 1, 0, (struct sockaddr *)&to,
		    sizeof(to));
	}
	return 0;
}

static const struct {
	const char *name;
	int	(*run)(char **);
	int	least, most;
} verbs[] = {
	{ "serve", serve, 1, 1 },
	{ "udp", udp, 5, 6 },
	{ "spray", spray, 5, 4 + SPRAYED },
	{ "tcp", tcp, 4, 4 },
	{ "touch", touch, 1, 100000 },
};

int
main(int argc, char **argv)
{
	size_t	i;

	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, argv[1]) == 0 &&
		    argc - 2 >= verbs[i].least && argc - 2 <= verbs[i].most)
			return verbs[i].run(argv + 2);
	errx(2, "usage: traffic serve|udp|spray|tcp|touch ...");
}
