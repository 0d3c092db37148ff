/* SPDX-License-Identifier: ISC */
/*
 * Messages of PF_KEY under construction.  Integers are in host byte order but
 * for SPIs and ports; every extension fills whole words.
 */
#include "libipsec/compat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#define MSG_BYTES	(UINT16_MAX * PFKEY_WORD)

void
compat_msg_init(struct buf *b, uint8_t type, uint8_t satype, uint32_t seq)
{
	struct sadb_msg m = {
		.sadb_msg_version = PF_KEY_V2,
		.sadb_msg_type = type,
		.sadb_msg_satype = satype,
		.sadb_msg_seq = seq,
		.sadb_msg_pid = (uint32_t)getpid(),
	};

	buf_init(b, MSG_BYTES);
	buf_put(b, &m, sizeof(m));
}

void
compat_put_pad(struct buf *b)
{
	buf_zero(b, (PFKEY_WORD - b->n % PFKEY_WORD) % PFKEY_WORD);
}

void
compat_put_sa2(struct buf *b, unsigned int mode, uint32_t reqid)
{
	struct sadb_x_sa2 s = {
		.sadb_x_sa2_len = sizeof(s) / PFKEY_WORD,
		.sadb_x_sa2_exttype = SADB_X_EXT_SA2,
		.sadb_x_sa2_mode = (uint8_t)mode,
		.sadb_x_sa2_reqid = reqid,
	};

	buf_put(b, &s, sizeof(s));
}

static void
put_sockaddr(struct buf *b, const struct sockaddr *sa)
{
	buf_put(b, sa, sysdep_sa_len(sa));
}

void
compat_put_address(struct buf *b, uint16_t ext, const struct sockaddr *sa,
    unsigned int prefix, unsigned int proto)
{
	size_t words = (sizeof(struct sadb_address) + sysdep_sa_len(sa) +
	    PFKEY_WORD - 1) / PFKEY_WORD;
	struct sadb_address a = {
		.sadb_address_len = (uint16_t)words,
		.sadb_address_exttype = ext,
		.sadb_address_proto = (uint8_t)proto,
		.sadb_address_prefixlen = (uint8_t)prefix,
	};

	buf_put(b, &a, sizeof(a));
	put_sockaddr(b, sa);
	compat_put_pad(b);
}

void
compat_put_ends(struct buf *b, const struct sockaddr *src,
    const struct sockaddr *dst)
{
	unsigned int bits = src->sa_family == AF_INET6 ? 128 : 32;

	compat_put_address(b, SADB_EXT_ADDRESS_SRC, src, bits,
	    COMPAT_PROTO_ANY);
	compat_put_address(b, SADB_EXT_ADDRESS_DST, dst, bits,
	    COMPAT_PROTO_ANY);
}

void
compat_put_lifetime(struct buf *b, uint16_t ext,
    const struct ipsec_lifetime *limit)
{
	struct sadb_lifetime l = {
		.sadb_lifetime_len = sizeof(l) / PFKEY_WORD,
		.sadb_lifetime_exttype = ext,
		.sadb_lifetime_allocations = (uint32_t)limit->packets,
		.sadb_lifetime_bytes = limit->bytes,
		.sadb_lifetime_addtime = limit->add,
		.sadb_lifetime_usetime = limit->use,
	};

	buf_put(b, &l, sizeof(l));
}

static void
put_natt_port(struct buf *b, uint16_t ext, uint16_t port)
{
	struct sadb_x_nat_t_port p = {
		.sadb_x_nat_t_port_len = sizeof(p) / PFKEY_WORD,
		.sadb_x_nat_t_port_exttype = ext,
		.sadb_x_nat_t_port_port = htons(port),
	};

	buf_put(b, &p, sizeof(p));
}

void
compat_put_natt(struct buf *b, uint8_t type, uint16_t sport, uint16_t dport)
{
	struct sadb_x_nat_t_type t = {
		.sadb_x_nat_t_type_len = sizeof(t) / PFKEY_WORD,
		.sadb_x_nat_t_type_exttype = SADB_X_EXT_NAT_T_TYPE,
		.sadb_x_nat_t_type_type = type,
	};

	buf_put(b, &t, sizeof(t));
	put_natt_port(b, SADB_X_EXT_NAT_T_SPORT, sport);
	put_natt_port(b, SADB_X_EXT_NAT_T_DPORT, dport);
}

/* The two addresses follow each other without a gap. */
void
compat_put_kmaddress(struct buf *b, const struct sockaddr *local,
    const struct sockaddr *remote)
{
	size_t n = sizeof(struct sadb_x_kmaddress) + sysdep_sa_len(local) +
	    sysdep_sa_len(remote);
	struct sadb_x_kmaddress k = {
		.sadb_x_kmaddress_len =
		    (uint16_t)((n + PFKEY_WORD - 1) / PFKEY_WORD),
		.sadb_x_kmaddress_exttype = SADB_X_EXT_KMADDRESS,
	};

	buf_put(b, &k, sizeof(k));
	put_sockaddr(b, local);
	put_sockaddr(b, remote);
	compat_put_pad(b);
}

/* Keys may be in it: buf_fini() wipes. */
int
compat_msg_send(struct buf *b, int so)
{
	uint16_t words = (uint16_t)(b->n / PFKEY_WORD);
	int err = buf_ok(b) ? 0 : ENOMEM;
	ssize_t n = -1;

	buf_patch(b, offsetof(struct sadb_msg, sadb_msg_len),
	    view_of(&words, sizeof(words)));
	if (err == 0) {
		n = send(so, b->p, b->n, MSG_NOSIGNAL);
		err = n < 0 ? errno : 0;
	}
	buf_fini(b);
	if (err != 0)
		return compat_fail_errno(err);
	compat_fail(CE_OK);
	return (int)n;
}

static bool
known(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET || sa->sa_family == AF_INET6;
}

enum compat_err
compat_check_ends(const struct sockaddr *src, const struct sockaddr *dst)
{
	if (src == NULL || dst == NULL)
		return CE_ARGUMENT;
	if (src->sa_family != dst->sa_family)
		return CE_FAMILY_MISMATCH;
	return known(src) ? CE_OK : CE_FAMILY;
}
