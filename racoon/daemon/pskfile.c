/* SPDX-License-Identifier: ISC */
/*
 * The key file's text is kept while the file stays as it is.  Rules: a regular
 * file, ours or root's, closed to group and others.
 */
#include "daemon/pskfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/psk.h"

#define FILE_MAX	(4 << 20)	/* some 50,000 peers */

/*
 * File times move in ticks of the kernel: a file written twice within one
 * looks the same.  Younger than this, it is read again.
 */
#define SETTLED_SECONDS	2

#define BAD_LINES_MAX	16	/* told of a file; more say nothing new */

/* What tells one state of a file from another. */
struct state {
	int		err;		/* errno of open() or stat() */
	dev_t		dev;
	ino_t		ino;
	off_t		size;
	mode_t		mode;
	uid_t		uid;
	struct timespec	mtime, ctime;
};

struct pskfile {
	const struct asroot *root;
	char		*path;
	struct state	 read;		/* of `text' */
	bool		 settled;	/* `read' cannot hide a change */
	struct buf	 text;
	struct psk_index *index;	/* of `text'; NULL: not settled */
	enum log_level	 level;		/* of complaints */
	/* What was said already, so that it is said once: */
	char		*told_path;	/* NULL: nothing since it was good */
	struct state	 told;
	unsigned int	 bad[BAD_LINES_MAX]; /* lines, of `read' */
	size_t		 nbad;
};

static struct state
state_of(const struct stat *st)
{
	/* No padding may differ: state_equal() compares field by field. */
	return (struct state){
		.err = 0, .dev = st->st_dev, .ino = st->st_ino,
		.size = st->st_size, .mode = st->st_mode, .uid = st->st_uid,
		.mtime = st->st_mtim, .ctime = st->st_ctim,
	};
}

static bool
time_equal(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
state_equal(const struct state *a, const struct state *b)
{
	return a->err == b->err && a->dev == b->dev && a->ino == b->ino &&
	    a->size == b->size && a->mode == b->mode && a->uid == b->uid &&
	    time_equal(&a->mtime, &b->mtime) &&
	    time_equal(&a->ctime, &b->ctime);
}

static void
forget_told(struct pskfile *f)
{
	free(f->told_path);
	f->told_path = NULL;
}

/* True the first time that PATH is found to be in the bad state S. */
static bool
news(struct pskfile *f, const char *path, const struct state *s)
{
	if (f->told_path != NULL && strcmp(f->told_path, path) == 0 &&
	    state_equal(&f->told, s))
		return false;
	forget_told(f);
	f->told_path = xstrdup(path);
	f->told = *s;
	return true;
}

/* Peers choose which lines are looked at, not how much is logged. */
static bool
is_new_line(struct pskfile *f, unsigned int line)
{
	for (size_t i = 0; i < f->nbad; i++)
		if (f->bad[i] == line)
			return false;
	if (f->nbad == BAD_LINES_MAX)
		return false;
	f->bad[f->nbad++] = line;
	return true;
}

static enum err
complain_errno(struct pskfile *f, const char *path, int err)
{
	const struct state s = { .err = err };

	if (!news(f, path, &s))
		return E_FILE;
	if (err == ENOENT)
		log_msg(f->level, "the pre-shared key file %s does not "
		    "exist: create it with one line `ADDRESS KEY' for each "
		    "peer, then run: chmod 600 %s", path, path);
	else
		log_msg(f->level, "cannot read the pre-shared key file "
		    "%s: %s", path, strerror(err));
	return E_FILE;
}

/* The safety rules. */
static enum err
check(struct pskfile *f, const char *path, const struct state *s)
{
	const uid_t euid = geteuid();

	if (S_ISREG(s->mode) && (s->uid == euid || s->uid == 0) &&
	    (s->mode & (S_IRWXG | S_IRWXO)) == 0 && s->size <= FILE_MAX)
		return OK;
	if (!news(f, path, s))
		return E_FILE;
	if (!S_ISREG(s->mode))
		log_msg(f->level, "%s is not a regular file: `path "
		    "pre_shared_key' must name one", path);
	else if (s->uid != euid && s->uid != 0)
		log_msg(f->level, "%s has invalid owner uid %u: "
		    "run: chown %u %s", path, (unsigned int)s->uid,
		    (unsigned int)euid, path);
	else if (s->size > FILE_MAX)
		log_msg(f->level, "%s is too large for a pre-shared key "
		    "file (more than %d bytes)", path, FILE_MAX);
	else
		log_msg(f->level, "%s has weak file permission %04o: "
		    "others may get at the keys; run: chmod 600 %s", path,
		    (unsigned int)(s->mode & 07777), path);
	return E_FILE;
}

static int
slurp(int fd, struct buf *text)
{
	uint8_t part[4096];
	ssize_t n;
	int err = 0;

	buf_reset(text);
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n > 0)
			buf_put(text, part, (size_t)n);
		else if (errno != EINTR) {
			err = errno;
			break;
		}
	}
	explicit_bzero(part, sizeof(part));
	return err != 0 ? err : buf_ok(text) ? 0 : EFBIG;
}

static bool
is_settled(const struct state *s)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return false;
	return s->ctime.tv_sec + SETTLED_SECONDS < now.tv_sec;
}

/* Reads PATH through FD, by which it is judged: no race with a rename. */
static enum err
load(struct pskfile *f, const char *path, int fd)
{
	struct state before = f->read;
	struct stat st;
	enum err r;
	int err;

	if (fstat(fd, &st) == -1)
		return complain_errno(f, path, errno);
	f->read = state_of(&st);
	if (!state_equal(&before, &f->read))
		f->nbad = 0;
	f->settled = is_settled(&f->read);
	r = check(f, path, &f->read);
	if (r != OK)
		return r;
	err = slurp(fd, &f->text);
	return err == 0 ? OK : complain_errno(f, path, err);
}

static void
forget(struct pskfile *f)
{
	free(f->path);
	f->path = NULL;
	f->settled = false;
	psk_index_free(f->index);
	f->index = NULL;
	buf_fini(&f->text);
}

static bool
is_current(const struct pskfile *f, const char *path, int fd)
{
	struct stat st;
	struct state now;

	if (!f->settled || f->path == NULL || strcmp(f->path, path) != 0 ||
	    fstat(fd, &st) == -1)
		return false;
	now = state_of(&st);
	return state_equal(&now, &f->read);
}

static enum err
reread(struct pskfile *f, const char *path, int fd)
{
	enum err r;

	forget(f);
	r = load(f, path, fd);
	if (r != OK) {
		forget(f);
		return r;
	}
	f->path = xstrdup(path);
	forget_told(f);
	/* A text that is read for each look-up anew is not worth an index. */
	if (f->settled)
		f->index = psk_index_new(buf_view(&f->text));
	return OK;
}

/* Makes f->text that of the file as it is now. */
static enum err
refresh(struct pskfile *f, const char *path)
{
	int fd = f->root->ops->open(f->root->ctx, MON_FILE_PSK, 0, path);
	enum err r = OK;

	if (fd < 0) {
		forget(f);
		return complain_errno(f, path, -fd);
	}
	if (!is_current(f, path, fd))
		r = reread(f, path, fd);
	(void)close(fd);
	return r;
}

static enum err
complain_unset(struct pskfile *f)
{
	const struct state s = { .err = -1 };

	if (news(f, "", &s))
		log_msg(LOG_L_ERROR, "a pre-shared key is wanted, but "
		    "racoon.conf does not say `path pre_shared_key \"FILE\";'");
	return E_FILE;
}

struct pskfile *
pskfile_new(const struct asroot *root)
{
	struct pskfile *f = xcalloc(1, sizeof(*f));

	f->root = root;
	buf_init(&f->text, FILE_MAX);
	f->level = LOG_L_ERROR;
	return f;
}

void
pskfile_free(struct pskfile *f)
{
	if (f == NULL)
		return;
	forget(f);
	forget_told(f);
	free(f);
}

void
pskfile_check(struct pskfile *f, const char *path)
{
	forget(f);
	forget_told(f);
	f->nbad = 0;
	if (path == NULL)
		return;
	f->level = LOG_L_WARNING;
	(void)refresh(f, path);		/* which says what is wrong */
	f->level = LOG_L_ERROR;
}

enum err
pskfile_find(struct pskfile *f, const char *path, struct view id,
    struct buf *key)
{
	unsigned int line = 0;
	enum err r;

	if (path == NULL)
		return complain_unset(f);
	r = refresh(f, path);
	if (r != OK)
		return r;
	if (f->index != NULL)
		r = psk_index_find(f->index, id, key, &line);
	else
		r = psk_find(buf_view(&f->text), id, key, &line);
	if (r == E_FILE && is_new_line(f, line))
		log_msg(LOG_L_ERROR, "%s:%u: malformed key: after 0x there "
		    "must be pairs of hexadecimal digits", path, line);
	return r;
}
