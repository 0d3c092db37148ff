/* SPDX-License-Identifier: ISC */
/*
 * A datagram from an XFRM netlink socket: as events, as a dump and as
 * answers.  An SA or policy that was understood and is one that we could set
 * is written and read again, and must then be the same.
 */
#include <assert.h>
#include <linux/xfrm.h>
#include <string.h>

#include "libipsec/check.h"
#include "libipsec/xfrm_msg.h"
#include "test/fuzz/fuzz.h"

#define NOW	1800000000u

/* The body of the only message in B. */
static struct view
only(const struct buf *b)
{
	struct view v = buf_view(b);
	struct xfrm_msg m;

	assert(buf_ok(b));
	assert(xfrm_msg_next(&v, &m));
	assert(view_end(&v));
	return m.body;
}

static void
check_key(const struct ipsec_key *k)
{
	assert(k->key_bits <= 8 * IPSEC_KEY_MAX);
	assert(memchr(k->name, '\0', sizeof(k->name)) != NULL);
	assert(k->present == 1 || k->present == 0);
}

static void
check_sa(const struct ipsec_sa *sa)
{
	struct ipsec_sa back;
	const char *why;
	struct buf b;

	check_key(&sa->enc);
	check_key(&sa->auth);
	check_key(&sa->aead);
	check_key(&sa->comp);
	assert(sa->ctx.length <= sizeof(sa->ctx.text));
	if (ipsec_check_sa(sa, &why) != 0)
		return;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_sa(&b, sa, false);
	assert(xfrm_get_sa(only(&b), NOW, &back));
	assert(back.id.spi == sa->id.spi && back.reqid == sa->reqid);
	assert(memcmp(&back.enc.key, &sa->enc.key, sizeof(back.enc.key)) == 0);
	assert(memcmp(&back.soft, &sa->soft, sizeof(back.soft)) == 0);
	buf_fini(&b);
}

static void
check_policy(const struct ipsec_policy *p)
{
	struct ipsec_policy back;
	const char *why;
	struct buf b;

	assert(p->ntmpl <= IPSEC_TMPL_MAX);
	assert(p->ctx.length <= sizeof(p->ctx.text));
	if (ipsec_check_policy(p, &why) != 0)
		return;
	buf_init(&b, XFRM_MSG_BYTES);
	xfrm_put_policy(&b, p, true);
	assert(xfrm_get_policy(only(&b), &back));
	/* Templates are sent for IPsec only; without any it is a pass. */
	if (p->ntmpl > 0 || p->action != IPSEC_ACTION_IPSEC)
		assert(back.action == p->action);
	if (p->action == IPSEC_ACTION_IPSEC)
		assert(back.ntmpl == p->ntmpl);
	assert(back.priority == p->priority && back.dir == p->dir);
	assert(memcmp(&back.hard, &p->hard, sizeof(back.hard)) == 0);
	buf_fini(&b);
}

static void
check_message(const struct xfrm_msg *m)
{
	struct ipsec_filter all = { .proto = 0 };
	struct ipsec_event e;
	struct ipsec_policy p;
	struct ipsec_sa sa;
	char	why[100];

	assert(xfrm_get_result(m, why, sizeof(why)) <= 0);
	assert(memchr(why, '\0', sizeof(why)) != NULL);
	if (xfrm_get_sa(m->body, NOW, &sa)) {
		check_sa(&sa);
		(void)ipsec_sa_passes(&all, &sa);
	}
	if (xfrm_get_policy(m->body, &p)) {
		check_policy(&p);
		assert(ipsec_policy_passes(&all, &p));
	}
	if (xfrm_get_event(m, NOW, &e)) {
		assert(e.type != IPSEC_EVENT_RESYNC);
		assert(e.policy.ntmpl <= IPSEC_TMPL_MAX);
		check_key(&e.sa.auth);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view v = view_of(data, n);
	struct xfrm_msg m;

	while (xfrm_msg_next(&v, &m))
		check_message(&m);
	return 0;
}
