/* SPDX-License-Identifier: ISC */
/*
 * Names in scripts of setkey: how often they are looked up.
 */
#include <sys/socket.h>

#include <string.h>

#include "libipsec/addr.h"
#include "setkey/parse.h"
#include "test/suite.h"

struct asked {
	unsigned int	host, service, protocol;
};

static int
counted_host(void *ctx, const char *name, int family, struct ipsec_addr *out,
    unsigned int *n)
{
	((struct asked *)ctx)->host++;
	ck_assert_str_eq(name, "both.example");
	*n = 1;
	ck_assert(addr_parse(out, family == AF_INET ? "192.0.2.1" :
	    "2001:db8::1"));
	return 0;
}

static int
counted_service(void *ctx, const char *name)
{
	((struct asked *)ctx)->service++;
	return strcmp(name, "isakmp") == 0 ? 500 : -1;
}

static int
counted_protocol(void *ctx, const char *name)
{
	((struct asked *)ctx)->protocol++;
	return strcmp(name, "icmp") == 0 ? 1 : strcmp(name, "udp") == 0 ? 17 :
	    47;
}

/* A name is looked up once, however often a script has it. */
START_TEST(names_once)
{
	static const struct resolver names = { .host = counted_host,
	    .service = counted_service, .protocol = counted_protocol };
	struct asked asked = { .host = 0 };
	struct parse_env env = { &names, NULL, &asked };
	union script_policy_room room;
	const struct script_policy *p;
	const struct command *c;
	struct script s;

	script_init(&s);
	ck_assert(script_parse(&s, view_text(
	    "spdadd -4 both.example[isakmp] 10.0.0.2 udp -P out none;"
	    "spdadd -6 both.example[isakmp] ::1 icmp -P out none;"
	    "spdadd 10.0.0.2 10.0.0.3[1] gre -P out none;"
	    "spdadd -6 both.example[isakmp] ::1 icmp -P out none;"
	    "spdadd -4 both.example[isakmp] 10.0.0.2 udp -P out none;"), 1,
	    &env));
	ck_assert_uint_eq(asked.host, 2);
	ck_assert_uint_eq(asked.service, 1);
	ck_assert_uint_eq(asked.protocol, 3);
	c = s.first->next->next->next;
	p = script_policy(c, &room);
	ck_assert_uint_eq(p->sel.proto, 1);
	ck_assert_uint_eq(p->sel.src.family, AF_INET6);
	ck_assert_uint_eq(p->sel.src.port, 500);
	p = script_policy(c->next, &room);
	ck_assert_uint_eq(p->sel.proto, 17);
	ck_assert_uint_eq(p->sel.src.family, AF_INET);
	script_fini(&s);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { names_once };

	return suite_main("names", tests, 1);
}
