/* SPDX-License-Identifier: ISC */
/* Do two snapshots say the same? */
#ifndef TEST_CONF_EQUAL_H
#define TEST_CONF_EQUAL_H

#include "conf/conf.h"

/* NULL: they do.  Else what differs; places and file names do not count. */
const char	*conf_difference(const struct conf *, const struct conf *);

#endif
