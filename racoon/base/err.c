/* SPDX-License-Identifier: ISC */
/*
 * The rows of ERR_TABLE as look-ups.  A value that is no row (it can only
 * come from a bug) reads as a fault of our own and is not told to peers.
 */
#include "base/err.h"

#include <stddef.h>

struct row {
	const char	*name;
	const char	*text;
	uint16_t	 notify;
};

static const struct row rows[ERR_COUNT] = {
#define ERR_ROW(err, number, words) [err] = { #err, words, number },
	ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static const struct row none = { "?", "unknown error", 0 };

static const struct row *
row_find(enum err err)
{
	return (unsigned int)err < ERR_COUNT ? &rows[err] : &none;
}

const char *
err_name(enum err err)
{
	return row_find(err)->name;
}

const char *
err_text(enum err err)
{
	return row_find(err)->text;
}

uint16_t
err_notify(enum err err)
{
	return row_find(err)->notify;
}
