/* SPDX-License-Identifier: ISC */
/*
 * What a racoon left for the next one.  What is taken works: time passes, the
 * kernel is asked, and leaving again says the same; what is not sound leaves
 * nothing behind.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/read.h"
#include "ike/ike.h"
#include "ike/job.h"
#include "test/fuzz/fuzz.h"
#include "test/sim/kernel.h"

#define MAX	(1u << 20)
#define NOW	2000000u

static const char text[] =
    "remote anonymous { exchange_mode main; proposal {"
    " encryption_algorithm aes; hash_algorithm sha1; dh_group 2;"
    " authentication_method pre_shared_key; } }"
    "sainfo anonymous { encryption_algorithm aes;"
    " authentication_algorithm hmac_sha1; compression_algorithm deflate; }";

static bool
open_text(void *ctx, const char *path, struct conf_text *out)
{
	(void)ctx;
	(void)path;
	out->text = xstrdup(text);
	out->n = strlen(text);
	return true;
}

static void
op_send(void *ctx, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view data)
{
	(void)ctx;
	(void)local;
	(void)remote;
	assert(!data.bad);
}

static void
op_submit(void *ctx, struct job *job)
{
	(void)ctx;
	job_free(job);
}

static enum err
op_psk(void *ctx, struct view id, struct buf *key)
{
	(void)ctx;
	(void)id;
	buf_set(key, view_text("key"));
	return OK;
}

static void
op_event(void *ctx, const struct ike_event *ev)
{
	(void)ctx;
	(void)ev;
}

static bool
op_natt(void *ctx, const struct ipsec_addr *local, struct ipsec_addr *out)
{
	(void)ctx;
	*out = *local;
	out->port = 4500;
	return true;
}

static bool
op_local(void *ctx, const struct ipsec_addr *hint,
    const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	(void)ctx;
	(void)remote;
	*out = *hint;
	out->port = 500;
	return hint->family != 0;
}

static const struct ike_ops ops = {
	.send = op_send, .submit = op_submit, .psk = op_psk,
	.event = op_event, .natt = op_natt, .local = op_local,
};

static void
silence(void *ctx, enum log_level level, const char *peer, const char *line)
{
	(void)ctx;
	(void)level;
	(void)peer;
	(void)line;
}

static void
same_again(struct ike *ike)
{
	struct buf once, twice;

	buf_init(&once, MAX);
	buf_init(&twice, MAX);
	ike_save(ike, &once);
	ike_save(ike, &twice);
	assert(buf_ok(&once) && view_equal(buf_view(&once),
	    buf_view(&twice)));
	buf_fini(&once);
	buf_fini(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct conf_opener opener = { .open = open_text };
	struct crypto *crypto = crypto_new();
	struct kernel *kernel = kernel_new(1, NOW);
	struct ipsec *handle = kernel_open(kernel);
	struct ike_counts counts;
	struct conf *conf;
	struct ike *ike;

	log_to(silence, NULL);
	assert(conf_read(&opener, "racoon.conf", &conf) == OK);
	ike = ike_new(&ops, NULL, handle, crypto, conf, NOW);
	if (ike_restore(ike, view_of(data, n)) == OK) {
		same_again(ike);
		ike_adopt(ike, kernel_seconds(NOW));
		ike_counts(ike, &counts);
		assert(counts.children == 0);	/* the kernel has none */
		ike_tick(ike, NOW + 100000);
		ike_tick(ike, NOW + 100000000);
		ike_leave(ike);
		same_again(ike);
	} else {
		ike_counts(ike, &counts);
		assert(counts.sas == 0 && counts.children == 0);
	}
	ike_free(ike);
	ipsec_close(handle);
	kernel_free(kernel);
	crypto_free(crypto);
	conf_unref(conf);
	return 0;
}
