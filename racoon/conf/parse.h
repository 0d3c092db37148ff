/* SPDX-License-Identifier: ISC */
/*
 * Inside the reader of racoon.conf: the table rows of directives and what
 * their setters need.  Not for other directories.
 *
 * Functions that return bool return false when reading of the statement
 * cannot go on; the error has been logged then.  An error after which it may
 * go on, so that more of them show, is logged and true is returned; the file
 * is refused at its end either way.
 */
#ifndef RACOON_CONF_PARSE_H
#define RACOON_CONF_PARSE_H

#include <stdint.h>

#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/read.h"

#define INCLUDE_DEPTH_MAX	10	/* files open at a time */
#define INCLUDE_FILES_MAX	10000	/* files read in all */
#define ERRORS_MAX		20	/* then reading stops */
#define JUNK_MAX		20	/* warnings of it */

enum arg {
	ARG_OWN,		/* the setter reads all, to the ; or } */
	ARG_NONE,		/* bool: the word alone sets it */
	ARG_SWITCH,		/* bool */
	ARG_NUMBER,		/* uint32_t */
	ARG_TIME,		/* uint32_t, seconds */
	ARG_STRING,		/* char * */
	ARG_CHOICE		/* an enum: one of the words */
};

struct choice {
	const char	*word;		/* NULL ends the list */
	int		 value;
};

struct reader;
typedef bool	 setter(struct reader *, void *object);

#define NO_GSS	"has no effect: this racoon was built without GSS-API"

struct directive {
	const char	*word;		/* NULL ends a table */
	enum arg	 arg;
	size_t		 at;		/* the field: offset in the object */
	setter		*set;		/* may be NULL; after the field */
	const struct choice *choice;
	const char	*warn;		/* why it does not do what it says */
};

struct reader {
	const struct conf_opener *opener;
	struct conf	*conf;		/* being built */
	struct lexer	*lexer;		/* of the file being read */
	const char	*path;		/* its name, as in conf->names */
	const struct block *block;	/* whose words are known */
	struct token	 tok;		/* the last one scanned */
	bool		 held;		/* tok was looked at, not taken */
	unsigned int	 depth, errors;
	unsigned int	 junk;		/* how often that was warned of */
	bool		 stop;		/* nothing more is read */
	bool		 aborted;	/* an error ended a statement early */
	bool		 lost;		/* a remote block with errors: who
					   inherits from it is not to blame */
	/* What the last error is like; see block.c. */
	bool		 torn;		/* a text of several lines before it */
	bool		 unclosed;	/* the next statement is not of here */
	bool		 headless;	/* a block without its { */
};

/* Always false, so that a caller can return it. */
bool		 parse_error(struct reader *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* "syntax error, expected ..."; always false. */
bool		 parse_syntax(struct reader *, const char *expected);
/* Counts an error; false when there were too many to go on. */
bool		 parse_count(struct reader *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		 parse_warn(struct reader *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/* The kind of the next token; it stays the next one. */
enum token_kind	 parse_peek(struct reader *);
/* Takes the next token, whatever it is; warns of junk in front of it. */
void		 parse_accept(struct reader *);
/* Takes the next token, if it is of this kind: else false, no error. */
bool		 parse_take(struct reader *, enum token_kind);
bool		 parse_take_word(struct reader *, const char *word);
/* What a person takes for the word that the token is in: a misspelt one is
 * often cut to pieces. */
void		 parse_word(const struct reader *, const char **word,
		    size_t *n);
/* The same, but anything else is a syntax error. */
bool		 parse_expect(struct reader *, enum token_kind);
bool		 parse_number(struct reader *, uint32_t *);
/* VALUE or VALUE/MASK, each decimal or 0x and hex; MASK NULL: no second one.
 * Without a mask it is all ones. */
bool		 parse_masked(struct reader *, uint32_t *value,
		    uint32_t *mask);
bool		 parse_time(struct reader *, uint32_t *);
/* time TIME, behind the word lifetime. */
bool		 parse_lifetime(struct reader *, uint32_t *);
/* on, off or TIME, behind the word liveness: seconds, 0 for off. */
bool		 parse_liveness(struct reader *, uint32_t *);
/* A new string in *text, the old one is freed. */
bool		 parse_string(struct reader *, char **text);
bool		 parse_end(struct reader *);		/* ; */
/* The text of the token just taken, as strings and addresses have it. */
char		*parse_text(const struct reader *);
bool		 parse_addr(struct reader *, struct ipsec_addr *);
/* [PORT] if there is one. */
bool		 parse_port(struct reader *, uint16_t *port);
struct conf_place parse_place(const struct reader *);

/* One directive of the present block, into OBJECT. */
bool		 parse_directive(struct reader *, void *object);
/* Goes on behind a directive of the block with an error, so that others show,
 * too.  False: nothing more of this block can be told. */
bool		 parse_recover(struct reader *, const struct block *);
/*
 * { directives } with the block's words; OUTER's words count afterwards.
 * True also when there were errors in it; so who checks the whole of it first
 * looks whether r->errors has grown.
 */
bool		 parse_block(struct reader *, const struct block *,
		    void *object, const struct block *outer);

/* Setters of other files. */
setter		 parse_include, parse_remote, parse_sainfo, parse_modecfg,
		 parse_ldapcfg, parse_radiuscfg;
/* proposal { } at the end of the block's list; OUTER as in parse_block(). */
bool		 parse_proposal(struct reader *, struct remote *,
		    const struct block *outer);
/* IDTYPE [tag or file] [value]; on failure *id needs no conf_id_fini(). */
bool		 parse_id(struct reader *, struct conf_id *, bool with_qualifier);
/* "FILE": a new name in *path, the old one is freed.  Relative ones get DIR
 * (NULL: nothing) in front. */
bool		 parse_file_name(struct reader *, const char *dir, char **path);
/* An error if the file of this name cannot be read. */
bool		 parse_readable(struct reader *, const char *path);
/* What is behind the word of the directive, to the semicolon (read_cert.c). */
bool		 parse_certificate_type(struct reader *, struct remote *);
bool		 parse_peers_certfile(struct reader *, struct remote *);
bool		 parse_ca_type(struct reader *, struct remote *);
bool		 parse_script(struct reader *, struct remote *);
/* ALG [NUMBER]: the word and the number, 0 if there is none. */
bool		 parse_alg(struct reader *, const char **word,
		    uint64_t *number);
/* Refuses an algorithm that is none of this use. */
bool		 parse_mismatch(struct reader *, const char *word);
/* A key length for the algorithm; 0 stands for the default. */
struct key_range {
	const char	*word;
	unsigned int	 usual, min, max, step;
	bool		 fixed;
};
bool		 parse_key_bits(struct reader *, const struct key_range *,
		    uint64_t number, uint16_t *bits);
/* NUMBER or name of a Diffie-Hellman group. */
bool		 parse_dh_group(struct reader *, uint16_t *);

/* Parts of a snapshot (conf.c). */
void		 remote_init(struct remote *);
/* TO is not initialised; all but the name is copied. */
void		 remote_copy(struct remote *to, const struct remote *from);
void		 remote_fini(struct remote *);
void		 proposal_fini(struct conf_p1 *);
/* Notes where a directive stands; both texts are of the tables. */
void		 conf_mark(struct conf_marks *, const char *block,
		    const char *word, struct conf_place at);
void		 sainfo_init(struct sainfo *);
void		 sainfo_fini(struct sainfo *);
void		 conf_id_fini(struct conf_id *);
void		 conf_id_copy(struct conf_id *, const struct conf_id *);
/* Takes what the block owns. */
void		 conf_add_remote(struct conf *, const struct remote *);
/* The same, behind those that are as specific or more. */
void		 conf_add_sainfo(struct conf *, const struct sainfo *);

/* Does a negotiation for one selector fall under the other? (match.c) */
bool		 conf_sel_equal(const struct conf_sel *,
		    const struct conf_sel *);
bool		 conf_id_equal(const struct conf_id *, const struct conf_id *);

/* Every block with its rows, for the tests; NULL behind the last. */
const struct block *parse_block_nth(unsigned int n);
extern const struct block block_top, block_path, block_padding, block_timer,
    block_listen, block_privsep, block_remote, block_proposal, block_sainfo,
    block_modecfg, block_ldapcfg, block_radiuscfg;
extern const struct choice log_level_words[];

#endif
