/* SPDX-License-Identifier: ISC */
/*
 * The texts of errors.
 */
#include "setkey/report.h"

#include <errno.h>
#include <string.h>

void
report_diag(void *ctx, const struct diag *d)
{
	struct report *r = ctx;

	if (r->file != NULL)
		fprintf(r->out, "setkey: %s,%u: ", r->file, d->line);
	fprintf(r->out, "%s at `%s'", d->text, d->token);
	if (d->hint[0] != '\0')
		fprintf(r->out, " (%s)", d->hint);
	fputc('\n', r->out);
	if (d->kind == DIAG_LEXICAL)
		r->lexical = true;
	if (r->file != NULL && (d->kind == DIAG_SYNTAX ||
	    d->kind == DIAG_MEANING))
		fprintf(r->out, "setkey: %s,%u: parse failed\n", r->file,
		    d->line);
}

/* A policy that is not there has its own words. */
static const char *
error_text(enum verb verb, int err)
{
	return err == -ENOENT && verb == VERB_SPDDELETE ? "No entry" :
	    err == -ENOENT && verb == VERB_GETSPI ? "SPI not available" :
	    strerror(-err);
}

void
report_error(struct report *r, uint32_t line, enum verb verb, int err,
    const char *why)
{
	const char *text = error_text(verb, err);
	/* The reason often is no more than the number in words. */
	bool more = why[0] != '\0' && strcasecmp(why, text) != 0 &&
	    strcasecmp(why, strerror(-err)) != 0;

	if (r->file != NULL)
		fprintf(r->out, "setkey: %s:%u: ", r->file, line);
	if (more)
		fprintf(r->out, "%s (%s)", text, why);
	else
		fputs(text, r->out);
	fputs(r->file != NULL ? "\n" : ".\n", r->out);
}

void
report_note(struct report *r, uint32_t line, const char *text)
{
	if (r->file != NULL)
		fprintf(r->out, "setkey: %s:%u: %s\n", r->file, line, text);
	else
		fprintf(r->out, "%s.\n", text);
}
