/* SPDX-License-Identifier: ISC */
#include "daemon/admin_words.h"

#include <stdio.h>

#include "wire/isakmp.h"

struct row {
	uint16_t	 number;
	const char	*word;
};

#define LOOK_UP(rows, number, out)					\
	look_up(rows, sizeof(rows) / sizeof((rows)[0]), number, out)

static const char *
look_up(const struct row *rows, size_t n, uint16_t number, char out[WORD])
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].number == number)
			return rows[i].word;
	(void)snprintf(out, WORD, "%u", number);
	return out;
}

const char *
word_p1_state(enum ike_p1_state state)
{
	switch (state) {
	case IKE_P1_START:
		return "start";
	case IKE_P1_SENT:
		return "msg1sent";
	case IKE_P1_UP:
		return "established";
	case IKE_P1_DYING:
		return "dying";
	}
	return "unknown";
}

const char *
word_p2_state(enum ike_p2_state state)
{
	switch (state) {
	case IKE_P2_SENT:
		return "msg1sent";
	case IKE_P2_COMMIT:
		return "commit";
	case IKE_P2_UP:
		return "established";
	case IKE_P2_EXPIRED:
		return "expired";
	}
	return "unknown";
}

const char *
word_etype(uint8_t etype)
{
	return etype == ISAKMP_ETYPE_MAIN ? "MAIN" :
	    etype == ISAKMP_ETYPE_AGGRESSIVE ? "AGGRESSIVE" : "BASE";
}

const char *
word_cipher(uint16_t id, char out[WORD])
{
	static const struct row rows[] = {
		{ P1_CIPHER_DES, "DES-CBC" },
		{ 2, "IDEA-CBC" },
		{ P1_CIPHER_BLOWFISH, "Blowfish-CBC" },
		{ 4, "RC5-R16-B64-CBC" },
		{ P1_CIPHER_3DES, "3DES-CBC" },
		{ P1_CIPHER_CAST, "CAST-CBC" },
		{ P1_CIPHER_AES, "AES-CBC" },
	};

	return LOOK_UP(rows, id, out);
}

const char *
word_hash(uint16_t id, char out[WORD])
{
	static const struct row rows[] = {
		{ P1_HASH_MD5, "MD5" },
		{ P1_HASH_SHA1, "SHA" },
		{ 3, "Tiger" },
		{ P1_HASH_SHA256, "SHA256" },
		{ P1_HASH_SHA384, "SHA384" },
		{ P1_HASH_SHA512, "SHA512" },
	};

	return LOOK_UP(rows, id, out);
}

const char *
word_method(uint16_t id, char out[WORD])
{
	static const struct row rows[] = {
		{ P1_METHOD_PSK, "pre-shared key" },
		{ P1_METHOD_DSS, "DSS signatures" },
		{ P1_METHOD_RSA, "RSA signatures" },
		{ P1_METHOD_ECDSA256, "ECDSA-256 signatures" },
		{ P1_METHOD_ECDSA384, "ECDSA-384 signatures" },
		{ P1_METHOD_ECDSA521, "ECDSA-521 signatures" },
		{ P1_METHOD_GSS, "GSS-API on Kerberos 5" },
	};

	return LOOK_UP(rows, id, out);
}

const char *
word_enc(uint16_t id, char out[WORD])
{
	static const struct row rows[] = {
		{ 2, "DES-CBC" },
		{ 3, "3DES-CBC" },
		{ 6, "CAST-CBC" },
		{ 7, "BLOWFISH-CBC" },
		{ 11, "NULL" },
		{ 12, "AES-CBC" },
		{ 13, "AES-CTR" },
		{ 14, "AES-CCM-8" },
		{ 15, "AES-CCM-12" },
		{ 16, "AES-CCM-16" },
		{ 18, "AES-GCM-8" },
		{ 19, "AES-GCM-12" },
		{ 20, "AES-GCM-16" },
		{ 22, "CAMELLIA-CBC" },
		{ 253, "TWOFISH-CBC" },
	};

	return id == 0 ? NULL : LOOK_UP(rows, id, out);
}

const char *
word_auth(uint16_t id, bool ah, char out[WORD])
{
	static const struct row esp_rows[] = {
		{ 2, "hmac-md5" },
		{ 3, "hmac-sha1" },
		{ 5, "hmac-sha256" },
		{ 6, "hmac-sha384" },
		{ 7, "hmac-sha512" },
	};
	static const struct row ah_rows[] = {
		{ 2, "MD5" },
		{ 3, "SHA" },
		{ 5, "SHA256" },
		{ 6, "SHA384" },
		{ 7, "SHA512" },
	};

	return id == 0 || id == 251 ? NULL : ah ? LOOK_UP(ah_rows, id, out) :
	    LOOK_UP(esp_rows, id, out);
}

const char *
word_proto(uint8_t proto)
{
	switch (proto) {
	case IPSEC_PROTO_ESP:
		return "ESP";
	case IPSEC_PROTO_AH:
		return "AH";
	case IPSEC_PROTO_IPCOMP:
		return "IPCOMP";
	default:
		return "unknown";
	}
}

const char *
word_mode(uint8_t mode, bool natt)
{
	switch (mode) {
	case IPSEC_MODE_TUNNEL:
		return natt ? "UDP-Tunnel" : "Tunnel";
	case IPSEC_MODE_TRANSPORT:
		return natt ? "UDP-Transport" : "Transport";
	default:
		return "Any";
	}
}
