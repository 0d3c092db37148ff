/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "libipsec/addr.h"
#include "racoonctl/show.h"
#include "wire/admin.h"

#define BANNER		28672		/* attribute of mode config: Unity */
#define IS_SHORT	0x8000u		/* its value is in place of the length */

static const char *
text_of(uint32_t type)
{
	static const struct {
		uint32_t	 type;
		const char	*text;
	} rows[] = {
		{ ADMIN_EVENT_QUIT, "Racoon terminated" },
		{ ADMIN_EVENT_PHASE1_UP, "Phase 1 established" },
		{ ADMIN_EVENT_PHASE1_DOWN, "Phase 1 deleted" },
		{ ADMIN_EVENT_PHASE1_NO_RESPONSE,
		    "Phase 1 error: peer not responding" },
		{ ADMIN_EVENT_PHASE1_NO_PROPOSAL,
		    "Phase 1 error: no proposal chosen" },
		{ ADMIN_EVENT_PHASE1_AUTH_FAILED, "Phase 1 error: "
		    "authentication failed (bad certificate?)" },
		{ ADMIN_EVENT_PHASE1_DPD_TIMEOUT,
		    "Phase 1 error: dead peer detected" },
		{ ADMIN_EVENT_PHASE1_PEER_DELETED,
		    "Phase 1 deleted by the peer" },
		{ ADMIN_EVENT_PHASE1_MODE_CFG,
		    "Phase 1 mode configuration done" },
		{ ADMIN_EVENT_PHASE1_XAUTH_SUCCESS,
		    "Phase 1 Xauth succeeded" },
		{ ADMIN_EVENT_PHASE1_XAUTH_FAILED, "Phase 1 Xauth failed" },
		{ ADMIN_EVENT_PHASE2_NO_PHASE1,
		    "Phase 2 error: no suitable phase 1" },
		{ ADMIN_EVENT_PHASE2_UP, "Phase 2 established" },
		{ ADMIN_EVENT_PHASE2_DOWN, "Phase 2 deleted" },
		{ ADMIN_EVENT_PHASE2_NO_RESPONSE,
		    "Phase 2 error: no response" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return rows[i].text;
	return NULL;
}

static const char *
end_of(const struct ipsec_addr *a, char out[ADDR_TEXT])
{
	return a->family == 0 ? "anonymous" : addr_print_port(a, out);
}

static void
put_event(const struct show *s, const struct admin_event *ev)
{
	const char *text = text_of(ev->type);
	char src[ADDR_TEXT], dst[ADDR_TEXT];

	if (text != NULL)
		fprintf(s->out, "%s : ", text);
	else
		fprintf(s->out, "Event %u: ", ev->type);
	fprintf(s->out, "%s -> %s\n", end_of(&ev->src, src),
	    end_of(&ev->dst, dst));
	(void)fflush(s->out);
}

/* A subscription is confirmed by a reply without an event. */
bool
show_event(struct show *s, struct view body)
{
	struct admin_event ev;

	if (body.n == 0)
		return true;
	if (!admin_event_get(&body, &ev))
		return false;
	put_event(s, &ev);
	return true;
}

/* A line of '=' as wide as the terminal; without one it is empty. */
static void
put_rule(const struct show *s)
{
	for (int i = 0; i < s->width; i++)
		putc('=', s->out);
	putc('\n', s->out);
}

/* What a gateway says goes to the terminal as it is but for control
 * characters. */
static void
put_banner(const struct show *s, struct view text)
{
	put_rule(s);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= ' ' || text.p[i] == '\n' ||
		    text.p[i] == '\t')
			putc(text.p[i], s->out);
	putc('\n', s->out);
	put_rule(s);
}

static void
put_attributes(const struct show *s, struct view list)
{
	while (list.n >= 4 && !list.bad) {
		const uint16_t type = view_u16(&list);
		const uint16_t n = view_u16(&list);
		struct view value;

		if ((type & IS_SHORT) != 0)
			continue;
		value = view_take(&list, n);
		if (type == BANNER && !value.bad)
			put_banner(s, value);
	}
}

bool
show_awaited(struct show *s, struct view body)
{
	struct admin_event ev;

	if (!admin_event_get(&body, &ev))
		return false;
	if (ev.type == ADMIN_EVENT_PHASE1_MODE_CFG) {
		fprintf(s->out, "VPN connexion established\n");
		put_attributes(s, body);
	} else
		put_event(s, &ev);
	return true;
}
