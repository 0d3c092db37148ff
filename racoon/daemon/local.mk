# racoon(8).  All but main.c is a library, for the tests.
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
	racoon/daemon/admin_sock.c racoon/daemon/admin_sock.h \
	racoon/daemon/background.c racoon/daemon/background.h \
	racoon/daemon/credfile.c racoon/daemon/credfile.h \
	racoon/daemon/dnsask.c racoon/daemon/dnsask.h \
	racoon/daemon/dnscert.c racoon/daemon/dnscert.h \
	racoon/daemon/gss.h \
	racoon/daemon/handover.c racoon/daemon/handover.h \
	racoon/daemon/hook.c racoon/daemon/hook.h racoon/daemon/hook_env.c \
	racoon/daemon/host.c racoon/daemon/host.h \
	racoon/daemon/ifaces.c racoon/daemon/ifaces.h \
	racoon/daemon/http_msg.c racoon/daemon/http_msg.h \
	racoon/daemon/manager.c racoon/daemon/manager.h \
	racoon/daemon/metrics.c racoon/daemon/metrics.h \
	racoon/daemon/metrics_text.c racoon/daemon/metrics_text.h \
	racoon/daemon/net.c racoon/daemon/net.h \
	racoon/daemon/observe.c racoon/daemon/observe.h \
	racoon/daemon/pidfile.c racoon/daemon/pidfile.h \
	racoon/daemon/pool.c racoon/daemon/pool.h \
	racoon/daemon/procnet.c racoon/daemon/procnet.h \
	racoon/daemon/pskfile.c racoon/daemon/pskfile.h \
	racoon/daemon/serve.c racoon/daemon/serve.h \
	racoon/daemon/sink.c racoon/daemon/sink.h \
	racoon/daemon/sock.c racoon/daemon/sock.h \
	racoon/daemon/stray.c racoon/daemon/stray.h \
	racoon/daemon/straypkt.c racoon/daemon/straypkt.h \
	racoon/daemon/traffic.c racoon/daemon/traffic.h \
	racoon/daemon/unsent.c racoon/daemon/unsent.h \
	racoon/daemon/xfrmstat.c racoon/daemon/xfrmstat.h
racoon_libdaemon_la_CFLAGS = $(AM_CFLAGS) -pthread $(EVENT_CFLAGS)
racoon_libdaemon_la_LIBADD = -lresolv
if HAVE_GSSAPI
racoon_libdaemon_la_SOURCES += racoon/daemon/gss_krb5.c
racoon_libdaemon_la_CFLAGS += $(GSSAPI_CFLAGS)
racoon_libdaemon_la_LIBADD += $(GSSAPI_LIBS)
else
racoon_libdaemon_la_SOURCES += racoon/daemon/gss_none.c
endif

sbin_PROGRAMS += racoon/racoon
racoon_racoon_SOURCES = racoon/daemon/main.c
racoon_racoon_LDFLAGS = $(AM_LDFLAGS) -pthread
racoon_racoon_LDADD = racoon/libdaemon.la racoon/libike.la $(EVENT_LIBS)

dist_man_MANS += racoon/racoon.8
