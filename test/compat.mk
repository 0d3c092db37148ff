# Tests of the installed library: its messages, its ABI, its exports.
if HAVE_CHECK
check_PROGRAMS += test/check_pfkey_print
TESTS += test/check_pfkey_print
test_check_pfkey_print_SOURCES = test/check_pfkey_print.c
test_check_pfkey_print_CPPFLAGS = $(AM_CPPFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_pfkey_print_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_pfkey_print_LDADD = libipsec/libtext.la $(CHECK_LIBS)
endif
EXTRA_DIST += test/golden/libipsec
