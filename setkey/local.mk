# setkey: everything but main() is a library, for the tests.
noinst_LTLIBRARIES += setkey/libsetkey.la
setkey_libsetkey_la_SOURCES = \
	setkey/diff.c setkey/diff.h \
	setkey/expand.c setkey/expand.h \
	setkey/hash.c setkey/hash.h \
	setkey/hint.c setkey/hint.h \
	setkey/lex.c setkey/lex.h \
	setkey/monitor.c setkey/monitor.h \
	setkey/names.c setkey/names.h \
	setkey/pack.c setkey/pack.h \
	setkey/parse.c setkey/parse.h setkey/grammar.h \
	setkey/parse_alg.c setkey/parse_extra.c \
	setkey/parse_policy.c setkey/parse_sa.c \
	setkey/plan.c setkey/plan.h \
	setkey/reload.c setkey/reload.h \
	setkey/replay.c setkey/replay.h \
	setkey/report.c setkey/report.h \
	setkey/resolve.c setkey/resolve.h \
	setkey/run.c setkey/run.h \
	setkey/script.c setkey/script.h \
	setkey/show.c setkey/show.h \
	setkey/spd.c setkey/spd.h \
	setkey/trace.c setkey/trace.h \
	setkey/unchanged.c setkey/unchanged.h
setkey_libsetkey_la_LIBADD = libipsec/libtext.la libipsec/libkernel.la

sbin_PROGRAMS += setkey/setkey
setkey_setkey_SOURCES = setkey/setkey.c setkey/session.c setkey/session.h \
	setkey/source.c setkey/source.h setkey/line.h
if HAVE_READLINE
setkey_setkey_SOURCES += setkey/line_readline.c
else
setkey_setkey_SOURCES += setkey/line_plain.c
endif
EXTRA_DIST += setkey/line_readline.c setkey/line_plain.c
setkey_setkey_LDADD = setkey/libsetkey.la $(READLINE_LIBS)
dist_man_MANS += setkey/setkey.8
