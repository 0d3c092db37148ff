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

#define PROTO_ANY_NUMBER	255	/* how Linux' PF_KEY writes "any" */
#define PROTO_MOBILITY		135
#define REPLAY_PLAIN		32	/* packets that PF_KEY can tell of */
#define PREFIX_TEXT		(ADDR_TEXT + 16)
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
static const char *
date(uint64_t when, char out[TIME_TEXT])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (when == 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_TEXT, "%b %e %H:%M:%S %Y", &tm) == 0)
		snprintf(out, TIME_TEXT, "%*s", TIME_WIDTH, "");
	return out;
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
	(void)date((uint64_t)now, p->today);
}

/* Without a zone: the kernel does not keep it. */
static const char *
address(const struct ipsec_addr *addr, char out[ADDR_TEXT])
{
	struct ipsec_addr plain = *addr;

	plain.scope = 0;
	return addr_print(&plain, out);
}

/* "192.0.2.1 ", or with -p "192.0.2.1[0] ", with NAT-T "192.0.2.1[4500] " */
static void
sa_end(const struct print *p, const struct ipsec_addr *addr,
    const struct ipsec_encap *encap, uint16_t port)
{
	char text[ADDR_TEXT];

	fputs(address(addr, text), p->out);
	if (p->ports)
		fputs("[0]", p->out);
	if (encap->type != 0)
		fprintf(p->out, "[%u]", port);
	fputc(' ', p->out);
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
sa_type(const struct print *p, const struct ipsec_sa *sa)
{
	static const char *const modes[] = {
		[IPSEC_MODE_ANY] = "any",
		[IPSEC_MODE_TRANSPORT] = "transport",
		[IPSEC_MODE_TUNNEL] = "tunnel"
	};
	const char *word = proto_word(sa->id.proto);
	bool esp = sa->id.proto == IPSEC_PROTO_ESP;

	fputc('\t', p->out);
	if (sa->encap.type != 0 && !esp)
		fputs("natt+", p->out);
	if (word != NULL)
		fputs(word, p->out);
	else
		fprintf(p->out, "%u", sa->id.proto);
	if (sa->encap.type != 0 && esp)
		fputs("-udp", p->out);
	fputs(" mode=", p->out);
	if (sa->mode < sizeof(modes) / sizeof(modes[0]))
		fputs(modes[sa->mode], p->out);
	else
		fprintf(p->out, "%u", sa->mode);
	fprintf(p->out, " spi=%" PRIu32 "(0x%08" PRIx32 ") reqid=%" PRIu32
	    "(0x%08" PRIx32 ")\n", sa->id.spi, sa->id.spi, sa->reqid,
	    sa->reqid);
}

/* The table's name, the kernel's, or the bare number. */
static void
alg_name(const struct print *p, enum ipsec_alg_class class,
    const struct ipsec_key *key)
{
	const struct ipsec_alg *alg = ipsec_alg_by_id(class, key->id);

	if (key->id == 0 && key->name[0] != '\0')
		fputs(key->name, p->out);
	else if (alg == NULL)
		fprintf(p->out, "%u", key->id);
	else
		fputs(alg->name, p->out);
	/* The one algorithm with a second length of its own. */
	if (alg != NULL && class == IPSEC_ALG_AUTH && alg->icv_bits == 128 &&
	    key->icv_bits == 96)
		fputs("-96", p->out);
}

static void
key_line(const struct print *p, char letter, enum ipsec_alg_class class,
    const struct ipsec_key *key)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = (size_t)(key->key_bits + 7) / 8;

	if (!key->present || n == 0)
		return;
	if (n > sizeof(key->key))
		n = sizeof(key->key);
	fprintf(p->out, "\t%c: ", letter);
	alg_name(p, class, key);
	fputc(' ', p->out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % 32 == 0)
			fputc('\n', p->out);
		if (i % 4 == 0)
			fputc(' ', p->out);
		fputc(hex[key->key[i] >> 4], p->out);
		fputc(hex[key->key[i] & 15], p->out);
	}
	fputc('\n', p->out);
}

/* The line of IPComp has no end: that is how it has always been. */
static void
sa_algs(const struct print *p, const struct ipsec_sa *sa)
{
	if (sa->id.proto != IPSEC_PROTO_IPCOMP) {
		key_line(p, 'E', IPSEC_ALG_AEAD, &sa->aead);
		key_line(p, 'E', IPSEC_ALG_ENC, &sa->enc);
		key_line(p, 'A', IPSEC_ALG_AUTH, &sa->auth);
		return;
	}
	fputs("\tC: ", p->out);
	if (sa->comp.present)
		alg_name(p, IPSEC_ALG_COMP, &sa->comp);
	else
		fputs("none", p->out);
	fputc(' ', p->out);
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
sa_state(const struct print *p, const struct ipsec_sa *sa)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < sizeof(flag_bits) / sizeof(flag_bits[0]); i++)
		if ((sa->flags & flag_bits[i].sa) != 0)
			flags |= flag_bits[i].pfkey;
	fprintf(p->out, "\tseq=0x%08x replay=%" PRIu32 " flags=0x%08" PRIx32
	    " state=%s \n", 0u, sa->replay, flags, state_word(sa->state));
}

static void
sa_limits(const struct print *p, const struct ipsec_sa *sa)
{
	char then[TIME_TEXT];
	const struct ipsec_lifetime *hard = &sa->hard, *soft = &sa->soft;
	uint64_t age = sa->current.add == 0 ? 0 :
	    (uint64_t)p->now - sa->current.add;

	fprintf(p->out, "\tcreated: %s\tcurrent: %s\n",
	    date(sa->current.add, then), p->today);
	fprintf(p->out, "\tdiff: %" PRIu64 "(s)\thard: %" PRIu64
	    "(s)\tsoft: %" PRIu64 "(s)\n", age, hard->add, soft->add);
	fprintf(p->out, "\tlast: %s\thard: %" PRIu64 "(s)\tsoft: %" PRIu64
	    "(s)\n", date(sa->current.use, then), hard->use, soft->use);
	fprintf(p->out, "\tcurrent: %" PRIu64 "(bytes)\thard: %" PRIu64
	    "(bytes)\tsoft: %" PRIu64 "(bytes)\n", sa->current.bytes,
	    hard->bytes, soft->bytes);
	fprintf(p->out, "\tallocated: %" PRIu64 "\thard: %" PRIu64
	    "\tsoft: %" PRIu64 "\n", sa->current.packets, hard->packets,
	    soft->packets);
}

static void
label(const struct print *p, const struct ipsec_context *ctx)
{
	if (ctx->length == 0)
		return;
	fprintf(p->out, "\tsecurity context doi: %u\n", ctx->doi);
	fprintf(p->out, "\tsecurity context algorithm: %u\n", ctx->alg);
	fprintf(p->out, "\tsecurity context length: %u\n", ctx->length);
	fprintf(p->out, "\tsecurity context: %.*s\n", IPSEC_CTX_MAX,
	    ctx->text);
}

/* " -mark 0x00000010/0x000000ff" */
static void
extra_mark(FILE *out, const char *flag, const struct ipsec_mark *m)
{
	if (m->value != 0 || m->mask != 0)
		fprintf(out, " %s 0x%08" PRIx32 "/0x%08" PRIx32, flag,
		    m->value, m->mask);
}

static void
extra_if_id(FILE *out, uint32_t if_id)
{
	if (if_id != 0)
		fprintf(out, " -if_id %" PRIu32, if_id);
}

/* A device that is gone by now has its number left. */
static void
extra_device(FILE *out, const struct ipsec_offload *o)
{
	char name[IF_NAMESIZE];

	if (if_indextoname((unsigned int)o->ifindex, name) != NULL)
		fprintf(out, " -offload \"%s\"", name);
	else
		fprintf(out, " -offload %" PRId32, o->ifindex);
}

/* In the words of the language, so that a script may take them over. */
static void
extra_sa(const struct print *p, const struct ipsec_sa *sa)
{
	const struct ipsec_offload *o = &sa->offload;
	bool esn = (sa->flags & IPSEC_SA_ESN) != 0;

	fputs("\textensions:", p->out);
	extra_mark(p->out, "-mark", &sa->id.mark);
	extra_if_id(p->out, sa->if_id);
	extra_mark(p->out, "-output-mark", &sa->output_mark);
	if (esn)
		fputs(" -esn", p->out);
	if (esn || sa->replay > REPLAY_PLAIN)
		fprintf(p->out, " -replay %" PRIu32, sa->replay);
	if (o->kind != IPSEC_OFFLOAD_NONE) {
		extra_device(p->out, o);
		fprintf(p->out, " %s%s", o->dir == IPSEC_DIR_IN ? "in" :
		    "out", o->kind == IPSEC_OFFLOAD_PACKET ? " packet" : "");
	}
	fputc('\n', p->out);
}

void
print_extensions(FILE *out, const struct ipsec_policy *policy)
{
	extra_mark(out, "-mark", &policy->mark);
	extra_if_id(out, policy->if_id);
	if (policy->offload.kind != IPSEC_OFFLOAD_NONE)
		extra_device(out, &policy->offload);
}

static void
extra_policy(const struct print *p, const struct ipsec_policy *policy)
{
	fputs("\textensions:", p->out);
	print_extensions(p->out, policy);
	fputc('\n', p->out);
}

void
print_sa(struct print *p, const struct ipsec_sa *sa, unsigned long seq)
{
	sa_end(p, &sa->src, &sa->encap, sa->encap.sport);
	sa_end(p, &sa->id.dst, &sa->encap, sa->encap.dport);
	fputc('\n', p->out);
	sa_type(p, sa);
	sa_algs(p, sa);
	sa_state(p, sa);
	sa_limits(p, sa);
	label(p, &sa->ctx);
	if (p->extra)
		extra_sa(p, sa);
	fprintf(p->out, "\tsadb_seq=%lu pid=%ld refcnt=0\n", seq, p->pid);
}

/* These have a type or a key where others have ports. */
static bool
without_ports(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6 ||
	    proto == PROTO_MOBILITY || proto == IPPROTO_GRE;
}

static void
range(const struct print *p, const struct ipsec_addr *addr, uint8_t prefix,
    uint8_t proto)
{
	char text[ADDR_TEXT];

	fputs(address(addr, text), p->out);
	if (prefix != addr_bits(addr))
		fprintf(p->out, "/%u", prefix);
	if (without_ports(proto))
		return;
	if (addr->port == 0)
		fputs("[any]", p->out);
	else
		fprintf(p->out, "[%u]", addr->port);
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
selector(struct print *p, const struct ipsec_selector *s)
{
	unsigned int high = s->src.port, low = s->dst.port;

	range(p, &s->src, s->src_prefix, s->proto);
	fputc(' ', p->out);
	range(p, &s->dst, s->dst_prefix, s->proto);
	fprintf(p->out, " %s", proto_name(p, s->proto));
	if (without_ports(s->proto) && (high != 0 || low != 0)) {
		if (s->proto == IPPROTO_GRE)
			fprintf(p->out, " %u", high << 16 | low);
		else
			fprintf(p->out, " %u,%u", high, low);
	}
	fputc('\n', p->out);
}

static void
policy_text(const struct print *p, const struct ipsec_policy *policy)
{
	struct policy_spec spec;
	char text[POLICY_TEXT];

	policy_from_kernel(policy, &spec);
	if (policy_print(&spec, p->ports, "\n\t", text))
		fprintf(p->out, "\t%s\n", text);
	else
		fputs("\tPolicy:[Invalid ipsec mode]\n", p->out);
}

void
print_policy(struct print *p, const struct ipsec_policy *policy,
    unsigned long seq)
{
	char created[TIME_TEXT], used[TIME_TEXT];

	if (policy->dir == IPSEC_DIR_SOCKET_IN ||
	    policy->dir == IPSEC_DIR_SOCKET_OUT)
		fputs("(per-socket policy) \n", p->out);
	else if (policy->sel.src.family == 0)
		fputs("(no selector, probably per-socket policy) \n", p->out);
	else
		selector(p, &policy->sel);
	policy_text(p, policy);
	fprintf(p->out, "\tcreated: %s  lastused: %s\n",
	    date(policy->current.add, created),
	    date(policy->current.use, used));
	fprintf(p->out, "\tlifetime: %" PRIu64 "(s) validtime: %" PRIu64
	    "(s)\n", policy->hard.add, policy->hard.use);
	label(p, &policy->ctx);
	if (p->extra)
		extra_policy(p, policy);
	fprintf(p->out, "\tspid=%" PRIu32 " seq=%lu pid=%ld\n\trefcnt=%u\n",
	    policy->index, seq, p->pid, p->refcnt);
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
short_end(const struct print *p, const struct ipsec_addr *addr, uint16_t port)
{
	char text[ADDR_TEXT];

	fputs(address(addr, text), p->out);
	if (port != 0)
		fprintf(p->out, "[%u]", port);
}

void
print_sa_short(struct print *p, const struct ipsec_sa *sa)
{
	static const char letters[] = "LMDd";
	char age[8], limit[8];
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
	short_end(p, &sa->src, sa->encap.sport);
	fputs(" -> ", p->out);
	short_end(p, &sa->id.dst, sa->encap.dport);
	fputc('\n', p->out);
}
