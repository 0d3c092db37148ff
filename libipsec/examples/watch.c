/* SPDX-License-Identifier: ISC */
/*
 * Lists the SAs of this host, then tells what happens to them: how to use
 * <libipsec/ipsec.h>.
 *
 *	cc -o watch watch.c $(pkg-config --cflags --libs libipsec)
 *	./watch [-s SECONDS]
 *
 * Needs CAP_NET_ADMIN.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libipsec/ipsec.h>

static const char *
address(const struct ipsec_addr *a, char out[INET6_ADDRSTRLEN])
{
	if (inet_ntop(a->family, a->bytes, out, INET6_ADDRSTRLEN) == NULL)
		snprintf(out, INET6_ADDRSTRLEN, "any");
	return out;
}

static const char *
protocol(uint8_t proto)
{
	switch (proto) {
	case IPSEC_PROTO_ESP:
		return "esp";
	case IPSEC_PROTO_AH:
		return "ah";
	case IPSEC_PROTO_IPCOMP:
		return "ipcomp";
	}
	return "all";
}

/* Called for each SA; another result than 0 would end the listing. */
static int
list(void *count, const struct ipsec_sa *sa)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	printf("%s %s -> %s spi 0x%08x, %llu bytes so far\n",
	    protocol(sa->id.proto), address(&sa->src, src),
	    address(&sa->id.dst, dst), sa->id.spi,
	    (unsigned long long)sa->current.bytes);
	++*(unsigned int *)count;
	return 0;
}

static void
tell(const char *what, const struct ipsec_sa_id *id)
{
	char dst[INET6_ADDRSTRLEN];

	printf("%s %s %s spi 0x%08x\n", what, protocol(id->proto),
	    address(&id->dst, dst), id->spi);
	fflush(stdout);
}

static void
event(void *ctx, const struct ipsec_event *e)
{
	(void)ctx;
	switch (e->type) {
	case IPSEC_EVENT_SA_NEW:
		tell("new", &e->sa.id);
		break;
	case IPSEC_EVENT_SA_DELETE:
		tell("deleted", &e->sa.id);
		break;
	case IPSEC_EVENT_EXPIRE:
		tell(e->hard ? "expired" : "aged", &e->sa.id);
		break;
	case IPSEC_EVENT_SA_FLUSH:
		printf("flushed %s\n", protocol(e->sa.id.proto));
		break;
	case IPSEC_EVENT_RESYNC:
		printf("events were lost: list again\n");
		break;
	default:
		break;
	}
	fflush(stdout);
}

/* Until DEADLINE of the monotonic clock; 0: for ever. */
static int
watch(struct ipsec *h, time_t deadline)
{
	struct pollfd p = { .fd = ipsec_event_fd(h), .events = POLLIN };
	struct timespec now;
	int r = 0;

	printf("listening\n");
	fflush(stdout);
	while (r >= 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (deadline != 0 && now.tv_sec >= deadline)
			return 0;
		if (poll(&p, 1, deadline == 0 ? -1 : 200) > 0)
			r = ipsec_events(h, event, NULL);
	}
	return r;
}

static int
run(struct ipsec *h, time_t deadline)
{
	unsigned int count = 0;
	int r;

	/* First listen, then list: so that nothing falls in between. */
	r = ipsec_listen(h, IPSEC_LISTEN_SA | IPSEC_LISTEN_EXPIRE);
	if (r == 0)
		r = ipsec_sa_dump(h, NULL, list, &count);
	if (r == 0) {
		printf("%u SAs through %s\n", count, ipsec_backend(h));
		r = watch(h, deadline);
	}
	if (r < 0)
		fprintf(stderr, "watch: %s: %s\n", strerror(-r),
		    ipsec_error(h));
	return r;
}

int
main(int argc, char **argv)
{
	struct ipsec *h;
	struct timespec now;
	time_t deadline = 0;
	int r;

	if (argc == 3 && strcmp(argv[1], "-s") == 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		deadline = now.tv_sec + atoi(argv[2]);
	} else if (argc != 1) {
		fprintf(stderr, "usage: watch [-s seconds]\n");
		return 1;
	}
	if ((r = ipsec_open(&h, NULL)) != 0) {
		fprintf(stderr, "watch: no IPsec: %s\n", strerror(-r));
		return 1;
	}
	r = run(h, deadline);
	ipsec_close(h);
	return r == 0 ? 0 : 1;
}
