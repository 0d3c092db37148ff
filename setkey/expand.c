/* SPDX-License-Identifier: ISC */
/*
 * Commands of a script as libipsec takes them.
 */
#include "setkey/expand.h"

#include <errno.h>
#include <string.h>

/* RFC 3948: ESP in UDP without the non-IKE marker. */
#define ENCAP_ESPINUDP	2
#define ESN_WINDOW	32	/* unless a size was given */

bool
expand_batchable(const struct command *c)
{
	switch ((enum verb)c->verb) {
	case VERB_ADD:
	case VERB_DELETE:
	case VERB_FLUSH:
	case VERB_SPDADD:
	case VERB_SPDUPDATE:
	case VERB_SPDDELETE:
	case VERB_SPDFLUSH:
		return true;
	case VERB_GET:
	case VERB_GETSPI:
	case VERB_DELETEALL:
	case VERB_DUMP:
	case VERB_EXIT:
	case VERB_SPDDUMP:
		break;
	}
	return false;
}

bool
expand_is_policy(const struct command *c)
{
	return c->verb == VERB_SPDADD || c->verb == VERB_SPDUPDATE ||
	    c->verb == VERB_SPDDELETE || c->verb == VERB_SPDFLUSH;
}

static const struct script_policy *
policy_of(const struct command *c, union script_policy_room *room)
{
	return c->verb == VERB_SPDADD || c->verb == VERB_SPDUPDATE ||
	    c->verb == VERB_SPDDELETE ? script_policy(c, room) : NULL;
}

unsigned int
expand_parts(const struct command *c, bool fwd)
{
	return fwd && c->dir == IPSEC_DIR_IN ? 2 : 1;
}

/* The request as it counts in the PART'th policy. */
static struct policy_request
request_of(const struct script_policy *policy, unsigned int nth,
    unsigned int part)
{
	struct policy_request req = policy->req[nth];

	/* The copy's first request takes any SA, not the unique one. */
	if (part > 0 && nth == 0 && req.level == POLICY_UNIQUE) {
		req.level = POLICY_REQUIRE;
		req.reqid = 0;
	}
	return req;
}

unsigned int
expand_reqids(const struct command *c, bool fwd)
{
	union script_policy_room room;
	const struct script_policy *policy = policy_of(c, &room);
	unsigned int n = 0;

	if (policy == NULL || c->verb == VERB_SPDDELETE)
		return 0;
	for (unsigned int part = 0; part < expand_parts(c, fwd); part++) {
		for (unsigned int i = 0; i < policy->nreq; i++) {
			struct policy_request req = request_of(policy, i,
			    part);

			n += policy_wants_reqid(&req);
		}
	}
	return n;
}

/* The limits come in pairs, as the kernel's PF_KEY has them. */
static int
check_limits(const struct script_sa *sa, const char **why)
{
	bool hard = sa->hard_time != 0 || sa->hard_bytes != 0;
	bool soft = sa->soft_time != 0 || sa->soft_bytes != 0;

	if (hard == soft)
		return 0;
	*why = hard ? "a hard limit needs a soft one: -ls or -bs" :
	    "a soft limit needs a hard one: -lh or -bh";
	return -EINVAL;
}

static int
check_esp(const struct script_sa *sa, const char **why)
{
	*why = "esp needs -E";
	if (!sa->enc.present)
		return -EINVAL;
	if (sa->enc.class == IPSEC_ALG_AEAD && sa->auth.present) {
		*why = "this -E authenticates by itself: no -A";
		return -EINVAL;
	}
	return 0;
}

static int
check_ah(const struct script_sa *sa, const char **why)
{
	*why = "ah needs -A with a key and nothing else";
	return sa->enc.present || sa->auth.bits == 0 ? -EINVAL : 0;
}

static int
check_ipcomp(const struct script_sa *sa, const char **why)
{
	const struct ipsec_alg *alg;

	*why = "ipcomp needs -C";
	if (!sa->comp.present)
		return -EINVAL;
	*why = "Linux has deflate only";
	alg = ipsec_alg_by_id(IPSEC_ALG_COMP, sa->comp.id);
	return alg == NULL || alg->kernel == NULL ? -ENOSYS : 0;
}

static int
check_add(const struct command *c, const char **why)
{
	int r = -EPROTONOSUPPORT;

	switch ((enum ipsec_proto)c->proto) {
	case IPSEC_PROTO_ESP:
		r = check_esp(c->u.sa, why);
		break;
	case IPSEC_PROTO_AH:
		r = check_ah(c->u.sa, why);
		break;
	case IPSEC_PROTO_IPCOMP:
		r = check_ipcomp(c->u.sa, why);
		break;
	case IPSEC_PROTO_ANY:
		*why = c->tcp ? "Linux has no such SAs" :
		    "the protocol is missing: esp, ah or ipcomp";
		break;
	}
	return r != 0 ? r : check_limits(c->u.sa, why);
}

static int
check_policy(const struct command *c, const char **why)
{
	union script_policy_room room;
	const struct script_policy *policy = script_policy(c, &room);

	*why = "Linux has no tagged policies";
	if (policy->tagged)
		return -EINVAL;
	if (c->verb == VERB_SPDDELETE)
		return 0;
	*why = "entrust and bypass are for sockets only";
	if (policy->action > POLICY_IPSEC)
		return -EINVAL;
	*why = "a policy has at most 6 requests";
	if (policy->action == POLICY_IPSEC && policy->nreq > IPSEC_TMPL_MAX)
		return -ELOOP;
	return 0;
}

int
expand_check(const struct command *c, const char **why)
{
	int r = 0;

	switch ((enum verb)c->verb) {
	case VERB_ADD:
		r = check_add(c, why);
		break;
	case VERB_GET:
	case VERB_DELETE:
		*why = "the protocol is missing: esp, ah or ipcomp";
		r = c->proto == IPSEC_PROTO_ANY ? -ESRCH : 0;
		break;
	case VERB_GETSPI:
		*why = "the protocol is missing: esp, ah or ipcomp";
		r = c->proto == IPSEC_PROTO_ANY ? -EPROTONOSUPPORT : 0;
		break;
	case VERB_SPDADD:
	case VERB_SPDUPDATE:
	case VERB_SPDDELETE:
		r = check_policy(c, why);
		break;
	case VERB_DELETEALL:
	case VERB_FLUSH:
	case VERB_DUMP:
		*why = "Linux has no such SAs";
		r = c->tcp ? -EPROTONOSUPPORT : 0;
		break;
	case VERB_EXIT:
	case VERB_SPDFLUSH:
	case VERB_SPDDUMP:
		break;
	}
	if (r == 0)
		*why = "";
	return r;
}

static void
expand_key(const struct script_key *from, struct ipsec_key *to)
{
	size_t n = from->bits / 8;

	if (!from->present || n > sizeof(to->key))
		return;
	to->present = 1;
	to->id = from->id;
	to->key_bits = from->bits;
	to->icv_bits = from->icv_bits;
	if (n > 0)
		memcpy(to->key, from->bytes, n);
}

static void
expand_label(const struct script_label *from, struct ipsec_context *to)
{
	if (from == NULL)
		return;
	to->doi = from->doi;
	to->alg = from->alg;
	to->length = from->length;
	memcpy(to->text, from->text, from->length);
}

/* RFC 4304 needs a window; the kernel refuses an empty one. */
static void
expand_extra(const struct script_extra *from, struct ipsec_sa *to)
{
	if (from == NULL)
		return;
	to->id.mark = from->mark;
	to->output_mark = from->output_mark;
	to->if_id = from->if_id;
	to->offload = from->offload;
	if (from->esn)
		to->flags |= IPSEC_SA_ESN;
	if (from->align4)
		to->flags |= IPSEC_SA_ALIGN4;
	if (from->replay != 0)
		to->replay = from->replay;
	else if (from->esn && to->replay == 0)
		to->replay = ESN_WINDOW;
}

void
expand_sa(const struct command *c, struct ipsec_sa *sa)
{
	const struct script_sa *from = c->u.sa;

	memset(sa, 0, sizeof(*sa));
	sa->src = from->src;
	sa->id.dst = from->dst;
	sa->src.port = sa->id.dst.port = 0;
	sa->id.spi = from->spi;
	sa->id.proto = c->proto;
	sa->mode = from->mode == IPSEC_MODE_ANY ? IPSEC_MODE_TRANSPORT :
	    from->mode;
	/* A tunnel carries both families, as it does through PF_KEY. */
	if (sa->mode == IPSEC_MODE_TUNNEL)
		sa->flags = IPSEC_SA_AF_UNSPEC;
	sa->reqid = from->reqid;
	sa->replay = from->replay;
	sa->hard.add = from->hard_time;
	sa->soft.add = from->soft_time;
	sa->hard.bytes = from->hard_bytes;
	sa->soft.bytes = from->soft_bytes;
	expand_key(&from->enc, from->enc.class == IPSEC_ALG_AEAD ?
	    &sa->aead : &sa->enc);
	expand_key(&from->auth, &sa->auth);
	expand_key(&from->comp, &sa->comp);
	expand_label(from->label, &sa->ctx);
	expand_extra(from->extra, sa);
	if (!from->nat)
		return;
	sa->encap.type = ENCAP_ESPINUDP;
	sa->encap.sport = from->src.port;
	sa->encap.dport = from->dst.port;
	if (from->oa != NULL)
		sa->encap.oa = *from->oa;
}

void
expand_policy(const struct command *c, unsigned int part, uint32_t *reqid,
    struct ipsec_policy *to)
{
	union script_policy_room room;
	const struct script_policy *from = script_policy(c, &room);
	struct policy_spec spec;

	/* Just the requests that there are: the whole is large. */
	spec.dir = part > 0 ? IPSEC_DIR_FWD : from->dir;
	spec.action = from->action;
	spec.priority = from->priority;
	spec.nreq = 0;
	memset(to, 0, sizeof(*to));
	for (; spec.nreq < from->nreq; spec.nreq++)
		spec.req[spec.nreq] = request_of(from, spec.nreq, part);
	to->sel = from->sel;
	expand_label(from->label, &to->ctx);
	if (from->extra != NULL) {
		to->mark = from->extra->mark;
		to->if_id = from->extra->if_id;
		to->offload = from->extra->offload;
	}
	/* What names a policy is enough to delete it. */
	if (c->verb == VERB_SPDDELETE)
		to->dir = spec.dir;
	else
		(void)policy_to_kernel(&spec, to, reqid);
}

void
expand_command(const struct command *c, unsigned int part, uint32_t *reqid,
    struct ipsec_command *to)
{
	static const enum ipsec_op ops[] = {
		[VERB_ADD] = IPSEC_OP_SA_ADD,
		[VERB_DELETE] = IPSEC_OP_SA_DELETE,
		[VERB_FLUSH] = IPSEC_OP_SA_FLUSH,
		[VERB_SPDADD] = IPSEC_OP_POLICY_ADD,
		[VERB_SPDUPDATE] = IPSEC_OP_POLICY_UPDATE,
		[VERB_SPDDELETE] = IPSEC_OP_POLICY_DELETE,
		[VERB_SPDFLUSH] = IPSEC_OP_POLICY_FLUSH
	};

	memset(to, 0, sizeof(*to));
	to->op = ops[c->verb];
	if (expand_is_policy(c) && c->u.policy != NULL)
		expand_policy(c, part, reqid, &to->policy);
	else if (c->verb == VERB_FLUSH)
		to->sa.id.proto = c->proto;
	else if (c->u.sa != NULL)
		expand_sa(c, &to->sa);
}
