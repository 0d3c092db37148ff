/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: files of PF_KEY messages, in all forms that setkey prints.
 */
#include <stdio.h>
#include <stdlib.h>

#include "setkey/replay.h"
#include "test/fuzz/fuzz.h"

#define INPUT_MAX	(64u << 10)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct show_options opt = { .out = fopen("/dev/null", "w") };

	if (opt.out == NULL)
		abort();
	if (n <= INPUT_MAX) {
		(void)replay(view_of(data, n), true, &opt);
		opt.ports = opt.extra = true;
		(void)replay(view_of(data, n), false, &opt);
		opt.brief = true;
		(void)replay(view_of(data, n), false, &opt);
	}
	(void)fclose(opt.out);
	return 0;
}
