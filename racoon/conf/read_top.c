/* SPDX-License-Identifier: ISC */
/*
 * The directives outside of remote and sainfo: path, log, listen, timer,
 * padding, privsep and the small ones.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/parse.h"
#include "libipsec/addr.h"

#define CONF(field)	offsetof(struct conf, field)

static const struct directive path_rows[] = {
	{ "include", ARG_STRING, CONF(path_include), NULL, NULL, NULL },
	{ "pre_shared_key", ARG_STRING, CONF(path_psk), NULL, NULL, NULL },
	{ "certificate", ARG_STRING, CONF(path_cert), NULL, NULL, NULL },
	{ "script", ARG_STRING, CONF(path_script), NULL, NULL, NULL },
	{ "backupsa", ARG_STRING, CONF(path_backupsa), NULL, NULL,
	    "has no effect: SAs are not saved to a file" },
	{ "pidfile", ARG_STRING, CONF(path_pidfile), NULL, NULL, NULL },
	{ .word = NULL }
};

const struct block block_path = {
	.name = "path", .rows = path_rows, .marks = CONF(marks)
};

static bool
set_path(struct reader *r, void *object)
{
	r->block = &block_path;
	if (!parse_directive(r, object))
		return false;
	r->block = &block_top;
	return true;
}

const struct choice log_level_words[] = {
	{ "error", LOG_L_ERROR },
	{ "warning", LOG_L_WARNING },
	{ "notify", LOG_L_NOTIFY },
	{ "info", LOG_L_INFO },
	{ "debug", LOG_L_DEBUG },
	{ "debug2", LOG_L_DEBUG2 },
	{ NULL, 0 }
};

static const struct word log_words[] = {
	{ "error", T_WORD, 0 },
	{ "warning", T_WORD, 0 },
	{ "notify", T_WORD, 0 },
	{ "info", T_WORD, 0 },
	{ "debug", T_WORD, 0 },
	{ "debug2", T_WORD, 0 },
	{ .text = NULL }
};

static const struct block block_log = {
	.name = "log", .words = log_words
};

static bool
set_log(struct reader *r, void *object)
{
	struct conf *c = object;

	r->block = &block_log;
	for (const struct choice *l = log_level_words; l->word != NULL; l++) {
		if (!parse_take_word(r, l->word))
			continue;
		c->log_level = (enum log_level)l->value;
		if (!parse_end(r))
			return false;
		r->block = &block_top;
		return true;
	}
	return parse_syntax(r, "error, warning, notify, info, debug or "
	    "debug2");
}

static const struct word gss_words[] = {
	{ "latin1", T_WORD, 0 },
	{ "utf-16le", T_WORD, 0 },
	{ .text = NULL }
};

static const struct block block_gss = {
	.name = "gss_id_enc", .words = gss_words
};

static bool
set_gss_id_enc(struct reader *r, void *object)
{
	struct conf *c = object;

	if (!r->opener->gss)
		parse_warn(r, NO_GSS);
	r->block = &block_gss;
	if (!parse_expect(r, T_WORD))
		return false;
	c->gss_id_enc = strcmp(r->tok.word, "latin1") == 0 ?
	    CONF_GSS_LATIN1 : CONF_GSS_UTF16LE;
	if (!parse_end(r))
		return false;
	r->block = &block_top;
	return true;
}

static const struct word on_stop_words[] = {
	{ "keep", T_WORD, 0 },
	{ "flush", T_WORD, 0 },
	{ .text = NULL }
};

static const struct block block_on_stop = {
	.name = "on_stop", .words = on_stop_words
};

static bool
set_on_stop(struct reader *r, void *object)
{
	struct conf *c = object;

	r->block = &block_on_stop;
	if (!parse_expect(r, T_WORD))
		return false;
	c->flush_on_stop = strcmp(r->tok.word, "flush") == 0;
	if (!parse_end(r))
		return false;
	r->block = &block_top;
	return true;
}

static const struct directive padding_rows[] = {
	{ "randomize", ARG_SWITCH, CONF(padding.randomize), NULL, NULL, NULL },
	{ "randomize_length", ARG_SWITCH, CONF(padding.randomize_length),
	    NULL, NULL, NULL },
	{ "maximum_length", ARG_NUMBER, CONF(padding.maximum_length),
	    NULL, NULL, NULL },
	{ "strict_check", ARG_SWITCH, CONF(padding.strict_check),
	    NULL, NULL, NULL },
	{ "exclusive_tail", ARG_SWITCH, CONF(padding.exclusive_tail),
	    NULL, NULL, NULL },
	{ .word = NULL }
};

const struct block block_padding = {
	.name = "padding", .flags = BLOCK_BRACES, .rows = padding_rows,
	.marks = CONF(marks)
};

static bool
set_padding(struct reader *r, void *object)
{
	return parse_block(r, &block_padding, object, &block_top);
}

#define COUNTER_MAX	1000
#define PERSEND_MAX	16
#define TIMER_MAX	86400		/* a day */

/* Nothing is sent zero times, and nobody waits for years. */
static bool
clamp(struct reader *r, uint32_t *value, uint32_t max)
{
	const uint32_t given = *value;

	*value = given < 1 ? 1 : given > max ? max : given;
	if (*value != given)
		parse_warn(r, "the value must be from 1 to %u: %u is used",
		    max, *value);
	return true;
}

static bool
check_counter(struct reader *r, void *object)
{
	struct conf *c = object;

	return clamp(r, &c->timer.counter, COUNTER_MAX);
}

static bool
check_interval(struct reader *r, void *object)
{
	struct conf *c = object;

	return clamp(r, &c->timer.interval, TIMER_MAX);
}

static bool
check_persend(struct reader *r, void *object)
{
	struct conf *c = object;

	return clamp(r, &c->timer.persend, PERSEND_MAX);
}

static bool
check_phase1(struct reader *r, void *object)
{
	struct conf *c = object;

	return clamp(r, &c->timer.phase1, TIMER_MAX);
}

static bool
check_phase2(struct reader *r, void *object)
{
	struct conf *c = object;

	return clamp(r, &c->timer.phase2, TIMER_MAX);
}

static const struct directive timer_rows[] = {
	{ "counter", ARG_NUMBER, CONF(timer.counter), check_counter,
	    NULL, NULL },
	{ "interval", ARG_TIME, CONF(timer.interval), check_interval,
	    NULL, NULL },
	{ "persend", ARG_NUMBER, CONF(timer.persend), check_persend,
	    NULL, NULL },
	{ "phase1", ARG_TIME, CONF(timer.phase1), check_phase1, NULL, NULL },
	{ "phase2", ARG_TIME, CONF(timer.phase2), check_phase2, NULL, NULL },
	{ "natt_keepalive", ARG_TIME, CONF(timer.natt_keepalive),
	    NULL, NULL, NULL },
	{ .word = NULL }
};

const struct block block_timer = {
	.name = "timer", .flags = BLOCK_BRACES, .rows = timer_rows,
	.marks = CONF(marks)
};

static bool
set_timer(struct reader *r, void *object)
{
	return parse_block(r, &block_timer, object, &block_top);
}

/* One address and port has one socket, and that has one kind. */
static void
warn_of_rival(struct reader *r, const struct conf *c,
    const struct conf_listen *on)
{
	char name[ADDR_TEXT];

	for (size_t i = 0; i < c->listen.n; i++) {
		const struct conf_listen *o = &c->listen.on[i];

		if (!addr_equal_port(&o->addr, &on->addr))
			continue;
		if (o->natt != on->natt)
			parse_warn(r, "%s is listed as isakmp and as "
			    "isakmp_natt: the first one counts, write the "
			    "other with a port of its own",
			    addr_print_port(&on->addr, name));
		return;
	}
}

static bool
add_listen(struct reader *r, struct conf *c, bool natt)
{
	struct conf_listen on = { .natt = natt, .at = parse_place(r) };

	if (!parse_addr(r, &on.addr) || !parse_port(r, &on.addr.port))
		return false;
	if (on.addr.port == 0)
		on.addr.port = 500;	/* isakmp_natt too, as it always was */
	warn_of_rival(r, c, &on);
	c->listen.on = xreallocarray(c->listen.on, c->listen.n + 1,
	    sizeof(*c->listen.on));
	c->listen.on[c->listen.n++] = on;
	return parse_end(r);
}

static bool
set_isakmp(struct reader *r, void *object)
{
	return add_listen(r, object, false);
}

static bool
set_isakmp_natt(struct reader *r, void *object)
{
	return add_listen(r, object, true);
}

static bool
ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

/* The daemon replaces what it finds there, so it must look like a socket. */
static bool
socket_name_ok(const char *path)
{
	const char *p = path;

	while ((p = strstr(p, "..")) != NULL) {
		if ((p == path || p[-1] == '/') &&
		    (p[2] == '/' || p[2] == '\0'))
			return false;
		p += 2;
	}
	return ends_with(path, "/racoon.sock") ||
	    strcmp(path, "racoon.sock") == 0 ||
	    ends_with(path, ".sock") || ends_with(path, ".socket");
}

/* 0660: the number's decimal digits are meant as octal ones. */
static bool
set_admin_mode(struct reader *r, struct conf *c)
{
	uint64_t n;
	mode_t mode = 0;

	if (!parse_expect(r, T_NUMBER))
		return false;
	n = r->tok.value;
	if (n > 777 || n % 10 > 7 || n / 10 % 10 > 7)
		return parse_count(r, "is no file mode");
	mode = (mode_t)((n / 100) << 6 | (n / 10 % 10) << 3 | n % 10);
	c->listen.admin_mode = (mode | (mode & 0111) << 1) & 0666;
	return true;
}

static bool
find_account(const struct reader *r, bool group, const char *name,
    uint32_t *id)
{
	return r->opener->account != NULL &&
	    r->opener->account(r->opener->ctx, group, name, id);
}

/* "NAME" or "NUMBER"; root for a name that is unknown. */
static bool
take_owner(struct reader *r, bool group, uint32_t *id)
{
	char *name = NULL, *end;
	unsigned long n;

	if (!parse_string(r, &name))
		return false;
	if (!find_account(r, group, name, id)) {
		n = strtoul(name, &end, 10);
		*id = (uint32_t)n;
		if (end == name || *end != '\0') {
			parse_warn(r, "is unknown on this host, root is used");
			*id = 0;
		}
	}
	free(name);
	return true;
}

static bool
set_adminsock(struct reader *r, void *object)
{
	struct conf *c = object;

	if (parse_take_word(r, "disabled")) {
		c->listen.admin_disabled = true;
		return parse_end(r);
	}
	if (!parse_string(r, &c->listen.admin_path))
		return false;
	c->listen.admin_disabled = false;
	if (!socket_name_ok(c->listen.admin_path) && !parse_count(r,
	    "is not allowed as admin socket: the name must end in .sock or "
	    ".socket and must not contain \"..\""))
		return false;
	if (parse_peek(r) == T_STRING &&
	    (!take_owner(r, false, &c->listen.admin_uid) ||
	    !take_owner(r, true, &c->listen.admin_gid) ||
	    !set_admin_mode(r, c)))
		return false;
	return parse_end(r);
}

static bool
refuse_admin(struct reader *r, void *object)
{
	(void)object;
	return parse_error(r, "syntax error: the admin port over TCP is long "
	    "gone, use adminsock");
}

static bool
set_metrics(struct reader *r, void *object)
{
	struct conf *c = object;
	struct ipsec_addr at;

	if (!parse_addr(r, &at) || !parse_port(r, &at.port))
		return false;
	if (at.port == 0)
		at.port = CONF_METRICS_PORT;
	c->listen.metrics = at;
	return parse_end(r);
}

static const struct directive listen_rows[] = {
	{ "isakmp", ARG_OWN, 0, set_isakmp, NULL, NULL },
	{ "isakmp_natt", ARG_OWN, 0, set_isakmp_natt, NULL, NULL },
	{ "strict_address", ARG_NONE, CONF(listen.strict_address),
	    NULL, NULL, NULL },
	{ "adminsock", ARG_OWN, 0, set_adminsock, NULL, NULL },
	{ "admin", ARG_OWN, 0, refuse_admin, NULL, NULL },
	{ "metrics", ARG_OWN, 0, set_metrics, NULL, NULL },
	{ .word = NULL }
};

static const struct word listen_words[] = {
	{ "disabled", T_WORD, 0 },
	{ .text = NULL }
};

const struct block block_listen = {
	.name = "listen", .flags = BLOCK_BRACES,
	.rows = listen_rows, .words = listen_words, .marks = CONF(marks)
};

static bool
set_listen(struct reader *r, void *object)
{
	return parse_block(r, &block_listen, object, &block_top);
}

/* NUMBER or "NAME" of a user, or GROUP. */
static bool
take_account(struct reader *r, bool group, uint32_t *id)
{
	char *name = NULL;
	bool known;

	if (parse_take(r, T_NUMBER)) {
		*id = (uint32_t)r->tok.value;
		return parse_end(r);
	}
	if (!parse_string(r, &name))
		return false;
	known = find_account(r, group, name, id);
	free(name);
	if (known)
		return parse_end(r);
	return parse_error(r, group ?
	    "unknown group: create it with groupadd --system, or name another" :
	    "unknown user: create it with useradd --system, or name another");
}

static bool
set_user(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_account(r, false, &c->uid);
}

static bool
set_group(struct reader *r, void *object)
{
	struct conf *c = object;

	return take_account(r, true, &c->gid);
}

static const struct directive privsep_rows[] = {
	{ "user", ARG_OWN, 0, set_user, NULL, NULL },
	{ "group", ARG_OWN, 0, set_group, NULL, NULL },
	{ "chroot", ARG_STRING, CONF(chroot), NULL, NULL, NULL },
	{ .word = NULL }
};

const struct block block_privsep = {
	.name = "privsep", .flags = BLOCK_BRACES, .rows = privsep_rows,
	.marks = CONF(marks)
};

static bool
set_privsep(struct reader *r, void *object)
{
	return parse_block(r, &block_privsep, object, &block_top);
}

static bool
check_complex_bundle(struct reader *r, void *object)
{
	struct conf *conf = object;

	if (!conf->complex_bundle)
		parse_warn(r, "has no effect: every protocol is proposed in "
		    "the mode that its policy names");
	return true;
}

#define NO_LDAP	"has no effect yet: LDAP servers are not asked for logins"

static const struct directive top_rows[] = {
	{ "path", ARG_OWN, 0, set_path, NULL, NULL },
	{ "include", ARG_OWN, 0, parse_include, NULL, NULL },
	{ "log", ARG_OWN, 0, set_log, NULL, NULL },
	{ "padding", ARG_OWN, 0, set_padding, NULL, NULL },
	{ "timer", ARG_OWN, 0, set_timer, NULL, NULL },
	{ "listen", ARG_OWN, 0, set_listen, NULL, NULL },
	{ "privsep", ARG_OWN, 0, set_privsep, NULL, NULL },
	{ "remote", ARG_OWN, 0, parse_remote, NULL, NULL },
	{ "sainfo", ARG_OWN, 0, parse_sainfo, NULL, NULL },
	{ "mode_cfg", ARG_OWN, 0, parse_modecfg, NULL, NULL },
	{ "ldapcfg", ARG_OWN, 0, parse_ldapcfg, NULL, NO_LDAP },
	{ "ldap_cfg", ARG_OWN, 0, parse_ldapcfg, NULL, NO_LDAP },
	{ "radiuscfg", ARG_OWN, 0, parse_radiuscfg, NULL,
	    "has no effect yet: RADIUS servers are not asked for logins" },
	{ "pfkey_buffer", ARG_NUMBER, CONF(pfkey_buffer), NULL, NULL,
	    "has no effect: the sockets' buffers are as large as they can be" },
	{ "complex_bundle", ARG_SWITCH, CONF(complex_bundle),
	    check_complex_bundle, NULL, NULL },
	{ "gss_id_enc", ARG_OWN, 0, set_gss_id_enc, NULL, NULL },
	{ "repair_unknown_spi", ARG_SWITCH, CONF(repair_unknown_spi),
	    NULL, NULL, NULL },
	{ "on_stop", ARG_OWN, 0, set_on_stop, NULL, NULL },
	{ .word = NULL }
};

const struct block block_top = {
	.name = "top level", .rows = top_rows, .marks = CONF(marks)
};

const struct block *
parse_block_nth(unsigned int n)
{
	static const struct block *const blocks[] = {
		&block_top, &block_path, &block_log, &block_padding,
		&block_timer, &block_listen, &block_privsep, &block_remote,
		&block_proposal, &block_sainfo, &block_modecfg,
		&block_ldapcfg, &block_radiuscfg
	};

	return n < sizeof(blocks) / sizeof(blocks[0]) ? blocks[n] : NULL;
}
