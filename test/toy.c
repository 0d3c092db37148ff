/* SPDX-License-Identifier: ISC */
/* A toy exchange for tests of the runner. */

#include "toy.h"

#include <check.h>

#include "base/mem.h"

/* The runner does not look at the scratch: ours is the toy. */
static struct toy *
toy_of(struct exchange *x)
{
	return (struct toy *)(void *)x->quick;
}

static enum err
toy_recv(struct exchange *x, const struct msg *msg)
{
	struct toy *toy = toy_of(x);

	ck_assert_uint_gt(msg->n, 0);
	toy->recvs++;
	return toy->recv_err;
}

static void
toy_run(struct job *job)
{
	buf_u8(&job->out[0], 1);
}

static enum err
toy_take(struct exchange *x, struct job *job)
{
	struct toy *toy = toy_of(x);

	ck_assert_uint_eq(job->out[0].n, 1);
	toy->takes++;
	return toy->take_err;
}

static struct job *
toy_work(struct exchange *x, unsigned int nth)
{
	struct toy *toy = toy_of(x);
	struct job *job;

	if (nth >= toy->jobs)
		return NULL;
	ck_assert_uint_eq(nth, toy->takes);
	job = job_new(x->ike->crypto, toy_run);
	job->take = toy_take;
	job->err = toy->run_err;
	toy->runs++;
	return job;
}

static enum err
toy_send(struct exchange *x, struct msg_out *out)
{
	struct toy *toy = toy_of(x);

	msg_open(out, ISAKMP_NONCE);
	buf_zero(out->b, toy->bytes - 1);
	buf_u8(out->b, (uint8_t)++toy->sends);
	msg_close(out);
	return toy->send_err;
}

static void
toy_done(struct exchange *x)
{
	ck_assert(x->over);
	toy_of(x)->dones++;
}

static void
toy_failed(struct exchange *x, enum err err)
{
	struct toy *toy = toy_of(x);

	ck_assert(x->over);
	toy->faileds++;
	toy->why = err;
	if (toy->keep)
		return;
	exch_free(x);
	toy->x = NULL;
}

static void
toy_clean(struct exchange *x)
{
	toy_of(x)->cleans++;
}

#define NONCE	MSG_BIT(ISAKMP_NONCE)
#define KE	MSG_BIT(ISAKMP_KE)
#define N	MSG_BIT(ISAKMP_N)
#define BOTH	(STEP_SEALED | STEP_SEALS)

static const struct step initiator[] = {
	{ "TI1", 0, 0, 0, NULL, toy_work, toy_send },
	{ "TI2", NONCE, N, 0, toy_recv, toy_work, toy_send },
};
static const struct step responder[] = {
	{ "TR1", NONCE, N, 0, toy_recv, toy_work, toy_send },
	{ "TR2", KE, 0, 0, toy_recv, NULL, toy_send },
};
static const struct step insisting[] = {
	{ "TQ1", NONCE, N, 0, toy_recv, NULL, toy_send },
	{ "TQ2", KE, 0, 0, toy_recv, NULL, NULL },
};
static const struct step sealed[] = {
	{ "TS1", NONCE, 0, BOTH, toy_recv, NULL, toy_send },
	{ "TS2", KE, 0, BOTH, toy_recv, NULL, toy_send },
};

const struct flow toy_initiator = { "toy", TOY_ETYPE, true, true, 2,
    initiator, toy_done, NULL, NULL, toy_failed, toy_clean, 1, NULL };
const struct flow toy_responder = { "toy", TOY_ETYPE, false, false, 2,
    responder, toy_done, NULL, NULL, toy_failed, toy_clean, 1, NULL };
const struct flow toy_insisting = { "toy", TOY_ETYPE, false, true, 2,
    insisting, toy_done, NULL, NULL, toy_failed, toy_clean, 1, NULL };
const struct flow toy_sealed = { "toy", TOY_ETYPE, false, false, 2,
    sealed, toy_done, NULL, NULL, toy_failed, toy_clean, 1, NULL };

void
toy_init(struct toy *toy, const char *conf, bool initiator_role)
{
	static const uint8_t icookie[ISAKMP_COOKIE_LEN] = { 1, 2, 3 };
	struct pair *pair = pair_new(conf, NULL, 1000);
	struct node *a = &pair->a;
	struct sa *sa;

	*toy = (struct toy){ .pair = pair, .bytes = TOY_BYTES };
	sa = sa_new(a->ike, &a->addr, &pair->b.addr, initiator_role, icookie);
	sa->remote_conf = a->conf->remote[0];
	sa->suite.cipher = alg_cipher(P1_CIPHER_AES);
	sa->suite.hash = alg_hash(P1_HASH_SHA1);
	sa->suite.key_bits = 128;
	buf_set(&sa->keys.cipher, view_text("sixteen bytes!!!"));
	sa->bytes_in = 1000000;		/* the limit has its own test */
	toy->sa = sa;
}

void
toy_fini(struct toy *toy)
{
	sa_free(toy->sa);
	pair_free(toy->pair);
}

void
toy_new(struct toy *toy, const struct flow *flow)
{
	toy->x = exch_new(toy->sa, flow, 7);
	toy->x->quick = (struct quick *)(void *)toy;
}

void
toy_message(struct toy *toy, const uint8_t *types, const char *text,
    struct buf *b)
{
	struct msg_header h;
	struct msg_out out;

	exch_header(toy->sa, TOY_ETYPE, 7, false, &h);
	buf_init(b, LIMIT_MESSAGE);
	msg_begin(&out, b, &h);
	for (; *types != 0; types++)
		msg_put(&out, *types, view_text(text));
	ck_assert(msg_end(&out));
}

enum err
toy_feed(struct toy *toy, const uint8_t *types, const char *text, bool seal)
{
	struct msg_header h;
	struct msg msg;
	struct buf b;
	enum err r;

	toy_message(toy, types, text, &b);
	ck_assert_int_eq(msg_header_get(buf_view(&b), &h), OK);
	ck_assert_int_eq(msg_parse(&msg, &h, buf_from(&b,
	    ISAKMP_HEADER_LEN), false), OK);
	r = exch_input(toy->x, &msg, seal, buf_view(&b));
	buf_fini(&b);
	return r;
}
