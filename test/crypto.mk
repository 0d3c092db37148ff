# Tests of crypto: programs, their data and fuzz targets.
if HAVE_CHECK
check_PROGRAMS += test/check_crypto test/check_dh test/check_keys \
	test/check_sign test/check_cert test/check_trust \
	test/check_plainrsa test/check_curve
TESTS += test/check_crypto test/check_dh test/check_keys \
	test/check_sign test/check_cert test/check_trust \
	test/check_plainrsa test/check_curve
endif

test_check_crypto_SOURCES = test/check_crypto.c
test_check_crypto_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_crypto_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS)

# With arithmetic of its own to compare with, and many threads.
test_check_dh_SOURCES = test/check_dh.c
test_check_dh_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS) -pthread
test_check_dh_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS) $(CRYPTO_LIBS)

# keys.c alone of its layer: it needs nothing of the engine.
test_check_keys_SOURCES = test/check_keys.c racoon/ike/keys.c
test_check_keys_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_keys_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS)

# With keys and certificates that the library makes on the spot.
test_check_sign_SOURCES = test/check_sign.c test/pki.c test/pki.h
test_check_sign_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_sign_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS) $(CRYPTO_LIBS)
test_check_cert_SOURCES = test/check_cert.c test/pki.c test/pki.h
test_check_cert_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_cert_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS) $(CRYPTO_LIBS)
test_check_trust_SOURCES = test/check_trust.c test/pki.c test/pki.h
test_check_trust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS) -pthread
test_check_trust_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS) $(CRYPTO_LIBS)
test_check_curve_SOURCES = test/check_curve.c
test_check_curve_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_curve_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS) $(CRYPTO_LIBS)
test_check_plainrsa_SOURCES = test/check_plainrsa.c
test_check_plainrsa_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_plainrsa_LDADD = racoon/libcrypto_ike.la $(CHECK_LIBS)

check_PROGRAMS += test/fuzz/fuzz_cert test/fuzz/fuzz_plainrsa
test_fuzz_fuzz_cert_SOURCES = test/fuzz/fuzz_cert.c $(FUZZ_MAIN)
test_fuzz_fuzz_cert_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_cert_LDADD = racoon/libcrypto_ike.la
test_fuzz_fuzz_plainrsa_SOURCES = test/fuzz/fuzz_plainrsa.c $(FUZZ_MAIN)
test_fuzz_fuzz_plainrsa_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_plainrsa_LDADD = racoon/libcrypto_ike.la
EXTRA_DIST += test/fuzz/corpus/cert test/fuzz/corpus/plainrsa
if !FUZZ
TESTS += test/fuzz/fuzz_cert test/fuzz/fuzz_plainrsa
endif

TESTS += test/plainrsa-gen.sh
EXTRA_DIST += test/plainrsa-gen.sh

# The pure cost of Diffie-Hellman; see doc/BENCHMARKS.md.
check_PROGRAMS += test/bench/crypto_cost
test_bench_crypto_cost_SOURCES = test/bench/crypto_cost.c
test_bench_crypto_cost_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
test_bench_crypto_cost_LDADD = racoon/libcrypto_ike.la $(CRYPTO_LIBS)
EXTRA_DIST += doc/BENCHMARKS.md
