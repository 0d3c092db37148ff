# racoon-worker.  All but worker.c is a library, for the tests.
noinst_LTLIBRARIES += racoon/libdaemon.la
racoon_libdaemon_la_SOURCES = \
	racoon/daemon/admin.c racoon/daemon/admin.h racoon/daemon/admin_call.h \
	racoon/daemon/admin_do.c \
	racoon/daemon/admin_keys.c racoon/daemon/admin_kernel.c \
	racoon/daemon/admin_kernel.h racoon/daemon/admin_peers.c \
	racoon/daemon/admin_status.c racoon/daemon/admin_why.c \
	racoon/daemon/admin_words.c racoon/daemon/admin_words.h \
	racoon/daemon/json.c racoon/daemon/json.h \
	racoon/daemon/admin_watch.c racoon/daemon/admin_watch.h \
	racoon/daemon/admin_sad.c racoon/daemon/admin_sad.h \
	racoon/daemon/credfile.c racoon/daemon/credfile.h \
	racoon/daemon/dnsask.c racoon/daemon/dnsask.h \
	racoon/daemon/dnscert.c racoon/daemon/dnscert.h \
	racoon/daemon/gss.h \
	racoon/daemon/hook_env.c racoon/daemon/hook_env.h \
	racoon/daemon/host.c racoon/daemon/host.h \
	racoon/daemon/ifaces.c racoon/daemon/ifaces.h \
	racoon/daemon/http_msg.c racoon/daemon/http_msg.h \
	racoon/daemon/metrics.c racoon/daemon/metrics.h \
	racoon/daemon/metrics_text.c racoon/daemon/metrics_text.h \
	racoon/daemon/moncall.c racoon/daemon/moncall.h \
	racoon/daemon/monlink.c racoon/daemon/monlink.h \
	racoon/daemon/net.c racoon/daemon/net.h \
	racoon/daemon/observe.c racoon/daemon/observe.h \
	racoon/daemon/pool.c racoon/daemon/pool.h \
	racoon/daemon/procnet.c racoon/daemon/procnet.h \
	racoon/daemon/pskfile.c racoon/daemon/pskfile.h \
	racoon/daemon/sandbox.c racoon/daemon/sandbox.h \
	racoon/daemon/serve.c racoon/daemon/serve.h \
	racoon/daemon/stray.c racoon/daemon/stray.h \
	racoon/daemon/straypkt.c racoon/daemon/straypkt.h \
	racoon/daemon/traffic.c racoon/daemon/traffic.h \
	racoon/daemon/unsent.c racoon/daemon/unsent.h \
	racoon/daemon/xfrmstat.c racoon/daemon/xfrmstat.h
racoon_libdaemon_la_CFLAGS = $(AM_CFLAGS) -pthread $(EVENT_CFLAGS)
racoon_libdaemon_la_LIBADD = racoon/libmonitor.la -lresolv
if HAVE_GSSAPI
racoon_libdaemon_la_SOURCES += racoon/daemon/gss_krb5.c
racoon_libdaemon_la_CFLAGS += $(GSSAPI_CFLAGS)
racoon_libdaemon_la_LIBADD += $(GSSAPI_LIBS)
else
racoon_libdaemon_la_SOURCES += racoon/daemon/gss_none.c
endif

if HAVE_SECCOMP
racoon_libdaemon_la_SOURCES += racoon/daemon/sandbox_seccomp.c
racoon_libdaemon_la_CFLAGS += $(SECCOMP_CFLAGS)
racoon_libdaemon_la_LIBADD += $(SECCOMP_LIBS)
else
racoon_libdaemon_la_SOURCES += racoon/daemon/sandbox_none.c
endif

libexec_PROGRAMS += racoon/racoon-worker
racoon_racoon_worker_SOURCES = racoon/daemon/worker.c
racoon_racoon_worker_LDFLAGS = $(AM_LDFLAGS) -pthread
racoon_racoon_worker_LDADD = racoon/libdaemon.la racoon/libike.la $(EVENT_LIBS)
