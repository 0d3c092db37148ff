/* SPDX-License-Identifier: ISC */
/*
 * The forms of setkey -D and -DP.
 */
#include "libipsec/print.h"

#include <netinet/in.h>

#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>

#include "libipsec/addr.h"
#include "libipsec/policy.h"
#include "libipsec/text.h"

#define PROTO_ANY_NUMBER	255	/* how Linux' PF_KEY writes "any" */
#define PROTO_MOBILITY		135
#define REPLAY_PLAIN		32	/* packets that PF_KEY can tell of */
#define RECORD			(POLICY_TEXT + 4096) /* no text is longer */
#define TIME_TEXT		PRINT_TIME
/* "Nov 23 08:45:30 2026" */
#define TIME_WIDTH		20

/* ipsec_sa.flags as PF_KEY numbers them. */
static const struct {
	uint32_t	sa, pfkey;
} flag_bits[] = {
	{ IPSEC_SA_NOECN, 0x80000000u },
	{ IPSEC_SA_DECAP_DSCP, 0x40000000u },
	{ IPSEC_SA_NOPMTUDISC, 0x20000000u }
};

/* Blanks for no time. */
static void
date(uint64_t when, char out[TIME_TEXT])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (when == 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_TEXT, "%b %e %H:%M:%S %Y", &tm) == 0)
		snprintf(out, TIME_TEXT, "%*s", TIME_WIDTH, "");
}

void
print_init(struct print *p, FILE *out, bool ports, long pid, time_t now)
{
	memset(p, 0, sizeof(*p));
	p->out = out;
	p->ports = ports;
	p->pid = pid;
	p->refcnt = 1;
	p->now = now;
	date((uint64_t)now, p->today);
	date(0, p->then);
}

/* One record at once, of which nothing is left behind. */
static void
put_record(struct print *p, struct text *t)
{
	(void)fwrite(t->p, 1, t->n, p->out);
	explicit_bzero(t->p, t->n);
}

/* A name in front of a number, and what follows. */
static void
number(struct text *t, const char *name, uint64_t n, const char *end)
{
	text_put(t, name);
	text_number(t, n);
	text_put(t, end);
}

static void
hex(struct text *t, const char *name, uint32_t n, const char *end)
{
	text_put(t, name);
	text_hex(t, n);
	text_put(t, end);
}

static void
put_date(struct print *p, struct text *t, const char *name, uint64_t when)
{
	text_put(t, name);
	if (when == 0) {
		for (int i = 0; i < TIME_WIDTH; i++)
			text_char(t, ' ');
		return;
	}
	if (when != p->when)
		date(when, p->then);
	p->when = when;
	text_put(t, p->then);
}

/* "192.0.2.1 ", or with -p "192.0.2.1[0] ", with NAT-T "192.0.2.1[4500] " */
static void
sa_end(const struct print *p, struct text *t, const struct ipsec_addr *addr,
    const struct ipsec_encap *encap, uint16_t port)
{
	text_addr(t, addr);
	if (p->ports)
		text_put(t, "[0]");
	if (encap->type != 0)
		number(t, "[", port, "]");
	text_char(t, ' ');
}

static const char *
proto_word(uint8_t proto)
{
	switch (proto) {
	case IPSEC_PROTO_ESP:
		return "esp";
	case IPSEC_PROTO_AH:
		return "ah";
	case IPSEC_PROTO_IPCOMP:
		return "ipcomp";
	}
	return NULL;
}

static void
sa_type(struct text *t, const struct ipsec_sa *sa)
{
	static const char *const modes[] = {
		[IPSEC_MODE_ANY] = "any",
		[IPSEC_MODE_TRANSPORT] = "transport",
		[IPSEC_MODE_TUNNEL] = "tunnel"
	};
	const char *word = proto_word(sa->id.proto);
	bool esp = sa->id.proto == IPSEC_PROTO_ESP;

	text_char(t, '\t');
	if (sa->encap.type != 0 && !esp)
		text_put(t, "natt+");
	if (word != NULL)
		text_put(t, word);
	else
		text_number(t, sa->id.proto);
	if (sa->encap.type != 0 && esp)
		text_put(t, "-udp");
	text_put(t, " mode=");
	if (sa->mode < sizeof(modes) / sizeof(modes[0]))
		text_put(t, modes[sa->mode]);
	else
		text_number(t, sa->mode);
	number(t, " spi=", sa->id.spi, "");
	hex(t, "(", sa->id.spi, ")");
	number(t, " reqid=", sa->reqid, "");
	hex(t, "(", sa->reqid, ")\n");
}

/* The table's name, the kernel's, or the bare number. */
static void
alg_name(struct text *t, enum ipsec_alg_class class,
    const struct ipsec_key *key)
{
	const struct ipsec_alg *alg = ipsec_alg_by_id(class, key->id);

	if (key->id == 0 && key->name[0] != '\0')
		text_bytes(t, key->name, strnlen(key->name,
		    sizeof(key->name)));
	else if (alg == NULL)
		text_number(t, key->id);
	else
		text_put(t, alg->name);
	/* The one algorithm with a second length of its own. */
	if (alg != NULL && class == IPSEC_ALG_AUTH && alg->icv_bits == 128 &&
	    key->icv_bits == 96)
		text_put(t, "-96");
}

static void
key_line(struct text *t, char letter, enum ipsec_alg_class class,
    const struct ipsec_key *key)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = (size_t)(key->key_bits + 7) / 8;

	if (!key->present || n == 0)
		return;
	if (n > sizeof(key->key))
		n = sizeof(key->key);
	text_char(t, '\t');
	text_char(t, letter);
	text_put(t, ": ");
	alg_name(t, class, key);
	text_char(t, ' ');
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % 32 == 0)
			text_char(t, '\n');
		if (i % 4 == 0)
			text_char(t, ' ');
		text_char(t, digits[key->key[i] >> 4]);
		text_char(t, digits[key->key[i] & 15]);
	}
	text_char(t, '\n');
}

/* The line of IPComp has no end: that is how it has always been. */
static void
sa_algs(struct text *t, const struct ipsec_sa *sa)
{
	if (sa->id.proto != IPSEC_PROTO_IPCOMP) {
		key_line(t, 'E', IPSEC_ALG_AEAD, &sa->aead);
		key_line(t, 'E', IPSEC_ALG_ENC, &sa->enc);
		key_line(t, 'A', IPSEC_ALG_AUTH, &sa->auth);
		return;
	}
	text_put(t, "\tC: ");
	if (sa->comp.present)
		alg_name(t, IPSEC_ALG_COMP, &sa->comp);
	else
		text_put(t, "none");
	text_char(t, ' ');
}

static const char *
state_word(uint8_t state)
{
	static const char *const states[] = {
		[IPSEC_STATE_LARVAL] = "larval",
		[IPSEC_STATE_MATURE] = "mature",
		[IPSEC_STATE_DYING] = "dying",
		[IPSEC_STATE_DEAD] = "dead"
	};

	return state < sizeof(states) / sizeof(states[0]) ? states[state] :
	    "dead";
}

static void
sa_state(struct text *t, const struct ipsec_sa *sa)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < sizeof(flag_bits) / sizeof(flag_bits[0]); i++)
		if ((sa->flags & flag_bits[i].sa) != 0)
			flags |= flag_bits[i].pfkey;
	hex(t, "\tseq=", 0, "");
	number(t, " replay=", sa->replay, "");
	hex(t, " flags=", flags, " state=");
	text_put(t, state_word(sa->state));
	text_put(t, " \n");
}

static void
sa_limits(struct print *p, struct text *t, const struct ipsec_sa *sa)
{
	const struct ipsec_lifetime *hard = &sa->hard, *soft = &sa->soft;
	uint64_t age = sa->current.add == 0 ? 0 :
	    (uint64_t)p->now - sa->current.add;

	put_date(p, t, "\tcreated: ", sa->current.add);
	text_put(t, "\tcurrent: ");
	text_put(t, p->today);
	number(t, "\n\tdiff: ", age, "(s)");
	number(t, "\thard: ", hard->add, "(s)");
	number(t, "\tsoft: ", soft->add, "(s)\n");
	put_date(p, t, "\tlast: ", sa->current.use);
	number(t, "\thard: ", hard->use, "(s)");
	number(t, "\tsoft: ", soft->use, "(s)\n");
	number(t, "\tcurrent: ", sa->current.bytes, "(bytes)");
	number(t, "\thard: ", hard->bytes, "(bytes)");
	number(t, "\tsoft: ", soft->bytes, "(bytes)\n");
	number(t, "\tallocated: ", sa->current.packets, "");
	number(t, "\thard: ", hard->packets, "");
	number(t, "\tsoft: ", soft->packets, "\n");
}

static void
label(struct text *t, const struct ipsec_context *ctx)
{
	if (ctx->length == 0)
		return;
	number(t, "\tsecurity context doi: ", ctx->doi, "\n");
	number(t, "\tsecurity context algorithm: ", ctx->alg, "\n");
	number(t, "\tsecurity context length: ", ctx->length, "\n");
	text_put(t, "\tsecurity context: ");
	text_bytes(t, ctx->text, strnlen(ctx->text, IPSEC_CTX_MAX));
	text_char(t, '\n');
}

/* " -mark 0x00000010/0x000000ff" */
static void
extra_mark(struct text *t, const char *flag, const struct ipsec_mark *m)
{
	if (m->value == 0 && m->mask == 0)
		return;
	hex(t, flag, m->value, "/");
	text_hex(t, m->mask);
}

static void
extra_if_id(struct text *t, uint32_t if_id)
{
	if (if_id != 0)
		number(t, " -if_id ", if_id, "");
}

/* A device that is gone by now has its number left. */
static void
extra_device(struct text *t, const struct ipsec_offload *o)
{
	char name[IF_NAMESIZE];

	if (if_indextoname((unsigned int)o->ifindex, name) == NULL) {
		number(t, " -offload ", (uint32_t)o->ifindex, "");
		return;
	}
	text_put(t, " -offload \"");
	text_put(t, name);
	text_char(t, '"');
}

/* In the words of the language, so that a script may take them over. */
static void
extra_sa(struct text *t, const struct ipsec_sa *sa)
{
	const struct ipsec_offload *o = &sa->offload;
	bool esn = (sa->flags & IPSEC_SA_ESN) != 0;

	text_put(t, "\textensions:");
	extra_mark(t, " -mark ", &sa->id.mark);
	extra_if_id(t, sa->if_id);
	extra_mark(t, " -output-mark ", &sa->output_mark);
	if (esn)
		text_put(t, " -esn");
	if ((sa->flags & IPSEC_SA_ALIGN4) != 0)
		text_put(t, " -align4");
	if (esn || sa->replay > REPLAY_PLAIN)
		number(t, " -replay ", sa->replay, "");
	if (o->kind != IPSEC_OFFLOAD_NONE) {
		extra_device(t, o);
		text_put(t, o->dir == IPSEC_DIR_IN ? " in" : " out");
		text_put(t, o->kind == IPSEC_OFFLOAD_PACKET ? " packet" : "");
	}
	text_char(t, '\n');
}

static void
extra_policy(struct text *t, const struct ipsec_policy *policy)
{
	extra_mark(t, " -mark ", &policy->mark);
	extra_if_id(t, policy->if_id);
	if (policy->offload.kind != IPSEC_OFFLOAD_NONE)
		extra_device(t, &policy->offload);
}

void
print_extensions(char out[PRINT_EXTENSIONS],
    const struct ipsec_policy *policy)
{
	struct text t = text_in(out, PRINT_EXTENSIONS);

	extra_policy(&t, policy);
	out[t.n] = '\0';
}

void
print_sa(struct print *p, const struct ipsec_sa *sa, unsigned long seq)
{
	char room[RECORD];
	struct text t = text_in(room, sizeof(room));

	sa_end(p, &t, &sa->src, &sa->encap, sa->encap.sport);
	sa_end(p, &t, &sa->id.dst, &sa->encap, sa->encap.dport);
	text_char(&t, '\n');
	sa_type(&t, sa);
	sa_algs(&t, sa);
	sa_state(&t, sa);
	sa_limits(p, &t, sa);
	label(&t, &sa->ctx);
	if (p->extra)
		extra_sa(&t, sa);
	number(&t, "\tsadb_seq=", seq, "");
	number(&t, " pid=", (uint64_t)p->pid, " refcnt=0\n");
	put_record(p, &t);
}

/* These have a type or a key where others have ports. */
static bool
without_ports(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6 ||
	    proto == PROTO_MOBILITY || proto == IPPROTO_GRE;
}

static void
range(struct text *t, const struct ipsec_addr *addr, uint8_t prefix,
    uint8_t proto)
{
	text_addr(t, addr);
	if (prefix != addr_bits(addr))
		number(t, "/", prefix, "");
	if (without_ports(proto))
		return;
	if (addr->port == 0)
		text_put(t, "[any]");
	else
		number(t, "[", addr->port, "]");
}

static const char *
proto_name(struct print *p, uint8_t proto)
{
	char *name = p->proto[proto], scratch[1024];
	struct protoent ent, *found = NULL;

	if (name[0] != '\0')
		return name;
	if (proto == 0 || getprotobynumber_r(proto, &ent, scratch,
	    sizeof(scratch), &found) != 0)
		found = NULL;
	if (found != NULL)
		snprintf(name, PRINT_PROTO_NAME, "%s", found->p_name);
	else
		snprintf(name, PRINT_PROTO_NAME, "%u",
		    proto == 0 ? PROTO_ANY_NUMBER : proto);
	return name;
}

static void
selector(struct print *p, struct text *t, const struct ipsec_selector *s)
{
	unsigned int high = s->src.port, low = s->dst.port;

	range(t, &s->src, s->src_prefix, s->proto);
	text_char(t, ' ');
	range(t, &s->dst, s->dst_prefix, s->proto);
	text_char(t, ' ');
	text_put(t, proto_name(p, s->proto));
	if (without_ports(s->proto) && (high != 0 || low != 0)) {
		if (s->proto == IPPROTO_GRE) {
			number(t, " ", high << 16 | low, "");
		} else {
			number(t, " ", high, ",");
			text_number(t, low);
		}
	}
	text_char(t, '\n');
}

static void
policy_text(const struct print *p, struct text *t,
    const struct ipsec_policy *policy)
{
	struct policy_spec spec;
	char out[POLICY_TEXT];

	policy_from_kernel(policy, &spec);
	if (policy_print(&spec, p->ports, "\n\t", out)) {
		text_char(t, '\t');
		text_put(t, out);
		text_char(t, '\n');
	} else {
		text_put(t, "\tPolicy:[Invalid ipsec mode]\n");
	}
}

void
print_policy(struct print *p, const struct ipsec_policy *policy,
    unsigned long seq)
{
	char room[RECORD];
	struct text t = text_in(room, sizeof(room));

	if (policy->dir == IPSEC_DIR_SOCKET_IN ||
	    policy->dir == IPSEC_DIR_SOCKET_OUT)
		text_put(&t, "(per-socket policy) \n");
	else if (policy->sel.src.family == 0)
		text_put(&t, "(no selector, probably per-socket policy) \n");
	else
		selector(p, &t, &policy->sel);
	policy_text(p, &t, policy);
	put_date(p, &t, "\tcreated: ", policy->current.add);
	put_date(p, &t, "  lastused: ", policy->current.use);
	number(&t, "\n\tlifetime: ", policy->hard.add, "(s)");
	number(&t, " validtime: ", policy->hard.use, "(s)\n");
	label(&t, &policy->ctx);
	if (p->extra) {
		text_put(&t, "\textensions:");
		extra_policy(&t, policy);
		text_char(&t, '\n');
	}
	number(&t, "\tspid=", policy->index, "");
	number(&t, " seq=", seq, "");
	number(&t, " pid=", (uint64_t)p->pid, "\n");
	number(&t, "\trefcnt=", p->refcnt, "\n");
	put_record(p, &t);
}

/* At most three digits, else "big". */
static const char *
small(uint64_t n, char out[8])
{
	if (n >= 1000)
		snprintf(out, 8, "big");
	else
		snprintf(out, 8, "%u", (unsigned int)n);
	return out;
}

static void
short_end(struct text *t, const struct ipsec_addr *addr, uint16_t port)
{
	text_addr(t, addr);
	if (port != 0)
		number(t, "[", port, "]");
}

void
print_sa_short(struct print *p, const struct ipsec_sa *sa)
{
	static const char letters[] = "LMDd";
	char age[8], limit[8], room[RECORD];
	struct text t = text_in(room, sizeof(room));
	struct tm tm = { .tm_min = 0 };

	localtime_r(&p->now, &tm);
	fprintf(p->out, "%02d%02d ", tm.tm_min, tm.tm_sec);
	/* By its PF_KEY number, 9. */
	fputs(sa->id.proto == IPSEC_PROTO_ESP ? "esp" :
	    sa->id.proto == IPSEC_PROTO_AH ? "ah " : "#9 ", p->out);
	fprintf(p->out, " %c %08" PRIx32 " %3s/%-3s ",
	    letters[sa->state < 4 ? sa->state : IPSEC_STATE_DEAD], sa->id.spi,
	    small((uint64_t)p->now - sa->current.add, age),
	    small(sa->hard.add, limit));
	short_end(&t, &sa->src, sa->encap.sport);
	text_put(&t, " -> ");
	short_end(&t, &sa->id.dst, sa->encap.dport);
	text_char(&t, '\n');
	put_record(p, &t);
}
