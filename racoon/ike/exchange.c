/* SPDX-License-Identifier: ISC */
/* The runner of exchanges; see exchange.h for its rules. */

#include "ike/exchange.h"

#include "base/mem.h"
#include "crypto/cipher.h"
#include "ike/frag.h"
#include "ike/sa.h"
#include "ike/say.h"
#include "libipsec/addr.h"
#include "wire/names.h"
#include "wire/payload.h"

#define FIRST_GAP	1000u		/* ms to the first repetition */
#define LINGER		10000u		/* ms beyond the peer's span */
#define VID_BIT		MSG_BIT(ISAKMP_VID)

static void	exch_due(void *);
static void	exch_work(struct exchange *);

/* FNV-1a: tells a repetition from a new message; nothing depends on its
 * strength, a forged match is merely dropped or answered as before. */
static uint64_t
fingerprint(struct view raw)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (raw.n > 0)
		h = (h ^ view_u8(&raw)) * 0x100000001b3u;
	return h;
}

uint64_t
exch_span(const struct exchange *x)
{
	const struct conf *conf = x->sa->conf;

	if (x->msgid != 0)
		return (uint64_t)conf->timer.phase2 * 1000;
	return (uint64_t)conf->timer.counter * conf->timer.interval * 1000;
}

struct exchange *
exch_new(struct sa *sa, const struct flow *flow, uint32_t msgid)
{
	struct exchange *x = xcalloc(1, sizeof(*x));

	x->ike = sa->ike;
	x->sa = sa;
	x->flow = flow;
	x->msgid = msgid;
	x->serial = ike_serial(sa->ike);
	x->began = sa->ike->now;
	buf_init(&x->said, LIMIT_MESSAGE);
	timer_init(&x->timer, exch_due, x);
	HASH_ADD(hh, sa->ike->exchanges, serial, sizeof(x->serial), x);
	x->next = sa->exchanges;
	if (x->next != NULL)
		x->next->prev = x;
	sa->exchanges = x;
	sa->nexchanges++;
	return x;
}

void
exch_free(struct exchange *x)
{
	struct sa *sa = x->sa;

	x->flow->clean(x);
	if (x->next != NULL)
		x->next->prev = x->prev;
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		sa->exchanges = x->next;
	sa->nexchanges--;
	HASH_DEL(x->ike->exchanges, x);
	timer_del(&x->ike->timers, &x->timer);
	buf_fini(&x->said);
	xfreezero(x, sizeof(*x));
}

struct exchange *
exch_find(struct sa *sa, uint8_t etype, uint32_t msgid)
{
	struct exchange *x;

	for (x = sa->exchanges; x != NULL; x = x->next)
		if (x->flow->etype == etype && x->msgid == msgid)
			return x;
	return NULL;
}

unsigned int
exch_live(const struct sa *sa)
{
	const struct exchange *x;
	unsigned int n = 0;

	for (x = sa->exchanges; x != NULL; x = x->next)
		n += !x->over;
	return n;
}

void
exch_fail(struct exchange *x, enum err err)
{
	x->over = true;
	x->busy = false;
	timer_del(&x->ike->timers, &x->timer);
	x->flow->failed(x, err);	/* x may be gone now */
}

/*
 * Until a responder's peer is authentic it gets at most as many bytes as it
 * sent, so that we are no use for a flood in somebody else's name.  In the
 * modes whose answer has more to say than the question it may be a few times
 * that, as for RFC 9000 8.1.
 */
void
exch_transmit(struct sa *sa, struct view bytes)
{
	size_t n = frag_size(sa, bytes.n);

	if (!sa->initiator && !sa->authentic &&
	    sa->bytes_out + n > sa->bytes_in * sa->allowance) {
		say_sa(LOG_L_DEBUG, sa, "not answered: the peer is not "
		    "authentic and would get more bytes than it sent");
		return;
	}
	sa->bytes_out += n;
	frag_send(sa, bytes);
}

static void
exch_say_it(struct exchange *x)
{
	uint32_t copies = x->sa->conf->timer.persend;

	do
		exch_transmit(x->sa, buf_view(&x->said));
	while (copies-- > 1);
}

/*
 * Arms the timer for what was just said: gaps of 1, 2, 4 ... seconds, at most
 * `interval', or the end of the span for those who do not insist.
 */
static void
exch_arm(struct exchange *x)
{
	uint64_t gap = (uint64_t)x->sa->conf->timer.interval * 1000;
	uint64_t end = x->said_at + exch_span(x);
	uint64_t when;

	if (x->tries < 10 && (uint64_t)FIRST_GAP << x->tries < gap)
		gap = (uint64_t)FIRST_GAP << x->tries;
	when = x->ike->now + gap;
	if (!x->flow->insists || when > end)
		when = end;
	timer_set(&x->ike->timers, &x->timer, when);
}

static void	exch_finish(struct exchange *, bool spoke);

/* What was said cannot be repeated: it fails.  X may be gone then. */
static bool
exch_gone(struct exchange *x)
{
	if (x->over || x->flow->gone == NULL || !x->flow->gone(x))
		return false;
	exch_fail(x, E_DELETED);
	return true;
}

/* Nobody's time is over meanwhile. */
static void
exch_defer(struct exchange *x)
{
	struct ike *ike = x->ike;

	ike->stats.put_off++;
	x->said_at = ike->now;
	x->deferred = x->flow->initiator;
	if (x->deferred)
		timer_set(&ike->timers, &x->timer, load_again(ike));
	else if (x->said.n > 0)
		exch_arm(x);
}

/*
 * Has phase 1 to wait before its first work?  As initiator we begin, or ask
 * for the answer again, when there is room; a responder waits for the
 * repetition.
 */
static bool
exch_defers(struct exchange *x)
{
	const struct step *step = &x->flow->step[x->at];

	if (step->work == NULL || x->p1 == NULL || x->worked ||
	    !load_defers(x->ike, &x->sa->local, &x->sa->remote, false))
		return false;
	exch_defer(x);
	return true;
}

static void
exch_due(void *ctx)
{
	struct exchange *x = ctx;

	if (x->over) {
		exch_free(x);
		return;
	}
	if (x->deferred) {
		if (!load_admits(x->ike, &x->sa->local, &x->sa->remote)) {
			exch_defer(x);
			return;
		}
		x->deferred = false;
		if (x->said.n == 0) {
			exch_work(x);
			return;
		}
	}
	if (x->ike->now >= x->said_at + exch_span(x)) {
		exch_fail(x, E_TIMEOUT);
		return;
	}
	if (x->flow->settled != NULL && x->flow->settled(x)) {
		exch_finish(x, false);
		return;
	}
	if (exch_gone(x))
		return;
	x->tries++;
	x->ike->stats.resent++;
	exch_say_it(x);
	exch_arm(x);
}

/*
 * The peer's NAT box has forgotten its mapping, and our last word went to
 * nobody.  It proves nothing that the message comes from another port: what was
 * said goes there again, the SA stays where it is.
 */
static void
exch_repeat(struct exchange *x, const struct ipsec_addr *from)
{
	struct ipsec_addr at = x->sa->remote;

	if (x->over && x->sa->authentic && x->sa->nat_remote &&
	    addr_equal(from, &at))
		x->sa->remote = *from;
	exch_transmit(x->sa, buf_view(&x->said));
	x->sa->remote = at;
}

bool
exch_duplicate(struct exchange *x, const struct ipsec_addr *from,
    struct view raw)
{
	bool last_word = x->over && x->said.n > 0;

	if (!x->heard_any || x->heard != fingerprint(raw))
		return false;
	x->ike->stats.duplicates++;
	if (!x->busy && !x->taken_back && x->said.n > 0 &&
	    (!x->flow->initiator || last_word) && !exch_gone(x)) {
		x->ike->stats.resent++;
		exch_repeat(x, from);
	}
	return true;
}

void
exch_remind(struct sa *sa)
{
	struct exchange *x;

	for (x = sa->exchanges; x != NULL; x = x->next) {
		if (x->over || x->busy || x->flow->initiator ||
		    x->at + 1 != x->flow->nsteps ||
		    x->flow->step[x->at].send != NULL)
			continue;
		x->ike->stats.resent++;
		exch_transmit(sa, buf_view(&x->said));
	}
}

enum err
exch_nonce(struct exchange *x, size_t most, struct buf *nonce)
{
	size_t n = x->sa->remote_conf->nonce_size;
	uint8_t *room;

	if (n > most)
		n = most;
	if (n < NONCE_MIN)		/* RFC 2409 5 */
		n = NONCE_MIN;
	buf_reset(nonce);
	room = buf_room(nonce, n);
	return room == NULL ? E_LIMIT :
	    crypto_random(x->ike->crypto, room, n);
}

/* Pads to the cipher's block: RFC 2409 appendix B, racoon.conf(5) padding. */
static void
exch_pad(struct sa *sa, struct buf *b, size_t block)
{
	const struct conf *conf = sa->conf;
	size_t pad = (block - (b->n - ISAKMP_HEADER_LEN) % block) % block;
	uint8_t *room;

	if (conf->padding.randomize_length &&
	    conf->padding.maximum_length >= block)
		pad += block * ike_random(sa->ike,
		    conf->padding.maximum_length % 256 / (uint32_t)block + 1);
	if (pad == 0)
		return;
	room = buf_room(b, pad);
	if (room == NULL)
		return;
	memset(room, 0, pad);
	if (conf->padding.randomize &&
	    crypto_random(sa->ike->crypto, room, pad) != OK)
		b->bad = true;
	room[pad - 1] = (uint8_t)(conf->padding.exclusive_tail ? pad - 1 :
	    pad);
}

enum err
exch_seal(struct sa *sa, struct msg_out *out, bool seal, uint8_t *iv)
{
	const struct alg_cipher *cipher = sa->suite.cipher;
	struct buf sealed;
	enum err r;

	if (!seal)
		return msg_end(out) ? OK : E_LIMIT;
	exch_pad(sa, out->b, cipher->block);
	if (!msg_end(out))
		return E_LIMIT;
	buf_init(&sealed, out->b->n + BLOCK_LEN_MAX);
	r = cipher_seal(sa->ike->crypto, cipher, buf_view(&sa->keys.cipher),
	    iv, buf_from(out->b, ISAKMP_HEADER_LEN), &sealed);
	buf_cut(out->b, ISAKMP_HEADER_LEN);
	buf_add(out->b, buf_view(&sealed));
	if (r == OK && buf_ok(out->b)) {
		struct view last = buf_from(&sealed, sealed.n - cipher->block);

		view_bytes(&last, iv, cipher->block);
	}
	buf_fini(&sealed);
	return r != OK ? r : buf_ok(out->b) ? OK : E_LIMIT;
}

void
exch_header(const struct sa *sa, uint8_t etype, uint32_t msgid, bool seal,
    struct msg_header *h)
{
	*h = (struct msg_header){
		.version = ISAKMP_VERSION,
		.etype = etype,
		.flags = seal ? ISAKMP_FLAG_ENCRYPTED : 0,
		.msgid = msgid,
	};
	memcpy(h->icookie, sa->cookies.i, sizeof(h->icookie));
	memcpy(h->rcookie, sa->cookies.r, sizeof(h->rcookie));
}

/* Builds and sends the answer of a row. */
static enum err
exch_say(struct exchange *x, const struct step *step)
{
	bool seal = (step->flags & STEP_SEALS) != 0;
	struct msg_header h;
	struct msg_out out;
	enum err r;

	exch_header(x->sa, x->flow->etype, x->msgid, seal, &h);
	buf_reset(&x->said);
	msg_begin(&out, &x->said, &h);
	r = step->send(x, &out);
	if (r == OK)
		r = exch_seal(x->sa, &out, seal, x->iv);
	if (r != OK)
		return r;
	x->tries = 0;
	x->said_at = x->ike->now;
	exch_say_it(x);
	return OK;
}

/* The last row is done: tell the flow, then linger for the peer's sake. */
static void
exch_finish(struct exchange *x, bool spoke)
{
	x->over = true;
	timer_del(&x->ike->timers, &x->timer);
	x->flow->done(x);
	x->flow->clean(x);
	if (spoke)
		timer_set(&x->ike->timers, &x->timer,
		    x->ike->now + exch_span(x) + LINGER);
	else
		exch_free(x);
}

/* All jobs of the row are done: answer, and on to the next row. */
static void
exch_answer(struct exchange *x)
{
	const struct step *step = &x->flow->step[x->at];
	enum err r;

	if (step->send != NULL) {
		r = exch_say(x, step);
		if (r != OK) {
			exch_fail(x, r);
			return;
		}
	}
	x->at++;
	if (x->at == x->flow->nsteps)
		exch_finish(x, step->send != NULL);
	else
		exch_arm(x);
}

static void
exch_work(struct exchange *x)
{
	const struct step *step = &x->flow->step[x->at];
	struct job *job = NULL;

	if (step->work != NULL)
		job = step->work(x, x->nth++);
	if (job == NULL) {
		exch_answer(x);
		return;
	}
	x->busy = x->worked = true;
	job->exchange = x->serial;
	job->lane = job_lane(&x->sa->remote);
	load_out(x->ike, job);
	x->ike->ops->submit(x->ike->ctx, job);
}

void
exch_start(struct exchange *x)
{
	x->nth = 0;
	x->said_at = x->ike->now;
	if (!exch_defers(x))
		exch_work(x);
}

/* Names the payloads of MASK that are missing or do not belong. */
static void
exch_say_mask(const struct exchange *x, const char *what, uint32_t mask)
{
	for (uint8_t type = 1; type < 32; type++)
		if (mask & MSG_BIT(type))
			say_exchange(LOG_L_DEBUG, x, "%s payload: %s", what,
			    name_payload(type));
}

static enum err
exch_masks(const struct exchange *x, const struct step *step,
    const struct msg *msg, bool sealed)
{
	uint32_t missing = step->must & ~msg->mask;
	uint32_t odd = msg->mask & ~(step->must | step->may | VID_BIT);

	if ((step->flags & STEP_SEALED) && !sealed)
		return E_PLAIN;
	if (missing != 0) {
		exch_say_mask(x, "missing", missing);
		return E_MISSING;
	}
	if (odd != 0) {
		exch_say_mask(x, "unexpected", odd);
		return E_UNEXPECTED;
	}
	return OK;
}

/*
 * What an unusable message means for the exchange: forged and damaged ones
 * are passed over, since the right one may still come.  After one that proved
 * itself no better one will.
 */
static bool
err_ends(const struct exchange *x, enum err err)
{
	return x->proven || (err != E_HASH && err != E_PLAIN &&
	    err != E_MISSING && err != E_UNEXPECTED && err != E_PAYLOAD &&
	    err != E_LENGTH && err != E_SHORT && err != E_PAYLOAD_TYPE &&
	    err != E_SIGNATURE && err != E_CERT);
}

/*
 * A job found that the message it was for is not the peer's.  Back to where
 * it came in; the same bytes are a duplicate from now on.
 */
static void
exch_retract(struct exchange *x, enum err err)
{
	if (++x->forged > LIMIT_FORGED) {
		exch_fail(x, err);
		return;
	}
	memcpy(x->iv, x->iv_last, sizeof(x->iv));
	x->taken_back = true;
	x->flow->retracted(x, err);
	exch_arm(x);
}

void
exch_job(struct exchange *x, struct job *job)
{
	enum err r = job->err;

	x->busy = false;
	if (x->over)
		return;
	if (r == OK)
		r = job->take(x, job);
	if (r == OK)
		exch_work(x);
	else if (x->flow->retracted != NULL && !err_ends(x, r))
		exch_retract(x, r);
	else
		exch_fail(x, r);
}

enum err
exch_input(struct exchange *x, const struct msg *msg, bool sealed,
    struct view raw)
{
	const struct step *step = &x->flow->step[x->at];
	enum err r;

	if (x->over || x->busy)
		return E_DUPLICATE;
	r = exch_masks(x, step, msg, sealed);
	if (r != OK)
		return r;
	if (exch_defers(x))
		return E_LIMIT;
	x->proven = false;
	r = step->recv(x, msg);
	if (r != OK) {
		if (err_ends(x, r))
			exch_fail(x, r);
		return r;
	}
	memcpy(x->iv_last, x->iv, sizeof(x->iv));
	if (sealed)
		memcpy(x->iv, x->iv_next, sizeof(x->iv));
	x->heard_any = true;
	x->taken_back = false;
	x->heard = fingerprint(raw);
	x->nth = 0;
	timer_del(&x->ike->timers, &x->timer);
	exch_work(x);
	return OK;
}
