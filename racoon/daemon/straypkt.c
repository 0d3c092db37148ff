/* SPDX-License-Identifier: ISC */
/* Reads packets of ESP, AH and ESP in UDP, and writes filters for them. */
#include "daemon/straypkt.h"

#include <netinet/in.h>
#include <string.h>

#include "libipsec/addr.h"

#define SPI_MIN		256	/* RFC 4303 2.1: those below are reserved */
#define IPV4_HEADER	20
#define SPI_IN_ESP	0	/* RFC 4303 2 */
#define SPI_IN_AH	4	/* RFC 4302 2 */
#define SPI_IN_UDP	8	/* RFC 3948 2.1 */
#define PORT_IN_UDP	2

/*
 * Counters
 */

/*
 * As long as no SA for ESP has been added since the machine was started, the
 * kernel does not even know the protocol: it counts that, or finds that a
 * policy wants other protection, which happens with clear text too.
 */
static bool
is_counter(struct view word)
{
	static const char *const name[] = {
		"XfrmInNoStates", "XfrmInTmplMismatch", "Ip6InUnknownProtos",
		"InUnknownProtos",
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (view_equal(word, view_text(name[i])))
			return true;
	return false;
}

static struct view
take_line(struct view *text)
{
	const uint8_t *end = text->n == 0 ? NULL :
	    memchr(text->p, '\n', text->n);
	size_t n = end == NULL ? text->n : (size_t)(end - text->p);
	struct view line = view_take(text, n);

	if (end != NULL)
		(void)view_take(text, 1);
	return line;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct view
take_word(struct view *line)
{
	size_t n = 0;

	while (line->n > 0 && is_blank(line->p[0]))
		(void)view_take(line, 1);
	while (n < line->n && !is_blank(line->p[n]))
		n++;
	return view_take(line, n);
}

static uint64_t
number_of(struct view word)
{
	uint64_t value = 0;

	while (word.n > 0 && word.p[0] >= '0' && word.p[0] <= '9')
		value = value * 10 + (view_u8(&word) - '0');
	return value;
}

/* "Name 12" is a line of its own in xfrm_stat and snmp6. */
static uint64_t
named_in_line(struct view line)
{
	struct view name = take_word(&line);

	return is_counter(name) ? number_of(take_word(&line)) : 0;
}

/* In snmp a line of names is followed by one of values; both begin with the
 * name of the group. */
static uint64_t
named_above(struct view names, struct view values)
{
	struct view group = take_word(&names);
	uint64_t sum = 0;

	if (group.n == 0 || !view_equal(group, take_word(&values)))
		return 0;
	while (names.n > 0) {
		struct view value = take_word(&values);

		if (is_counter(take_word(&names)))
			sum += number_of(value);
	}
	return sum;
}

uint64_t
stray_counters(struct view text)
{
	struct view before = text, line;
	uint64_t sum = 0;

	before.n = 0;
	while (text.n > 0) {
		line = take_line(&text);
		sum += named_in_line(line) + named_above(before, line);
		before = line;
	}
	return sum;
}

/*
 * Packets
 */

static bool
take_ipv4(uint8_t proto, struct view *packet, struct ike_stray *s)
{
	struct view header, rest;
	uint8_t length;

	header = *packet;
	length = view_u8(&header);
	if (header.bad || length >> 4 != 4 || (length & 15) * 4 < IPV4_HEADER)
		return false;
	(void)view_take(&header, 8);		/* to the protocol */
	if (view_u8(&header) != proto)
		return false;
	(void)view_take(&header, 2);		/* its checksum */
	if (!addr_from_bytes(&s->src, AF_INET, view_take(&header, 4)) ||
	    !addr_from_bytes(&s->dst, AF_INET, view_take(&header, 4)))
		return false;
	rest = *packet;
	(void)view_take(&rest, (size_t)(length & 15) * 4);
	*packet = rest;
	return !rest.bad;
}

static bool
is_port(const struct stray_kind *kind, uint16_t port)
{
	for (unsigned int i = 0; i < kind->nports; i++)
		if (kind->port[i] == port)
			return true;
	return false;
}

bool
stray_parse(const struct stray_kind *kind, struct view packet,
    struct ike_stray *s)
{
	if (kind->family == AF_INET && !take_ipv4(kind->proto, &packet, s))
		return false;
	s->proto = kind->proto;
	if (kind->proto == IPPROTO_UDP) {
		s->proto = IPSEC_PROTO_ESP;
		s->src.port = view_u16(&packet);
		s->dst.port = view_u16(&packet);
		(void)view_u32(&packet);	/* length and checksum */
		if (!is_port(kind, s->dst.port) || s->src.port == 0)
			return false;
	} else if (kind->proto == IPPROTO_AH) {
		(void)view_u32(&packet);
	}
	s->spi = view_u32(&packet);
	return !packet.bad && s->spi >= SPI_MIN;
}

/*
 * Filters: x is where the header behind that of IP begins
 */

struct program {
	struct sock_filter *code;
	unsigned short	 n;
};

static void
put(struct program *p, uint16_t code, uint32_t k)
{
	p->code[p->n++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Goes on behind YES further instructions when the value is K, else with the
 * next one. */
static void
put_equal(struct program *p, uint32_t k, unsigned int yes)
{
	p->code[p->n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ |
	    BPF_K, k, (uint8_t)yes, 0);
}

static void
put_ports(struct program *p, const struct stray_kind *kind)
{
	put(p, BPF_LD | BPF_H | BPF_IND, PORT_IN_UDP);
	for (unsigned int i = 0; i < kind->nports; i++)
		put_equal(p, kind->port[i], kind->nports - i);
	put(p, BPF_RET | BPF_K, 0);
}

/* Reading beyond the end of a packet drops it. */
unsigned short
stray_filter(const struct stray_kind *kind, const uint32_t *spi, size_t n,
    struct sock_filter code[STRAY_CODE])
{
	struct program p = { .code = code };

	if (kind->family == AF_INET)
		put(&p, BPF_LDX | BPF_B | BPF_MSH, 0);
	else
		put(&p, BPF_LDX | BPF_IMM, 0);
	if (kind->proto == IPPROTO_UDP)
		put_ports(&p, kind);
	put(&p, BPF_LD | BPF_W | BPF_IND, kind->proto == IPPROTO_UDP ?
	    SPI_IN_UDP : kind->proto == IPPROTO_AH ? SPI_IN_AH : SPI_IN_ESP);
	p.code[p.n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE |
	    BPF_K, SPI_MIN, 1, 0);
	put(&p, BPF_RET | BPF_K, 0);
	for (size_t i = 0; i < n && i < STRAY_NAMES; i++) {
		p.code[p.n++] = (struct sock_filter)BPF_JUMP(BPF_JMP |
		    BPF_JEQ | BPF_K, spi[i], 0, 1);
		put(&p, BPF_RET | BPF_K, 0);
	}
	put(&p, BPF_RET | BPF_K, STRAY_SNAP);
	return p.n;
}
