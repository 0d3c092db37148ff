/* SPDX-License-Identifier: ISC */
/*
 * Names through getaddrinfo() and the databases of libc.
 */
#include "setkey/resolve.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>

#include "libipsec/addr.h"

static int
host(void *ctx, const char *name, int family, struct ipsec_addr *out,
    unsigned int *n)
{
	struct addrinfo hints = { .ai_family = family,
	    .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP };
	struct addrinfo *list, *ai;
	int err;

	(void)ctx;
	*n = 0;
	if ((err = getaddrinfo(name, NULL, &hints, &list)) != 0)
		return err;
	for (ai = list; ai != NULL && *n < RESOLVE_MAX; ai = ai->ai_next) {
		if (!addr_from_sockaddr(&out[*n], ai->ai_addr))
			continue;
		out[*n].port = 0;
		out[*n].scope = 0;
		(*n)++;
	}
	freeaddrinfo(list);
	return 0;
}

static int
service(void *ctx, const char *name)
{
	const struct servent *ent = getservbyname(name, "udp");

	(void)ctx;
	return ent == NULL ? -1 : ntohs((uint16_t)ent->s_port);
}

static int
protocol(void *ctx, const char *name)
{
	const struct protoent *ent = getprotobyname(name);

	(void)ctx;
	return ent == NULL ? -1 : ent->p_proto;
}

static int
device(void *ctx, const char *name)
{
	unsigned int index = if_nametoindex(name);

	(void)ctx;
	return index == 0 || index > INT_MAX ? -1 : (int)index;
}

const struct resolver resolve_system = { host, service, protocol, device };
