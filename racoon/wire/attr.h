/* SPDX-License-Identifier: ISC */
/*
 * Data attributes (RFC 2408 3.3): basic ones are a type and two bytes,
 * variable ones a type, a length and bytes.  Also the pairs of life type and
 * duration, which both phases and RESPONDER-LIFETIME have.
 */
#ifndef RACOON_WIRE_ATTR_H
#define RACOON_WIRE_ATTR_H

#include "base/err.h"
#include "libipsec/buf.h"
#include "libipsec/view.h"

struct attr {
	uint16_t	type;		/* without the format bit */
	bool		basic;		/* the value came as two bytes */
	struct view	value;
};

/* Takes one attribute off LIST: E_ATTRIBUTE when its length is a lie. */
enum err	 attr_get(struct view *list, struct attr *) MUST_CHECK;
/*
 * The value as a number of up to 8 bytes, at most UINT32_MAX.  E_ATTRIBUTE
 * when it has no byte or more than 8.
 */
enum err	 attr_number(const struct attr *, uint32_t *) MUST_CHECK;
/* Writes a basic attribute. */
void		 attr_put_basic(struct buf *, uint16_t type, uint16_t value);
/* Writes a number in the short form if it fits, else in 4 bytes. */
void		 attr_put_number(struct buf *, uint16_t type, uint32_t value);

/* Life times while a list of attributes is read. */
struct life {
	bool		open;		/* a type waits for its duration */
	uint32_t	type;
	uint32_t	secs, kbytes;	/* 0: not given */
	bool		unknown;	/* unknown type, or one given twice */
};

/* A life type: E_ATTRIBUTE when the one before it has no duration yet. */
enum err	 life_type(struct life *, const struct attr *) MUST_CHECK;
/* A duration: E_ATTRIBUTE without a type before it. */
enum err	 life_duration(struct life *, const struct attr *) MUST_CHECK;
/* After the last attribute: E_ATTRIBUTE when a type has no duration. */
enum err	 life_end(const struct life *) MUST_CHECK;
/* The pairs for what is not 0; types are numbered TYPE, durations TYPE + 1. */
void		 life_put(struct buf *, uint16_t type, uint32_t secs,
		    uint32_t kbytes);

#endif
