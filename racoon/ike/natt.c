/* SPDX-License-Identifier: ISC */
/* NAT traversal: vendor IDs, NAT-D, the float to port 4500, NAT-OA. */

#include "ike/natt.h"

#include "crypto/hash.h"
#include "ike/propose.h"
#include "ike/say.h"
#include "wire/payload.h"

#define NATD_PAYLOADS	8		/* looked at in one message */
#define NO_SOCKET	0x30000u	/* complaints: not just an enum err */

/* Numbers that differ between the variants. */
struct variant {
	enum vid	vid;
	bool		offered;	/* else just taken from others */
	uint8_t		natd, natoa;
	uint16_t	tunnel, transport;
};

/*
 * The preferred first.  Not drafts 00 and 01: they stay on port 500, where
 * the kernel cannot tell ESP from IKE.
 */
#define LIKE_RFC(d, oa)	(d), (oa), P2_MODE_UDP_TUNNEL, P2_MODE_UDP_TRANSPORT
#define LIKE_OLD	ISAKMP_NATD_DRAFT, ISAKMP_NATOA_DRAFT,		\
			P2_MODE_UDP_TUNNEL_DRAFT, P2_MODE_UDP_TRANSPORT_DRAFT
static const struct variant variants[] = {
	{ VID_NATT_RFC, true, LIKE_RFC(ISAKMP_NATD, ISAKMP_NATOA) },
	{ VID_NATT_08, false, LIKE_RFC(ISAKMP_NATD_OLD, ISAKMP_NATOA_OLD) },
	{ VID_NATT_07, false, LIKE_RFC(ISAKMP_NATD_OLD, ISAKMP_NATOA_OLD) },
	{ VID_NATT_06, false, LIKE_RFC(ISAKMP_NATD_OLD, ISAKMP_NATOA_OLD) },
	{ VID_NATT_05, false, LIKE_RFC(ISAKMP_NATD_OLD, ISAKMP_NATOA_OLD) },
	{ VID_NATT_04, false, LIKE_RFC(ISAKMP_NATD_OLD, ISAKMP_NATOA_OLD) },
	{ VID_NATT_03, true, LIKE_OLD },
	{ VID_NATT_02, true, LIKE_OLD },
	{ VID_NATT_02N, true, LIKE_OLD },
};
#define NVARIANTS	(sizeof(variants) / sizeof(variants[0]))

static const struct variant *
variant(const struct sa *sa)
{
	for (size_t i = 0; i < NVARIANTS; i++)
		if (variants[i].vid == sa->natt)
			return &variants[i];
	return NULL;
}

bool
natt_possible(const struct sa *sa, const struct remote *remote)
{
	struct ipsec_addr local;

	if (remote->nat_traversal == CONF_OFF)
		return false;
	if (sa->ike->ops->natt(sa->ike->ctx, &sa->local, &local))
		return true;
	if (sa->initiator || ike_may_complain(sa->ike, &sa->remote, NO_SOCKET))
		say_sa(LOG_L_WARNING, sa, "NAT-T is not announced: no NAT-T "
		    "socket (port 4500) is open on our address; see `listen' "
		    "in racoon.conf");
	return false;
}

void
natt_offer(struct msg_out *out)
{
	for (size_t i = 0; i < NVARIANTS; i++)
		if (variants[i].offered)
			msg_put(out, ISAKMP_VID, vid_bytes(variants[i].vid));
}

enum vid
natt_choose(uint32_t vids)
{
	for (size_t i = 0; i < NVARIANTS; i++)
		if (vids & 1u << variants[i].vid)
			return variants[i].vid;
	return VID_UNKNOWN;
}

/* HASH(CKY-I | CKY-R | IP | port): RFC 3947 3.2.  `force' hides the address,
 * so that both sides see a NAT. */
static enum err
natd_hash(struct sa *sa, const struct ipsec_addr *addr, bool hide,
    struct buf *out)
{
	static const uint8_t zero[16];
	uint8_t port[2] = { (uint8_t)(addr->port >> 8),
	    (uint8_t)addr->port };
	struct view ip = addr_bytes(addr);
	struct view part[] = {
		view_of(&sa->cookies, sizeof(sa->cookies)),
		hide ? view_of(zero, ip.n) : ip,
		view_of(port, sizeof(port)),
	};

	return hash_digest(sa->ike->crypto, sa->suite.hash, part, 3, out);
}

enum err
natt_put(struct sa *sa, struct msg_out *out)
{
	const struct variant *v = variant(sa);
	bool hide = sa->remote_conf->nat_traversal == CONF_FORCE;
	const struct ipsec_addr *addr[2] = { &sa->remote, &sa->local };
	struct buf hash;
	enum err r = OK;

	if (v == NULL)
		return OK;
	buf_init(&hash, HASH_LEN_MAX);
	for (int i = 0; i < 2 && r == OK; i++) {
		buf_reset(&hash);
		r = natd_hash(sa, addr[i], hide, &hash);
		msg_put(out, v->natd, buf_view(&hash));
	}
	buf_fini(&hash);
	return r;
}

/* Is BODY the hash of ADDR? */
static enum err
natd_is(struct sa *sa, const struct ipsec_addr *addr, struct view body,
    bool *same)
{
	struct buf hash;
	enum err r;

	buf_init(&hash, HASH_LEN_MAX);
	r = natd_hash(sa, addr, false, &hash);
	*same = r == OK && view_equal(body, buf_view(&hash));
	buf_fini(&hash);
	return r;
}

/* Is one of the NAT-D payloads from FIRST on about where the peer is? */
static enum err
natd_theirs(struct sa *sa, const struct msg *msg,
    const struct msg_payload *first, bool *found)
{
	enum err r = OK;
	int n = 0;

	*found = false;
	while (r == OK && !*found && first != NULL && n++ < NATD_PAYLOADS) {
		r = natd_is(sa, &sa->seen_remote, first->body, found);
		first = msg_next(msg, first);
	}
	return r;
}

enum err
natt_detect(struct sa *sa, const struct msg *msg)
{
	const struct msg_payload *natd = msg_find(msg, ISAKMP_NATD);
	bool ours, theirs = false;
	enum err r;

	if (sa->natt == VID_UNKNOWN)
		return OK;
	if (natd == NULL || msg_next(msg, natd) == NULL) {
		say_sa(LOG_L_DEBUG, sa, "the peer announced NAT-T but sent "
		    "no NAT-D payloads");
		sa->natt = VID_UNKNOWN;
		return OK;
	}
	/* The first one is about us, the others about the peer: where this
	 * message came to and from, since in aggressive mode the initiator has
	 * changed its port already. */
	r = natd_is(sa, &sa->seen_local, natd->body, &ours);
	if (r == OK)
		r = natd_theirs(sa, msg, msg_next(msg, natd), &theirs);
	if (r != OK)
		return r;
	sa->nat_local = !ours ||
	    sa->remote_conf->nat_traversal == CONF_FORCE;
	sa->nat_remote = !theirs;
	return OK;
}

void
natt_say(const struct sa *sa)
{
	if (sa->natt == VID_UNKNOWN)
		return;
	say_sa(LOG_L_INFO, sa, "NAT-T (%s): %s", vid_name(sa->natt),
	    sa->nat_local && sa->nat_remote ? "both sides are behind a NAT" :
	    sa->nat_local ? "we are behind a NAT" :
	    sa->nat_remote ? "the peer is behind a NAT" : "no NAT found");
}

/* The socket may have gone since NAT-T was announced. */
enum err
natt_float(struct sa *sa)
{
	struct ipsec_addr local;

	if (!sa_behind_nat(sa))
		return OK;
	if (!sa->ike->ops->natt(sa->ike->ctx, &sa->local, &local)) {
		say_sa(LOG_L_ERROR, sa, "there is a NAT, but no NAT-T socket "
		    "(port 4500) is open on our address; see `listen' in "
		    "racoon.conf");
		return E_CONFIG;
	}
	if (addr_equal_port(&sa->local, &local))
		return OK;		/* a successor begins there */
	sa->local = local;
	sa->remote.port = ISAKMP_NATT_PORT;
	sa->seen_local = sa->local;
	sa->seen_remote = sa->remote;
	return OK;
}

bool
natt_allows(const struct sa *sa, const struct plan *plan)
{
	for (uint8_t i = 0; i < plan->ntmpl && sa_behind_nat(sa); i++)
		if (plan->tmpl[i].proto == IPSEC_PROTO_AH) {
			say_sa(LOG_L_ERROR, sa, "the policy asks for AH, "
			    "which no NAT lets through: use ESP alone");
			return false;
		}
	return true;
}

uint16_t
natt_mode(const struct sa *sa, uint8_t mode)
{
	const struct variant *v = variant(sa);
	bool tunnel = mode == IPSEC_MODE_TUNNEL;

	if (v == NULL || !sa_behind_nat(sa))
		return tunnel ? P2_MODE_TUNNEL : P2_MODE_TRANSPORT;
	return tunnel ? v->tunnel : v->transport;
}

uint8_t
natt_mode_of(const struct sa *sa, uint16_t wire)
{
	if (wire == natt_mode(sa, IPSEC_MODE_TUNNEL))
		return IPSEC_MODE_TUNNEL;
	if (wire == natt_mode(sa, IPSEC_MODE_TRANSPORT))
		return IPSEC_MODE_TRANSPORT;
	return IPSEC_MODE_ANY;
}

void
natt_put_oa(const struct sa *sa, struct msg_out *out, bool initiator)
{
	const struct variant *v = variant(sa);
	const struct ipsec_addr *first, *second;

	if (v == NULL || !sa_behind_nat(sa))
		return;
	first = initiator ? &sa->local : &sa->remote;
	second = initiator ? &sa->remote : &sa->local;
	msg_open(out, v->natoa);
	natoa_put(out->b, first);
	msg_close(out);
	msg_open(out, v->natoa);
	natoa_put(out->b, second);
	msg_close(out);
}

enum err
natt_get_oa(const struct sa *sa, const struct msg *msg, bool initiator,
    struct ipsec_addr *oa)
{
	const struct msg_payload *p = msg_find(msg, ISAKMP_NATOA);
	enum err r;

	*oa = (struct ipsec_addr){ .family = 0 };
	if (p == NULL || !sa_behind_nat(sa))
		return OK;
	/* an initiator wants to hear of the responder, the second one */
	if (initiator && msg_next(msg, p) != NULL)
		p = msg_next(msg, p);
	r = natoa_get(p->body, oa);
	if (r == OK && (oa->family != sa->remote.family ||
	    addr_equal(oa, &sa->remote)))
		oa->family = 0;
	if (r != OK || oa->family == 0)
		*oa = (struct ipsec_addr){ .family = 0 };
	return r;
}
