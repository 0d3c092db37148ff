/* SPDX-License-Identifier: ISC */
/*
 * Rates are differences between two frames: the first one has none.  Peers that
 * carry most are first.
 */
#include "racoonctl/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libipsec/addr.h"
#include "racoonctl/table.h"
#include "racoonctl/talk.h"

#define CLEAR		"\033[H\033[J"
#define PEERS		65536		/* more are left out */

struct row {
	struct admin_peer p;
	uint64_t	in, out;	/* bytes a second */
};

struct frame {
	struct buf	bytes;		/* the rows borrow them */
	struct row	*row;
	size_t		n;
	double		at;		/* seconds */
};

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
frame_free(struct frame *f)
{
	buf_fini(&f->bytes);
	free(f->row);
	memset(f, 0, sizeof(*f));
}

static bool
ask(const char *path, struct frame *f, struct admin_reply *r)
{
	struct buf request;
	const int fd = talk_dial(path);
	bool good;

	buf_init(&f->bytes, ADMIN_REPLY_MAX);
	if (fd == -1)
		return false;
	buf_init(&request, ADMIN_REQUEST_MAX);
	admin_request_put(&request, ADMIN_PEERS, 0, view_of(NULL, 0));
	good = talk_send(fd, buf_view(&request)) &&
	    talk_next(fd, &f->bytes, r) == TALK_GOOD && r->err == 0;
	f->at = now();
	buf_fini(&request);
	(void)close(fd);
	return good;
}

static bool
fill(struct frame *f, struct view body)
{
	struct row *more;

	while (body.n > 0 && f->n < PEERS) {
		if (f->n % 64 == 0) {
			more = reallocarray(f->row, f->n + 64,
			    sizeof(*more));
			if (more == NULL)
				return false;
			f->row = more;
		}
		f->row[f->n] = (struct row){ .in = 0 };
		if (!admin_peer_get(&body, &f->row[f->n].p))
			return false;
		f->n++;
	}
	return true;
}

/* A counter that is smaller than before is that of other SAs. */
static uint64_t
rate(uint64_t then, uint64_t n, double seconds)
{
	return n < then || seconds <= 0 ? 0 :
	    (uint64_t)((double)(n - then) / seconds);
}

static int
by_address(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	const int r = memcmp(x->p.remote.bytes, y->p.remote.bytes,
	    sizeof(x->p.remote.bytes));

	return r != 0 ? r :
	    memcmp(&x->p.remote, &y->p.remote, sizeof(x->p.remote));
}

static int
by_rate(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const uint64_t m = x->in + x->out, n = y->in + y->out;

	return m != n ? (m < n) - (m > n) : by_address(a, b);
}

static void
compare(const struct frame *before, struct frame *f)
{
	size_t at = 0;

	if (f->n > 0)
		qsort(f->row, f->n, sizeof(f->row[0]), by_address);
	for (size_t i = 0; i < f->n; i++) {
		struct row *r = &f->row[i];

		while (at < before->n && by_address(&before->row[at], r) < 0)
			at++;
		if (at == before->n || by_address(&before->row[at], r) != 0)
			continue;
		r->in = rate(before->row[at].p.bytes_in, r->p.bytes_in,
		    f->at - before->at);
		r->out = rate(before->row[at].p.bytes_out, r->p.bytes_out,
		    f->at - before->at);
	}
}

static void
show_frame(const struct show *s, const struct frame *f)
{
	struct row *row = f->n == 0 ? NULL :
	    reallocarray(NULL, f->n, sizeof(*row));
	char when[32] = "";
	const time_t wall = time(NULL);
	struct tm tm;

	if (localtime_r(&wall, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(s->out, "%sracoon, %s, peers: %zu\n\n", s->width > 0 ?
	    CLEAR : "", when, f->n);
	table_head(s, "IN/s", "OUT/s");
	if (row != NULL) {
		memcpy(row, f->row, f->n * sizeof(*row));
		qsort(row, f->n, sizeof(*row), by_rate);
		for (size_t i = 0; i < f->n; i++)
			table_peer(s, &row[i].p, row[i].in, row[i].out);
	}
	free(row);
	(void)fflush(s->out);
}

int
top_run(const char *path, struct show *s, unsigned int frames,
    unsigned int seconds)
{
	struct frame before = { .n = 0 }, f;
	struct admin_reply r;
	bool good = true;

	for (unsigned int i = 0; good && (frames == 0 || i < frames); i++) {
		if (i > 0 && s->width == 0)
			putc('\n', s->out);
		if (i > 0)
			(void)sleep(seconds);
		f = (struct frame){ .n = 0 };
		good = ask(path, &f, &r) && fill(&f, r.body);
		if (good) {
			compare(&before, &f);
			show_frame(s, &f);
		}
		frame_free(&before);
		before = f;
	}
	frame_free(&before);
	if (good)
		return EXIT_SUCCESS;
	return fail("cannot talk to racoon at %s: %s (is racoon running?)",
	    path, strerror(errno));
}
