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

struct session {
	struct ipsec	*h;
	const struct run_options *opt;
	struct buf	 text;		/* of the command at hand */
	struct lex_scan	 scan;		/* at its end */
	bool		 ok;
};

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

/* Executes every command that ends in the piece, and keeps the rest. */
static enum outcome
feed(struct session *s, struct view piece)
{
	enum outcome outcome = GO_ON;
	size_t n;

	while (piece.n > 0 && outcome < STOP) {
		n = lex_command(&s->scan, piece);
		buf_add(&s->text, view_take(&piece, n > 0 ? n : piece.n));
		if (!buf_ok(&s->text)) {
			report_note(s->opt->report, 0, "command too long");
			return STOP_FAILED;
		}
		if (n == 0)
			break;
		outcome = command(s->h, buf_view(&s->text), s->opt);
		s->ok = s->ok && (outcome == GO_ON || outcome == STOP);
		buf_reset(&s->text);
	}
	/* Blanks and comments need not wait for a command. */
	if (!s->scan.comment && lex_blank(buf_view(&s->text)))
		buf_reset(&s->text);
	return outcome;
}

bool
session_run(struct ipsec *h, FILE *in, const struct run_options *opt)
{
	struct session s = { .h = h, .opt = opt, .ok = true };
	enum outcome outcome = GO_ON;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	buf_init(&s.text, SESSION_COMMAND);
	while (outcome < STOP && (n = line_read(in, &line, &size)) > 0)
		outcome = feed(&s, view_of(line, (size_t)n));
	/* What has no semicolon is no command: the parser says so. */
	if (outcome < STOP && !lex_blank(buf_view(&s.text)))
		outcome = command(h, buf_view(&s.text), opt);
	if (line != NULL)
		explicit_bzero(line, size);
	free(line);
	buf_fini(&s.text);
	return s.ok && (outcome == GO_ON || outcome == STOP);
}
