/* SPDX-License-Identifier: ISC */
/*
 * The pure cost of Diffie-Hellman: microseconds of CPU for a new key and for
 * an agreement in each group, the median of many.  With words of groups as
 * arguments just those.  With -e the library's own EVP interface instead, for
 * comparison: with exponents of the same length, and with its check of the
 * peer's value or without any.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/dh.h"

#define RUNS	101
#define EVP_RUNS	9	/* its check takes long */
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const uint16_t group_ids[] = {
	1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 31
};

static double
cpu_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0) {
		perror("clock_gettime");
		exit(EXIT_FAILURE);
	}
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *us, size_t n)
{
	qsort(us, n, sizeof(*us), compare);
	return us[n / 2];
}

struct party {
	struct buf	priv, pub, shared;
};

static bool
agree(const struct crypto *c, const struct alg_group *g, struct party *own,
    const struct party *peer, double *us)
{
	double start = cpu_us();

	buf_reset(&own->shared);
	if (dh_share(c, g, buf_view(&own->priv), buf_view(&peer->pub),
	    &own->shared) != OK)
		return false;
	*us = cpu_us() - start;
	return true;
}

static bool
generate(const struct crypto *c, const struct alg_group *g,
    struct party *own, double *us)
{
	double start = cpu_us();

	buf_reset(&own->priv);
	buf_reset(&own->pub);
	if (dh_new(c, g, &own->priv, &own->pub) != OK)
		return false;
	*us = cpu_us() - start;
	return true;
}

static bool
measure(const struct crypto *c, const struct alg_group *g, struct party *p)
{
	double make[RUNS], share[RUNS], unused, m, s;

	for (unsigned i = 0; i < RUNS; i++) {
		if (!generate(c, g, &p[0], &make[i]) ||
		    !generate(c, g, &p[1], &unused) ||
		    !agree(c, g, &p[0], &p[1], &share[i]))
			return false;
	}
	m = median(make, RUNS);
	s = median(share, RUNS);
	printf("%-10s %8u %9.0f %9.0f %12.0f\n", g->word, g->exponent, m, s,
	    2 * (m + s));
	return true;
}

static bool
one_group(const struct crypto *c, const struct alg_group *g)
{
	struct party p[2];
	bool good;

	for (unsigned i = 0; i < 2; i++) {
		buf_init(&p[i].priv, GROUP_LEN_MAX);
		buf_init(&p[i].pub, GROUP_LEN_MAX);
		buf_init(&p[i].shared, GROUP_LEN_MAX);
	}
	good = measure(c, g, p);
	for (unsigned i = 0; i < 2; i++) {
		buf_fini(&p[i].priv);
		buf_fini(&p[i].pub);
		buf_fini(&p[i].shared);
	}
	if (!good)
		fprintf(stderr, "%s: failed\n", g->word);
	return good;
}

/* One key by EVP; the group's name there is "modp_3072". */
static EVP_PKEY *
evp_generate(const struct alg_group *g)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	int bits = g->exponent;
	char name[16];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
		    name, 0),
		OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &bits),
		OSSL_PARAM_construct_end()
	};
	EVP_PKEY *key = NULL;

	(void)snprintf(name, sizeof(name), "modp_%u", g->bits);
	if (ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_params(ctx, params) == 1)
		(void)EVP_PKEY_generate(ctx, &key);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool
evp_agree(EVP_PKEY *own, EVP_PKEY *peer, int check)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	uint8_t shared[GROUP_LEN_MAX];
	size_t n = sizeof(shared);
	bool good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer_ex(ctx, peer, check) == 1 &&
	    EVP_PKEY_derive(ctx, shared, &n) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool
evp_run(const struct alg_group *g, double us[3])
{
	double start = cpu_us();
	EVP_PKEY *own = evp_generate(g), *peer;
	bool good;

	us[0] = cpu_us() - start;
	peer = evp_generate(g);
	good = own != NULL && peer != NULL;
	for (int check = 0; good && check < 2; check++) {
		start = cpu_us();
		good = evp_agree(own, peer, check);
		us[1 + check] = cpu_us() - start;
	}
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return good;
}

static bool
evp_group(const struct crypto *c, const struct alg_group *g)
{
	double make[EVP_RUNS], bare[EVP_RUNS], checked[EVP_RUNS];

	(void)c;
	if (g->bits < 1536 || g->id > 18) {
		printf("%-10s %8s\n", g->word, g->id > 18 ?
		    "nothing to compare" : "unknown to EVP");
		return true;
	}
	for (unsigned i = 0; i < EVP_RUNS; i++) {
		double us[3];

		if (!evp_run(g, us)) {
			fprintf(stderr, "%s: EVP failed\n", g->word);
			return false;
		}
		make[i] = us[0];
		bare[i] = us[1];
		checked[i] = us[2];
	}
	printf("%-10s %8u %9.0f %9.0f %9.0f\n", g->word, g->exponent,
	    median(make, EVP_RUNS), median(bare, EVP_RUNS),
	    median(checked, EVP_RUNS));
	return true;
}

typedef bool measure_fn(const struct crypto *, const struct alg_group *);

static bool
chosen(const struct crypto *c, measure_fn *fn, int n, char **words)
{
	bool good = true;

	for (int i = 0; i < n && good; i++) {
		const struct alg_group *g = alg_group_word(words[i]);

		if (g == NULL)
			fprintf(stderr, "%s: not a group; a group is for "
			    "example modp3072\n", words[i]);
		good = g != NULL && fn(c, g);
	}
	return good;
}

static bool
all(const struct crypto *c, measure_fn *fn)
{
	bool good = true;

	for (unsigned i = 0; i < COUNT(group_ids) && good; i++)
		good = fn(c, alg_group(group_ids[i]));
	return good;
}

int
main(int argc, char **argv)
{
	bool evp = argc > 1 && strcmp(argv[1], "-e") == 0, good;
	measure_fn *fn = evp ? evp_group : one_group;
	int skip = evp ? 2 : 1;
	double start = cpu_us(), ready;
	struct crypto *c = crypto_new();

	ready = cpu_us();
	if (c == NULL)
		return EXIT_FAILURE;
	printf("%s; set up in %.0f us\n", crypto_version(), ready - start);
	if (evp)
		printf("EVP, medians of %d, in us of CPU\n%-10s %8s %9s %9s "
		    "%9s\n", EVP_RUNS, "group", "exponent", "new key",
		    "unchecked", "checked");
	else
		printf("medians of %d, in us of CPU; one IKE negotiation with "
		    "PFS needs two of each\n%-10s %8s %9s %9s %12s\n", RUNS,
		    "group", "exponent", "new key", "agreement",
		    "negotiation");
	good = argc > skip ? chosen(c, fn, argc - skip, argv + skip) :
	    all(c, fn);
	crypto_free(c);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
