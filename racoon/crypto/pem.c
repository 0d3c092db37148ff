/* SPDX-License-Identifier: ISC */
/* What is in a file of PEM blocks: some of them, whatever stands between. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/lib.h"
#include "crypto/trust.h"

/* The next block of any name; false: no more, or damaged (then *bad). */
static bool
next(BIO *bio, char **name, struct view *der, bool *bad)
{
	unsigned char *data = NULL;
	char *header = NULL;
	long n = 0;

	*name = NULL;
	if (PEM_read_bio(bio, name, &header, &data, &n) != 1) {
		*bad = ERR_GET_REASON(ERR_peek_last_error()) !=
		    PEM_R_NO_START_LINE;
		lib_forget();
		return false;
	}
	OPENSSL_free(header);
	*der = view_of(data, (size_t)n);
	return true;
}

static bool
same_name(const char *name, const char *wanted)
{
	/* "X509 CERTIFICATE", "X509 CRL": how files of long ago have it. */
	return strcmp(name, wanted) == 0 || (strncmp(name, "X509 ", 5) == 0 &&
	    strcmp(name + 5, wanted) == 0);
}

static enum err
blocks(BIO *bio, const struct pem *pem, unsigned *seen, const char **why)
{
	bool bad = false;
	enum err r = OK;
	struct view der;
	char *name;

	while (r == OK && next(bio, &name, &der, &bad)) {
		if (same_name(name, pem->name)) {
			r = pem->take(pem->ctx, der, why);
			++*seen;
		}
		OPENSSL_free(name);
		/* It may have been somebody's private key. */
		OPENSSL_clear_free((void *)der.p, der.n);
	}
	if (bad) {
		*why = "is damaged: a block of PEM cannot be read";
		r = E_CONFIG;
	}
	return r;
}

/* A SEQUENCE whose length needs more than a byte, which no text begins with. */
static bool
is_der(struct view file)
{
	return view_u8(&file) == 0x30 && view_u8(&file) > 0x80;
}

enum err
pem_each(struct view file, const struct pem *pem, const char **why)
{
	unsigned seen = 0;
	BIO *bio;
	enum err r;

	if (file.bad || file.n == 0 || file.n > TRUST_FILE_MAX) {
		*why = file.n == 0 ? "is empty" : "is too long";
		return E_CONFIG;
	}
	if (is_der(file))
		return pem->take(pem->ctx, file, why);
	bio = BIO_new_mem_buf(file.p, (int)file.n);
	if (bio == NULL) {
		*why = "cannot be read";
		return E_CONFIG;
	}
	r = blocks(bio, pem, &seen, why);
	BIO_free(bio);
	if (r == OK && seen == 0) {
		*why = pem->none;
		r = E_CONFIG;
	}
	return r;
}
