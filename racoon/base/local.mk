noinst_LTLIBRARIES += racoon/libbase.la
racoon_libbase_la_SOURCES = \
	racoon/base/err.c racoon/base/err.h \
	racoon/base/log.c racoon/base/log.h \
	racoon/base/mem.c racoon/base/mem.h \
	racoon/base/monmsg.c racoon/base/monmsg.h \
	racoon/base/timer.c racoon/base/timer.h
racoon_libbase_la_LIBADD = libipsec/libbottom.la
