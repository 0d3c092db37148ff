/* SPDX-License-Identifier: ISC */
/* Messages in pieces: putting them together. */

#include "ike/frag.h"

#include <sys/queue.h>

#include "base/mem.h"
#include "libipsec/addr.h"
#include "wire/frag.h"

#define INDEX_MAX	255

/* A message that is on its way. */
struct frag_set {
	TAILQ_ENTRY(frag_set) age;
	struct frag_set	*next;		/* of the same SA */
	struct sa	*sa;		/* NULL: of a first message */
	struct frags_of	*of;
	uint8_t		 icookie[ISAKMP_COOKIE_LEN];
	struct ipsec_addr remote;
	uint8_t		 etype;
	uint16_t	 id;
	uint64_t	 born;		/* ms */
	size_t		 arrived;	/* bytes of datagrams */
	size_t		 charged;	/* bytes counted in `of' */
	uint8_t		 n, highest;
	uint8_t		 last;		/* index of the last one; 0: unknown */
	struct buf	 data;		/* in the order of arrival */
	struct {
		uint16_t at, n;		/* in `data'; n 0: not there */
	} piece[INDEX_MAX + 1];
};

_Static_assert(LIMIT_FRAG_MESSAGE <= UINT16_MAX, "piece.at is too small");

struct frags_of {
	TAILQ_HEAD(, frag_set) sets;	/* the oldest first */
	size_t		 n, bytes;
	struct timer	 timer;
	struct ike	*ike;
};

struct frags {
	struct frags_of	 known, strange;
};

/*
 * Life of a set
 */

/* Counts the memory of a set, as of now. */
static void
set_charge(struct frag_set *set)
{
	size_t now = sizeof(*set) + set->data.cap;

	set->of->bytes += now - set->charged;
	set->charged = now;
}

static void
set_unlink(struct frag_set *set)
{
	struct frag_set **p = &set->sa->frags;

	while (*p != set)
		p = &(*p)->next;
	*p = set->next;
}

static void
of_arm(struct frags_of *of)
{
	struct frag_set *oldest = TAILQ_FIRST(&of->sets);

	if (oldest == NULL)
		timer_del(&of->ike->timers, &of->timer);
	else
		timer_set(&of->ike->timers, &of->timer,
		    oldest->born + LIMIT_FRAG_MS);
}

static void
set_free(struct frag_set *set)
{
	struct frags_of *of = set->of;

	if (set->sa != NULL)
		set_unlink(set);
	TAILQ_REMOVE(&of->sets, set, age);
	of->n--;
	of->bytes -= set->charged;
	buf_fini(&set->data);
	xfreezero(set, sizeof(*set));
	of_arm(of);
}

static void
of_due(void *ctx)
{
	struct frags_of *of = ctx;
	struct frag_set *set;

	while ((set = TAILQ_FIRST(&of->sets)) != NULL &&
	    set->born + LIMIT_FRAG_MS <= of->ike->now)
		set_free(set);
	of_arm(of);
}

static void
of_init(struct frags_of *of, struct ike *ike)
{
	TAILQ_INIT(&of->sets);
	of->ike = ike;
	timer_init(&of->timer, of_due, of);
}

struct frags *
frags_new(struct ike *ike)
{
	struct frags *frags = xcalloc(1, sizeof(*frags));

	of_init(&frags->known, ike);
	of_init(&frags->strange, ike);
	return frags;
}

static void
of_empty(struct frags_of *of)
{
	struct frag_set *set;

	while ((set = TAILQ_FIRST(&of->sets)) != NULL)
		set_free(set);
}

void
frags_free(struct frags *frags)
{
	of_empty(&frags->known);
	of_empty(&frags->strange);
	xfreezero(frags, sizeof(*frags));
}

void
frag_forget(struct sa *sa)
{
	while (sa->frags != NULL)
		set_free(sa->frags);
}

void
frag_count(const struct ike *ike, struct frag_counts *counts)
{
	const struct frags *frags = ike->frags;

	*counts = (struct frag_counts){
		.known = frags->known.n,
		.known_bytes = frags->known.bytes,
		.strange = frags->strange.n,
		.strange_bytes = frags->strange.bytes,
	};
}

/*
 * Which set
 */

static struct frags_of *
of_for(struct ike *ike, const struct sa *sa)
{
	return sa != NULL && (sa->initiator || sa->authentic) ?
	    &ike->frags->known : &ike->frags->strange;
}

static bool
set_is(const struct frag_set *set, const struct frag_in *in, uint16_t id)
{
	return set->id == id && set->etype == in->h->etype &&
	    addr_equal_port(&set->remote, in->remote);
}

static struct frag_set *
set_find(struct ike *ike, const struct frag_in *in, uint16_t id)
{
	struct frag_set *set;

	if (in->sa != NULL) {
		for (set = in->sa->frags; set != NULL; set = set->next)
			if (set_is(set, in, id))
				return set;
		return NULL;
	}
	/* at most LIMIT_FRAG_SETS */
	TAILQ_FOREACH(set, &ike->frags->strange.sets, age)
		if (set->sa == NULL && set_is(set, in, id) &&
		    memcmp(set->icookie, in->h->icookie,
		    sizeof(set->icookie)) == 0)
			return set;
	return NULL;
}

static struct frag_set *
set_new(struct ike *ike, const struct frag_in *in, uint16_t id)
{
	struct frag_set *set = xcalloc(1, sizeof(*set));

	set->of = of_for(ike, in->sa);
	set->sa = in->sa;
	memcpy(set->icookie, in->h->icookie, sizeof(set->icookie));
	set->remote = *in->remote;
	set->etype = in->h->etype;
	set->id = id;
	set->born = ike->now;
	buf_init(&set->data, LIMIT_FRAG_MESSAGE);
	if (in->sa != NULL) {
		set->next = in->sa->frags;
		in->sa->frags = set;
	}
	TAILQ_INSERT_TAIL(&set->of->sets, set, age);
	set->of->n++;
	set_charge(set);
	of_arm(set->of);
	return set;
}

/* The set is empty again, and young. */
static void
set_restart(struct frag_set *set)
{
	struct frags_of *of = set->of;

	buf_reset(&set->data);
	memset(set->piece, 0, sizeof(set->piece));
	set->n = set->highest = set->last = 0;
	set->arrived = 0;
	set->born = of->ike->now;
	TAILQ_REMOVE(&of->sets, set, age);
	TAILQ_INSERT_TAIL(&of->sets, set, age);
	of_arm(of);
}

/*
 * Limits: the oldest goes, since honest fragments come all at once.  SET, which
 * just grew, stays.
 */

/* Within one SA; newer sets are in front. */
static void
bound_sa(struct frag_set *set)
{
	struct frag_set *s, *oldest = NULL;
	unsigned int n = 0;

	if (set->sa == NULL)
		return;
	for (s = set->sa->frags; s != NULL; s = s->next) {
		n++;
		if (s != set && (oldest == NULL || s->born <= oldest->born))
			oldest = s;
	}
	if (n > LIMIT_FRAG_SETS_SA)
		set_free(oldest);
}

/* Within what strangers have from one address. */
static void
bound_source(struct frag_set *set)
{
	struct frag_set *s, *oldest;
	size_t n, bytes;

	do {
		n = bytes = 0;
		oldest = NULL;
		TAILQ_FOREACH(s, &set->of->sets, age) {
			if (!addr_equal(&s->remote, &set->remote))
				continue;
			n++;
			bytes += s->charged;
			if (oldest == NULL && s != set)
				oldest = s;
		}
		if (n <= LIMIT_FRAG_SETS_SOURCE && bytes <= LIMIT_FRAG_SOURCE)
			return;
		if (oldest != NULL)
			set_free(oldest);
	} while (oldest != NULL);
}

static void
bound_all(struct frag_set *set, size_t sets, size_t bytes)
{
	struct frags_of *of = set->of;
	struct frag_set *s;

	while (of->n > sets || of->bytes > bytes) {
		s = TAILQ_FIRST(&of->sets);
		if (s == set)
			s = TAILQ_NEXT(s, age);
		if (s == NULL)
			return;
		set_free(s);
	}
}

static void
set_bound(struct ike *ike, struct frag_set *set)
{
	bound_sa(set);
	if (set->of == &ike->frags->known) {
		bound_all(set, SIZE_MAX, LIMIT_FRAG_KNOWN);
		return;
	}
	bound_source(set);
	bound_all(set, LIMIT_FRAG_SETS, LIMIT_FRAG_STRANGE);
}

/*
 * One fragment
 */

static struct view
piece_view(const struct frag_set *set, unsigned int index)
{
	struct view v = buf_from(&set->data, set->piece[index].at);

	return view_take(&v, set->piece[index].n);
}

static bool
is_repeated(const struct frag_set *set, const struct fragment *f)
{
	return set->piece[f->index].n > 0 &&
	    (set->last == f->index) == f->last &&
	    view_equal(piece_view(set, f->index), f->data);
}

/* Can both be of one message?  What is known of the last one counts, too. */
static bool
contradicts(const struct frag_set *set, const struct fragment *f)
{
	return set->piece[f->index].n > 0 ||
	    (f->last && (set->last != 0 || set->highest > f->index)) ||
	    (set->last != 0 && f->index > set->last);
}

static enum err
set_add(struct frag_set *set, const struct fragment *f)
{
	size_t at = set->data.n;

	if (f->data.n > LIMIT_FRAG_MESSAGE - at)
		return E_LIMIT;
	buf_add(&set->data, f->data);
	if (!buf_ok(&set->data))
		return E_LIMIT;
	set->piece[f->index].at = (uint16_t)at;
	set->piece[f->index].n = (uint16_t)f->data.n;
	set->n++;
	if (f->index > set->highest)
		set->highest = f->index;
	if (f->last)
		set->last = f->index;
	set_charge(set);
	return OK;
}

/* Whole, whichever fragment came last. */
static bool
is_whole(const struct frag_set *set)
{
	return set->last != 0 && set->n == set->last;
}

static void
set_join(const struct frag_set *set, struct frag_whole *whole)
{
	for (unsigned int i = 1; i <= set->last; i++)
		buf_add(&whole->bytes, piece_view(set, i));
	whole->arrived = set->arrived;
}

static enum err
fragment_of(const struct frag_in *in, struct fragment *f)
{
	struct msg msg;
	enum err r;

	r = msg_parse(&msg, in->h, in->chain, true);
	if (r != OK)
		return r;
	if (msg.n != 1 || msg.p[0].wire_type != ISAKMP_FRAG)
		return E_PAYLOAD;
	return fragment_get(msg.p[0].body, f);
}

enum err
frag_input(struct ike *ike, const struct frag_in *in,
    struct frag_whole *whole)
{
	struct frag_set *set;
	struct fragment f;
	enum err r;

	r = fragment_of(in, &f);
	if (r != OK)
		return r;
	set = set_find(ike, in, f.id);
	if (set != NULL && is_repeated(set, &f))
		return E_DUPLICATE;
	if (set == NULL)
		set = set_new(ike, in, f.id);
	else if (contradicts(set, &f))
		set_restart(set);
	r = set_add(set, &f);
	if (r != OK) {
		set_free(set);
		return r;
	}
	set->arrived += in->h->length;
	if (is_whole(set)) {
		set_join(set, whole);
		set_free(set);
	} else {
		set_bound(ike, set);
	}
	return buf_ok(&whole->bytes) ? OK : E_LIMIT;
}
