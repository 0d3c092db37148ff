/* SPDX-License-Identifier: ISC */
/*
 * What the parts of the parser share.  Every function that returns bool has
 * reported an error when it returns false.
 */
#ifndef SETKEY_GRAMMAR_H
#define SETKEY_GRAMMAR_H

#include "setkey/lex.h"
#include "setkey/names.h"
#include "setkey/parse.h"

struct parser {
	struct lex	 lex;
	struct token	 tok;		/* the current one */
	struct script	*script;
	const struct parse_env *env;
	struct names	 names;		/* what env has said */
	/* The last policy text, which is in the text at hand, and its value. */
	struct view	 last_text;
	struct policy_spec last_spec;
	/* The command at hand. */
	enum verb	 verb;
	uint32_t	 line;
	int		 family;	/* -4, -6; 0: any */
	bool		 numeric;	/* -n */
};

/* A host with what may follow it. */
struct endpoint {
	struct token	 name;
	unsigned int	 n;
	uint16_t	 port;
	struct ipsec_addr addr[RESOLVE_MAX]; /* the last member */
};

/*
 * Is the current token TEXT?  Quoted text is no word of the language, whatever
 * it says.  Inline, so that the lengths of texts are known when compiling.
 */
static inline bool
parser_is(const struct parser *p, const char *text)
{
	return p->tok.type != TOK_QUOTED && p->tok.type != TOK_POLICY &&
	    view_equal(p->tok.text, view_text(text));
}

/* Go to the next token; take the current one if it is TEXT. */
void	 parser_step(struct parser *);
bool	 parser_take(struct parser *, const char *text);
/* Reports; always false. */
bool	 parser_syntax(struct parser *);
bool	 parser_fail(struct parser *, const struct token *, const char *text);
bool	 parser_fail_hint(struct parser *, const struct token *,
	    const char *text, const char *hint);
/* A word that may be (part of) a key is not shown. */
bool	 parser_bad_key(struct parser *);
void	 parser_warn(struct parser *, const struct token *, const char *text);
bool	 parser_memory(struct parser *);

bool	 parse_end(struct parser *);
bool	 parse_decimal(struct parser *, uint64_t max, uint64_t *);
bool	 parse_address_flags(struct parser *);
bool	 parse_host(struct parser *, struct endpoint *);
bool	 parse_port(struct parser *, struct endpoint *);
bool	 parse_label(struct parser *, const struct script_label **);
/* Decimal or, behind 0x, hexadecimal; too large a number saturates. */
bool	 parse_number(struct view, uint64_t *);

/*
 * The extensions that PF_KEY does not have: takes the next one if the
 * current token is one.  *FOUND: it was.
 */
bool	 parse_extra(struct parser *, struct script_extra *, bool *found);
/* A copy that lives as long as the script; *OUT NULL: nothing was given. */
bool	 keep_extra(struct parser *, const struct script_extra *,
	    const struct script_extra **out);

/* The commands about SAs and those about policies. */
bool	 parse_sa(struct parser *);
bool	 parse_deleteall(struct parser *);
bool	 parse_table(struct parser *);
bool	 parse_policy(struct parser *);

/* -E, -A, -C; OLD: the protocol was ah-old or esp-old. */
bool	 parse_algorithms(struct parser *, struct script_sa *, bool old);

#endif
