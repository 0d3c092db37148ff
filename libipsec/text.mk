# Policies, SAs and PF_KEY messages as text.
noinst_LTLIBRARIES += libipsec/libtext.la
libipsec_libtext_la_SOURCES = \
	libipsec/text.c libipsec/text.h \
	libipsec/policy.c libipsec/policy.h \
	libipsec/print.c libipsec/print.h \
	libipsec/pfkey_print.c libipsec/pfkey_print.h
