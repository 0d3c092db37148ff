/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: the text of a setkey script.  Names are never looked up.
 * Whatever is taken is also expanded to what the kernel gets.
 */
#include <netdb.h>
#include <stdlib.h>

#include "setkey/expand.h"
#include "setkey/lex.h"
#include "setkey/parse.h"
#include "test/fuzz/fuzz.h"

#define INPUT_MAX	(64u << 10)

static int
no_host(void *ctx, const char *name, int family, struct ipsec_addr *out,
    unsigned int *n)
{
	(void)ctx;
	(void)family;
	/* A name of two addresses, so that pairs are made too. */
	*n = 0;
	if (name[0] != 'h')
		return EAI_NONAME;
	out[(*n)++] = (struct ipsec_addr){ .family = AF_INET };
	out[(*n)++] = (struct ipsec_addr){ .family = AF_INET6 };
	return 0;
}

static int
no_number(void *ctx, const char *name)
{
	(void)ctx;
	return name[0] == 'i' ? 1 : -1;
}

static void
count_diag(void *ctx, const struct diag *d)
{
	if (d->line == 0 || d->text[0] == '\0' ||
	    memchr(d->token, '\0', sizeof(d->token)) == NULL)
		abort();
	++*(unsigned int *)ctx;
}

static void
expand_all(const struct script *s)
{
	struct ipsec_command cmd;
	uint32_t reqid = 16384, before;
	const char *why;

	for (const struct command *c = s->first; c != NULL; c = c->next) {
		before = reqid;
		for (unsigned int part = 0; expand_check(c, &why) == 0 &&
		    expand_batchable(c) && part < expand_parts(c, true);
		    part++) {
			expand_command(c, part, &reqid, &cmd);
			if (cmd.policy.ntmpl > IPSEC_TMPL_MAX)
				abort();
		}
		if (reqid - before > expand_reqids(c, true))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct resolver names = { no_host, no_number, no_number,
	    no_number };
	unsigned int diags = 0;
	struct parse_env env = { &names, count_diag, &diags };
	struct view text = view_of(data, n);
	struct lex_scan whole = { .quote = false }, halves = whole;
	struct script s;

	if (n > INPUT_MAX)
		return 0;
	script_init(&s);
	if (script_parse(&s, text, 1, &env))
		expand_all(&s);
	else if (diags == 0)
		abort();
	/* Growth is bounded by the input. */
	if (s.bytes > (128u << 10) + n * 64)
		abort();
	script_fini(&s);
	if (lex_command(&whole, text) > n)
		abort();
	if (lex_command(&halves, view_of(data, n / 2)) == 0 && n > 1 &&
	    lex_command(&halves, view_of(data + n / 2, n - n / 2)) == 0 &&
	    (halves.quote != whole.quote || halves.comment != whole.comment))
		abort();
	return 0;
}
