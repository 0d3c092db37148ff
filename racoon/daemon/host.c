/* SPDX-License-Identifier: ISC */
/*
 * Turns what happens outside into calls of the engine, each with the time
 * told first, and does what the engine asks for.
 */
#include "daemon/host.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/timer.h"
#include "daemon/admin.h"
#include "daemon/credfile.h"
#include "daemon/gss.h"
#include "daemon/hook_env.h"
#include "daemon/net.h"
#include "daemon/observe.h"
#include "daemon/pool.h"
#include "daemon/pskfile.h"
#include "daemon/stray.h"
#include "daemon/traffic.h"
#include "ike/ike.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "monitor/handover.h"

#define SIGNALS		5
#define KERNEL_FAILURES	8	/* in a row: the socket is broken */
#define LISTEN_TO	(IPSEC_LISTEN_ACQUIRE | IPSEC_LISTEN_EXPIRE | \
			    IPSEC_LISTEN_MAPPING | IPSEC_LISTEN_SA)

struct host {
	const struct host_setup *setup;
	const struct conf *conf;
	struct event_base *base;
	struct ike	*ike;
	struct net	*net;
	struct pool	*pool;
	struct pool	*waiting[JOB_WAITS];	/* for jobs that wait for others;
					   made with the first one */
	struct pskfile	*pskfile;
	struct credfile	*credfile;
	const struct asroot *root;
	struct stray	*stray;
	struct traffic	 traffic;
	struct observe	*observe;
	struct admin	*admin;		/* NULL: off */
	struct event	*timer, *kernel, *signal[SIGNALS];
	uint64_t	 armed;		/* when the timer will fire */
	unsigned int	 failures;	/* of the kernel's events, in a row */
	int		 status;	/* to exit with */
	bool		 serving;	/* has taken over what was there */
};

/* ---- time ---- */

static uint64_t
now_ms(void)
{
	struct timespec ts;

	/* Cannot fail for this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/*
 * Sees to it that the engine is called when it wants.  A timer that is set
 * too early is left alone: firing in vain once is cheaper than moving it for
 * each datagram.
 */
static void
arm(struct host *h)
{
	uint64_t next = ike_next(h->ike), now, wait;
	struct timeval tv;

	if (next == UINT64_MAX || next >= h->armed)
		return;
	now = now_ms();
	wait = next > now ? next - now : 0;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	if (event_add(h->timer, &tv) == 0)
		h->armed = next;
	else
		log_msg(LOG_L_ERROR, "cannot set a timer");
}

static void
on_time(evutil_socket_t fd, short what, void *ctx)
{
	struct host *h = ctx;

	(void)fd;
	(void)what;
	h->armed = TIMER_NEVER;
	ike_tick(h->ike, now_ms());
	arm(h);
}

/* ---- into the engine ---- */

static void
on_datagram(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	struct host *h = ctx;

	ike_tick(h->ike, now_ms());
	ike_datagram(h->ike, local, remote, v);
	arm(h);
}

static void
on_job(void *ctx, struct job *job)
{
	struct host *h = ctx;

	ike_tick(h->ike, now_ms());
	ike_job_done(h->ike, job);
	arm(h);
}

static void
on_kernel_event(void *ctx, const struct ipsec_event *ev)
{
	struct host *h = ctx;

	observe_kernel(h->observe, ev);
	ike_kernel(h->ike, ev);
}

static void
on_kernel(evutil_socket_t fd, short what, void *ctx)
{
	struct host *h = ctx;

	(void)fd;
	(void)what;
	ike_tick(h->ike, now_ms());
	if (ipsec_events(h->setup->ipsec, on_kernel_event, h) >= 0)
		h->failures = 0;
	else if (++h->failures == KERNEL_FAILURES) {
		log_msg(LOG_L_ERROR, "cannot hear the kernel's IPsec events "
		    "any more (%s): stopping, so that racoon can be started "
		    "anew", ipsec_error(h->setup->ipsec));
		h->status = EXIT_FAILURE;
		host_stop(h);
	}
	arm(h);
}

static void
on_strays(void *ctx, const struct ike_stray *stray, size_t n)
{
	struct host *h = ctx;

	ike_tick(h->ike, now_ms());
	ike_strays(h->ike, stray, n);
	arm(h);
}

/* ---- what the engine asks for ---- */

static void
do_send(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view v)
{
	struct host *h = ctx;

	net_send(h->net, local, remote, v);
}

/* Whoever does not answer holds up nobody else: a pool for each, which is the
 * common one if it cannot be made. */
static struct pool *
pool_for(struct host *h, enum job_waits waits)
{
	/* A KDC's tickets for a principal are in one place. */
	static const unsigned int threads[JOB_WAITS] = {
		[JOB_WAITS_KDC] = 1, [JOB_WAITS_DNS] = 4,
	};

	if (waits == JOB_WAITS_NOT)
		return h->pool;
	if (h->waiting[waits] == NULL)
		h->waiting[waits] = pool_new(h->base, threads[waits], on_job,
		    h);
	return h->waiting[waits] != NULL ? h->waiting[waits] : h->pool;
}

static void
do_submit(void *ctx, struct job *job)
{
	struct host *h = ctx;

	pool_submit(pool_for(h, job->waits), job);
}

static enum err
do_psk(void *ctx, struct view id, struct buf *key)
{
	struct host *h = ctx;

	return pskfile_find(h->pskfile, h->conf->path_psk, id, key);
}

static void
do_event(void *ctx, const struct ike_event *ev)
{
	static const char *const name[] = {
		[IKE_EVENT_PHASE1_UP] = "phase1 up",
		[IKE_EVENT_PHASE1_DOWN] = "phase1 down",
		[IKE_EVENT_PHASE1_DEAD] = "phase1 dead",
		[IKE_EVENT_PHASE1_FAILED] = "phase1 failed",
		[IKE_EVENT_CHILD_UP] = "child up",
		[IKE_EVENT_CHILD_DOWN] = "child down",
		[IKE_EVENT_CHILD_FAILED] = "child failed",
		[IKE_EVENT_PHASE1_BAD_AUTH] = "phase1 bad auth",
		[IKE_EVENT_PHASE1_DELETED] = "phase1 deleted by the peer",
		[IKE_EVENT_CHILD_NO_PHASE1] = "child without phase1",
	};

	struct host *h = ctx;

	log_peer(LOG_L_DEBUG, &ev->remote, "event %s (%s, %u ms): %s",
	    name[ev->type], ev->initiator ? "initiator" : "responder",
	    ev->ms, err_text(ev->err));
	observe_event(h->observe, ev);
	hook_event(h->root, ev);
	admin_event(h->admin, ev);
}

static bool
do_natt(void *ctx, const struct ipsec_addr *local, struct ipsec_addr *out)
{
	const struct host *h = ctx;

	return net_natt(h->net, local, out);
}

static bool
do_local(void *ctx, const struct ipsec_addr *hint,
    const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	const struct host *h = ctx;

	return net_local(h->net, hint, remote, out);
}

static void
do_creds(void *ctx, const struct remote *remote, struct ike_creds *out)
{
	const struct host *h = ctx;

	credfile_get(h->credfile, remote, out);
}

static const struct gss_ops *
do_gss(void *ctx)
{
	(void)ctx;
	return gss_provider();
}

static uint64_t
do_traffic(void *ctx)
{
	const struct host *h = ctx;

	return traffic_count(&h->traffic);
}

static const struct ike_ops ops = {
	.send = do_send,
	.submit = do_submit,
	.psk = do_psk,
	.event = do_event,
	.natt = do_natt,
	.local = do_local,
	.creds = do_creds,
	.gss = do_gss,
	.traffic = do_traffic,
};

/* ---- configuration ---- */

enum log_level
host_log_level(const struct conf *conf, unsigned int debug)
{
	unsigned int level = (unsigned int)conf->log_level;

	if (debug >= (unsigned int)LOG_L_DEBUG2 - level)
		return LOG_L_DEBUG2;
	return (enum log_level)(level + debug);
}

static enum err
listen_as_told(struct host *h, const struct conf *conf)
{
	const struct net_plan plan = {
		.on = conf->listen.on,
		.n = conf->listen.n,
		.port = h->setup->port,
		.natt_port = h->setup->natt_port,
		.strict = conf->listen.strict_address,
	};

	return net_listen(h->net, &plan);
}

static void
look_for_strays(struct host *h)
{
	uint16_t port[STRAY_PORTS];
	unsigned int n = net_natt_ports(h->net, port, STRAY_PORTS);

	stray_watch(h->stray, h->conf->repair_unknown_spi, port, n);
}

/* The sockets last: they are what cannot be tried without being done. */
static enum err
read_and_listen(struct host *h, struct conf **conf)
{
	enum err r;

	r = h->root->ops->reload(h->root->ctx, conf);
	if (r != OK)
		return r;
	r = listen_as_told(h, *conf);
	h->root->ops->keep(h->root->ctx, r == OK);
	if (r != OK)
		conf_unref(*conf);
	return r;
}

static bool
reload(struct host *h)
{
	struct conf *conf;

	log_msg(LOG_L_INFO, "Reading configuration from \"%s\"",
	    h->setup->path);
	if (read_and_listen(h, &conf) != OK) {
		log_msg(LOG_L_ERROR, "config reload failed: the running "
		    "configuration stays in force; mend what is said above "
		    "(%s) and send SIGHUP again", h->setup->path);
		observe_reload(h->observe, false);
		return false;
	}
	conf_unref(h->conf);
	h->conf = conf;
	log_set_level(host_log_level(conf, h->setup->debug));
	pskfile_check(h->pskfile, conf->path_psk);
	credfile_load(h->credfile, conf);
	look_for_strays(h);
	ike_tick(h->ike, now_ms());
	ike_reload(h->ike, conf);
	arm(h);
	observe_listen(h->observe, conf);
	observe_reload(h->observe, true);
	log_msg(LOG_L_NOTIFY, "the configuration was reloaded");
	return true;
}

/* Somebody waits for the end of it, whether it has succeeded or not. */
bool
host_reload(struct host *h)
{
	const bool done = reload(h);

	h->root->ops->ready(h->root->ctx);
	return done;
}

/* ---- signals ---- */

static void
on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct host *h = ctx;

	(void)what;
	log_msg(LOG_L_INFO, "caught signal %d", (int)number);
	if (number == SIGHUP)
		(void)host_reload(h);
	else if (number == SIGINT || number == SIGTERM)
		host_stop(h);
}

static bool
catch_signals(struct host *h)
{
	static const int number[SIGNALS] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1,
		SIGUSR2 };

	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIGNALS; i++) {
		h->signal[i] = evsignal_new(h->base, number[i], on_signal, h);
		if (h->signal[i] == NULL || event_add(h->signal[i], NULL) != 0)
			return false;
	}
	return true;
}

/* ---- start and stop ---- */

static void
open_observe(struct host *h)
{
	const struct observe_sources sources = {
		.base = h->base,
		.ike = h->ike,
		.ipsec = h->setup->ipsec,
		.net = h->net,
		.root = h->root,
		.credfile = h->credfile,
		.conf = &h->conf,
	};

	h->observe = observe_new(&sources);
	observe_listen(h->observe, h->conf);
}

static void
admin_reload(void *ctx)
{
	(void)host_reload(ctx);
}

static void
admin_tick(void *ctx)
{
	struct host *h = ctx;

	ike_tick(h->ike, now_ms());
}

static void
admin_arm(void *ctx)
{
	arm(ctx);
}

static void
open_admin(struct host *h)
{
	const struct admin_sources sources = {
		.base = h->base,
		.ike = h->ike,
		.ipsec = h->setup->ipsec,
		.observe = h->observe,
		.root = h->root,
		.pid = h->setup->pid,
		.reload = admin_reload,
		.tick = admin_tick,
		.arm = admin_arm,
		.ctx = h,
	};

	h->admin = admin_new(&sources, h->conf);
}

static bool
open_loop(struct host *h)
{
	struct event_config *cfg = event_config_new();

	if (cfg != NULL &&
	    event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		h->base = event_base_new_with_config(cfg);
	if (cfg != NULL)
		event_config_free(cfg);
	if (h->base != NULL)
		h->timer = evtimer_new(h->base, on_time, h);
	if (h->timer != NULL && catch_signals(h))
		return true;
	log_msg(LOG_L_ERROR, "cannot set up the event loop");
	return false;
}

static bool
open_kernel(struct host *h)
{
	struct ipsec *ipsec = h->setup->ipsec;
	int r;

	if ((r = ipsec_listen(ipsec, LISTEN_TO)) < 0) {
		log_msg(LOG_L_ERROR, "cannot hear the kernel's IPsec events: "
		    "%s (%s)", strerror(-r), ipsec_error(ipsec));
		return false;
	}
	h->kernel = event_new(h->base, ipsec_event_fd(ipsec),
	    EV_READ | EV_PERSIST, on_kernel, h);
	if (h->kernel != NULL && event_add(h->kernel, NULL) == 0)
		return true;
	log_msg(LOG_L_ERROR, "cannot wait for the kernel's IPsec events");
	return false;
}

/* What a racoon before this one has left: last, when nothing fails any more. */
static void
take_over(struct host *h)
{
	struct buf state;
	enum err r;

	buf_init(&state, HANDOVER_MAX);
	if (h->root->ops->take(h->root->ctx, &state)) {
		r = ike_restore(h->ike, buf_view(&state));
		if (r != OK)
			log_msg(LOG_L_WARNING, "the ISAKMP-SAs of the racoon "
			    "before, perhaps of another version, cannot be "
			    "used: %s", err_text(r));
	}
	buf_fini(&state);
	ike_adopt(h->ike, (uint64_t)time(NULL));
	h->serving = true;
}

/* Leaves the SAs to the next racoon, or takes them away. */
static void
end_engine(struct host *h)
{
	struct buf state;

	ike_tick(h->ike, now_ms());
	if (h->conf->flush_on_stop && h->serving) {
		ike_stop(h->ike);
		return;
	}
	ike_leave(h->ike);
	if (!h->serving)
		return;
	buf_init(&state, HANDOVER_MAX);
	ike_save(h->ike, &state);
	if (buf_ok(&state))
		(void)h->root->ops->give(h->root->ctx, buf_view(&state));
	buf_fini(&state);
}

static bool
open_all(struct host *h)
{
	if (!open_loop(h))
		return false;
	h->pool = pool_new(h->base, h->setup->threads, on_job, h);
	if (h->pool == NULL)
		return false;
	if (!h->root->ops->attach(h->root->ctx, h->base))
		return false;
	h->net = net_new(h->base, h->root, on_datagram, h);
	h->pskfile = pskfile_new(h->root);
	pskfile_check(h->pskfile, h->conf->path_psk);
	h->credfile = credfile_new(h->setup->crypto, h->root);
	credfile_load(h->credfile, h->conf);
	h->ike = ike_new(&ops, h, h->setup->ipsec, h->setup->crypto, h->conf,
	    now_ms());
	if (h->ike == NULL)
		return false;
	open_observe(h);
	/* The sockets first: an ACQUIRE is to be answered through them. */
	if (listen_as_told(h, h->conf) != OK || !open_kernel(h))
		return false;
	take_over(h);
	h->stray = stray_new(h->base, h->root, on_strays, h);
	if (h->stray == NULL)
		return false;
	look_for_strays(h);
	open_admin(h);
	arm(h);
	return true;
}

struct host *
host_new(const struct host_setup *setup, const struct conf *conf)
{
	struct host *h = xcalloc(1, sizeof(*h));

	h->setup = setup;
	h->root = setup->root;
	h->conf = conf_ref(conf);
	h->armed = TIMER_NEVER;
	traffic_open(&h->traffic, h->root);
	h->status = EXIT_SUCCESS;
	if (open_all(h))
		return h;
	host_free(h);
	return NULL;
}

int
host_run(struct host *h)
{
	h->root->ops->ready(h->root->ctx);
	if (event_base_dispatch(h->base) == -1) {
		log_msg(LOG_L_ERROR, "the event loop failed");
		return EXIT_FAILURE;
	}
	return h->status;
}

void
host_stop(struct host *h)
{
	(void)event_base_loopbreak(h->base);
}

static void
drop_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void
host_free(struct host *h)
{
	if (h == NULL)
		return;
	admin_free(h->admin);
	h->admin = NULL;
	if (h->ike != NULL)
		end_engine(h);
	/* Jobs that are under way use what follows. */
	for (size_t i = 0; i < JOB_WAITS; i++)
		pool_free(h->waiting[i]);
	pool_free(h->pool);
	ike_free(h->ike);
	observe_free(h->observe);
	if (h->base != NULL)
		h->root->ops->detach(h->root->ctx);
	stray_free(h->stray);
	traffic_close(&h->traffic);
	net_free(h->net);
	pskfile_free(h->pskfile);
	credfile_free(h->credfile);
	drop_event(h->kernel);
	drop_event(h->timer);
	for (size_t i = 0; i < SIGNALS; i++)
		drop_event(h->signal[i]);
	if (h->base != NULL)
		event_base_free(h->base);
	conf_unref(h->conf);
	free(h);
}
