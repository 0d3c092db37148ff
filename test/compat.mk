# Tests of the installed library: its messages, its ABI, its exports.
if HAVE_CHECK
check_PROGRAMS += test/check_pfkey_print
TESTS += test/check_pfkey_print
test_check_pfkey_print_SOURCES = test/check_pfkey_print.c
test_check_pfkey_print_CPPFLAGS = $(AM_CPPFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_pfkey_print_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_pfkey_print_LDADD = libipsec/libtext.la $(CHECK_LIBS)

# With the library as programs get it.
check_PROGRAMS += test/check_compat
TESTS += test/check_compat
test_check_compat_SOURCES = test/check_compat.c
test_check_compat_CPPFLAGS = $(AM_CPPFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_compat_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_compat_LDADD = libipsec/libipsec.la $(CHECK_LIBS)

check_PROGRAMS += test/check_compat_msg
TESTS += test/check_compat_msg
test_check_compat_msg_SOURCES = test/check_compat_msg.c
test_check_compat_msg_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_compat_msg_LDADD = libipsec/libipsec.la $(CHECK_LIBS)
endif
EXTRA_DIST += test/golden/libipsec

# A program of its own time: not PIE, so that it has the library's data in
# itself (copy relocations), and without the project's headers.
check_PROGRAMS += test/abi/calls
TESTS += test/abi/calls
test_abi_calls_SOURCES = test/abi/calls.c test/abi/documented.h
test_abi_calls_CFLAGS = -std=c11 $(WARN) $(SANITIZE) -fno-pie
test_abi_calls_LDFLAGS = -no-pie $(SANITIZE)
test_abi_calls_LDADD = libipsec/libipsec.la

# The example of ipsec.h, for the guest; installed.sh builds it from what is
# installed.
check_PROGRAMS += test/abi/watch
test_abi_watch_SOURCES = libipsec/examples/watch.c
test_abi_watch_LDADD = libipsec/libipsec.la

TESTS += test/abi/installed.sh
EXTRA_DIST += test/abi/installed.sh test/kernel/abi.sh

check_PROGRAMS += test/fuzz/fuzz_compat test/fuzz/fuzz_policy
test_fuzz_fuzz_compat_SOURCES = test/fuzz/fuzz_compat.c $(FUZZ_MAIN)
test_fuzz_fuzz_compat_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_compat_LDADD = $(COMPAT_PARTS)
test_fuzz_fuzz_policy_SOURCES = test/fuzz/fuzz_policy.c $(FUZZ_MAIN)
test_fuzz_fuzz_policy_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_policy_LDADD = $(COMPAT_PARTS)
COMPAT_PARTS = libipsec/libcompat.la libipsec/libtext.la \
	libipsec/libkernel.la
EXTRA_DIST += test/fuzz/corpus/compat test/fuzz/corpus/policy
if !FUZZ
TESTS += test/fuzz/fuzz_compat test/fuzz/fuzz_policy
endif
