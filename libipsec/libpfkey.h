/* SPDX-License-Identifier: ISC */
/*
 * The historical interface of libipsec: policies as text, and messages of
 * PF_KEY (RFC 2367).  For programs that were written for it; new ones are
 * better served by <libipsec/ipsec.h>, which needs no PF_KEY in the kernel.
 *
 * What an includer may define before:
 *	PATH_IPSEC_H		the header with PF_KEY's and IPsec's numbers;
 *				without it <linux/ipsec.h> is taken
 *	HAVE_IPSEC_POLICY_T	ipsec_policy_t is a type already
 *	HAVE_IPSEC_CONST_STRARG, HAVE_STDINT_H, __P()
 *				have no effect: strings are const, and this is
 *				standard C
 * In one file with <libipsec/ipsec.h>, that one comes first: some names of
 * <linux/ipsec.h> are its own.
 *
 * Functions that return an int give -1 when they fail, those that return a
 * pointer NULL; ipsec_strerror() then has the reason.  Each thread has its
 * own reason.  SPIs are in network byte order, but for the bounds of
 * pfkey_send_getspi(); ports are in host byte order.
 */
#ifndef _LIBPFKEY_H
#define _LIBPFKEY_H

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#ifdef PATH_IPSEC_H
#include PATH_IPSEC_H
#elif !defined(IPSEC_H)
#include <linux/ipsec.h>
#endif
#include <linux/pfkeyv2.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where policies stand among each other; the smaller number comes first. */
#define PRIORITY_LOW			0xC0000000
#define PRIORITY_DEFAULT		0x80000000
#define PRIORITY_HIGH			0x40000000
#define PRIORITY_OFFSET_POSITIVE_MAX	0x3fffffff
#define PRIORITY_OFFSET_NEGATIVE_MAX	0x40000000

/* Bits of libipsec_opt: what the library was built with. */
#define LIBIPSEC_OPT_NATT		1
#define LIBIPSEC_OPT_FRAG		2
#define LIBIPSEC_OPT_SEC_CTX		4

#ifndef IPPROTO_IPV4
#define IPPROTO_IPV4			IPPROTO_IPIP
#endif
#ifndef IPPROTO_IPCOMP
#define IPPROTO_IPCOMP			IPPROTO_COMP
#endif
#ifndef IPPROTO_MH
#define IPPROTO_MH			135
#endif

/* Of an extension for NAT-T: its port, and whether it asks for NAT-T. */
#define PFKEY_ADDR_X_PORT(ext) \
	(ntohs(((const struct sadb_x_nat_t_port *)(ext)) \
	    ->sadb_x_nat_t_port_port))
#define PFKEY_ADDR_X_NATTYPE(ext) \
	((ext) != NULL && ((const struct sadb_x_nat_t_type *)(ext)) \
	    ->sadb_x_nat_t_type_type)

#ifndef HAVE_IPSEC_POLICY_T
typedef caddr_t ipsec_policy_t;
#endif

/* An SA for pfkey_send_add2() and pfkey_send_update2(). */
struct pfkey_send_sa_args {
	int		 so;		/* from pfkey_open() */
	u_int		 type;		/* set by the call */
	u_int		 satype;	/* SADB_SATYPE_... */
	u_int		 mode;		/* IPSEC_MODE_... */
	struct sockaddr	*src, *dst;
	u_int32_t	 spi;		/* network byte order */
	u_int32_t	 reqid;
	u_int		 wsize;		/* replay window, in packets */
	caddr_t		 keymat;	/* encryption key, then the other one */
	u_int		 e_type;	/* encryption or compression */
	u_int		 e_keylen;	/* in bytes */
	u_int		 a_type;
	u_int		 a_keylen;
	u_int		 flags;		/* of struct sadb_sa */
	u_int32_t	 l_alloc;	/* hard limits; 0: none */
	u_int32_t	 l_bytes;
	u_int32_t	 l_addtime;
	u_int32_t	 l_usetime;
	u_int32_t	 seq;
	u_int8_t	 l_natt_type;	/* 0: no NAT-T */
	u_int16_t	 l_natt_sport;
	u_int16_t	 l_natt_dport;
	struct sockaddr	*l_natt_oa;	/* original address, or NULL */
	u_int16_t	 l_natt_frag;	/* Linux has no use for it */
	u_int8_t	 ctxdoi;	/* security label */
	u_int8_t	 ctxalg;
	caddr_t		 ctxstr;	/* NULL: none */
	u_int16_t	 ctxstrlen;
};

extern const int libipsec_opt;

/* Policies as text: ipsec_set_policy(3). */
ipsec_policy_t	 ipsec_set_policy(const char *, int);
int		 ipsec_get_policylen(ipsec_policy_t);
char		*ipsec_dump_policy(ipsec_policy_t, const char *delimiter);
char		*ipsec_dump_policy_withports(void *, const char *delimiter);

/* ipsec_strerror(3) */
const char	*ipsec_strerror(void);

/* Key lengths, as the kernel gave them in a REGISTER. */
int		 ipsec_check_keylen(u_int supported, u_int alg, u_int bits);
int		 ipsec_check_keylen2(u_int satype, u_int alg, u_int bits);
int		 ipsec_get_keylen(u_int supported, u_int alg,
		    struct sadb_alg *);
u_int		 pfkey_set_softrate(u_int type, u_int percent);
u_int		 pfkey_get_softrate(u_int type);

/* The socket and its messages. */
int		 pfkey_open(void);
void		 pfkey_close(int so);
int		 pfkey_set_buffer_size(int so, int kilobytes);
struct sadb_msg	*pfkey_recv(int so);
int		 pfkey_send(int so, struct sadb_msg *, int len);
/* MHP has SADB_EXT_MAX + 1 elements. */
int		 pfkey_align(struct sadb_msg *, caddr_t *mhp);
int		 pfkey_check(caddr_t *mhp);
int		 pfkey_recv_register(int so);
int		 pfkey_set_supported(struct sadb_msg *, int len);

/* Commands: the number of bytes sent.  The reply is not read. */
int		 pfkey_send_register(int so, u_int satype);
int		 pfkey_send_flush(int so, u_int satype);
int		 pfkey_send_dump(int so, u_int satype);
int		 pfkey_send_promisc_toggle(int so, int on);
int		 pfkey_send_getspi(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst,
		    u_int32_t min, u_int32_t max, u_int32_t reqid,
		    u_int32_t seq);
int		 pfkey_send_getspi_nat(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst,
		    u_int8_t natt_type, u_int16_t sport, u_int16_t dport,
		    u_int32_t min, u_int32_t max, u_int32_t reqid,
		    u_int32_t seq);
int		 pfkey_send_add2(struct pfkey_send_sa_args *);
int		 pfkey_send_update2(struct pfkey_send_sa_args *);
int		 pfkey_send_delete(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst,
		    u_int32_t spi);
int		 pfkey_send_delete_all(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst);
int		 pfkey_send_get(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst,
		    u_int32_t spi);

int		 pfkey_send_spdadd(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, caddr_t policy, int policylen,
		    u_int32_t seq);
int		 pfkey_send_spdadd2(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, u_int64_t lifetime, u_int64_t validtime,
		    caddr_t policy, int policylen, u_int32_t seq);
int		 pfkey_send_spdupdate(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, caddr_t policy, int policylen,
		    u_int32_t seq);
int		 pfkey_send_spdupdate2(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, u_int64_t lifetime, u_int64_t validtime,
		    caddr_t policy, int policylen, u_int32_t seq);
int		 pfkey_send_spddelete(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, caddr_t policy, int policylen,
		    u_int32_t seq);
int		 pfkey_send_spdsetidx(int so, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, caddr_t policy, int policylen,
		    u_int32_t seq);
int		 pfkey_send_spddelete2(int so, u_int32_t spid);
int		 pfkey_send_spdget(int so, u_int32_t spid);
int		 pfkey_send_spdflush(int so);
int		 pfkey_send_spddump(int so);
#ifdef SADB_X_MIGRATE
int		 pfkey_send_migrate(int so, struct sockaddr *local,
		    struct sockaddr *remote, struct sockaddr *src,
		    u_int src_prefix, struct sockaddr *dst, u_int dst_prefix,
		    u_int proto, caddr_t policy, int policylen,
		    u_int32_t seq);
#endif

/* Older forms of add2 and update2. */
int		 pfkey_send_add(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst, u_int32_t spi,
		    u_int32_t reqid, u_int wsize, caddr_t keymat,
		    u_int e_type, u_int e_keylen, u_int a_type,
		    u_int a_keylen, u_int flags, u_int32_t l_alloc,
		    u_int64_t l_bytes, u_int64_t l_addtime,
		    u_int64_t l_usetime, u_int32_t seq);
int		 pfkey_send_update(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst, u_int32_t spi,
		    u_int32_t reqid, u_int wsize, caddr_t keymat,
		    u_int e_type, u_int e_keylen, u_int a_type,
		    u_int a_keylen, u_int flags, u_int32_t l_alloc,
		    u_int64_t l_bytes, u_int64_t l_addtime,
		    u_int64_t l_usetime, u_int32_t seq);
int		 pfkey_send_add_nat(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst, u_int32_t spi,
		    u_int32_t reqid, u_int wsize, caddr_t keymat,
		    u_int e_type, u_int e_keylen, u_int a_type,
		    u_int a_keylen, u_int flags, u_int32_t l_alloc,
		    u_int64_t l_bytes, u_int64_t l_addtime,
		    u_int64_t l_usetime, u_int32_t seq, u_int8_t natt_type,
		    u_int16_t sport, u_int16_t dport,
		    struct sockaddr *natt_oa, u_int16_t natt_frag);
int		 pfkey_send_update_nat(int so, u_int satype, u_int mode,
		    struct sockaddr *src, struct sockaddr *dst, u_int32_t spi,
		    u_int32_t reqid, u_int wsize, caddr_t keymat,
		    u_int e_type, u_int e_keylen, u_int a_type,
		    u_int a_keylen, u_int flags, u_int32_t l_alloc,
		    u_int64_t l_bytes, u_int64_t l_addtime,
		    u_int64_t l_usetime, u_int32_t seq, u_int8_t natt_type,
		    u_int16_t sport, u_int16_t dport,
		    struct sockaddr *natt_oa, u_int16_t natt_frag);

/* To standard output, as setkey prints. */
void		 ipsec_hexdump(const void *, int len);
void		 ipsec_bindump(caddr_t, int len);
void		 kdebug_sadb(struct sadb_msg *);
void		 pfkey_sadump(struct sadb_msg *);
void		 pfkey_sadump_withports(struct sadb_msg *);
void		 pfkey_spdump(struct sadb_msg *);
void		 pfkey_spdump_withports(struct sadb_msg *);
/* Leaves out policies of single sockets, and says how many those were. */
void		 pfkey_spdump_filter_socket_policy(int on);
unsigned long	 pfkey_spdump_filtered_count(void);

/* The length of a socket address. */
static inline u_int8_t
sysdep_sa_len(const struct sockaddr *sa)
{
	return (u_int8_t)(sa->sa_family == AF_INET6 ?
	    sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
}

#ifdef __cplusplus
}
#endif

#endif
