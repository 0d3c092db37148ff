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
