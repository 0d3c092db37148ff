/* SPDX-License-Identifier: ISC */
/* plainrsa-gen(8): makes or converts a plain RSA key for racoon. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/plainrsa.h"

#define BITS_DEFAULT	2048
#define EXPONENT_DEFAULT 3

struct options {
	unsigned	 bits;
	uint64_t	 exponent;
	const char	*out, *in;	/* NULL: stdout, a new key */
};

static int
usage(void)
{
	fprintf(stderr,
	    "usage: plainrsa-gen [-h] [-b bits] [-e exponent] [-f file]\n"
	    "                    [-i file]\n"
	    "  -b  length of a new key, 1024 to 16384 bits (default: %u)\n"
	    "  -e  its public exponent, decimal or 0x... (default: 0x%x)\n"
	    "  -f  where it goes: a file that must not be there yet "
	    "(default:\n"
	    "      standard output)\n"
	    "  -i  convert the private RSA key in this PEM file instead\n",
	    BITS_DEFAULT, EXPONENT_DEFAULT);
	return 1;
}

/* All of TEXT as a number, decimal or with 0x. */
static bool
number(char option, const char *text, uint64_t max, uint64_t *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    n <= max) {
		*value = n;
		return true;
	}
	fprintf(stderr, "plainrsa-gen: -%c: \"%s\" is not a number, or too "
	    "large\n", option, text);
	return false;
}

static bool
options_read(int argc, char **argv, struct options *o)
{
	uint64_t bits = BITS_DEFAULT;
	bool good = true;
	int c;

	*o = (struct options){ .exponent = EXPONENT_DEFAULT };
	while (good && (c = getopt(argc, argv, "b:e:f:i:h")) != -1) {
		if (c == 'b')
			good = number('b', optarg, KEY_RSA_BITS_MAX, &bits);
		else if (c == 'e')
			good = number('e', optarg, UINT64_MAX, &o->exponent);
		else if (c == 'f')
			o->out = optarg;
		else if (c == 'i')
			o->in = optarg;
		else
			good = usage() == 0;
	}
	o->bits = (unsigned)bits;
	if (good && optind < argc)
		good = usage() == 0;
	return good;
}

static bool
file_read(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	uint8_t *room = buf_room(out, KEY_FILE_MAX + 1);
	size_t n = 0;
	bool good;

	if (f != NULL && room != NULL)
		n = fread(room, 1, KEY_FILE_MAX + 1, f);
	good = f != NULL && room != NULL && !ferror(f);
	if (!good)
		fprintf(stderr, "plainrsa-gen: %s: %s\n", path,
		    strerror(errno));
	if (f != NULL)
		fclose(f);
	buf_cut(out, n);
	return good;
}

static struct key *
key_convert(const struct crypto *c, const char *path)
{
	struct key *k = NULL;
	const char *why;
	struct buf file;

	buf_init(&file, KEY_FILE_MAX + 1);
	if (file_read(path, &file) &&
	    key_read(c, buf_view(&file), &k, &why) != OK)
		fprintf(stderr, "plainrsa-gen: %s %s\n", path, why);
	buf_fini(&file);
	if (k != NULL && key_kind(k) != KEY_RSA) {
		fprintf(stderr, "plainrsa-gen: %s has a key that is not RSA\n",
		    path);
		key_unref(k);
		return NULL;
	}
	return k;
}

static struct key *
key_make(const struct crypto *c, const struct options *o)
{
	struct key *k = NULL;
	const char *why;

	if (o->in != NULL)
		return key_convert(c, o->in);
	if (key_new_rsa(c, o->bits, o->exponent, &k, &why) != OK)
		fprintf(stderr, "plainrsa-gen: a new key %s\n", why);
	return k;
}

/* Nobody else may read it at any time, nor is another file replaced. */
static int
output_open(const char *path)
{
	int fd;

	if (path == NULL)
		return STDOUT_FILENO;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0)
		fprintf(stderr, "plainrsa-gen: %s: %s\n", path,
		    strerror(errno));
	return fd;
}

static bool
write_all(int fd, struct view text)
{
	ssize_t n;

	while (text.n > 0) {
		n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		(void)view_take(&text, (size_t)n);
	}
	return true;
}

/* What could not be written to its end is taken away again. */
static bool
output(const char *path, int fd, const struct key *k)
{
	struct buf text;
	bool good;

	buf_init(&text, PLAINRSA_TEXT_MAX);
	good = plainrsa_print(k, &text) == OK;
	if (!good)
		fprintf(stderr, "plainrsa-gen: the key cannot be printed\n");
	else if (!write_all(fd, buf_view(&text)) ||
	    (path != NULL && fsync(fd) != 0)) {
		fprintf(stderr, "plainrsa-gen: %s: %s\n", path == NULL ?
		    "standard output" : path, strerror(errno));
		good = false;
	}
	buf_fini(&text);
	return good;
}

static bool
run(const struct crypto *c, const struct options *o)
{
	int fd = output_open(o->out);
	struct key *k;
	bool good;

	if (fd < 0)
		return false;
	k = key_make(c, o);
	good = k != NULL && output(o->out, fd, k);
	key_unref(k);
	if (o->out != NULL) {
		close(fd);
		if (!good)
			(void)unlink(o->out);
	}
	return good;
}

int
main(int argc, char **argv)
{
	struct crypto *c;
	struct options o;
	bool good;

	if (!options_read(argc, argv, &o))
		return 1;
	c = crypto_new();
	good = c != NULL && run(c, &o);
	crypto_free(c);
	return good ? 0 : 1;
}
