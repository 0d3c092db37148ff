/* SPDX-License-Identifier: ISC */
/* Scripts: whose turn it is, start, limits, end. */
#include "monitor/hook.h"

#include <sys/queue.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"

#define POLL_MS		10		/* at the end */

static const char *const words[CONF_NSCRIPTS] = {
	[CONF_PHASE1_UP] = "phase1_up",
	[CONF_PHASE1_DOWN] = "phase1_down",
	[CONF_PHASE1_DEAD] = "phase1_dead",
};

const char *
hook_word(enum conf_script what)
{
	return words[what];
}

/* One script, waiting or running. */
struct hook {
	TAILQ_ENTRY(hook) entry;
	struct hooks	*of;
	enum conf_script what;
	char		*path;
	char		**env;
	struct ipsec_addr remote;	/* for the log */
	uint8_t		 icookie[8];	/* whose turn it is */
	pid_t		 pid;		/* and process group */
	bool		 told;		/* to end */
	struct event	*timer;
};

TAILQ_HEAD(hook_list, hook);

struct hooks {
	struct event_base *base;
	struct event	*child;		/* SIGCHLD */
	struct hook_list waiting, running;
	size_t		 nwaiting, nrunning;
	size_t		 refused;	/* ever */
	bool		 full;		/* and that was said */
	unsigned int	 run_ms, grace_ms, stop_ms;
};

/*
 * Life
 */

static void	on_child(evutil_socket_t, short, void *);

static void
hook_free(struct hook *hook)
{
	if (hook->timer != NULL)
		event_free(hook->timer);
	for (size_t i = 0; hook->env[i] != NULL; i++)
		free(hook->env[i]);
	free(hook->env);
	free(hook->path);
	free(hook);
}

struct hooks *
hooks_new(struct event_base *base)
{
	struct hooks *h = xcalloc(1, sizeof(*h));

	h->base = base;
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->running);
	hooks_limit(h, HOOK_SECONDS * 1000, HOOK_GRACE * 1000, HOOK_STOP_MS);
	h->child = evsignal_new(base, SIGCHLD, on_child, h);
	if (h->child != NULL && event_add(h->child, NULL) == 0)
		return h;
	log_msg(LOG_L_ERROR, "cannot wait for scripts to end");
	hooks_free(h);
	return NULL;
}

void
hooks_limit(struct hooks *h, unsigned int run, unsigned int grace,
    unsigned int stop)
{
	h->run_ms = run;
	h->grace_ms = grace;
	h->stop_ms = stop;
}

void
hooks_count(const struct hooks *h, struct hooks_counts *counts)
{
	*counts = (struct hooks_counts){ .running = h->nrunning,
	    .waiting = h->nwaiting, .refused = h->refused };
}

/*
 * Start
 */

/*
 * In a group of its own, so that all of it can be ended; with nothing of ours
 * but standard output and error; with no signal blocked or ignored, as ours
 * may be.
 */
static int
spawn_prepared(struct hook *hook, posix_spawn_file_actions_t *files,
    posix_spawnattr_t *attr)
{
	char *argv[] = { hook->path,
	    (char *)(uintptr_t)words[hook->what], NULL };
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null",
	    O_RDONLY, 0);
	if (r == 0)
		r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP |
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attr, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &all);
	/* whatever some library opened without it */
	(void)close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	return r != 0 ? r : posix_spawn(&hook->pid, hook->path, files, attr,
	    argv, hook->env);
}

static int
spawn(struct hook *hook)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r;

	r = posix_spawn_file_actions_init(&files);
	if (r != 0)
		return r;
	r = posix_spawnattr_init(&attr);
	if (r == 0) {
		r = spawn_prepared(hook, &files, &attr);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return r;
}

static void
set_timer(struct hook *hook, unsigned int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
	    .tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	if (hook->timer == NULL || event_add(hook->timer, &tv) != 0)
		log_msg(LOG_L_ERROR, "cannot limit the time of the script %s",
		    hook->path);
}

/* It takes too long: asked to end first, so that it may clean up. */
static void
on_late(evutil_socket_t fd, short what, void *ctx)
{
	struct hook *hook = ctx;

	(void)fd;
	(void)what;
	log_peer(LOG_L_ERROR, &hook->remote, "the script %s %s runs for too "
	    "long: %s it", hook->path, words[hook->what], hook->told ?
	    "killing" : "ending");
	(void)kill(-hook->pid, hook->told ? SIGKILL : SIGTERM);
	if (!hook->told)
		set_timer(hook, hook->of->grace_ms);
	hook->told = true;
}

static void
start(struct hooks *h, struct hook *hook)
{
	int r = spawn(hook);

	if (r != 0) {
		log_peer(LOG_L_ERROR, &hook->remote, "cannot run the script "
		    "%s %s: %s", hook->path, words[hook->what], strerror(r));
		hook_free(hook);
		return;
	}
	log_peer(LOG_L_DEBUG, &hook->remote, "running the script %s %s",
	    hook->path, words[hook->what]);
	TAILQ_INSERT_TAIL(&h->running, hook, entry);
	h->nrunning++;
	hook->timer = evtimer_new(h->base, on_late, hook);
	set_timer(hook, h->run_ms);
}

/* No other script of its IKE SA is running. */
static bool
may_start(const struct hooks *h, const struct hook *hook)
{
	const struct hook *other;

	TAILQ_FOREACH(other, &h->running, entry)
		if (memcmp(other->icookie, hook->icookie,
		    sizeof(hook->icookie)) == 0)
			return false;
	return true;
}

static void
start_some(struct hooks *h)
{
	struct hook *hook, *next;

	for (hook = TAILQ_FIRST(&h->waiting); hook != NULL; hook = next) {
		if (h->nrunning >= HOOK_RUNNING)
			return;
		next = TAILQ_NEXT(hook, entry);
		if (!may_start(h, hook))
			continue;
		TAILQ_REMOVE(&h->waiting, hook, entry);
		h->nwaiting--;
		start(h, hook);
	}
	if (h->nwaiting == 0)
		h->full = false;
}

/*
 * What happened
 */

static void
refuse(struct hooks *h, const struct hook_call *call)
{
	h->refused++;
	if (!h->full)
		log_peer(LOG_L_ERROR, &call->remote, "%u scripts wait "
		    "already: %s %s is not run, nor are others until all of "
		    "these were", HOOK_WAITING, call->path,
		    words[call->what]);
	h->full = true;
}

static char **
copy_env(char *const *env)
{
	size_t n = 0;
	char **copy;

	while (env[n] != NULL)
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(env[i]);
	return copy;
}

void
hooks_run(struct hooks *h, const struct hook_call *call)
{
	struct hook *hook;

	if (h->nwaiting >= HOOK_WAITING) {
		refuse(h, call);
		return;
	}
	hook = xcalloc(1, sizeof(*hook));
	hook->of = h;
	hook->what = call->what;
	hook->path = xstrdup(call->path);
	hook->env = copy_env(call->env);
	hook->remote = call->remote;
	memcpy(hook->icookie, call->icookie, sizeof(hook->icookie));
	TAILQ_INSERT_TAIL(&h->waiting, hook, entry);
	h->nwaiting++;
	start_some(h);
}

/*
 * Ends
 */

static void
say_end(const struct hook *hook, int status)
{
	if (WIFSIGNALED(status))
		log_peer(LOG_L_WARNING, &hook->remote, "the script %s %s was "
		    "ended by signal %d (%s)", hook->path, words[hook->what],
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_peer(LOG_L_WARNING, &hook->remote, "the script %s %s "
		    "failed with exit status %d", hook->path,
		    words[hook->what], WEXITSTATUS(status));
}

/* Only children of ours that we know: whoever embeds this may have others. */
static void
reap(struct hooks *h)
{
	struct hook *hook, *next;
	int status;
	pid_t r;

	for (hook = TAILQ_FIRST(&h->running); hook != NULL; hook = next) {
		next = TAILQ_NEXT(hook, entry);
		do
			r = waitpid(hook->pid, &status, WNOHANG);
		while (r == -1 && errno == EINTR);
		if (r == 0)
			continue;
		if (r == hook->pid)
			say_end(hook, status);
		TAILQ_REMOVE(&h->running, hook, entry);
		h->nrunning--;
		hook_free(hook);
	}
	start_some(h);
}

static void
on_child(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	reap(ctx);
}

static size_t
count_down(const struct hook_list *list)
{
	const struct hook *hook;
	size_t n = 0;

	TAILQ_FOREACH(hook, list, entry)
		n += hook->what == CONF_PHASE1_DOWN;
	return n;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Whatever did not begin yet has lost its meaning, unless it cleans up. */
static void
drop_waiting(struct hooks *h, bool all)
{
	struct hook *hook, *next;

	for (hook = TAILQ_FIRST(&h->waiting); hook != NULL; hook = next) {
		next = TAILQ_NEXT(hook, entry);
		if (!all && hook->what == CONF_PHASE1_DOWN)
			continue;
		TAILQ_REMOVE(&h->waiting, hook, entry);
		h->nwaiting--;
		hook_free(hook);
	}
}

static void
wait_for_down(struct hooks *h)
{
	uint64_t end = now_ms() + h->stop_ms;
	size_t left;

	for (;;) {
		reap(h);
		left = count_down(&h->running) + count_down(&h->waiting);
		if (left == 0 || now_ms() >= end)
			break;
		(void)poll(NULL, 0, POLL_MS);
	}
	if (left > 0)
		log_msg(LOG_L_WARNING, "%zu phase1_down scripts did not end "
		    "within %u ms (%zu of them did not begin): not waiting "
		    "for them", left, h->stop_ms, count_down(&h->waiting));
}

void
hooks_free(struct hooks *h)
{
	struct hook *hook;

	if (h == NULL)
		return;
	drop_waiting(h, false);
	wait_for_down(h);
	drop_waiting(h, true);
	while ((hook = TAILQ_FIRST(&h->running)) != NULL) {
		TAILQ_REMOVE(&h->running, hook, entry);
		hook_free(hook);
	}
	if (h->child != NULL)
		event_free(h->child);
	free(h);
}
