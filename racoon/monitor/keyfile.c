/* SPDX-License-Identifier: ISC */
/* Reading, under the rules for secrets. */
#include "monitor/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { ANYBODYS, SECRET, STRICT };	/* who else may see it */

void
keyfile_complain(const struct conf_place *at, const char *file,
    const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_msg(LOG_L_ERROR, "%s:%u: \"%s\" %s", at->path == NULL ? "?" :
	    at->path, at->line, file, text);
}

static bool
is_safe(const struct conf_place *at, const char *file, const struct stat *st,
    int secrecy)
{
	mode_t open_to = secrecy == STRICT ? S_IRWXG | S_IRWXO : S_IRWXO;

	if (!S_ISREG(st->st_mode)) {
		keyfile_complain(at, file, "is not a regular file");
		return false;
	}
	if (secrecy == ANYBODYS)
		return true;
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		keyfile_complain(at, file, "has invalid owner uid %u: run: "
		    "chown %u %s", (unsigned)st->st_uid, (unsigned)geteuid(),
		    file);
		return false;
	}
	if (st->st_mode & open_to) {
		keyfile_complain(at, file, "has weak file permission %04o: "
		    "others may get at the key; run: chmod 600 %s",
		    (unsigned)(st->st_mode & 07777), file);
		return false;
	}
	return true;
}

static bool
slurp(int fd, struct buf *out)
{
	uint8_t part[4096];
	ssize_t n;
	bool good = true;

	while (good && (n = read(fd, part, sizeof(part))) != 0) {
		if (n > 0)
			buf_put(out, part, (size_t)n);
		else
			good = errno == EINTR;
	}
	explicit_bzero(part, sizeof(part));
	return good;
}

int
keyfile_open(const char *file)
{
	/* O_NONBLOCK: a FIFO in its place must not hang the daemon. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd == -1 ? -errno : fd;
}

static bool
take(const struct conf_place *at, const char *file, int fd, int secrecy,
    struct buf *out)
{
	struct stat st;
	bool good = false;

	if (fd < 0 || fstat(fd, &st) == -1)
		keyfile_complain(at, file, "cannot be read: %s",
		    strerror(fd < 0 ? -fd : errno));
	else if (is_safe(at, file, &st, secrecy)) {
		good = slurp(fd, out);
		if (!good)
			keyfile_complain(at, file, "cannot be read: %s",
			    strerror(errno));
		else if (!buf_ok(out))
			keyfile_complain(at, file, "is too large");
		good = good && buf_ok(out);
	}
	if (fd >= 0)
		(void)close(fd);
	return good;
}

bool
keyfile_read(const struct conf_place *at, const char *file, int fd,
    struct buf *out)
{
	return take(at, file, fd, ANYBODYS, out);
}

struct key *
keyfile_key(const struct crypto *crypto, const struct conf_cert *c)
{
	struct key *key = NULL;
	const char *why;
	struct buf b;

	buf_init(&b, KEY_FILE_MAX);
	if (take(&c->at, c->key, keyfile_open(c->key), SECRET, &b) &&
	    key_read(crypto, buf_view(&b), &key, &why) != OK)
		keyfile_complain(&c->at, c->key, "%s", why);
	buf_fini(&b);
	return key;
}

struct plainrsa *
keyfile_parse(const struct crypto *crypto, const struct conf_cert *c,
    bool secret, struct view text)
{
	struct plainrsa_error error;
	struct plainrsa *keys;

	if (plainrsa_read(crypto, text, secret, &keys, &error) != OK) {
		log_msg(LOG_L_ERROR, "%s:%u: %s", c->file, error.line,
		    error.why);
		return NULL;
	}
	if (!secret && plainrsa_has_private(keys))
		log_msg(LOG_L_WARNING, "%s: there are private keys in a file "
		    "that needs but the public ones", c->file);
	return keys;
}

struct plainrsa *
keyfile_plain(const struct crypto *crypto, const struct conf_cert *c)
{
	struct plainrsa *keys = NULL;
	struct buf b;

	buf_init(&b, PLAINRSA_FILE_MAX);
	if (take(&c->at, c->file, keyfile_open(c->file), STRICT, &b))
		keys = keyfile_parse(crypto, c, true, buf_view(&b));
	buf_fini(&b);
	return keys;
}
