/* SPDX-License-Identifier: ISC */
/*
 * Messages between the monitor and its worker.  What can be read says the same
 * when it is written again; what cannot says why.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/monmsg.h"
#include "test/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mon_msg *m = xcalloc(1, sizeof(*m));
	struct buf b;
	enum err r;

	r = mon_get(view_of(data, n), m);
	assert(r == OK || r == E_SHORT || r == E_LENGTH || r == E_PAYLOAD ||
	    r == E_PAYLOAD_TYPE);
	if (r == OK) {
		buf_init(&b, 2 * MON_MAX + n);
		mon_put(&b, m);
		assert(buf_ok(&b) && view_equal(buf_view(&b),
		    view_of(data, n)));
		buf_fini(&b);
	}
	free(m);
	return 0;
}
