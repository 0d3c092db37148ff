/* SPDX-License-Identifier: ISC */
/*
 * The complaints are those that racoonctl has always made; scripts may look
 * at them.
 */
#include "racoonctl/request.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "libipsec/addr.h"
#include "wire/admin.h"

#define PREFIX_USUAL	32	/* of an IKE SA nobody looks at it */

bool
refuse(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(w->why, sizeof(w->why), fmt, ap);
	va_end(ap);
	return false;
}

/* "kmpstat" is what the message was once called. */
bool
refuse_errno(struct words *w, int err)
{
	return refuse(w, "kmpstat: %s", strerror(err));
}

bool
proto_of(const char *word, uint16_t *out)
{
	static const struct {
		const char	*word;
		uint16_t	 proto;
	} rows[] = {
		{ "isakmp", ADMIN_ISAKMP },
		{ "ipsec", ADMIN_IPSEC },
		{ "ah", ADMIN_AH },
		{ "esp", ADMIN_ESP },
		{ "internal", ADMIN_INTERNAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0) {
			*out = rows[i].proto;
			return true;
		}
	return false;
}

bool
words_none(struct words *w)
{
	return w->n == 0 || refuse(w, "too many arguments");
}

/* One word too many was always called one too few. */
bool
words_proto(struct words *w)
{
	if (w->n != 1)
		return refuse(w, "insufficient arguments");
	return proto_of(w->word[0], &w->proto) ||
	    refuse(w, "unknown protocol %s", w->word[0]);
}

bool
words_level(struct words *w)
{
	static const char *const level[] = {
		"error", "warning", "notify", "info", "debug", "debug2"
	};

	if (w->n != 1)
		return refuse(w, "insufficient arguments");
	for (size_t i = 0; i < sizeof(level) / sizeof(level[0]); i++)
		if (strcmp(level[i], w->word[0]) == 0) {
			w->proto = (uint16_t)(LOG_L_ERROR + i);
			return true;
		}
	return refuse(w, "unknown level %s: error, warning, notify, info, "
	    "debug or debug2", w->word[0]);
}

bool
resolve(struct words *w, int family, const char *name, const char *port,
    struct ipsec_addr *out)
{
	const struct addrinfo hints = { .ai_family = family,
	    .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list;
	const int r = getaddrinfo(name, port, &hints, &list);
	bool good;

	if (r != 0) {
		printf("%s: %s/%s\n", gai_strerror(r), name,
		    port == NULL ? "(null)" : port);
		return refuse_errno(w, r == EAI_AGAIN ? EAGAIN : 0);
	}
	good = addr_from_sockaddr(out, list->ai_addr);
	freeaddrinfo(list);
	return good || refuse_errno(w, EAFNOSUPPORT);
}

/* Cuts TEXT at C; what is behind it, or NULL. */
static char *
cut(char *text, char c)
{
	char *at = text == NULL ? NULL : strchr(text, c);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

/* ADDR, ADDR/PREFIX, ADDR/PREFIX[PORT]; without a prefix just this address. */
static bool
end_of(struct words *w, int family, char *text, struct ipsec_addr *out,
    uint8_t *prefix)
{
	char *bits = cut(text, '/'), *port = cut(bits, '['), *rest;
	unsigned long n = family == AF_INET6 ? 128 : 32;

	if (strchr(text, '[') != NULL)
		return refuse_errno(w, 0);
	if (bits != NULL) {
		n = strtoul(bits, &rest, 10);
		if (rest == bits || *rest != '\0' || n > 128)
			return refuse_errno(w, EINVAL);
	}
	if (port != NULL && (rest = cut(port, ']')) == NULL)
		return refuse_errno(w, EINVAL);
	*prefix = (uint8_t)n;
	return resolve(w, family, text, port, out);
}

static bool
upper_of(const char *word, uint8_t *out)
{
	static const struct {
		const char	*word;
		uint8_t		 proto;
	} rows[] = {
		{ "any", 0 },
		{ "icmp", IPPROTO_ICMP },
		{ "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
		{ "gre", IPPROTO_GRE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0) {
			*out = rows[i].proto;
			return true;
		}
	return false;
}

static bool
take_ends(struct words *w, int family, char *src, char *dst)
{
	struct admin_ends ends = { .src_prefix = PREFIX_USUAL,
	    .dst_prefix = PREFIX_USUAL };
	const bool isakmp = w->proto == ADMIN_ISAKMP;

	if (isakmp ? !resolve(w, family, src, NULL, &ends.src) ||
	    !resolve(w, family, dst, NULL, &ends.dst) :
	    !end_of(w, family, src, &ends.src, &ends.src_prefix) ||
	    !end_of(w, family, dst, &ends.dst, &ends.dst_prefix))
		return false;
	if (w->n == 5 && !upper_of(w->word[4], &ends.proto))
		return refuse_errno(w, EINVAL);
	admin_ends_put(&w->body, &ends);
	return true;
}

/* isakmp FAMILY SRC DST, or esp|ah FAMILY SRC DST [UPPER] */
bool
words_saopts(struct words *w)
{
	char *src, *dst;
	bool good;
	int family;

	if (w->n == 0)
		return refuse(w, "insufficient arguments");
	if (!proto_of(w->word[0], &w->proto))
		return refuse(w, "unknown protocol %s", w->word[0]);
	if (w->proto == ADMIN_IPSEC || w->proto == ADMIN_INTERNAL)
		return refuse_errno(w, EPROTONOSUPPORT);
	if (w->n != 4 && (w->n != 5 || w->proto == ADMIN_ISAKMP))
		return refuse_errno(w, EINVAL);
	family = strcmp(w->word[1], "inet") == 0 ? AF_INET :
	    strcmp(w->word[1], "inet6") == 0 ? AF_INET6 : AF_UNSPEC;
	if (family == AF_UNSPEC)
		return refuse_errno(w, EAFNOSUPPORT);
	src = xstrdup(w->word[2]);
	dst = xstrdup(w->word[3]);
	good = take_ends(w, family, src, dst);
	free(src);
	free(dst);
	return good;
}
