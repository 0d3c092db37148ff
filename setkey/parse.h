/* SPDX-License-Identifier: ISC */
/*
 * The grammar of setkey: text in, a list of commands out.  Nothing is
 * executed, printed or looked up but through the callbacks given here.
 */
#ifndef SETKEY_PARSE_H
#define SETKEY_PARSE_H

#include "libipsec/view.h"
#include "setkey/script.h"

enum diag_kind {
	DIAG_LEXICAL,		/* a byte that does not belong to the language */
	DIAG_SYNTAX,		/* a word in the wrong place */
	DIAG_MEANING,		/* a word that means nothing */
	DIAG_WARNING		/* the script is taken all the same */
};

#define DIAG_TOKEN	240
#define DIAG_HINT	160

struct diag {
	enum diag_kind	kind;
	uint32_t	line;		/* of the token */
	const char	*text;		/* "syntax error" */
	char		token[DIAG_TOKEN]; /* printable; never a key */
	char		hint[DIAG_HINT]; /* more about it, or "" */
};

/* Most addresses that one host name stands for. */
#define RESOLVE_MAX	16

/* Names; a parser for numeric scripts only gets by without (NULL). */
struct resolver {
	/* Fills OUT (RESOLVE_MAX) and *N; 0 or an EAI_ code.  FAMILY 0: any. */
	int	 (*host)(void *ctx, const char *name, int family,
		    struct ipsec_addr *out, unsigned int *n);
	/* The port of an UDP service, -1: unknown. */
	int	 (*service)(void *ctx, const char *name);
	/* The number of an upper-layer protocol, -1: unknown. */
	int	 (*protocol)(void *ctx, const char *name);
	/* The index of a network device, -1: there is none. */
	int	 (*device)(void *ctx, const char *name);
};

struct parse_env {
	const struct resolver *names;
	void	 (*report)(void *ctx, const struct diag *);
	void	*ctx;			/* for all callbacks */
};

/*
 * Appends the commands of TEXT, whose first line has number LINE, to the
 * script.  False after an error, which was reported; the script then holds
 * what came before it and is good only for script_fini().
 */
bool		 script_parse(struct script *, struct view text,
		    uint32_t line, const struct parse_env *);

#endif
