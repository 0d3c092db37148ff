/* SPDX-License-Identifier: ISC */
/*
 * The simple payloads: one struct, one _get and one _put each.  Views point
 * into the message.  _get wants the body without the generic header; _put
 * writes just that.
 */
#ifndef RACOON_WIRE_PAYLOAD_H
#define RACOON_WIRE_PAYLOAD_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"
#include "libipsec/view.h"

#define NONCE_MIN	8		/* RFC 2409 5: 8 to 256 bytes */
#define NONCE_MAX	256
#define ID_DATA_MAX	2048		/* a long DN */

/* Identification: RFC 2407 4.6.2 */
struct id_payload {
	uint8_t		type;		/* ID_... */
	uint8_t		proto;
	uint16_t	port;
	struct view	data;		/* length checked against the type */
};

/* E_PAYLOAD: cut short; E_ID: unknown type, or data of a wrong length. */
enum err	 id_get(struct view body, struct id_payload *) MUST_CHECK;
void		 id_put(struct buf *, const struct id_payload *);
/* ID_IPV4, ..SUBNET, ..RANGE etc. as addresses; E_ID for other types or a
 * mask with holes. A single address: prefix = full; a range sets *last. */
struct id_net {
	struct ipsec_addr first, last;	/* net and last address of it */
	uint8_t		prefix;		/* ranges: 0 with is_range */
	bool		is_range;
};
enum err	 id_net_get(const struct id_payload *, struct id_net *)
		    MUST_CHECK;
/* "192.0.2.1", "10.0.0.0/24", "host.example", "C=DE, CN=x", hex of a keyid */
#define ID_TEXT		256
/* Safe for a log, whatever the data: printable ASCII, escaped or cut. */
const char	*id_print(const struct id_payload *, char out[ID_TEXT]);

/* Notification: RFC 2408 3.14 */
struct notify_payload {
	uint32_t	doi;
	uint8_t		proto;
	uint16_t	type;		/* N_... */
	struct view	spi;
	struct view	data;
};

/* E_PAYLOAD: cut short; E_DOI: neither 0 nor IPsec's; E_PROTOCOL. */
enum err	 notify_get(struct view body, struct notify_payload *)
		    MUST_CHECK;
void		 notify_put(struct buf *, const struct notify_payload *);

/* Delete: RFC 2408 3.15 */
struct delete_payload {
	uint32_t	doi;
	uint8_t		proto;
	uint8_t		spi_len;	/* of each */
	uint16_t	n;
	struct view	spis;		/* n * spi_len bytes */
};

/* E_PAYLOAD, E_DOI, E_PROTOCOL; E_SPI: an SPI size that does not fit. */
enum err	 delete_get(struct view body, struct delete_payload *)
		    MUST_CHECK;
void		 delete_put(struct buf *, const struct delete_payload *);

/* Certificate and certificate request: RFC 2408 3.9, 3.10 */
#define CERT_PKCS7	1
#define CERT_X509	4		/* for signatures */
struct cert_payload {
	uint8_t		encoding;	/* CERT_... */
	struct view	data;		/* a certificate; a DER name or empty */
};

/* E_PAYLOAD: empty. */
enum err	 cert_payload_get(struct view body, struct cert_payload *)
		    MUST_CHECK;
void		 cert_payload_put(struct buf *, const struct cert_payload *);

/* Nonce: just its length is checked. */
enum err	 nonce_get(struct view body, struct view *) MUST_CHECK;

/* NAT-OA: RFC 3947 5.2; type must be ID_IPV4 or ID_IPV6. */
enum err	 natoa_get(struct view body, struct ipsec_addr *) MUST_CHECK;
void		 natoa_put(struct buf *, const struct ipsec_addr *);

/*
 * RESPONDER-LIFETIME data (RFC 2407 4.6.3.1): attributes 1, 2 of phase 2; read
 * are 11, 12 of phase 1, too.  0: not given; E_ATTRIBUTE when neither is.
 */
enum err	 lifetime_get(struct view data, uint32_t *secs,
		    uint32_t *kbytes) MUST_CHECK;
void		 lifetime_put(struct buf *, uint32_t secs);

#endif
