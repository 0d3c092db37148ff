/* SPDX-License-Identifier: ISC */
/*
 * The oldest forms of ADD and UPDATE, with an argument for each thing.
 */
#include "libipsec/compat.h"

int
pfkey_send_add_nat(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi, uint32_t reqid,
    unsigned int wsize, caddr_t keymat, unsigned int e_type,
    unsigned int e_keylen, unsigned int a_type, unsigned int a_keylen,
    unsigned int flags, uint32_t l_alloc, uint64_t l_bytes,
    uint64_t l_addtime, uint64_t l_usetime, uint32_t seq, uint8_t natt_type,
    uint16_t sport, uint16_t dport, struct sockaddr *natt_oa,
    uint16_t natt_frag)
{
	struct ipsec_lifetime hard = { .packets = l_alloc, .bytes = l_bytes,
	    .add = l_addtime, .use = l_usetime };
	struct pfkey_send_sa_args a = {
		.so = so, .satype = satype, .mode = mode, .src = src,
		.dst = dst, .spi = spi, .reqid = reqid, .wsize = wsize,
		.keymat = keymat, .e_type = e_type, .e_keylen = e_keylen,
		.a_type = a_type, .a_keylen = a_keylen, .flags = flags,
		.seq = seq, .l_natt_type = natt_type, .l_natt_sport = sport,
		.l_natt_dport = dport, .l_natt_oa = natt_oa,
		.l_natt_frag = natt_frag,
	};

	return compat_send_set(&a, SADB_ADD, &hard);
}

int
pfkey_send_update_nat(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi, uint32_t reqid,
    unsigned int wsize, caddr_t keymat, unsigned int e_type,
    unsigned int e_keylen, unsigned int a_type, unsigned int a_keylen,
    unsigned int flags, uint32_t l_alloc, uint64_t l_bytes,
    uint64_t l_addtime, uint64_t l_usetime, uint32_t seq, uint8_t natt_type,
    uint16_t sport, uint16_t dport, struct sockaddr *natt_oa,
    uint16_t natt_frag)
{
	struct ipsec_lifetime hard = { .packets = l_alloc, .bytes = l_bytes,
	    .add = l_addtime, .use = l_usetime };
	struct pfkey_send_sa_args a = {
		.so = so, .satype = satype, .mode = mode, .src = src,
		.dst = dst, .spi = spi, .reqid = reqid, .wsize = wsize,
		.keymat = keymat, .e_type = e_type, .e_keylen = e_keylen,
		.a_type = a_type, .a_keylen = a_keylen, .flags = flags,
		.seq = seq, .l_natt_type = natt_type, .l_natt_sport = sport,
		.l_natt_dport = dport, .l_natt_oa = natt_oa,
		.l_natt_frag = natt_frag,
	};

	return compat_send_set(&a, SADB_UPDATE, &hard);
}

int
pfkey_send_add(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi, uint32_t reqid,
    unsigned int wsize, caddr_t keymat, unsigned int e_type,
    unsigned int e_keylen, unsigned int a_type, unsigned int a_keylen,
    unsigned int flags, uint32_t l_alloc, uint64_t l_bytes,
    uint64_t l_addtime, uint64_t l_usetime, uint32_t seq)
{
	return pfkey_send_add_nat(so, satype, mode, src, dst, spi, reqid,
	    wsize, keymat, e_type, e_keylen, a_type, a_keylen, flags, l_alloc,
	    l_bytes, l_addtime, l_usetime, seq, 0, 0, 0, NULL, 0);
}

int
pfkey_send_update(int so, unsigned int satype, unsigned int mode,
    struct sockaddr *src, struct sockaddr *dst, uint32_t spi, uint32_t reqid,
    unsigned int wsize, caddr_t keymat, unsigned int e_type,
    unsigned int e_keylen, unsigned int a_type, unsigned int a_keylen,
    unsigned int flags, uint32_t l_alloc, uint64_t l_bytes,
    uint64_t l_addtime, uint64_t l_usetime, uint32_t seq)
{
	return pfkey_send_update_nat(so, satype, mode, src, dst, spi, reqid,
	    wsize, keymat, e_type, e_keylen, a_type, a_keylen, flags, l_alloc,
	    l_bytes, l_addtime, l_usetime, seq, 0, 0, 0, NULL, 0);
}
