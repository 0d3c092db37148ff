/* SPDX-License-Identifier: ISC */
/* The daemon's parts, one by one: threads, key file, log sinks, start. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "monitor/background.h"
#include "monitor/pidfile.h"
#include "daemon/pool.h"
#include "daemon/pskfile.h"
#include "monitor/sink.h"
#include "daemon/unsent.h"
#include "monitor/here.h"
#include "ike/job.h"
#include "libipsec/addr.h"
#include "test/daemon_tools.h"

/* ---- pool ---- */

struct catcher {
	struct event_base *base;
	struct pool	*pool;
	unsigned int	 n, want;
	uint64_t	 last;
	bool		 ordered;
	bool		 elsewhere;	/* no job ran on this thread */
};

static void
nothing(struct job *j)
{
	buf_u32(&j->out[0], (uint32_t)gettid());
	j->err = E_DUPLICATE;
}

static void
slow(struct job *j)
{
	(void)poll(NULL, 0, 50);
	nothing(j);
}

static void
caught(void *ctx, struct job *j)
{
	struct catcher *c = ctx;
	struct view v = buf_view(&j->out[0]);

	ck_assert_int_eq(j->err, E_DUPLICATE);
	if (view_u32(&v) == (uint32_t)gettid())
		c->elsewhere = false;
	if (c->n > 0 && j->exchange <= c->last)
		c->ordered = false;
	c->last = j->exchange;
	c->n++;
	job_free(j);
}

static bool
all_caught(void *ctx)
{
	const struct catcher *c = ctx;

	return c->n >= c->want;
}

static void
submit(struct catcher *c, unsigned int n, void (*run)(struct job *))
{
	for (unsigned int i = 0; i < n; i++) {
		struct job *j = job_new(NULL, run);

		j->exchange = i + 1;
		pool_submit(c->pool, j);
	}
}

static void
catcher_init(struct catcher *c, unsigned int threads)
{
	*c = (struct catcher){ .ordered = true, .elsewhere = true };
	c->base = event_base_new();
	ck_assert_ptr_nonnull(c->base);
	c->pool = pool_new(c->base, threads, caught, c);
	ck_assert_ptr_nonnull(c->pool);
}

START_TEST(pool_gives_all_jobs_back)
{
	struct catcher c;

	catcher_init(&c, (unsigned int)_i);
	for (int round = 0; round < 3; round++) {
		c.n = 0;
		c.want = 2000;
		submit(&c, c.want, nothing);
		turn(c.base, all_caught, &c);
		ck_assert_uint_eq(c.n, 2000);
		if (_i == 1)
			ck_assert(c.ordered);
	}
	ck_assert(c.elsewhere);
	pool_free(c.pool);
	event_base_free(c.base);
}
END_TEST

static unsigned int
count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	const struct dirent *e;
	unsigned int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(dir);
	return n;
}

/* As many as were asked for, up to a limit. */
START_TEST(pool_has_few_threads)
{
	unsigned int before = count_threads();
	struct catcher c;

	for (unsigned int n = 1; n <= 64; n *= 2) {
		catcher_init(&c, n);
		ck_assert_uint_eq(count_threads(), before + (n < 4 ? n : 4));
		pool_free(c.pool);
		event_base_free(c.base);
	}
}
END_TEST

/* What is queued, under way or done at the end leaks nothing (ASan). */
START_TEST(pool_stops_with_jobs_left)
{
	struct catcher c;

	catcher_init(&c, 3);
	c.want = 5;
	submit(&c, 500, slow);
	turn(c.base, all_caught, &c);
	ck_assert_uint_ge(c.n, 5);
	pool_free(c.pool);
	ck_assert_uint_lt(c.n, 500);
	event_base_free(c.base);
	pool_free(NULL);
}
END_TEST

/* ---- the key file ---- */

struct keys {
	struct pskfile	*file;
	struct lines	 lines;
	char		 dir[40], path[60];
	struct buf	 key;
};

static void
keys_init(struct keys *k)
{
	memset(k, 0, sizeof(*k));
	strcpy(k->dir, "/tmp/check_daemon.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(k->dir));
	(void)snprintf(k->path, sizeof(k->path), "%s/psk.txt", k->dir);
	k->file = pskfile_new(&here_plain);
	buf_init(&k->key, 1024);
	log_to(catch_line, &k->lines);
}

static void
keys_fini(struct keys *k)
{
	pskfile_free(k->file);
	buf_fini(&k->key);
	(void)unlink(k->path);
	(void)rmdir(k->path);
	ck_assert_int_eq(rmdir(k->dir), 0);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	(void)close(fd);
}

static enum err
find(struct keys *k, const char *id)
{
	return pskfile_find(k->file, k->path, view_text(id), &k->key);
}

static void
expect_key(struct keys *k, const char *id, const char *key)
{
	ck_assert_int_eq(find(k, id), OK);
	ck_assert(view_equal(buf_view(&k->key), view_text(key)));
}

START_TEST(psk_sees_edits_at_once)
{
	struct keys k;
	char other[70];

	keys_init(&k);
	write_file(k.path, "192.0.2.1 one\n", 0600);
	expect_key(&k, "192.0.2.1", "one");
	ck_assert_int_eq(find(&k, "192.0.2.2"), E_NOPSK);
	/* The same length, within the same tick of the clock. */
	write_file(k.path, "192.0.2.1 two\n", 0600);
	expect_key(&k, "192.0.2.1", "two");
	write_file(k.path, "192.0.2.2 three\n", 0600);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_NOPSK);
	expect_key(&k, "192.0.2.2", "three");
	/* Replaced as editors do. */
	(void)snprintf(other, sizeof(other), "%s.new", k.path);
	write_file(other, "192.0.2.2 four\n", 0600);
	ck_assert_int_eq(rename(other, k.path), 0);
	expect_key(&k, "192.0.2.2", "four");
	ck_assert_uint_eq(k.lines.n, 0);
	keys_fini(&k);
}
END_TEST

/* Once the file has settled, its text is kept; a change is still seen. */
START_TEST(psk_keeps_a_settled_file)
{
	const struct timespec wait = { .tv_sec = 3 };
	struct keys k;

	keys_init(&k);
	write_file(k.path, "192.0.2.1 one\n", 0600);
	(void)nanosleep(&wait, NULL);
	expect_key(&k, "192.0.2.1", "one");
	expect_key(&k, "192.0.2.1", "one");
	write_file(k.path, "192.0.2.1 two\n", 0600);
	expect_key(&k, "192.0.2.1", "two");
	ck_assert_int_eq(chmod(k.path, 0640), 0);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	keys_fini(&k);
}
END_TEST

START_TEST(psk_wants_a_closed_file)
{
	static const mode_t bad[] = { 0640, 0604, 0610, 0601, 0666 };
	struct keys k;

	keys_init(&k);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(k.path, "192.0.2.1 one\n", 0600);
		expect_key(&k, "192.0.2.1", "one");
		k.lines.n = 0;
		ck_assert_int_eq(chmod(k.path, bad[i]), 0);
		ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
		ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
		ck_assert_uint_eq(k.lines.n, 1);
		ck_assert_int_eq(k.lines.level, LOG_L_ERROR);
		ck_assert_ptr_nonnull(strstr(k.lines.text, k.path));
		ck_assert_ptr_nonnull(strstr(k.lines.text, "weak file perm"));
		ck_assert_ptr_nonnull(strstr(k.lines.text, "chmod 600 "));
	}
	ck_assert_int_eq(chmod(k.path, 0400), 0);
	if (geteuid() == 0) {
		expect_key(&k, "192.0.2.1", "one");
		ck_assert_int_eq(chown(k.path, 12345, 0), 0);
		ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
		ck_assert_ptr_nonnull(strstr(k.lines.text,
		    "invalid owner uid 12345"));
		ck_assert_ptr_nonnull(strstr(k.lines.text, "chown 0 "));
	} else
		(void)fprintf(stderr, "SKIP %s: foreign owner: needs root\n",
		    __func__);
	keys_fini(&k);
}
END_TEST

START_TEST(psk_wants_a_regular_file)
{
	struct keys k;

	keys_init(&k);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_uint_eq(k.lines.n, 1);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "does not exist"));
	ck_assert_int_eq(mkdir(k.path, 0700), 0);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "not a regular file"));
	ck_assert_int_eq(rmdir(k.path), 0);
	/* A FIFO without a writer must not block the daemon. */
	ck_assert_int_eq(mkfifo(k.path, 0600), 0);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_int_eq(unlink(k.path), 0);
	k.lines.n = 0;
	ck_assert_int_eq(pskfile_find(k.file, NULL, view_text("a"), &k.key),
	    E_FILE);
	ck_assert_uint_eq(k.lines.n, 1);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "path pre_shared_key"));
	keys_fini(&k);
}
END_TEST

START_TEST(psk_reports_bad_hex_once)
{
	struct keys k;

	keys_init(&k);
	write_file(k.path, "# keys\n192.0.2.1 0x616\n192.0.2.2 0x616263\n",
	    0600);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_uint_eq(k.lines.n, 1);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "psk.txt:2: "));
	ck_assert_ptr_null(strstr(k.lines.text, "616"));
	expect_key(&k, "192.0.2.2", "abc");
	keys_fini(&k);
}
END_TEST

/* Whoever knows two bad lines must not be able to fill the log with them. */
START_TEST(psk_reports_each_bad_line_once)
{
	const struct timespec wait = { .tv_sec = 3 };
	char text[2000] = "", id[20];
	struct keys k;
	size_t n = 0;

	keys_init(&k);
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "192.0.2.%d 0x616\n", i);
	write_file(k.path, text, 0600);
	for (int settled = 0; settled < 2; settled++) {
		for (int i = 0; i < 10; i++) {
			ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
			ck_assert_int_eq(find(&k, "192.0.2.2"), E_FILE);
		}
		ck_assert_uint_eq(k.lines.n, 2);
		(void)nanosleep(&wait, NULL);
	}
	for (int i = 0; i < 60; i++) {
		(void)snprintf(id, sizeof(id), "192.0.2.%d", i);
		ck_assert_int_eq(find(&k, id), E_FILE);
	}
	ck_assert_uint_eq(k.lines.n, 16);
	/* A reload, and another text, make them worth a word again. */
	pskfile_check(k.file, k.path);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_uint_eq(k.lines.n, 17);
	write_file(k.path, "192.0.2.1 0x6\n", 0600);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_uint_eq(k.lines.n, 18);
	keys_fini(&k);
}
END_TEST

/* The same fault again is news if the file was good in between. */
START_TEST(psk_reports_what_breaks_again)
{
	struct keys k;
	char other[70];

	keys_init(&k);
	(void)snprintf(other, sizeof(other), "%s.other", k.path);
	for (unsigned int i = 1; i <= 3; i++) {
		ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
		ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
		ck_assert_uint_eq(k.lines.n, i);
		write_file(k.path, "192.0.2.1 one\n", 0600);
		expect_key(&k, "192.0.2.1", "one");
		ck_assert_int_eq(unlink(k.path), 0);
	}
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	/* Another file with the same fault. */
	ck_assert_int_eq(pskfile_find(k.file, other, view_text("a"), &k.key),
	    E_FILE);
	ck_assert_uint_eq(k.lines.n, 5);
	ck_assert_ptr_nonnull(strstr(k.lines.text, other));
	keys_fini(&k);
}
END_TEST

START_TEST(psk_is_checked_early)
{
	struct keys k;

	keys_init(&k);
	pskfile_check(k.file, NULL);
	ck_assert_uint_eq(k.lines.n, 0);
	for (unsigned int i = 1; i <= 2; i++) {
		pskfile_check(k.file, k.path);
		ck_assert_uint_eq(k.lines.n, i);
		ck_assert_int_eq(k.lines.level, LOG_L_WARNING);
		ck_assert_ptr_nonnull(strstr(k.lines.text, "does not exist"));
	}
	/* That was it: a look-up has nothing to add. */
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_uint_eq(k.lines.n, 2);
	ck_assert_ptr_nonnull(strstr(err_text(E_FILE), "pre-shared key file"));
	write_file(k.path, "192.0.2.1 one\n", 0644);
	pskfile_check(k.file, k.path);
	ck_assert_uint_eq(k.lines.n, 3);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "weak file permission"));
	ck_assert_int_eq(chmod(k.path, 0600), 0);
	pskfile_check(k.file, k.path);
	ck_assert_uint_eq(k.lines.n, 3);
	keys_fini(&k);
}
END_TEST

START_TEST(psk_bounds_the_file)
{
	struct keys k;

	keys_init(&k);
	write_file(k.path, "192.0.2.1 one\n", 0600);
	ck_assert_int_eq(truncate(k.path, 5 << 20), 0);
	ck_assert_int_eq(find(&k, "192.0.2.1"), E_FILE);
	ck_assert_ptr_nonnull(strstr(k.lines.text, "too large"));
	keys_fini(&k);
}
END_TEST

/* ---- log sinks and pid file ---- */

static char *
contents(const char *path)
{
	char *text = xcalloc(1, 4096);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(read(fd, text, 4095), 0);
	(void)close(fd);
	return text;
}

START_TEST(sink_appends_to_its_file)
{
	char path[] = "/tmp/check_daemon.log.XXXXXX", old[60];
	struct sink s = { .file = path };
	int fd = mkstemp(path);
	char *text;

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	ck_assert(sink_open(&s));
	log_msg(LOG_L_INFO, "first");
	log_msg(LOG_L_WARNING, "second");
	text = contents(path);
	ck_assert_ptr_nonnull(strstr(text, " INFO: first\n"));
	ck_assert_ptr_nonnull(strstr(text, " WARNING: second\n"));
	free(text);
	/* Rotated without a word to the daemon. */
	(void)snprintf(old, sizeof(old), "%s.1", path);
	ck_assert_int_eq(rename(path, old), 0);
	log_msg(LOG_L_INFO, "third");
	text = contents(path);
	ck_assert_ptr_null(strstr(text, "first"));
	ck_assert_ptr_nonnull(strstr(text, " INFO: third\n"));
	free(text);
	(void)unlink(path);
	(void)unlink(old);
	s.file = "/nonexistent/log";
	ck_assert(!sink_open(&s));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* Sends standard output and error to a file in memory. */
static int
capture(void)
{
	int fd = memfd_create("out", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	(void)fflush(NULL);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	return fd;
}

START_TEST(sink_writes_to_the_terminal)
{
	char text[1000] = "";
	struct sink s = { .terminal = true, .starting = true };
	int fd = capture();

	(void)unsetenv("JOURNAL_STREAM");
	ck_assert(sink_open(&s));
	log_msg(LOG_L_ERROR, "bad");
	log_msg(LOG_L_DEBUG, "hidden");
	ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 20);
	/* Once only, with its time. */
	ck_assert_str_eq(text + 19, ": ERROR: bad\n");
}
END_TEST

START_TEST(sink_knows_the_journal)
{
	struct ipsec_addr a;
	char text[1000] = "", stream[64];
	struct sink s = { .terminal = true };
	int fd = capture();
	struct stat st;

	ck_assert(addr_parse(&a, "192.0.2.7"));
	ck_assert_int_eq(fstat(fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
	ck_assert(sink_open(&s));
	log_msg(LOG_L_ERROR, "bad");
	log_peer(LOG_L_INFO, &a, "good");
	ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
	ck_assert_str_eq(text, "<3>ERROR: bad\n<6>[192.0.2.7] INFO: good\n");
}
END_TEST

START_TEST(sink_tells_who_starts_it)
{
	char path[] = "/tmp/check_daemon.log.XXXXXX", text[1000] = "";
	struct sink s = { .file = path, .starting = true };
	int file = mkstemp(path), fd = capture();

	ck_assert_int_ge(file, 0);
	(void)close(file);
	ck_assert(sink_open(&s));
	log_msg(LOG_L_INFO, "quiet");
	log_msg(LOG_L_ERROR, "bad");
	s.starting = false;
	log_msg(LOG_L_ERROR, "later");
	ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
	ck_assert_str_eq(text, "racoon: bad\n");
	(void)unlink(path);
}
END_TEST

START_TEST(pidfile_comes_and_goes)
{
	char dir[] = "/tmp/check_daemon.XXXXXX", expected[30], full[60];
	struct lines l = { .n = 0 };
	struct stat st;
	struct pidfile *f;
	char *text;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	log_to(catch_line, &l);
	(void)umask(077);
	f = pidfile_write(dir, NULL);
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(strstr(pidfile_path(f), "/racoon.pid"));
	text = contents(pidfile_path(f));
	(void)snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
	ck_assert_str_eq(text, expected);
	free(text);
	ck_assert_int_eq(stat(pidfile_path(f), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	pidfile_remove(f);
	(void)snprintf(full, sizeof(full), "%s/own", dir);
	f = pidfile_write("/nonexistent", full);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(pidfile_path(f), full);
	pidfile_remove(f);
	pidfile_remove(NULL);
	/* A run directory that is not there yet, for everybody to read. */
	(void)snprintf(full, sizeof(full), "%s/a/run", dir);
	f = pidfile_write(full, "racoon.pid");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(stat(full, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	pidfile_remove(f);
	ck_assert_int_eq(rmdir(full), 0);
	(void)snprintf(full, sizeof(full), "%s/a", dir);
	ck_assert_int_eq(rmdir(full), 0);
	ck_assert_uint_eq(l.n, 0);
	ck_assert_ptr_null(pidfile_write("/proc/nonexistent", "racoon.pid"));
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.level, LOG_L_ERROR);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* No pid file, and one line with WHY. */
static void
no_pidfile(const char *path, const char *why)
{
	struct lines l = { .n = 0 };

	log_to(catch_line, &l);
	ck_assert_ptr_null(pidfile_write("/nonexistent", path));
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.level, LOG_L_ERROR);
	ck_assert_msg(strstr(l.text, why) != NULL, "%s", l.text);
}

/* However long its name is. */
START_TEST(pidfile_long_name)
{
	char path[3 * 4096];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	path[0] = '/';
	no_pidfile(path, "cannot write the pid file");
	path[1000] = '\0';
	no_pidfile(path, "File name too long");
}
END_TEST

START_TEST(pidfile_is_nobody_elses)
{
	char dir[] = "/tmp/check_daemon.XXXXXX", path[60], other[60];
	struct pidfile *f;
	struct stat st;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	no_pidfile(path, "not a regular file");
	ck_assert_int_eq(unlink(path), 0);
	write_file(other, "precious\n", 0600);
	ck_assert_int_eq(link(other, path), 0);
	no_pidfile(path, "other names");
	ck_assert_int_eq(stat(other, &st), 0);
	ck_assert_int_eq(st.st_size, 9);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	no_pidfile(path, "symbolic links");
	ck_assert_int_eq(unlink(path), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(other, 12345, 0), 0);
		no_pidfile(other, "belongs to somebody else");
	}
	ck_assert_int_eq(unlink(other), 0);
	/* A stale one is taken over, that of one that runs is not. */
	write_file(path, "1\n", 0644);
	f = pidfile_write("/nonexistent", path);
	ck_assert_ptr_nonnull(f);
	no_pidfile(path, "another racoon that runs holds it");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, 0);
	/* What somebody else put there stays. */
	write_file(path, "99999\n", 0644);
	pidfile_remove(f);
	ck_assert_int_eq(stat(path, &st), 0);
	f = pidfile_write("/nonexistent", path);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(rename(path, other), 0);
	write_file(path, "99999\n", 0644);
	pidfile_remove(f);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(unlink(other), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* ---- failures to send ---- */

START_TEST(unsent_is_told_in_measure)
{
	struct unsent u = { .missed = 0 };
	struct ipsec_addr a[40];
	uint64_t missed = 99, now = 5;
	unsigned int lines = 0;
	char text[20];

	for (unsigned int i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text), "192.0.2.%u", i);
		ck_assert(addr_parse(&a[i], text));
	}
	ck_assert(unsent_tell(&u, ENETUNREACH, &a[0], now, &missed));
	ck_assert_uint_eq(missed, 0);
	for (now = 6; now < 60005; now += 1000)
		ck_assert(!unsent_tell(&u, ENETUNREACH, &a[0], now, &missed));
	/* Another reason and another peer are news. */
	ck_assert(unsent_tell(&u, EPERM, &a[0], now - 1000, &missed));
	ck_assert_uint_eq(missed, 60);
	ck_assert(unsent_tell(&u, EPERM, &a[1], now - 1000, &missed));
	ck_assert_uint_eq(missed, 0);
	ck_assert(unsent_tell(&u, ENETUNREACH, &a[0], now, &missed));
	/* Whatever the number of peers, the lines are bounded. */
	now += 1000000;
	for (int round = 0; round < 3; round++)
		for (unsigned int i = 0; i < 40; i++)
			lines += unsent_tell(&u, EPERM, &a[i], now++, &missed);
	ck_assert_uint_eq(lines, UNSENT_MAX);
	ck_assert(unsent_tell(&u, EPERM, &a[39], now + 60000, &missed));
	ck_assert_uint_eq(missed, 120 - UNSENT_MAX);
}
END_TEST

/* ---- going into the background ---- */

/* The exit status of what started a daemon that does CHILD. */
static int
started(void (*child)(int))
{
	int status, word;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		word = background_start();
		if (word == -1)
			_exit(99);
		child(word);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
serves(int word)
{
	background_ready(word);
}

static void
fails(int word)
{
	(void)word;
	_exit(1);
}

static void
dies(int word)
{
	(void)word;
	(void)raise(SIGKILL);
}

START_TEST(background_reports_the_start)
{
	ck_assert_int_eq(started(serves), 0);
	ck_assert_int_eq(started(fails), 1);
	ck_assert_int_eq(started(dies), 1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("daemon");

	tcase_add_loop_test(t, pool_gives_all_jobs_back, 0, 5);
	tcase_add_test(t, pool_has_few_threads);
	tcase_add_test(t, pool_stops_with_jobs_left);
	tcase_add_test(t, psk_sees_edits_at_once);
	tcase_add_test(t, psk_keeps_a_settled_file);
	tcase_add_test(t, psk_wants_a_closed_file);
	tcase_add_test(t, psk_wants_a_regular_file);
	tcase_add_test(t, psk_reports_bad_hex_once);
	tcase_add_test(t, psk_reports_each_bad_line_once);
	tcase_add_test(t, psk_reports_what_breaks_again);
	tcase_add_test(t, psk_is_checked_early);
	tcase_add_test(t, psk_bounds_the_file);
	tcase_add_test(t, sink_appends_to_its_file);
	tcase_add_test(t, sink_writes_to_the_terminal);
	tcase_add_test(t, sink_knows_the_journal);
	tcase_add_test(t, sink_tells_who_starts_it);
	tcase_add_test(t, pidfile_comes_and_goes);
	tcase_add_test(t, pidfile_long_name);
	tcase_add_test(t, pidfile_is_nobody_elses);
	tcase_add_test(t, unsent_is_told_in_measure);
	tcase_add_test(t, background_reports_the_start);
	return run_case("daemon", t);
}
