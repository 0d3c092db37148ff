# Tests of conf: programs, their data and fuzz targets.
if HAVE_CHECK
check_PROGRAMS += test/check_conf test/check_conf_values test/check_conf_kept \
	test/check_conf_errors test/check_conf_show \
	test/check_conf_lint test/check_conf_manual test/check_match \
	test/check_samples test/check_psk
TESTS += test/check_conf test/check_conf_values test/check_conf_kept \
	test/check_conf_errors test/check_conf_show \
	test/check_conf_lint test/check_conf_manual test/check_match \
	test/check_samples test/check_psk
endif
test_check_conf_SOURCES = test/check_conf.c \
	test/conf_world.c test/conf_world.h
test_check_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_conf_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_values_SOURCES = test/check_conf_values.c \
	test/conf_world.c test/conf_world.h
test_check_conf_values_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_conf_values_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_kept_SOURCES = test/check_conf_kept.c \
	test/conf_world.c test/conf_world.h
test_check_conf_kept_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_conf_kept_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_errors_SOURCES = test/check_conf_errors.c \
	test/conf_world.c test/conf_world.h
test_check_conf_errors_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_conf_errors_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_show_SOURCES = test/check_conf_show.c \
	test/conf_world.c test/conf_world.h test/conf_equal.c test/conf_equal.h
test_check_conf_show_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_conf_show_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_lint_SOURCES = test/check_conf_lint.c \
	test/conf_world.c test/conf_world.h
test_check_conf_lint_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_conf_lint_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_conf_manual_SOURCES = test/check_conf_manual.c
test_check_conf_manual_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_conf_manual_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_psk_SOURCES = test/check_psk.c
test_check_psk_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_psk_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_match_SOURCES = test/check_match.c
test_check_match_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_check_match_LDADD = racoon/libconf.la $(CHECK_LIBS)
test_check_samples_SOURCES = test/check_samples.c \
	test/conf_world.c test/conf_world.h test/conf_equal.c test/conf_equal.h
test_check_samples_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	-DTESTDATA='"$(abs_top_srcdir)/test"'
test_check_samples_LDADD = racoon/libconf.la $(CHECK_LIBS)
EXTRA_DIST += test/vectors/conf test/vectors/samples

check_PROGRAMS += test/fuzz/fuzz_conf test/fuzz/fuzz_psk
test_fuzz_fuzz_conf_SOURCES = test/fuzz/fuzz_conf.c \
	test/conf_equal.c test/conf_equal.h $(FUZZ_MAIN)
test_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_conf_LDADD = racoon/libconf.la
test_fuzz_fuzz_psk_SOURCES = test/fuzz/fuzz_psk.c $(FUZZ_MAIN)
test_fuzz_fuzz_psk_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_psk_LDADD = racoon/libconf.la
EXTRA_DIST += test/fuzz/corpus/conf test/fuzz/corpus/psk
if !FUZZ
TESTS += test/fuzz/fuzz_conf test/fuzz/fuzz_psk
endif
