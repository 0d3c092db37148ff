/* SPDX-License-Identifier: ISC */
/*
 * The binary interface of libipsec.so.0 as it is documented, typed from that
 * description: a second opinion beside libpfkey.h, which no test of the ABI
 * includes.  Numbers instead of names, since names are what could have moved.
 */
#ifndef TEST_ABI_DOCUMENTED_H
#define TEST_ABI_DOCUMENTED_H

#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/* A PF_KEY message's head: 16 bytes. */
struct message {
	uint8_t		version, type, error, satype;
	uint16_t	words, reserved;
	uint32_t	seq, pid;
};

/* What ipsec_get_keylen() fills in: 8 bytes. */
struct algorithm {
	uint8_t		id, ivlen;
	uint16_t	min, max, reserved;
};

struct sa_args {
	int32_t		so;
	uint32_t	type, satype, mode;
	struct sockaddr	*src, *dst;
	uint32_t	spi, reqid, wsize;
	char		*keymat;
	uint32_t	e_type, e_keylen, a_type, a_keylen, flags;
	uint32_t	alloc, bytes, addtime, usetime, seq;
	uint8_t		natt_type;
	uint16_t	sport, dport;
	struct sockaddr	*oa;
	uint16_t	frag;
	uint8_t		ctxdoi, ctxalg;
	char		*ctxstr;
	uint16_t	ctxstrlen;
};

#ifdef __LP64__
#define AT(field, offset) \
	_Static_assert(offsetof(struct sa_args, field) == offset, #field)
AT(so, 0);
AT(type, 4);
AT(satype, 8);
AT(mode, 12);
AT(src, 16);
AT(dst, 24);
AT(spi, 32);
AT(reqid, 36);
AT(wsize, 40);
AT(keymat, 48);
AT(e_type, 56);
AT(e_keylen, 60);
AT(a_type, 64);
AT(a_keylen, 68);
AT(flags, 72);
AT(alloc, 76);
AT(bytes, 80);
AT(addtime, 84);
AT(usetime, 88);
AT(seq, 92);
AT(natt_type, 96);
AT(sport, 98);
AT(dport, 100);
AT(oa, 104);
AT(frag, 112);
AT(ctxdoi, 114);
AT(ctxalg, 115);
AT(ctxstr, 120);
AT(ctxstrlen, 128);
#undef AT
_Static_assert(sizeof(struct sa_args) == 136, "struct sa_args");
#endif
_Static_assert(sizeof(struct message) == 16, "struct message");
_Static_assert(sizeof(struct algorithm) == 8, "struct algorithm");

extern int	 libipsec_opt;
extern int	 __ipsec_errcode;
void		 __ipsec_set_strerror(const char *);

char		*ipsec_set_policy(const char *, int);
int		 ipsec_get_policylen(char *);
char		*ipsec_dump_policy(char *, const char *);
char		*ipsec_dump_policy_withports(void *, const char *);
const char	*ipsec_strerror(void);
int		 ipsec_check_keylen(unsigned int, unsigned int, unsigned int);
int		 ipsec_check_keylen2(unsigned int, unsigned int,
		    unsigned int);
int		 ipsec_get_keylen(unsigned int, unsigned int,
		    struct algorithm *);
void		 ipsec_hexdump(const void *, int);
void		 ipsec_bindump(char *, int);
void		 kdebug_sadb(struct message *);
void		 pfkey_sadump(struct message *);
void		 pfkey_sadump_withports(struct message *);
void		 pfkey_spdump(struct message *);
void		 pfkey_spdump_withports(struct message *);
void		 pfkey_spdump_filter_socket_policy(int);
unsigned long	 pfkey_spdump_filtered_count(void);

int		 pfkey_open(void);
void		 pfkey_close(int);
int		 pfkey_set_buffer_size(int, int);
struct message	*pfkey_recv(int);
int		 pfkey_send(int, struct message *, int);
int		 pfkey_align(struct message *, char **);
int		 pfkey_check(char **);
int		 pfkey_send_register(int, unsigned int);
int		 pfkey_recv_register(int);
int		 pfkey_set_supported(struct message *, int);
unsigned int	 pfkey_set_softrate(unsigned int, unsigned int);
unsigned int	 pfkey_get_softrate(unsigned int);

/* socket, satype, mode, src, dst, ... */
int		 pfkey_send_getspi(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t min,
		    uint32_t max, uint32_t reqid, uint32_t seq);
int		 pfkey_send_getspi_nat(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint8_t natt_type,
		    uint16_t sport, uint16_t dport, uint32_t min,
		    uint32_t max, uint32_t reqid, uint32_t seq);
int		 pfkey_send_add2(struct sa_args *);
int		 pfkey_send_update2(struct sa_args *);
/* spi, reqid, wsize, keymat, e_type, e_keylen, a_type, a_keylen, flags,
   alloc, bytes, addtime, usetime, seq */
int		 pfkey_send_add(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t, uint32_t,
		    unsigned int, char *, unsigned int, unsigned int,
		    unsigned int, unsigned int, unsigned int, uint32_t,
		    uint64_t, uint64_t, uint64_t, uint32_t);
int		 pfkey_send_update(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t, uint32_t,
		    unsigned int, char *, unsigned int, unsigned int,
		    unsigned int, unsigned int, unsigned int, uint32_t,
		    uint64_t, uint64_t, uint64_t, uint32_t);
/* ... and natt_type, sport, dport, oa, frag */
int		 pfkey_send_add_nat(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t, uint32_t,
		    unsigned int, char *, unsigned int, unsigned int,
		    unsigned int, unsigned int, unsigned int, uint32_t,
		    uint64_t, uint64_t, uint64_t, uint32_t, uint8_t, uint16_t,
		    uint16_t, struct sockaddr *, uint16_t);
int		 pfkey_send_update_nat(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t, uint32_t,
		    unsigned int, char *, unsigned int, unsigned int,
		    unsigned int, unsigned int, unsigned int, uint32_t,
		    uint64_t, uint64_t, uint64_t, uint32_t, uint8_t, uint16_t,
		    uint16_t, struct sockaddr *, uint16_t);
int		 pfkey_send_delete(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t spi);
int		 pfkey_send_delete_all(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *);
int		 pfkey_send_get(int, unsigned int, unsigned int,
		    struct sockaddr *, struct sockaddr *, uint32_t spi);
int		 pfkey_send_flush(int, unsigned int);
int		 pfkey_send_dump(int, unsigned int);
int		 pfkey_send_promisc_toggle(int, int);

/* socket, src, its prefix, dst, its prefix, protocol, policy, length, seq */
int		 pfkey_send_spdadd(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, char *,
		    int, uint32_t);
int		 pfkey_send_spdupdate(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, char *,
		    int, uint32_t);
int		 pfkey_send_spddelete(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, char *,
		    int, uint32_t);
int		 pfkey_send_spdsetidx(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, char *,
		    int, uint32_t);
/* ... protocol, life time, valid time, policy, ... */
int		 pfkey_send_spdadd2(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, uint64_t,
		    uint64_t, char *, int, uint32_t);
int		 pfkey_send_spdupdate2(int, struct sockaddr *, unsigned int,
		    struct sockaddr *, unsigned int, unsigned int, uint64_t,
		    uint64_t, char *, int, uint32_t);
int		 pfkey_send_spddelete2(int, uint32_t);
int		 pfkey_send_spdget(int, uint32_t);
int		 pfkey_send_spdflush(int);
int		 pfkey_send_spddump(int);
/* socket, local, remote, then as spdadd */
int		 pfkey_send_migrate(int, struct sockaddr *, struct sockaddr *,
		    struct sockaddr *, unsigned int, struct sockaddr *,
		    unsigned int, unsigned int, char *, int, uint32_t);

#endif
