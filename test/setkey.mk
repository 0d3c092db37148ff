# Tests of setkey: programs, their data and fuzz targets.
if HAVE_CHECK
check_PROGRAMS += test/check_text test/check_setkey test/check_run \
	test/check_names test/check_setkey_more test/check_setkey_tell
TESTS += test/check_text test/check_setkey test/check_run \
	test/check_names test/check_setkey_more test/check_setkey_tell
check_PROGRAMS += test/check_reload
TESTS += test/check_reload
test_check_reload_SOURCES = test/check_reload.c test/fake_spd.c \
	test/fake_spd.h
test_check_reload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_reload_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
test_check_text_SOURCES = test/check_text.c
test_check_text_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_text_LDADD = libipsec/libtext.la libipsec/libkernel.la \
	$(CHECK_LIBS)
test_check_setkey_SOURCES = test/check_setkey.c
test_check_setkey_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_setkey_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
test_check_names_SOURCES = test/check_names.c
test_check_names_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_names_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
test_check_setkey_more_SOURCES = test/check_setkey_more.c
test_check_setkey_more_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_setkey_more_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
test_check_setkey_tell_SOURCES = test/check_setkey_tell.c
test_check_setkey_tell_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_setkey_tell_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
test_check_run_SOURCES = test/check_run.c
test_check_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_run_LDADD = setkey/libsetkey.la $(CHECK_LIBS)
endif

check_PROGRAMS += test/fuzz/fuzz_setkey
test_fuzz_fuzz_setkey_SOURCES = test/fuzz/fuzz_setkey.c $(FUZZ_MAIN)
test_fuzz_fuzz_setkey_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_setkey_LDADD = setkey/libsetkey.la
EXTRA_DIST += test/fuzz/corpus/setkey
check_PROGRAMS += test/fuzz/fuzz_replay
test_fuzz_fuzz_replay_SOURCES = test/fuzz/fuzz_replay.c $(FUZZ_MAIN)
test_fuzz_fuzz_replay_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_replay_LDADD = setkey/libsetkey.la
EXTRA_DIST += test/fuzz/corpus/replay
if !FUZZ
TESTS += test/fuzz/fuzz_setkey test/fuzz/fuzz_replay
endif

TESTS += test/setkey-cli.sh
EXTRA_DIST += test/setkey-cli.sh
EXTRA_DIST += test/kernel/setkey.sh \
	test/kernel/setkey-more.sh test/golden/setkey
