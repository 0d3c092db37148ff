/* SPDX-License-Identifier: ISC */
/*
 * Words of the setkey language.  Works on text in memory, copies nothing.
 */
#ifndef SETKEY_LEX_H
#define SETKEY_LEX_H

#include "libipsec/view.h"

enum token_type {
	TOK_END,
	TOK_BAD,		/* a byte that the language does not have */
	TOK_DEC, TOK_HEX,	/* 12, 0x12 */
	TOK_QUOTED,		/* "...": the text is what is inside */
	TOK_WORD,		/* addresses, names, "8,0" */
	TOK_KEYWORD,		/* a word that is reserved everywhere */
	TOK_FLAG,		/* -P, -lh, ... */
	TOK_ADDRESS_FLAG,	/* -4, -6n, ... */
	TOK_PUNCT,		/* ; / [ ] */
	TOK_POLICY,		/* what follows -P, up to the semicolon */
	TOK_JUNK		/* a byte that cannot follow policy text */
};

struct token {
	enum token_type	type;
	uint32_t	line;	/* where it begins, from 1 */
	struct view	text;
};

struct lex {
	struct view	text;
	size_t		at;	/* the next byte */
	uint32_t	line;
	bool		after_policy;
};

void		lex_init(struct lex *, struct view text, uint32_t line);
struct token	lex_next(struct lex *);
/* The text of a policy, to be asked for right behind -P. */
struct token	lex_policy(struct lex *);
/* What hides semicolons at a place between two pieces of a text. */
struct lex_scan {
	bool		quote, comment;
};
/*
 * How many bytes of the next piece belong to the command at hand, with its
 * semicolon; 0: all of them, and it goes on.
 */
size_t		lex_command(struct lex_scan *, struct view piece);
/*
 * The length of all commands that are complete, with the number of line ends
 * in them, or 0.
 */
size_t		lex_commands(struct view text, uint32_t *lines);
/* True when nothing but blanks and comments are there. */
bool		lex_blank(struct view text);

#endif
