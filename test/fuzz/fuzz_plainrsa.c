/* SPDX-License-Identifier: ISC */
/*
 * Files of plain RSA keys.  The first byte says whether it is the peers' or
 * our own; what is read has keys, what is not has a place and a reason.
 */
#include <assert.h>

#include "crypto/plainrsa.h"
#include "test/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct view in = view_of(data, n);
	bool secret = view_u8(&in) % 2 != 0;
	struct plainrsa_error error = { .line = 0 };
	struct plainrsa *set = NULL;
	struct ipsec_addr a = { .family = 0 };
	const struct key *k;
	static struct crypto *c;	/* making one takes longest */

	if (in.bad)
		return 0;
	if (c == NULL)
		c = crypto_new();
	assert(c != NULL);
	assert(addr_parse(&a, "192.0.2.1"));
	if (plainrsa_read(c, in, secret, &set, &error) == OK) {
		assert(plainrsa_count(set) > 0);
		for (unsigned i = 0; (k = plainrsa_find(set, &a, &a, i)) !=
		    NULL; i++)
			assert(key_private(k) == secret &&
			    i < plainrsa_count(set));
	} else {
		assert(set == NULL && error.line > 0);
		assert(error.why[0] != '\0' &&
		    memchr(error.why, '\n', sizeof(error.why)) == NULL);
	}
	plainrsa_unref(set);
	return 0;
}
