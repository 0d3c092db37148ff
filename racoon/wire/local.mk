noinst_LTLIBRARIES += racoon/libwire.la
racoon_libwire_la_SOURCES = \
	racoon/wire/admin.c racoon/wire/admin.h racoon/wire/admin_event.c \
	racoon/wire/attr.c racoon/wire/attr.h \
	racoon/wire/dn.c racoon/wire/dn.h \
	racoon/wire/dns.c racoon/wire/dns.h \
	racoon/wire/frag.c racoon/wire/frag.h \
	racoon/wire/id.c \
	racoon/wire/isakmp.h \
	racoon/wire/msg.c racoon/wire/msg.h \
	racoon/wire/names.c racoon/wire/names.h \
	racoon/wire/native.h \
	racoon/wire/payload.c racoon/wire/payload.h \
	racoon/wire/sa.c racoon/wire/sa_print.c racoon/wire/sa.h \
	racoon/wire/spilist.c racoon/wire/spilist.h \
	racoon/wire/text.c racoon/wire/text.h \
	racoon/wire/vid.c racoon/wire/vid.h
racoon_libwire_la_LIBADD = racoon/libbase.la
