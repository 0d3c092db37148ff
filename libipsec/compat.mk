# The installed library: the native interface and the historical one.  The
# programs of this tree link the parts instead, so that no other library of
# the same name (strongSwan has one) can come between.
noinst_LTLIBRARIES += libipsec/libcompat.la
libipsec_libcompat_la_SOURCES = \
	libipsec/compat.h \
	libipsec/compat_align.c libipsec/compat_alg.c \
	libipsec/compat_error.c libipsec/compat_msg.c \
	libipsec/compat_policy.c libipsec/compat_sa.c \
	libipsec/compat_sa_old.c libipsec/compat_show.c \
	libipsec/compat_socket.c libipsec/compat_spd.c \
	libipsec/compat_state.c

lib_LTLIBRARIES += libipsec/libipsec.la
libipsec_libipsec_la_SOURCES =
libipsec_libipsec_la_LIBADD = libipsec/libcompat.la libipsec/libtext.la \
	libipsec/libkernel.la
# Not AM_LDFLAGS: -pie is for programs.
libipsec_libipsec_la_LDFLAGS = -version-info 0:1:0 \
	-export-symbols $(srcdir)/libipsec/libipsec.sym \
	$(HARDEN_LIB_LDFLAGS) $(SANITIZE)
EXTRA_libipsec_libipsec_la_DEPENDENCIES = libipsec/libipsec.sym
EXTRA_DIST += libipsec/libipsec.sym

libipsecincludedir = $(includedir)/libipsec
libipsecinclude_HEADERS = libipsec/ipsec.h libipsec/libpfkey.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = libipsec/libipsec.pc

dist_man_MANS += libipsec/ipsec.h.3 libipsec/ipsec_set_policy.3 \
	libipsec/ipsec_strerror.3
EXTRA_DIST += libipsec/examples/watch.c
