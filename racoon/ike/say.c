/* SPDX-License-Identifier: ISC */
/* Log lines of the engine: they name the peer, the SA and the step. */

#include "ike/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "ike/exchange.h"
#include "ike/problem.h"
#include "ike/sa.h"

#define LINE	1024

const char *
sa_print(const struct sa *sa, char out[SA_TEXT])
{
	struct view i = view_of(sa->cookies.i, ISAKMP_COOKIE_LEN);
	struct view r = view_of(sa->cookies.r, ISAKMP_COOKIE_LEN);
	unsigned long long high = view_u64(&i), low = view_u64(&r);

	snprintf(out, SA_TEXT, "%016llx:%016llx", high, low);
	return out;
}

void
say_sa(enum log_level level, const struct sa *sa, const char *fmt, ...)
{
	char text[LINE], spi[SA_TEXT];
	va_list ap;

	if (!log_on(level) && level != LOG_L_ERROR)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_peer(level, &sa->remote, "%s (spi:%s)", text, sa_print(sa, spi));
	if (level == LOG_L_ERROR)
		problem_note(sa->ike, &sa->remote, sa->initiator ||
		    sa->authentic, text);
}

void
say_remote(enum log_level level, struct ike *ike,
    const struct ipsec_addr *remote, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_peer(level, remote, "%s", text);
	problem_note(ike, remote, true, text);
}

const char *
say_step(const struct exchange *x)
{
	const struct flow *flow = x->flow;

	return flow->step[x->at < flow->nsteps ? x->at :
	    flow->nsteps - 1].name;
}

void
say_exchange(enum log_level level, const struct exchange *x,
    const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	if (!log_on(level) && level != LOG_L_ERROR)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say_sa(level, x->sa, "%s %s: %s", x->flow->name, say_step(x), text);
}
