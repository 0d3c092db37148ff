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
