/* SPDX-License-Identifier: ISC */
/*
 * The text formats of metrics: OpenMetrics 1.0 and, nearly the same, the one
 * of Prometheus 0.0.4.  A family is begun, then its samples follow.
 */
#ifndef RACOON_DAEMON_METRICS_TEXT_H
#define RACOON_DAEMON_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libipsec/buf.h"

enum family_type {
	FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM, FAMILY_INFO
};

struct family {
	struct buf	*out;
	bool		 open;		/* OpenMetrics */
	enum family_type type;
	char		 name[80];	/* without _total */
};

/* A name and a value of any bytes. */
struct label {
	const char	*name, *value;
};

#define LABELS_MAX	4

/*
 * Begins the family racoon_NAME; UNIT (may be NULL) is the end of the name
 * already.  HELP is one line.
 */
void	 family_begin(struct family *, enum family_type, const char *name,
	    const char *unit, const char *help);
/* One sample; a label without name ends LABELS, NULL: there are none. */
void	 family_count(struct family *, const struct label *, uint64_t);
void	 family_value(struct family *, const struct label *, double);
/* The 1 of FAMILY_INFO. */
void	 family_info(struct family *, const struct label *);
/* A histogram: N counts, each of what is at most LE (ascending) and above the
 * one before, and one more for the rest.  At most LABELS_MAX - 1 labels. */
void	 family_histogram(struct family *, const struct label *,
	    const double *le, size_t n, const uint64_t *counts, double sum);
/* Ends the text. */
void	 family_end(const struct family *);

#endif
