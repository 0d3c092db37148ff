/* SPDX-License-Identifier: ISC */
/*
 * Policy text <-> struct policy_spec <-> struct ipsec_policy.  The reader is
 * recursive descent over words; a word is a run of [A-Za-z0-9:._%] or one
 * other character.
 */
#include "libipsec/policy.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>

#include "libipsec/addr.h"
#include "libipsec/text.h"

/* Priorities grow downwards: the kernel matches small numbers first. */
#define PRIO_HIGH	0x40000000u
#define PRIO_DEF	0x80000000u
#define PRIO_LOW	0xc0000000u
#define PRIO_STEP	0x40000000u

struct word {
	const char	*text;
	uint32_t	 value;
};

static const struct word dirs[] = {
	{ "in", IPSEC_DIR_IN }, { "out", IPSEC_DIR_OUT },
	{ "fwd", IPSEC_DIR_FWD }, { "in(socket)", IPSEC_DIR_SOCKET_IN },
	{ "out(socket)", IPSEC_DIR_SOCKET_OUT }, { NULL, 0 }
};
static const struct word actions[] = {
	{ "discard", POLICY_DISCARD }, { "none", POLICY_NONE },
	{ "ipsec", POLICY_IPSEC }, { "entrust", POLICY_ENTRUST },
	{ "bypass", POLICY_BYPASS }, { NULL, 0 }
};
static const struct word protos[] = {
	{ "esp", IPSEC_PROTO_ESP }, { "ah", IPSEC_PROTO_AH },
	{ "ipcomp", IPSEC_PROTO_IPCOMP }, { NULL, 0 }
};
static const struct word modes[] = {
	{ "transport", IPSEC_MODE_TRANSPORT }, { "tunnel", IPSEC_MODE_TUNNEL },
	{ "any", IPSEC_MODE_ANY }, { NULL, 0 }
};
static const struct word levels[] = {
	{ "default", POLICY_DEFAULT }, { "use", POLICY_USE },
	{ "require", POLICY_REQUIRE }, { "unique", POLICY_UNIQUE },
	{ NULL, 0 }
};
static const struct word bases[] = {
	{ "low", PRIO_LOW }, { "def", PRIO_DEF }, { "high", PRIO_HIGH },
	{ NULL, 0 }
};
static const struct word texts[] = {
	{ "Success", POLICY_OK }, { "Invalid argument", POLICY_E_SYNTAX },
	{ "Invalid address specification", POLICY_E_ENDS },
	{ "Invalid direction", POLICY_E_DIR },
	{ "Family mismatch", POLICY_E_FAMILY },
	{ "Too few arguments", POLICY_E_FEW },
	{ "Name or service not known", POLICY_E_ADDRESS },
	{ "Priority offset not in valid range [-2147483647, 2147483648]",
	    POLICY_E_PRIORITY },
	{ "Priority offset from base not in valid range [0, 1073741823] for "
	    "negative offsets and [0, 1073741824] for positive offsets",
	    POLICY_E_OFFSET },
	{ "Too many requests in a policy", POLICY_E_MANY }, { NULL, 0 }
};

struct reader {
	struct view	 all;		/* the whole text */
	size_t		 next;		/* where the next word is looked for */
	struct view	 word;		/* the current one, empty at the end */
	size_t		 at;		/* where it begins */
	struct policy_spec *spec;
};

static bool
is_word_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == ':' || c == '.' || c == '_' ||
	    c == '%';
}

static void
advance(struct reader *r)
{
	const struct view *t = &r->all;
	size_t i = r->next;

	while (i < t->n && (t->p[i] == ' ' || t->p[i] == '\t' ||
	    t->p[i] == '\n' || t->p[i] == '\r'))
		i++;
	r->at = i;
	while (i < t->n && is_word_byte(t->p[i]))
		i++;
	if (i == r->at && i < t->n)
		i++;
	r->word = view_of(t->p + r->at, i - r->at);
	r->next = i;
}

static bool
at_end(const struct reader *r)
{
	return r->word.n == 0;
}

static bool
is(const struct reader *r, const char *text)
{
	return r->word.n > 0 && view_equal(r->word, view_text(text));
}

/* Takes the word if it is TEXT. */
static bool
take(struct reader *r, const char *text)
{
	if (!is(r, text))
		return false;
	advance(r);
	return true;
}

/* Takes the word if it is in the table. */
static bool
take_word(struct reader *r, const struct word *table, uint32_t *value)
{
	for (; table->text != NULL; table++) {
		if (take(r, table->text)) {
			*value = table->value;
			return true;
		}
	}
	return false;
}

static const char *
word_of(const struct word *table, uint32_t value)
{
	for (; table->text != NULL; table++)
		if (table->value == value)
			return table->text;
	return NULL;
}

/* All digits; what does not fit into 64 bits becomes the largest number. */
static bool
digits(struct view v, uint64_t *value)
{
	uint64_t n = 0;

	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned int d = (unsigned int)v.p[i] - '0';

		if (d > 9)
			return false;
		n = n > (UINT64_MAX - d) / 10 ? UINT64_MAX : n * 10 + d;
	}
	*value = n;
	return true;
}

static bool
take_number(struct reader *r, uint64_t *value)
{
	if (!digits(r->word, value))
		return false;
	advance(r);
	return true;
}

/* base [("+" | "-") INT] */
static enum policy_err
read_base(struct reader *r, uint32_t base)
{
	bool minus = is(r, "-");
	uint64_t n;

	r->spec->priority = base;
	if (!minus && !is(r, "+"))
		return POLICY_OK;
	advance(r);
	if (!take_number(r, &n))
		return POLICY_E_SYNTAX;
	/* A positive offset means more important, so a smaller number. */
	if (n > (minus ? PRIO_STEP - 1 : PRIO_STEP))
		return POLICY_E_OFFSET;
	r->spec->priority = minus ? base + (uint32_t)n : base - (uint32_t)n;
	return POLICY_OK;
}

/* ("priority" | "prio") (["-"] INT | base ...) */
static enum policy_err
read_priority(struct reader *r)
{
	uint32_t base;
	uint64_t n;
	bool minus;

	if (take_word(r, bases, &base))
		return read_base(r, base);
	minus = take(r, "-");
	if (!take_number(r, &n))
		return POLICY_E_SYNTAX;
	if (n > (minus ? PRIO_DEF - 1 : PRIO_DEF))
		return POLICY_E_PRIORITY;
	r->spec->priority = minus ? PRIO_DEF + (uint32_t)n :
	    PRIO_DEF - (uint32_t)n;
	return POLICY_OK;
}

/* An address and, where wanted, "[PORT]". */
static enum policy_err
read_end(struct reader *r, struct ipsec_addr *addr, bool *port)
{
	char text[ADDR_TEXT] = "";
	uint64_t n;

	if (r->word.n >= sizeof(text))
		return POLICY_E_ADDRESS;
	memcpy(text, r->word.p, r->word.n);
	if (!addr_parse(addr, text))
		return POLICY_E_ADDRESS;
	advance(r);
	*port = take(r, "[");
	if (!*port)
		return POLICY_OK;
	if (!take_number(r, &n) || n > UINT16_MAX || !take(r, "]"))
		return POLICY_E_SYNTAX;
	addr->port = (uint16_t)n;
	return POLICY_OK;
}

/* addr "-" addr, both with ports or none, or "me-any", "any-me". */
static enum policy_err
read_ends(struct reader *r, struct policy_request *req)
{
	bool sport, dport;
	enum policy_err err;

	if (take(r, "me"))
		return !take(r, "-") || !take(r, "any") ? POLICY_E_SYNTAX :
		    r->spec->dir != IPSEC_DIR_OUT ? POLICY_E_DIR : POLICY_OK;
	if (take(r, "any"))
		return !take(r, "-") || !take(r, "me") ? POLICY_E_SYNTAX :
		    r->spec->dir != IPSEC_DIR_IN ? POLICY_E_DIR : POLICY_OK;
	if ((err = read_end(r, &req->src, &sport)) != POLICY_OK)
		return err;
	if (!take(r, "-"))
		return POLICY_E_SYNTAX;
	if ((err = read_end(r, &req->dst, &dport)) != POLICY_OK)
		return err;
	if (sport != dport)
		return POLICY_E_SYNTAX;
	return req->src.family == req->dst.family ? POLICY_OK :
	    POLICY_E_FAMILY;
}

/* "default", ... or "unique:INT", which is one word. */
static enum policy_err
read_level(struct reader *r, struct policy_request *req)
{
	struct view number = r->word;
	uint32_t level;
	uint64_t n;

	if (take_word(r, levels, &level)) {
		req->level = (uint8_t)level;
		return POLICY_OK;
	}
	if (!view_equal(view_take(&number, 7), view_text("unique:")) ||
	    !digits(number, &n) || n > UINT32_MAX)
		return POLICY_E_SYNTAX;
	advance(r);
	req->level = POLICY_UNIQUE;
	req->reqid = (uint32_t)n;
	return POLICY_OK;
}

/* True at a word that begins a request, or at the end. */
static bool
request_over(const struct reader *r)
{
	if (at_end(r))
		return true;
	for (const struct word *w = protos; w->text != NULL; w++)
		if (is(r, w->text))
			return true;
	return false;
}

/* What follows "proto/mode": ["/" [ends] ["/" [level]]] */
static enum policy_err
read_tail(struct reader *r, struct policy_request *req)
{
	enum policy_err err = POLICY_OK;

	if (take(r, "/")) {
		if (!is(r, "/") && !request_over(r))
			err = read_ends(r, req);
		if (err == POLICY_OK && take(r, "/") && !request_over(r))
			err = read_level(r, req);
	}
	if (err != POLICY_OK)
		return err;
	if (!request_over(r))
		return POLICY_E_SYNTAX;
	/* "me-any" names no ends either. */
	if (req->mode == IPSEC_MODE_TUNNEL && req->src.family == 0)
		return POLICY_E_ENDS;
	return POLICY_OK;
}

static enum policy_err
read_request(struct reader *r)
{
	struct policy_request *req;
	uint32_t proto, mode;

	if (!take_word(r, protos, &proto))
		return POLICY_E_SYNTAX;
	/* "any" is for printing only. */
	if (!take(r, "/") || !take_word(r, modes, &mode) ||
	    mode == IPSEC_MODE_ANY)
		return POLICY_E_FEW;
	if (r->spec->nreq == POLICY_REQUESTS)
		return POLICY_E_MANY;
	req = &r->spec->req[r->spec->nreq++];
	req->proto = (uint8_t)proto;
	req->mode = (uint8_t)mode;
	return read_tail(r, req);
}

static enum policy_err
read_all(struct reader *r)
{
	enum policy_err err = POLICY_OK;
	uint32_t dir, action;

	advance(r);
	if (!take_word(r, dirs, &dir) || dir > IPSEC_DIR_FWD)
		return POLICY_E_SYNTAX;
	r->spec->dir = (uint8_t)dir;
	/* A direction alone, for spddelete; as a policy it discards. */
	if (at_end(r))
		return POLICY_OK;
	r->spec->priority = PRIO_DEF;
	if (take(r, "prio") || take(r, "priority"))
		err = read_priority(r);
	if (err != POLICY_OK)
		return err;
	if (!take_word(r, actions, &action))
		return POLICY_E_SYNTAX;
	r->spec->action = (uint8_t)action;
	while (err == POLICY_OK && !at_end(r))
		err = read_request(r);
	return err;
}

enum policy_err
policy_read(struct view text, struct policy_spec *spec,
    struct policy_fault *fault)
{
	struct reader r = { .all = text, .spec = spec };
	enum policy_err err;

	memset(spec, 0, sizeof(*spec));
	err = read_all(&r);
	if (fault != NULL)
		*fault = (struct policy_fault){ err, r.at, r.word.n };
	if (err != POLICY_OK)
		memset(spec, 0, sizeof(*spec));
	return err;
}

const char *
policy_strerror(enum policy_err err)
{
	const char *text = word_of(texts, err);

	return text == NULL ? "Unknown error" : text;
}

/* A missing word makes the whole text bad. */
static void
put_word(struct text *t, const struct word *table, uint32_t value)
{
	const char *word = word_of(table, value);

	if (word == NULL)
		t->bad = true;
	else
		text_put(t, word);
}

/* " prio BASE [SIGN N]", from the nearest base; nothing for 0. */
static void
put_priority(struct text *t, uint32_t priority)
{
	uint32_t base = priority < PRIO_HIGH + PRIO_STEP / 2 ? PRIO_HIGH :
	    priority < PRIO_DEF + PRIO_STEP / 2 ? PRIO_DEF : PRIO_LOW;

	if (priority == 0)
		return;
	text_put(t, " prio ");
	put_word(t, bases, base);
	if (priority == base)
		return;
	text_put(t, priority < base ? " + " : " - ");
	text_number(t, priority < base ? base - priority : priority - base);
}

static void
put_end(struct text *t, const struct ipsec_addr *addr, bool ports)
{
	text_addr(t, addr);
	if (!ports)
		return;
	text_char(t, '[');
	text_number(t, addr->port);
	text_char(t, ']');
}

static void
put_request(struct text *t, const struct policy_request *req, bool ports)
{
	put_word(t, protos, req->proto);
	text_char(t, '/');
	put_word(t, modes, req->mode);
	text_char(t, '/');
	if (req->src.family != 0) {
		put_end(t, &req->src, ports);
		text_char(t, '-');
		put_end(t, &req->dst, ports);
	}
	text_char(t, '/');
	put_word(t, levels, req->level);
	if (req->reqid != 0) {
		text_char(t, req->reqid > POLICY_REQID_MANUAL ? '#' : ':');
		text_number(t, req->reqid);
	}
}

bool
policy_print(const struct policy_spec *spec, bool ports, const char *delim,
    char out[POLICY_TEXT])
{
	struct text t = text_in(out, POLICY_TEXT);

	assert(spec->nreq <= POLICY_REQUESTS);
	put_word(&t, dirs, spec->dir);
	put_priority(&t, spec->priority);
	text_char(&t, ' ');
	put_word(&t, actions, spec->action);
	for (uint16_t i = 0; i < spec->nreq; i++) {
		text_put(&t, delim);
		put_request(&t, &spec->req[i], ports);
	}
	out[t.bad ? 0 : t.n] = '\0';
	return !t.bad;
}

bool
policy_wants_reqid(const struct policy_request *req)
{
	return req->level == POLICY_UNIQUE &&
	    (req->reqid == 0 || req->reqid > POLICY_REQID_MANUAL);
}

static void
tmpl_from_request(const struct policy_request *req, struct ipsec_tmpl *t,
    uint32_t *next)
{
	t->proto = req->proto;
	t->mode = req->mode;
	t->optional = req->level == POLICY_USE;
	if (policy_wants_reqid(req))
		t->reqid = (*next)++;
	else if (req->level == POLICY_UNIQUE)
		t->reqid = req->reqid;
	/* Transport mode protects the packet's own addresses. */
	if (req->mode == IPSEC_MODE_TRANSPORT)
		return;
	t->src = req->src;
	t->dst = req->dst;
	t->src.port = t->dst.port = 0;
}

int
policy_to_kernel(const struct policy_spec *spec, struct ipsec_policy *p,
    uint32_t *next)
{
	p->dir = spec->dir;
	p->priority = spec->priority;
	p->ntmpl = 0;
	if (spec->action > POLICY_IPSEC)
		return -EINVAL;
	p->action = spec->action;
	if (spec->action != POLICY_IPSEC)
		return 0;
	if (spec->nreq > IPSEC_TMPL_MAX)
		return -ELOOP;
	for (uint16_t i = 0; i < spec->nreq; i++)
		tmpl_from_request(&spec->req[i], &p->tmpl[p->ntmpl++], next);
	return 0;
}

void
policy_from_kernel(const struct ipsec_policy *p, struct policy_spec *spec)
{
	/* Just the requests that there are: the whole is large. */
	memset(spec, 0, offsetof(struct policy_spec, req));
	spec->dir = p->dir;
	/* The kernel knows no "ipsec": it allows, with templates or without. */
	spec->action = p->action == IPSEC_ACTION_IPSEC && p->ntmpl == 0 ?
	    POLICY_NONE : p->action;
	spec->priority = p->priority;
	for (uint8_t i = 0; i < p->ntmpl && i < IPSEC_TMPL_MAX; i++) {
		const struct ipsec_tmpl *t = &p->tmpl[i];
		struct policy_request *req = &spec->req[spec->nreq++];

		*req = (struct policy_request){ .proto = t->proto,
		    .mode = t->mode };
		req->level = t->optional ? POLICY_USE :
		    t->reqid != 0 ? POLICY_UNIQUE : POLICY_REQUIRE;
		req->reqid = t->reqid;
		if (t->mode != IPSEC_MODE_TRANSPORT) {
			req->src = t->src;
			req->dst = t->dst;
		}
	}
}
