/* SPDX-License-Identifier: ISC */
/* A private key as text for a plain RSA file. */
#include "crypto/plainrsa.h"

#include <stdio.h>

#include "crypto/lib.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
put_text(struct buf *out, const char *text)
{
	buf_add(out, view_text(text));
}

static void
put_base64(struct buf *out, struct view bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits;
	size_t n;

	while (bytes.n > 0) {
		n = bytes.n < 3 ? bytes.n : 3;
		bits = 0;
		for (unsigned i = 0; i < 3; i++)
			bits = bits << 8 | (i < n ? view_u8(&bytes) : 0u);
		for (unsigned i = 0; i < 4; i++)
			buf_u8(out, i > n ? '=' : (uint8_t)
			    digits[bits >> (18 - 6 * i) & 63]);
	}
}

/* RFC 3110 2, in base64. */
enum err
key_put_base64(const struct key *k, struct buf *out)
{
	struct buf wire;
	size_t len;
	enum err r;

	buf_init(&wire, KEY_RSA_BITS_MAX / 4);
	r = key_number(k, 1, &wire);
	len = wire.n;
	buf_reset(&wire);
	if (len < 256)
		buf_u8(&wire, (uint8_t)len);
	else {
		buf_u8(&wire, 0);
		buf_u16(&wire, (uint16_t)len);
	}
	if (r == OK)
		r = key_number(k, 1, &wire);
	if (r == OK)
		r = key_number(k, 0, &wire);
	if (r == OK)
		put_base64(out, buf_view(&wire));
	buf_fini(&wire);
	return r;
}

static enum err
put_part(const struct key *k, unsigned which, const char *name,
    struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	struct buf n;
	struct view v;
	enum err r;

	buf_init(&n, KEY_RSA_BITS_MAX / 8);
	r = key_number(k, which, &n);
	put_text(out, "\t");
	put_text(out, name);
	put_text(out, ": 0x");
	for (v = buf_view(&n); v.n > 0; ) {
		uint8_t byte = view_u8(&v);

		buf_u8(out, (uint8_t)digits[byte >> 4]);
		buf_u8(out, (uint8_t)digits[byte & 15]);
	}
	put_text(out, "\n");
	buf_fini(&n);
	return r;
}

static enum err
put_all(const struct key *k, struct buf *out)
{
	static const char *const name[] = {
		"Modulus", "PublicExponent", "PrivateExponent", "Prime1",
		"Prime2", "Exponent1", "Exponent2", "Coefficient",
	};
	char bits[40];
	enum err r;

	put_text(out, "# : PUB 0s");
	r = key_put_base64(k, out);
	if (r != OK)
		return r;
	(void)snprintf(bits, sizeof(bits), "\n: RSA\t{\n\t# RSA %u bits\n",
	    key_bits(k));
	put_text(out, bits);
	put_text(out, "\t# pubkey=0s");
	r = key_put_base64(k, out);
	put_text(out, "\n");
	for (unsigned i = 0; r == OK && i < COUNT(name); i++)
		r = put_part(k, i, name[i], out);
	put_text(out, "  }\n");
	return r != OK || buf_ok(out) ? r : E_LIMIT;
}

enum err
plainrsa_print(const struct key *k, struct buf *out)
{
	size_t before = out->n;
	enum err r = k->secret ? put_all(k, out) : lib_failed();

	if (r != OK)
		buf_cut(out, before);
	return r;
}
