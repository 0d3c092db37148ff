/* SPDX-License-Identifier: ISC */
/*
 * Two network namespaces, TAP and ready-made values: see live.h.
 */
#include "test/kernel/live.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libipsec/addr.h"

bool
ok(struct live *l, bool good, const char *fmt, ...)
{
	va_list	ap;

	l->n++;
	l->bad += !good;
	printf("%s %u - ", good ? "ok" : "not ok", l->n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (!good && l->h != NULL)
		printf("#   libipsec: \"%s\", \"%s\"\n", ipsec_error(l->h),
		    ipsec_error(l->far));
	fflush(stdout);
	return good;
}

bool
is(struct live *l, int got, int want, const char *text)
{
	bool	good = ok(l, got == want, "%s", text);

	if (!good)
		printf("#   got %d (%s), not %d\n", got,
		    strerror(got < 0 ? -got : got), want);
	return good;
}

void
sh(const char *fmt, ...)
{
	char	command[400];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		printf("# failed: %s\n", command);
}

double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct ipsec_addr
addr(const char *text)
{
	struct ipsec_addr a;

	if (!addr_parse(&a, text)) {
		printf("Bail out! %s is no address\n", text);
		exit(2);
	}
	return a;
}

struct ipsec_key
key(enum ipsec_alg_class class, const char *name)
{
	const struct ipsec_alg *a = ipsec_alg_by_name(class, name);
	struct ipsec_key k = { .id = a->id, .key_bits = a->key_max,
	    .icv_bits = a->icv_bits, .present = 1 };

	for (unsigned int i = 0; i < k.key_bits / 8u; i++)
		k.key[i] = (uint8_t)(37 * i + 11);
	return k;
}

struct ipsec_sa
esp(uint32_t spi)
{
	struct ipsec_sa sa;

	memset(&sa, 0, sizeof(sa));
	sa.id.dst = addr("10.9.0.2");
	sa.src = addr("10.9.0.1");
	sa.id.proto = IPSEC_PROTO_ESP;
	sa.id.spi = spi;
	sa.mode = IPSEC_MODE_TRANSPORT;
	sa.enc = key(IPSEC_ALG_ENC, "aes-cbc");
	sa.auth = key(IPSEC_ALG_AUTH, "hmac-sha1");
	return sa;
}

struct ipsec_policy
policy(const char *src, const char *dst, uint8_t dir)
{
	struct ipsec_policy p;

	memset(&p, 0, sizeof(p));
	p.sel.src = addr(src);
	p.sel.dst = addr(dst);
	p.sel.src_prefix = addr_bits(&p.sel.src);
	p.sel.dst_prefix = addr_bits(&p.sel.dst);
	p.dir = dir;
	p.action = IPSEC_ACTION_IPSEC;
	p.ntmpl = 1;
	p.tmpl[0].proto = IPSEC_PROTO_ESP;
	p.tmpl[0].mode = IPSEC_MODE_TRANSPORT;
	return p;
}

struct ipsec_policy
full_policy(void)
{
	struct ipsec_policy p = policy("10.1.0.0", "10.2.0.0", IPSEC_DIR_OUT);

	p.sel.src_prefix = p.sel.dst_prefix = 16;
	p.sel.proto = IPPROTO_UDP;
	p.sel.dst.port = 53;
	p.priority = 0x7fffff9c;
	p.hard.add = 1000;
	p.ntmpl = 2;
	p.tmpl[0].proto = IPSEC_PROTO_IPCOMP;
	p.tmpl[0].mode = IPSEC_MODE_TUNNEL;
	p.tmpl[0].src = addr("fd00:9::1");
	p.tmpl[0].dst = addr("fd00:9::2");
	p.tmpl[1] = (struct ipsec_tmpl){ .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT, .optional = 1, .reqid = 9 };
	return p;
}

void
keep_event(void *ctx, const struct ipsec_event *e)
{
	struct live *l = ctx;

	if (e->type == IPSEC_EVENT_RESYNC)
		l->resyncs++;
	if (l->nevents < LIVE_EVENTS)
		l->event[l->nevents++] = *e;
}

const struct ipsec_event *
wait_event(struct live *l, struct ipsec *h, enum ipsec_event_type type,
    double seconds)
{
	struct pollfd p = { .fd = ipsec_event_fd(h), .events = POLLIN };
	double	end = now() + seconds;
	unsigned int seen = 0;

	l->nevents = 0;
	do {
		for (; seen < l->nevents; seen++)
			if (l->event[seen].type == type)
				return &l->event[seen];
		poll(&p, 1, 100);
		ipsec_events(h, keep_event, l);
	} while (now() < end || seen < l->nevents);
	return NULL;
}

void
clean(struct live *l)
{
	ipsec_flush(l->h, IPSEC_FLUSH_SA, 0);
	ipsec_flush(l->h, IPSEC_FLUSH_POLICY, 0);
	ipsec_flush(l->far, IPSEC_FLUSH_SA, 0);
	ipsec_flush(l->far, IPSEC_FLUSH_POLICY, 0);
	do {
		l->nevents = l->resyncs = 0;
		ipsec_events(l->h, keep_event, l);
	} while (l->nevents > 0);
}

void
send_udp(const char *to, uint16_t port)
{
	struct ipsec_addr a = addr(to);
	struct sockaddr_storage ss;
	socklen_t n;
	int	fd = socket(a.family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	a.port = port;
	n = addr_to_sockaddr(&a, &ss);
	(void)!sendto(fd, "packet", 6, 0, (struct sockaddr *)&ss, n);
	close(fd);
}

void
enter(int netns)
{
	if (setns(netns, CLONE_NEWNET) != 0) {
		printf("Bail out! setns: %s\n", strerror(errno));
		exit(2);
	}
}

/* A child that keeps the other network namespace. */
void
make_namespaces(struct live *l)
{
	char	path[64];
	int	p[2];

	if (unshare(CLONE_NEWNET) != 0 || pipe(p) != 0) {
		printf("Bail out! must be root: %s\n", strerror(errno));
		exit(2);
	}
	if ((l->keeper = fork()) == 0) {
		if (unshare(CLONE_NEWNET) == 0)
			(void)!write(p[1], "x", 1);
		close(p[1]);
		for (;;)
			pause();
	}
	close(p[1]);
	(void)!read(p[0], path, 1);
	close(p[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)l->keeper);
	l->there = open(path, O_RDONLY | O_CLOEXEC);
	l->here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	sh("ip link set lo up");
	sh("ip link add v0 type veth peer name v1");
	sh("ip link set v1 netns %d", (int)l->keeper);
	sh("ip addr add 10.9.0.1/24 dev v0; ip link set v0 up;"
	    "ip addr add fd00:9::1/64 dev v0 nodad;"
	    "ip route add 10.77.0.0/16 via 10.9.0.2;"
	    "sysctl -qw net.core.xfrm_larval_drop=0");
	enter(l->there);
	sh("ip link set lo up; ip addr add 10.9.0.2/24 dev v1;"
	    "ip addr add fd00:9::2/64 dev v1 nodad; ip link set v1 up");
}

void
open_handles(struct live *l, const char *backend)
{
	enter(l->there);
	if (ipsec_open(&l->far, backend) != 0)
		l->far = NULL;
	enter(l->here);
	if (l->far == NULL || ipsec_open(&l->h, backend) != 0) {
		printf("Bail out! this kernel has no %s\n",
		    backend != NULL ? backend : "IPsec");
		exit(2);
	}
	l->pfkey = strcmp(ipsec_backend(l->h), "pfkey") == 0;
	is(l, ipsec_listen(l->h, IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE),
	    0, "listen");
	is(l, ipsec_listen(l->h, IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA |
	    IPSEC_LISTEN_POLICY), 0, "listen to more");
	ok(l, ipsec_event_fd(l->h) >= 0, "there is a descriptor to poll");
}

void
close_handles(struct live *l)
{
	ipsec_close(l->h);
	ipsec_close(l->far);
	l->h = l->far = NULL;
}

void
test_handles(struct live *l)
{
	const char *name = ipsec_backend(l->h);
	struct ipsec *h = NULL;

	is(l, ipsec_open(&h, "nonsense"), -EINVAL, "no such name");
	is(l, ipsec_open(&h, name), 0, "open by name");
	ok(l, strcmp(ipsec_backend(h), name) == 0, "the back end's name");
	ok(l, ipsec_event_fd(h) == -1, "no descriptor before listening");
	is(l, ipsec_events(h, keep_event, l), -ENOTCONN,
	    "no events without listening");
	ipsec_close(h);
}

/* Without CAP_NET_ADMIN: 0 if each call failed as it should. */
static int
as_nobody(const char *backend)
{
	struct ipsec_policy p = policy("10.8.0.1", "10.8.0.2", IPSEC_DIR_IN);
	struct ipsec *h;
	int	r;

	if (setresuid(65534, 65534, 65534) != 0)
		return 1;
	r = ipsec_open(&h, backend);
	if (strcmp(backend, "pfkey") == 0)
		return r == -EPERM && h == NULL ? 0 : 5;
	if (r != 0 || ipsec_policy_set(h, &p, false) != -EPERM)
		return 2;
	if (ipsec_listen(h, IPSEC_LISTEN_SA) != -EPERM)
		return 3;
	if (strcmp(ipsec_error(h), "cannot listen to the kernel's IPsec "
	    "events") != 0)
		return 4;
	ipsec_close(h);
	return 0;
}

void
test_nobody(struct live *l)
{
	int	status = -1;
	pid_t	pid = fork();

	if (pid == 0)
		_exit(as_nobody(ipsec_backend(l->h)));
	waitpid(pid, &status, 0);
	ok(l, status == 0, "without rights: -EPERM and words (%x)", status);
}
