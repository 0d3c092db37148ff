/* SPDX-License-Identifier: ISC */
/*
 * Where commands come from: a whole file, or standard input bit by bit.
 */
#ifndef SETKEY_SOURCE_H
#define SETKEY_SOURCE_H

#include <stdio.h>

#include "libipsec/buf.h"

/* A larger script is a mistake. */
#define SOURCE_MAX	(512u << 20)

/* Reads all of F; 0 or -errno (-EFBIG: too large). */
int	 source_read(FILE *f, struct buf *);

#endif
