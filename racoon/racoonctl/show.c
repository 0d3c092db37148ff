/* SPDX-License-Identifier: ISC */
/* The columns are those of ipsec-tools; each line ends with a blank. */
#include "racoonctl/show.h"

#include <errno.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/pfkey_msg.h"
#include "libipsec/print.h"
#include "wire/admin.h"
#include "wire/isakmp.h"

#define NARROW		22		/* columns of an address */
#define WIDE		45

/* "192.0.2.2.500", cut so that the port fits, and a blank. */
static void
put_addr(const struct show *s, const struct ipsec_addr *a, int width)
{
	char text[ADDR_TEXT], port[8];
	int n, room;

	n = snprintf(port, sizeof(port), ".%u", a->port);
	room = width - n;
	(void)addr_print(a, text);
	n = (int)strlen(text) < room ? (int)strlen(text) : room;
	fprintf(s->out, "%.*s%-*s ", n, text, width - n, port);
}

static void
put_cookie(const struct show *s, const uint8_t cookie[8])
{
	for (int i = 0; i < 8; i++)
		fprintf(s->out, "%02x", cookie[i]);
}

static char
letter(uint8_t etype)
{
	switch (etype) {
	case ISAKMP_ETYPE_BASE:
		return 'B';
	case ISAKMP_ETYPE_MAIN:
		return 'M';
	case ISAKMP_ETYPE_AUTH:
		return 'U';
	case ISAKMP_ETYPE_AGGRESSIVE:
		return 'A';
	case ISAKMP_ETYPE_INFO:
		return 'I';
	default:
		return '\0';
	}
}

static const char *
when(int64_t seconds, char out[32])
{
	const time_t at = (time_t)seconds;
	struct tm tm;

	out[0] = '\0';
	if (seconds != 0 && localtime_r(&at, &tm) != NULL)
		(void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
	return out;
}

static void
put_created(const struct show *s, int64_t created)
{
	char text[32];

	fprintf(s->out, "%-19s ", when(created, text));
}

/* Of a mode without a letter there is none, as ever. */
static void
put_state(const struct show *s, const struct admin_sa *sa)
{
	const char mode = letter(sa->etype);

	fprintf(s->out, "%2u %c %2x ", sa->status, sa->initiator ? 'I' : 'R',
	    sa->version);
	if (mode != '\0')
		fprintf(s->out, "%c ", mode);
}

static void
put_sa(const struct show *s, const struct admin_sa *sa)
{
	if (s->verbose > 1)
		put_addr(s, &sa->local, WIDE);
	put_addr(s, &sa->remote, s->verbose > 1 ? WIDE : NARROW);
	put_cookie(s, sa->icookie);
	putc(':', s->out);
	put_cookie(s, sa->rcookie);
	putc(' ', s->out);
	if (s->verbose > 0)
		put_state(s, sa);
	put_created(s, sa->created);
	if (s->verbose > 0)
		fprintf(s->out, "%6u ", sa->children);
	putc('\n', s->out);
}

bool
show_isakmp(struct show *s, struct view body)
{
	struct admin_sa sa;

	if (s->verbose > 1)
		fprintf(s->out, "%-46s%-46s", "Source", "Destination");
	else
		fprintf(s->out, "%-23s", "Destination");
	fprintf(s->out, "%-34s%s\n", "Cookies", s->verbose > 0 ?
	    "ST S  V E Created             Phase2" : "Created");
	while (body.n > 0) {
		if (!admin_sa_get(&body, &sa))
			return false;
		put_sa(s, &sa);
	}
	return true;
}

/* One record; its first two bytes of words are its length. */
static bool
take_record(struct view *body, struct pfkey_msg *m)
{
	struct view head = *body;
	uint16_t words;

	(void)view_take(&head, 4);
	view_bytes(&head, &words, sizeof(words));
	return !head.bad && words > 0 && pfkey_msg_parse(view_take(body,
	    (size_t)words * 8), m) == PFKEY_GOOD;
}

bool
show_ipsec(struct show *s, struct view body)
{
	struct pfkey_msg m;
	struct ipsec_sa sa;
	struct print p;

	while (body.n > 0) {
		if (!take_record(&body, &m))
			return false;
		if (m.error == ENOENT) {
			fprintf(s->out, "No SAD entries.\n");
			continue;
		}
		if (!pfkey_get_sa(&m, &sa))
			return false;
		print_init(&p, s->out, false, (long)m.pid, s->now);
		print_sa(&p, &sa, m.seq);
		explicit_bzero(&sa, sizeof(sa));
	}
	return true;
}

bool
show_schedule(struct show *s, struct view body)
{
	struct admin_timer t;

	fprintf(s->out, "index    tick     xtime    created\n");
	while (body.n > 0) {
		if (!admin_timer_get(&body, &t))
			return false;
		fprintf(s->out, "%-8ld %-8ld %-8ld %s\n", (long)t.id,
		    (long)t.tick, (long)t.due, when(t.created, (char[32]){ 0 }));
	}
	return true;
}

bool
show_line(struct show *s, struct view body)
{
	return show_bytes(s, body) && putc('\n', s->out) != EOF;
}

bool
show_nothing(struct show *s, struct view body)
{
	(void)s;
	return body.n == 0;
}

bool
show_bytes(struct show *s, struct view body)
{
	return fwrite(body.p, 1, body.n, s->out) == body.n;
}
