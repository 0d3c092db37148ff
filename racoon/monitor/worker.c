/* SPDX-License-Identifier: ISC */
/*
 * One loop with three sockets to the worker, the kernel's events and signals.
 * A worker that asks for what it must not have is killed: it is not the
 * program that was started any more.
 */
#include "monitor/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "monitor/manager.h"
#include "monitor/spawn.h"

#define SIGNALS		6
#define KERNEL_FAILURES	8	/* in a row: the socket is broken */
#define BACKOFF_MS	100u	/* before a worker is started again, doubled */
#define BACKOFF_MAX_MS	30000u
#define STEADY_MS	60000u	/* who runs so long begins anew with it */
#define STOP_SECONDS	30	/* for an orderly end */
#define LINES		256	/* of the log at once */
#define LAST_LINES	65536	/* of one that has ended */
#define PATIENCE_MS	10000u	/* until a part of an answer is taken, */
#define PARTS_PATIENCE	3u	/* so many times that until all of it is */

enum end { CALL, SIGN, TELL };

struct worker {
	struct worker_setup of;
	struct event_base *base;
	struct event	*signal[SIGNALS];
	struct event	*kernel;	/* NULL: nobody listens */
	struct event	*again, *late;	/* timers */
	struct watchdog	*watchdog;	/* NULL: nobody asks */
	/* of the process */
	pid_t		 pid;		/* 0: there is none */
	int		 fd[SPAWN_ENDS];
	struct event	*ev[SPAWN_ENDS];
	struct event	*room;		/* to tell that events were lost */
	uint64_t	 started;	/* ms */
	uint64_t	 enough;	/* ms: parts are not sent later; 0: failed */
	bool		 lost;
	bool		 condemned;	/* is heard no more */
	bool		 up;		/* serves, and */
	bool		 hup;		/* has to read racoon.conf then */
	bool		 reading;	/* racoon.conf, while it serves */
	bool		 asked;		/* for a sign of life */
	bool		 ready;		/* ever */
	bool		 stopping;
	unsigned int	 wait_ms, failures;
	int		 status;
	uint8_t		*in;		/* MON_MAX bytes */
	struct buf	 out;
};

static uint64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
set_timer(struct event *ev, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
	    .tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)event_add(ev, &tv);
}

/* It is not what it was: it hears nothing more from us. */
static void
end_worker(struct worker *w, const char *why, unsigned int op)
{
	log_msg(LOG_L_ERROR, "racoon-worker (process %ld) %s (%s): it is "
	    "ended; this may be an attack", (long)w->pid, why,
	    mon_name((enum mon_op)op));
	if (w->pid != 0)
		(void)kill(w->pid, SIGKILL);
	for (int i = 0; i < SPAWN_ENDS; i++)
		(void)event_del(w->ev[i]);
	w->condemned = true;
}

/*
 * Answers
 */

static bool
transmit(int to, struct view v, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)v.p,
	    .iov_len = v.n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;

	if (fd != -1) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		n = sendmsg(to, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n != -1;
}

static bool
send_part(void *ctx, struct view part)
{
	struct worker *w = ctx;
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	struct buf b;
	bool sent;

	m->op = MON_MORE;
	m->text = part;
	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	sent = buf_ok(&b) && now_ms() < w->enough &&
	    transmit(w->fd[CALL], buf_view(&b), -1);
	if (!sent)
		w->enough = 0;
	buf_fini(&b);
	free(m);
	return sent;
}

static void
answer(struct worker *w, enum end end, struct view v)
{
	const unsigned int op = v.n > 0 ? v.p[0] : 0;
	const char *why;
	bool sent;
	int fd;

	if (op == MON_CONF && w->up) {
		manager_reloading();
		w->reading = true;
	}
	buf_reset(&w->out);
	w->enough = now_ms() + PARTS_PATIENCE * w->of.patience_ms;
	if (!table_ask(w->of.table, end == CALL ? MON_CALLS : MON_SIGNS, v,
	    &w->out, &fd, &why)) {
		end_worker(w, why, op);
		return;
	}
	sent = buf_ok(&w->out) && w->enough > 0 &&
	    transmit(w->fd[end], buf_view(&w->out), fd);
	if (fd != -1)
		(void)close(fd);
	buf_reset(&w->out);
	if (!sent)
		end_worker(w, "does not take an answer", op);
}

/* A message of no bytes looks like the end, but for this. */
static bool
is_closed(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

/* One message; false: there is none, or nobody any more. */
static bool
receive(struct worker *w, enum end end, struct view *v)
{
	struct iovec iov = { .iov_base = w->in, .iov_len = MON_MAX };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (w->condemned)
		return false;
	n = recvmsg(w->fd[end], &msg, MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		(void)event_del(w->ev[end]);
	if (n == 0 && !is_closed(w->fd[end]))
		end_worker(w, "sent what is no message", 0);
	if (n <= 0)
		return false;
	/* a descriptor that is sent has no place here, and is gone already */
	if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		end_worker(w, "sent what is no message", 0);
		return false;
	}
	*v = view_of(w->in, (size_t)n);
	return true;
}

/*
 * What it tells
 */

static void
clean(struct view v, char *out, size_t size)
{
	size_t n = v.n < size - 1 ? v.n : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = v.p[i] == '\0' ? '?' : (char)v.p[i];
	out[n] = '\0';
	log_tidy(out);
}

static void
write_line(struct worker *w, const struct mon_msg *m)
{
	char peer[80], text[LOG_TEXT];
	enum log_level level = m->num[0] < LOG_L_ERROR ||
	    m->num[0] > LOG_L_DEBUG2 ? LOG_L_ERROR : (enum log_level)m->num[0];

	clean(m->text, peer, sizeof(peer));
	clean(m->more, text, sizeof(text));
	sink_line(w->of.sink, level, m->text.n == 0 ? NULL : peer, text);
}

/* Until then a signal would have ended it. */
static void
is_up(struct worker *w)
{
	if (!w->ready)
		w->of.ready(w->of.ctx);
	w->ready = w->up = true;
	manager_ready();
	if (w->watchdog != NULL)
		manager_alive();
	if (w->hup)
		(void)kill(w->pid, SIGHUP);
	w->hup = false;
}

/* What it says of itself; false: it had no reason to. */
static bool
take_state(struct worker *w, enum mon_op op)
{
	if (op == MON_READY && !w->up)
		is_up(w);
	else if (op == MON_READY && w->reading) {
		w->reading = false;
		manager_ready();
	} else if (op == MON_BEAT && w->asked) {
		w->asked = false;
		manager_alive();
	} else
		return false;
	return true;
}

static bool
take_word(struct worker *w)
{
	struct mon_msg *m;
	struct view v;
	enum err r;

	if (!receive(w, TELL, &v))
		return false;
	m = xcalloc(1, sizeof(*m));
	r = mon_get(v, m);
	if (r == OK && !m->answer && m->op == MON_LOG)
		write_line(w, m);
	else if (r != OK || m->answer || !take_state(w, m->op))
		end_worker(w, "says what it must not", v.p[0]);
	free(m);
	return r == OK;
}

static void
on_tell(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)take_word(ctx);
}

static void
on_ask(struct worker *w, enum end end)
{
	struct view v;

	/* What it said before it asked comes first in the log. */
	for (int i = 0; i < LINES && take_word(w); i++)
		continue;
	if (receive(w, end, &v)) {
		answer(w, end, v);
		explicit_bzero(w->in, v.n);
	}
}

static void
on_call(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	on_ask(ctx, CALL);
}

static void
on_sign(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	on_ask(ctx, SIGN);
}

/*
 * Kernel events
 */

/* False: there is no room. */
static bool
tell(const struct worker *w, const struct mon_msg *m)
{
	struct buf b;
	ssize_t n;

	buf_init(&b, MON_MAX);
	mon_put(&b, m);
	n = send(w->fd[TELL], b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_fini(&b);
	return n != -1 || errno != EAGAIN;
}

static bool
pass_on(const struct worker *w, const struct ipsec_event *ev)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	bool sent;

	m->op = MON_EVENT;
	m->num[0] = (uint32_t)ev->type;
	m->num[1] = ev->hard;
	m->flow = ev->flow;
	m->from = ev->from;
	m->to = ev->to;
	m->sa = ev->sa;
	m->policy = ev->policy;
	sent = tell(w, m);
	xfreezero(m, sizeof(*m));
	return sent;
}

static void
on_event(void *ctx, const struct ipsec_event *ev)
{
	struct worker *w = ctx;

	if (w->pid == 0 || w->lost)
		return;
	w->lost = !pass_on(w, ev);
	if (w->lost)
		(void)event_add(w->room, NULL);
}

static void
on_room(evutil_socket_t fd, short what, void *ctx)
{
	static const struct ipsec_event resync = {
		.type = IPSEC_EVENT_RESYNC,
	};
	struct worker *w = ctx;

	(void)fd;
	(void)what;
	w->lost = !pass_on(w, &resync);
	if (w->lost)
		(void)event_add(w->room, NULL);
}

/* The watchdog is for both: it hears of us when the worker's loop has turned. */
static void
on_watchdog(void *ctx)
{
	struct worker *w = ctx;
	struct mon_msg *m;

	if (!w->up || w->condemned)
		return;
	if (w->asked) {
		log_msg(LOG_L_ERROR, "racoon-worker (process %ld) does not "
		    "answer: the service manager will start racoon anew",
		    (long)w->pid);
		return;
	}
	m = xcalloc(1, sizeof(*m));
	m->op = MON_BEAT;
	w->asked = tell(w, m);
	free(m);
}

static void
stop(struct worker *w, int number)
{
	w->stopping = true;
	manager_stopping();
	if (w->pid == 0) {
		(void)event_base_loopbreak(w->base);
		return;
	}
	(void)kill(w->pid, number);
	set_timer(w->late, STOP_SECONDS * 1000);
}

static void
on_kernel(evutil_socket_t fd, short what, void *ctx)
{
	struct worker *w = ctx;
	struct ipsec *ipsec = w->of.table->ipsec;

	(void)fd;
	(void)what;
	if (ipsec_events(ipsec, on_event, w) >= 0)
		w->failures = 0;
	else if (++w->failures == KERNEL_FAILURES) {
		log_msg(LOG_L_ERROR, "cannot hear the kernel's IPsec events "
		    "any more (%s): stopping, so that racoon can be started "
		    "anew", ipsec_error(ipsec));
		w->status = EXIT_FAILURE;
		stop(w, SIGTERM);
	}
}

static int
listen_to(void *ctx, unsigned int what)
{
	struct worker *w = ctx;
	struct ipsec *ipsec = w->of.table->ipsec;
	int r;

	if (w->kernel != NULL)
		return 0;
	if ((r = ipsec_listen(ipsec, what)) < 0)
		return r;
	w->kernel = event_new(w->base, ipsec_event_fd(ipsec),
	    EV_READ | EV_PERSIST, on_kernel, w);
	return w->kernel != NULL && event_add(w->kernel, NULL) == 0 ? 0 :
	    -ENOMEM;
}

/*
 * Start and end
 */

static bool
watch(struct worker *w)
{
	static const event_callback_fn fn[SPAWN_ENDS] = { on_call, on_sign,
		on_tell };

	for (int i = 0; i < SPAWN_ENDS; i++) {
		w->ev[i] = event_new(w->base, w->fd[i], EV_READ | EV_PERSIST,
		    fn[i], w);
		if (w->ev[i] == NULL || event_add(w->ev[i], NULL) != 0)
			return false;
	}
	w->room = event_new(w->base, w->fd[TELL], EV_WRITE, on_room, w);
	return w->room != NULL;
}

static bool
start(struct worker *w)
{
	const struct table *t = w->of.table;
	const struct spawn s = {
		.path = t->path, .backend = ipsec_backend(t->ipsec),
		.root = spawn_root(t->permit.now), .port = w->of.port,
		.natt_port = w->of.natt_port, .debug = w->of.debug,
		.terminal = w->of.terminal,
		.patience_ms = w->of.patience_ms,
	};
	pid_t pid;

	if (s.root == NULL)
		return false;
	table_begin(w->of.table);
	table_resolv(t);
	w->lost = w->condemned = w->up = w->reading = w->asked = false;
	w->started = now_ms();
	pid = spawn_worker(&s, w->fd);
	if (pid < 0) {
		log_msg(LOG_L_ERROR, "cannot start racoon-worker: %s",
		    strerror(-(int)pid));
		return false;
	}
	w->pid = pid;
	w->of.table->pid = (long)pid;
	return watch(w);
}

static void
unwatch(struct worker *w)
{
	for (int i = 0; i < SPAWN_ENDS; i++) {
		if (w->ev[i] != NULL)
			event_free(w->ev[i]);
		w->ev[i] = NULL;
		if (w->fd[i] != -1)
			(void)close(w->fd[i]);
		w->fd[i] = -1;
	}
	if (w->room != NULL)
		event_free(w->room);
	w->room = NULL;
}

static void
again_later(struct worker *w)
{
	if (now_ms() - w->started >= STEADY_MS)
		w->wait_ms = BACKOFF_MS;
	log_msg(LOG_L_NOTIFY, "the SAs stay in the kernel; racoon-worker is "
	    "started again in %u ms", w->wait_ms);
	(void)manager_tell("STATUS=racoon-worker ended, it is started again\n",
	    -1);
	set_timer(w->again, w->wait_ms);
	w->wait_ms = w->wait_ms * 2 < BACKOFF_MAX_MS ? w->wait_ms * 2 :
	    BACKOFF_MAX_MS;
}

static void
on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct worker *w = ctx;

	(void)fd;
	(void)what;
	if (!start(w)) {
		unwatch(w);
		if (w->pid == 0)
			again_later(w);
	}
}

static void
say_end(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_msg(LOG_L_ERROR, "racoon-worker (process %ld) was ended "
		    "by signal %d (%s)", (long)pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 127)
		log_msg(LOG_L_ERROR, "racoon-worker is not installed: "
		    LIBEXECDIR " should have it");
	else
		log_msg(LOG_L_ERROR, "racoon-worker (process %ld) ended with "
		    "exit status %d", (long)pid, WEXITSTATUS(status));
}

static void
ended(struct worker *w, int status)
{
	const pid_t pid = w->pid;

	/* its last ones, unless somebody goes on in its place */
	for (int i = 0; i < LAST_LINES && take_word(w); i++)
		continue;
	w->pid = 0;
	w->up = false;
	w->of.table->pid = 0;
	unwatch(w);
	if (w->stopping || !w->ready) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
			say_end(pid, status);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			w->status = EXIT_FAILURE;
		if (!w->ready)
			w->status = EXIT_FAILURE;
		(void)event_base_loopbreak(w->base);
		return;
	}
	say_end(pid, status);
	again_later(w);
}

static void
on_child(struct worker *w)
{
	int status;
	pid_t r;

	if (w->pid == 0)
		return;
	do
		r = waitpid(w->pid, &status, WNOHANG);
	while (r == -1 && errno == EINTR);
	if (r == w->pid)
		ended(w, status);
}

static void
on_late(evutil_socket_t fd, short what, void *ctx)
{
	struct worker *w = ctx;

	(void)fd;
	(void)what;
	log_msg(LOG_L_ERROR, "racoon-worker does not stop within %d s: "
	    "killing it", STOP_SECONDS);
	if (w->pid != 0)
		(void)kill(w->pid, SIGKILL);
}

/* The manager hears of a reload before whoever wanted it goes on. */
static void
pass_signal(const struct worker *w, int number)
{
	if (number == SIGHUP)
		manager_reloading();
	(void)kill(w->pid, number);
}

static void
on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct worker *w = ctx;

	(void)what;
	if (number == SIGCHLD)
		on_child(w);
	else if (number == SIGTERM || number == SIGINT)
		stop(w, (int)number);
	else if (w->pid != 0 && w->up)
		pass_signal(w, (int)number);
	else if (number == SIGHUP)
		w->hup = true;
}

static bool
catch_signals(struct worker *w)
{
	static const int number[SIGNALS] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP,
		SIGUSR1, SIGUSR2 };

	(void)signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < SIGNALS; i++) {
		w->signal[i] = evsignal_new(w->base, number[i], on_signal, w);
		if (w->signal[i] == NULL || event_add(w->signal[i], NULL) != 0)
			return false;
	}
	return true;
}

static bool
open_loop(struct worker *w)
{
	w->base = event_base_new();
	if (w->base == NULL || !catch_signals(w))
		return false;
	w->again = evtimer_new(w->base, on_again, w);
	w->late = evtimer_new(w->base, on_late, w);
	if (w->again == NULL || w->late == NULL)
		return false;
	w->watchdog = watchdog_new(w->base, on_watchdog, w);
	w->of.table->hooks = hooks_new(w->base);
	return w->of.table->hooks != NULL;
}

struct worker *
worker_new(const struct worker_setup *setup)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	w->of = *setup;
	if (w->of.patience_ms == 0)
		w->of.patience_ms = PATIENCE_MS;
	w->wait_ms = BACKOFF_MS;
	w->in = xcalloc(1, MON_MAX);
	buf_init(&w->out, MON_MAX);
	for (int i = 0; i < SPAWN_ENDS; i++)
		w->fd[i] = -1;
	w->of.table->more = send_part;
	w->of.table->listen = listen_to;
	w->of.table->ctx = w;
	if (open_loop(w))
		return w;
	log_msg(LOG_L_ERROR, "cannot set up the event loop");
	worker_free(w);
	return NULL;
}

int
worker_run(struct worker *w)
{
	if (!start(w)) {
		unwatch(w);
		return EXIT_FAILURE;
	}
	if (event_base_dispatch(w->base) == -1) {
		log_msg(LOG_L_ERROR, "the event loop failed");
		return EXIT_FAILURE;
	}
	return w->status;
}

static void
drop_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	unwatch(w);
	hooks_free(w->of.table->hooks);
	w->of.table->hooks = NULL;
	watchdog_free(w->watchdog);
	drop_event(w->kernel);
	drop_event(w->again);
	drop_event(w->late);
	for (int i = 0; i < SIGNALS; i++)
		drop_event(w->signal[i]);
	if (w->base != NULL)
		event_base_free(w->base);
	buf_fini(&w->out);
	xfreezero(w->in, MON_MAX);
	free(w);
}
