# What racoon(8) does as root: no ISAKMP.  All but main.c is a library, for
# the tests and for the worker's.
noinst_LTLIBRARIES += racoon/libmonitor.la
racoon_libmonitor_la_SOURCES = \
	racoon/monitor/admin_sock.c racoon/monitor/admin_sock.h \
	racoon/monitor/asroot.h \
	racoon/monitor/asroot_file.c racoon/monitor/asroot_hook.c \
	racoon/monitor/asroot_kernel.c racoon/monitor/asroot_net.c \
	racoon/monitor/asroot_sign.c \
	racoon/monitor/background.c racoon/monitor/background.h \
	racoon/monitor/confbox.c racoon/monitor/confbox.h \
	racoon/monitor/handover.c racoon/monitor/handover.h \
	racoon/monitor/here.c racoon/monitor/here.h \
	racoon/monitor/hook.c racoon/monitor/hook.h \
	racoon/monitor/keyfile.c racoon/monitor/keyfile.h \
	racoon/monitor/manager.c racoon/monitor/manager.h \
	racoon/monitor/permit.c racoon/monitor/permit.h \
	racoon/monitor/pidfile.c racoon/monitor/pidfile.h \
	racoon/monitor/sink.c racoon/monitor/sink.h \
	racoon/monitor/sock.c racoon/monitor/sock.h \
	racoon/monitor/spawn.c racoon/monitor/spawn.h \
	racoon/monitor/table.c racoon/monitor/table.h \
	racoon/monitor/worker.c racoon/monitor/worker.h
racoon_libmonitor_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
racoon_libmonitor_la_LIBADD = racoon/libconf.la $(EVENT_LIBS)

sbin_PROGRAMS += racoon/racoon
racoon_racoon_SOURCES = racoon/monitor/main.c
racoon_racoon_LDADD = racoon/libmonitor.la libipsec/libkernel.la $(EVENT_LIBS)

dist_man_MANS += racoon/racoon.8
