/* SPDX-License-Identifier: ISC */
/*
 * pfkey_send_spd...(): commands for policies, and migration.
 */
#include "libipsec/compat.h"

/* A policy and what it is for, as the calls below get it. */
struct spd {
	const struct sockaddr *src, *dst;
	unsigned int	 src_prefix, dst_prefix, proto;
	const void	*policy;
	int		 length;
	uint32_t	 seq;
	struct ipsec_lifetime hard;
};

static enum compat_err
check(const struct spd *s)
{
	enum compat_err err;
	unsigned int bits;

	if (s->policy == NULL || s->length < PFKEY_POLICY_BARE ||
	    s->length > UINT16_MAX || s->length % (int)PFKEY_WORD != 0)
		return CE_ARGUMENT;
	if ((err = compat_check_ends(s->src, s->dst)) != CE_OK)
		return err;
	bits = s->src->sa_family == AF_INET6 ? 128 : 32;
	if (s->src_prefix > bits || s->dst_prefix > bits)
		return CE_PREFIXLEN;
	return s->proto > UINT8_MAX ? CE_PROTO : CE_OK;
}

static void
put_selector(struct buf *b, const struct spd *s)
{
	compat_put_address(b, SADB_EXT_ADDRESS_SRC, s->src, s->src_prefix,
	    s->proto);
	compat_put_address(b, SADB_EXT_ADDRESS_DST, s->dst, s->dst_prefix,
	    s->proto);
}

static int
send_spd(int so, uint8_t type, const struct spd *s)
{
	enum compat_err err = check(s);
	struct buf b;

	if (err != CE_OK)
		return compat_fail(err);
	compat_msg_init(&b, type, SADB_SATYPE_UNSPEC, s->seq);
	put_selector(&b, s);
	compat_put_lifetime(&b, SADB_EXT_LIFETIME_HARD, &s->hard);
	buf_put(&b, s->policy, (size_t)s->length);
	return compat_msg_send(&b, so);
}

/* Of a policy that is named, only the direction counts. */
static int
send_bare_spd(int so, uint8_t type, const struct spd *s)
{
	if (s->length != PFKEY_POLICY_BARE)
		return compat_fail(CE_ARGUMENT);
	return send_spd(so, type, s);
}

int
pfkey_send_spdadd(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    caddr_t policy, int length, uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = 0 } };

	return send_spd(so, SADB_X_SPDADD, &s);
}

int
pfkey_send_spdadd2(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    uint64_t lifetime, uint64_t validtime, caddr_t policy, int length,
    uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = lifetime, .use = validtime } };

	return send_spd(so, SADB_X_SPDADD, &s);
}

int
pfkey_send_spdupdate(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    caddr_t policy, int length, uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = 0 } };

	return send_spd(so, SADB_X_SPDUPDATE, &s);
}

int
pfkey_send_spdupdate2(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    uint64_t lifetime, uint64_t validtime, caddr_t policy, int length,
    uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = lifetime, .use = validtime } };

	return send_spd(so, SADB_X_SPDUPDATE, &s);
}

int
pfkey_send_spddelete(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    caddr_t policy, int length, uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = 0 } };

	return send_bare_spd(so, SADB_X_SPDDELETE, &s);
}

int
pfkey_send_spdsetidx(int so, struct sockaddr *src, unsigned int src_prefix,
    struct sockaddr *dst, unsigned int dst_prefix, unsigned int proto,
    caddr_t policy, int length, uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = 0 } };

	return send_bare_spd(so, SADB_X_SPDSETIDX, &s);
}

/* By the kernel's own number. */
static int
send_index(int so, uint8_t type, uint32_t index)
{
	struct sadb_x_policy p = {
		.sadb_x_policy_len = sizeof(p) / PFKEY_WORD,
		.sadb_x_policy_exttype = SADB_X_EXT_POLICY,
		.sadb_x_policy_id = index,
	};
	struct buf b;

	compat_msg_init(&b, type, SADB_SATYPE_UNSPEC, 0);
	buf_put(&b, &p, sizeof(p));
	return compat_msg_send(&b, so);
}

int
pfkey_send_spddelete2(int so, uint32_t index)
{
	return send_index(so, SADB_X_SPDDELETE2, index);
}

int
pfkey_send_spdget(int so, uint32_t index)
{
	return send_index(so, SADB_X_SPDGET, index);
}

int
pfkey_send_spdflush(int so)
{
	struct buf b;

	compat_msg_init(&b, SADB_X_SPDFLUSH, SADB_SATYPE_UNSPEC, 0);
	return compat_msg_send(&b, so);
}

int
pfkey_send_spddump(int so)
{
	struct buf b;

	compat_msg_init(&b, SADB_X_SPDDUMP, SADB_SATYPE_UNSPEC, 0);
	return compat_msg_send(&b, so);
}

int
pfkey_send_migrate(int so, struct sockaddr *local, struct sockaddr *remote,
    struct sockaddr *src, unsigned int src_prefix, struct sockaddr *dst,
    unsigned int dst_prefix, unsigned int proto, caddr_t policy, int length,
    uint32_t seq)
{
	const struct spd s = { src, dst, src_prefix, dst_prefix, proto,
	    policy, length, seq, { .add = 0 } };
	enum compat_err err = compat_check_ends(local, remote);
	struct buf b;

	if (err == CE_OK)
		err = check(&s);
	if (err != CE_OK)
		return compat_fail(err);
	compat_msg_init(&b, SADB_X_MIGRATE, SADB_SATYPE_UNSPEC, seq);
	compat_put_kmaddress(&b, local, remote);
	put_selector(&b, &s);
	buf_put(&b, policy, (size_t)length);
	return compat_msg_send(&b, so);
}
