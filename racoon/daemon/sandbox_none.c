/* SPDX-License-Identifier: ISC */
/* Built without libseccomp. */
#include "daemon/sandbox.h"

#include <errno.h>

int
sandbox_calls(void)
{
	return -ENOSYS;
}
