/* SPDX-License-Identifier: ISC */
/*
 * A datagram from a PF_KEY socket: as events, as a dump and as answers.  An
 * SA or policy that was understood is written, as a request and as the
 * kernel's own message, and read again.
 */
#include <assert.h>
#include <string.h>

#include "libipsec/check.h"
#include "libipsec/pfkey_msg.h"
#include "test/fuzz/fuzz.h"

/* The only message in B. */
static struct pfkey_msg
only(const struct buf *b)
{
	struct pfkey_msg m;

	assert(buf_ok(b));
	assert(pfkey_msg_parse(buf_view(b), &m) == PFKEY_GOOD);
	assert(!m.unknown);
	return m;
}

static void
check_key(const struct ipsec_key *k)
{
	assert(k->key_bits <= 8 * IPSEC_KEY_MAX);
	assert(k->present == 1 || k->present == 0);
}

static void
check_sa(const struct ipsec_sa *sa)
{
	struct pfkey_msg m;
	struct ipsec_sa back;
	const char *why;
	struct buf b;

	check_key(&sa->enc);
	check_key(&sa->auth);
	assert(sa->ctx.length <= sizeof(sa->ctx.text));
	assert(sa->state <= IPSEC_STATE_DEAD);
	if (ipsec_check_sa(sa, &why) != 0)
		return;
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_sa(&b, sa, false);
	m = only(&b);
	assert(pfkey_get_sa(&m, &back));
	assert(back.id.spi == sa->id.spi && back.reqid == sa->reqid);
	assert(memcmp(&back.enc, &sa->enc, sizeof(back.enc)) == 0);
	assert(memcmp(&back.soft, &sa->soft, sizeof(back.soft)) == 0);
	buf_reset(&b);
	pfkey_put_sa_told(&b, SADB_DUMP, sa);
	m = only(&b);
	assert(pfkey_get_sa(&m, &back));
	assert(memcmp(&back.auth, &sa->auth, sizeof(back.auth)) == 0);
	assert(memcmp(&back.ctx, &sa->ctx, sizeof(back.ctx)) == 0);
	buf_fini(&b);
}

static void
check_policy(const struct ipsec_policy *p)
{
	struct pfkey_msg m;
	struct ipsec_policy back;
	const char *why;
	struct buf b;

	assert(p->ntmpl <= IPSEC_TMPL_MAX);
	assert(p->ctx.length <= sizeof(p->ctx.text));
	if (ipsec_check_policy(p, &why) != 0)
		return;
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_policy(&b, p, true);
	m = only(&b);
	assert(pfkey_get_policy(&m, &back));
	if (p->action == IPSEC_ACTION_IPSEC)
		assert(back.ntmpl == p->ntmpl);
	assert(back.priority == p->priority && back.dir == p->dir);
	assert(memcmp(&back.sel, &p->sel, sizeof(back.sel)) == 0);
	assert(memcmp(&back.hard, &p->hard, sizeof(back.hard)) == 0);
	buf_reset(&b);
	pfkey_put_policy_told(&b, SADB_X_SPDGET, p);
	m = only(&b);
	assert(pfkey_get_policy(&m, &back));
	assert(back.index == p->index);
	buf_fini(&b);
}

static void
check_event(const struct ipsec_event *e)
{
	struct pfkey_msg m;
	struct ipsec_event back;
	struct buf b;

	assert(e->type != IPSEC_EVENT_RESYNC);
	check_key(&e->sa.auth);
	buf_init(&b, PFKEY_MSG_BYTES);
	pfkey_put_event(&b, e);
	m = only(&b);
	(void)pfkey_get_event(&m, &back);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view v = view_of(data, n);
	struct pfkey_msg m;
	struct ipsec_event e;
	struct ipsec_policy p;
	struct ipsec_sa sa;
	enum pfkey_verdict r;

	while ((r = pfkey_msg_next(&v, &m)) != PFKEY_CUT) {
		if (r != PFKEY_GOOD)
			continue;
		if (pfkey_get_sa(&m, &sa))
			check_sa(&sa);
		if (pfkey_get_policy(&m, &p))
			check_policy(&p);
		if (pfkey_get_event(&m, &e))
			check_event(&e);
	}
	return 0;
}
