/* SPDX-License-Identifier: ISC */
/* Keys as lines of Wireshark's tables: for root, and never logged. */
#include "daemon/admin_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ike/report.h"
#include "libipsec/wireshark.h"

#define LINE	1024

static void
put_hex(struct buf *out, struct view v)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < v.n; i++) {
		buf_u8(out, (uint8_t)digit[v.p[i] >> 4]);
		buf_u8(out, (uint8_t)digit[v.p[i] & 15]);
	}
}

/* The file ikev1_decryption_table: initiator's cookie, key. */
static bool
put_ike(void *ctx, const struct ike_key_report *k)
{
	struct buf *out = ctx;

	put_hex(out, view_of(k->icookie, sizeof(k->icookie)));
	buf_u8(out, ',');
	put_hex(out, k->key);
	buf_u8(out, '\n');
	return true;
}

/* The file esp_sa.  Nothing of a line stays behind. */
static int
put_esp(void *ctx, const struct ipsec_sa *sa)
{
	struct buf *out = ctx;
	char line[LINE] = "";
	FILE *f = fmemopen(line, sizeof(line), "w");

	if (f == NULL)
		return ENOMEM;
	(void)setvbuf(f, NULL, _IONBF, 0);
	wireshark_sa(f, sa);
	(void)fclose(f);
	buf_add(out, view_text(line));
	explicit_bzero(line, sizeof(line));
	return 0;
}

int
call_wireshark(struct call *c)
{
	static const struct ipsec_filter esp = { .proto = IPSEC_PROTO_ESP };
	int r;

	if (c->peer->uid != 0)
		return call_refuse(c, EPERM, "keys are for root only");
	call_note(c, "show-sa --wireshark");
	switch (c->r->proto) {
	case ADMIN_ISAKMP:
		ike_each_key(c->of->ike, put_ike, c->out);
		return 0;
	case ADMIN_ESP:
		r = ipsec_sa_dump(c->of->ipsec, &esp, put_esp, c->out);
		return r < 0 ? -r : r;
	default:
		return call_refuse(c, EOPNOTSUPP, "Wireshark can use keys of "
		    "isakmp and esp");
	}
}
