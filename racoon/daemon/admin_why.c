/* SPDX-License-Identifier: ISC */
/* What would happen to a packet, in words: one fact, one line. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/admin_call.h"
#include "ike/report.h"
#include "libipsec/addr.h"
#include "monitor/asroot.h"

#define LINE	1000
#define NET	(ADDR_TEXT + 8)

static void __attribute__((format(printf, 2, 3)))
say(const struct call *c, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_add(c->out, view_text(line));
	buf_u8(c->out, '\n');
}

static const char *
net(const struct ipsec_addr *a, uint8_t prefix, char out[NET])
{
	char text[ADDR_TEXT];

	if (prefix == addr_bits(a))
		return addr_print(a, out);
	(void)snprintf(out, NET, "%s/%u", addr_print(a, text), prefix);
	return out;
}

static const char *
proto_word(uint8_t proto)
{
	return proto == IPSEC_PROTO_AH ? "ah" : proto == IPSEC_PROTO_ESP ?
	    "esp" : "ipcomp";
}

static const char *
mode_word(uint8_t mode)
{
	return mode == IPSEC_MODE_TUNNEL ? "tunnel" :
	    mode == IPSEC_MODE_BEET ? "beet" : "transport";
}

static uint64_t
age(const struct call *c, uint64_t then)
{
	const uint64_t now = ike_now(c->of->ike);

	return now > then ? (now - then) / 1000 : 0;
}

/* ---- one policy ---- */

static void
say_policy(const struct call *c, const struct ike_why_policy *p)
{
	const struct ipsec_selector *sel = &p->policy.sel;
	char src[NET], dst[NET], upper[40] = "";

	if (sel->proto != 0)
		(void)snprintf(upper, sizeof(upper), ", of protocol %u only",
		    sel->proto);
	if (sel->src.port != 0 || sel->dst.port != 0)
		(void)snprintf(upper, sizeof(upper), ", proto %u ports %u, %u",
		    sel->proto, sel->src.port, sel->dst.port);
	say(c, "policy:   %s -> %s%s%s", net(&sel->src, sel->src_prefix, src),
	    net(&sel->dst, sel->dst_prefix, dst), upper,
	    p->applies ? "" : " (not for packets from there)");
}

static void
say_action(const struct call *c, const struct ipsec_policy *policy)
{
	if (policy->action == IPSEC_ACTION_DISCARD)
		say(c, "          the kernel discards such packets");
	else if (policy->action == IPSEC_ACTION_NONE || policy->ntmpl == 0)
		say(c, "          such packets go in the clear");
	for (unsigned int i = 0; policy->action == IPSEC_ACTION_IPSEC &&
	    i < policy->ntmpl; i++)
		say(c, "          wants %s in %s mode%s",
		    proto_word(policy->tmpl[i].proto),
		    mode_word(policy->tmpl[i].mode),
		    policy->tmpl[i].optional ?
		    ", and lets packets pass without (level use)" : "");
}

static void
say_remote(const struct call *c, const struct ike_why_policy *p)
{
	char text[ADDR_TEXT];

	addr_print(&p->remote, text);
	if (p->conf != NULL)
		say(c, "remote:   peer %s, block \"%s\"%s%s:%u%s", text,
		    p->conf->name, p->conf->at.path == NULL ? "" : " at ",
		    p->conf->at.path == NULL ? "" : p->conf->at.path,
		    p->conf->at.line, p->remote_err == E_PASSIVE ?
		    ", which is passive: only the peer begins" : "");
	else if (p->remote_err == E_PASSIVE)
		say(c, "remote:   the block for %s is passive: this host waits "
		    "for the peer", text);
	else if (p->ambiguous)
		say(c, "remote:   several remote blocks are for %s: leave one",
		    text);
	else
		say(c, "remote:   no remote block is for %s: add one", text);
}

static void
say_sainfo(const struct call *c, const struct ike_why_policy *p)
{
	if (p->sainfo != NULL)
		say(c, "sainfo:   at %s:%u", p->sainfo->at.path == NULL ? "?" :
		    p->sainfo->at.path, p->sainfo->at.line);
	else if (p->conf != NULL)
		say(c, "sainfo:   none matches: add one for these addresses, or "
		    "`sainfo anonymous'");
}

static void
say_sas(const struct call *c, const struct ike_why_policy *p)
{
	switch (p->sa) {
	case IKE_THERE:
		say(c, "IKE SA:   up for %llu s",
		    (unsigned long long)age(c, p->sa_since));
		break;
	case IKE_COMING:
		say(c, "IKE SA:   being negotiated");
		break;
	case IKE_NOTHING:
		say(c, "IKE SA:   none");
		break;
	}
	switch (p->pair) {
	case IKE_THERE:
		say(c, "pair:     up, spi in 0x%08x, out 0x%08x", p->spi_in,
		    p->spi_out);
		break;
	case IKE_COMING:
		say(c, "pair:     being negotiated, or waiting for the IKE SA");
		break;
	case IKE_NOTHING:
		say(c, "pair:     none");
		break;
	}
}

static void
say_problem(const struct call *c, const struct ike_why_policy *p)
{
	if (p->has_problem)
		say(c, "failure:  %llu s ago%s: %s",
		    (unsigned long long)age(c, p->problem.when),
		    p->problem.solved ? ", and it works since" : "",
		    p->problem.text);
}

/* What comes of all that. */
static void
say_end(const struct call *c, const struct ike_why_policy *p)
{
	const uint64_t now = ike_now(c->of->ike);

	if (p->pair == IKE_THERE)
		say(c, "So:       a packet is protected and sent.");
	else if (p->pair == IKE_COMING && p->waits > now)
		say(c, "So:       a packet waits or is lost; the peer does not "
		    "answer, and is called again in %llu s.",
		    (unsigned long long)((p->waits - now + 999) / 1000));
	else if (p->pair == IKE_COMING)
		say(c, "So:       a packet waits for the negotiation that is "
		    "under way.");
	else if (p->conf == NULL || p->remote_err != OK)
		say(c, "So:       a packet is lost, and nothing is negotiated.");
	else if (p->sainfo == NULL)
		say(c, "So:       a packet is lost: phase 2 fails for want of "
		    "a sainfo.");
	else if (p->waits > now)
		say(c, "So:       a packet is lost; the peer does not answer, "
		    "and is called again in %llu s.",
		    (unsigned long long)((p->waits - now + 999) / 1000));
	else
		say(c, "So:       the first packet makes racoon negotiate %s.",
		    p->sa == IKE_THERE ? "a pair of SAs" :
		    "an IKE SA and a pair of SAs");
}

static bool
is_ipsec(const struct ipsec_policy *policy)
{
	return policy->action == IPSEC_ACTION_IPSEC && policy->ntmpl > 0;
}

static void
explain(const struct call *c, const struct ike_why_policy *p)
{
	say_policy(c, p);
	say_action(c, &p->policy);
	if (!is_ipsec(&p->policy))
		return;
	say_remote(c, p);
	say_sainfo(c, p);
	say_sas(c, p);
	say_problem(c, p);
	say_end(c, p);
}

/* ---- all ---- */

static void
say_none(const struct call *c, const struct ipsec_addr *dst)
{
	struct ike_problem problem;

	say(c, "policy:   the kernel has none for packets to it");
	if (ike_problem_of(c->of->ike, dst, &problem))
		say(c, "failure:  %llu s ago%s: %s",
		    (unsigned long long)age(c, problem.when),
		    problem.solved ? ", and it works since" : "",
		    problem.text);
	say(c, "So:       a packet goes in the clear.  To protect it, load a "
	    "policy with setkey(8).");
}

int
call_why(struct call *c)
{
	const struct asroot *root = c->of->root;
	struct view body = c->r->body;
	struct admin_ends ends;
	struct ike_why why;
	char src[ADDR_TEXT], dst[ADDR_TEXT];

	if (!admin_ends_get(&body, &ends))
		return EINVAL;
	/* connecting a socket would make the kernel ask for SAs, but not one
	 * that no policy applies to */
	if (addr_is_any(&ends.src) &&
	    !root->ops->source(root->ctx, &ends.dst, &ends.src))
		ends.src = (struct ipsec_addr){ .family = 0 };
	if (ike_why(c->of->ike, &ends.src, &ends.dst, &why) != OK)
		return call_refuse(c, EIO, "the kernel does not tell its "
		    "policies");
	if (addr_is_any(&ends.src))
		say(c, "A packet to %s:", addr_print(&ends.dst, dst));
	else
		say(c, "A packet from %s to %s:", addr_print(&ends.src, src),
		    addr_print(&ends.dst, dst));
	if (why.n == 0)
		say_none(c, &ends.dst);
	for (unsigned int i = 0; i < why.n; i++) {
		if (i > 0)
			say(c, "%s", "");
		explain(c, &why.p[i]);
	}
	if (why.more > 0)
		say(c, "\nThere are %u more policies for packets to it.",
		    why.more);
	return 0;
}
