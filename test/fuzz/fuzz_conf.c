/* SPDX-License-Identifier: ISC */
/*
 * racoon.conf.  The bytes 0xff separate files, which are named 0, 1, ...;
 * nothing else exists, so includes never reach the file system.  What is
 * accepted must be complete; what is refused must say why.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/lint.h"
#include "conf/match.h"
#include "conf/read.h"
#include "conf/show.h"
#include "libipsec/addr.h"
#include "test/conf_equal.h"
#include "test/fuzz/fuzz.h"
#include "wire/isakmp.h"

#define OPENS_MAX	50

struct input {
	const uint8_t	*data;
	size_t		 n;
	unsigned int	 opens;		/* so far */
	unsigned int	 errors, warnings;
	const char	*shown;		/* the file "shown", or NULL */
};

/* The file whose number is the name's last character. */
static bool
piece_open(void *ctx, const char *path, struct conf_text *out)
{
	struct input *in = ctx;
	const uint8_t *p = in->data, *end = p + in->n, *stop;
	size_t len = strlen(path);
	unsigned int nth;

	if (in->shown != NULL && strcmp(path, "shown") == 0) {
		out->n = strlen(in->shown);
		out->text = strdup(in->shown);
		assert(out->text != NULL);
		return true;
	}
	errno = ENOENT;
	if (len == 0 || path[len - 1] < '0' || path[len - 1] > '9' ||
	    ++in->opens > OPENS_MAX)
		return false;
	for (nth = (unsigned int)(path[len - 1] - '0'); nth > 0; nth--) {
		p = memchr(p, 0xff, (size_t)(end - p));
		if (p == NULL)
			return false;
		p++;
	}
	stop = memchr(p, 0xff, (size_t)(end - p));
	out->n = (size_t)((stop == NULL ? end : stop) - p);
	out->text = malloc(out->n == 0 ? 1 : out->n);
	assert(out->text != NULL);
	if (out->n > 0)
		memcpy(out->text, p, out->n);
	return true;
}

static bool
piece_glob(void *ctx, const char *pattern,
    void (*fn)(void *arg, const char *path), void *arg)
{
	(void)ctx;
	if (pattern[0] == '\0')
		return false;
	fn(arg, pattern);
	fn(arg, "/3");
	return true;
}

static void
count(void *ctx, enum log_level level, const char *peer, const char *text)
{
	struct input *in = ctx;

	assert(peer == NULL);
	for (; *text != '\0'; text++)
		assert((unsigned char)*text >= ' ' || *text == '\t');
	if (level == LOG_L_ERROR)
		in->errors++;
	else
		in->warnings++;
}

static void
check_remote(const struct remote *m)
{
	assert(m->name != NULL && m->at.path != NULL && m->at.line > 0);
	assert(m->netypes >= 1 && m->netypes <= CONF_ETYPES_MAX);
	assert(m->nproposal >= 1);
	assert(m->nonce_size >= 8 && m->nonce_size <= 256);
	assert(m->anonymous == (m->addr.family == 0));
	for (size_t i = 0; i < m->npeers_id; i++)
		assert(buf_ok(&m->peers_id[i].data));
	for (size_t i = 0; i < m->nproposal; i++) {
		assert(m->proposal[i].cipher != 0);
		assert(m->proposal[i].hash != 0);
		assert(m->proposal[i].method != 0);
		assert(m->proposal[i].group != 0);
	}
}

static void
check_matches(const struct conf *c)
{
	const uint8_t ten[] = { 10, 0, 0, 1 };
	const struct id_payload id = {
		.type = ID_IPV4, .data = view_of(ten, sizeof(ten))
	};
	const struct transform t = {
		.cipher = 7, .hash = 2, .method = 1, .group = 2
	};
	struct ipsec_addr peer;
	const struct remote *m;
	const struct sainfo *s;
	struct match_p1 p1;
	bool flag;

	assert(addr_parse(&peer, "10.0.0.1"));
	assert((match_initiate(c, &peer, &m, &flag) == OK) == (m != NULL));
	assert((match_respond(c, &peer, ISAKMP_ETYPE_MAIN, &t, &p1) == OK) ==
	    (p1.remote != NULL));
	if (m != NULL)
		assert(match_peer_id(m, &id, &flag) == OK ||
		    (!flag && m->verify_identifier));
	assert((match_sainfo(c, &id, &id, &id, 0, &s) == OK) == (s != NULL));
}

/* The snapshot as text is the same snapshot. */
static void
check_shown(const struct conf *c, struct input *in,
    const struct conf_opener *opener)
{
	char *text = NULL;
	struct conf *d;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert(out != NULL);
	conf_show(c, out);
	assert(fclose(out) == 0);
	in->shown = text;
	in->opens = 0;
	/* A text with a quote in it, which junk brought there, cannot be
	 * written if there is something before it that is no junk. */
	if (strstr(text, "~") == NULL) {
		assert(conf_read(opener, "shown", &d) == OK);
		assert(conf_difference(c, d) == NULL);
		conf_unref(d);
	}
	in->shown = NULL;
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = { .data = data, .n = n };
	const struct conf_opener opener = {
		.ctx = &in, .open = piece_open, .glob = piece_glob
	};
	struct conf *c;

	log_to(count, &in);
	if (conf_read(&opener, "0", &c) == OK) {
		assert(in.errors == 0 && c->refs == 1);
		assert(c->warnings == in.warnings);
		for (size_t i = 0; i < c->nremote; i++)
			check_remote(c->remote[i]);
		check_matches(c);
		check_shown(c, &in, &opener);
		in.warnings = 0;
		assert(conf_lint(c, &opener) == in.warnings);
		conf_unref(c);
	} else
		assert(in.errors > 0 && c == NULL);
	log_to(NULL, NULL);
	return 0;
}
