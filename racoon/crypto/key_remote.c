/* SPDX-License-Identifier: ISC */
/* Keys whose private half another process has. */
#include "crypto/key.h"

#include <openssl/x509.h>

#include "crypto/lib.h"

enum err
key_public(const struct key *k, struct buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der);

	if (n <= 0)
		return lib_failed();
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_ok(out) ? OK : E_LIMIT;
}

void
key_sign_by(struct key *k, const struct key_signer *signer)
{
	k->secret = true;
	k->signer = *signer;
}

enum err
key_remote(const struct crypto *c, struct view public,
    const struct key_signer *signer, struct key **out, const char **why)
{
	const unsigned char *p = public.p;
	EVP_PKEY *pkey = NULL;
	enum err r;

	if (!public.bad && public.n <= KEY_PUBLIC_MAX)
		pkey = d2i_PUBKEY_ex(NULL, &p, (long)public.n, c->lib, NULL);
	lib_forget();
	if (pkey == NULL) {
		*why = "has a public half that cannot be read";
		return E_CONFIG;
	}
	r = key_wrap(c, pkey, false, out, why);
	if (r == OK)
		key_sign_by(*out, signer);
	return r;
}

enum err
key_ask(const struct key *k, uint16_t method, struct view hash,
    struct buf *sig)
{
	size_t before = sig->n;
	struct buf public;
	enum err r;

	buf_init(&public, KEY_PUBLIC_MAX);
	r = key_public(k, &public);
	if (r == OK)
		r = k->signer.sign(k->signer.ctx, buf_view(&public), method,
		    hash, sig);
	buf_fini(&public);
	if (r == OK && !buf_ok(sig))
		r = E_LIMIT;
	if (r != OK)
		buf_cut(sig, before);
	return r;
}
