/* SPDX-License-Identifier: ISC */
/*
 * Diffie-Hellman in the groups without a safe prime: the curves of RFC 5903
 * and RFC 7748, the subgroups of RFC 5114; vectors, and improper values.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "crypto/dh.h"
#include "test/bytes.h"
#include "test/suite.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const uint16_t ids[] = { 19, 20, 21, 22, 23, 24, 31 };

static struct crypto *
must_new(void)
{
	struct crypto *c = crypto_new();

	ck_assert_ptr_nonnull(c);
	return c;
}

static size_t
secret_len(const struct alg_group *g)
{
	return g->kind == GROUP_ECP ? g->len / 2u : g->len;
}

struct party {
	struct buf	priv, pub, shared;
};

static void
party_init(struct party *p)
{
	buf_init(&p->priv, GROUP_LEN_MAX);
	buf_init(&p->pub, GROUP_LEN_MAX);
	buf_init(&p->shared, GROUP_LEN_MAX);
}

static void
party_fini(struct party *p)
{
	buf_fini(&p->priv);
	buf_fini(&p->pub);
	buf_fini(&p->shared);
}

START_TEST(agreement)
{
	struct crypto *c = must_new();
	struct party a, b;

	for (unsigned i = 0; i < COUNT(ids) * 8; i++) {
		const struct alg_group *g = alg_group(ids[i % COUNT(ids)]);

		party_init(&a);
		party_init(&b);
		ck_assert_int_eq(dh_new(c, g, &a.priv, &a.pub), OK);
		ck_assert_int_eq(dh_new(c, g, &b.priv, &b.pub), OK);
		ck_assert_uint_eq(a.pub.n, g->len);
		ck_assert_uint_eq(a.priv.n, (g->exponent + 7u) / 8);
		ck_assert(!view_equal(buf_view(&a.pub), buf_view(&b.pub)));
		ck_assert_int_eq(dh_share(c, g, buf_view(&a.priv),
		    buf_view(&b.pub), &a.shared), OK);
		ck_assert_int_eq(dh_share(c, g, buf_view(&b.priv),
		    buf_view(&a.pub), &b.shared), OK);
		ck_assert_uint_eq(a.shared.n, secret_len(g));
		ck_assert(view_equal(buf_view(&a.shared),
		    buf_view(&b.shared)));
		party_fini(&a);
		party_fini(&b);
	}
	crypto_free(c);
}
END_TEST

START_TEST(names)
{
	static const struct {
		const char	*word;
		uint16_t	 id, len;
		bool		 weak;
	} row[] = {
		{ "ecp256", 19, 64, false }, { "ecp384", 20, 96, false },
		{ "ecp521", 21, 132, false }, { "modp1024s160", 22, 128, true },
		{ "modp2048s224", 23, 256, true },
		{ "modp2048s256", 24, 256, true },
		{ "curve25519", 31, 32, false }, { "x25519", 31, 32, false },
	};

	for (unsigned i = 0; i < COUNT(row); i++) {
		const struct alg_group *g = alg_group_word(row[i].word);

		ck_assert_ptr_nonnull(g);
		ck_assert_uint_eq(g->id, row[i].id);
		ck_assert_uint_eq(g->len, row[i].len);
		ck_assert(g->weak == row[i].weak);
	}
	ck_assert_str_eq(alg_group(31)->word, "curve25519");
	ck_assert_ptr_null(alg_group(25));
}
END_TEST

static void
must_share(const struct crypto *c, uint16_t id, const char *priv,
    const char *peer, const char *secret)
{
	struct bytes x = hex(priv), y = hex(peer), z = hex(secret);
	struct buf shared;

	buf_init(&shared, GROUP_LEN_MAX);
	ck_assert_msg(dh_share(c, alg_group(id), bytes_view(&x),
	    bytes_view(&y), &shared) == OK, "group %u", id);
	ck_assert_uint_eq(shared.n, z.n);
	ck_assert_mem_eq(shared.p, z.p, z.n);
	buf_fini(&shared);
}

/* RFC 5903 8.1 */
START_TEST(ecp256)
{
	static const char i[] =
	    "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433";
	static const char r[] =
	    "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53";
	static const char gi[] =
	    "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
	    "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3";
	static const char gr[] =
	    "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	    "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB";
	static const char secret[] =
	    "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE";
	struct crypto *c = must_new();

	must_share(c, 19, i, gr, secret);
	must_share(c, 19, r, gi, secret);
	crypto_free(c);
}
END_TEST

/* RFC 5903 8.2 */
START_TEST(ecp384)
{
	static const char i[] =
	    "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655"
	    "E35B538041E649EE3FAEF896783AB194";
	static const char r[] =
	    "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942"
	    "E0308312916B8ED2960E4BD55A7448FC";
	static const char gi[] =
	    "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6"
	    "DE3AC808ACB4BDB4C88732AEE95F41AA"
	    "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38E"
	    "EB9FCFF3C2C947DAE69B4C634573A81C";
	static const char gr[] =
	    "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D"
	    "0D1AC43A0336DEF96FDA41D0774A3571"
	    "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FF"
	    "F83FA40142209DFF5EAAD96DB9E6386C";
	static const char secret[] =
	    "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4"
	    "D603135569B9E9D09CF5D4A270F59746";
	struct crypto *c = must_new();

	must_share(c, 20, i, gr, secret);
	must_share(c, 20, r, gi, secret);
	crypto_free(c);
}
END_TEST

/* The public value of X on the curve, by other means than curve.c has. */
static void
public_of(int nid, const struct bytes *x, size_t half, struct buf *out)
{
	EC_GROUP *curve = EC_GROUP_new_by_curve_name(nid);
	EC_POINT *point = EC_POINT_new(curve);
	BIGNUM *n = BN_bin2bn(x->p, (int)x->n, NULL);
	BIGNUM *px = BN_new(), *py = BN_new();
	uint8_t *room = buf_room(out, 2 * half);

	ck_assert_int_eq(EC_POINT_mul(curve, point, n, NULL, NULL, NULL), 1);
	ck_assert_int_eq(EC_POINT_get_affine_coordinates(curve, point, px, py,
	    NULL), 1);
	ck_assert_int_eq(BN_bn2binpad(px, room, (int)half), (int)half);
	ck_assert_int_eq(BN_bn2binpad(py, room + half, (int)half), (int)half);
	BN_free(n);
	BN_free(px);
	BN_free(py);
	EC_POINT_free(point);
	EC_GROUP_free(curve);
}

/* RFC 5903 8.3, the public values computed here. */
START_TEST(ecp521)
{
	static const char i[] =
	    "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A0"
	    "95AA85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D"
	    "4A52";
	static const char r[] =
	    "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E"
	    "9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB15168"
	    "5EB9";
	const struct bytes secret = hex(
	    "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04"
	    "D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3"
	    "DDEA");
	const struct bytes x[2] = { hex(i), hex(r) };
	struct crypto *c = must_new();
	struct buf pub, shared;

	buf_init(&pub, GROUP_LEN_MAX);
	buf_init(&shared, GROUP_LEN_MAX);
	for (unsigned n = 0; n < 2; n++) {
		buf_reset(&pub);
		buf_reset(&shared);
		public_of(NID_secp521r1, &x[n], 66, &pub);
		ck_assert_int_eq(dh_share(c, alg_group(21),
		    bytes_view(&x[1 - n]), buf_view(&pub), &shared), OK);
		ck_assert(view_equal(buf_view(&shared), bytes_view(&secret)));
	}
	buf_fini(&pub);
	buf_fini(&shared);
	crypto_free(c);
}
END_TEST

/* RFC 7748 6.1 */
START_TEST(curve25519)
{
	static const char a[] =
	    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
	static const char b[] =
	    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
	static const char ga[] =
	    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
	static const char gb[] =
	    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
	static const char secret[] =
	    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
	struct crypto *c = must_new();

	must_share(c, 31, b, ga, secret);
	must_share(c, 31, a, gb, secret);
	crypto_free(c);
}
END_TEST

/* RFC 5114 A.1 */
START_TEST(modp1024s160)
{
	static const char a[] = "B9A3B3AE8FEFC1A2930496507086F8455D48943E";
	static const char b[] = "9392C9F9EB6A7A6A9022F7D83E7223C6835BBDDA";
	static const char ga[] =
	    "2A853B3D92197501B9015B2DEB3ED84F5E021DCC3E52F109D3273D2B7521281C"
	    "BABE0E76FF5727FA8ACCE26956BA9A1FCA26F20228D8693FEB10841D84A73600"
	    "54ECE5A7F5B7A61AD3DFB3C60D2E43106D8727DA37DF9CCE95B478755D06BCEA"
	    "8F9D45965F75A5F3D1DF3701165FC9E50C4279CEB07F989540AE96D5D88ED776";
	static const char gb[] =
	    "717A6CB053371FF4A3B932941C1E5663F861A1D6AD34AE66576DFB98F6C6CBF9"
	    "DDD5A56C7833F6BCFDFF095582AD868E440E8D09FD769E3CECCDC3D3B1E4CFA0"
	    "57776CAAF9739B6A9FEE8E7411F8D6DAC09D6A4EDB46CC2B5D5203090EAE6126"
	    "311E53FD2C14B574E6A3109A3DA1BE41BDCEAA186F5CE06716A2B6A07B3C33FE";
	static const char secret[] =
	    "5C804F454D30D9C4DF85271F93528C91DF6B48AB5F80B3B59CAAC1B28F8ACBA9"
	    "CD3E39F3CB614525D9521D2E644C53B807B810F340062F257D7D6FBFE8D5E8F0"
	    "72E9B6E9AFDA9413EAFB2E8B0699B1FB5A0CACEDDEAEAD7E9CFBB36AE2B42083"
	    "5BD83A19FB0B5E96BF8FA4D09E345525167ECD9155416F46F408ED31B63C6E6D";
	struct crypto *c = must_new();

	must_share(c, 22, a, gb, secret);
	must_share(c, 22, b, ga, secret);
	crypto_free(c);
}
END_TEST

static enum err
try(const struct crypto *c, const struct alg_group *g, const struct party *own,
    struct view peer)
{
	struct buf shared;
	enum err r;

	buf_init(&shared, GROUP_LEN_MAX);
	r = dh_share(c, g, buf_view(&own->priv), peer, &shared);
	ck_assert_uint_eq(shared.n, r == OK ? secret_len(g) : 0);
	buf_fini(&shared);
	return r;
}

/* The coordinates of a curve: none that are not on it. */
START_TEST(improper_points)
{
	struct crypto *c = must_new();
	uint8_t value[132];
	struct party own;

	for (unsigned i = 0; i < 3; i++) {
		const struct alg_group *g = alg_group(ids[i]);
		size_t half = g->len / 2u;
		struct view v = view_of(value, g->len);

		party_init(&own);
		ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
		memset(value, 0, sizeof(value));	/* (0, 0) */
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		memset(value, 0xff, sizeof(value));	/* above the prime */
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		memcpy(value, own.pub.p, g->len);
		ck_assert_int_eq(try(c, g, &own, v), OK);
		value[g->len - 1] ^= 1;
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		value[g->len - 1] ^= 1;
		value[half - 1] ^= 1;
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		party_fini(&own);
	}
	crypto_free(c);
}
END_TEST

/* RFC 7748 7: points of small order give the secret 0. */
START_TEST(small_order)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	const struct alg_group *g = alg_group(31);
	struct crypto *c = must_new();
	struct party own;

	party_init(&own);
	ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
	for (unsigned i = 0; i < COUNT(points); i++) {
		struct bytes b = hex(points[i]);

		ck_assert_int_eq(try(c, g, &own, bytes_view(&b)), E_KE);
	}
	party_fini(&own);
	crypto_free(c);
}
END_TEST

static void
number(const BIGNUM *n, uint8_t *out, size_t len)
{
	ck_assert_int_eq(BN_bn2binpad(n, out, (int)len), (int)len);
}

/* What is not in the subgroup of RFC 5114: small numbers, neighbours. */
START_TEST(outside_of_subgroup)
{
	struct crypto *c = must_new();
	uint8_t value[GROUP_LEN_MAX];
	struct party own;
	BIGNUM *n = BN_new();

	for (unsigned i = 3; i < 6; i++) {
		const struct alg_group *g = alg_group(ids[i]);
		struct view v = view_of(value, g->len);

		party_init(&own);
		ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
		for (BN_ULONG w = 0; w < 40; w++) {
			ck_assert_int_eq(BN_set_word(n, w), 1);
			number(n, value, g->len);
			ck_assert_int_eq(try(c, g, &own, v), E_KE);
		}
		memset(value, 0xff, g->len);
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		memcpy(value, own.pub.p, g->len);
		ck_assert_int_eq(try(c, g, &own, v), OK);
		value[g->len - 1] ^= 1;
		ck_assert_int_eq(try(c, g, &own, v), E_KE);
		party_fini(&own);
	}
	BN_free(n);
	crypto_free(c);
}
END_TEST

START_TEST(lengths)
{
	struct crypto *c = must_new();
	struct party own;
	struct buf longer, small;

	for (unsigned i = 0; i < COUNT(ids); i++) {
		const struct alg_group *g = alg_group(ids[i]);

		party_init(&own);
		buf_init(&longer, GROUP_LEN_MAX + 1);
		buf_init(&small, secret_len(g) - 1);
		ck_assert_int_eq(dh_new(c, g, &own.priv, &own.pub), OK);
		buf_u8(&longer, 0);
		buf_add(&longer, buf_view(&own.pub));
		ck_assert_int_eq(try(c, g, &own, buf_view(&longer)), E_KE);
		ck_assert_int_eq(try(c, g, &own, view_of(own.pub.p,
		    own.pub.n - 1)), E_KE);
		ck_assert_int_eq(try(c, g, &own, view_of(NULL, 0)), E_KE);
		ck_assert_int_eq(dh_share(c, g, view_of(own.priv.p,
		    own.priv.n - 1), buf_view(&own.pub), &own.shared),
		    E_CRYPTO);
		ck_assert_int_eq(dh_share(c, g, buf_view(&own.priv),
		    buf_view(&own.pub), &small), E_LIMIT);
		buf_fini(&small);
		buf_init(&small, g->len - 1u);
		buf_reset(&own.priv);
		ck_assert_int_eq(dh_new(c, g, &own.priv, &small), E_LIMIT);
		ck_assert_uint_eq(own.priv.n, 0);
		buf_fini(&small);
		buf_fini(&longer);
		party_fini(&own);
	}
	crypto_free(c);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		agreement, names, ecp256, ecp384, ecp521, curve25519,
		modp1024s160, improper_points, small_order,
		outside_of_subgroup, lengths,
	};

	return suite_main("curve", tests, COUNT(tests));
}
