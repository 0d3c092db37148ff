# racoonctl(8): talks to racoon, of whose layers it has the lowest two.
sbin_PROGRAMS += racoon/racoonctl/racoonctl
racoon_racoonctl_racoonctl_SOURCES = racoon/racoonctl/racoonctl.c \
	racoon/racoonctl/request.c racoon/racoonctl/request.h \
	racoon/racoonctl/request_vpn.c \
	racoon/racoonctl/show.c racoon/racoonctl/show.h \
	racoon/racoonctl/show_event.c \
	racoon/racoonctl/table.c racoon/racoonctl/table.h \
	racoon/racoonctl/talk.c racoon/racoonctl/talk.h \
	racoon/racoonctl/top.c racoon/racoonctl/top.h
racoon_racoonctl_racoonctl_LDADD = racoon/libwire.la libipsec/libtext.la \
	libipsec/libkernel.la
dist_man_MANS += racoon/racoonctl/racoonctl.8
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = racoon/racoonctl/completion/racoonctl
