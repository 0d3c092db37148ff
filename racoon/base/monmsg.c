/* SPDX-License-Identifier: ISC */
/* The table of messages, which writes and reads them. */
#include "base/monmsg.h"

#include <string.h>

#define ANSWER		0x80u		/* in the first byte */

#define NUM	MON_F_NUM
#define ADDR	MON_F_ADDR
#define TEXT	MON_F_TEXT
#define MORE	MON_F_MORE
#define SA	MON_F_SA
#define POLICY	MON_F_POLICY
#define FD	MON_F_FD
#define NONE	0u

static const struct row {
	const char	*name;
	unsigned int	 fields, answer;
} rows[MON_OP_END] = {
	[MON_GETSPI] = { "getspi", SA | NUM, NUM },
	[MON_SA_SET] = { "sa-set", SA | NUM, NONE },
	[MON_SA_GET] = { "sa-get", MON_F_ID, SA },
	[MON_SA_DELETE] = { "sa-delete", MON_F_ID, NONE },
	[MON_SA_DUMP] = { "sa-dump", MON_F_FILTER, NONE },
	[MON_POLICY_SET] = { "policy-set", POLICY | NUM, NONE },
	[MON_POLICY_GET] = { "policy-get", POLICY, POLICY },
	[MON_POLICY_DELETE] = { "policy-delete", POLICY, NONE },
	[MON_POLICY_DUMP] = { "policy-dump", MON_F_FILTER, NONE },
	[MON_FLUSH] = { "flush", NUM, NONE },
	[MON_CAN] = { "can", NUM | MON_F_ALG, NONE },
	[MON_LISTEN] = { "listen", NUM, NONE },
	[MON_CONF] = { "conf", NONE, FD },
	[MON_KEEP] = { "keep", NUM, NONE },
	[MON_OPEN] = { "open", NUM | TEXT, FD },
	[MON_LIST] = { "list", TEXT, FD },
	[MON_KEY] = { "key", NUM | TEXT, FD },
	[MON_BIND] = { "bind", NUM | ADDR, ADDR | FD },
	[MON_RAW] = { "raw", NUM, FD },
	[MON_SOURCE] = { "source", ADDR, ADDR },
	[MON_ADMIN] = { "admin", NONE, FD },
	[MON_METRICS] = { "metrics", NONE, FD },
	[MON_HOOK] = { "hook", NUM | ADDR | TEXT | MORE, NONE },
	[MON_HOOKS] = { "hooks", NONE, NUM },
	[MON_GIVE] = { "give", NONE, FD },
	[MON_GIVEN] = { "given", NONE, NONE },
	[MON_TAKE] = { "take", NONE, FD },
	[MON_SIGN] = { "sign", NUM | TEXT | MORE, TEXT },
	[MON_LOG] = { "log", NUM | TEXT | MORE, NONE },
	[MON_READY] = { "ready", NONE, NONE },
	[MON_EVENT] = { "event", NUM | SA | POLICY | MON_F_FLOW, NONE },
	[MON_BEAT] = { "beat", NONE, NONE },
	[MON_MORE] = { "more", TEXT, NONE },
};

static bool
is_op(unsigned int op)
{
	return op < MON_OP_END && rows[op].name != NULL;
}

const char *
mon_name(enum mon_op op)
{
	return is_op((unsigned int)op) ? rows[op].name : "?";
}

unsigned int
mon_fields(enum mon_op op, bool answer)
{
	if (!is_op((unsigned int)op))
		return 0;
	return answer ? rows[op].answer : rows[op].fields;
}

/* What is in this very message: a failure has its reason only. */
static unsigned int
fields_of(const struct mon_msg *m)
{
	return m->answer && m->result < 0 ? TEXT :
	    mon_fields(m->op, m->answer);
}

/* The structures that go as they are, in the order of their going. */
struct part {
	unsigned int	field;
	void		*p;
	size_t		n;
};

#define PARTS	9

static void
parts_of(struct mon_msg *m, struct part part[PARTS])
{
	const struct part all[PARTS] = {
		{ MON_F_ADDR, &m->addr, sizeof(m->addr) },
		{ MON_F_SA, &m->sa, sizeof(m->sa) },
		{ MON_F_ID, &m->id, sizeof(m->id) },
		{ MON_F_POLICY, &m->policy, sizeof(m->policy) },
		{ MON_F_FILTER, &m->filter, sizeof(m->filter) },
		{ MON_F_ALG, &m->alg, sizeof(m->alg) },
		{ MON_F_FLOW, &m->flow, sizeof(m->flow) },
		{ MON_F_FLOW, &m->from, sizeof(m->from) },
		{ MON_F_FLOW, &m->to, sizeof(m->to) },
	};

	memcpy(part, all, sizeof(all));
}

static void
put_bytes(struct buf *out, struct view v)
{
	buf_u32(out, (uint32_t)v.n);
	buf_add(out, v);
}

void
mon_put(struct buf *out, const struct mon_msg *m)
{
	const unsigned int fields = fields_of(m);
	struct part part[PARTS];

	/* They are read here and written in mon_get(). */
	parts_of((struct mon_msg *)(uintptr_t)m, part);
	buf_u8(out, (uint8_t)((unsigned int)m->op | (m->answer ? ANSWER : 0)));
	if (m->answer)
		buf_u32(out, (uint32_t)m->result);
	if (fields & NUM) {
		buf_u32(out, m->num[0]);
		buf_u32(out, m->num[1]);
	}
	for (size_t i = 0; i < PARTS; i++)
		if (fields & part[i].field)
			buf_put(out, part[i].p, part[i].n);
	if (fields & TEXT)
		put_bytes(out, m->text);
	if (fields & MORE)
		put_bytes(out, m->more);
}

static struct view
get_bytes(struct view *v)
{
	return view_take(v, view_u32(v));
}

static bool
ends(const struct ipsec_key *k)
{
	return memchr(k->name, '\0', sizeof(k->name)) != NULL;
}

/* What later is read as text must end. */
static bool
names_end(const struct mon_msg *m)
{
	return ends(&m->sa.enc) && ends(&m->sa.auth) && ends(&m->sa.aead) &&
	    ends(&m->sa.comp) && ends(&m->alg) &&
	    m->sa.ctx.length <= sizeof(m->sa.ctx.text) &&
	    m->policy.ctx.length <= sizeof(m->policy.ctx.text) &&
	    m->policy.ntmpl <= IPSEC_TMPL_MAX;
}

enum err
mon_get(struct view v, struct mon_msg *m)
{
	struct part part[PARTS];
	unsigned int op, fields;

	memset(m, 0, sizeof(*m));
	m->text = m->more = view_of("", 0);
	op = view_u8(&v);
	if (v.bad)
		return E_SHORT;
	m->answer = (op & ANSWER) != 0;
	op &= ~ANSWER;
	if (!is_op(op))
		return E_PAYLOAD_TYPE;
	m->op = (enum mon_op)op;
	if (m->answer)
		m->result = (int32_t)view_u32(&v);
	fields = fields_of(m);
	if (fields & NUM) {
		m->num[0] = view_u32(&v);
		m->num[1] = view_u32(&v);
	}
	parts_of(m, part);
	for (size_t i = 0; i < PARTS; i++)
		if (fields & part[i].field)
			view_bytes(&v, part[i].p, part[i].n);
	if (fields & TEXT)
		m->text = get_bytes(&v);
	if (fields & MORE)
		m->more = get_bytes(&v);
	if (v.bad)
		return E_SHORT;
	if (v.n > 0)
		return E_LENGTH;
	return names_end(m) ? OK : E_PAYLOAD;
}
