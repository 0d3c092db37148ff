/* SPDX-License-Identifier: ISC */
/* A snapshot as the text of a racoon.conf that says the same. */
#ifndef RACOON_CONF_SHOW_H
#define RACOON_CONF_SHOW_H

#include <stdio.h>

#include "conf/conf.h"

/*
 * Writes every setting, defaults too, each with the file and line that it is
 * from as a comment.  Includes and inheritance are resolved.  Reading the
 * text makes an equal snapshot, as long as the files that it names are there.
 * No secret is in it.  Whether writing failed, the stream knows.
 */
void		 conf_show(const struct conf *, FILE *);

#endif
