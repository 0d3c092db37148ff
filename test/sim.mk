# Tests of sim: programs, their data and fuzz targets.

# The fake kernel alone, and the whole simulator on top of the engine.
check_LTLIBRARIES += test/libsimkernel.la test/libsim.la
test_libsimkernel_la_SOURCES = \
	test/sim/kernel.c test/sim/kernel.h test/sim/kernel_int.h \
	test/sim/kernel_path.c test/sim/kernel_sad.c test/sim/kernel_spd.c \
	test/sim/queue.c test/sim/queue.h test/sim/rng.h
test_libsimkernel_la_LIBADD = libipsec/libkernel.la racoon/libbase.la
test_libsim_la_SOURCES = \
	test/sim/checker.c test/sim/host.c test/sim/network.c \
	test/sim/run.c test/sim/certs.h test/sim/scen.c test/sim/scen.h test/sim/seeded.c \
	test/sim/seeded.h test/sim/setup.c test/sim/sim.c test/sim/sim.h \
	test/sim/stray.c \
	test/sim/traffic.c
test_libsim_la_LIBADD = test/libsimkernel.la racoon/libike.la

if HAVE_CHECK
check_PROGRAMS += test/check_sim
TESTS += test/check_sim
test_check_sim_SOURCES = test/check_sim.c
test_check_sim_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_sim_LDADD = test/libsimkernel.la $(CHECK_LIBS)
endif

# Every call that takes a struct crypto goes through test/sim/seeded.c.
SIM_WRAP = -Wl,--wrap=crypto_random,--wrap=hash_digest,--wrap=hash_prf \
	-Wl,--wrap=cipher_seal,--wrap=cipher_open,--wrap=cipher_usable \
	-Wl,--wrap=dh_new,--wrap=dh_share \
	-Wl,--wrap=sign_make,--wrap=sign_check \
	-Wl,--wrap=cert_get,--wrap=cert_get_pkcs7
SIM_LINK = $(AM_LDFLAGS) $(SIM_WRAP)

# The scenarios; SIM_LONG=1 runs many more seeds.
SCENARIOS = test/sim/scen_attack test/sim/scen_bad test/sim/scen_chaos \
	test/sim/scen_collide test/sim/scen_converge test/sim/scen_delete \
	test/sim/scen_dpd test/sim/scen_flush test/sim/scen_forms \
	test/sim/scen_frag test/sim/scen_genpol \
	test/sim/scen_live test/sim/scen_lossy test/sim/scen_mesh test/sim/scen_modes \
	test/sim/scen_nat \
	test/sim/scen_rekey test/sim/scen_scope test/sim/scen_start \
	test/sim/scen_storm \
	test/sim/scen_stray test/sim/scen_restart test/sim/scen_truth
check_PROGRAMS += $(SCENARIOS)
TESTS += $(SCENARIOS)
test_sim_scen_attack_LDADD = test/libsim.la
test_sim_scen_attack_LDFLAGS = $(SIM_LINK)
test_sim_scen_bad_LDADD = test/libsim.la
test_sim_scen_bad_LDFLAGS = $(SIM_LINK)
test_sim_scen_chaos_LDADD = test/libsim.la
test_sim_scen_chaos_LDFLAGS = $(SIM_LINK)
test_sim_scen_collide_LDADD = test/libsim.la
test_sim_scen_collide_LDFLAGS = $(SIM_LINK)
test_sim_scen_converge_LDADD = test/libsim.la
test_sim_scen_converge_LDFLAGS = $(SIM_LINK)
test_sim_scen_delete_LDADD = test/libsim.la
test_sim_scen_delete_LDFLAGS = $(SIM_LINK)
test_sim_scen_dpd_LDADD = test/libsim.la
test_sim_scen_dpd_LDFLAGS = $(SIM_LINK)
test_sim_scen_flush_LDADD = test/libsim.la
test_sim_scen_flush_LDFLAGS = $(SIM_LINK)
test_sim_scen_forms_LDADD = test/libsim.la
test_sim_scen_forms_LDFLAGS = $(SIM_LINK)
test_sim_scen_frag_LDADD = test/libsim.la
test_sim_scen_frag_LDFLAGS = $(SIM_LINK)
test_sim_scen_genpol_LDADD = test/libsim.la
test_sim_scen_genpol_LDFLAGS = $(SIM_LINK)
test_sim_scen_live_LDADD = test/libsim.la
test_sim_scen_live_LDFLAGS = $(SIM_LINK)
test_sim_scen_lossy_LDADD = test/libsim.la
test_sim_scen_lossy_LDFLAGS = $(SIM_LINK)
test_sim_scen_mesh_LDADD = test/libsim.la
test_sim_scen_mesh_LDFLAGS = $(SIM_LINK)
test_sim_scen_modes_LDADD = test/libsim.la
test_sim_scen_modes_LDFLAGS = $(SIM_LINK)
test_sim_scen_nat_LDADD = test/libsim.la
test_sim_scen_nat_LDFLAGS = $(SIM_LINK)
test_sim_scen_rekey_LDADD = test/libsim.la
test_sim_scen_rekey_LDFLAGS = $(SIM_LINK)
test_sim_scen_scope_LDADD = test/libsim.la
test_sim_scen_scope_LDFLAGS = $(SIM_LINK)
test_sim_scen_start_LDADD = test/libsim.la
test_sim_scen_start_LDFLAGS = $(SIM_LINK)
test_sim_scen_storm_LDADD = test/libsim.la
test_sim_scen_storm_LDFLAGS = $(SIM_LINK)
test_sim_scen_stray_LDADD = test/libsim.la
test_sim_scen_stray_LDFLAGS = $(SIM_LINK)
test_sim_scen_restart_LDADD = test/libsim.la
test_sim_scen_restart_LDFLAGS = $(SIM_LINK)
test_sim_scen_truth_LDADD = test/libsim.la
test_sim_scen_truth_LDFLAGS = $(SIM_LINK)

# The mesh: doc/TESTING.md.
check_LTLIBRARIES += test/libmesh.la
test_libmesh_la_SOURCES = \
	test/sim/mesh.c test/sim/mesh.h test/sim/mesh_fault.c \
	test/sim/mesh_kinds.c test/sim/mesh_plant.c test/sim/mesh_report.c \
	test/sim/mesh_shrink.c test/sim/mesh_talk.c test/sim/mesh_watch.c \
	test/sim/mesh_world.c
test_libmesh_la_LIBADD = test/libsim.la
check_PROGRAMS += test/sim/mesh
TESTS += test/sim/mesh
test_sim_mesh_SOURCES = test/sim/mesh_main.c
test_sim_mesh_LDADD = test/libmesh.la
test_sim_mesh_LDFLAGS = $(SIM_LINK)
dist_check_SCRIPTS += test/sim/soak
if HAVE_CHECK
check_PROGRAMS += test/check_mesh
TESTS += test/check_mesh
test_check_mesh_SOURCES = test/check_mesh.c
test_check_mesh_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_mesh_LDADD = test/libmesh.la $(CHECK_LIBS)
test_check_mesh_LDFLAGS = $(SIM_LINK)
endif

# Datagrams into an engine.
check_PROGRAMS += test/fuzz/fuzz_engine
test_fuzz_fuzz_engine_SOURCES = test/fuzz/fuzz_engine.c $(FUZZ_MAIN)
test_fuzz_fuzz_engine_LDFLAGS = $(FUZZ_LINK) $(SIM_WRAP)
test_fuzz_fuzz_engine_LDADD = test/libsim.la
EXTRA_DIST += test/fuzz/corpus/engine
dist_check_SCRIPTS += test/fuzz/engine.sh
if !FUZZ
TESTS += test/fuzz/engine.sh
endif
