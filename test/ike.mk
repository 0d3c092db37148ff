# Tests of ike: programs, their data and fuzz targets.

# Two engines on the simulator's kernels; an exchange of no use but for tests.
PAIR = test/pair.c test/pair.h test/suite.h
TOY = test/toy.c test/toy.h
PAIR_LIBS = racoon/libike.la test/libsimkernel.la $(CHECK_LIBS)
if HAVE_CHECK
IKE_TESTS = test/check_engine test/check_propose \
	test/check_choose test/check_exchange test/check_transmit \
	test/check_ident test/check_limit test/check_info \
	test/check_unknown_spi test/check_commit test/check_command \
	test/check_frag test/check_frag_send test/check_modes \
	test/check_natt test/check_quick test/check_life \
	test/check_groups test/check_aead test/check_auth \
	test/check_cve test/check_cve_more test/check_cve_signed \
	test/check_auth_find test/check_genpol test/check_gss \
	test/check_refuse test/check_dead test/check_adopt
check_PROGRAMS += $(IKE_TESTS)
TESTS += $(IKE_TESTS)
test_check_engine_SOURCES = test/check_engine.c $(PAIR)
test_check_engine_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_engine_LDADD = $(PAIR_LIBS)
test_check_propose_SOURCES = test/check_propose.c $(PAIR) test/propose.h
test_check_propose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_propose_LDADD = $(PAIR_LIBS)
test_check_choose_SOURCES = test/check_choose.c $(PAIR) test/propose.h
test_check_choose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_choose_LDADD = $(PAIR_LIBS)
test_check_exchange_SOURCES = test/check_exchange.c $(PAIR) $(TOY)
test_check_exchange_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_exchange_LDADD = $(PAIR_LIBS)
test_check_transmit_SOURCES = test/check_transmit.c $(PAIR) $(TOY)
test_check_transmit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_transmit_LDADD = $(PAIR_LIBS)
test_check_ident_SOURCES = test/check_ident.c $(PAIR)
test_check_ident_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_ident_LDADD = $(PAIR_LIBS)
test_check_limit_SOURCES = test/check_limit.c $(PAIR)
test_check_limit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_limit_LDADD = $(PAIR_LIBS)
test_check_command_SOURCES = test/check_command.c $(PAIR) test/suite.h
test_check_command_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_command_LDADD = $(PAIR_LIBS)
test_check_info_SOURCES = test/check_info.c $(PAIR) test/sealed_by.h
test_check_info_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_info_LDADD = $(PAIR_LIBS)
test_check_commit_SOURCES = test/check_commit.c $(PAIR) test/sealed_by.h
test_check_commit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_commit_LDADD = $(PAIR_LIBS)
test_check_unknown_spi_SOURCES = test/check_unknown_spi.c $(PAIR) \
	test/sealed_by.h
test_check_unknown_spi_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_unknown_spi_LDADD = $(PAIR_LIBS)
test_check_frag_SOURCES = test/check_frag.c $(PAIR) $(TOY)
test_check_frag_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_frag_LDADD = $(PAIR_LIBS)
test_check_frag_send_SOURCES = test/check_frag_send.c $(PAIR) $(TOY)
test_check_frag_send_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_frag_send_LDADD = $(PAIR_LIBS)
AUTH_WORLD = test/auth_world.c test/auth_world.h test/pki.c test/pki.h $(PAIR)
test_check_auth_find_SOURCES = test/check_auth_find.c $(AUTH_WORLD)
test_check_auth_find_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_auth_find_LDADD = $(PAIR_LIBS) $(CRYPTO_LIBS)
test_check_auth_SOURCES = test/check_auth.c $(AUTH_WORLD)
test_check_auth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_auth_LDADD = $(PAIR_LIBS) $(CRYPTO_LIBS)
test_check_gss_SOURCES = test/check_gss.c $(PAIR)
test_check_gss_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_gss_LDADD = $(PAIR_LIBS)
test_check_refuse_SOURCES = test/check_refuse.c $(PAIR)
test_check_refuse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_refuse_LDADD = $(PAIR_LIBS)
test_check_modes_SOURCES = test/check_modes.c $(PAIR)
test_check_modes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_modes_LDADD = $(PAIR_LIBS)
test_check_adopt_SOURCES = test/check_adopt.c test/suite.h $(PAIR)
test_check_adopt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_adopt_LDADD = $(PAIR_LIBS)
test_check_genpol_SOURCES = test/check_genpol.c $(PAIR) test/quick.h
test_check_genpol_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_genpol_LDADD = $(PAIR_LIBS)
test_check_natt_SOURCES = test/check_natt.c $(PAIR) test/sealed_by.h \
	test/subset.h
test_check_natt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_natt_LDADD = $(PAIR_LIBS)
test_check_quick_SOURCES = test/check_quick.c $(PAIR) test/quick.h
test_check_quick_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_quick_LDADD = $(PAIR_LIBS)
test_check_cve_SOURCES = test/check_cve.c $(PAIR) test/sealed_by.h test/subset.h
test_check_cve_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_cve_LDADD = $(PAIR_LIBS)
test_check_cve_signed_SOURCES = test/check_cve_signed.c test/subset.h \
	$(AUTH_WORLD)
test_check_cve_signed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_cve_signed_LDADD = $(PAIR_LIBS) $(CRYPTO_LIBS)
test_check_cve_more_SOURCES = test/check_cve_more.c $(PAIR) test/quick.h
test_check_cve_more_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_cve_more_LDADD = $(PAIR_LIBS)
test_check_groups_SOURCES = test/check_groups.c $(PAIR)
test_check_groups_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_groups_LDADD = $(PAIR_LIBS)
test_check_aead_SOURCES = test/check_aead.c $(PAIR) test/quick.h test/propose.h
test_check_aead_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_aead_LDADD = $(PAIR_LIBS)
test_check_dead_SOURCES = test/check_dead.c $(PAIR) test/quick.h \
	test/sealed_by.h
test_check_dead_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_dead_LDADD = $(PAIR_LIBS)
test_check_life_SOURCES = test/check_life.c $(PAIR) test/quick.h
test_check_life_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_life_LDADD = $(PAIR_LIBS)
endif

check_PROGRAMS += test/fuzz/fuzz_handover
test_fuzz_fuzz_handover_SOURCES = test/fuzz/fuzz_handover.c $(FUZZ_MAIN)
test_fuzz_fuzz_handover_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_handover_LDADD = racoon/libike.la test/libsimkernel.la
EXTRA_DIST += test/fuzz/corpus/handover
if !FUZZ
TESTS += test/fuzz/fuzz_handover
endif
check_PROGRAMS += test/fuzz/fuzz_frag
test_fuzz_fuzz_frag_SOURCES = test/fuzz/fuzz_frag.c $(FUZZ_MAIN)
test_fuzz_fuzz_frag_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_frag_LDADD = racoon/libike.la
EXTRA_DIST += test/fuzz/corpus/frag
if !FUZZ
TESTS += test/fuzz/fuzz_frag
endif
