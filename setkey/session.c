/* SPDX-License-Identifier: ISC */
/*
 * The loop of setkey -c.  Errors end a command, not the session; only bytes
 * that the language does not have end it.
 */
#include "setkey/session.h"

#include <stdlib.h>
#include <string.h>

#include "libipsec/buf.h"
#include "setkey/lex.h"
#include "setkey/line.h"
#include "setkey/parse.h"
#include "setkey/resolve.h"

enum outcome { GO_ON, FAILED, STOP, STOP_FAILED };

/* One command, with its semicolon. */
static enum outcome
command(struct ipsec *h, struct view text, const struct run_options *opt)
{
	struct parse_env env = { &resolve_system, report_diag, opt->report };
	enum outcome outcome = GO_ON;
	struct script s;

	script_init(&s);
	if (!script_parse(&s, text, 1, &env))
		outcome = opt->report->lexical ? STOP_FAILED : FAILED;
	else if (s.first != NULL && s.first->verb == VERB_EXIT)
		outcome = STOP;
	else if ((h == NULL ? run_check(&s, opt) : run_script(h, &s, opt)) != 0)
		outcome = FAILED;
	script_fini(&s);
	fflush(opt->show.out);
	return outcome;
}

/* Drops the first N bytes. */
static void
consume(struct buf *b, size_t n)
{
	memmove(b->p, b->p + n, b->n - n);
	buf_cut(b, b->n - n);
}

bool
session_run(struct ipsec *h, FILE *in, const struct run_options *opt)
{
	enum outcome outcome = GO_ON;
	bool ok = true;
	char *line = NULL;
	size_t size = 0, n;
	ssize_t got;
	struct buf text;

	buf_init(&text, SESSION_COMMAND);
	while (outcome < STOP && (got = line_read(in, &line, &size)) >= 0) {
		buf_put(&text, line, (size_t)got);
		if (!buf_ok(&text)) {
			report_note(opt->report, 0, "command too long");
			ok = false;
			break;
		}
		while (outcome < STOP &&
		    (n = lex_command(buf_view(&text))) > 0) {
			outcome = command(h, view_of(text.p, n), opt);
			ok = ok && (outcome == GO_ON || outcome == STOP);
			consume(&text, n);
		}
		/* Blanks and comments need not wait for a command. */
		if (text.n > 0 && lex_blank(buf_view(&text)))
			buf_cut(&text, 0);
	}
	if (line != NULL)
		explicit_bzero(line, size);
	free(line);
	buf_fini(&text);
	return ok;
}
