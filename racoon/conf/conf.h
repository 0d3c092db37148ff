/* SPDX-License-Identifier: ISC */
/*
 * The configuration as an immutable, counted snapshot.  Built by read.h from
 * text, then only const: a reload makes another one, and every SA keeps the
 * one it was born with.  Fields are named as the directives of racoon.conf(5).
 */
#ifndef RACOON_CONF_CONF_H
#define RACOON_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "libipsec/buf.h"
#include "libipsec/ipsec.h"

enum conf_switch { CONF_OFF, CONF_ON, CONF_FORCE };
enum conf_check { CONF_OBEY, CONF_STRICT, CONF_CLAIM, CONF_EXACT };
enum conf_situation { CONF_IDENTITY_ONLY, CONF_SECRECY, CONF_INTEGRITY };
enum conf_gss_enc { CONF_GSS_UTF16LE, CONF_GSS_LATIN1 };
enum conf_ah_align { CONF_AH_AUTO, CONF_AH_RFC, CONF_AH_LINUX };
enum conf_generate { CONF_GEN_OFF, CONF_GEN_REQUIRE, CONF_GEN_UNIQUE };

#define CONF_ETYPES_MAX		3
#define CONF_LIVENESS_DEFAULT	3	/* seconds */
#define CONF_LIFETIME_DEFAULT	28800	/* seconds, both phases */
#define CONF_NONCE_DEFAULT	16
#define CONF_REPLAY_DEFAULT	32	/* packets */
#define CONF_METRICS_PORT	26500	/* none of Prometheus' list of ports */
#define CONF_GSS_ID_MAX		255	/* bytes */

/* Where a setting stands in the files; name belongs to the snapshot. */
struct conf_place {
	const char	*path;		/* NULL: a default */
	unsigned int	 line;
};

/* Where each directive of a block stands that is in the files. */
struct conf_mark {
	const char	*block, *word;	/* of the parser's tables */
	struct conf_place at;		/* of the last one */
};

struct conf_marks {
	struct conf_mark *list;
	size_t		 n;
};

/* An identifier: type and the bytes of the ID payload's data. */
struct conf_id {
	uint8_t		type;		/* ID_..., 0: any type (an entry
					   without value), as own: address */
	bool		has_value;	/* false: own address / anything */
	bool		wildcard;	/* asn1dn with '*' in it */
	bool		from_file;	/* keyid: the text names a file */
	struct buf	data;
	char		*text;		/* as written, for show */
	struct conf_place at;
};

/* Does a peers_identifier name a principal: fqdn (its host), keyid "ike/HOST"? */
bool		 conf_gss_names(const struct conf_id *);

enum conf_cert_kind {
	CONF_CERT_NONE,			/* no such directive */
	CONF_CERT_X509,
	CONF_CERT_PLAIN_RSA,
	CONF_CERT_DNSSEC		/* peers_certfile only: no file */
};

/*
 * Files with a certificate or with keys.  Names that the directive gave
 * relatively have the `path certificate' of that moment in front of them.
 * Files with public things were readable when the snapshot was made; a key
 * file may be missing.
 */
struct conf_cert {
	enum conf_cert_kind kind;
	char		*file;		/* NULL without a kind, and dnssec */
	char		*key;		/* own X.509: the private key's file */
	struct conf_place at;
};

enum conf_script {
	CONF_PHASE1_UP, CONF_PHASE1_DOWN, CONF_PHASE1_DEAD, CONF_NSCRIPTS
};

struct conf_p1 {			/* proposal { } */
	uint16_t	cipher, key_bits; /* key_bits 0: a fixed cipher */
	uint16_t	hash;
	uint16_t	method;		/* P1_METHOD_... or a private number */
	const char	*method_word;	/* the number alone may be several */
	uint16_t	group;
	uint32_t	life_secs;	/* own or the remote's; 0: none */
	uint32_t	life_kbytes;
	bool		usable;		/* false: accepted in the file, but
					   this program cannot do it: never
					   offered, never chosen */
	bool		own_life;	/* the block has a lifetime of its own */
	bool		gss;		/* gssapi_krb */
	char		*gss_id;	/* its principal, Latin-1; NULL: the
					   host's */
	struct conf_place at;
	struct conf_marks marks;
};

struct conf_dpd {
	bool		enabled;
	uint32_t	delay, retry, maxfail;	/* seconds, seconds, count */
};

struct remote {
	char		*name;		/* "anonymous", "192.0.2.1[500]", own */
	bool		anonymous;	/* no address: any peer */
	struct ipsec_addr addr;		/* with port; port 0: 500 */
	unsigned int	netypes;
	uint8_t		etype[CONF_ETYPES_MAX]; /* ISAKMP_ETYPE_..., first =
					   initiated */
	struct conf_id	my_id;
	struct conf_id	*peers_id;
	size_t		npeers_id;
	bool		verify_identifier;
	struct conf_p1	*proposal;	/* in order of preference */
	size_t		nproposal;
	enum conf_check	proposal_check;
	uint32_t	lifetime;	/* seconds */
	uint32_t	nonce_size;
	bool		passive, support_proxy, initial_contact, mode_cfg;
	bool		send_cert, send_cr, verify_cert, match_empty_cr;
	bool		weak_phase1_check;
	enum conf_switch nat_traversal, ike_frag, rekey;
	enum conf_generate generate_policy;
	uint32_t	esp_frag, ph1id;
	struct conf_dpd	dpd;
	uint32_t	liveness;	/* seconds; 0: off */
	struct conf_cert own_cert;	/* certificate_type */
	struct conf_cert *peers_cert;	/* peers_certfile, as written: the
					   peer's is one of these */
	size_t		npeers_cert;
	struct conf_cert ca;		/* ca_type; NONE: all of the
					   directory path_cert */
	char		*xauth_login;	/* NULL: none */
	char		*script[CONF_NSCRIPTS]; /* NULL: none; relative names
					   with `path script' in front */
	struct conf_place script_at[CONF_NSCRIPTS];
	bool		scoped;		/* mark and if_id count: only policies
					   with these are for this peer */
	struct ipsec_mark mark;		/* mask 0: none */
	uint32_t	if_id;		/* 0: none */
	enum conf_situation situation;	/* kept, without effect */
	char		*parent;	/* the block it inherited from, or NULL;
					   all of that is in here already */
	struct conf_place at;
	struct conf_marks marks;
};

/* A selector in a sainfo header. */
enum conf_sel_kind {
	CONF_SEL_ANONYMOUS,
	CONF_SEL_CLIENTADDR,		/* remote part only */
	CONF_SEL_ID			/* an identity, compared exactly */
};

struct conf_sel {
	enum conf_sel_kind kind;
	uint8_t		type;		/* ID_... */
	uint8_t		proto;		/* 0: any */
	uint16_t	port;		/* 0: any */
	struct buf	data;		/* as in an ID payload */
	char		*text;		/* of one in quotes, else NULL */
};

struct conf_alg {			/* one word of a list */
	uint16_t	id;		/* RFC 2407 number */
	uint16_t	key_bits;	/* 0: fixed */
	uint16_t	icv_bits;	/* authentication; 0: the usual */
	struct conf_place at;
};

struct sainfo {
	struct conf_sel	local, remote;
	bool		has_from;
	struct conf_id	from;		/* the peer's phase 1 identity */
	char		*group;		/* XAuth group, NULL: none */
	uint32_t	remoteid;	/* must equal the remote's ph1id */
	uint16_t	pfs_group;	/* 0: none */
	uint32_t	lifetime;	/* seconds */
	uint32_t	replay_window;	/* packets; 0: none is refused */
	bool		esn;		/* extended sequence numbers, preferred */
	enum conf_ah_align ah_align;	/* the padding of AH over IPv4 */
	bool		has_liveness;	/* else the remote block's counts */
	uint32_t	liveness;	/* seconds; 0: off */
	struct conf_alg	*enc, *auth, *comp;
	size_t		nenc, nauth, ncomp;
	struct conf_place at;
	struct conf_marks marks;
};

struct conf_listen {
	struct ipsec_addr addr;		/* with port */
	bool		natt;		/* isakmp_natt */
	struct conf_place at;
};

/* What clients are told, and who asks for their passwords. */
#define CONF_DNS_MAX	3
#define CONF_WINS_MAX	4

enum conf_source {
	CONF_SYSTEM, CONF_RADIUS, CONF_PAM, CONF_LDAP, CONF_LOCAL,
	CONF_NO_SOURCE
};

struct conf_net {
	struct ipsec_addr addr;
	uint8_t		prefix;
	struct conf_place at;
};

struct conf_text_list {
	char		**text;
	size_t		n;
};

struct conf_modecfg {
	bool		configured;	/* there is such a block */
	struct ipsec_addr network4, netmask4;	/* family 0: none */
	uint32_t	pool_size;
	struct ipsec_addr dns4[CONF_DNS_MAX], wins4[CONF_WINS_MAX];
	unsigned int	ndns4, nwins4;
	bool		local_lan;	/* the list is what is not tunnelled */
	struct conf_net	*split_network;
	size_t		nsplit_network;
	struct conf_text_list split_dns, auth_groups;
	char		*default_domain;	/* NULL: none */
	char		*banner;	/* a file's name */
	enum conf_source auth_source, group_source, conf_source, accounting;
	uint32_t	pfs_group, auth_throttle;	/* number, seconds */
	bool		save_passwd;
};

/* The directory that logins may be looked up in. */
struct conf_ldap {
	bool		configured;	/* there is such a block */
	uint32_t	version, port, timeout, debug;	/* 0: the library's */
	char		*uri, *host, *base;
	bool		subtree;
	char		*bind_dn, *bind_pw;	/* NULL: anonymous */
	char		*attr_user, *attr_addr, *attr_mask, *attr_group,
			*attr_member;
};

#define CONF_RADIUS_MAX	5

struct conf_radius_server {
	char		*host, *secret;
	uint32_t	port;		/* 0: the library's */
	struct conf_place at;
};

struct conf_radius {
	bool		configured;	/* there is such a block */
	struct conf_radius_server auth[CONF_RADIUS_MAX], acct[CONF_RADIUS_MAX];
	unsigned int	nauth, nacct;
	uint32_t	timeout, retries;	/* seconds, number */
};

struct conf {
	unsigned int	refs;
	char		*path;		/* the main file */
	char		*path_include, *path_psk, *path_cert, *path_script,
			*path_backupsa, *path_pidfile;
	uid_t		uid;		/* privsep; 0: off */
	gid_t		gid;
	char		*chroot;
	enum log_level	log_level;
	bool		complex_bundle;
	bool		repair_unknown_spi;	/* ike_strays() in ike.h */
	uint32_t	pfkey_buffer;	/* kept, without effect */
	enum conf_gss_enc gss_id_enc;	/* of principals in messages */
	bool		flush_on_stop;	/* else SAs stay */
	struct {
		bool	 randomize, randomize_length, strict_check,
			 exclusive_tail;
		uint32_t maximum_length;
	} padding;
	struct {
		uint32_t counter, persend;	/* numbers */
		uint32_t interval, phase1, phase2, natt_keepalive; /* secs */
	} timer;
	struct {
		bool	 strict_address;
		bool	 admin_disabled;
		char	*admin_path;		/* NULL: the default */
		uid_t	 admin_uid;
		gid_t	 admin_gid;
		mode_t	 admin_mode;
		struct ipsec_addr metrics;	/* with port; family 0: off */
		struct conf_listen *on;		/* none: all addresses */
		size_t	 n;
	} listen;
	struct conf_modecfg modecfg;
	struct conf_ldap ldap;
	struct conf_radius radius;
	struct remote	**remote;	/* in file order */
	size_t		nremote;
	struct sainfo	**sainfo;	/* sorted for matching: racoon-conf
					   rules, most specific first */
	size_t		nsainfo;
	char		**names;	/* every file read, for conf_place */
	size_t		nnames;
	unsigned int	warnings;	/* how many were logged by the parser */
	struct conf_marks marks;
};

/* A snapshot with all defaults, referenced once. */
struct conf	*conf_new(void);
struct conf	*conf_ref(const struct conf *);
/* Gives a reference back; the last one frees.  NULL is allowed. */
void		 conf_unref(const struct conf *);
/* Where WORD of BLOCK stands; path NULL: nowhere, it has its default. */
struct conf_place conf_place_of(const struct conf_marks *, const char *block,
		    const char *word);

#endif
