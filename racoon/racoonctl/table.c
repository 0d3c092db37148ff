/* SPDX-License-Identifier: ISC */
#include "racoonctl/table.h"

#include <inttypes.h>
#include <string.h>

#include "libipsec/addr.h"

#define PEER		39		/* columns: an IPv6 address */
#define WHO		(ADDR_TEXT + 300)

const char *
table_age(int64_t seconds, char out[TABLE_NUMBER])
{
	static const struct {
		int64_t	 most, unit;
		char	 letter;
	} rows[] = {
		{ 100, 1, 's' },
		{ INT64_C(100) * 60, 60, 'm' },
		{ INT64_C(48) * 3600, 3600, 'h' },
		{ INT64_C(9999) * 86400, 86400, 'd' },
	};

	if (seconds < 0)
		return "-";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (seconds < rows[i].most) {
			(void)snprintf(out, TABLE_NUMBER, "%d%c",
			    (int)(seconds / rows[i].unit), rows[i].letter);
			return out;
		}
	return "ever";
}

const char *
table_bytes(uint64_t n, char out[TABLE_NUMBER])
{
	static const char unit[] = "kMGTPE";
	double v = (double)n;
	int at = -1;

	while (v >= 999.5 && unit[at + 1] != '\0') {
		v /= 1000;
		at++;
	}
	if (at < 0)
		(void)snprintf(out, TABLE_NUMBER, "%u", (unsigned int)n);
	else
		(void)snprintf(out, TABLE_NUMBER, v < 9.95 ? "%.1f%c" :
		    "%.0f%c", v, unit[at]);
	return out;
}

static const char *
state_of(uint32_t state)
{
	switch ((enum admin_peer_state)state) {
	case ADMIN_PEER_DOWN:
		return "down";
	case ADMIN_PEER_NEGOTIATING:
		return "begins";
	case ADMIN_PEER_UP:
		return "up";
	case ADMIN_PEER_DYING:
		return "dying";
	case ADMIN_PEER_SILENT:
		return "silent";
	}
	return "?";
}

void
table_head(const struct show *s, const char *in, const char *out)
{
	fprintf(s->out, "%-*s %-7s%5s %5s %7s %7s\n", PEER, "PEER", "STATE",
	    "AGE", "PAIRS", in, out);
}

/* The address; and who it is, where that says more and there is room. */
static void
put_who(const struct show *s, const struct admin_peer *p)
{
	char text[ADDR_TEXT], who[WHO];

	(void)addr_print(&p->remote, text);
	if (p->id.n == 0 || view_equal(p->id, view_text(text)) ||
	    strlen(text) + 2 > PEER)
		(void)snprintf(who, sizeof(who), "%s", text);
	else
		(void)snprintf(who, sizeof(who), "%s %.*s", text,
		    p->id.n < 200 ? (int)p->id.n : 200,
		    (const char *)p->id.p);
	fprintf(s->out, "%-*.*s ", PEER, PEER, who);
}

static void
put_problem(const struct show *s, const struct admin_peer *p)
{
	const int width = s->width > 20 ? s->width : TABLE_WIDTH;
	char age[TABLE_NUMBER], head[40];
	const int n = snprintf(head, sizeof(head), "  %s ago: ",
	    table_age(p->problem_age, age));
	const int room = width - n;

	fprintf(s->out, "%s%.*s\n", head, (int)p->problem.n < room ?
	    (int)p->problem.n : room, (const char *)p->problem.p);
}

void
table_peer(const struct show *s, const struct admin_peer *p, uint64_t in,
    uint64_t out)
{
	char age[TABLE_NUMBER], b[2][TABLE_NUMBER];

	put_who(s, p);
	fprintf(s->out, "%-7s%5s %5u %7s %7s\n", state_of(p->state),
	    table_age(p->age, age), p->pairs, table_bytes(in, b[0]),
	    table_bytes(out, b[1]));
	if (p->problem_age >= 0)
		put_problem(s, p);
}

bool
show_peers(struct show *s, struct view body)
{
	struct admin_peer p;

	table_head(s, "IN", "OUT");
	if (body.n == 0)
		fprintf(s->out, "(no peers)\n");
	while (body.n > 0) {
		if (!admin_peer_get(&body, &p))
			return false;
		table_peer(s, &p, p.bytes_in, p.bytes_out);
	}
	return true;
}
