/* SPDX-License-Identifier: ISC */
/*
 * The simple payloads: the first byte of the input chooses one, the rest is
 * its body.  What was understood is written again and must be the same bytes.
 */
#include <assert.h>
#include <sys/socket.h>

#include "test/fuzz/fuzz.h"
#include "wire/isakmp.h"
#include "wire/payload.h"
#include "wire/spilist.h"
#include "wire/vid.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void
check_id_text(const struct id_payload *id)
{
	char text[ID_TEXT];
	size_t i;

	assert(id_print(id, text) == text);
	assert(strlen(text) < sizeof(text));
	for (i = 0; text[i] != '\0'; i++)
		assert(text[i] >= 0x20 && text[i] <= 0x7e);
}

static void
check_net(const struct id_payload *id)
{
	struct id_net net;

	if (id_net_get(id, &net) != OK)
		return;
	assert(net.first.family == net.last.family);
	assert(memcmp(net.first.bytes, net.last.bytes, 16) <= 0);
	assert(!net.is_range || net.prefix == 0);
	assert(net.prefix <= (net.first.family == AF_INET ? 32 : 128));
}

/* The text must be safe for what id_get() refuses, too. */
static bool
run_id(struct view body, struct buf *b)
{
	struct id_payload id;
	enum err err;

	if ((err = id_get(body, &id)) == E_PAYLOAD)
		return false;
	check_id_text(&id);
	check_net(&id);
	id_put(b, &id);
	return err == OK;
}

static bool
run_notify(struct view body, struct buf *b)
{
	struct notify_payload n;

	if (notify_get(body, &n) != OK)
		return false;
	notify_put(b, &n);
	return true;
}

static bool
run_delete(struct view body, struct buf *b)
{
	struct delete_payload d;

	if (delete_get(body, &d) != OK)
		return false;
	assert(d.spis.n == (size_t)d.n * d.spi_len);
	delete_put(b, &d);
	return true;
}

static bool
run_nonce(struct view body, struct buf *b)
{
	struct view nonce;

	if (nonce_get(body, &nonce) != OK)
		return false;
	assert(nonce.n >= NONCE_MIN && nonce.n <= NONCE_MAX);
	buf_add(b, nonce);
	return true;
}

/* Reserved bytes are written as zero: compared by what they mean. */
static bool
run_natoa(struct view body, struct buf *b)
{
	struct ipsec_addr addr, again;

	if (natoa_get(body, &addr) != OK)
		return false;
	natoa_put(b, &addr);
	assert(natoa_get(buf_view(b), &again) == OK);
	assert(memcmp(&addr, &again, sizeof(addr)) == 0);
	return false;
}

static bool
run_lifetime(struct view body, struct buf *b)
{
	uint32_t secs, kbytes, secs2, kbytes2;

	if (lifetime_get(body, &secs, &kbytes) != OK || secs == 0)
		return false;
	lifetime_put(b, secs);
	assert(lifetime_get(buf_view(b), &secs2, &kbytes2) == OK);
	assert(secs2 == secs && kbytes2 == 0);
	return false;
}

static bool
run_vid(struct view body, struct buf *b)
{
	enum vid vid = vid_match(body);

	assert(vid < VID_COUNT && vid_name(vid)[0] != '\0');
	assert(vid == VID_UNKNOWN || vid_match(vid_bytes(vid)) == vid);
	buf_add(b, body);
	return true;
}

typedef bool run(struct view, struct buf *);

static bool
run_cert(struct view body, struct buf *b)
{
	struct cert_payload c;

	if (cert_payload_get(body, &c) != OK)
		return false;
	cert_payload_put(b, &c);
	return true;
}

/* Two bytes of each entry, and all flags but one, are written as zero. */
static bool
run_spilist(struct view body, struct buf *b)
{
	static struct spilist list, again;

	if (spilist_get(body, &list) != OK)
		return false;
	assert(list.n <= SPILIST_MAX);
	spilist_put(b, &list);
	assert(b->n == body.n && spilist_get(buf_view(b), &again) == OK);
	assert(again.whole == list.whole && again.number == list.number &&
	    again.n == list.n && memcmp(again.pair, list.pair,
	    list.n * sizeof(list.pair[0])) == 0);
	return false;
}

/* True: the buf has the payload again. */
static run *const runs[] = {
	run_id, run_notify, run_delete, run_nonce, run_natoa, run_lifetime,
	run_vid, run_cert, run_spilist
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view v = view_of(data, n);
	uint8_t which = view_u8(&v);
	struct buf b;

	buf_init(&b, 1 << 20);
	if (!v.bad && runs[which % COUNT(runs)](v, &b))
		assert(view_equal(buf_view(&b), v));
	buf_fini(&b);
	return 0;
}
