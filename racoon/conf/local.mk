noinst_LTLIBRARIES += racoon/libconf.la
racoon_libconf_la_SOURCES = \
	racoon/conf/block.c \
	racoon/conf/conf.c racoon/conf/conf.h \
	racoon/conf/dn.c racoon/conf/dn.h \
	racoon/conf/files.c \
	racoon/conf/lex.c racoon/conf/lex.h \
	racoon/conf/lint.c racoon/conf/lint.h \
	racoon/conf/match.c racoon/conf/match.h \
	racoon/conf/parse.h \
	racoon/conf/psk.c racoon/conf/psk.h \
	racoon/conf/read.c racoon/conf/read.h \
	racoon/conf/read_cert.c \
	racoon/conf/read_id.c \
	racoon/conf/read_login.c \
	racoon/conf/read_modecfg.c \
	racoon/conf/read_proposal.c \
	racoon/conf/read_remote.c \
	racoon/conf/read_sainfo.c \
	racoon/conf/read_top.c \
	racoon/conf/show.c racoon/conf/show.h racoon/conf/show_part.h \
	racoon/conf/show_login.c \
	racoon/conf/show_remote.c \
	racoon/conf/show_sainfo.c \
	racoon/conf/words.c racoon/conf/words.h
racoon_libconf_la_LIBADD = racoon/libcrypto_ike.la
EXTRA_DIST += racoon/samples/racoon.conf racoon/samples/psk.txt \
	racoon/samples/ipsec-tools.conf
dist_man_MANS += racoon/racoon.conf.5
