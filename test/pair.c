/* SPDX-License-Identifier: ISC */
/* Two engines that see each other's datagrams when a test says so. */

#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/read.h"
#include "ike/sa.h"

const char pair_conf[] =
    "timer { phase1 600 sec; phase2 50 sec; }\n"
    "path pre_shared_key \"/psk.txt\";\n"
    "remote anonymous {\n"
    "	exchange_mode main;\n"
    "	lifetime time 1 hour;\n"
    "	nat_traversal off;\n"
    "	proposal {\n"
    "		encryption_algorithm aes;\n"
    "		hash_algorithm sha256;\n"
    "		authentication_method pre_shared_key;\n"
    "		dh_group modp768;\n"
    "	}\n"
    "}\n"
    "sainfo anonymous {\n"
    "	lifetime time 30 min;\n"
    "	encryption_algorithm aes;\n"
    "	authentication_algorithm hmac_sha256;\n"
    "	compression_algorithm deflate;\n"
    "}\n";

/*
 * Configuration and addresses
 */

static bool
open_text(void *ctx, const char *path, struct conf_text *out)
{
	(void)path;
	out->text = xstrdup(ctx);
	out->n = strlen(out->text);
	return true;
}

static bool
no_glob(void *ctx, const char *pattern,
    void (*fn)(void *arg, const char *path), void *arg)
{
	(void)ctx;
	(void)pattern;
	(void)fn;
	(void)arg;
	return false;
}

struct conf *
conf_of(const char *text)
{
	struct conf_opener opener = { .ctx = (void *)(uintptr_t)text,
	    .open = open_text, .glob = no_glob, .gss = true };
	struct conf *conf;

	ck_assert_int_eq(conf_read(&opener, "/racoon.conf", &conf), OK);
	return conf;
}

struct ipsec_addr
addr_of(const char *text, uint16_t port)
{
	struct ipsec_addr addr;

	ck_assert(addr_parse(&addr, text));
	addr.port = port;
	return addr;
}

struct ipsec_selector
selector_of(const char *src, uint8_t src_prefix, const char *dst,
    uint8_t dst_prefix)
{
	return (struct ipsec_selector){
		.src = addr_of(src, 0),
		.dst = addr_of(dst, 0),
		.src_prefix = src_prefix,
		.dst_prefix = dst_prefix,
	};
}

static struct node *
other_node(const struct node *node)
{
	struct pair *pair = node->pair;

	return node == &pair->a ? &pair->b : &pair->a;
}

struct ipsec_selector
pair_selector(const struct node *from)
{
	struct ipsec_selector sel = {
		.src = from->addr,
		.dst = other_node(from)->addr,
		.src_prefix = 32,
		.dst_prefix = 32,
	};

	sel.src.port = sel.dst.port = 0;
	return sel;
}

/*
 * What the engines ask of the world
 */

static void
op_send(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view bytes)
{
	struct node *node = ctx;
	struct pair *pair = node->pair;
	struct datagram *d = &pair->sent[pair->nsent++];

	ck_assert_uint_lt(pair->nsent, PAIR_DATAGRAMS);
	d->from = *local;
	d->to = *remote;
	buf_init(&d->bytes, LIMIT_DATAGRAM);
	buf_set(&d->bytes, bytes);
}

static void
op_submit(void *ctx, struct job *job)
{
	struct node *node = ctx;
	struct job **at = &node->jobs;

	while (*at != NULL)
		at = &(*at)->next;
	*at = job;
	node->njobs++;
}

static enum err
op_psk(void *ctx, struct view id, struct buf *key)
{
	struct node *node = ctx;

	if (node->psk == NULL || (node->psk_id != NULL &&
	    !view_equal(id, view_text(node->psk_id))))
		return E_NOPSK;
	buf_set(key, view_text(node->psk));
	return OK;
}

static void
op_event(void *ctx, const struct ike_event *ev)
{
	struct node *node = ctx;

	ck_assert_uint_lt(ev->type, PAIR_EVENTS);
	node->event[ev->type]++;
	node->last = *ev;
	snprintf(node->last_id, sizeof(node->last_id), "%s",
	    ev->peer_id != NULL ? ev->peer_id : "");
}

static bool
op_natt(void *ctx, const struct ipsec_addr *local, struct ipsec_addr *out)
{
	struct node *node = ctx;

	*out = *local;
	out->port = ISAKMP_NATT_PORT;
	return node->natt;
}

static bool
op_local(void *ctx, const struct ipsec_addr *hint,
    const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	struct node *node = ctx;

	(void)hint;
	(void)remote;
	*out = node->addr;
	return true;
}

static void
op_creds(void *ctx, const struct remote *remote, struct ike_creds *out)
{
	struct node *node = ctx;

	*out = node->other != NULL && strcmp(remote->name, node->other) ==
	    0 ? node->other_creds : node->creds;
}

static const struct gss_ops *
op_gss(void *ctx)
{
	struct node *node = ctx;

	return node->gss;
}

static const struct ike_ops ops = {
	op_send, op_submit, op_psk, op_event, op_natt, op_local, op_creds,
	op_gss, NULL
};

/*
 * Life
 */

static void
keep_line(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct pair *pair = ctx;

	(void)level;
	(void)peer;
	if (pair->nlines < PAIR_LINES)
		pair->line[pair->nlines++] = xstrdup(text);
}

static void
node_new(struct pair *pair, struct node *node, const char *addr,
    const char *text)
{
	node->pair = pair;
	node->addr = addr_of(addr, ISAKMP_PORT);
	node->psk = "a secret";
	node->conf = conf_of(text == NULL ? pair_conf : text);
	node->kernel = kernel_new((uint8_t)addr[strlen(addr) - 1],
	    pair->now);
	ck_assert_ptr_nonnull(node->kernel);
	kernel_address(node->kernel, &node->addr);
	node->handle = kernel_open(node->kernel);
	node->ike = ike_new(&ops, node, node->handle, pair->crypto,
	    node->conf, pair->now);
}

struct pair *
pair_new(const char *a, const char *b, uint64_t start)
{
	struct pair *pair = xcalloc(1, sizeof(*pair));

	pair->now = start;
	pair->sent = xcalloc(PAIR_DATAGRAMS, sizeof(*pair->sent));
	log_to(keep_line, pair);
	log_set_level(LOG_L_DEBUG);
	pair->crypto = crypto_new();
	ck_assert_ptr_nonnull(pair->crypto);
	node_new(pair, &pair->a, "192.0.2.1", a);
	node_new(pair, &pair->b, "192.0.2.2", b);
	return pair;
}

static void
node_stop(struct node *node)
{
	struct job *job;

	ike_free(node->ike);
	while ((job = node->jobs) != NULL) {
		node->jobs = job->next;
		job_free(job);
	}
}

void
node_restart(struct node *node)
{
	node_stop(node);
	node->ike = ike_new(&ops, node, node->handle, node->pair->crypto,
	    node->conf, node->pair->now);
}

static void
node_free(struct node *node)
{
	node_stop(node);
	ipsec_close(node->handle);
	kernel_free(node->kernel);
	conf_unref(node->conf);
}

void
pair_free(struct pair *pair)
{
	node_free(&pair->a);
	node_free(&pair->b);
	for (size_t i = 0; i < pair->nsent; i++)
		buf_fini(&pair->sent[i].bytes);
	free(pair->sent);
	crypto_free(pair->crypto);
	log_to(NULL, NULL);
	for (size_t i = 0; i < pair->nlines; i++)
		free(pair->line[i]);
	free(pair);
}

/*
 * Policies
 */

static void
swap_ends(struct ipsec_addr *a, struct ipsec_addr *b)
{
	struct ipsec_addr was = *a;

	*a = *b;
	*b = was;
}

void
node_policy(struct node *node, const struct ipsec_selector *sel,
    const struct ipsec_tmpl *tmpl)
{
	node_policies(node, sel, tmpl, 1);
}

void
node_policies(struct node *node, const struct ipsec_selector *sel,
    const struct ipsec_tmpl *tmpl, uint8_t n)
{
	struct ipsec_policy p = {
		.sel = *sel,
		.dir = IPSEC_DIR_OUT,
		.action = IPSEC_ACTION_IPSEC,
		.ntmpl = n,
		.priority = 1000,
	};

	memcpy(p.tmpl, tmpl, n * sizeof(*tmpl));
	ck_assert_int_eq(ipsec_policy_set(node->handle, &p, false), 0);
	p.dir = IPSEC_DIR_IN;
	swap_ends(&p.sel.src, &p.sel.dst);
	p.sel.src_prefix = sel->dst_prefix;
	p.sel.dst_prefix = sel->src_prefix;
	for (uint8_t i = 0; i < n; i++)
		swap_ends(&p.tmpl[i].src, &p.tmpl[i].dst);
	ck_assert_int_eq(ipsec_policy_set(node->handle, &p, false), 0);
}

void
pair_transport(struct pair *pair)
{
	static const struct ipsec_tmpl esp = { .proto = IPSEC_PROTO_ESP,
	    .mode = IPSEC_MODE_TRANSPORT };
	struct ipsec_selector sel = pair_selector(&pair->a);

	node_policy(&pair->a, &sel, &esp);
	sel = pair_selector(&pair->b);
	node_policy(&pair->b, &sel, &esp);
}

void
pair_begin(struct pair *pair)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
}

struct msg_header
pair_header(const struct pair *pair, size_t i)
{
	struct msg_header h;

	ck_assert_uint_lt(i, pair->nsent);
	ck_assert_int_eq(msg_header_get(buf_view(&pair->sent[i].bytes), &h),
	    OK);
	return h;
}

void
pair_parse(const struct pair *pair, size_t i, struct msg *msg)
{
	struct msg_header h = pair_header(pair, i);
	struct view chain = buf_from(&pair->sent[i].bytes,
	    ISAKMP_HEADER_LEN);

	ck_assert_int_eq(msg_parse(msg, &h, chain, false), OK);
}

void
node_acquire(struct node *node, const struct ipsec_selector *sel,
    uint32_t seq)
{
	struct ipsec_policy key = { .sel = *sel, .dir = IPSEC_DIR_OUT };
	struct ipsec_event ev = { .type = IPSEC_EVENT_ACQUIRE };
	const struct ipsec_tmpl *tmpl;

	ck_assert_int_eq(ipsec_policy_get(node->handle, &key, &ev.policy), 0);
	tmpl = &ev.policy.tmpl[0];
	ev.sa.seq = seq;
	ev.sa.id.proto = tmpl->proto;
	ev.sa.src = node->addr;
	ev.sa.src.port = 0;
	ev.sa.id.dst = tmpl->mode == IPSEC_MODE_TUNNEL ? tmpl->dst : sel->dst;
	ev.flow = *sel;
	ike_kernel(node->ike, &ev);
}

/*
 * Running
 */

void
node_work(struct node *node)
{
	struct job *job;

	while ((job = node->jobs) != NULL) {
		node->jobs = job->next;
		job->next = NULL;
		job->run(job);
		ike_job_done(node->ike, job);
	}
}

void
pair_inject(struct pair *pair, struct node *to, const struct ipsec_addr *from,
    struct view bytes)
{
	struct buf copy;	/* the engine must not keep views of it */

	(void)pair;
	buf_init(&copy, LIMIT_DATAGRAM);
	buf_set(&copy, bytes);
	ike_datagram(to->ike, &to->addr, from, buf_view(&copy));
	buf_fini(&copy);
}

/* What the NAT in front of A makes of both addresses. */
static void
translate(const struct pair *pair, struct ipsec_addr *from,
    struct ipsec_addr *to)
{
	const struct ipsec_addr *nat = &pair->nat;
	const struct ipsec_addr *inside = &pair->a.addr;

	if (nat->family == 0)
		return;
	if (addr_equal(from, inside)) {
		bool floated = from->port == ISAKMP_NATT_PORT;

		*from = *nat;
		from->port = (uint16_t)(nat->port + floated);
	} else if (addr_equal(to, nat) && to->port - nat->port < 2 &&
	    to->port >= nat->port) {
		bool floated = to->port != nat->port;

		*to = *inside;
		to->port = floated ? ISAKMP_NATT_PORT : ISAKMP_PORT;
	} else if (addr_equal(to, inside)) {
		to->family = 0;			/* not seen from outside */
	}
}

bool
pair_deliver(struct pair *pair)
{
	struct ipsec_addr from, to;
	struct datagram *d;
	struct node *node;

	if (pair->next == pair->nsent)
		return false;
	d = &pair->sent[pair->next++];
	from = d->from;
	to = d->to;
	translate(pair, &from, &to);
	node = addr_equal(&to, &pair->a.addr) ? &pair->a :
	    addr_equal(&to, &pair->b.addr) ? &pair->b : NULL;
	if (node != NULL)
		ike_datagram(node->ike, &to, &from, buf_view(&d->bytes));
	return true;
}

void
pair_run_some(struct pair *pair, unsigned int count)
{
	do {
		node_work(&pair->a);
		node_work(&pair->b);
	} while (count-- > 0 && pair_deliver(pair));
}

void
pair_run(struct pair *pair)
{
	pair_run_some(pair, PAIR_DATAGRAMS);
}

void
pair_tick(struct pair *pair, uint64_t ms)
{
	uint64_t end = pair->now + ms, due, other;

	for (;;) {
		due = ike_next(pair->a.ike);
		other = ike_next(pair->b.ike);
		pair->now = due < other ? due : other;
		if (pair->now > end)
			pair->now = end;
		ike_tick(pair->a.ike, pair->now);
		ike_tick(pair->b.ike, pair->now);
		if (pair->now == end)
			return;
	}
}

void
pair_connect(struct pair *pair)
{
	struct ipsec_selector sel = pair_selector(&pair->a);

	pair_transport(pair);
	node_acquire(&pair->a, &sel, 1);
	pair_run(pair);
	ck_assert_uint_eq(counts_of(&pair->a).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->b).ready, 1);
	ck_assert_uint_eq(counts_of(&pair->a).children, 1);
	ck_assert_uint_eq(counts_of(&pair->b).children, 1);
	ck_assert_uint_eq(counts_of(&pair->a).wants, 0);
}

/*
 * Looking
 */

bool
pair_said(const struct pair *pair, const char *text)
{
	for (size_t i = 0; i < pair->nlines; i++)
		if (strstr(pair->line[i], text) != NULL)
			return true;
	return false;
}

struct ike_counts
counts_of(const struct node *node)
{
	struct ike_counts counts;

	ike_counts(node->ike, &counts);
	return counts;
}

struct ike_stats
stats_of(const struct node *node)
{
	struct ike_stats stats;

	ike_stats(node->ike, &stats);
	return stats;
}

size_t
bytes_from(const struct pair *pair, const struct node *from, size_t since)
{
	size_t n = 0;

	for (size_t i = since; i < pair->nsent; i++)
		if (addr_equal(&pair->sent[i].from, &from->addr))
			n += pair->sent[i].bytes.n;
	return n;
}

unsigned int
datagrams_from(const struct pair *pair, const struct node *from, size_t since)
{
	unsigned int n = 0;

	for (size_t i = since; i < pair->nsent; i++)
		n += addr_equal(&pair->sent[i].from, &from->addr);
	return n;
}

struct sa *
node_sa(const struct node *node)
{
	return node->ike->by_cookies;
}
