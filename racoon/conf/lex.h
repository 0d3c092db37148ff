/* SPDX-License-Identifier: ISC */
/*
 * The scanner of racoon.conf.  It is modal: which words exist depends on the
 * block that is being read.  The longest match wins, a word of the block wins
 * over a common one of the same length, and no blank is needed between words.
 *
 * A character that starts no token is junk.  Junk is no error: it is dropped
 * when a blank, a line's end or a comment follows, otherwise it stays in
 * front of the next token's text, where it spoils numbers and addresses but
 * not words.  Files in the wild depend on all of this.
 */
#ifndef RACOON_CONF_LEX_H
#define RACOON_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directive;

enum token_kind {
	T_END,			/* of the file */
	T_WORD,			/* of the block */
	T_SWITCH,		/* on, off */
	T_YESNO,		/* yes, no: known, but allowed nowhere */
	T_TIME,			/* sec ... hours; value: seconds */
	T_SIZE,			/* B ... TB; value: bytes */
	T_ALG,			/* any algorithm's name */
	T_IDTYPE,		/* address ... asn1dn; value: ID_... */
	T_QUALIFIER,		/* tag, file */
	T_PROTO,		/* tcp ...; value: its number */
	T_NUMBER,
	T_HEX,
	T_STRING,
	T_ADDR,
	T_RANGE,		/* -ADDR */
	T_PREFIX,		/* /24 */
	T_PORT,			/* [500] */
	T_PORTANY,		/* [any] */
	T_OPEN,
	T_CLOSE,
	T_SEMICOLON,
	T_COMMA
};

struct word {
	const char	*text;		/* NULL ends a table */
	enum token_kind	 kind;
	uint64_t	 value;
};

#define BLOCK_OPENS	0x01u		/* { is a token */
#define BLOCK_CLOSES	0x02u		/* } is a token */
#define BLOCK_BRACES	(BLOCK_OPENS | BLOCK_CLOSES)
#define BLOCK_COMMA	0x04u		/* , is a token */
#define BLOCK_NO_COMMA	0x08u		/* , is a blank */

struct block {
	const char	*name;
	unsigned int	 flags;
	const struct directive *rows;	/* may be NULL */
	const struct word *words;	/* besides the rows' words, or NULL */
	size_t		 marks;		/* its struct conf_marks: offset in the
					   object that it fills */
};

struct token {
	enum token_kind	 kind;
	const char	*word;		/* of a table, NULL for the others */
	uint64_t	 value;		/* of a word, number, prefix or port */
	const char	*text;		/* as written with junk; borrowed */
	size_t		 n;
	unsigned int	 line;		/* where it ends */
	/* Junk that was met on the way to it, the first of it; and how many
	 * bytes of junk are at the start of the token's text. */
	const char	*junk;
	size_t		 njunk, nglued;
	unsigned int	 junk_line;
};

struct lexer {
	const char	*text;
	size_t		 n, at;
	unsigned int	 line;
};

void		 lex_init(struct lexer *, const char *text, size_t n);
/* Scans the next token with the words of the block. */
void		 lex_next(struct lexer *, const struct block *,
		    struct token *);

/*
 * The next characters up to a blank or a mark that ends words, whatever words
 * of the block they are: a token of kind T_HEX, or the next token if there
 * are none such.
 */
void		 lex_raw(struct lexer *, const struct block *, struct token *);

/* Words that every block knows (words.c). */
extern const struct word common_words[];

#endif
