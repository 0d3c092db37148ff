/* SPDX-License-Identifier: ISC */
/*
 * Each client has one event: it waits for its question, then writes its
 * answer, then waits until the client has seen the end (what is unread when a
 * TCP connection is closed would take the answer's last bytes with it).
 */
#include "daemon/serve.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define PAUSE_MS	1000	/* without descriptors, before the next try */
#define ACCEPT_MAX	16	/* before the loop has its turn */

enum phase { ASKING, ANSWERING, STAYING, LEAVING };

struct serve_client {
	struct serve	*serve;
	struct serve_client *next;	/* a younger one */
	struct event	*event, *deadline;
	int		 fd;
	enum phase	 phase;
	struct serve_peer peer;
	struct buf	 question, answer;
	size_t		 sent;
	void		 (*gone)(void *own);	/* not NULL: it stays */
	void		*own;
};

struct serve {
	struct event_base *base;
	struct serve_limits limits;
	serve_fn	*fn;
	void		*ctx;
	int		 fd;
	struct event	*event, *pause;
	struct serve_client *oldest;
	unsigned int	 n, stay;	/* those who go, who stay */
};

static void
client_free(struct serve_client *c)
{
	struct serve_client **p = &c->serve->oldest;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	if (c->gone != NULL) {
		c->serve->stay--;
		c->gone(c->own);
	} else
		c->serve->n--;
	if (c->event != NULL)
		event_free(c->event);
	if (c->deadline != NULL)
		event_free(c->deadline);
	(void)close(c->fd);
	buf_fini(&c->question);
	buf_fini(&c->answer);
	free(c);
}

static struct timeval
timeval_of(unsigned int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000,
	    .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

static void
on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	client_free(ctx);
}

static void	on_client(evutil_socket_t, short what, void *ctx);

static bool
wait_for(struct serve_client *c, short what)
{
	if (c->event != NULL)
		event_free(c->event);
	c->event = event_new(c->serve->base, c->fd,
	    (short)(what | EV_PERSIST), on_client, c);
	return c->event != NULL && event_add(c->event, NULL) == 0;
}

/* Sends what can be; false: the client has gone. */
static bool
flush(struct serve_client *c)
{
	struct view left;
	ssize_t n;

	while ((left = buf_from(&c->answer, c->sent)).n > 0) {
		n = send(c->fd, left.p, left.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t)n;
	}
	buf_reset(&c->answer);
	c->sent = 0;
	return true;
}

/* False: the client has gone. */
static bool
write_answer(struct serve_client *c)
{
	if (!flush(c))
		return false;
	if (c->answer.n > 0)
		return true;		/* the rest when it can be sent */
	if (c->gone != NULL) {
		c->phase = STAYING;
		return wait_for(c, EV_READ);
	}
	c->phase = LEAVING;
	return shutdown(c->fd, SHUT_WR) == 0 && wait_for(c, EV_READ);
}

static bool
answer(struct serve_client *c)
{
	struct serve *s = c->serve;

	switch (s->fn(s->ctx, &c->peer, buf_view(&c->question), &c->answer)) {
	case SERVE_MORE:
		return c->question.n < s->limits.question;
	case SERVE_DROP:
		return false;
	case SERVE_ANSWER:
	case SERVE_STAY:
		break;
	}
	if (!buf_ok(&c->answer)) {
		log_msg(LOG_L_ERROR, "an answer is too long: %zu bytes are "
		    "allowed", s->limits.answer);
		return false;
	}
	c->phase = ANSWERING;
	return wait_for(c, EV_WRITE) && write_answer(c);
}

/* What the client says after its question is of no interest. */
static bool
read_more(struct serve_client *c)
{
	uint8_t part[4096];
	const size_t room = c->serve->limits.question - c->question.n;
	ssize_t n;

	n = recv(c->fd, part, c->phase != ASKING || room > sizeof(part) ?
	    sizeof(part) : room, MSG_DONTWAIT);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	if (c->phase != ASKING)
		return true;
	buf_put(&c->question, part, (size_t)n);
	return buf_ok(&c->question) && answer(c);
}

static void
on_client(evutil_socket_t fd, short what, void *ctx)
{
	struct serve_client *c = ctx;
	bool stays = true;

	(void)fd;
	if (c->phase == ANSWERING)
		stays = write_answer(c);
	else if ((what & EV_READ) != 0)
		stays = read_more(c);
	if (!stays)
		client_free(c);
}

static void
ask_who(struct serve_client *c)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	c->peer = (struct serve_peer){ .uid = (uid_t)-1, .gid = (gid_t)-1,
	    .client = c };
	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	    n == sizeof(who)) {
		c->peer.uid = who.uid;
		c->peer.gid = who.gid;
	}
}

/* The oldest has had most time; a client that only waits cannot lock others
 * out. */
static void
drop_oldest(struct serve *s)
{
	struct serve_client *c = s->oldest;

	while (c->gone != NULL)
		c = c->next;
	client_free(c);
}

static void
client_add(struct serve *s, int fd)
{
	struct serve_client *c = xcalloc(1, sizeof(*c)), **p = &s->oldest;
	const struct timeval tv = timeval_of(s->limits.ms);

	if (s->n >= s->limits.clients)
		drop_oldest(s);
	while (*p != NULL)
		p = &(*p)->next;
	*p = c;
	s->n++;
	c->serve = s;
	c->fd = fd;
	buf_init(&c->question, s->limits.question);
	buf_init(&c->answer, s->limits.answer);
	ask_who(c);
	c->deadline = evtimer_new(s->base, on_deadline, c);
	if (c->deadline == NULL || event_add(c->deadline, &tv) != 0 ||
	    !wait_for(c, EV_READ))
		client_free(c);
}

/* Without descriptors the socket stays readable: not to spin, wait. */
static void
rest(struct serve *s)
{
	const struct timeval tv = timeval_of(PAUSE_MS);

	if (event_add(s->pause, &tv) == 0)
		(void)event_del(s->event);
}

static void
on_pause(evutil_socket_t fd, short what, void *ctx)
{
	struct serve *s = ctx;

	(void)fd;
	(void)what;
	(void)event_add(s->event, NULL);
}

static void
on_listen(evutil_socket_t fd, short what, void *ctx)
{
	struct serve *s = ctx;
	int client;

	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPT_MAX; i++) {
		client = accept4(s->fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0)
			client_add(s, client);
		else if (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM) {
			rest(s);
			return;
		} else if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* ---- those who stay ---- */

bool
serve_may_stay(const struct serve *s)
{
	return s->stay < s->limits.stay;
}

void
serve_stay(struct serve_client *c, void *own, void (*gone)(void *own))
{
	(void)event_del(c->deadline);
	c->gone = gone;
	c->own = own;
	c->serve->n--;
	c->serve->stay++;
}

/* What was sent of the answer makes room. */
static void
make_room(struct serve_client *c)
{
	struct buf rest;

	if (c->sent == 0)
		return;
	buf_init(&rest, c->serve->limits.answer);
	buf_add(&rest, buf_from(&c->answer, c->sent));
	buf_fini(&c->answer);
	c->answer = rest;
	c->sent = 0;
}

void
serve_tell(struct serve_client *c, struct view v)
{
	const struct serve *s = c->serve;

	make_room(c);
	if (c->answer.n + v.n > s->limits.unread) {
		log_msg(LOG_L_WARNING, "a client of the control socket does "
		    "not read what it is told: it is dropped");
		client_free(c);
		return;
	}
	buf_add(&c->answer, v);
	if (c->phase != STAYING)
		return;			/* behind the answer */
	c->phase = ANSWERING;
	if (!wait_for(c, EV_WRITE) || !write_answer(c))
		client_free(c);
}

/* It counts as one who goes again. */
void
serve_part(struct serve_client *c)
{
	const struct timeval tv = timeval_of(c->serve->limits.ms);
	void (*gone)(void *) = c->gone;

	c->gone = NULL;
	c->serve->stay--;
	c->serve->n++;
	gone(c->own);
	if (c->phase == STAYING)
		c->phase = ANSWERING;
	if (event_add(c->deadline, &tv) != 0 || !wait_for(c, EV_WRITE))
		client_free(c);
}

/* ---- the server ---- */

struct serve *
serve_new(struct event_base *base, int fd, const struct serve_limits *limits,
    serve_fn *fn, void *ctx)
{
	struct serve *s = xcalloc(1, sizeof(*s));

	s->base = base;
	s->limits = *limits;
	s->fn = fn;
	s->ctx = ctx;
	s->fd = fd;
	s->pause = evtimer_new(base, on_pause, s);
	s->event = event_new(base, fd, EV_READ | EV_PERSIST, on_listen, s);
	if (s->pause != NULL && s->event != NULL &&
	    event_add(s->event, NULL) == 0)
		return s;
	log_msg(LOG_L_ERROR, "cannot wait for connections");
	serve_free(s);
	return NULL;
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	while (s->oldest != NULL) {
		(void)flush(s->oldest);
		client_free(s->oldest);
	}
	if (s->event != NULL)
		event_free(s->event);
	if (s->pause != NULL)
		event_free(s->pause);
	(void)close(s->fd);
	free(s);
}

unsigned int
serve_clients(const struct serve *s)
{
	return s->n;
}
