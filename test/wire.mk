# Tests of wire: programs, their data and fuzz targets.

# For every fuzz target, see test/fuzz/README.
if FUZZ
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = test/fuzz/standalone.c test/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS)
endif
EXTRA_DIST += test/fuzz/README

EXTRA_DIST += test/bytes.h test/suite.h
if HAVE_CHECK
check_PROGRAMS += test/check_wire test/check_wire_sa test/check_wire_payload \
	test/check_dns
TESTS += test/check_wire test/check_wire_sa test/check_wire_payload \
	test/check_dns
test_check_dns_SOURCES = test/check_dns.c
test_check_dns_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_dns_LDADD = racoon/libwire.la $(CHECK_LIBS)
test_check_wire_SOURCES = test/check_wire.c
test_check_wire_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_wire_LDADD = racoon/libwire.la $(CHECK_LIBS)
test_check_wire_sa_SOURCES = test/check_wire_sa.c
test_check_wire_sa_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_wire_sa_LDADD = racoon/libwire.la $(CHECK_LIBS)
test_check_wire_payload_SOURCES = test/check_wire_payload.c
test_check_wire_payload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_wire_payload_LDADD = racoon/libwire.la $(CHECK_LIBS)
endif

check_PROGRAMS += test/fuzz/fuzz_msg test/fuzz/fuzz_sa test/fuzz/fuzz_payload \
	test/fuzz/fuzz_dns
test_fuzz_fuzz_dns_SOURCES = test/fuzz/fuzz_dns.c $(FUZZ_MAIN)
test_fuzz_fuzz_dns_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_dns_LDADD = racoon/libwire.la
test_fuzz_fuzz_msg_SOURCES = test/fuzz/fuzz_msg.c $(FUZZ_MAIN)
test_fuzz_fuzz_msg_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_msg_LDADD = racoon/libwire.la
test_fuzz_fuzz_sa_SOURCES = test/fuzz/fuzz_sa.c $(FUZZ_MAIN)
test_fuzz_fuzz_sa_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_sa_LDADD = racoon/libwire.la
test_fuzz_fuzz_payload_SOURCES = test/fuzz/fuzz_payload.c $(FUZZ_MAIN)
test_fuzz_fuzz_payload_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_payload_LDADD = racoon/libwire.la
EXTRA_DIST += test/fuzz/corpus/msg test/fuzz/corpus/sa \
	test/fuzz/corpus/payload test/fuzz/corpus/dns
if !FUZZ
TESTS += test/fuzz/fuzz_msg test/fuzz/fuzz_sa test/fuzz/fuzz_payload \
	test/fuzz/fuzz_dns
endif
