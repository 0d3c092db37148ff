/* SPDX-License-Identifier: ISC */
/*
 * pfkey_align() finds the extensions of a message, pfkey_check() looks
 * whether they can be true.
 */
#include "libipsec/compat.h"

/*
 * Programs bring SADB_EXT_MAX + 1 elements.  The numbers are fixed here, so
 * that the headers of another kernel do not change what is written there.
 */
#define SLOTS		(SADB_X_EXT_FILTER + 1)
#define MSGTYPE_MAX	SADB_X_MIGRATE
#define SATYPE_PROMISC	1

/* Bytes that each extension has at least; 0: not one that we hand out. */
static const uint8_t sizes[SLOTS] = {
	[SADB_EXT_SA] = sizeof(struct sadb_sa),
	[SADB_EXT_LIFETIME_CURRENT] = sizeof(struct sadb_lifetime),
	[SADB_EXT_LIFETIME_HARD] = sizeof(struct sadb_lifetime),
	[SADB_EXT_LIFETIME_SOFT] = sizeof(struct sadb_lifetime),
	[SADB_EXT_ADDRESS_SRC] = sizeof(struct sadb_address),
	[SADB_EXT_ADDRESS_DST] = sizeof(struct sadb_address),
	[SADB_EXT_ADDRESS_PROXY] = sizeof(struct sadb_address),
	[SADB_EXT_KEY_AUTH] = sizeof(struct sadb_key),
	[SADB_EXT_KEY_ENCRYPT] = sizeof(struct sadb_key),
	[SADB_EXT_IDENTITY_SRC] = sizeof(struct sadb_ident),
	[SADB_EXT_IDENTITY_DST] = sizeof(struct sadb_ident),
	[SADB_EXT_SENSITIVITY] = sizeof(struct sadb_sens),
	[SADB_EXT_PROPOSAL] = sizeof(struct sadb_prop),
	[SADB_EXT_SUPPORTED_AUTH] = sizeof(struct sadb_supported),
	[SADB_EXT_SUPPORTED_ENCRYPT] = sizeof(struct sadb_supported),
	[SADB_EXT_SPIRANGE] = sizeof(struct sadb_spirange),
	[SADB_X_EXT_POLICY] = sizeof(struct sadb_x_policy),
	[SADB_X_EXT_SA2] = sizeof(struct sadb_x_sa2),
	[SADB_X_EXT_NAT_T_TYPE] = sizeof(struct sadb_x_nat_t_type),
	[SADB_X_EXT_NAT_T_SPORT] = sizeof(struct sadb_x_nat_t_port),
	[SADB_X_EXT_NAT_T_DPORT] = sizeof(struct sadb_x_nat_t_port),
	[SADB_X_EXT_NAT_T_OA] = sizeof(struct sadb_address),
	[SADB_X_EXT_SEC_CTX] = sizeof(struct sadb_x_sec_ctx),
	[SADB_X_EXT_KMADDRESS] = sizeof(struct sadb_x_kmaddress),
};

/* Takes one extension from V; START is where the message begins. */
static enum compat_err
align_one(struct view *v, char *start, const uint8_t *first, caddr_t *mhp)
{
	struct sadb_ext head;
	struct view peek = *v, ext;
	uint16_t type;

	view_bytes(&peek, &head, sizeof(head));
	ext = view_take(v, head.sadb_ext_len * PFKEY_WORD);
	type = head.sadb_ext_type;
	if (peek.bad || ext.bad || ext.n == 0)
		return CE_MESSAGE;
	if (type >= SLOTS || sizes[type] == 0 || mhp[type] != NULL)
		return CE_EXTTYPE;
	if (ext.n < sizes[type])
		return CE_MESSAGE;
	mhp[type] = start + (ext.p - first);
	return CE_OK;
}

int
pfkey_align(struct sadb_msg *msg, caddr_t *mhp)
{
	enum compat_err err = CE_OK;
	struct view v;

	if (msg == NULL || mhp == NULL)
		return compat_fail(CE_ARGUMENT);
	for (size_t i = 0; i < SLOTS; i++)
		mhp[i] = NULL;
	mhp[0] = (caddr_t)msg;
	v = view_of(msg, msg->sadb_msg_len * PFKEY_WORD);
	(void)view_take(&v, sizeof(*msg));
	if (v.bad)
		err = CE_MESSAGE;
	while (v.n > 0 && err == CE_OK)
		err = align_one(&v, (char *)msg, (const uint8_t *)msg, mhp);
	return compat_fail(err);
}

static enum compat_err
check_satype(const struct sadb_msg *m)
{
	switch (m->sadb_msg_satype) {
	case SADB_SATYPE_UNSPEC:
	case SADB_SATYPE_AH:
	case SADB_SATYPE_ESP:
	case SADB_X_SATYPE_IPCOMP:
		return CE_OK;
	case SADB_SATYPE_RSVP:
	case SADB_SATYPE_OSPFV2:
	case SADB_SATYPE_RIPV2:
	case SADB_SATYPE_MIP:
		return CE_NOT_SUPPORTED;
	case SATYPE_PROMISC:
		return m->sadb_msg_type == SADB_X_PROMISC ? CE_OK : CE_SATYPE;
	}
	return m->sadb_msg_type == SADB_X_SPDFLUSH ? CE_OK : CE_SATYPE;
}

/* An address and the family behind it. */
static enum compat_err
get_address(caddr_t ext, struct sadb_address *a, sa_family_t *family)
{
	struct view v;

	memcpy(a, ext, sizeof(*a));
	v = view_of(ext, a->sadb_address_len * PFKEY_WORD);
	(void)view_take(&v, sizeof(*a));
	view_bytes(&v, family, sizeof(*family));
	return v.bad ? CE_MESSAGE : CE_OK;
}

static size_t
address_bytes(sa_family_t family)
{
	return sizeof(struct sadb_address) + (family == AF_INET6 ?
	    sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
}

static enum compat_err
check_addresses(caddr_t src, caddr_t dst)
{
	struct sadb_address a, b;
	sa_family_t family, other;
	enum compat_err err;

	if ((err = get_address(src, &a, &family)) != CE_OK ||
	    (err = get_address(dst, &b, &other)) != CE_OK)
		return err;
	if (a.sadb_address_proto != b.sadb_address_proto)
		return CE_PROTO_MISMATCH;
	if (family != other)
		return CE_FAMILY_MISMATCH;
	if (family != AF_INET && family != AF_INET6)
		return CE_FAMILY;
	if (a.sadb_address_len * PFKEY_WORD < address_bytes(family) ||
	    b.sadb_address_len * PFKEY_WORD < address_bytes(family))
		return CE_MESSAGE;
	return CE_OK;
}

static enum compat_err
check(caddr_t *mhp)
{
	struct sadb_msg m;
	enum compat_err err;

	if (mhp == NULL || mhp[0] == NULL)
		return CE_ARGUMENT;
	memcpy(&m, mhp[0], sizeof(m));
	if (m.sadb_msg_version != PF_KEY_V2)
		return CE_VERSION;
	if (m.sadb_msg_type > MSGTYPE_MAX)
		return CE_MSGTYPE;
	if ((err = check_satype(&m)) != CE_OK)
		return err;
	if (mhp[SADB_EXT_ADDRESS_SRC] == NULL ||
	    mhp[SADB_EXT_ADDRESS_DST] == NULL)
		return CE_OK;
	return check_addresses(mhp[SADB_EXT_ADDRESS_SRC],
	    mhp[SADB_EXT_ADDRESS_DST]);
}

int
pfkey_check(caddr_t *mhp)
{
	return compat_fail(check(mhp));
}
