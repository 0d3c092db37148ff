/* SPDX-License-Identifier: ISC */
/* One library context with its providers, random bytes, comparing, wiping. */
#include "crypto/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/lib.h"

#define STRENGTH	256	/* bits asked of the random generator */

/*
 * A context of our own: openssl.cnf and other users of the library in this
 * process cannot change what IKE computes.
 */
static bool
setup(struct crypto *c)
{
	c->lib = OSSL_LIB_CTX_new();
	if (c->lib == NULL)
		return false;
	c->standard = OSSL_PROVIDER_load(c->lib, "default");
	if (c->standard == NULL)
		return false;
	/* Often not installed: its ciphers are then left out. */
	c->legacy = OSSL_PROVIDER_try_load(c->lib, "legacy", 1);
	cipher_setup(c);
	if (!hash_setup(c) || !modp_setup(c))
		return false;
	ERR_clear_error();
	return true;
}

struct crypto *
crypto_new(void)
{
	struct crypto *c = xcalloc(1, sizeof(*c));
	const char *reason;

	if (setup(c))
		return c;
	reason = ERR_reason_error_string(ERR_peek_last_error());
	log_msg(LOG_L_ERROR, "cannot set up %s: %s; is its installation "
	    "complete?", crypto_version(), reason == NULL ? "no reason given" :
	    reason);
	ERR_clear_error();
	crypto_free(c);
	return NULL;
}

void
crypto_free(struct crypto *c)
{
	if (c == NULL)
		return;
	modp_done(c);
	cipher_done(c);
	hash_done(c);
	if (c->legacy != NULL)
		(void)OSSL_PROVIDER_unload(c->legacy);
	if (c->standard != NULL)
		(void)OSSL_PROVIDER_unload(c->standard);
	OSSL_LIB_CTX_free(c->lib);
	xfreezero(c, sizeof(*c));
}

const char *
crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

enum err
crypto_random(struct crypto *c, void *p, size_t n)
{
	if (n > 0 && RAND_bytes_ex(c->lib, p, n, STRENGTH) != 1)
		return lib_failed();
	return OK;
}

bool
crypto_equal(struct view a, struct view b)
{
	if (a.bad || b.bad || a.n != b.n)
		return false;
	return a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void
crypto_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

enum err
lib_failed(void)
{
	ERR_clear_error();
	return E_CRYPTO;
}

void
lib_forget(void)
{
	ERR_clear_error();
}
