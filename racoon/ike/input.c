/* SPDX-License-Identifier: ISC */
/*
 * One datagram: header, SA by cookies, decryption, exchange.  Whatever a
 * stranger sends ends here: without an SA nothing is kept of it but the
 * half-open SA of a sound first message, of which there is a limit.
 */

#include "ike/input.h"

#include "crypto/cipher.h"
#include "ike/adopt.h"
#include "ike/exchange.h"
#include "ike/frag.h"
#include "ike/info.h"
#include "ike/phase1.h"
#include "ike/quick.h"
#include "ike/say.h"
#include "ike/stray.h"
#include "wire/names.h"

/* What is known of a datagram while it is looked at. */
struct input {
	struct ike		*ike;
	const struct ipsec_addr	*local, *remote;
	struct view		 raw;	/* cut to the header's length */
	size_t			 arrived; /* bytes of its datagrams */
	struct view		 chain;	/* what follows the header */
	struct msg_header	 h;
	bool			 sealed;
	struct buf		 plain;	/* decrypted chain */
	struct msg		 msg;
};

static bool
is_zero(const uint8_t *cookie)
{
	static const uint8_t zero[ISAKMP_COOKIE_LEN];

	return memcmp(cookie, zero, sizeof(zero)) == 0;
}

static bool
is_phase1(uint8_t etype)
{
	return etype == ISAKMP_ETYPE_MAIN || etype == ISAKMP_ETYPE_BASE ||
	    etype == ISAKMP_ETYPE_AGGRESSIVE;
}

/*
 * Strangers
 */

static enum err
refuse(struct input *in, enum err err)
{
	if (ike_may_complain(in->ike, in->remote, err))
		log_peer(LOG_L_WARNING, in->remote, "dropped a first message "
		    "(%s mode): %s", name_etype(in->h.etype), err_text(err));
	info_refuse_stranger(in->ike, in->local, in->remote, &in->h, err);
	return err;
}

#define PATIENCE_MS	3000u	/* an honest peer has answered by then */

/* Has it answered a first message and heard nothing since? */
static bool
is_waiting(const struct sa *sa)
{
	const struct exchange *x = sa->exchanges;

	return x != NULL && !x->busy && x->at == 1;
}

/* Has it waited long for whatever comes next? */
static bool
is_late(const struct sa *sa)
{
	const struct exchange *x = sa->exchanges;

	return x != NULL && !x->busy &&
	    x->said_at + PATIENCE_MS < sa->ike->now;
}

/* Ends the oldest half-open SA that GOES is true of. */
static bool
make_room_of(struct input *in, bool same_pair,
    bool (*goes)(const struct sa *))
{
	struct sa *sa, *next;

	HASH_ITER(hh_first, in->ike->by_first, sa, next) {
		if (!goes(sa) || (same_pair &&
		    !(addr_equal(&sa->local, in->local) &&
		    addr_equal(&sa->remote, in->remote))))
			continue;
		sa_free(sa);
		return true;
	}
	return false;
}

/*
 * Makes room for a first message.  A flood in other hosts' names must not
 * keep those hosts out: the oldest SA that got no further than its first
 * answer goes, since who meant it will begin again.  If all got further, a
 * flood has done so, and the oldest that is late goes.
 */
static bool
make_room(struct input *in, bool same_pair)
{
	return make_room_of(in, same_pair, is_waiting) ||
	    make_room_of(in, same_pair, is_late);
}

static unsigned
half_open_between(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	struct peer *peer = peer_find(ike, remote);
	unsigned n = 0;
	struct sa *sa;

	for (sa = peer == NULL ? NULL : peer->sas; sa != NULL; sa = sa->next)
		n += !sa->initiator && !sa->authentic &&
		    addr_equal(&sa->local, local);
	return n;
}

/* Half-open SAs of aggressive mode, all of them or those between the two. */
static unsigned
costly(struct input *in, bool same_pair)
{
	unsigned n = 0;
	struct sa *sa;

	for (sa = in->ike->by_first; sa != NULL; sa = sa->hh_first.next)
		n += sa->etype == ISAKMP_ETYPE_AGGRESSIVE && (!same_pair ||
		    (addr_equal(&sa->local, in->local) &&
		    addr_equal(&sa->remote, in->remote)));
	return n;
}

static bool
is_late_costly(const struct sa *sa)
{
	return sa->etype == ISAKMP_ETYPE_AGGRESSIVE && is_late(sa);
}

/*
 * A responder of aggressive mode computes before it knows whom for.  So one
 * that has come in time is not given up for another: the limit is one of the
 * rate of computations, too.
 */
static enum err
check_costly(struct input *in)
{
	if (costly(in, true) >= LIMIT_COSTLY_PAIR &&
	    !make_room_of(in, true, is_late_costly))
		return E_LIMIT;
	if (costly(in, false) >= LIMIT_COSTLY &&
	    !make_room_of(in, false, is_late_costly))
		return E_LIMIT;
	return OK;
}

static enum err
check_limits(struct input *in)
{
	struct ike *ike = in->ike;
	struct peer *peer = peer_find(ike, in->remote);

	if (peer != NULL && peer->nsas >= LIMIT_SAS_PEER)
		return E_LIMIT;
	if (half_open_between(ike, in->local, in->remote) >=
	    LIMIT_HALF_OPEN_PAIR && !make_room(in, true))
		return E_LIMIT;
	if (HASH_CNT(hh_first, ike->by_first) >= LIMIT_HALF_OPEN &&
	    !make_room(in, false))
		return E_LIMIT;
	if (in->h.etype != ISAKMP_ETYPE_AGGRESSIVE)
		return OK;
	return load_defers(ike, in->local, in->remote, false) ? E_LIMIT :
	    check_costly(in);
}

/* Feeds a message; frees what a refused first message has made. */
static enum err
feed_first(struct input *in, struct sa *sa, struct exchange *x)
{
	struct ike *ike = in->ike;
	struct sa_cookies cookies = sa->cookies;
	uint64_t serial = sa->serial;
	enum err r;

	r = msg_parse(&in->msg, &in->h, in->chain, false);
	if (r == OK)
		r = exch_input(x, &in->msg, false, in->raw);
	if (r == OK)
		return OK;
	/* not one of ours whose first message was thrown back */
	sa = sa_find(ike, &cookies);
	if (sa != NULL && sa->serial == serial)
		exch_fail(sa->exchanges, r);
	return r;
}

/* A first message: a new SA for which we are the responder. */
static enum err
accept_first(struct input *in)
{
	struct ike *ike = in->ike;
	struct exchange *x;
	struct sa *sa;
	enum err r;

	if (in->sealed || in->h.msgid != 0)
		return E_COOKIE;
	if (!is_phase1(in->h.etype))
		return in->h.etype == ISAKMP_ETYPE_INFO ? E_COOKIE :
		    refuse(in, E_EXCHANGE);
	r = check_limits(in);
	if (r != OK)
		return refuse(in, r);
	sa = sa_new(ike, in->local, in->remote, false, in->h.icookie);
	sa->bytes_in = in->arrived;
	sa->seen_local = *in->local;
	sa->seen_remote = *in->remote;
	x = phase1_accept(sa, in->h.etype);
	if (x == NULL) {
		sa_free(sa);
		return refuse(in, E_EXCHANGE);
	}
	log_peer(LOG_L_DEBUG, in->remote, "respond new phase 1 negotiation "
	    "(%s mode)", x->flow->name);
	return feed_first(in, sa, x);
}

static enum err
first_message(struct input *in)
{
	struct sa *sa = sa_find_first(in->ike, in->h.icookie, in->remote);
	struct exchange *x;

	if (sa == NULL)
		return accept_first(in);
	x = exch_find(sa, in->h.etype, 0);
	if (!sa->authentic)
		sa->bytes_in += in->arrived;
	if (x != NULL && exch_duplicate(x, in->remote, in->raw))
		return E_DUPLICATE;
	return E_COOKIE;
}

/*
 * Decryption
 */

static enum err
first_iv(struct input *in, struct sa *sa, struct exchange *x, uint8_t *iv)
{
	if (x != NULL) {
		memcpy(iv, x->iv, sa->suite.cipher->block);
		return OK;
	}
	return keys_iv_phase2(in->ike->crypto, sa->suite.hash, sa->iv,
	    in->h.msgid, sa->suite.cipher->block, iv);
}

/* RFC 2409 appendix B; the next IV is the last block of the ciphertext. */
static enum err
open_chain(struct input *in, struct sa *sa, struct exchange *x,
    uint8_t *next_iv)
{
	const struct alg_cipher *cipher = sa->suite.cipher;
	uint8_t iv[BLOCK_LEN_MAX];
	struct view last = in->chain;
	enum err r;

	if (cipher == NULL || sa->keys.cipher.n == 0)
		return E_FLAGS;
	if (in->chain.n == 0 || in->chain.n % cipher->block != 0)
		return E_LENGTH;
	r = first_iv(in, sa, x, iv);
	if (r == OK)
		r = cipher_open(in->ike->crypto, cipher,
		    buf_view(&sa->keys.cipher), iv, in->chain, &in->plain);
	if (r != OK)
		return r;
	(void)view_take(&last, in->chain.n - cipher->block);
	view_bytes(&last, next_iv, cipher->block);
	return OK;
}

/* RFC 2408 3.1 has no check sum: a wrong key shows as a senseless chain. */
static void
say_unreadable(struct input *in, struct sa *sa)
{
	if (sa->complained)
		return;
	sa->complained = true;
	if (!ike_may_complain(in->ike, in->remote, E_DECRYPT))
		return;
	say_sa(LOG_L_ERROR, sa, "%s", sa->state == SA_NEGOTIATING ?
	    "the peer's message cannot be decrypted: the pre-shared keys "
	    "differ" : "a message of the peer cannot be decrypted");
	if (sa->state != SA_NEGOTIATING)
		return;
	sa_event(sa, IKE_EVENT_PHASE1_BAD_AUTH, E_DECRYPT);
	info_refuse(sa, E_PAYLOAD);
}

static bool
strict_padding(const struct conf *conf, const struct msg *msg,
    struct view plain)
{
	size_t pad = plain.n - msg->chain.n;
	size_t says;

	if (!conf->padding.strict_check || pad == 0)
		return true;
	(void)view_take(&plain, plain.n - 1);
	says = view_u8(&plain);
	return says + (conf->padding.exclusive_tail ? 1 : 0) == pad;
}

static enum err
read_chain(struct input *in, struct sa *sa, struct exchange *x,
    uint8_t *next_iv)
{
	enum err r;

	if (!in->sealed)
		return msg_parse(&in->msg, &in->h, in->chain, false);
	r = open_chain(in, sa, x, next_iv);
	if (r != OK)
		return r;
	r = msg_parse(&in->msg, &in->h, buf_view(&in->plain), true);
	if (r == OK && strict_padding(sa->conf, &in->msg,
	    buf_view(&in->plain)))
		return OK;
	say_unreadable(in, sa);
	return E_DECRYPT;
}

/*
 * Dispatch
 */

/* The responder's cookie counts from its first sound answer on. */
static enum err
phase1_message(struct input *in, struct sa *sa, struct exchange *x,
    const uint8_t *next_iv)
{
	struct ike *ike = in->ike;
	bool fresh = sa->initiator && is_zero(sa->cookies.r);
	struct sa_cookies cookies;
	enum err r;

	if (fresh)
		sa_set_rcookie(sa, in->h.rcookie);
	cookies = sa->cookies;
	memcpy(x->iv_next, next_iv, sizeof(x->iv_next));
	r = exch_input(x, &in->msg, in->sealed, in->raw);
	if (r != OK && fresh) {
		static const uint8_t zero[ISAKMP_COOKIE_LEN];

		sa = sa_find(ike, &cookies);
		if (sa != NULL)
			sa_set_rcookie(sa, zero);
	}
	return r;
}

static enum err
quick_message(struct input *in, struct sa *sa, struct exchange *x,
    const uint8_t *next_iv)
{
	struct ike *ike = in->ike;
	uint64_t serial;
	bool fresh = x == NULL;
	enum err r;

	if (!in->sealed || sa->state == SA_NEGOTIATING || in->h.msgid == 0)
		return E_PLAIN;
	if (fresh) {
		if (exch_live(sa) >= LIMIT_EXCHANGES_SA)
			return E_LIMIT;
		if (load_defers(ike, &sa->local, &sa->remote, true)) {
			ike->stats.put_off++;
			return E_LIMIT;
		}
		x = quick_accept(sa, in->h.msgid);
	}
	serial = x->serial;
	memcpy(x->iv_next, next_iv, sizeof(x->iv_next));
	r = exch_input(x, &in->msg, true, in->raw);
	if (!fresh)
		return r;
	HASH_FIND(hh, ike->exchanges, &serial, sizeof(serial), x);
	if (r != OK && x != NULL)
		exch_free(x);
	return r;
}

/* What follows our last word in quick mode: the peer had set the COMMIT bit. */
static enum err
fourth_message(struct input *in, struct sa *sa, struct exchange *x)
{
	uint8_t next_iv[BLOCK_LEN_MAX];
	enum err r;

	if (!in->sealed)
		return E_PLAIN;
	r = read_chain(in, sa, x, next_iv);
	return r == OK ? info_connected(x, &in->msg) : r;
}

static enum err
sa_message(struct input *in, struct sa *sa)
{
	uint8_t next_iv[BLOCK_LEN_MAX] = { 0 };
	bool phase1 = is_phase1(in->h.etype);
	bool quick = in->h.etype == ISAKMP_ETYPE_QUICK;
	struct exchange *x = NULL;
	enum err r;

	if (phase1 && in->h.msgid != 0)
		return E_MSGID;
	if (phase1 || quick)
		x = exch_find(sa, in->h.etype, in->h.msgid);
	if (!sa->authentic)
		sa->bytes_in += in->arrived;
	if (x != NULL && exch_duplicate(x, in->remote, in->raw))
		return E_DUPLICATE;
	if (quick && x != NULL && x->over && x->connects != 0)
		return fourth_message(in, sa, x);
	if (x != NULL && (x->over || x->busy))
		return E_DUPLICATE;
	if (phase1 && x == NULL)
		return E_DUPLICATE;	/* long done */
	if (quick && x == NULL && msgids_has(&sa->quick_ids, in->h.msgid))
		return E_DUPLICATE;	/* of an exchange that is gone */
	/* one that overtook the end of phase 1, or that was lost: the IV is
	 * not known yet */
	if (in->sealed && !phase1 && sa->state == SA_NEGOTIATING) {
		exch_remind(sa);
		return E_UNEXPECTED;
	}
	r = read_chain(in, sa, x, next_iv);
	if (r != OK)
		return r;
	sa->seen_local = *in->local;
	sa->seen_remote = *in->remote;
	if (phase1)
		return phase1_message(in, sa, x, next_iv);
	if (quick)
		return quick_message(in, sa, x, next_iv);
	if (in->h.etype == ISAKMP_ETYPE_INFO)
		return info_input(sa, &in->msg, in->sealed);
	return E_EXCHANGE;
}

/* Does the hash in this message count without encryption?  What repeats a
 * message of an exchange that is over may be from before the port changed. */
static bool
proves_itself(const struct input *in, struct sa *sa)
{
	const struct exchange *x = is_phase1(in->h.etype) ?
	    exch_find(sa, in->h.etype, in->h.msgid) : NULL;

	return x != NULL && (x->over ||
	    x->flow->step[x->at].flags & STEP_PROVES);
}

/* May this sender speak for the SA?  Through a NAT the port, or all of the
 * address, may change, but then the message must prove itself. */
static bool
from_peer(const struct input *in, struct sa *sa)
{
	if (addr_equal_port(in->remote, &sa->remote))
		return true;
	if (addr_equal(in->remote, &sa->remote))
		return in->sealed || proves_itself(in, sa);
	return in->sealed && sa_behind_nat(sa);
}

static enum err
route(struct input *in)
{
	struct sa_cookies cookies;
	struct sa *sa;

	if (is_zero(in->h.icookie))
		return E_COOKIE;
	memcpy(cookies.i, in->h.icookie, sizeof(cookies.i));
	memcpy(cookies.r, in->h.rcookie, sizeof(cookies.r));
	if (is_zero(in->h.rcookie)) {
		/* to our own first message: just a notification */
		sa = sa_find(in->ike, &cookies);
		if (sa == NULL || in->h.etype != ISAKMP_ETYPE_INFO)
			return first_message(in);
	} else {
		sa = sa_find(in->ike, &cookies);
	}
	if (sa == NULL && in->sealed)
		adopt_stranger(in->ike, in->local, in->remote);
	if (sa == NULL && in->sealed && in->h.etype == ISAKMP_ETYPE_QUICK)
		stray_quick(in->ike, in->local, in->remote);
	if (sa == NULL || !from_peer(in, sa))
		return E_COOKIE;
	return sa_message(in, sa);
}

static enum err
read_header(struct input *in, struct view datagram)
{
	enum err r = msg_header_get(datagram, &in->h);

	if (r != OK)
		return r;
	in->raw = view_take(&datagram, in->h.length);
	in->chain = in->raw;
	(void)view_take(&in->chain, ISAKMP_HEADER_LEN);
	in->sealed = (in->h.flags & ISAKMP_FLAG_ENCRYPTED) != 0;
	return OK;
}

/*
 * Fragments
 */

/*
 * Whose fragment is it?  Just who knows an SA's cookies may send some for it.
 * The address is looked at again when the message is whole.
 */
static enum err
fragment_owner(const struct input *in, struct sa **sa)
{
	struct sa_cookies cookies;

	*sa = NULL;
	if (is_zero(in->h.icookie))
		return E_COOKIE;
	if (is_zero(in->h.rcookie))
		return is_phase1(in->h.etype) ? OK : E_COOKIE;
	memcpy(cookies.i, in->h.icookie, sizeof(cookies.i));
	memcpy(cookies.r, in->h.rcookie, sizeof(cookies.r));
	*sa = sa_find(in->ike, &cookies);
	if (*sa == NULL || !(sa_behind_nat(*sa) ||
	    addr_equal(in->remote, &(*sa)->remote)))
		return E_COOKIE;
	return OK;
}

/* A whole message must be of the SA that its fragments were for, and is not
 * a fragment again. */
static enum err
route_whole(struct input *in, const struct frag_whole *whole)
{
	struct msg_header outer = in->h;
	enum err r;

	r = read_header(in, buf_view(&whole->bytes));
	if (r != OK)
		return r;
	if (in->raw.n != whole->bytes.n)
		return E_LENGTH;
	if (in->h.next == ISAKMP_FRAG)
		return E_PAYLOAD;
	if (memcmp(in->h.icookie, outer.icookie, sizeof(outer.icookie)) != 0 ||
	    memcmp(in->h.rcookie, outer.rcookie, sizeof(outer.rcookie)) != 0)
		return E_COOKIE;
	in->arrived = whole->arrived;
	return route(in);
}

static enum err
route_fragment(struct input *in)
{
	struct frag_in f = {
		.remote = in->remote,
		.h = &in->h,
		.chain = in->chain,
	};
	struct frag_whole whole;
	enum err r;

	r = fragment_owner(in, &f.sa);
	if (r != OK)
		return r;
	buf_init(&whole.bytes, LIMIT_FRAG_MESSAGE);
	r = frag_input(in->ike, &f, &whole);
	if (r == OK && whole.bytes.n > 0)
		r = route_whole(in, &whole);
	buf_fini(&whole.bytes);
	return r;
}

enum err
input_datagram(struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view datagram)
{
	struct input in = {
		.ike = ike,
		.local = local,
		.remote = remote,
	};
	enum err r;

	r = read_header(&in, datagram);
	if (r != OK)
		return r;
	in.arrived = in.raw.n;
	buf_init(&in.plain, LIMIT_DATAGRAM);
	r = in.h.next == ISAKMP_FRAG ? route_fragment(&in) : route(&in);
	buf_fini(&in.plain);
	return r;
}
