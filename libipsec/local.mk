# The project's bottom (view, buf, addr) and the kernel's IPsec (ipsec.h).
noinst_LTLIBRARIES += libipsec/libbottom.la libipsec/libkernel.la
libipsec_libbottom_la_SOURCES = \
	libipsec/view.h \
	libipsec/buf.c libipsec/buf.h \
	libipsec/addr.c libipsec/addr.h
libipsec_libkernel_la_SOURCES = \
	libipsec/ipsec.c libipsec/ipsec.h libipsec/ops.h \
	libipsec/alg.c libipsec/check.c libipsec/check.h \
	libipsec/xfrm.c libipsec/xfrm_msg.h \
	libipsec/xfrm_get.c libipsec/xfrm_put.c libipsec/xfrm_nl.c \
	libipsec/xfrm_talk.c libipsec/xfrm_talk.h \
	libipsec/pfkey.c libipsec/pfkey.h libipsec/pfkey_msg.h \
	libipsec/pfkey_get.c libipsec/pfkey_put.c \
	libipsec/pfkey_check.c libipsec/pfkey_event.c \
	libipsec/pfkey_dump.c \
	libipsec/wireshark.c libipsec/wireshark.h
libipsec_libkernel_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
libipsec_libkernel_la_LIBADD = libipsec/libbottom.la $(MNL_LIBS)
include libipsec/text.mk
include libipsec/compat.mk
