/* SPDX-License-Identifier: ISC */
/* What the way to the kernel can carry. */

#include "ike/propose_can.h"

#include "crypto/alg.h"
#include "ike/say.h"

#define REPLAY_NARROW	32u		/* packets */
#define AH_FIXED	12u		/* octets in front of the ICV */
#define AH_LINUX	8u		/* what Linux pads AH to by itself */

static struct ipsec *
kernel_of(const struct sa *sa)
{
	return sa->ike != NULL ? sa->ike->kernel : NULL;
}

static bool
auth_usable(struct ipsec *kernel, const struct conf_alg *auth)
{
	const struct ipsec_alg *alg = ipsec_alg_by_ike(IPSEC_ALG_AUTH,
	    auth->id);
	struct ipsec_key k = { .present = 1, .icv_bits = auth->icv_bits };

	if (alg == NULL || kernel == NULL)
		return true;
	k.id = alg->id;
	return ipsec_can(kernel, IPSEC_ALG_AUTH, &k) == 0;
}

static bool
enc_usable(struct ipsec *kernel, const struct conf_alg *enc)
{
	const struct ipsec_alg *alg = ipsec_alg_by_ike(IPSEC_ALG_AEAD,
	    enc->id);
	struct ipsec_key k = { .present = 1 };

	if (alg == NULL || kernel == NULL)	/* what is no AEAD it knows */
		return true;
	k.id = alg->id;
	return ipsec_can(kernel, IPSEC_ALG_AEAD, &k) == 0;
}

bool
can_enc(const struct sa *sa, const struct conf_alg *enc)
{
	return enc_usable(kernel_of(sa), enc);
}

bool
can_auth(const struct sa *sa, const struct conf_alg *auth)
{
	return auth_usable(kernel_of(sa), auth);
}

/* PF_KEY has no word for sequence numbers of 64 bits, for windows of more
 * than 32 packets, and for the padding of AH. */
static bool
is_narrow(struct ipsec *kernel)
{
	return kernel != NULL && strcmp(ipsec_backend(kernel), "pfkey") == 0;
}

bool
can_esn(const struct sa *sa, const struct sainfo *info)
{
	return info->esn && !is_narrow(kernel_of(sa));
}

uint32_t
can_window(const struct sa *sa, const struct sainfo *info)
{
	if (is_narrow(kernel_of(sa)) && info->replay_window > REPLAY_NARROW)
		return REPLAY_NARROW;
	return info->replay_window;
}

/*
 * AH
 */

/* Has AH with this hash padding that RFC 4302 does not want in IPv4? */
static bool
is_padded(const struct conf_alg *auth)
{
	const struct ipsec_alg *alg = ipsec_alg_by_ike(IPSEC_ALG_AUTH,
	    auth->id);
	unsigned int icv = auth->icv_bits != 0 ? auth->icv_bits :
	    alg != NULL ? alg->icv_bits : 0;

	return (AH_FIXED + icv / 8) % AH_LINUX != 0;
}

/*
 * strongSwan does as RFC 4302 2.6 says, and may say who it is.  PF_KEY cannot
 * do it, and so all who ever used it, the old racoon first of all, cannot; our
 * own kind may be one of them, whichever way to the kernel we have ourselves.
 */
static bool
pads_by_rfc(const struct sa *sa, const struct sainfo *info)
{
	if (sa->remote.family != AF_INET)	/* IPv6: 64 bits */
		return false;
	if (info->ah_align == CONF_AH_AUTO)
		return (sa->vids & 1u << VID_STRONGSWAN) != 0;
	return info->ah_align == CONF_AH_RFC;
}

bool
ah_is_short(const struct sa *sa, const struct sainfo *info,
    const struct conf_alg *auth)
{
	return pads_by_rfc(sa, info) && is_padded(auth);
}

bool
can_ah(const struct sa *sa, const struct sainfo *info,
    const struct conf_alg *auth)
{
	return can_auth(sa, auth) && !(is_narrow(kernel_of(sa)) &&
	    ah_is_short(sa, info, auth));
}

/*
 * Warnings
 */

static const char *
path_of(const struct sainfo *info)
{
	return info->at.path == NULL ? "?" : info->at.path;
}

static void
warn_of_sequence(const struct sainfo *info)
{
	if (info->esn)
		log_msg(LOG_L_WARNING, "%s:%u: esn is neither offered nor "
		    "accepted: PF_KEY does not have it", path_of(info),
		    info->at.line);
	if (info->replay_window > REPLAY_NARROW)
		log_msg(LOG_L_WARNING, "%s:%u: replay_window is %u: PF_KEY "
		    "has none larger", path_of(info), info->at.line,
		    REPLAY_NARROW);
}

static void
warn_of_ah(const struct sainfo *info)
{
	for (size_t a = 0; a < info->nauth; a++) {
		const struct alg_auth *alg = alg_auth(info->auth[a].id);

		if (alg != NULL && alg->ah != 0 && is_padded(&info->auth[a]))
			log_msg(LOG_L_WARNING, "%s:%u: \"%s\" is neither "
			    "offered nor accepted for AH over IPv4: PF_KEY "
			    "cannot do ah_align 32", path_of(info),
			    info->at.line, alg->word);
	}
}

static void
warn(struct ipsec *kernel, const struct sainfo *info, const char *word)
{
	log_msg(LOG_L_WARNING, "%s:%u: \"%s\" is neither offered nor "
	    "accepted: %s", path_of(info), info->at.line, word,
	    ipsec_error(kernel));
}

static void
warn_of_algs(struct ipsec *kernel, const struct sainfo *info)
{
	for (size_t e = 0; e < info->nenc; e++) {
		const struct alg_esp *alg = alg_esp(info->enc[e].id);

		if (alg != NULL && !enc_usable(kernel, &info->enc[e]))
			warn(kernel, info, alg->word);
	}
	for (size_t a = 0; a < info->nauth; a++) {
		const struct alg_auth *alg = alg_auth(info->auth[a].id);

		if (alg != NULL && !auth_usable(kernel, &info->auth[a]))
			warn(kernel, info, alg->word);
	}
}

void
propose_warn(struct ipsec *kernel, const struct conf *conf)
{
	for (size_t i = 0; i < conf->nsainfo; i++) {
		const struct sainfo *info = conf->sainfo[i];

		if (is_narrow(kernel))
			warn_of_sequence(info);
		if (is_narrow(kernel) && info->ah_align == CONF_AH_RFC)
			warn_of_ah(info);
		warn_of_algs(kernel, info);
	}
}

static bool
has_ah(const struct ipsec_tmpl *tmpl, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tmpl[i].proto == IPSEC_PROTO_AH)
			return true;
	return false;
}

void
propose_warn_peer(const struct sa *sa, const struct sainfo *info,
    const struct ipsec_tmpl *tmpl, size_t n)
{
	if (info->ah_align != CONF_AH_AUTO || !has_ah(tmpl, n))
		return;
	for (size_t a = 0; a < info->nauth; a++)
		if (can_auth(sa, &info->auth[a]) &&
		    !can_ah(sa, info, &info->auth[a])) {
			say_sa(LOG_L_WARNING, sa, "the peer is %s, which pads "
			    "AH over IPv4 to 32 bits; PF_KEY cannot: some "
			    "hashes of %s:%u are left out",
			    vid_name(VID_STRONGSWAN), path_of(info),
			    info->at.line);
			return;
		}
}
