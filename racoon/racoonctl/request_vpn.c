/* SPDX-License-Identifier: ISC */
/* The words of commands about one peer, and of those that show something. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xfrm.h>

#include "libipsec/addr.h"
#include "racoonctl/request.h"
#include "wire/admin.h"

#define IKE_PORT	"4500"		/* just for the way there */
#define USAGE		"usage: status [-v] [-f text|json] "		\
			    "[--format=text|json]"

static void
skip(struct words *w, int n)
{
	w->n -= n;
	w->word += n;
}

/* ---- who logs in ---- */

static void
put_login(struct words *w, const char *id)
{
	char *password = getpass("Password: ");
	const struct admin_login login = {
		.id = view_of(id, strlen(id) + 1),
		.password = view_of(password == NULL ? "" : password,
		    password == NULL ? 1 : strlen(password) + 1),
	};

	admin_login_put(&w->body, &login);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	w->command = ADMIN_ESTABLISH_SA_LOGIN;
}

/* -u ID; without it *ID is NULL. */
static bool
take_user(struct words *w, const char **id)
{
	*id = NULL;
	if (w->n == 0 || strcmp(w->word[0], "-u") != 0)
		return true;
	if (w->n < 2)
		return refuse(w, "-u require an argument");
	*id = w->word[1];
	skip(w, 2);
	return true;
}

/* [-u ID] [-n REMOTECONF] [-w] SAOPTS */
bool
words_establish(struct words *w)
{
	const char *user, *name = NULL;
	bool waits = false;

	if (!take_user(w, &user))
		return false;
	if (w->n > 0 && strcmp(w->word[0], "-n") == 0) {
		if (w->n < 2)
			return refuse(w, "-n require an argument");
		name = w->word[1];
		skip(w, 2);
	}
	if (w->n > 0 && strcmp(w->word[0], "-w") == 0) {
		waits = true;
		skip(w, 1);
	}
	if (!words_saopts(w))
		return false;
	if (waits)
		w->await = w->proto == ADMIN_ISAKMP ?
		    ADMIN_EVENT_PHASE1_MODE_CFG : ADMIN_EVENT_PHASE2_UP;
	if (user != NULL)
		put_login(w, user);
	else if (name != NULL && w->proto == ADMIN_ISAKMP)
		buf_put(&w->body, name, strlen(name) + 1);
	return true;
}

/* ---- a gateway ---- */

/*
 * The route look-up of connect() obeys IPsec policies, and would raise an
 * ACQUIRE: racoon would begin what it may then refuse.  Who is not root goes
 * without.
 */
static void
bypass_policies(int fd, uint16_t family)
{
	const struct xfrm_userpolicy_info info = { .sel.family = family,
	    .action = XFRM_POLICY_ALLOW, .dir = XFRM_POLICY_OUT };

	(void)setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
	    family == AF_INET ? IP_XFRM_POLICY : IPV6_XFRM_POLICY, &info,
	    sizeof(info));
}

/* The address that this host talks to DST from. */
static bool
source_of(const struct ipsec_addr *dst, struct ipsec_addr *out)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(dst, &ss);
	int fd = socket(dst->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	if (fd == -1)
		return false;
	bypass_policies(fd, dst->family);
	good = connect(fd, (struct sockaddr *)&ss, n) == 0;
	n = sizeof(ss);
	good = good && getsockname(fd, (struct sockaddr *)&ss, &n) == 0 &&
	    addr_from_sockaddr(out, (struct sockaddr *)&ss);
	(void)close(fd);
	out->port = 0;
	return good;
}

static struct ipsec_addr
any_of(const struct ipsec_addr *a)
{
	return (struct ipsec_addr){ .family = a->family };
}

static void
put_ends(struct words *w, const struct ipsec_addr *src,
    const struct ipsec_addr *dst)
{
	const struct admin_ends ends = { .src_prefix = 32, .dst_prefix = 32,
	    .src = *src, .dst = *dst };

	w->proto = ADMIN_ISAKMP;
	admin_ends_put(&w->body, &ends);
}

static void
warn_of_more(const struct words *w)
{
	if (w->n > 1)
		(void)fputs("racoonctl: Extra arguments\n", stderr);
}

/* [-u ID] GATEWAY */
bool
words_connect(struct words *w)
{
	struct ipsec_addr src, dst;
	const char *user;

	if (w->n == 0)
		return refuse(w, "insufficient arguments");
	if (!take_user(w, &user))
		return false;
	if (w->n == 0)
		return refuse(w, "VPN gateway required");
	warn_of_more(w);
	if (!resolve(w, AF_UNSPEC, w->word[0], IKE_PORT, &dst))
		return refuse(w, "Cannot resolve destination address");
	if (!source_of(&dst, &src))
		return refuse(w, "cannot find source address");
	dst.port = 0;
	put_ends(w, &src, &dst);
	w->await = ADMIN_EVENT_PHASE1_MODE_CFG;
	if (user != NULL)
		put_login(w, user);
	return true;
}

static bool
take_gateway(struct words *w)
{
	struct ipsec_addr src, dst;

	if (w->n == 0)
		return refuse(w, "VPN gateway required");
	warn_of_more(w);
	if (!resolve(w, AF_UNSPEC, w->word[0], NULL, &dst))
		return refuse(w, "Cannot resolve destination address");
	src = any_of(&dst);
	put_ends(w, &src, &dst);
	return true;
}

bool
words_disconnect(struct words *w)
{
	w->await = ADMIN_EVENT_PHASE1_DOWN;
	return take_gateway(w);
}

bool
words_delete_all(struct words *w)
{
	if (w->n != 1)
		return refuse(w, "insufficient arguments");
	return take_gateway(w);
}

/* LOGIN, without its NUL at most as long as racoon takes with it */
bool
words_login(struct words *w)
{
	size_t n;

	if (w->n != 1)
		return refuse(w, "insufficient arguments");
	n = strlen(w->word[0]) + 1;
	if (n > ADMIN_LOGIN_MAX)
		return refuse(w, "bad login (too long?)");
	buf_put(&w->body, w->word[0], n);
	return true;
}

/* FAMILY SRC DST: as delete-sa isakmp */
bool
words_cert(struct words *w)
{
	char isakmp[] = "isakmp";
	char *words[4] = { isakmp };
	struct words like = *w;
	bool good;

	if (w->n != 3)
		return refuse_errno(w, EINVAL);
	memcpy(words + 1, w->word, 3 * sizeof(words[0]));
	like.n = 4;
	like.word = words;
	good = words_saopts(&like);
	like.n = w->n;
	like.word = w->word;
	*w = like;
	return good;
}

/* ADDRESS [SOURCE] */
bool
words_why(struct words *w)
{
	struct ipsec_addr src, dst;

	if (w->n != 1 && w->n != 2)
		return refuse(w, w->n == 0 ? "insufficient arguments" :
		    "too many arguments");
	if (!resolve(w, AF_UNSPEC, w->word[0], NULL, &dst))
		return refuse(w, "Cannot resolve destination address");
	if (w->n == 2) {
		if (!resolve(w, dst.family, w->word[1], NULL, &src))
			return refuse(w, "cannot resolve the source address");
	} else
		src = any_of(&dst);	/* racoon finds it without a packet */
	put_ends(w, &src, &dst);
	w->proto = 0;
	return true;
}

/* ---- what is shown ---- */

/* [--wireshark [--force]] PROTO */
bool
words_show_sa(struct words *w)
{
	if (w->n > 0 && strcmp(w->word[0], "--wireshark") == 0) {
		skip(w, 1);
		w->command = ADMIN_WIRESHARK;
		if (w->n > 0 && strcmp(w->word[0], "--force") == 0) {
			w->force = true;
			skip(w, 1);
		}
		if (!w->force && isatty(STDOUT_FILENO))
			return refuse(w, "these are secret keys: send them to "
			    "a file, or say --force");
	}
	return words_proto(w);
}

static bool
take_format(struct words *w, const char *word)
{
	if (strcmp(word, "text") == 0)
		w->proto = ADMIN_TEXT;
	else if (strcmp(word, "json") == 0)
		w->proto = ADMIN_JSON;
	else if (strcmp(word, "table") == 0)
		w->command = ADMIN_PEERS;
	else
		return refuse(w, USAGE);
	return true;
}

/* In any order: -v, -f FORMAT, --format=FORMAT.  People get a table, programs
 * what they have always got. */
bool
words_status(struct words *w)
{
	static const char format[] = "--format=";
	bool more = false, chosen = false;

	for (int i = 0; i < w->n; i++) {
		const char *word = w->word[i];

		if (strcmp(word, "-v") == 0) {
			more = true;
			continue;
		}
		if (word[0] != '-')
			return refuse(w, "too many arguments");
		if (strcmp(word, "-f") == 0 && i + 1 < w->n)
			word = w->word[++i];
		else if (strncmp(word, format, sizeof(format) - 1) == 0)
			word += sizeof(format) - 1;
		else
			return refuse(w, USAGE);
		chosen = true;
		if (!take_format(w, word))
			return false;
	}
	if (more && w->command == ADMIN_STATUS)
		w->command = ADMIN_STATUS_MORE;
	else if (!chosen && isatty(STDOUT_FILENO))
		w->command = ADMIN_PEERS;
	return true;
}

static bool
take_number(struct words *w, unsigned int most, unsigned int *out)
{
	unsigned long n;
	char *rest;

	if (w->n < 2)
		return refuse(w, "%s requires a number", w->word[0]);
	n = strtoul(w->word[1], &rest, 10);
	if (rest == w->word[1] || *rest != '\0' || n == 0 || n > most)
		return refuse(w, "%s %s: a number of 1 to %u is needed",
		    w->word[0], w->word[1], most);
	*out = (unsigned int)n;
	skip(w, 2);
	return true;
}

/* [-n FRAMES] [-d SECONDS] */
bool
words_top(struct words *w)
{
	w->seconds = 2;
	while (w->n > 0) {
		if (strcmp(w->word[0], "-n") == 0) {
			if (!take_number(w, 1000000, &w->frames))
				return false;
		} else if (strcmp(w->word[0], "-d") == 0) {
			if (!take_number(w, 3600, &w->seconds))
				return false;
		} else
			return refuse(w, "usage: top [-n frames] "
			    "[-d seconds]");
	}
	return true;
}
