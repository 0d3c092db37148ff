# Tests of ipsec: programs, their data and fuzz targets.
if HAVE_CHECK
check_PROGRAMS += test/check_bottom
TESTS += test/check_bottom
test_check_bottom_SOURCES = test/check_bottom.c
test_check_bottom_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_bottom_LDADD = libipsec/libbottom.la $(CHECK_LIBS)

check_PROGRAMS += test/check_ipsec
TESTS += test/check_ipsec
test_check_ipsec_SOURCES = test/check_ipsec.c
test_check_ipsec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_ipsec_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_xfrm
TESTS += test/check_xfrm
test_check_xfrm_SOURCES = test/check_xfrm.c test/samples.h
test_check_xfrm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_xfrm_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_talk
TESTS += test/check_talk
test_check_talk_SOURCES = test/check_talk.c
test_check_talk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_talk_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_pfkey
TESTS += test/check_pfkey
test_check_pfkey_SOURCES = test/check_pfkey.c test/samples.h
test_check_pfkey_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_pfkey_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_pfkey_io
TESTS += test/check_pfkey_io
test_check_pfkey_io_SOURCES = test/check_pfkey_io.c \
	test/pfkey_fake.c test/pfkey_fake.h
test_check_pfkey_io_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
test_check_pfkey_io_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_pfkey_wait
TESTS += test/check_pfkey_wait
test_check_pfkey_wait_SOURCES = test/check_pfkey_wait.c \
	test/pfkey_fake.c test/pfkey_fake.h
test_check_pfkey_wait_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
test_check_pfkey_wait_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)

check_PROGRAMS += test/check_event
TESTS += test/check_event
test_check_event_SOURCES = test/check_event.c
test_check_event_CPPFLAGS = $(AM_CPPFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_event_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_event_LDADD = libipsec/libkernel.la libipsec/libbottom.la \
	$(CHECK_LIBS)
endif

# Run by hand, or by the rig, as root on a kernel with IPsec.
check_PROGRAMS += test/kernel/ipsec_live test/kernel/ipsec_bench
test_kernel_ipsec_live_SOURCES = test/kernel/ipsec_live.c \
	test/kernel/live.c test/kernel/live.h
test_kernel_ipsec_live_LDADD = libipsec/libkernel.la libipsec/libbottom.la
test_kernel_ipsec_bench_SOURCES = test/kernel/ipsec_bench.c \
	test/kernel/live.c test/kernel/live.h
test_kernel_ipsec_bench_LDADD = libipsec/libkernel.la libipsec/libbottom.la

check_PROGRAMS += test/fuzz/fuzz_xfrm
test_fuzz_fuzz_xfrm_SOURCES = test/fuzz/fuzz_xfrm.c $(FUZZ_MAIN)
test_fuzz_fuzz_xfrm_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_xfrm_LDADD = libipsec/libkernel.la libipsec/libbottom.la
EXTRA_DIST += test/fuzz/corpus/xfrm
if !FUZZ
TESTS += test/fuzz/fuzz_xfrm
endif

check_PROGRAMS += test/fuzz/fuzz_pfkey
test_fuzz_fuzz_pfkey_SOURCES = test/fuzz/fuzz_pfkey.c $(FUZZ_MAIN)
test_fuzz_fuzz_pfkey_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_pfkey_LDADD = libipsec/libkernel.la libipsec/libbottom.la
EXTRA_DIST += test/fuzz/corpus/pfkey
if !FUZZ
TESTS += test/fuzz/fuzz_pfkey
endif
