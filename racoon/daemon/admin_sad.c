/* SPDX-License-Identifier: ISC */
/* Records as of PF_KEY, whatever way to the kernel this racoon takes. */
#include "daemon/admin_sad.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "libipsec/pfkey_msg.h"

#define ERRNO_AT	2u	/* in struct sadb_msg */

struct dump {
	struct buf	*out;
	bool		 keys;
	uint32_t	 n, pid;
	size_t		 last;		/* offset of the last record */
};

static void
hide(struct ipsec_key *k)
{
	explicit_bzero(k->key, sizeof(k->key));
}

static int
put_record(void *ctx, const struct ipsec_sa *sa)
{
	struct dump *d = ctx;
	struct ipsec_sa copy = *sa;

	if (!d->keys) {
		hide(&copy.auth);
		hide(&copy.enc);
		hide(&copy.aead);
	}
	d->last = pfkey_put_sa_told(d->out, SADB_DUMP, &copy);
	explicit_bzero(&copy, sizeof(copy));
	if (!buf_ok(d->out))
		return ENOBUFS;
	pfkey_msg_number(d->out, d->last, ++d->n, d->pid);
	return 0;
}

int
admin_sad_put(struct ipsec *ipsec, uint8_t proto, bool keys, pid_t pid,
    struct buf *out)
{
	const struct ipsec_filter filter = { .proto = proto };
	struct dump d = { .out = out, .keys = keys,
	    .pid = (uint32_t)(pid != 0 ? pid : getpid()) };
	size_t at;
	int r = ipsec_sa_dump(ipsec, &filter, put_record, &d);

	if (r != 0)
		return r < 0 ? -r : r;
	if (d.n > 0) {
		pfkey_msg_number(out, d.last, 0, d.pid);
		return 0;
	}
	at = pfkey_put_satype(out, SADB_DUMP, proto);
	pfkey_msg_number(out, at, 0, d.pid);
	buf_patch8(out, at + ERRNO_AT, ENOENT);
	return 0;
}
