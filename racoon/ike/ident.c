/* SPDX-License-Identifier: ISC */
/* Identities: configured identifiers and traffic selectors as ID payloads. */

#include "ike/ident.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "libipsec/addr.h"
#include "wire/isakmp.h"

void
ident_own(const struct remote *remote, const struct ipsec_addr *local,
    struct buf *body)
{
	const struct conf_id *own = &remote->my_id;
	struct id_payload id = { .type = own->type };

	if (own->has_value) {
		id.data = buf_view(&own->data);
	} else {
		id.type = local->family == AF_INET6 ? ID_IPV6 : ID_IPV4;
		id.data = addr_bytes(local);
	}
	/* an address is of the IKE port: RFC 2407 4.6.2 */
	if (id.type == ID_IPV4 || id.type == ID_IPV6) {
		id.proto = IPPROTO_UDP;
		id.port = ISAKMP_PORT;
	}
	buf_reset(body);
	id_put(body, &id);
}

void
ident_put(struct buf *body, const struct ipsec_addr *addr, uint8_t prefix,
    uint8_t proto)
{
	bool v6 = addr->family == AF_INET6;
	bool host = prefix == addr_bits(addr);
	struct ipsec_addr net = *addr, mask = { .family = addr->family };
	struct id_payload id = { .proto = proto, .port = addr->port };
	uint8_t data[32];
	size_t len = addr_bytes(addr).n;

	addr_mask(&net, prefix);
	memset(mask.bytes, 0xff, len);
	addr_mask(&mask, prefix);
	memcpy(data, net.bytes, len);
	memcpy(data + len, mask.bytes, len);
	if (host)
		id.type = v6 ? ID_IPV6 : ID_IPV4;
	else
		id.type = v6 ? ID_IPV6_SUBNET : ID_IPV4_SUBNET;
	id.data = view_of(data, host ? len : 2 * len);
	id_put(body, &id);
}

enum err
ident_selector(const struct id_payload *from,
    const struct id_payload *to, struct ipsec_selector *sel)
{
	struct id_net src, dst;

	if (id_net_get(from, &src) != OK || id_net_get(to, &dst) != OK ||
	    src.is_range || dst.is_range ||
	    src.first.family != dst.first.family ||
	    from->proto != to->proto)
		return E_ID;
	*sel = (struct ipsec_selector){
		.src = src.first,
		.dst = dst.first,
		.src_prefix = src.prefix,
		.dst_prefix = dst.prefix,
		.proto = from->proto,
	};
	sel->src.port = from->port;
	sel->dst.port = to->port;
	return OK;
}

void
ident_mirror(const struct ipsec_selector *sel, struct ipsec_selector *out)
{
	bool has_ports = sel->proto != IPPROTO_ICMP &&
	    sel->proto != IPPROTO_ICMPV6;
	uint16_t src = sel->src.port, dst = sel->dst.port;

	*out = *sel;
	out->src = sel->dst;
	out->dst = sel->src;
	out->src_prefix = sel->dst_prefix;
	out->dst_prefix = sel->src_prefix;
	if (!has_ports) {		/* type and code stay in place */
		out->src.port = src;
		out->dst.port = dst;
	}
}
