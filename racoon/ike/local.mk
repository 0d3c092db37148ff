noinst_LTLIBRARIES += racoon/libike.la
racoon_libike_la_SOURCES = \
	racoon/ike/adopt.c racoon/ike/adopt.h \
	racoon/ike/aggressive.c \
	racoon/ike/auth.c racoon/ike/auth.h \
	racoon/ike/backoff.c racoon/ike/backoff.h \
	racoon/ike/base.c \
	racoon/ike/child.c racoon/ike/child.h \
	racoon/ike/child_found.c racoon/ike/child_kernel.c \
	racoon/ike/child_look.c racoon/ike/child_whose.c \
	racoon/ike/counters.c racoon/ike/counters.h \
	racoon/ike/dh_job.c racoon/ike/dh_job.h \
	racoon/ike/dpd.c racoon/ike/dpd.h \
	racoon/ike/engine.c racoon/ike/engine.h \
	racoon/ike/exchange.c racoon/ike/exchange.h \
	racoon/ike/frag.c racoon/ike/frag.h \
	racoon/ike/frag_send.c \
	racoon/ike/gss.h \
	racoon/ike/genpol.c racoon/ike/genpol.h \
	racoon/ike/handover.c racoon/ike/handover.h \
	racoon/ike/ident.c racoon/ike/ident.h \
	racoon/ike/ike.c racoon/ike/ike.h \
	racoon/ike/info.c racoon/ike/info.h \
	racoon/ike/info_in.c \
	racoon/ike/input.c racoon/ike/input.h \
	racoon/ike/job.c racoon/ike/job.h \
	racoon/ike/keys.c racoon/ike/keys.h \
	racoon/ike/limit.c racoon/ike/limit.h \
	racoon/ike/load.c racoon/ike/load.h \
	racoon/ike/live.c racoon/ike/live.h \
	racoon/ike/main.c \
	racoon/ike/command.c \
	racoon/ike/msgid.c racoon/ike/msgid.h \
	racoon/ike/natt.c racoon/ike/natt.h \
	racoon/ike/p1_auth.c racoon/ike/p1_cert.c racoon/ike/p1_part.h \
	racoon/ike/p1_gss.c racoon/ike/p1_gss.h \
	racoon/ike/p1_payload.c racoon/ike/p1_request.c racoon/ike/p1_sa.c \
	racoon/ike/p1_work.c racoon/ike/problem.c racoon/ike/problem.h \
	racoon/ike/phase1.c racoon/ike/phase1.h \
	racoon/ike/propose.c racoon/ike/propose.h \
	racoon/ike/propose_can.c racoon/ike/propose_can.h \
	racoon/ike/propose_near.c \
	racoon/ike/propose_table.c \
	racoon/ike/quick.c racoon/ike/quick.h \
	racoon/ike/quick_keys.c \
	racoon/ike/quick_payload.c racoon/ike/quick_state.h \
	racoon/ike/report.c racoon/ike/report.h racoon/ike/establish.c \
	racoon/ike/why.c \
	racoon/ike/reconcile.c racoon/ike/reconcile.h \
	racoon/ike/sa.c racoon/ike/sa.h \
	racoon/ike/sa_life.c \
	racoon/ike/say.c racoon/ike/say.h \
	racoon/ike/sealed.c racoon/ike/sealed.h \
	racoon/ike/spilist.c racoon/ike/spilist.h \
	racoon/ike/stray.c racoon/ike/stray.h \
	racoon/ike/survey.c racoon/ike/survey.h \
	racoon/ike/want.c racoon/ike/want.h \
	racoon/ike/want_run.c
racoon_libike_la_LIBADD = racoon/libconf.la libipsec/libkernel.la
