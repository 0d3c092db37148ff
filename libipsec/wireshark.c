/* SPDX-License-Identifier: ISC */
/*
 * A line has eight fields in quotes: family, source, destination, SPI, cipher
 * and its key, authentication and its key.  Wireshark refuses a file with a
 * name that it does not know, so nothing else may be written as one.
 */
#include "libipsec/wireshark.h"

#include <sys/socket.h>

#include <inttypes.h>
#include <string.h>

#include "libipsec/addr.h"

#define AUTH_NONE	"NULL"

/* Ciphers; ICV 0: of any length. */
static const struct name_row {
	enum ipsec_alg_class class;
	uint16_t	 id, icv_bits;
	const char	*name;
} names[] = {
	{ IPSEC_ALG_ENC, 2, 0, "DES-CBC [RFC2405]" },
	{ IPSEC_ALG_ENC, 3, 0, "TripleDES-CBC [RFC2451]" },
	{ IPSEC_ALG_ENC, 6, 0, "CAST5-CBC [RFC2144]" },
	{ IPSEC_ALG_ENC, 7, 0, "BLOWFISH-CBC [RFC2451]" },
	{ IPSEC_ALG_ENC, 11, 0, "NULL" },
	{ IPSEC_ALG_ENC, 12, 0, "AES-CBC [RFC3602]" },
	{ IPSEC_ALG_ENC, 13, 0, "AES-CTR [RFC3686]" },
	{ IPSEC_ALG_ENC, 253, 0, "TWOFISH-CBC" },
	{ IPSEC_ALG_AEAD, 18, 64, "AES-GCM with 8 octet ICV [RFC4106]" },
	{ IPSEC_ALG_AEAD, 19, 96, "AES-GCM with 12 octet ICV [RFC4106]" },
	{ IPSEC_ALG_AEAD, 20, 128, "AES-GCM with 16 octet ICV [RFC4106]" },
	{ IPSEC_ALG_AUTH, 2, 96, "HMAC-MD5-96 [RFC2403]" },
	{ IPSEC_ALG_AUTH, 3, 96, "HMAC-SHA-1-96 [RFC2404]" },
	{ IPSEC_ALG_AUTH, 5, 96,
	    "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]" },
	{ IPSEC_ALG_AUTH, 5, 128, "HMAC-SHA-256-128 [RFC4868]" },
	{ IPSEC_ALG_AUTH, 6, 192, "HMAC-SHA-384-192 [RFC4868]" },
	{ IPSEC_ALG_AUTH, 7, 256, "HMAC-SHA-512-256 [RFC4868]" },
	{ IPSEC_ALG_AUTH, 8, 96, "MAC-RIPEMD-160-96 [RFC2857]" },
	{ IPSEC_ALG_AUTH, 251, 0, AUTH_NONE }
};

/* The length is enough to decrypt; the value then goes unchecked. */
static const struct {
	uint16_t	 icv_bits;
	const char	*name;
} lengths[] = {
	{ 64, "ANY 64 bit authentication [no checking]" },
	{ 96, "ANY 96 bit authentication [no checking]" },
	{ 128, "ANY 128 bit authentication [no checking]" },
	{ 192, "ANY 192 bit authentication [no checking]" },
	{ 256, "ANY 256 bit authentication [no checking]" }
};

static const char *
name_of(enum ipsec_alg_class class, const struct ipsec_key *k)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].class == class && names[i].id == k->id &&
		    (names[i].icv_bits == 0 ||
		    names[i].icv_bits == k->icv_bits))
			return names[i].name;
	return NULL;
}

static const char *
auth_of(const struct ipsec_sa *sa)
{
	const char *name;

	if (sa->aead.present || !sa->auth.present)
		return AUTH_NONE;
	name = name_of(IPSEC_ALG_AUTH, &sa->auth);
	for (size_t i = 0; name == NULL &&
	    i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (lengths[i].icv_bits == sa->auth.icv_bits)
			name = lengths[i].name;
	return name;
}

/* ,"0x0123" or, without a key, ,"" */
static void
put_key(FILE *out, const struct ipsec_key *k)
{
	size_t n = (size_t)(k->key_bits + 7) / 8;

	if (n > sizeof(k->key))
		n = sizeof(k->key);
	fputs(n > 0 ? ",\"0x" : ",\"", out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%02x", k->key[i]);
	fputc('"', out);
}

/* Why there is no line; keys stay out of it. */
static void
put_comment(FILE *out, const struct ipsec_sa *sa, const struct ipsec_key *k,
    enum ipsec_alg_class class)
{
	char src[ADDR_TEXT], dst[ADDR_TEXT];
	const struct ipsec_alg *alg = ipsec_alg_by_id(class, k->id);

	fprintf(out, "# %s %s 0x%08" PRIx32 ": not every Wireshark can decrypt "
	    "%s\n",
	    addr_print(&sa->src, src), addr_print(&sa->id.dst, dst),
	    sa->id.spi, alg != NULL ? alg->name : "this algorithm");
}

void
wireshark_sa(FILE *out, const struct ipsec_sa *sa)
{
	bool aead = sa->aead.present != 0;
	const struct ipsec_key *k = aead ? &sa->aead : &sa->enc;
	enum ipsec_alg_class class = aead ? IPSEC_ALG_AEAD : IPSEC_ALG_ENC;
	const char *cipher = name_of(class, k), *auth = auth_of(sa);
	char src[ADDR_TEXT], dst[ADDR_TEXT];

	if (sa->id.proto != IPSEC_PROTO_ESP || !k->present)
		return;
	if (cipher == NULL || auth == NULL) {
		put_comment(out, sa, cipher == NULL ? k : &sa->auth,
		    cipher == NULL ? class : IPSEC_ALG_AUTH);
		return;
	}
	fprintf(out, "\"%s\",\"%s\",\"%s\",\"0x%08" PRIx32 "\",\"%s\"",
	    sa->id.dst.family == AF_INET6 ? "IPv6" : "IPv4",
	    addr_print(&sa->src, src), addr_print(&sa->id.dst, dst),
	    sa->id.spi, cipher);
	put_key(out, k);
	fprintf(out, ",\"%s\"", auth);
	put_key(out, aead ? &(struct ipsec_key){ .id = 0 } : &sa->auth);
	fputc('\n', out);
}

static int
put_sa(void *ctx, const struct ipsec_sa *sa)
{
	wireshark_sa(ctx, sa);
	return 0;
}

int
wireshark_dump(struct ipsec *h, FILE *out)
{
	struct ipsec_filter esp = { .proto = IPSEC_PROTO_ESP };

	fputs("# Wireshark: put this into the file esp_sa of its profile, and "
	    "turn on\n# the decryption of ESP. These are secret keys.\n", out);
	return ipsec_sa_dump(h, &esp, put_sa, out);
}
