/* SPDX-License-Identifier: ISC */
/*
 * Policy text: "out prio def + 5 ipsec esp/tunnel/192.0.2.1-192.0.2.2/require".
 * Reads it into a flat value, prints the value back, and turns it into what
 * the kernel has (struct ipsec_policy).  No name service, no allocation.
 */
#ifndef LIBIPSEC_POLICY_H
#define LIBIPSEC_POLICY_H

#include "libipsec/ipsec.h"
#include "libipsec/view.h"

/* What the text may hold; the kernel takes IPSEC_TMPL_MAX of them. */
#define POLICY_REQUESTS		16
/* Enough for the printed form of any struct policy_spec. */
#define POLICY_TEXT		3072
/* Requests with a larger reqid got it from the system, not from a file. */
#define POLICY_REQID_MANUAL	16383u

/* The kernel's three, numbered alike, and the two for sockets only. */
enum policy_action {
	POLICY_DISCARD = IPSEC_ACTION_DISCARD,
	POLICY_NONE = IPSEC_ACTION_NONE,
	POLICY_IPSEC = IPSEC_ACTION_IPSEC,
	POLICY_ENTRUST = 3,
	POLICY_BYPASS = 4
};

enum policy_level {
	POLICY_DEFAULT = 0,
	POLICY_USE = 1,
	POLICY_REQUIRE = 2,
	POLICY_UNIQUE = 3
};

struct policy_request {
	uint8_t		proto;		/* enum ipsec_proto */
	uint8_t		mode;		/* enum ipsec_mode */
	uint8_t		level;		/* enum policy_level */
	uint8_t		zero;
	uint32_t	reqid;
	struct ipsec_addr src, dst;	/* with ports; none: family 0 */
};

struct policy_spec {
	uint8_t		dir;		/* enum ipsec_dir */
	uint8_t		action;		/* enum policy_action */
	uint16_t	nreq;
	uint32_t	priority;	/* as the kernel wants it */
	struct policy_request req[POLICY_REQUESTS];
};

/* Numbered as the historical library does; the texts are its own too. */
enum policy_err {
	POLICY_OK = 0,
	POLICY_E_SYNTAX = 2,
	POLICY_E_ENDS = 6,		/* a tunnel without end points */
	POLICY_E_DIR = 17,		/* me-any, any-me the wrong way round */
	POLICY_E_FAMILY = 24,
	POLICY_E_FEW = 25,
	POLICY_E_ADDRESS = 26,
	POLICY_E_PRIORITY = 27,
	POLICY_E_OFFSET = 28,
	POLICY_E_MANY = 31		/* more than POLICY_REQUESTS */
};

/* Where the reader stopped: the word begins AT bytes into the text. */
struct policy_fault {
	enum policy_err	err;
	size_t		at, n;
};

/* Reads all of TEXT.  On an error FAULT (may be NULL) tells where. */
enum policy_err	 policy_read(struct view text, struct policy_spec *,
		    struct policy_fault *);
const char	*policy_strerror(enum policy_err);

/*
 * Prints "out prio def ipsec", then DELIM and a request for each one; with
 * PORTS as "a[0]-b[0]".  False, and an empty OUT, for a mode, level or
 * protocol that the language has no word for.
 */
bool		 policy_print(const struct policy_spec *, bool ports,
		    const char *delim, char out[POLICY_TEXT]);

/*
 * Fills in dir, action, priority and templates.  A request of level unique
 * with a reqid above POLICY_REQID_MANUAL, or none, takes one from *NEXT,
 * which is advanced.  -EINVAL for the actions that only sockets have, -ELOOP
 * for too many requests.
 */
int		 policy_to_kernel(const struct policy_spec *,
		    struct ipsec_policy *, uint32_t *next);
void		 policy_from_kernel(const struct ipsec_policy *,
		    struct policy_spec *);
/* True when the request leaves it to us to choose a reqid. */
bool		 policy_wants_reqid(const struct policy_request *);

#endif
