/* SPDX-License-Identifier: ISC */
/* The snapshot as text: the servers that know logins, with their secrets. */
#include "conf/show_part.h"

static void
show_host(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	show_start(s, "host ");
	show_text(s, c->ldap.host);
	show_end(s, at);
}

static void
show_bind_pw(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	if (c->ldap.bind_pw == NULL)
		return;
	show_start(s, "bind_pw ");
	show_text(s, c->ldap.bind_pw);
	show_end(s, at);
}

const struct show_row show_ldapcfg_rows[] = {
	{ "host", show_host },
	{ "bind_pw", show_bind_pw },
	{ .word = NULL }
};

static void
show_servers(struct show *s, const char *word,
    const struct conf_radius_server *list, unsigned int n)
{
	for (; n > 0; n--, list++) {
		show_start(s, "%s ", word);
		show_text(s, list->host);
		if (list->port != 0)
			show_more(s, " %u", list->port);
		show_more(s, " ");
		show_text(s, list->secret);
		show_end(s, list->at);
	}
}

static void
show_auth(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	(void)at;
	show_servers(s, "auth", c->radius.auth, c->radius.nauth);
}

static void
show_acct(struct show *s, const void *object, struct conf_place at)
{
	const struct conf *c = object;

	(void)at;
	show_servers(s, "acct", c->radius.acct, c->radius.nacct);
}

const struct show_row show_radiuscfg_rows[] = {
	{ "auth", show_auth },
	{ "acct", show_acct },
	{ .word = NULL }
};
