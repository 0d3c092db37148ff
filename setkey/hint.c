/* SPDX-License-Identifier: ISC */
/*
 * Algorithms and protocols, and the modules of Linux that have them.
 */
#include "setkey/hint.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct module_row {
	uint8_t		 class;
	uint16_t	 id;
	const char	*modules;
};

static const struct module_row modules[] = {
	{ IPSEC_ALG_ENC, 2, "des_generic cbc" },
	{ IPSEC_ALG_ENC, 3, "des_generic cbc" },
	{ IPSEC_ALG_ENC, 6, "cast5_generic cbc" },
	{ IPSEC_ALG_ENC, 7, "blowfish_generic cbc" },
	{ IPSEC_ALG_ENC, 11, "crypto_null" },
	{ IPSEC_ALG_ENC, 12, "aes_generic cbc" },
	{ IPSEC_ALG_ENC, 13, "aes_generic ctr" },
	{ IPSEC_ALG_ENC, 22, "camellia_generic cbc" },
	{ IPSEC_ALG_ENC, 253, "twofish_generic cbc" },
	{ IPSEC_ALG_AUTH, 2, "md5 hmac" },
	{ IPSEC_ALG_AUTH, 3, "sha1_generic hmac" },
	{ IPSEC_ALG_AUTH, 5, "sha256_generic hmac" },
	{ IPSEC_ALG_AUTH, 6, "sha512_generic hmac" },
	{ IPSEC_ALG_AUTH, 7, "sha512_generic hmac" },
	{ IPSEC_ALG_AUTH, 8, "rmd160 hmac" },
	{ IPSEC_ALG_AUTH, 9, "xcbc aes_generic" },
	{ IPSEC_ALG_AUTH, 251, "crypto_null" },
	{ IPSEC_ALG_AEAD, 14, "ccm" }, { IPSEC_ALG_AEAD, 15, "ccm" },
	{ IPSEC_ALG_AEAD, 16, "ccm" }, { IPSEC_ALG_AEAD, 18, "gcm" },
	{ IPSEC_ALG_AEAD, 19, "gcm" }, { IPSEC_ALG_AEAD, 20, "gcm" },
	{ IPSEC_ALG_AEAD, 23, "gcm" },
	{ IPSEC_ALG_AEAD, 1000, "chacha20poly1305" },
	{ IPSEC_ALG_COMP, 2, "deflate" },
	{ 0, 0, NULL }
};

static const char *
modules_of(enum ipsec_alg_class class, uint16_t id)
{
	for (const struct module_row *m = modules; m->modules != NULL; m++)
		if (m->class == class && m->id == id)
			return m->modules;
	return "";
}

static const struct {
	enum ipsec_alg_class class;
	size_t		 offset;	/* of the key in an SA */
} places[] = {
	{ IPSEC_ALG_ENC, offsetof(struct ipsec_sa, enc) },
	{ IPSEC_ALG_AEAD, offsetof(struct ipsec_sa, aead) },
	{ IPSEC_ALG_AUTH, offsetof(struct ipsec_sa, auth) },
	{ IPSEC_ALG_COMP, offsetof(struct ipsec_sa, comp) }
};

__attribute__((format(printf, 2, 3)))
static void
add(char out[HINT_TEXT], const char *fmt, ...)
{
	size_t n = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(out + n, HINT_TEXT - n, fmt, ap);
	va_end(ap);
}

/* "is X or Y missing? try modprobe -a M N" */
static void
hint_algorithms(const struct ipsec_sa *sa, char out[HINT_TEXT])
{
	char from[HINT_TEXT] = "";
	const struct ipsec_alg *alg;
	struct ipsec_key key;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memcpy(&key, (const char *)sa + places[i].offset,
		    sizeof(key));
		alg = ipsec_alg_by_id(places[i].class, key.id);
		if (!key.present || alg == NULL)
			continue;
		add(out, "%s%s", out[0] == '\0' ? "is " : " or ", alg->name);
		add(from, " %s", modules_of(places[i].class, key.id));
	}
	explicit_bzero(&key, sizeof(key));
	if (out[0] != '\0')
		add(out, " missing? try modprobe -a%s", from);
}

static void
hint_protocol(const struct ipsec_sa *sa, char out[HINT_TEXT])
{
	bool v6 = sa->id.dst.family == AF_INET6;
	const char *module = sa->id.proto == IPSEC_PROTO_AH ?
	    (v6 ? "ah6" : "ah4") : sa->id.proto == IPSEC_PROTO_IPCOMP ?
	    (v6 ? "ipcomp6" : "ipcomp") : (v6 ? "esp6" : "esp4");

	snprintf(out, HINT_TEXT, "is the module missing? try modprobe %s",
	    module);
}

void
hint_sa(const struct ipsec_sa *sa, int err, char out[HINT_TEXT])
{
	out[0] = '\0';
	if (err == -EPROTONOSUPPORT) {
		hint_protocol(sa, out);
	} else if (err == -ENOSYS || err == -ENOENT) {
		hint_algorithms(sa, out);
	}
}
