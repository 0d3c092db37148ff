# Tests of base and daemon: programs, their data and fuzz targets.
if HAVE_CHECK
check_PROGRAMS += test/check_base test/check_net test/check_daemon \
	test/check_host test/check_creds test/check_dnsask \
	test/check_dnscert test/check_hook test/check_stray \
	test/check_handover test/check_pool test/check_metrics \
	test/check_observe test/check_admin test/check_procnet \
	test/check_manager
TESTS += test/check_base test/check_net test/check_daemon test/check_host \
	test/check_creds test/check_dnsask test/check_dnscert \
	test/check_hook test/check_stray test/check_handover test/check_pool \
	test/check_metrics test/check_observe test/check_admin \
	test/check_procnet test/check_manager
if HAVE_GSSAPI
check_PROGRAMS += test/check_krb5
TESTS += test/check_krb5
endif
endif
test_check_krb5_SOURCES = test/check_krb5.c test/suite.h
test_check_krb5_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GSSAPI_CFLAGS)
test_check_krb5_LDADD = racoon/libdaemon.la racoon/libbase.la \
	$(GSSAPI_LIBS) $(CHECK_LIBS)
test_check_base_SOURCES = test/check_base.c
test_check_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_base_LDADD = racoon/libbase.la $(CHECK_LIBS)

test_check_net_SOURCES = test/check_net.c test/own_network.h test/daemon_tools.h
test_check_net_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_net_LDADD = racoon/libdaemon.la racoon/libconf.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

test_check_creds_SOURCES = test/check_creds.c test/pki.c test/pki.h \
	test/suite.h
test_check_creds_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_creds_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(CHECK_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
test_check_dnsask_SOURCES = test/check_dnsask.c test/suite.h
test_check_dnsask_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS) \
	-pthread
test_check_dnsask_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(CHECK_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
test_check_dnscert_SOURCES = test/check_dnscert.c test/pki.c test/pki.h \
	test/suite.h
test_check_dnscert_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
test_check_dnscert_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(CHECK_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
test_check_daemon_SOURCES = test/check_daemon.c test/daemon_tools.h \
	racoon/ike/job.c
test_check_daemon_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_daemon_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_daemon_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(EVENT_LIBS) $(CHECK_LIBS)

test_check_hook_SOURCES = test/check_hook.c test/daemon_tools.h
test_check_hook_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_hook_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(EVENT_LIBS) $(CHECK_LIBS)

test_check_pool_SOURCES = test/check_pool.c test/daemon_tools.h \
	racoon/ike/job.c
test_check_pool_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_pool_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_pool_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(EVENT_LIBS) $(CHECK_LIBS)
test_check_procnet_SOURCES = test/check_procnet.c test/daemon_tools.h \
	test/own_network.h
test_check_procnet_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_procnet_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(EVENT_LIBS) $(CHECK_LIBS)

test_check_stray_SOURCES = test/check_stray.c test/daemon_tools.h \
	test/own_network.h
test_check_stray_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_stray_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(EVENT_LIBS) $(CHECK_LIBS)

# Packets off a raw socket.
check_PROGRAMS += test/fuzz/fuzz_stray
test_fuzz_fuzz_stray_SOURCES = test/fuzz/fuzz_stray.c $(FUZZ_MAIN)
test_fuzz_fuzz_stray_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_stray_LDADD = racoon/libdaemon.la racoon/libconf.la
EXTRA_DIST += test/fuzz/corpus/stray
if !FUZZ
TESTS += test/fuzz/fuzz_stray
endif
test_check_handover_SOURCES = test/check_handover.c test/daemon_tools.h \
	test/suite.h
test_check_handover_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_handover_LDADD = racoon/libdaemon.la racoon/libbase.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

test_check_manager_SOURCES = test/check_manager.c test/daemon_tools.h \
	test/notify.h test/suite.h
test_check_manager_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_manager_LDADD = racoon/libdaemon.la racoon/libbase.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

# Brings an engine of its own instead of racoon/libike.la.
test_check_host_SOURCES = test/check_host.c test/daemon_tools.h \
	test/toy_report.c \
	racoon/ike/job.c
test_check_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_host_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_host_LDADD = racoon/libdaemon.la racoon/libconf.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

dist_check_SCRIPTS += test/check_racoon
TESTS += test/check_racoon

test_check_metrics_SOURCES = test/check_metrics.c test/daemon_tools.h
test_check_metrics_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_metrics_LDADD = racoon/libdaemon.la racoon/libconf.la \
	$(CHECK_LIBS)

# Brings an engine of its own as well.
test_check_observe_SOURCES = test/check_observe.c test/daemon_tools.h
test_check_observe_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_observe_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_observe_LDADD = racoon/libdaemon.la racoon/libconf.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

dist_check_SCRIPTS += test/monitoring.sh
if HAVE_CHECK
TESTS += test/monitoring.sh
endif

test_check_admin_SOURCES = test/check_admin.c test/daemon_tools.h \
	test/toy_report.c
test_check_admin_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_admin_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_admin_LDADD = racoon/libdaemon.la racoon/libconf.la \
	libipsec/libkernel.la $(EVENT_LIBS) $(CHECK_LIBS)

check_PROGRAMS += test/fuzz/fuzz_admin
test_fuzz_fuzz_admin_SOURCES = test/fuzz/fuzz_admin.c $(FUZZ_MAIN)
test_fuzz_fuzz_admin_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_admin_LDADD = racoon/libdaemon.la racoon/libwire.la
EXTRA_DIST += test/fuzz/corpus/admin
if !FUZZ
TESTS += test/fuzz/fuzz_admin
endif

dist_check_SCRIPTS += test/racoonctl.sh test/completion.sh
TESTS += test/racoonctl.sh test/completion.sh
EXTRA_DIST += test/golden/racoonctl

# The control socket: with real engines, with the words of racoonctl.
if HAVE_CHECK
check_PROGRAMS += test/check_ctl test/check_report test/check_racoonctl
TESTS += test/check_ctl test/check_report test/check_racoonctl
endif
test_check_racoonctl_SOURCES = test/check_racoonctl.c test/suite.h
test_check_racoonctl_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_racoonctl_LDADD = racoon/libwire.la $(CHECK_LIBS)
test_check_report_SOURCES = test/check_report.c $(PAIR)
test_check_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_report_LDADD = racoon/libdaemon.la $(PAIR_LIBS)
test_check_ctl_SOURCES = test/check_ctl.c $(PAIR)
test_check_ctl_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS)
test_check_ctl_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_ctl_LDADD = racoon/libdaemon.la $(EVENT_LIBS) $(PAIR_LIBS)

# The monitor and its worker.
if HAVE_CHECK
check_PROGRAMS += test/check_monmsg test/check_monitor test/check_moncall \
	test/check_sandbox test/check_hostile test/check_monitor_wild
TESTS += test/check_monmsg test/check_monitor test/check_moncall \
	test/check_sandbox test/check_hostile test/check_monitor_wild
endif
test_check_monitor_wild_SOURCES = test/check_monitor_wild.c \
	test/monitor_stage.h test/own_network.h test/pki.c test/pki.h \
	test/suite.h
test_check_monitor_wild_CFLAGS = $(test_check_monitor_CFLAGS)
test_check_monitor_wild_LDADD = $(test_check_monitor_LDADD)
test_check_hostile_SOURCES = test/check_hostile.c test/monitor_stage.h \
	test/pki.c test/pki.h test/suite.h
test_check_hostile_CFLAGS = $(test_check_monitor_CFLAGS)
test_check_hostile_LDADD = $(test_check_monitor_LDADD)
test_check_monmsg_SOURCES = test/check_monmsg.c test/suite.h
test_check_monmsg_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
test_check_monmsg_LDADD = racoon/libbase.la $(CHECK_LIBS)
test_check_monitor_SOURCES = test/check_monitor.c test/monitor_stage.h \
	test/pki.c test/pki.h \
	test/suite.h
test_check_monitor_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS) \
	$(EVENT_CFLAGS)
test_check_monitor_LDADD = racoon/libmonitor.la racoon/libike.la \
	libipsec/libkernel.la $(CHECK_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
test_check_moncall_SOURCES = test/check_moncall.c test/pki.c test/pki.h \
	test/suite.h
test_check_moncall_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS) \
	-pthread
test_check_moncall_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_moncall_LDADD = racoon/libdaemon.la racoon/libmonitor.la \
	libipsec/libkernel.la $(CHECK_LIBS) $(EVENT_LIBS) $(CRYPTO_LIBS)
test_check_sandbox_SOURCES = test/check_sandbox.c test/daemon_tools.h
test_check_sandbox_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS) \
	-pthread
test_check_sandbox_LDFLAGS = $(AM_LDFLAGS) -pthread
test_check_sandbox_LDADD = racoon/libdaemon.la racoon/libbase.la \
	$(EVENT_LIBS) $(CHECK_LIBS)

check_PROGRAMS += test/fuzz/fuzz_monmsg
test_fuzz_fuzz_monmsg_SOURCES = test/fuzz/fuzz_monmsg.c $(FUZZ_MAIN)
test_fuzz_fuzz_monmsg_LDFLAGS = $(FUZZ_LINK)
test_fuzz_fuzz_monmsg_LDADD = racoon/libbase.la
EXTRA_DIST += test/fuzz/corpus/monmsg
if !FUZZ
TESTS += test/fuzz/fuzz_monmsg
endif
