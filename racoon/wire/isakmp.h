/* SPDX-License-Identifier: ISC */
/* The numbers of ISAKMP (RFC 2408), the IPsec DOI (2407) and IKE (2409). */
#ifndef RACOON_WIRE_ISAKMP_H
#define RACOON_WIRE_ISAKMP_H

#define ISAKMP_PORT		500
#define ISAKMP_NATT_PORT	4500	/* RFC 3947 */
#define ISAKMP_COOKIE_LEN	8
#define ISAKMP_HEADER_LEN	28
#define ISAKMP_VERSION		0x10

/* Payload types: RFC 2408 3.1, RFC 3947 3.2 and 5.2, Cisco fragmentation */
#define ISAKMP_NONE		0
#define ISAKMP_SA		1
#define ISAKMP_P		2
#define ISAKMP_T		3
#define ISAKMP_KE		4
#define ISAKMP_ID		5
#define ISAKMP_CERT		6
#define ISAKMP_CR		7
#define ISAKMP_HASH		8
#define ISAKMP_SIG		9
#define ISAKMP_NONCE		10
#define ISAKMP_N		11
#define ISAKMP_D		12
#define ISAKMP_VID		13
#define ISAKMP_ATTR		14	/* mode config, XAuth */
#define ISAKMP_NATD_OLD		15	/* drafts 04-08 */
#define ISAKMP_NATOA_OLD	16
#define ISAKMP_NATD		20
#define ISAKMP_NATOA		21
#define ISAKMP_GSS		129	/* draft-ietf-ipsec-isakmp-gss-auth */
#define ISAKMP_NATD_DRAFT	130	/* drafts 00-03 */
#define ISAKMP_NATOA_DRAFT	131
#define ISAKMP_FRAG		132

/* Exchange types: RFC 2408 3.1, RFC 2409 appendix A */
#define ISAKMP_ETYPE_BASE	1
#define ISAKMP_ETYPE_MAIN	2	/* identity protection */
#define ISAKMP_ETYPE_AUTH	3
#define ISAKMP_ETYPE_AGGRESSIVE	4
#define ISAKMP_ETYPE_INFO	5
#define ISAKMP_ETYPE_CFG	6
#define ISAKMP_ETYPE_QUICK	32
#define ISAKMP_ETYPE_NEWGROUP	33

/* Header flags: RFC 2408 3.1 */
#define ISAKMP_FLAG_ENCRYPTED	0x01
#define ISAKMP_FLAG_COMMIT	0x02
#define ISAKMP_FLAG_AUTH	0x04

#define IPSEC_DOI		1
#define SIT_IDENTITY_ONLY	1	/* RFC 2407 4.2 */

/* Protocols of proposals: RFC 2407 4.4.1 */
#define PROTO_ISAKMP		1
#define PROTO_IPSEC_AH		2
#define PROTO_IPSEC_ESP		3
#define PROTO_IPCOMP		4

#define TRANSFORM_KEY_IKE	1	/* RFC 2407 4.4.2 */
/* ESP transforms, RFC 2407 4.4.4 and IANA */
#define ESP_3DES		3
#define ESP_NULL		11
#define ESP_AES			12
/* AH transforms, RFC 2407 4.4.3: numbered as the authentication algorithms
 * from 2 (MD5) on, see ipsec_auth_* */
#define AH_MD5			2
#define AH_SHA			3
#define AH_SHA256		5
#define AH_SHA384		6
#define AH_SHA512		7
/* IPComp transforms, RFC 2407 4.4.5 */
#define IPCOMP_DEFLATE		2

/* Phase 1 attributes: RFC 2409 appendix A */
#define P1_ATTR_CIPHER		1
#define P1_ATTR_HASH		2
#define P1_ATTR_METHOD		3
#define P1_ATTR_GROUP		4
#define P1_ATTR_LIFE_TYPE	11
#define P1_ATTR_LIFE		12
#define P1_ATTR_PRF		13
#define P1_ATTR_KEY_LENGTH	14
#define P1_ATTR_GSS_ID		16384	/* draft-ietf-ipsec-isakmp-gss-auth */
/* Phase 1 values */
#define P1_CIPHER_DES		1
#define P1_CIPHER_BLOWFISH	3
#define P1_CIPHER_3DES		5
#define P1_CIPHER_CAST		6
#define P1_CIPHER_AES		7
#define P1_CIPHER_CAMELLIA	8
#define P1_HASH_MD5		1
#define P1_HASH_SHA1		2
#define P1_HASH_SHA256		4
#define P1_HASH_SHA384		5
#define P1_HASH_SHA512		6
#define P1_METHOD_PSK		1
#define P1_METHOD_DSS		2
#define P1_METHOD_RSA		3
#define P1_METHOD_ECDSA256	9	/* RFC 4754 */
#define P1_METHOD_ECDSA384	10
#define P1_METHOD_ECDSA521	11
#define P1_METHOD_GSS		65001	/* with a GSS_ID; else it is XAuth's */

/* Phase 2 attributes: RFC 2407 4.5 */
#define P2_ATTR_LIFE_TYPE	1
#define P2_ATTR_LIFE		2
#define P2_ATTR_GROUP		3
#define P2_ATTR_MODE		4
#define P2_ATTR_AUTH		5
#define P2_ATTR_KEY_LENGTH	6
#define P2_ATTR_KEY_ROUNDS	7
#define P2_ATTR_ESN		11	/* RFC 4304 */
#define LIFE_TYPE_SECONDS	1
#define LIFE_TYPE_KBYTES	2
/* Encapsulation modes; the UDP ones: RFC 3947 5.1 and drafts */
#define P2_MODE_TUNNEL		1
#define P2_MODE_TRANSPORT	2
#define P2_MODE_UDP_TUNNEL	3
#define P2_MODE_UDP_TRANSPORT	4
#define P2_MODE_UDP_TUNNEL_DRAFT	61443
#define P2_MODE_UDP_TRANSPORT_DRAFT	61444
/* Authentication algorithms */
#define P2_AUTH_NONE		0
#define P2_AUTH_MD5		1
#define P2_AUTH_SHA1		2
#define P2_AUTH_SHA256		5
#define P2_AUTH_SHA384		6
#define P2_AUTH_SHA512		7

/* Identity types: RFC 2407 4.6.2.1 */
#define ID_IPV4			1
#define ID_FQDN			2
#define ID_USER_FQDN		3
#define ID_IPV4_SUBNET		4
#define ID_IPV6			5
#define ID_IPV6_SUBNET		6
#define ID_IPV4_RANGE		7
#define ID_IPV6_RANGE		8
#define ID_DER_ASN1_DN		9
#define ID_DER_ASN1_GN		10
#define ID_KEY_ID		11

/* Notify messages: RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706 */
#define N_INVALID_PAYLOAD_TYPE	1
#define N_INVALID_COOKIE	4
#define N_INVALID_EXCHANGE	7
#define N_INVALID_SPI		11
#define N_NO_PROPOSAL_CHOSEN	14
#define N_PAYLOAD_MALFORMED	16
#define N_INVALID_KE		17
#define N_INVALID_ID		18
#define N_INVALID_HASH		23
#define N_AUTHENTICATION_FAILED	24
#define N_CONNECTED		16384
#define N_RESPONDER_LIFETIME	24576
#define N_REPLAY_STATUS		24577
#define N_INITIAL_CONTACT	24578
#define N_DPD			36136
#define N_DPD_ACK		36137
#define N_SPI_LIST		40811	/* ours: wire/spilist.h */
#define N_SPI_LIST_ANSWER	40812

#endif
