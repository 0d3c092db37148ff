/* SPDX-License-Identifier: ISC */
/* An SA and a policy of which both kinds of kernel messages are made. */
#ifndef TEST_SAMPLES_H
#define TEST_SAMPLES_H

#include <check.h>
#include <netinet/in.h>

#include "libipsec/addr.h"
#include "libipsec/ipsec.h"

static inline struct ipsec_addr
addr(const char *text)
{
	struct ipsec_addr a;

	ck_assert_msg(addr_parse(&a, text), "%s", text);
	return a;
}

/* Of BITS, which count up; ICV 0: that of the algorithm. */
static inline struct ipsec_key
key(uint16_t id, uint16_t bits, uint16_t icv)
{
	struct ipsec_key k = { .id = id, .key_bits = bits, .icv_bits = icv,
	    .present = 1 };

	for (unsigned int i = 0; i < (bits + 7u) / 8; i++)
		k.key[i] = (uint8_t)(i + 1);
	return k;
}

static inline struct ipsec_sa
esp_with(struct ipsec_key auth)
{
	return (struct ipsec_sa){
		.id = { .dst = addr("192.0.2.2"), .spi = 0x12345678,
		    .proto = IPSEC_PROTO_ESP },
		.src = addr("192.0.2.1"),
		.mode = IPSEC_MODE_TRANSPORT,
		.state = IPSEC_STATE_MATURE,
		.enc = key(12, 128, 0),
		.auth = auth,
	};
}

static inline struct ipsec_policy
policy(void)
{
	struct ipsec_policy p = {
		.sel = { .src = addr("10.1.0.0"), .dst = addr("10.2.0.0"),
		    .src_prefix = 16, .dst_prefix = 16,
		    .proto = IPPROTO_TCP },
		.dir = IPSEC_DIR_OUT,
		.action = IPSEC_ACTION_IPSEC,
		.ntmpl = 1,
		.priority = 0x80000000u - 100,
	};

	p.sel.dst.port = 8140;
	p.tmpl[0].proto = IPSEC_PROTO_ESP;
	p.tmpl[0].mode = IPSEC_MODE_TRANSPORT;
	return p;
}

#endif
