noinst_LTLIBRARIES += racoon/libcrypto_ike.la
racoon_libcrypto_ike_la_SOURCES = \
	racoon/crypto/alg.c racoon/crypto/alg.h \
	racoon/crypto/cert.c racoon/crypto/cert.h \
	racoon/crypto/cipher.c racoon/crypto/cipher.h \
	racoon/crypto/comb.c \
	racoon/crypto/crypto.c racoon/crypto/crypto.h \
	racoon/crypto/curve.c \
	racoon/crypto/dh.c racoon/crypto/dh.h \
	racoon/crypto/hash.c racoon/crypto/hash.h \
	racoon/crypto/jacobi.c racoon/crypto/jacobi.h \
	racoon/crypto/key.c racoon/crypto/key.h \
	racoon/crypto/key_remote.c \
	racoon/crypto/lib.h \
	racoon/crypto/modp.c \
	racoon/crypto/pem.c \
	racoon/crypto/plainrsa.c racoon/crypto/plainrsa.h \
	racoon/crypto/plainrsa_print.c \
	racoon/crypto/sign.c racoon/crypto/sign.h \
	racoon/crypto/trust.c racoon/crypto/trust.h
racoon_libcrypto_ike_la_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
racoon_libcrypto_ike_la_LIBADD = racoon/libwire.la $(CRYPTO_LIBS)
