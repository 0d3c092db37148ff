/* SPDX-License-Identifier: ISC */
/*
 * Files.  The worker gets descriptors that can be read, of what racoon.conf
 * names and nothing else, and never one of a private key.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* memfd_create() */
#endif
#include "monitor/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/plainrsa.h"
#include "crypto/trust.h"
#include "monitor/handover.h"
#include "monitor/here.h"
#include "monitor/keyfile.h"

#define NAMES_MAX	(4u << 20)
#define RESOLV_MAX	65536

/* A descriptor for the answer; FD may be -errno. */
static bool
give_fd(struct mon_msg *answer, int from, int *fd)
{
	answer->result = from < 0 ? from : 0;
	if (from < 0)
		answer->text = view_text(strerror(-from));
	else
		*fd = from;
	return true;
}

/* Never a directory: it would be a way out of the worker's root. */
static int
open_file(const char *path)
{
	int fd = keyfile_open(path);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)))
		return fd;
	(void)close(fd);
	return -EISDIR;
}

static bool
read_whole(int fd, struct buf *out, size_t max)
{
	struct stat st;
	uint8_t *room;
	ssize_t n;

	buf_init(out, max);
	if (fstat(fd, &st) == -1 || st.st_size < 0 ||
	    (uint64_t)st.st_size > max)
		return false;
	room = buf_room(out, (size_t)st.st_size);
	n = room == NULL ? -1 : pread(fd, room, out->n, 0);
	return n >= 0 && (size_t)n == out->n;
}

/*
 * racoon.conf
 */

static bool
asks_dns(const struct conf *c)
{
	for (size_t i = 0; c != NULL && i < c->nremote; i++)
		for (size_t k = 0; k < c->remote[i]->npeers_cert; k++)
			if (c->remote[i]->peers_cert[k].kind ==
			    CONF_CERT_DNSSEC)
				return true;
	return false;
}

/* The old file or the new one is there at any time. */
static void
replace(const char *path, struct view bytes)
{
	char *fresh = xasprintf("%s.new", path);
	int to;

	(void)unlink(fresh);
	to = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0644);
	if (to != -1) {
		if (fchmod(to, 0644) != 0 ||
		    write(to, bytes.p, bytes.n) != (ssize_t)bytes.n ||
		    rename(fresh, path) != 0)
			(void)unlink(fresh);
		(void)close(to);
	}
	free(fresh);
}

static bool
holds(const char *path, struct view bytes)
{
	struct buf b;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool same;

	if (fd == -1)
		return false;
	same = read_whole(fd, &b, RESOLV_MAX) &&
	    view_equal(buf_view(&b), bytes);
	buf_fini(&b);
	(void)close(fd);
	return same;
}

/* The resolver's addresses for a worker that cannot see /etc. */
void
table_resolv(const struct table *t)
{
	struct buf b;
	int from;

	if (t->resolv == NULL || (!asks_dns(t->permit.now) &&
	    !asks_dns(t->permit.next)) || (from = keyfile_open(HERE_RESOLV)) < 0)
		return;
	if (read_whole(from, &b, RESOLV_MAX) &&
	    !holds(t->resolv, buf_view(&b)))
		replace(t->resolv, buf_view(&b));
	buf_fini(&b);
	(void)close(from);
}

enum err
table_read(struct table *t)
{
	struct conf_opener recorder;
	struct confbox box;
	struct conf *conf;
	enum err r;

	confbox_init(&box);
	recorder = confbox_recorder(&box, t->opener);
	r = conf_read(&recorder, t->path, &conf);
	if (r == OK && !buf_ok(&box.bytes)) {
		log_msg(LOG_L_ERROR, "%s and what it includes are too long",
		    t->path);
		conf_unref(conf);
		r = E_LIMIT;
	}
	if (r != OK) {
		confbox_fini(&box);
		return r;
	}
	confbox_fini(&t->next);
	t->next = box;
	permit_offer(&t->permit, conf);
	table_resolv(t);
	return OK;
}

static void
say_privsep(const struct permit *p)
{
	if (p->now != NULL && p->next != NULL && (p->now->uid != p->next->uid ||
	    p->now->gid != p->next->gid))
		log_msg(LOG_L_WARNING, "privsep has changed: that counts when "
		    "racoon is started again");
}

void
table_keep(struct table *t, bool good)
{
	if (good)
		say_privsep(&t->permit);
	permit_keep(&t->permit, good);
	if (good) {
		confbox_fini(&t->box);
		t->box = t->next;
		confbox_init(&t->next);
	} else
		confbox_fini(&t->next);
}

/* A worker that begins gets what is in force, later it is read anew. */
bool
asroot_conf(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)m;
	if (t->fresh) {
		t->fresh = false;
		return give_fd(a, table_memory(buf_view(&t->box.bytes)), fd);
	}
	if (table_read(t) != OK) {
		a->result = -EINVAL;
		a->text = view_text("racoon.conf is refused");
		return true;
	}
	return give_fd(a, table_memory(buf_view(&t->next.bytes)), fd);
}

bool
asroot_keep(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)a;
	(void)fd;
	if (m->num[0] > 1 || t->permit.next == NULL)
		return false;
	table_keep(t, m->num[0] == 1);
	return true;
}

/*
 * Certificates
 */

/*
 * Certificate and private key may be in one file: then only what is between
 * these lines leaves.
 */
static void
pick_certificates(struct view v, struct buf *out)
{
	static const char head[] = "-----BEGIN CERTIFICATE-----";
	static const char tail[] = "-----END CERTIFICATE-----";
	static const char other[] = "-----BEGIN ";
	const uint8_t *from, *to;
	struct view one;

	while ((from = memmem(v.p, v.n, head, sizeof(head) - 1)) != NULL) {
		(void)view_take(&v, (size_t)(from - v.p) + sizeof(head) - 1);
		to = memmem(v.p, v.n, tail, sizeof(tail) - 1);
		if (to == NULL)
			return;
		one = view_of(v.p, (size_t)(to - v.p));
		/* one that was cut, with something else behind it */
		if (memmem(one.p, one.n, other, sizeof(other) - 1) != NULL)
			continue;
		buf_put(out, head, sizeof(head) - 1);
		buf_add(out, one);
		buf_put(out, tail, sizeof(tail) - 1);
		buf_u8(out, '\n');
	}
}

/* False: it is no file of plain keys with private ones among them. */
static bool
pick_plain(const struct table *t, struct view v, struct buf *out)
{
	struct plainrsa_error error;
	struct plainrsa *set;
	bool private;

	if (plainrsa_read(t->crypto, v, false, &set, &error) != OK)
		return false;
	private = plainrsa_has_private(set);
	if (private && plainrsa_public(set, out) != OK)
		buf_reset(out);
	plainrsa_unref(set);
	return private;
}

/* Also when it cannot be used: encrypted, damaged, of another algorithm. */
static bool
has_key(const struct table *t, struct view v)
{
	static const char tail[] = "PRIVATE KEY-----";
	struct key *key = NULL;
	const char *why;
	bool has = memmem(v.p, v.n, tail, sizeof(tail) - 1) != NULL ||
	    key_read(t->crypto, v, &key, &why) == OK;

	key_unref(key);
	return has;
}

/*
 * What a file has to say to the worker.  Its name alone does not tell: in a
 * directory of authorities, rehash(1) gives a name by hash to each certificate
 * there, and a key may be behind it.
 */
static int
public_part(const struct table *t, struct view v, bool secret)
{
	struct buf out;
	int fd;

	buf_init(&out, TRUST_FILE_MAX);
	if (!pick_plain(t, v, &out)) {
		if (secret || has_key(t, v))
			pick_certificates(v, &out);
		else
			buf_add(&out, v);
	}
	fd = buf_ok(&out) ? table_memory(buf_view(&out)) : -EFBIG;
	buf_fini(&out);
	return fd;
}

static int
open_cert(const struct table *t, const char *path)
{
	int from = open_file(path), fd = from;
	struct stat st;
	struct buf b;

	if (from < 0 || fstat(from, &st) == -1 || !S_ISREG(st.st_mode))
		return from;
	fd = !read_whole(from, &b, TRUST_FILE_MAX) ? -EFBIG :
	    public_part(t, buf_view(&b), permit_is_secret(&t->permit, path));
	buf_fini(&b);
	(void)close(from);
	return fd;
}

static bool
open_path(const struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	char *path = table_text(m->text, MON_PATH_MAX);
	const bool psk = m->num[0] == MON_FILE_PSK;
	bool good = path != NULL && (psk ? permit_psk(&t->permit, path) :
	    permit_cert(&t->permit, path));

	if (good)
		(void)give_fd(a, psk ? open_file(path) : open_cert(t, path),
		    fd);
	free(path);
	return good;
}

static int
open_statm(const struct table *t)
{
	char *path = xasprintf("/proc/%ld/statm", t->pid);
	int fd = keyfile_open(path);

	free(path);
	return fd;
}

bool
asroot_open(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	if (m->num[0] < MON_FILE_PROC)
		return open_path(t, m, a, fd);
	if (m->num[0] == MON_FILE_RESOLV) {
		table_resolv(t);
		return give_fd(a, table_memory(view_of("", 0)), fd);
	}
	if (m->num[0] != MON_FILE_PROC || m->num[1] >= MON_PROC_END)
		return false;
	return give_fd(a, m->num[1] == MON_PROC_STATM ? open_statm(t) :
	    here_proc((enum mon_proc)m->num[1]), fd);
}

bool
asroot_list(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	char *dir = table_text(m->text, MON_PATH_MAX);
	bool good = dir != NULL && permit_list(&t->permit, dir);
	struct buf names;

	buf_init(&names, NAMES_MAX);
	if (good)
		(void)give_fd(a, here_list(dir, &names) ?
		    table_memory(buf_view(&names)) : -ENOENT, fd);
	buf_fini(&names);
	free(dir);
	return good;
}

/*
 * What one worker leaves to the next
 */

bool
asroot_give(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	(void)m;
	if (t->give != -1 || t->given)
		return false;
	t->give = memfd_create("racoon-give", MFD_CLOEXEC);
	return give_fd(a, t->give == -1 ? -errno :
	    fcntl(t->give, F_DUPFD_CLOEXEC, 0), fd);
}

bool
asroot_given(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	struct buf state;
	bool good;

	(void)m;
	(void)fd;
	if (t->give == -1)
		return false;
	good = read_whole(t->give, &state, HANDOVER_MAX) &&
	    handover_give(t->handover, buf_view(&state));
	buf_fini(&state);
	(void)close(t->give);
	t->give = -1;
	t->given = true;
	a->result = good ? 0 : -EIO;
	return true;
}

bool
asroot_take(struct table *t, const struct mon_msg *m, struct mon_msg *a,
    int *fd)
{
	struct buf state;

	(void)m;
	buf_init(&state, HANDOVER_MAX);
	(void)give_fd(a, handover_take(t->handover, &state) ?
	    table_memory(buf_view(&state)) : -ENOENT, fd);
	buf_fini(&state);
	return true;
}
