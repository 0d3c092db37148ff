/* SPDX-License-Identifier: ISC */
/*
 * When nothing of what a peer offers is accepted: both lists, a line for each
 * transform, with what is of one kind below each other.
 */

#include <stdio.h>
#include <string.h>

#include "ike/propose.h"

#define ROWS	16		/* of one side */
#define COLUMNS	8
#define CELL	32		/* bytes of text, at most */

struct table {
	char		cell[2 * ROWS][COLUMNS][CELL];
	unsigned	theirs, ours;	/* rows: first the peer's, then ours */
	unsigned	more_theirs, more_ours;
	size_t		width[COLUMNS];
};

/* "AES-128/SHA256/PSK" as cells; what is too much stays in the last one. */
static void
cut(char row[COLUMNS][CELL], const char *text)
{
	for (unsigned c = 0; c < COLUMNS; c++) {
		size_t n = c + 1 < COLUMNS ? strcspn(text, "/") : strlen(text);

		snprintf(row[c], CELL, "%.*s", (int)n, text);
		text += n;
		text += *text == '/';
	}
}

static void
add_all(struct table *t, const struct sa_payload *sap, unsigned *rows,
    unsigned *more)
{
	for (unsigned i = 0; i < sap->nproposal; i++) {
		const struct proposal *p = &sap->proposal[i];

		for (unsigned j = 0; j < p->n; j++) {
			char one[120];

			if (*rows == ROWS) {
				++*more;
				continue;
			}
			sa_transform_print(p->proto,
			    &sap->transform[p->first + j], one, sizeof(one));
			cut(t->cell[t->theirs + t->ours], one);
			++*rows;
		}
	}
}

static void
measure(struct table *t)
{
	for (unsigned r = 0; r < t->theirs + t->ours; r++)
		for (unsigned c = 0; c < COLUMNS; c++) {
			size_t n = strlen(t->cell[r][c]);

			if (n > t->width[c])
				t->width[c] = n;
		}
}

static void
say_row(const struct sa *sa, const struct table *t, unsigned r)
{
	bool ours = r >= t->theirs;
	char line[COLUMNS * (CELL + 2)];
	size_t at = 0, end = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		const char *cell = t->cell[r][c];

		at += (size_t)snprintf(line + at, sizeof(line) - at, "%-*s  ",
		    (int)t->width[c], cell);
		if (cell[0] != '\0')
			end = at - 2 - (t->width[c] - strlen(cell));
	}
	log_peer(LOG_L_INFO, &sa->remote, "  %s %2u.  %.*s",
	    ours ? "       our" : "the peer's", ours ? r - t->theirs + 1 :
	    r + 1, (int)end, line);
}

static void
say_more(const struct sa *sa, unsigned more)
{
	if (more > 0)
		log_peer(LOG_L_INFO, &sa->remote, "  and %u more", more);
}

static void
propose_table(const struct sa *sa, const struct sa_payload *theirs,
    const struct sa_payload *ours)
{
	struct table t = { .theirs = 0 };

	if (!log_on(LOG_L_INFO))
		return;
	add_all(&t, theirs, &t.theirs, &t.more_theirs);
	add_all(&t, ours, &t.ours, &t.more_ours);
	measure(&t);
	for (unsigned r = 0; r < t.theirs; r++)
		say_row(sa, &t, r);
	say_more(sa, t.more_theirs);
	for (unsigned r = t.theirs; r < t.theirs + t.ours; r++)
		say_row(sa, &t, r);
	say_more(sa, t.more_ours);
}

void
propose_table_remote(const struct sa *sa, const struct sa_payload *theirs,
    const struct remote *remote)
{
	struct sa_payload ours;

	propose_phase1(remote, &ours);
	propose_table(sa, theirs, &ours);
}

void
propose_table_sainfo(const struct sa *sa, const struct sa_payload *theirs,
    const struct plan *plan, const struct sainfo *info)
{
	static const uint32_t spi[IPSEC_TMPL_MAX];
	struct sa_payload ours;

	propose_phase2(sa, plan, info, spi, &ours);
	propose_table(sa, theirs, &ours);
}
