/* SPDX-License-Identifier: ISC */
/* Between the files that write a snapshot as text; not for others. */
#ifndef RACOON_CONF_SHOW_PART_H
#define RACOON_CONF_SHOW_PART_H

#include <stdio.h>

#include "conf/parse.h"

struct show {
	FILE		*out;
	unsigned int	 depth;		/* of blocks: how far to indent */
};

/* Writes a directive that the table alone does not explain; OBJECT is what
 * its block fills, AT the place of the last one. */
typedef void	 shower(struct show *, const void *object,
		    struct conf_place at);

struct show_row {
	const char	*word;		/* NULL ends a table */
	shower		*show;		/* NULL: nothing, or with another */
};

/* A statement: text, and its end with the place. */
void		 show_start(struct show *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 show_more(struct show *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 show_end(struct show *, struct conf_place);
/* All of it at once. */
void		 show_line(struct show *, struct conf_place, const char *fmt,
		    ...) __attribute__((format(printf, 3, 4)));
/* A text in double quotes. */
void		 show_text(struct show *, const char *);
/* IDTYPE and value; QUALIFIED: with tag or file. */
void		 show_id(struct show *, const struct conf_id *,
		    bool qualified);
/* BLOCK's directives by its rows, and by OWN for those of ARG_OWN. */
void		 show_rows(struct show *, const struct block *,
		    const struct show_row *own, const void *object);
/* { behind the started statement; } */
void		 show_open(struct show *, struct conf_place);
void		 show_close(struct show *);
/* liveness, in seconds; 0: off. */
void		 show_liveness(struct show *, uint32_t secs,
		    struct conf_place);
/* The same place. */
bool		 place_equal(struct conf_place, struct conf_place);

void		 show_remote(struct show *, const struct remote *);
void		 show_sainfo(struct show *, const struct sainfo *);
void		 show_modecfg(struct show *, const struct conf *);

extern const struct show_row show_remote_rows[], show_proposal_rows[],
    show_sainfo_rows[], show_modecfg_rows[], show_listen_rows[],
    show_privsep_rows[], show_ldapcfg_rows[], show_radiuscfg_rows[];

#endif
