/* SPDX-License-Identifier: ISC */
/*
 * Policy text: whatever can be read is printed, and what was printed gives
 * the same bytes when it is read again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libipsec/libpfkey.h"
#include "test/fuzz/fuzz.h"

/* EXACT: nothing in the policy is lost when it is printed. */
static void
round_trip(ipsec_policy_t p, int exact)
{
	int len = ipsec_get_policylen(p);
	char *text = ipsec_dump_policy_withports(p, " ");
	ipsec_policy_t again;

	if (text == NULL)
		abort();
	again = ipsec_set_policy(text, 0);
	/* A reqid above 16383 is printed behind a sign that is not read. */
	if (again == NULL && strchr(text, '#') == NULL)
		abort();
	/* Priority 0 is not printed, and no priority is read as another. */
	if (again != NULL && exact && strstr(text, "prio") != NULL &&
	    (ipsec_get_policylen(again) != len ||
	    memcmp(again, p, (size_t)len) != 0))
		abort();
	free(again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *err = stderr, *null = fopen("/dev/null", "w");
	ipsec_policy_t p;
	char *text = malloc(size + 1);

	if (null == NULL || text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	stderr = null;
	p = ipsec_set_policy(text, 0);
	if (p != NULL)
		/* A zone is not printed. */
		round_trip(p, strchr(text, '%') == NULL);
	stderr = err;
	free(p);
	free(text);
	fclose(null);
	return 0;
}
