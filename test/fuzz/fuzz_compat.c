/* SPDX-License-Identifier: ISC */
/*
 * Messages of PF_KEY through the historical interface: what it finds in them
 * and what it prints.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/libpfkey.h"
#include "test/fuzz/fuzz.h"

/* What a program does with each message that it received. */
static void
use(struct sadb_msg *m)
{
	caddr_t mhp[SADB_EXT_MAX + 1];
	char *text;

	kdebug_sadb(m);
	pfkey_sadump_withports(m);
	pfkey_spdump_filter_socket_policy(m->sadb_msg_reserved & 1);
	pfkey_spdump_withports(m);
	if (pfkey_align(m, mhp) == 0) {
		(void)pfkey_check(mhp);
		if (mhp[SADB_X_EXT_POLICY] != NULL) {
			text = ipsec_dump_policy_withports(
			    mhp[SADB_X_EXT_POLICY], NULL);
			free(text);
		}
	}
}

static void
supported(struct sadb_msg *m, size_t n)
{
	m->sadb_msg_len = (uint16_t)n;
	(void)pfkey_set_supported(m, (int)n);
	(void)ipsec_check_keylen2(SADB_SATYPE_ESP, 12, 128);
}

/*
 * The message is as long as it says: pfkey_recv() sees to that, and the calls
 * have nothing else to go by.  What is missing is zero.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *out = stdout, *err = stderr, *null;
	struct sadb_msg head, *m;
	size_t n;

	memset(&head, 0, sizeof(head));
	memcpy(&head, data, size < sizeof(head) ? size : sizeof(head));
	n = head.sadb_msg_len * 8u;
	if (n < sizeof(head))
		n = sizeof(head);
	if (n > 8192 || (null = fopen("/dev/null", "w")) == NULL)
		return 0;
	if ((m = calloc(1, n)) != NULL) {
		memcpy(m, data, size < n ? size : n);
		stdout = stderr = null;
		use(m);
		supported(m, n);
		stdout = out;
		stderr = err;
	}
	free(m);
	fclose(null);
	return 0;
}
