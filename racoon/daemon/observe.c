/* SPDX-License-Identifier: ISC */
/*
 * The kernel's SAs are counted in a dump, which with many of them takes
 * milliseconds: so whoever asks often gets the same facts for a second, or longer
 * if they are dear.
 */
#include "daemon/observe.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "config.h"
#include "crypto/cert.h"
#include "daemon/http_msg.h"
#include "daemon/metrics.h"
#include "daemon/procnet.h"
#include "daemon/serve.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"

struct observe {
	struct observe_sources of;
	struct metrics	*metrics;
	struct metrics_facts facts;
	uint64_t	 gathered;	/* ms; 0: never */
	uint64_t	 fresh;		/* ms: how long they serve */
	int		 xfrm, statm;	/* the kernel's counters; -1: none */
	struct serve	*serve;		/* NULL: metrics are off */
	struct ipsec_addr at;		/* where it serves */
};

/* ---- facts ---- */

static uint64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
count_ike_sa(void *ctx, const struct ike_sa_info *sa)
{
	struct metrics_facts *f = ctx;

	f->ike_sas[sa->initiator][sa->dying ? METRICS_DYING : sa->ready ?
	    METRICS_READY : METRICS_NEGOTIATING]++;
	return true;
}

static int
count_sa(void *ctx, const struct ipsec_sa *sa)
{
	struct metrics_facts *f = ctx;
	const unsigned int proto = sa->id.proto == IPSEC_PROTO_ESP ? 0 :
	    sa->id.proto == IPSEC_PROTO_AH ? 1 :
	    sa->id.proto == IPSEC_PROTO_IPCOMP ? 2 : METRICS_PROTOS;

	if (proto < METRICS_PROTOS && sa->state < METRICS_KERNEL_STATES)
		f->sas[proto][sa->state]++;
	return 0;
}

static void
note_cert(void *ctx, size_t nth, const struct remote *remote,
    const struct cert *cert)
{
	struct metrics_facts *f = ctx;
	const int64_t end = cert_not_after(cert);

	if (f->ncerts >= METRICS_CERTS || end == 0)
		return;
	f->cert[f->ncerts].nth = nth;
	f->cert[f->ncerts].left = end - (int64_t)time(NULL);
	(void)snprintf(f->cert[f->ncerts].remote, METRICS_NAME, "%s",
	    remote->name);
	f->ncerts++;
}

static double
seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void
ask_system(const struct observe *o, struct metrics_facts *f)
{
	struct rusage used;
	unsigned long size, resident;
	char text[128];
	ssize_t n;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		f->cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
	f->memory = 0;
	n = pread(o->statm, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%lu %lu", &size, &resident) == 2)
		f->memory = (uint64_t)resident *
		    (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
gather(struct observe *o)
{
	static const struct ipsec_filter all;
	struct metrics_facts *f = &o->facts;
	const uint64_t now = now_ms();

	if (o->gathered != 0 && now - o->gathered < o->fresh)
		return;
	o->gathered = now;
	ike_stats(o->of.ike, &f->ike);
	ike_counts(o->of.ike, &f->held);
	memset(f->ike_sas, 0, sizeof(f->ike_sas));
	ike_each_sa(o->of.ike, count_ike_sa, f);
	memset(f->sas, 0, sizeof(f->sas));
	f->has_sas = ipsec_sa_dump(o->of.ipsec, &all, count_sa, f) == 0;
	f->net = *net_stats(o->of.net);
	o->of.root->ops->hooks(o->of.root->ctx, &f->hooks);
	(void)xfrmstat_read(&f->xfrm, o->xfrm);
	f->ncerts = 0;
	credfile_each_own(o->of.credfile, *o->of.conf, note_cert, f);
	ask_system(o, f);
	o->fresh = (now_ms() - now) * OBSERVE_SHARE;
	if (o->fresh < OBSERVE_FRESH_MS)
		o->fresh = OBSERVE_FRESH_MS;
}

void
observe_metrics(struct observe *o, bool open, struct buf *out)
{
	gather(o);
	metrics_put(o->metrics, &o->facts, open, out);
}

/* ---- what happens ---- */

/*
 * The lines that a racoon built with --enable-stats has always written, for
 * the programs that read them.
 */
static void
log_timing(const struct ike_event *ev)
{
	const char *mode = ev->etype == ISAKMP_ETYPE_AGGRESSIVE ?
	    "Aggressive" : ev->etype == ISAKMP_ETYPE_BASE ? "Base" :
	    "Identity Protection";

	if (ev->type == IKE_EVENT_PHASE1_UP)
		log_peer(LOG_L_NOTIFY, &ev->remote, "phase1(%s): %8.6f", mode,
		    (double)ev->ms / 1000);
	else if (ev->type == IKE_EVENT_CHILD_UP)
		log_peer(LOG_L_NOTIFY, &ev->remote, "phase2(quick): %8.6f",
		    (double)ev->ms / 1000);
}

void
observe_event(struct observe *o, const struct ike_event *ev)
{
	log_timing(ev);
	metrics_event(o->metrics, ev);
}

void
observe_kernel(struct observe *o, const struct ipsec_event *ev)
{
	metrics_kernel(o->metrics, ev->type);
}

void
observe_reload(struct observe *o, bool good)
{
	metrics_reload(o->metrics, good);
}

/* ---- HTTP ---- */

#define INDEX	"racoon: the metrics are at /metrics\n"
#define TEXT	"text/plain; charset=utf-8"

static void
put_answer(struct observe *o, const struct http_request *r, struct buf *out)
{
	struct buf body;

	if (view_equal(r->path, view_text("/"))) {
		http_put(out, 200, TEXT, view_text(INDEX), r->head);
		return;
	}
	if (!view_equal(r->path, view_text("/metrics"))) {
		http_put(out, 404, TEXT, view_text("there is just /metrics\n"),
		    r->head);
		return;
	}
	buf_init(&body, METRICS_TEXT_MAX);
	observe_metrics(o, r->openmetrics, &body);
	if (buf_ok(&body))
		http_put(out, 200, r->openmetrics ? METRICS_OPEN :
		    METRICS_PLAIN, buf_view(&body), r->head);
	else
		http_put(out, 500, TEXT, view_text("too many metrics\n"),
		    r->head);
	buf_fini(&body);
}

static enum serve_verdict
on_question(void *ctx, const struct serve_peer *peer, struct view question,
    struct buf *out)
{
	struct http_request r;
	const int status = http_get(question, &r);

	(void)peer;
	if (status == 0)
		return SERVE_MORE;
	if (status == 200)
		put_answer(ctx, &r, out);
	else
		http_put(out, status, TEXT, view_text("only GET is served\n"),
		    r.head);
	return SERVE_ANSWER;
}

/* A listening TCP socket, or -1 with errno. */
static int
open_tcp(const struct ipsec_addr *at)
{
	struct sockaddr_storage ss;
	const socklen_t n = addr_to_sockaddr(at, &ss);
	const int on = 1;
	int err, fd = socket(at->family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	/* An IPv6 address shall not take the IPv4 one of the same port. */
	if (at->family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&ss, n) == 0 &&
	    listen(fd, OBSERVE_CLIENTS) == 0)
		return fd;
	err = errno;
	(void)close(fd);
	errno = err;
	return -1;
}

static void
serve_at(struct observe *o, const struct ipsec_addr *at)
{
	static const struct serve_limits limits = {
		.clients = OBSERVE_CLIENTS, .question = HTTP_REQUEST_MAX,
		.answer = METRICS_TEXT_MAX + 1024, .ms = OBSERVE_MS,
	};
	struct serve *serve;
	char text[ADDR_TEXT];
	int fd = open_tcp(at);

	if (fd == -1) {
		log_msg(LOG_L_ERROR, "metrics %s: %s: name %s, and reload",
		    addr_print_port(at, text), strerror(errno),
		    errno == EACCES ? "a port from 1024 on: privsep has no "
		    "others" : "an address of this host and a port that is "
		    "free");
		return;
	}
	serve = serve_new(o->of.base, fd, &limits, on_question, o);
	if (serve == NULL)
		return;
	serve_free(o->serve);
	o->serve = serve;
	o->at = *at;
	log_msg(LOG_L_INFO, "metrics at http://%s%s%s:%u/metrics",
	    at->family == AF_INET6 ? "[" : "", addr_print(at, text),
	    at->family == AF_INET6 ? "]" : "", at->port);
}

void
observe_listen(struct observe *o, const struct conf *conf)
{
	const struct ipsec_addr *at = &conf->listen.metrics;

	if (at->family == 0) {
		serve_free(o->serve);
		o->serve = NULL;
	} else if (o->serve == NULL || !addr_equal_port(&o->at, at))
		serve_at(o, at);
}

/* ---- begin and end ---- */

struct observe *
observe_new(const struct observe_sources *of)
{
	struct observe *o = xcalloc(1, sizeof(*o));
	struct timespec ts;

	o->of = *of;
	o->metrics = metrics_new();
	/* Kept open: the files are out of reach later. */
	o->xfrm = procnet_open(of->root, MON_PROC_XFRM);
	o->statm = procnet_open(of->root, MON_PROC_STATM);
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	o->facts.started = (double)ts.tv_sec + (double)(ts.tv_nsec / 1000000) /
	    1000;
	o->facts.version = PACKAGE_VERSION;
	o->facts.crypto = crypto_version();
	o->facts.backend = ipsec_backend(of->ipsec);
	return o;
}

void
observe_free(struct observe *o)
{
	if (o == NULL)
		return;
	serve_free(o->serve);
	if (o->xfrm != -1)
		(void)close(o->xfrm);
	if (o->statm != -1)
		(void)close(o->statm);
	metrics_free(o->metrics);
	free(o);
}
