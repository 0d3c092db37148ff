/* SPDX-License-Identifier: ISC */
/*
 * pfkey_send_...(): commands for SAs.  What their arguments are is fixed by
 * programs that are compiled already.
 */
#include "libipsec/compat.h"

#define KEY_BYTES	(UINT16_MAX / 8)	/* bits have 16 bits */

/* A message of nothing but its header. */
static int
send_bare(int so, uint8_t type, unsigned int satype)
{
	struct buf b;

	compat_msg_init(&b, type, (uint8_t)satype, 0);
	return compat_msg_send(&b, so);
}

static bool
is_protocol(unsigned int satype)
{
	return satype == SADB_SATYPE_AH || satype == SADB_SATYPE_ESP ||
	    satype == SADB_X_SATYPE_IPCOMP;
}

/* One protocol, or all of them. */
static bool
is_any_protocol(unsigned int satype)
{
	return satype == SADB_SATYPE_UNSPEC || is_protocol(satype);
}

/* The tables stay until the reply replaces them: it may never come. */
int
pfkey_send_register(int so, unsigned int satype)
{
	if (!is_any_protocol(satype))
		return compat_fail(CE_ARGUMENT);
	return send_bare(so, SADB_REGISTER, satype);
}

int
pfkey_send_flush(int so, unsigned int satype)
{
	if (!is_any_protocol(satype))
		return compat_fail(CE_SATYPE);
	return send_bare(so, SADB_FLUSH, satype);
}

int
pfkey_send_dump(int so, unsigned int satype)
{
	if (!is_any_protocol(satype))
		return compat_fail(CE_SATYPE);
	return send_bare(so, SADB_DUMP, satype);
}

int
pfkey_send_promisc_toggle(int so, int on)
{
	return send_bare(so, SADB_X_PROMISC, on != 0);
}

static void
put_sa(struct buf *b, const struct pfkey_send_sa_args *a)
{
	struct sadb_sa sa = {
		.sadb_sa_len = sizeof(sa) / PFKEY_WORD,
		.sadb_sa_exttype = SADB_EXT_SA,
		.sadb_sa_spi = a->spi,
		.sadb_sa_replay = a->wsize > UINT8_MAX ? UINT8_MAX :
		    (uint8_t)a->wsize,
		.sadb_sa_state = SADB_SASTATE_LARVAL,
		.sadb_sa_auth = (uint8_t)a->a_type,
		.sadb_sa_encrypt = (uint8_t)a->e_type,
		.sadb_sa_flags = a->flags,
	};

	buf_put(b, &sa, sizeof(sa));
}

/* A message that names an SA, or with SPI NULL all between two ends. */
static int
send_named(int so, uint8_t type, unsigned int satype, struct sockaddr *src,
    struct sockaddr *dst, const uint32_t *spi)
{
	struct pfkey_send_sa_args a = { .so = so };
	enum compat_err err = compat_check_ends(src, dst);
	struct buf b;

	if (err == CE_OK && satype > UINT8_MAX)
		err = CE_SATYPE;
	if (err != CE_OK)
		return compat_fail(err);
	compat_msg_init(&b, type, (uint8_t)satype, 0);
	if (spi != NULL) {
		a.spi = *spi;
		put_sa(&b, &a);
	}
	compat_put_ends(&b, src, dst);
	return compat_msg_send(&b, so);
}

int
pfkey_send_delete(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi)
{
	(void)mode;
	return send_named(so, SADB_DELETE, satype, src, dst, &spi);
}

int
pfkey_send_delete_all(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst)
{
	(void)mode;
	return send_named(so, SADB_DELETE, satype, src, dst, NULL);
}

int
pfkey_send_get(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi)
{
	(void)mode;
	return send_named(so, SADB_GET, satype, src, dst, &spi);
}

static enum compat_err
check_getspi(const struct pfkey_send_sa_args *a, uint32_t min, uint32_t max)
{
	enum compat_err err = compat_check_ends(a->src, a->dst);

	if (err != CE_OK)
		return err;
	if (a->satype > UINT8_MAX)
		return CE_SATYPE;
	if (a->mode > UINT8_MAX)
		return CE_MODE;
	if (min > max || (min > 0 && min <= PFKEY_SPI_RESERVED))
		return CE_SPI;
	if (a->l_natt_type == 0 &&
	    (a->l_natt_sport != 0 || a->l_natt_dport != 0))
		return CE_ARGUMENT;
	return CE_OK;
}

static int
send_getspi(const struct pfkey_send_sa_args *a, uint32_t min, uint32_t max)
{
	struct sadb_spirange range = {
		.sadb_spirange_len = sizeof(range) / PFKEY_WORD,
		.sadb_spirange_exttype = SADB_EXT_SPIRANGE,
		.sadb_spirange_min = min,
		.sadb_spirange_max = max,
	};
	enum compat_err err = check_getspi(a, min, max);
	struct buf b;

	if (err != CE_OK)
		return compat_fail(err);
	compat_msg_init(&b, SADB_GETSPI, (uint8_t)a->satype, a->seq);
	compat_put_sa2(&b, a->mode, a->reqid);
	compat_put_ends(&b, a->src, a->dst);
	if (min > PFKEY_SPI_RESERVED && max < UINT32_MAX)
		buf_put(&b, &range, sizeof(range));
	if (a->l_natt_type != 0)
		compat_put_natt(&b, a->l_natt_type, a->l_natt_sport,
		    a->l_natt_dport);
	return compat_msg_send(&b, a->so);
}

int
pfkey_send_getspi(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t min, uint32_t max,
    uint32_t reqid, uint32_t seq)
{
	return pfkey_send_getspi_nat(so, satype, mode, src, dst, 0, 0, 0,
	    min, max, reqid, seq);
}

int
pfkey_send_getspi_nat(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint8_t natt_type,
    uint16_t sport, uint16_t dport, uint32_t min, uint32_t max,
    uint32_t reqid, uint32_t seq)
{
	struct pfkey_send_sa_args a = {
		.so = so, .satype = satype, .mode = mode, .src = src,
		.dst = dst, .reqid = reqid, .seq = seq,
		.l_natt_type = natt_type, .l_natt_sport = sport,
		.l_natt_dport = dport,
	};

	return send_getspi(&a, min, max);
}

/* Which algorithms each protocol must have. */
static enum compat_err
check_algs(const struct pfkey_send_sa_args *a)
{
	if (a->e_type > UINT8_MAX || a->a_type > UINT8_MAX)
		return CE_ALGS;
	switch (a->satype) {
	case SADB_SATYPE_ESP:
		return a->e_type == 0 ? CE_NO_ALGS : CE_OK;
	case SADB_SATYPE_AH:
		return a->e_type != 0 ? CE_ALGS :
		    a->a_type == 0 ? CE_NO_ALGS : CE_OK;
	case SADB_X_SATYPE_IPCOMP:
		return a->e_type == 0 ? CE_ALGS :
		    a->a_type != 0 ? CE_NO_ALGS : CE_OK;
	}
	return CE_SATYPE;
}

static enum compat_err
check_keys(const struct pfkey_send_sa_args *a)
{
	if (a->e_keylen > KEY_BYTES || a->a_keylen > KEY_BYTES)
		return CE_KEYLEN;
	return a->keymat == NULL && a->e_keylen + a->a_keylen > 0 ?
	    CE_ARGUMENT : CE_OK;
}

static enum compat_err
check_set(const struct pfkey_send_sa_args *a)
{
	enum compat_err err = compat_check_ends(a->src, a->dst);

	if (err == CE_OK)
		err = check_algs(a);
	if (err == CE_OK)
		err = check_keys(a);
	if (err == CE_OK && a->mode > UINT8_MAX)
		err = CE_MODE;
	/* RFC 3948: ESP is what can be in UDP. */
	if (err == CE_OK && a->l_natt_type != 0 &&
	    a->satype == SADB_SATYPE_AH)
		err = CE_NO_ALGS;
	if (err == CE_OK && a->l_natt_type != 0 && a->l_natt_oa != NULL)
		err = compat_check_ends(a->l_natt_oa, a->l_natt_oa);
	return err;
}

static void
put_key(struct buf *b, uint16_t ext, const void *key, unsigned int bytes)
{
	struct sadb_key k = {
		.sadb_key_len = (uint16_t)((sizeof(k) + bytes +
		    PFKEY_WORD - 1) / PFKEY_WORD),
		.sadb_key_exttype = ext,
		.sadb_key_bits = (uint16_t)(bytes * 8),
	};

	buf_put(b, &k, sizeof(k));
	buf_put(b, key, bytes);
	compat_put_pad(b);
}

static void
put_keys(struct buf *b, const struct pfkey_send_sa_args *a)
{
	unsigned int skip = a->e_type == 0 ? 0 : a->e_keylen;

	if (a->e_type != 0 && a->satype != SADB_X_SATYPE_IPCOMP)
		put_key(b, SADB_EXT_KEY_ENCRYPT, a->keymat, a->e_keylen);
	if (a->a_type != 0)
		put_key(b, SADB_EXT_KEY_AUTH, a->keymat == NULL ? NULL :
		    a->keymat + skip, a->a_keylen);
}

/* Of 64 bits, and without an overflow on the way. */
static uint64_t
soft_of(uint64_t hard, unsigned int type)
{
	uint64_t rate = compat_rate_get(type);

	return hard / 100 * rate + hard % 100 * rate / 100;
}

static void
put_limits(struct buf *b, const struct ipsec_lifetime *hard)
{
	struct ipsec_lifetime soft = {
		.packets = soft_of(hard->packets, 0),
		.bytes = soft_of(hard->bytes, 1),
		.add = soft_of(hard->add, 2),
		.use = soft_of(hard->use, 3),
	};

	compat_put_lifetime(b, SADB_EXT_LIFETIME_HARD, hard);
	compat_put_lifetime(b, SADB_EXT_LIFETIME_SOFT, &soft);
}

static void
put_label(struct buf *b, const struct pfkey_send_sa_args *a)
{
	struct sadb_x_sec_ctx c = {
		.sadb_x_sec_len = (uint16_t)((sizeof(c) + a->ctxstrlen +
		    PFKEY_WORD - 1) / PFKEY_WORD),
		.sadb_x_sec_exttype = SADB_X_EXT_SEC_CTX,
		.sadb_x_ctx_alg = a->ctxalg,
		.sadb_x_ctx_doi = a->ctxdoi,
		.sadb_x_ctx_len = a->ctxstrlen,
	};

	buf_put(b, &c, sizeof(c));
	buf_put(b, a->ctxstr, a->ctxstrlen);
	compat_put_pad(b);
}

int
compat_send_set(struct pfkey_send_sa_args *a, uint8_t type,
    const struct ipsec_lifetime *hard)
{
	enum compat_err err = check_set(a);
	struct buf b;

	a->type = type;
	if (err != CE_OK)
		return compat_fail(err);
	compat_msg_init(&b, type, (uint8_t)a->satype, a->seq);
	put_sa(&b, a);
	compat_put_sa2(&b, a->mode, a->reqid);
	compat_put_ends(&b, a->src, a->dst);
	put_keys(&b, a);
	put_limits(&b, hard);
	if (a->l_natt_type != 0) {
		compat_put_natt(&b, a->l_natt_type, a->l_natt_sport,
		    a->l_natt_dport);
		if (a->l_natt_oa != NULL)
			compat_put_address(&b, SADB_X_EXT_NAT_T_OA,
			    a->l_natt_oa, a->l_natt_oa->sa_family == AF_INET6 ?
			    128 : 32, COMPAT_PROTO_ANY);
	}
	if (a->ctxstr != NULL)
		put_label(&b, a);
	return compat_msg_send(&b, a->so);
}

static int
send_args(struct pfkey_send_sa_args *a, uint8_t type)
{
	struct ipsec_lifetime hard;

	if (a == NULL)
		return compat_fail(CE_ARGUMENT);
	hard = (struct ipsec_lifetime){ .packets = a->l_alloc,
	    .bytes = a->l_bytes, .add = a->l_addtime, .use = a->l_usetime };
	return compat_send_set(a, type, &hard);
}

int
pfkey_send_add2(struct pfkey_send_sa_args *a)
{
	return send_args(a, SADB_ADD);
}

int
pfkey_send_update2(struct pfkey_send_sa_args *a)
{
	return send_args(a, SADB_UPDATE);
}
