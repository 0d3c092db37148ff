/* SPDX-License-Identifier: ISC */
/*
 * Addresses, prefixes and selectors: text, bytes, comparison.  Nothing here
 * asks a name server.
 */
#include "libipsec/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Bytes of an address of this family, 0 for one that we do not know. */
static size_t
family_bytes(int family)
{
	if (family == AF_INET)
		return 4;
	return family == AF_INET6 ? 16 : 0;
}

/* Most texts are of the plain forms, and setkey reads very many of them. */
static bool
parse_plain(struct ipsec_addr *a, const char *text)
{
	int	family = AF_INET;

	if (inet_pton(AF_INET, text, a->bytes) != 1) {
		family = AF_INET6;
		if (inet_pton(AF_INET6, text, a->bytes) != 1)
			return false;
	}
	a->family = (uint16_t)family;
	return true;
}

bool
addr_parse(struct ipsec_addr *a, const char *text)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *list;
	bool	ok;

	memset(a, 0, sizeof(*a));
	if (text == NULL)
		return false;
	if (parse_plain(a, text))
		return true;
	if (getaddrinfo(text, NULL, &hints, &list) != 0)
		return false;
	ok = addr_from_sockaddr(a, list->ai_addr);
	freeaddrinfo(list);
	return ok;
}

bool
addr_from_bytes(struct ipsec_addr *a, int family, struct view v)
{
	size_t	n = family_bytes(family);

	memset(a, 0, sizeof(*a));
	if (n == 0 || v.bad || v.n != n)
		return false;
	a->family = (uint16_t)family;
	view_bytes(&v, a->bytes, n);
	return true;
}

bool
addr_from_sockaddr(struct ipsec_addr *a, const struct sockaddr *sa)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	memset(a, 0, sizeof(*a));
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		memcpy(&in4, sa, sizeof(in4));
		a->family = AF_INET;
		a->port = ntohs(in4.sin_port);
		memcpy(a->bytes, &in4.sin_addr, 4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		a->family = AF_INET6;
		a->port = ntohs(in6.sin6_port);
		a->scope = in6.sin6_scope_id;
		memcpy(a->bytes, &in6.sin6_addr, 16);
		return true;
	}
	return false;
}

socklen_t
addr_to_sockaddr(const struct ipsec_addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(ss, 0, sizeof(*ss));
	if (a->family == AF_INET) {
		in4.sin_port = htons(a->port);
		memcpy(&in4.sin_addr, a->bytes, 4);
		memcpy(ss, &in4, sizeof(in4));
		return sizeof(in4);
	}
	if (a->family == AF_INET6) {
		in6.sin6_port = htons(a->port);
		in6.sin6_scope_id = a->scope;
		memcpy(&in6.sin6_addr, a->bytes, 16);
		memcpy(ss, &in6, sizeof(in6));
		return sizeof(in6);
	}
	return 0;
}

struct view
addr_bytes(const struct ipsec_addr *a)
{
	return view_of(a->bytes, family_bytes(a->family));
}

uint8_t
addr_bits(const struct ipsec_addr *a)
{
	return (uint8_t)(8 * family_bytes(a->family));
}

bool
addr_equal(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->scope != 0 && b->scope != 0 && a->scope != b->scope)
		return false;
	return view_equal(addr_bytes(a), addr_bytes(b));
}

bool
addr_equal_port(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	return a->port == b->port && addr_equal(a, b);
}

bool
addr_is_any(const struct ipsec_addr *a)
{
	static const uint8_t zero[16];
	struct view v = addr_bytes(a);

	return view_equal(v, view_of(zero, v.n));
}

bool
addr_is_multicast(const struct ipsec_addr *a)
{
	if (a->family == AF_INET)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == AF_INET6 && a->bytes[0] == 0xff;
}

bool
addr_in(const struct ipsec_addr *addr, const struct ipsec_addr *net,
    uint8_t prefix)
{
	size_t	whole = prefix / 8;
	uint8_t	mask = (uint8_t)(0xff00 >> prefix % 8);

	if (addr->family != net->family || prefix > addr_bits(addr) ||
	    addr_bits(addr) == 0)
		return false;
	if (memcmp(addr->bytes, net->bytes, whole) != 0)
		return false;
	return prefix % 8 == 0 ||
	    ((addr->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

void
addr_mask(struct ipsec_addr *a, uint8_t prefix)
{
	size_t	n = family_bytes(a->family);
	size_t	whole = prefix / 8;

	if (whole >= n)
		return;
	a->bytes[whole] &= (uint8_t)(0xff00 >> prefix % 8);
	memset(a->bytes + whole + 1, 0, n - whole - 1);
}

/* Appends the zone: the interface's name, its number when it has none. */
static void
print_zone(uint32_t scope, char out[ADDR_TEXT])
{
	char	name[IF_NAMESIZE];
	size_t	n = strlen(out);

	if (if_indextoname(scope, name) != NULL)
		snprintf(out + n, ADDR_TEXT - n, "%%%s", name);
	else
		snprintf(out + n, ADDR_TEXT - n, "%%%u", scope);
}

const char *
addr_print(const struct ipsec_addr *a, char out[ADDR_TEXT])
{
	if (inet_ntop(a->family, a->bytes, out, ADDR_TEXT) == NULL)
		snprintf(out, ADDR_TEXT, "-");
	else if (a->family == AF_INET6 && a->scope != 0)
		print_zone(a->scope, out);
	return out;
}

const char *
addr_print_port(const struct ipsec_addr *a, char out[ADDR_TEXT])
{
	size_t	n;

	addr_print(a, out);
	n = strlen(out);
	snprintf(out + n, ADDR_TEXT - n, "[%u]", a->port);
	return out;
}

bool
selector_equal(const struct ipsec_selector *a, const struct ipsec_selector *b)
{
	return addr_equal_port(&a->src, &b->src) &&
	    addr_equal_port(&a->dst, &b->dst) &&
	    a->src_prefix == b->src_prefix &&
	    a->dst_prefix == b->dst_prefix &&
	    a->proto == b->proto && a->ifindex == b->ifindex;
}

#define SIDE_TEXT	(ADDR_TEXT + 20)

/* "10.0.0.0/24[80]", "any[any]" when there is no address. */
static const char *
print_side(const struct ipsec_addr *a, uint8_t prefix, char out[SIDE_TEXT])
{
	char	text[ADDR_TEXT], port[sizeof("65535")] = "any";

	if (a->port != 0)
		snprintf(port, sizeof(port), "%u", a->port);
	if (a->family == 0)
		snprintf(out, SIDE_TEXT, "any[%s]", port);
	else
		snprintf(out, SIDE_TEXT, "%s/%u[%s]", addr_print(a, text),
		    prefix, port);
	return out;
}

const char *
selector_print(const struct ipsec_selector *s, char out[SELECTOR_TEXT])
{
	char	src[SIDE_TEXT], dst[SIDE_TEXT], proto[sizeof("255")] = "any";

	if (s->proto != 0)
		snprintf(proto, sizeof(proto), "%u", s->proto);
	snprintf(out, SELECTOR_TEXT, "%.98s -> %.98s proto %s",
	    print_side(&s->src, s->src_prefix, src),
	    print_side(&s->dst, s->dst_prefix, dst), proto);
	return out;
}
