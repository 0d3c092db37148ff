/* SPDX-License-Identifier: ISC */
/*
 * Packets as a raw socket hands them out, and counters.  The first byte: bit 0
 * the family, bits 1-2 the protocol (3: counters instead of a packet).
 */
#include <netinet/in.h>

#include <assert.h>

#include "daemon/procnet.h"
#include "daemon/straypkt.h"
#include "libipsec/addr.h"
#include "test/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "XfrmInNoStates",
	    "InUnknownProtos", NULL };
	static const uint8_t proto[] = { IPPROTO_ESP, IPPROTO_AH,
	    IPPROTO_UDP };
	struct view in = view_of(data, n);
	uint8_t how = view_u8(&in);
	struct stray_kind kind = { .port = { 4500 }, .nports = 1 };
	struct ike_stray s = { .spi = 0 };

	if (in.bad)
		return 0;
	if ((how >> 1 & 3) == 3) {
		(void)procnet_sum(in, names);
		return 0;
	}
	kind.family = how & 1 ? AF_INET6 : AF_INET;
	kind.proto = proto[how >> 1 & 3];
	if (!stray_parse(&kind, in, &s))
		return 0;
	assert(s.spi >= 256);
	assert(s.proto == IPSEC_PROTO_ESP || s.proto == IPSEC_PROTO_AH);
	assert((kind.proto == IPPROTO_UDP) == (s.dst.port == 4500));
	if (kind.family == AF_INET)
		assert(s.src.family == AF_INET && s.dst.family == AF_INET);
	return 0;
}
