/* SPDX-License-Identifier: ISC */
/*
 * Status, as text and as JSON of the schema 2.0.  Programs read both: neither
 * words nor their order may change.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/admin_call.h"
#include "daemon/admin_kernel.h"
#include "daemon/admin_words.h"
#include "daemon/json.h"
#include "libipsec/addr.h"

#define SCHEMA		"2.0"
#define INDEX		40		/* "0x", 32 digits */
#define STAMP		32
#define NET		(ADDR_TEXT + 8)
#define LINE		1200

struct status {
	struct buf	*out;
	struct json	 json;
	bool		 as_json;
	unsigned int	 n;		/* of the kind under way */
	const struct kernel_sas *kernel; /* NULL: it did not say */
};

static void __attribute__((format(printf, 2, 3)))
put(struct status *s, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_add(s->out, view_text(line));
}

static void
index_of(const uint8_t i[8], const uint8_t r[8], char out[INDEX])
{
	int n = snprintf(out, INDEX, "0x");

	for (int k = 0; k < 16; k++)
		n += snprintf(out + n, (size_t)(INDEX - n), "%02x",
		    k < 8 ? i[k] : r[k - 8]);
}

static const char *
yes(bool is)
{
	return is ? "yes" : "no";
}

static const char *
word_generate(enum conf_generate g)
{
	return g == CONF_GEN_OFF ? "none" : g == CONF_GEN_REQUIRE ?
	    "require" : "unique";
}

/* ---- phase 1 ---- */

static const char *
id_of(const char *id, const struct ipsec_addr *addr, char out[ADDR_TEXT])
{
	return id[0] != '\0' ? id : addr_print(addr, out);
}

static void
text_p1(struct status *s, const struct ike_p1_report *r)
{
	char index[INDEX], a[ADDR_TEXT], w[3][WORD];

	index_of(r->icookie, r->rcookie, index);
	put(s, "Phase 1: %s\n", index);
	put(s, "  state:          %s\n", word_p1_state(r->state));
	put(s, "  remote:         %s\n", id_of(r->peer_id, &r->remote, a));
	put(s, "  local:          %s\n", id_of(r->own_id, &r->local, a));
	put(s, "  version:        1.0  exchange_mode: %s\n",
	    word_etype(r->etype));
	if (r->agreed) {
		put(s, "  encryption:     %s  hash: %s  auth: %s  dh: %u\n",
		    word_cipher(r->cipher, w[0]), word_hash(r->hash, w[1]),
		    word_method(r->method, w[2]), r->group);
		put(s, "  lifetime:       %us\n", r->life_secs);
	}
	if (r->dpd)
		put(s, "  dpd:            supported=%s fails=%u\n",
		    yes(r->dpd_possible), r->dpd_fails);
	if (r->natt)
		put(s, "  natt:           enabled=yes\n");
	if (r->conf != NULL)
		put(s, "  remote_config:  anonymous=%s passive=%s "
		    "generate_policy=%s\n", yes(r->conf->anonymous),
		    yes(r->conf->passive),
		    word_generate(r->conf->generate_policy));
	put(s, "\n");
}

static void
json_suite(struct json *j, const struct ike_p1_report *r)
{
	char w[WORD];

	json_open(j, "proposal", '{');
	json_text(j, "encryption_algorithm", word_cipher(r->cipher, w));
	json_text(j, "hash_algorithm", word_hash(r->hash, w));
	json_text(j, "authentication_method", word_method(r->method, w));
	(void)snprintf(w, sizeof(w), "%u", r->group);
	json_text(j, "dh_group", w);
	json_number(j, "lifetime_time", r->life_secs);
	json_close(j, '}');
}

static void
json_conf(struct json *j, const struct remote *conf)
{
	json_open(j, "remote_config", '{');
	json_bool(j, "anonymous", conf->anonymous);
	json_bool(j, "passive", conf->passive);
	json_text(j, "generate_policy", word_generate(conf->generate_policy));
	json_close(j, '}');
}

static void
json_p1(struct json *j, const struct ike_p1_report *r)
{
	char index[INDEX], a[ADDR_TEXT];

	index_of(r->icookie, r->rcookie, index);
	json_open(j, NULL, '{');
	json_text(j, "index", index);
	json_text(j, "state", word_p1_state(r->state));
	json_text(j, "remote_id", id_of(r->peer_id, &r->remote, a));
	json_text(j, "local_id", id_of(r->own_id, &r->local, a));
	json_text(j, "version", "1.0");
	json_text(j, "exchange_mode", word_etype(r->etype));
	if (r->agreed)
		json_suite(j, r);
	if (r->dpd) {
		json_open(j, "dpd", '{');
		json_bool(j, "supported", r->dpd_possible);
		json_number(j, "fails", r->dpd_fails);
		json_close(j, '}');
	}
	if (r->natt) {
		json_open(j, "natt", '{');
		json_bool(j, "enabled", true);
		json_close(j, '}');
	}
	if (r->conf != NULL)
		json_conf(j, r->conf);
	json_close(j, '}');
}

static bool
put_p1(void *ctx, const struct ike_p1_report *r)
{
	struct status *s = ctx;

	s->n++;
	if (s->as_json)
		json_p1(&s->json, r);
	else
		text_p1(s, r);
	return buf_ok(s->out);
}

/* ---- phase 2 ---- */

/* A record in words. */
struct pair {
	const struct ike_p2_report *r;
	char		index[16], phase1[INDEX];
	char		in[16], out[16];	/* masked SPIs */
	char		src[NET], dst[NET];
	const char	*enc, *auth;		/* NULL: none */
	char		room[2][WORD];
	uint64_t	life_bytes;
	uint16_t	group;			/* effective */
};

static void
mask(uint32_t spi, char out[16])
{
	(void)snprintf(out, 16, "0x%04x****", spi >> 16);
}

static void
net(const struct ipsec_addr *a, uint8_t prefix, char out[NET])
{
	char text[ADDR_TEXT];

	(void)snprintf(out, NET, "%s/%u", addr_print(a, text), prefix);
}

static void
describe(const struct status *s, const struct ike_p2_report *r,
    struct pair *p)
{
	struct kernel_sa sa = { .enc = 0 };

	memset(p, 0, sizeof(*p));
	p->r = r;
	(void)snprintf(p->index, sizeof(p->index), "0x%08x", r->msgid);
	if (r->bound)
		index_of(r->icookie, r->rcookie, p->phase1);
	mask(r->spi_in, p->in);
	mask(r->spi_out, p->out);
	net(&r->sel.src, r->sel.src_prefix, p->src);
	net(&r->sel.dst, r->sel.dst_prefix, p->dst);
	if (s->kernel != NULL)
		(void)kernel_sas_find(s->kernel, &r->src, r->proto, r->spi_in,
		    &sa);
	p->enc = word_enc(sa.aead != 0 ? sa.aead : sa.enc, p->room[0]);
	p->auth = word_auth(sa.auth, r->proto == IPSEC_PROTO_AH, p->room[1]);
	p->life_bytes = sa.life_bytes;
	p->group = r->pfs_group != 0 ? r->pfs_group : r->p1_group;
}

static bool
is_ok(const struct ike_p2_report *r)
{
	return r->state == IKE_P2_UP && r->spi_in != 0 && r->spi_out != 0;
}

static const char *
number_or(uint32_t n, const char *none, char out[WORD])
{
	(void)snprintf(out, WORD, "%u", n);
	return n == 0 ? none : out;
}

static void
text_p2(struct status *s, const struct pair *p)
{
	const struct ike_p2_report *r = p->r;
	char w[3][WORD];

	put(s, "Phase 2: %s\n", p->index);
	put(s, "  phase1:         %s\n", r->bound ? p->phase1 : "(unbound)");
	put(s, "  state:          %s  protocol: %s  mode: %s\n",
	    word_p2_state(r->state), word_proto(r->proto),
	    word_mode(r->mode, r->natt));
	if (r->spi_in != 0)
		put(s, "  spi:            in=%s out=%s\n", p->in, p->out);
	else
		put(s, "  spi:            (pending)\n");
	put(s, "  selector:       %s -> %s  proto=%s sport=%s dport=%s\n",
	    p->src, p->dst, number_or(r->sel.proto, "any", w[0]),
	    number_or(r->sel.src.port, "any", w[1]),
	    number_or(r->sel.dst.port, "any", w[2]));
	put(s, "  encryption:     %s  auth: %s%s\n",
	    p->enc == NULL ? "(none)" : p->enc,
	    p->auth == NULL ? "(none)" : p->auth,
	    r->comp != 0 ? "  comp: DEFLATE" : "");
	put(s, "  pfs_group:      %s\n", number_or(r->pfs_group, "(none)",
	    w[0]));
	put(s, "  effective_group: %u\n", p->group);
	put(s, "  lifetime:       %us / %" PRIu64 " bytes\n", r->life_secs,
	    p->life_bytes);
	put(s, "  reqid:          in=%u out=%u  ok=%s\n\n", r->reqid_in,
	    r->reqid_out, yes(is_ok(r)));
}

static void
json_number_or(struct json *j, const char *key, uint32_t n, const char *none)
{
	if (n == 0)
		json_text(j, key, none);
	else
		json_number(j, key, n);
}

static void
json_agreed(struct json *j, const struct pair *p)
{
	json_open(j, "proposal", '{');
	json_text(j, "encryption_algorithm", p->enc);
	json_text(j, "authentication_algorithm", p->auth);
	if (p->r->comp != 0)
		json_text(j, "compression_algorithm", "DEFLATE");
	json_number_or(j, "pfs_group", p->r->pfs_group, NULL);
	json_number(j, "effective_group", p->group);
	json_number(j, "lifetime_time", p->r->life_secs);
	json_number(j, "lifetime_bytes", p->life_bytes);
	json_close(j, '}');
}

static void
json_p2(struct json *j, const struct pair *p)
{
	const struct ike_p2_report *r = p->r;

	json_open(j, NULL, '{');
	json_text(j, "index", p->index);
	json_text(j, "phase1_index", r->bound ? p->phase1 : NULL);
	json_text(j, "state", word_p2_state(r->state));
	json_text(j, "spi_in", r->spi_in != 0 ? p->in : NULL);
	json_text(j, "spi_out", r->spi_out != 0 ? p->out : NULL);
	json_text(j, "protocol", word_proto(r->proto));
	json_text(j, "encmode", word_mode(r->mode, r->natt));
	json_open(j, "selectors", '{');
	json_text(j, "src", p->src);
	json_text(j, "dst", p->dst);
	json_number_or(j, "protocol", r->sel.proto, "any");
	json_number_or(j, "src_port", r->sel.src.port, "any");
	json_number_or(j, "dst_port", r->sel.dst.port, "any");
	json_close(j, '}');
	if (r->spi_in != 0)
		json_agreed(j, p);
	json_number(j, "reqid_in", r->reqid_in);
	json_number(j, "reqid_out", r->reqid_out);
	json_bool(j, "ok", is_ok(r));
	json_close(j, '}');
}

static bool
put_p2(void *ctx, const struct ike_p2_report *r)
{
	struct status *s = ctx;
	struct pair p;

	s->n++;
	describe(s, r, &p);
	if (s->as_json)
		json_p2(&s->json, &p);
	else
		text_p2(s, &p);
	return buf_ok(s->out);
}

/* ---- all ---- */

static void
stamp(char out[STAMP])
{
	const time_t now = time(NULL);
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(out, STAMP, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void
text_all(struct status *s, const struct ike *ike, bool more)
{
	char when[STAMP];

	stamp(when);
	put(s, "racoon status at %s\n\n", when);
	ike_each_p1(ike, put_p1, s);
	if (s->n == 0)
		put(s, "(no phase 1 SAs)\n");
	s->n = 0;
	if (!more)
		return;
	ike_each_p2(ike, put_p2, s);
	if (s->n == 0)
		put(s, "(no phase 2 SAs)\n");
}

static void
json_all(struct status *s, const struct ike *ike, bool more)
{
	struct json *j = &s->json;
	char when[STAMP];

	stamp(when);
	json_open(j, NULL, '{');
	json_text(j, "schema_version", SCHEMA);
	json_text(j, "timestamp", when);
	json_open(j, "phase1", '[');
	ike_each_p1(ike, put_p1, s);
	json_close(j, ']');
	if (more) {
		json_open(j, "phase2", '[');
		ike_each_p2(ike, put_p2, s);
		json_close(j, ']');
	}
	json_close(j, '}');
}

int
call_status(struct call *c)
{
	const bool more = c->r->command == ADMIN_STATUS_MORE;
	struct kernel_sas *kernel = more ? kernel_sas_new(c->of->ipsec) :
	    NULL;
	struct status s = { .out = c->out, .json = { .out = c->out },
	    .as_json = c->r->proto == ADMIN_JSON, .kernel = kernel };

	if (s.as_json)
		json_all(&s, c->of->ike, more);
	else
		text_all(&s, c->of->ike, more);
	kernel_sas_free(kernel);
	return buf_ok(c->out) ? 0 : ENOMEM;
}
