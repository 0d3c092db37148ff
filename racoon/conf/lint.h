/* SPDX-License-Identifier: ISC */
/* What is right by the letter and hardly meant, or cannot work here. */
#ifndef RACOON_CONF_LINT_H
#define RACOON_CONF_LINT_H

#include "conf/read.h"

/*
 * Logs a warning `PATH:LINE: "DIRECTIVE" reason` for each algorithm that is
 * broken, method that gives the key away, file that is missing or open to
 * others, line of the key file that nobody matches, and remote block that is
 * never chosen.  Asks for files through the opener; what its `info' is not
 * there for is left out.  Returns how many there were.
 */
unsigned int	 conf_lint(const struct conf *, const struct conf_opener *);

#endif
