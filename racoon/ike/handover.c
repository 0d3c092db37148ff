/* SPDX-License-Identifier: ISC */
/*
 * IKE SAs and children to and from bytes.  One function for both directions
 * tells what there is, in which order, so that they cannot differ.
 */

#include "ike/handover.h"

#include "base/mem.h"
#include "ike/adopt.h"
#include "ike/auth.h"
#include "ike/child.h"
#include "ike/dpd.h"
#include "ike/propose.h"
#include "ike/say.h"
#include "libipsec/addr.h"

#define MAGIC		0x52434e48u
#define AGAIN_MS	2000u	/* what was under way begins again by then */
#define GRACE_MS	10000u	/* what was to go, goes then */

/* Writes to OUT, or reads from IN when OUT is NULL. */
struct coder {
	struct buf	*out;
	struct view	 in;
};

static void
c_u32(struct coder *c, uint32_t *v)
{
	if (c->out != NULL)
		buf_u32(c->out, *v);
	else
		*v = view_u32(&c->in);
}

static void
c_u64(struct coder *c, uint64_t *v)
{
	if (c->out != NULL)
		buf_u64(c->out, *v);
	else
		*v = view_u64(&c->in);
}

static void
c_u16(struct coder *c, uint16_t *v)
{
	if (c->out != NULL)
		buf_u16(c->out, *v);
	else
		*v = view_u16(&c->in);
}

static void
c_u8(struct coder *c, uint8_t *v)
{
	if (c->out != NULL)
		buf_u8(c->out, *v);
	else
		*v = view_u8(&c->in);
}

/* One byte, 0 or 1. */
static void
c_bool(struct coder *c, bool *v)
{
	uint8_t byte = *v;

	c_u8(c, &byte);
	if (byte > 1)
		c->in.bad = true;
	*v = byte == 1;
}

static void
c_bytes(struct coder *c, void *p, size_t n)
{
	if (c->out != NULL)
		buf_put(c->out, p, n);
	else
		view_bytes(&c->in, p, n);
}

/* Length and contents, at most what the buf may hold. */
static void
c_buf(struct coder *c, struct buf *b)
{
	uint32_t n = (uint32_t)b->n;

	c_u32(c, &n);
	if (c->out != NULL)
		buf_add(c->out, buf_view(b));
	else if (n > b->max)
		c->in.bad = true;
	else
		buf_set(b, view_take(&c->in, n));
}

static void
c_addr(struct coder *c, struct ipsec_addr *a)
{
	c_u16(c, &a->family);
	c_u16(c, &a->port);
	c_u32(c, &a->scope);
	c_bytes(c, a->bytes, sizeof(a->bytes));
	if (a->family != 0 && addr_bits(a) == 0)
		c->in.bad = true;
}

static void
c_selector(struct coder *c, struct ipsec_selector *s)
{
	uint32_t ifindex = (uint32_t)s->ifindex;

	c_addr(c, &s->src);
	c_addr(c, &s->dst);
	c_u8(c, &s->src_prefix);
	c_u8(c, &s->dst_prefix);
	c_u8(c, &s->proto);
	c_u32(c, &ifindex);
	s->ifindex = (int32_t)ifindex;
	if (s->src_prefix > addr_bits(&s->src) ||
	    s->dst_prefix > addr_bits(&s->dst))
		c->in.bad = true;
}

/* Those that are known, the oldest first. */
static void
c_msgids(struct coder *c, struct msgids *ids, unsigned int most)
{
	uint32_t n = ids->n, id;

	c_u32(c, &n);
	for (uint32_t i = 0; i < n && !c->in.bad; i++) {
		if (c->out != NULL)
			id = ids->id[(ids->next + i) % n];
		c_u32(c, &id);
		if (c->out == NULL && !c->in.bad)
			msgids_push(ids, id, most);
	}
}

/*
 * IKE SAs
 */

struct saved_sa {
	struct buf	 remote;	/* the block's name */
	struct ipsec_addr local, peer;
	struct sa_cookies cookies;
	bool		 initiator, dying, frag_peer, nat_local, nat_remote;
	uint8_t		 etype, natt;
	uint16_t	 cipher, hash, group, method, key_bits;
	uint32_t	 life_secs, vids;
	uint32_t	 dpd_seen, dpd_number, list_seen, list_number;
	uint64_t	 began, ready, heard;
	struct keys	 keys;
	uint8_t		 iv[BLOCK_LEN_MAX];
	struct buf	 peer_id;
	struct msgids	 quick_ids, info_ids;
};

static void
saved_init(struct saved_sa *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->remote, HANDOVER_NAME);
	buf_init(&s->peer_id, LIMIT_ID);
	keys_init(&s->keys);
}

static void
saved_fini(struct saved_sa *s)
{
	buf_fini(&s->remote);
	buf_fini(&s->peer_id);
	keys_fini(&s->keys);
	msgids_fini(&s->quick_ids);
	msgids_fini(&s->info_ids);
	crypto_wipe(s, sizeof(*s));
}

static void
c_suite(struct coder *c, struct saved_sa *s)
{
	c_u16(c, &s->cipher);
	c_u16(c, &s->hash);
	c_u16(c, &s->group);
	c_u16(c, &s->method);
	c_u16(c, &s->key_bits);
	c_u32(c, &s->life_secs);
	c_buf(c, &s->keys.skeyid);
	c_buf(c, &s->keys.d);
	c_buf(c, &s->keys.a);
	c_buf(c, &s->keys.e);
	c_buf(c, &s->keys.cipher);
	c_bytes(c, s->iv, sizeof(s->iv));
}

static void
c_sa(struct coder *c, struct saved_sa *s)
{
	c_buf(c, &s->remote);
	c_addr(c, &s->local);
	c_addr(c, &s->peer);
	c_bytes(c, &s->cookies, sizeof(s->cookies));
	c_bool(c, &s->initiator);
	c_bool(c, &s->dying);
	c_bool(c, &s->frag_peer);
	c_bool(c, &s->nat_local);
	c_bool(c, &s->nat_remote);
	c_u8(c, &s->etype);
	c_u8(c, &s->natt);
	c_u32(c, &s->vids);
	c_u32(c, &s->dpd_seen);
	c_u32(c, &s->dpd_number);
	c_u32(c, &s->list_seen);
	c_u32(c, &s->list_number);
	c_u64(c, &s->began);
	c_u64(c, &s->ready);
	c_u64(c, &s->heard);
	c_suite(c, s);
	c_buf(c, &s->peer_id);
	c_msgids(c, &s->quick_ids, LIMIT_QUICK_IDS);
	c_msgids(c, &s->info_ids, LIMIT_INFO_IDS);
}

static void
saved_of(const struct sa *sa, struct saved_sa *s)
{
	s->local = sa->local;
	s->peer = sa->remote;
	s->cookies = sa->cookies;
	s->initiator = sa->initiator;
	s->dying = sa->state == SA_DYING;
	s->frag_peer = sa->frag_peer;
	s->nat_local = sa->nat_local;
	s->nat_remote = sa->nat_remote;
	s->etype = sa->etype;
	s->natt = (uint8_t)sa->natt;
	s->vids = sa->vids;
	s->dpd_seen = sa->dpd_seen;
	s->dpd_number = sa->dpd.number;
	s->list_seen = sa->lists.seen;
	s->list_number = sa->lists.number;
	s->began = sa->began;
	s->ready = sa->ready;
	s->heard = sa->heard;
	s->cipher = sa->suite.cipher->id;
	s->hash = sa->suite.hash->id;
	s->group = sa->suite.group->id;
	s->method = sa->suite.auth->method;
	s->key_bits = sa->suite.key_bits;
	s->life_secs = sa->suite.life_secs;
	memcpy(s->iv, sa->iv, sizeof(s->iv));
}

/* What is owned is lent to S for the time of writing. */
static void
save_sa(struct coder *c, struct sa *sa)
{
	struct saved_sa s;

	memset(&s, 0, sizeof(s));
	saved_of(sa, &s);
	buf_init(&s.remote, HANDOVER_NAME);
	buf_set(&s.remote, view_text(sa->remote_conf->name));
	s.keys = sa->keys;
	s.peer_id = sa->peer_id;
	s.quick_ids = sa->quick_ids;
	s.info_ids = sa->info_ids;
	c_sa(c, &s);
	buf_fini(&s.remote);
	crypto_wipe(&s, sizeof(s));
}

/* The block of the present configuration that the SA is under. */
static const struct remote *
block_of(const struct conf *conf, const struct saved_sa *s)
{
	for (size_t i = 0; i < conf->nremote; i++) {
		const struct remote *r = conf->remote[i];

		if (view_equal(view_text(r->name), buf_view(&s->remote)) &&
		    (r->anonymous || r->addr.family == 0 ||
		    s->nat_remote || addr_equal(&r->addr, &s->peer)))
			return r;
	}
	return NULL;
}

static bool
suite_of(const struct saved_sa *s, struct sa_suite *suite)
{
	struct transform t = {
		.cipher = s->cipher,
		.hash = s->hash,
		.group = s->group,
		.method = s->method,
		.key_bits = s->key_bits,
	};

	return propose_suite(&t, s->life_secs, suite) == OK &&
	    s->keys.d.n == suite->hash->len &&
	    s->keys.a.n == suite->hash->len &&
	    s->keys.cipher.n == suite->key_bits / 8u;
}

static bool
is_sound(const struct ike *ike, const struct saved_sa *s)
{
	struct sa_suite suite;

	return suite_of(s, &suite) && s->local.family != 0 &&
	    s->peer.family == s->local.family && s->peer.port != 0 &&
	    s->local.port != 0 && s->natt <= VID_NATT_02N &&
	    s->began <= s->ready && s->ready <= ike->now &&
	    s->heard <= ike->now && s->peer_id.n > 0;
}

/* An IKE SA takes IPsec SAs along when it ends: one whose time was over while
 * nobody looked must not. */
static bool
is_over(const struct ike *ike, const struct saved_sa *s)
{
	return s->life_secs != 0 &&
	    ike->now >= s->ready + (uint64_t)s->life_secs * 1000;
}

/* The SA takes what S owns. */
static void
revive(struct ike *ike, struct saved_sa *s, const struct remote *remote)
{
	struct sa *sa = sa_new(ike, &s->local, &s->peer, true, NULL);

	sa_set_cookies(sa, &s->cookies);
	(void)suite_of(s, &sa->suite);
	sa->remote_conf = remote;
	sa->initiator = s->initiator;
	sa->authentic = true;
	sa->frag_peer = s->frag_peer;
	sa->nat_local = s->nat_local;
	sa->nat_remote = s->nat_remote;
	sa->etype = s->etype;
	sa->natt = (enum vid)s->natt;
	sa->vids = s->vids;
	sa->dpd_seen = s->dpd_seen;
	sa->began = s->began;
	sa->ready = s->ready;
	sa->heard = s->heard;
	memcpy(sa->iv, s->iv, sizeof(sa->iv));
	buf_set(&sa->keys.skeyid, buf_view(&s->keys.skeyid));
	buf_set(&sa->keys.d, buf_view(&s->keys.d));
	buf_set(&sa->keys.a, buf_view(&s->keys.a));
	buf_set(&sa->keys.e, buf_view(&s->keys.e));
	buf_set(&sa->keys.cipher, buf_view(&s->keys.cipher));
	buf_set(&sa->peer_id, buf_view(&s->peer_id));
	sa->quick_ids = s->quick_ids;
	sa->info_ids = s->info_ids;
	memset(&s->quick_ids, 0, sizeof(s->quick_ids));
	memset(&s->info_ids, 0, sizeof(s->info_ids));
	sa->peer->contacted = true;
	sa_resume(sa, s->dying);
	dpd_start(sa);
	/* a peer takes a smaller number for a replay */
	sa->dpd.number = sa->dpd.answered = s->dpd_number;
	sa->lists.seen = s->list_seen;
	sa->lists.number = s->list_number;
	ike->stats.handed_over++;
}

/* Reads one; FOR_REAL: takes it over.  False: the bytes are not sound. */
static bool
restore_sa(struct coder *c, struct ike *ike, bool for_real)
{
	const struct remote *remote;
	struct saved_sa s;
	bool sound;

	saved_init(&s);
	c_sa(c, &s);
	sound = !c->in.bad && is_sound(ike, &s);
	if (sound && for_real && !is_over(ike, &s)) {
		remote = block_of(ike->conf, &s);
		if (remote == NULL)
			log_peer(LOG_L_INFO, &s.peer, "an ISAKMP-SA of before "
			    "the start is forgotten: its remote block is "
			    "gone");
		else if (sa_find(ike, &s.cookies) == NULL)
			revive(ike, &s, remote);
	}
	saved_fini(&s);
	return sound;
}

/*
 * Children
 */

struct saved_child {
	struct child_found found;
	struct buf	 peer_id;
	bool		 superseded, rekeying;
};

static void
c_protocols(struct coder *c, struct child_found *f)
{
	uint32_t n = f->n;

	c_u32(c, &n);
	if (n == 0 || n > IPSEC_TMPL_MAX) {
		c->in.bad = true;
		n = 0;
	}
	f->n = n;
	for (unsigned int i = 0; i < n; i++) {
		c_u8(c, &f->proto[i]);
		c_u8(c, &f->mode[i]);
		c_u32(c, &f->spi_in[i]);
		c_u32(c, &f->spi_out[i]);
		c_u32(c, &f->reqid_in[i]);
		c_u32(c, &f->reqid_out[i]);
	}
}

static void
c_child(struct coder *c, struct saved_child *s)
{
	struct child_found *f = &s->found;

	c_addr(c, &f->local);
	c_addr(c, &f->remote);
	c_addr(c, &f->src);
	c_addr(c, &f->dst);
	c_addr(c, &f->oa);
	c_bool(c, &f->initiator);
	c_bool(c, &f->natt);
	c_bool(c, &f->narrow);
	c_selector(c, &f->sel);
	c_u32(c, &f->mark.value);
	c_u32(c, &f->mark.mask);
	c_u32(c, &f->if_id);
	c_u32(c, &f->seq);
	c_u32(c, &f->life_secs);
	c_u64(c, &f->created);
	c_protocols(c, f);
	c_bool(c, &s->superseded);
	c_bool(c, &s->rekeying);
	c_buf(c, &s->peer_id);
}

static void
save_child(struct coder *c, const struct child *child)
{
	struct saved_child s = { .superseded = child->superseded,
	    .rekeying = child->rekeying, .peer_id = child->peer_id };
	struct child_found *f = &s.found;

	*f = (struct child_found){ .local = child->local,
	    .remote = child->remote, .src = child->src, .dst = child->dst,
	    .initiator = child->initiator, .natt = child->natt,
	    .narrow = child->narrow, .oa = child->oa, .sel = child->sel,
	    .mark = child->mark, .if_id = child->if_id, .seq = child->seq,
	    .life_secs = child->life_secs, .created = child->created,
	    .n = child->n };
	for (unsigned int i = 0; i < child->n; i++) {
		f->proto[i] = (uint8_t)child->in[i].key.proto;
		f->mode[i] = child->mode[i];
		f->spi_in[i] = child->in[i].key.spi;
		/* a pair that lost against a crossed one sends no more */
		f->spi_out[i] = child->out[i].installed ?
		    child->out[i].key.spi : 0;
		f->reqid_in[i] = child->reqid_in[i];
		f->reqid_out[i] = child->reqid_out[i];
	}
	c_child(c, &s);
}

static bool
is_sound_child(const struct ike *ike, const struct child_found *f)
{
	return f->local.family != 0 && f->remote.family == f->local.family &&
	    f->src.family != 0 && f->dst.family == f->src.family &&
	    f->created <= ike->now && f->n > 0;
}

/* SAs that another child names already cannot be this one's. */
static bool
is_taken(struct ike *ike, const struct child_found *f)
{
	bool inbound;

	for (unsigned int i = 0; i < f->n; i++)
		if (child_find(ike, &f->src, f->proto[i], f->spi_in[i],
		    &inbound) != NULL || child_find(ike, &f->dst,
		    f->proto[i], f->spi_out[i], &inbound) != NULL)
			return true;
	return false;
}

static void
revive_child(struct ike *ike, const struct saved_child *s)
{
	struct child *child = child_found_new(ike, &s->found);

	child->adopted = true;
	buf_set(&child->peer_id, buf_view(&s->peer_id));
	child->peer->contacted = true;
	adopt_policies(child);
	adopt_watch(child);
	if (s->superseded) {
		child->superseded = true;
		timer_set(&ike->timers, &child->timer, ike->now + GRACE_MS);
	} else if (s->rekeying || child->half) {
		child_age_in(child, ike_random(ike, AGAIN_MS));
	}
}

static bool
restore_child(struct coder *c, struct ike *ike, bool for_real)
{
	struct saved_child s;
	bool sound;

	memset(&s, 0, sizeof(s));
	buf_init(&s.peer_id, LIMIT_ID);
	c_child(c, &s);
	sound = !c->in.bad && is_sound_child(ike, &s.found);
	if (sound && for_real && !is_taken(ike, &s.found))
		revive_child(ike, &s);
	buf_fini(&s.peer_id);
	return sound;
}

/*
 * All of it
 */

static bool
is_saved(const struct sa *sa)
{
	return sa->state != SA_NEGOTIATING && !sa->doubted &&
	    sa->remote_conf != NULL;
}

void
ike_save(const struct ike *ike, struct buf *out)
{
	struct coder c = { .out = out };
	const struct child *child;
	uint32_t sas = 0, children = 0;
	struct sa *sa;

	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next)
		sas += is_saved(sa);
	for (child = ike->children; child != NULL; child = child->hh.next)
		children += child->up;
	buf_u32(out, MAGIC);
	buf_u32(out, HANDOVER_VERSION);
	buf_u32(out, sas);
	buf_u32(out, children);
	for (sa = ike->by_cookies; sa != NULL; sa = sa->hh.next)
		if (is_saved(sa))
			save_sa(&c, sa);
	for (child = ike->children; child != NULL; child = child->hh.next)
		if (child->up)
			save_child(&c, child);
}

/* Reads all of it, for real or to see whether it is sound. */
static enum err
restore(struct ike *ike, struct view bytes, bool for_real)
{
	struct coder c = { .in = bytes };
	uint32_t sas, children;

	if (view_u32(&c.in) != MAGIC || view_u32(&c.in) != HANDOVER_VERSION)
		return E_PAYLOAD;
	sas = view_u32(&c.in);
	children = view_u32(&c.in);
	if (sas > HANDOVER_SAS || children > HANDOVER_CHILDREN)
		return E_LIMIT;
	for (uint32_t i = 0; i < sas; i++)
		if (!restore_sa(&c, ike, for_real))
			return E_PAYLOAD;
	for (uint32_t i = 0; i < children; i++)
		if (!restore_child(&c, ike, for_real))
			return E_PAYLOAD;
	return view_end(&c.in) ? OK : E_LENGTH;
}

enum err
ike_restore(struct ike *ike, struct view bytes)
{
	enum err r = restore(ike, bytes, false);

	if (r == OK)
		r = restore(ike, bytes, true);
	if (r == OK)
		log_msg(LOG_L_NOTIFY, "%u ISAKMP-SAs and %u pairs of IPsec SAs "
		    "are handed over by the racoon before",
		    HASH_COUNT(ike->by_cookies), HASH_COUNT(ike->children));
	return r;
}
