/* SPDX-License-Identifier: ISC */
/*
 * Behind libpfkey.h: error codes, the state that the historical interface
 * has beside its arguments, and messages under construction.
 */
#ifndef LIBIPSEC_COMPAT_H
#define LIBIPSEC_COMPAT_H

/* Not <linux/ipsec.h>, whose names are those of ipsec.h. */
#define PATH_IPSEC_H	<linux/pfkeyv2.h>

#include <stdatomic.h>

#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "libipsec/libpfkey.h"
#include "libipsec/view.h"

#define PFKEY_WORD		8u	/* PF_KEY counts in 64-bit words */
#define COMPAT_PROTO_ANY		255u
#define PFKEY_POLICY_BARE	16	/* a policy without requests */
#define PFKEY_SPI_RESERVED	255u	/* RFC 4303, 2.1: 1 to 255 */

/* Numbered as programs know them. */
enum compat_err {
	CE_OK = 0,
	CE_NOT_SUPPORTED = 1,
	CE_ARGUMENT = 2,
	CE_MESSAGE = 3,
	CE_VERSION = 4,
	CE_POLICY = 5,
	CE_ADDRESS = 6,
	CE_PROTO = 7,
	CE_MODE = 8,
	CE_LEVEL = 9,
	CE_SATYPE = 10,
	CE_MSGTYPE = 11,
	CE_EXTTYPE = 12,
	CE_ALGS = 13,
	CE_KEYLEN = 14,
	CE_FAMILY = 15,
	CE_PREFIXLEN = 16,
	CE_DIR = 17,
	CE_SPI = 18,
	CE_NO_PROTO = 19,
	CE_NO_ALGS = 20,
	CE_NO_BUFS = 21,
	CE_NO_LIST = 22,
	CE_PROTO_MISMATCH = 23,
	CE_FAMILY_MISMATCH = 24,
	CE_FEW = 25,
	CE_SYSTEM = 26,
	CE_PRIORITY = 27,
	CE_OFFSET = 28,
	CE_NO_PRIORITY = 29,
	CE_UNKNOWN = 30
};

/* compat_state.c: all that can change. */

/* This thread's code, and the text of its last CE_SYSTEM. */
int		*compat_code(void);
const char	**compat_text(void);

enum compat_table { COMPAT_AH, COMPAT_ESP, COMPAT_IPCOMP, COMPAT_TABLES };

/* The row of an algorithm; false: there is none. */
bool		 compat_alg_get(enum compat_table, uint8_t id,
		    struct sadb_alg *);
/* ROWS are struct sadb_alg. */
void		 compat_alg_replace(enum compat_table, struct view rows);
bool		 compat_alg_empty(enum compat_table);

#define COMPAT_RATES	4	/* allocations, bytes, add time, use time */

unsigned int	 compat_rate_get(unsigned int type);
void		 compat_rate_set(unsigned int type, unsigned int percent);

bool		 compat_hide_get(void);
void		 compat_hide_set(bool);
/* How many policies of the running or last dump were hidden. */
unsigned long	 compat_hidden_get(void);
/* A record with this number came: the count may begin again. */
void		 compat_hidden_record(uint32_t seq);
void		 compat_hidden_add(void);

/* compat_error.c: they set the code and return -1, or 0 for CE_OK. */
int		 compat_fail(enum compat_err);
/* CE_SYSTEM with the words for an errno. */
int		 compat_fail_errno(int err);

/* Internal, but historical programs call them: declared nowhere else. */
extern int	 __ipsec_errcode;
void		 __ipsec_set_strerror(const char *text);

/* compat_policy.c: from the bytes of an extension. */
struct policy_spec;
enum compat_err	 compat_policy_get(struct view, struct policy_spec *);

/* compat_alg.c: keeps what the reply to a REGISTER says. */
enum compat_err	 compat_supported(struct view msg);

/* compat_msg.c: a message under construction. */
void		 compat_msg_init(struct buf *, uint8_t type, uint8_t satype,
		    uint32_t seq);
void		 compat_put_sa2(struct buf *, unsigned int mode,
		    uint32_t reqid);
/* EXT is SADB_EXT_ADDRESS_SRC or the like. */
void		 compat_put_address(struct buf *, uint16_t ext,
		    const struct sockaddr *, unsigned int prefix,
		    unsigned int proto);
/* Both ends of an SA. */
void		 compat_put_ends(struct buf *, const struct sockaddr *src,
		    const struct sockaddr *dst);
void		 compat_put_lifetime(struct buf *, uint16_t ext,
		    const struct ipsec_lifetime *);
void		 compat_put_natt(struct buf *, uint8_t type, uint16_t sport,
		    uint16_t dport);
void		 compat_put_kmaddress(struct buf *, const struct sockaddr *,
		    const struct sockaddr *);
/* Zeros up to the next word, counted from the start of the message. */
void		 compat_put_pad(struct buf *);
/* Sends it, wipes it, sets the code; returns what the senders return. */
int		 compat_msg_send(struct buf *, int so);
/* compat_sa.c: ADD or UPDATE.  HARD has more bits than the limits in ARGS. */
int		 compat_send_set(struct pfkey_send_sa_args *, uint8_t type,
		    const struct ipsec_lifetime *hard);

/* Both there, of one family that we know. */
enum compat_err	 compat_check_ends(const struct sockaddr *,
		    const struct sockaddr *);

#endif
