/* SPDX-License-Identifier: ISC */
/*
 * Answers of the DNS.  The first byte is the type of an identity, whose name
 * the rest is, too: it must be one that may be logged and looked up.
 */
#include <assert.h>

#include "test/fuzz/fuzz.h"
#include "wire/dns.h"

/* A question, sent back, is its own answer when it says that it is one. */
static void
check_query(const char *name)
{
	struct buf b;

	buf_init(&b, 512);
	dns_put_query(&b, 7, name);
	assert(buf_ok(&b) && dns_reply(buf_view(&b), buf_view(&b)) ==
	    DNS_OTHER);
	buf_patch8(&b, 2, b.p[2] | 0x80);
	assert(dns_reply(buf_view(&b), buf_view(&b)) == DNS_WHOLE);
	buf_fini(&b);
}

static void
check_name(uint8_t type, struct view data)
{
	char name[DNS_NAME];
	size_t n;

	if (!dns_name(type, data, name))
		return;
	n = strlen(name);
	assert(n >= 2 && n < sizeof(name) && name[n - 1] == '.');
	assert(name[0] != '.');
	for (size_t i = 0; i < n; i++)
		assert(name[i] > ' ' && name[i] <= '~' && name[i] != '"');
	check_query(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view in = view_of(data, n);
	uint8_t type = view_u8(&in);
	struct dns_answer a;
	enum err r;

	if (in.bad)
		return 0;
	check_name(type, in);
	(void)dns_reply(in, in);
	(void)dns_reply(view_of(data, n / 2), in);
	r = dns_get(in, &a);
	assert(r == OK || r == E_SHORT || r == E_PAYLOAD);
	assert(r == OK || a.ncerts == 0);
	assert(a.ncerts <= DNS_CERTS);
	for (unsigned i = 0; i < a.ncerts; i++)
		assert(!a.cert[i].bad && a.cert[i].n > 0 &&
		    a.cert[i].p >= in.p &&
		    a.cert[i].p + a.cert[i].n <= in.p + in.n);
	return 0;
}
