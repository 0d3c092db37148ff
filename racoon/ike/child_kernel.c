/* SPDX-License-Identifier: ISC */
/* Children in the kernel: SPIs, keys, the two SAs of each protocol. */

#include <errno.h>

#include "base/mem.h"
#include "ike/child.h"
#include "ike/ident.h"
#include "ike/info.h"
#include "ike/say.h"
#include "libipsec/addr.h"

#define SPI_MIN		0x100u		/* RFC 4303 2.1: 1-255 are reserved */
#define SPI_MAX		0x0fffffffu
#define CPI_MIN		0x100u		/* RFC 3173 3.3: 256-61439 */
#define CPI_MAX		0xefffu
#define SOFT_OURS	80u		/* per cent of the life time: the one */
#define SOFT_THEIRS	90u		/* who began renews, the other if not */
#define JITTER_OURS	15u	/* per cent that it may come earlier: hosts */
#define JITTER_THEIRS	5u	/* that began together are not to go on so */
#define UDP_ENCAP_ESP	2		/* RFC 3948 */

/*
 * SPIs
 */

/* The larval SA that reserves an SPI for template I. */
static void
larval(const struct sa *sa, const struct plan *plan, uint8_t i,
    struct ipsec_sa *k)
{
	const struct ipsec_tmpl *tmpl = &plan->tmpl[i];

	memset(k, 0, sizeof(*k));
	child_ends(sa, plan, &k->id.dst, &k->src);	/* inbound */
	k->id.proto = tmpl->proto;
	k->id.mark = plan->mark;
	k->mode = tmpl->mode;
	k->dir = IPSEC_DIR_IN;	/* as of the SA that completes it */
	k->reqid = plan->reqid_in[i];
	k->if_id = plan->if_id;
}

enum err
child_getspi(struct sa *sa, const struct plan *plan, uint32_t seq,
    uint32_t *spi)
{
	struct ike *ike = sa->ike;
	struct ipsec_sa k;

	memset(spi, 0, sizeof(*spi) * IPSEC_TMPL_MAX);
	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		bool comp = plan->tmpl[i].proto == IPSEC_PROTO_IPCOMP;
		int r;

		larval(sa, plan, i, &k);
		k.seq = seq;
		r = ipsec_getspi(ike->kernel, &k, comp ? CPI_MIN : SPI_MIN,
		    comp ? CPI_MAX : SPI_MAX, &spi[i]);
		if (r == 0)
			continue;
		ike->stats.kernel_errors++;
		say_sa(LOG_L_ERROR, sa, "the kernel gives no SPI: %s",
		    ipsec_error(ike->kernel));
		spi[i] = 0;
		child_putspi(sa, plan, spi);
		return E_KERNEL;
	}
	return OK;
}

void
child_putspi(struct sa *sa, const struct plan *plan, const uint32_t *spi)
{
	struct ipsec_sa k;

	for (uint8_t i = 0; i < plan->ntmpl; i++) {
		if (spi[i] == 0)
			continue;
		larval(sa, plan, i, &k);
		k.id.spi = spi[i];
		/* gone already when its time was over */
		(void)ipsec_sa_delete(sa->ike->kernel, &k.id);
	}
}

/*
 * Keys
 */

/* The salt is a part of the key, for KEYMAT and for the kernel. */
static size_t
enc_len(const struct agreed *a, const struct alg_esp *alg)
{
	return (alg->fixed ? alg->key_default : a->key_bits) / 8u + alg->salt;
}

enum err
child_keylen(const struct agreed *a, size_t *len)
{
	const struct alg_esp *esp = alg_esp(a->transform);
	const struct alg_auth *auth = alg_auth(a->auth);

	*len = 0;
	if (a->proto == PROTO_IPCOMP)
		return OK;
	if (auth == NULL || (a->proto == PROTO_IPSEC_ESP && esp == NULL))
		return E_NOPROPOSAL;
	if (a->proto == PROTO_IPSEC_ESP)
		*len += enc_len(a, esp);
	*len += auth->key_len;
	return OK;
}

static enum err
set_key(struct ipsec_key *key, enum ipsec_alg_class class, uint16_t ike_id,
    struct view *material, size_t len)
{
	const struct ipsec_alg *alg = ipsec_alg_by_ike(class, ike_id);
	struct view part = view_take(material, len);

	if (alg == NULL || part.bad || part.n > sizeof(key->key))
		return E_NOPROPOSAL;
	key->present = 1;
	key->id = alg->id;
	key->key_bits = (uint16_t)(len * 8);
	key->icv_bits = class == IPSEC_ALG_AUTH ? alg->icv_bits : 0;
	view_bytes(&part, key->key, len);
	return OK;
}

static enum err
set_enc(struct ipsec_sa *k, const struct agreed *a, struct view *material)
{
	const struct alg_esp *esp = alg_esp(a->transform);

	if (esp == NULL || !alg_esp_auth(esp, a->auth))
		return E_NOPROPOSAL;
	return set_key(esp->aead ? &k->aead : &k->enc, esp->aead ?
	    IPSEC_ALG_AEAD : IPSEC_ALG_ENC, a->transform, material,
	    enc_len(a, esp));
}

/* RFC 2409 5.5, RFC 2407 4.4: the encryption key first, then the other. */
static enum err
set_keys(struct ipsec_sa *k, const struct agreed *a, struct view material)
{
	const struct alg_auth *auth = alg_auth(a->auth);
	enum err r = OK;

	if (a->proto == PROTO_IPCOMP)
		return set_key(&k->comp, IPSEC_ALG_COMP, a->transform,
		    &material, 0);
	if (a->proto == PROTO_IPSEC_ESP)
		r = set_enc(k, a, &material);
	if (r == OK && auth == NULL)
		r = E_NOPROPOSAL;
	if (r == OK && auth->id != P2_AUTH_NONE)
		r = set_key(&k->auth, IPSEC_ALG_AUTH, auth->id, &material,
		    auth->key_len);
	if (a->icv_bits != 0)
		k->auth.icv_bits = a->icv_bits;
	return r;
}

/*
 * SAs
 */

/* An SA that is installed late must not outlive the peer's half of it. */
static uint64_t
minus_age(const struct child *child, uint64_t seconds)
{
	uint64_t age = (child->ike->now - child->created + 999) / 1000;

	return seconds > age ? seconds - age : 1;
}

/* One notice of the coming end is enough, but for the bytes, which each
 * direction counts for itself. */
static void
set_soft(const struct child *child, struct ipsec_sa *k, bool inbound)
{
	uint32_t percent = child->initiator ? SOFT_OURS : SOFT_THEIRS;
	uint32_t range = child->initiator ? JITTER_OURS : JITTER_THEIRS;
	uint64_t jitter;

	k->soft.bytes = k->hard.bytes / 100 * percent;
	if (inbound)
		return;
	jitter = ike_random(child->ike, (uint32_t)
	    ((uint64_t)child->life_secs * range / 100) + 1);
	k->soft.add = minus_age(child,
	    (uint64_t)child->life_secs * percent / 100 - jitter);
}

static void
set_encap(const struct child *child, struct ipsec_sa *k, bool inbound)
{
	k->encap.type = UDP_ENCAP_ESP;
	k->encap.oa = child->oa;
	k->encap.sport = inbound ? child->remote.port : child->local.port;
	k->encap.dport = inbound ? child->local.port : child->remote.port;
}

/*
 * Beside a tunnel the transport SAs of a bundle get no selector: Linux
 * compares that of every SA with the innermost packet.
 */
static bool
is_transport(const struct child *child)
{
	for (unsigned i = 0; i < child->n; i++)
		if (child->mode[i] == IPSEC_MODE_TUNNEL)
			return false;
	return true;
}

/*
 * In transport mode the kernel looks at the sender's address only if told to
 * (RFC 4301 5.2 wants it): else one peer could write in another one's name.
 */
static void
set_transport(const struct child *child, bool inbound, struct ipsec_sa *k)
{
	if (!inbound || !is_transport(child))
		return;
	k->has_sel = 1;
	k->sel.src = child->dst;
	k->sel.dst = child->src;
	k->sel.src_prefix = addr_bits(&child->dst);
	k->sel.dst_prefix = addr_bits(&child->src);
}

/*
 * A tunnel for a part of what its policy covers must not take the rest, which
 * the peer would drop: the kernel then asks for SAs of its own for that.
 */
static void
set_tunnel(const struct child *child, bool inbound, struct ipsec_sa *k)
{
	if (!child->narrow) {
		k->flags = IPSEC_SA_AF_UNSPEC;
		k->sel.src.family = child->sel.src.family;
		return;
	}
	k->has_sel = 1;
	if (inbound)
		ident_mirror(&child->sel, &k->sel);
	else
		k->sel = child->sel;
}

static void
fill(const struct child *child, unsigned i, const struct agreed *a,
    bool inbound, struct ipsec_sa *k)
{
	const struct child_name *name = inbound ? &child->in[i] :
	    &child->out[i];

	memset(k, 0, sizeof(*k));
	k->id.dst = name->key.dst;
	k->id.spi = name->key.spi;
	k->id.proto = (uint8_t)name->key.proto;
	k->id.mark = child->mark;
	k->src = inbound ? child->dst : child->src;
	k->mode = child->mode[i];
	k->dir = inbound ? IPSEC_DIR_IN : IPSEC_DIR_OUT;
	k->reqid = inbound ? child->reqid_in[i] : child->reqid_out[i];
	k->seq = child->seq;
	k->if_id = child->if_id;
	if (name->key.proto != IPSEC_PROTO_IPCOMP)
		k->replay = a->replay;
	if (k->mode == IPSEC_MODE_TUNNEL)
		set_tunnel(child, inbound, k);
	else
		set_transport(child, inbound, k);
	if (a->esn != 0)
		k->flags |= IPSEC_SA_ESN;
	if (a->align4)
		k->flags |= IPSEC_SA_ALIGN4;
	k->hard.add = minus_age(child, child->life_secs);
	k->hard.bytes = (uint64_t)a->life_kbytes * 1024;
	set_soft(child, k, inbound);
	if (child->natt && name->key.proto == IPSEC_PROTO_ESP)
		set_encap(child, k, inbound);
}

static void
say_refused(const struct child *child, const struct ipsec_sa *k)
{
	const char *why = ipsec_error(child->ike->kernel);

	child->ike->stats.kernel_errors++;
	log_peer(LOG_L_ERROR, &child->remote, "the kernel refuses the %s SA "
	    "spi=%u(0x%x) (%s): %s", k->dir == IPSEC_DIR_IN ? "inbound" :
	    "outbound", k->id.spi, k->id.spi,
	    k->enc.present ? ipsec_alg_by_id(IPSEC_ALG_ENC, k->enc.id)->name :
	    k->auth.present ? ipsec_alg_by_id(IPSEC_ALG_AUTH,
	    k->auth.id)->name : "no encryption", why);
}

/* An inbound SA completes what getspi reserved; when the negotiation took
 * longer than net.core.xfrm_acq_expires it is added anew. */
static int
put_sa(struct ike *ike, const struct ipsec_sa *k, bool inbound)
{
	int r = ipsec_sa_set(ike->kernel, k, inbound);

	if (r == -ESRCH && inbound)
		r = ipsec_sa_set(ike->kernel, k, false);
	return r;
}

enum err
child_install(struct child *child, const struct agreement *ag,
    const struct child_keys *keys, bool inbound)
{
	struct ipsec_sa k;
	enum err r = OK;

	for (unsigned i = 0; i < child->n && r == OK; i++) {
		struct child_name *name = inbound ? &child->in[i] :
		    &child->out[i];

		fill(child, i, &ag->a[i], inbound, &k);
		r = set_keys(&k, &ag->a[i], buf_view(inbound ? &keys->in[i] :
		    &keys->out[i]));
		if (r != OK)
			break;
		if (put_sa(child->ike, &k, inbound) == 0) {
			child_name_add(child->ike, name);
		} else {
			say_refused(child, &k);
			r = E_KERNEL;
		}
	}
	crypto_wipe(&k, sizeof(k));
	return r;
}

/*
 * The outbound half of a replacement
 */

#define LATER_MS	1500u	/* longer than it takes to repeat a message */

struct child_later {
	struct agreement agreement;
	struct child_keys keys;		/* out */
};

void
child_install_later(struct child *child, const struct agreement *ag,
    const struct child_keys *keys)
{
	struct child_later *later = xcalloc(1, sizeof(*later));

	later->agreement = *ag;
	for (unsigned i = 0; i < ag->n; i++) {
		buf_init(&later->keys.out[i], keys->out[i].max);
		buf_set(&later->keys.out[i], buf_view(&keys->out[i]));
	}
	child->later = later;
	timer_set(&child->ike->timers, &child->timer,
	    child->ike->now + LATER_MS);
}

void
child_later_free(struct child *child)
{
	struct child_later *later = child->later;

	if (later == NULL)
		return;
	for (unsigned i = 0; i < later->agreement.n; i++)
		buf_fini(&later->keys.out[i]);
	xfreezero(later, sizeof(*later));
	child->later = NULL;
}

bool
child_install_now(struct child *child)
{
	struct child_later *later = child->later;

	if (child_install(child, &later->agreement, &later->keys, false) !=
	    OK) {
		child_delete(child, E_KERNEL);
		return false;
	}
	child_later_free(child);
	return true;
}

/*
 * A peer behind NAT that moved
 */

static void
encap_again(struct child *child, const struct child_name *name, bool inbound)
{
	struct ipsec *kernel = child->ike->kernel;
	struct ipsec_sa_id id = {
		.dst = name->key.dst,
		.spi = name->key.spi,
		.proto = (uint8_t)name->key.proto,
		.mark = child->mark,
	};
	struct ipsec_sa k;

	if (ipsec_sa_get(kernel, &id, &k) != 0)
		return;
	set_encap(child, &k, inbound);
	if (ipsec_sa_set(kernel, &k, true) != 0)
		say_refused(child, &k);
	crypto_wipe(&k, sizeof(k));
}

/* The peer's port is another one now. */
static void
child_set_port(struct child *child, uint16_t port)
{
	child->remote.port = port;
	for (unsigned i = 0; i < child->n; i++) {
		if (child->in[i].key.proto != IPSEC_PROTO_ESP)
			continue;
		if (child->in[i].installed)
			encap_again(child, &child->in[i], true);
		if (child->out[i].installed)
			encap_again(child, &child->out[i], false);
	}
}

/*
 * IKE shares the port with ESP (RFC 3947 7, RFC 3948 2.1).  With another
 * address the SAs would be other ones: they go, and what needs them asks
 * again.
 */
void
child_sa_moved(struct sa *sa, const struct ipsec_addr *old)
{
	struct peer *peer = peer_find(sa->ike, old);
	struct child *child, *next;

	for (child = peer == NULL ? NULL : peer->children; child != NULL;
	    child = next) {
		next = child->next;
		if (!child->natt || !addr_equal_port(&child->remote, old) ||
		    !view_equal(buf_view(&child->peer_id),
		    buf_view(&sa->peer_id)))
			continue;
		if (addr_equal(&sa->remote, old)) {
			child_set_port(child, sa->remote.port);
			continue;
		}
		info_delete_child(sa, child);
		child_drop(child, E_MOVED);
	}
}

/* The IKE SA that a child's peer has at the same place. */
static struct sa *
sa_of_child(const struct child *child)
{
	struct sa *sa;

	for (sa = child->peer->sas; sa != NULL; sa = sa->next)
		if (sa->state != SA_NEGOTIATING && sa->remote.port ==
		    child->remote.port && view_equal(buf_view(&sa->peer_id),
		    buf_view(&child->peer_id)))
			return sa;
	return NULL;
}

/* ESP that passed its check, and is no replay, came from elsewhere. */
void
child_moved(struct ike *ike, const struct ipsec_event *ev)
{
	const struct ipsec_sa_id *id = &ev->sa.id;
	bool inbound;
	struct child *child = child_find(ike, &id->dst, id->proto, id->spi,
	    &inbound);
	struct ipsec_addr to = ev->to;
	struct sa *sa;

	if (child == NULL || !inbound || !child->natt ||
	    addr_equal_port(&to, &child->remote))
		return;
	log_peer(LOG_L_INFO, &child->remote, "NAT-T: ESP comes from port %u "
	    "now, was %u", to.port, child->remote.port);
	sa = sa_of_child(child);
	if (sa != NULL)
		sa_move(sa, &sa->local, &to);
	else if (addr_equal(&to, &child->dst))
		child_set_port(child, to.port);
}
