/* SPDX-License-Identifier: ISC */
/*
 * A parsed script: a list of compact commands in memory of its own.  Nothing
 * here has been applied; a command is expanded to what libipsec takes only
 * when its turn comes, so that large scripts stay small.
 */
#ifndef SETKEY_SCRIPT_H
#define SETKEY_SCRIPT_H

#include "libipsec/ipsec.h"
#include "libipsec/policy.h"

enum verb {
	VERB_ADD, VERB_GET, VERB_GETSPI, VERB_DELETE, VERB_DELETEALL,
	VERB_FLUSH, VERB_DUMP, VERB_EXIT,
	VERB_SPDADD, VERB_SPDUPDATE, VERB_SPDDELETE, VERB_SPDFLUSH,
	VERB_SPDDUMP
};

/* An algorithm and its key; class and id as in struct ipsec_alg. */
struct script_key {
	const uint8_t	*bytes;
	uint16_t	 id, bits, icv_bits;
	uint8_t		 class;
	bool		 present;
};

struct script_label {
	uint8_t		 doi, alg;
	uint16_t	 length;	/* with the terminator */
	char		 text[];
};

/*
 * What PF_KEY cannot say: extensions of the language.  Part of an SA or a
 * policy where one of them was given.
 */
struct script_extra {
	struct ipsec_mark mark, output_mark;
	struct ipsec_offload offload;
	uint32_t	if_id;
	uint16_t	replay;		/* SAs; 0: the plain window counts */
	bool		esn;		/* SAs */
	bool		align4;		/* SAs: AH */
	bool		given;		/* one of these at least */
};

struct script_sa {
	struct ipsec_addr src, dst;	/* ports count with nat only */
	const struct ipsec_addr *oa;	/* esp-udp HOST, or NULL */
	const struct script_label *label;
	const struct script_extra *extra; /* or NULL */
	struct script_key enc, auth, comp;
	uint64_t	hard_time, soft_time, hard_bytes, soft_bytes;
	uint32_t	spi, reqid;
	uint8_t		mode;		/* enum ipsec_mode */
	uint8_t		replay;
	bool		nat;		/* esp-udp */
};

struct script_policy {
	struct ipsec_selector sel;
	const struct script_label *label;
	const struct script_extra *extra; /* or NULL */
	uint32_t	priority;
	uint8_t		dir, action;	/* enum ipsec_dir, policy_action */
	bool		tagged;		/* no selector: Linux has no tags */
	uint8_t		nreq;
	struct policy_request req[];
};

/* Place for a policy with all its requests. */
union script_policy_room {
	struct script_policy policy;
	uint64_t	word[(sizeof(struct script_policy) + POLICY_REQUESTS *
			    sizeof(struct policy_request) + 7) / 8];
};

struct command {
	struct command	*next;
	union {
		const struct script_sa *sa;	/* NULL: flush, dump */
		const uint8_t *policy;	/* see script_policy(); NULL: spdflush
					   and others */
	} u;
	uint32_t	 line;		/* where the command begins */
	uint8_t		 verb;		/* enum verb */
	uint8_t		 proto;		/* enum ipsec_proto */
	bool		 tcp;		/* the protocol word tcp */
	uint8_t		 dir;		/* of the policy */
};

struct script_block;

struct script {
	struct command	*first, **last;
	struct script_block *blocks, *spare;
	size_t		 count;		/* commands */
	size_t		 bytes;		/* of memory in all */
	bool		 ended;		/* by exit, quit or bye */
};

void		 script_init(struct script *);
/* Wipes (there are keys in it) and frees everything. */
void		 script_fini(struct script *);
/* Wipes everything and keeps the memory for what comes. */
void		 script_reset(struct script *);
/* Zeroed memory that lives as long as the script; NULL: out of memory. */
void		*script_alloc(struct script *, size_t);
/* Appends a zeroed command; NULL: out of memory. */
struct command	*script_add(struct script *, enum verb, uint32_t line);
/*
 * Gives a command its policy, which is kept without its zeroes; false: out of
 * memory.
 */
bool		 script_set_policy(struct script *, struct command *,
		    const struct script_policy *);
/* The policy again, in ROOM. */
const struct script_policy *script_policy(const struct command *,
		    union script_policy_room *);

#endif
