/* SPDX-License-Identifier: ISC */
/*
 * Numbers as words.  The tables have what peers send, which is more than what
 * we accept: a refused proposal must be readable.
 */
#include "wire/names.h"

#include <stddef.h>

#include "wire/isakmp.h"

struct name {
	uint16_t	 number;
	const char	*word;
};

static const char *
look_up(const struct name *name, size_t n, uint16_t number)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (name[i].number == number)
			return name[i].word;
	return "?";
}

#define LOOK_UP(table, number)						\
	look_up(table, sizeof(table) / sizeof((table)[0]), number)

const char *
name_payload(uint8_t type)
{
	static const struct name names[] = {
		{ ISAKMP_NONE, "NONE" },
		{ ISAKMP_SA, "SA" },
		{ ISAKMP_P, "P" },
		{ ISAKMP_T, "T" },
		{ ISAKMP_KE, "KE" },
		{ ISAKMP_ID, "ID" },
		{ ISAKMP_CERT, "CERT" },
		{ ISAKMP_CR, "CR" },
		{ ISAKMP_HASH, "HASH" },
		{ ISAKMP_SIG, "SIG" },
		{ ISAKMP_NONCE, "NONCE" },
		{ ISAKMP_N, "N" },
		{ ISAKMP_D, "D" },
		{ ISAKMP_VID, "VID" },
		{ ISAKMP_ATTR, "ATTR" },
		{ ISAKMP_NATD_OLD, "NAT-D" },
		{ ISAKMP_NATOA_OLD, "NAT-OA" },
		{ ISAKMP_NATD, "NAT-D" },
		{ ISAKMP_NATOA, "NAT-OA" },
		{ 22, "FRAG" },			/* normalised, see msg.h */
		{ ISAKMP_GSS, "GSS" },
		{ ISAKMP_NATD_DRAFT, "NAT-D" },
		{ ISAKMP_NATOA_DRAFT, "NAT-OA" },
		{ ISAKMP_FRAG, "FRAG" },
	};

	return LOOK_UP(names, type);
}

const char *
name_etype(uint8_t etype)
{
	static const struct name names[] = {
		{ ISAKMP_ETYPE_BASE, "base" },
		{ ISAKMP_ETYPE_MAIN, "main" },
		{ ISAKMP_ETYPE_AUTH, "auth-only" },
		{ ISAKMP_ETYPE_AGGRESSIVE, "aggressive" },
		{ ISAKMP_ETYPE_INFO, "informational" },
		{ ISAKMP_ETYPE_CFG, "transaction" },
		{ ISAKMP_ETYPE_QUICK, "quick" },
		{ ISAKMP_ETYPE_NEWGROUP, "new-group" },
	};

	return LOOK_UP(names, etype);
}

const char *
name_notify(uint16_t type)
{
	static const struct name names[] = {
		{ N_INVALID_PAYLOAD_TYPE, "INVALID-PAYLOAD-TYPE" },
		{ 2, "DOI-NOT-SUPPORTED" },
		{ 3, "SITUATION-NOT-SUPPORTED" },
		{ N_INVALID_COOKIE, "INVALID-COOKIE" },
		{ 5, "INVALID-MAJOR-VERSION" },
		{ 6, "INVALID-MINOR-VERSION" },
		{ N_INVALID_EXCHANGE, "INVALID-EXCHANGE-TYPE" },
		{ 8, "INVALID-FLAGS" },
		{ 9, "INVALID-MESSAGE-ID" },
		{ 10, "INVALID-PROTOCOL-ID" },
		{ N_INVALID_SPI, "INVALID-SPI" },
		{ 12, "INVALID-TRANSFORM-ID" },
		{ 13, "ATTRIBUTES-NOT-SUPPORTED" },
		{ N_NO_PROPOSAL_CHOSEN, "NO-PROPOSAL-CHOSEN" },
		{ 15, "BAD-PROPOSAL-SYNTAX" },
		{ N_PAYLOAD_MALFORMED, "PAYLOAD-MALFORMED" },
		{ N_INVALID_KE, "INVALID-KEY-INFORMATION" },
		{ N_INVALID_ID, "INVALID-ID-INFORMATION" },
		{ 19, "INVALID-CERT-ENCODING" },
		{ 20, "INVALID-CERTIFICATE" },
		{ 21, "CERT-TYPE-UNSUPPORTED" },
		{ 22, "INVALID-CERT-AUTHORITY" },
		{ N_INVALID_HASH, "INVALID-HASH-INFORMATION" },
		{ N_AUTHENTICATION_FAILED, "AUTHENTICATION-FAILED" },
		{ 25, "INVALID-SIGNATURE" },
		{ 26, "ADDRESS-NOTIFICATION" },
		{ 27, "NOTIFY-SA-LIFETIME" },
		{ 28, "CERTIFICATE-UNAVAILABLE" },
		{ 29, "UNSUPPORTED-EXCHANGE-TYPE" },
		{ 30, "UNEQUAL-PAYLOAD-LENGTHS" },
		{ N_CONNECTED, "CONNECTED" },
		{ N_RESPONDER_LIFETIME, "RESPONDER-LIFETIME" },
		{ N_REPLAY_STATUS, "REPLAY-STATUS" },
		{ N_INITIAL_CONTACT, "INITIAL-CONTACT" },
		{ N_DPD, "R-U-THERE" },
		{ N_DPD_ACK, "R-U-THERE-ACK" },
		{ N_SPI_LIST, "SPI-LIST" },
		{ N_SPI_LIST_ANSWER, "SPI-LIST-ANSWER" },
	};

	return LOOK_UP(names, type);
}

const char *
name_proto(uint8_t proto)
{
	static const struct name names[] = {
		{ PROTO_ISAKMP, "ISAKMP" },
		{ PROTO_IPSEC_AH, "AH" },
		{ PROTO_IPSEC_ESP, "ESP" },
		{ PROTO_IPCOMP, "IPCOMP" },
	};

	return LOOK_UP(names, proto);
}

const char *
name_idtype(uint8_t type)
{
	static const struct name names[] = {
		{ ID_IPV4, "IPv4_address" },
		{ ID_FQDN, "FQDN" },
		{ ID_USER_FQDN, "User_FQDN" },
		{ ID_IPV4_SUBNET, "IPv4_subnet" },
		{ ID_IPV6, "IPv6_address" },
		{ ID_IPV6_SUBNET, "IPv6_subnet" },
		{ ID_IPV4_RANGE, "IPv4_address_range" },
		{ ID_IPV6_RANGE, "IPv6_address_range" },
		{ ID_DER_ASN1_DN, "DER_ASN1_DN" },
		{ ID_DER_ASN1_GN, "DER_ASN1_GN" },
		{ ID_KEY_ID, "KEY_ID" },
	};

	return LOOK_UP(names, type);
}

const char *
name_p1_cipher(uint16_t cipher)
{
	static const struct name names[] = {
		{ P1_CIPHER_DES, "DES" },
		{ 2, "IDEA" },
		{ P1_CIPHER_BLOWFISH, "Blowfish" },
		{ 4, "RC5" },
		{ P1_CIPHER_3DES, "3DES" },
		{ P1_CIPHER_CAST, "CAST" },
		{ P1_CIPHER_AES, "AES" },
		{ P1_CIPHER_CAMELLIA, "Camellia" },
	};

	return LOOK_UP(names, cipher);
}

const char *
name_p1_hash(uint16_t hash)
{
	static const struct name names[] = {
		{ P1_HASH_MD5, "MD5" },
		{ P1_HASH_SHA1, "SHA1" },
		{ 3, "Tiger" },
		{ P1_HASH_SHA256, "SHA256" },
		{ P1_HASH_SHA384, "SHA384" },
		{ P1_HASH_SHA512, "SHA512" },
	};

	return LOOK_UP(names, hash);
}

/* IANA, RFC 4754, and the private numbers of hybrid mode and XAuth. */
const char *
name_p1_method(uint16_t method)
{
	static const struct name names[] = {
		{ P1_METHOD_PSK, "PSK" },
		{ P1_METHOD_DSS, "DSS" },
		{ P1_METHOD_RSA, "RSA" },
		{ 4, "RSA-encryption" },
		{ 5, "RSA-revised" },
		{ 9, "ECDSA-256" },
		{ 10, "ECDSA-384" },
		{ 11, "ECDSA-521" },
		{ 64221, "hybrid-RSA-I" },
		{ 64222, "hybrid-RSA-R" },
		{ 64223, "hybrid-DSS-I" },
		{ 64224, "hybrid-DSS-R" },
		{ 65001, "XAuth-PSK-I" },
		{ 65002, "XAuth-PSK-R" },
		{ 65003, "XAuth-DSS-I" },
		{ 65004, "XAuth-DSS-R" },
		{ 65005, "XAuth-RSA-I" },
		{ 65006, "XAuth-RSA-R" },
		{ 65007, "XAuth-RSA-encryption-I" },
		{ 65008, "XAuth-RSA-encryption-R" },
		{ 65009, "XAuth-RSA-revised-I" },
		{ 65010, "XAuth-RSA-revised-R" },
	};

	return LOOK_UP(names, method);
}

const char *
name_group(uint16_t group)
{
	static const struct name names[] = {
		{ 1, "MODP768" },
		{ 2, "MODP1024" },
		{ 3, "EC2N155" },
		{ 4, "EC2N185" },
		{ 5, "MODP1536" },
		{ 14, "MODP2048" },
		{ 15, "MODP3072" },
		{ 16, "MODP4096" },
		{ 17, "MODP6144" },
		{ 18, "MODP8192" },
		{ 19, "ECP256" },
		{ 20, "ECP384" },
		{ 21, "ECP521" },
		{ 22, "MODP1024-160" },		/* RFC 5114 */
		{ 23, "MODP2048-224" },
		{ 24, "MODP2048-256" },
		{ 25, "ECP192" },
		{ 26, "ECP224" },
		{ 27, "BP224" },		/* RFC 6932 */
		{ 28, "BP256" },
		{ 29, "BP384" },
		{ 30, "BP512" },
		{ 31, "CURVE25519" },
		{ 32, "CURVE448" },
	};

	return LOOK_UP(names, group);
}

const char *
name_esp(uint8_t transform)
{
	static const struct name names[] = {
		{ 1, "DES-IV64" },
		{ 2, "DES" },
		{ ESP_3DES, "3DES" },
		{ 4, "RC5" },
		{ 5, "IDEA" },
		{ 6, "CAST" },
		{ 7, "Blowfish" },
		{ 8, "3IDEA" },
		{ 9, "DES-IV32" },
		{ 10, "RC4" },
		{ ESP_NULL, "NULL" },
		{ ESP_AES, "AES" },
		{ 13, "AES-CTR" },
		{ 14, "AES-CCM-8" },
		{ 15, "AES-CCM-12" },
		{ 16, "AES-CCM-16" },
		{ 18, "AES-GCM-8" },
		{ 19, "AES-GCM-12" },
		{ 20, "AES-GCM-16" },
		{ 21, "SEED" },
		{ 22, "Camellia" },
		{ 23, "NULL-AES-GMAC" },
		{ 250, "Serpent" },		/* private, wide-spread */
		{ 253, "Twofish" },
	};

	return LOOK_UP(names, transform);
}

const char *
name_ipcomp(uint8_t transform)
{
	static const struct name names[] = {
		{ 1, "OUI" },
		{ IPCOMP_DEFLATE, "Deflate" },
		{ 3, "LZS" },
		{ 4, "V42BIS" },
	};

	return LOOK_UP(names, transform);
}

const char *
name_auth(uint16_t auth)
{
	static const struct name names[] = {
		{ P2_AUTH_NONE, "none" },
		{ P2_AUTH_MD5, "HMAC-MD5" },
		{ P2_AUTH_SHA1, "HMAC-SHA1" },
		{ 3, "DES-MAC" },
		{ 4, "KPDK" },
		{ P2_AUTH_SHA256, "HMAC-SHA256" },
		{ P2_AUTH_SHA384, "HMAC-SHA384" },
		{ P2_AUTH_SHA512, "HMAC-SHA512" },
		{ 8, "HMAC-RIPEMD" },
		{ 9, "AES-XCBC" },
		{ 10, "RSA" },
		{ 11, "AES-128-GMAC" },
		{ 12, "AES-192-GMAC" },
		{ 13, "AES-256-GMAC" },
	};

	return LOOK_UP(names, auth);
}

const char *
name_mode(uint16_t mode)
{
	static const struct name names[] = {
		{ P2_MODE_TUNNEL, "tunnel" },
		{ P2_MODE_TRANSPORT, "transport" },
		{ P2_MODE_UDP_TUNNEL, "UDP-tunnel" },
		{ P2_MODE_UDP_TRANSPORT, "UDP-transport" },
		{ P2_MODE_UDP_TUNNEL_DRAFT, "UDP-tunnel-draft" },
		{ P2_MODE_UDP_TRANSPORT_DRAFT, "UDP-transport-draft" },
	};

	return LOOK_UP(names, mode);
}
