# Policies and SAs as text.
noinst_LTLIBRARIES += libipsec/libtext.la
libipsec_libtext_la_SOURCES = \
	libipsec/policy.c libipsec/policy.h \
	libipsec/print.c libipsec/print.h
