/* SPDX-License-Identifier: ISC */
/*
 * What the historical interface prints to standard output.
 */
#include "libipsec/compat.h"

#include <stdio.h>

#include "libipsec/pfkey_msg.h"
#include "libipsec/pfkey_print.h"
#include "libipsec/print.h"

void
ipsec_hexdump(const void *p, int len)
{
	if (len > 0)
		pfkey_print_hex(stdout, view_of(p, (size_t)len));
}

void
ipsec_bindump(caddr_t p, int len)
{
	if (len > 0)
		(void)fwrite(p, 1, (size_t)len, stdout);
}

/* The bytes of a message, as far as it has a header at all. */
static struct view
bytes_of(const struct sadb_msg *m)
{
	size_t n = m->sadb_msg_len * PFKEY_WORD;

	return view_of(m, n < sizeof(*m) ? sizeof(*m) : n);
}

void
kdebug_sadb(struct sadb_msg *m)
{
	if (m == NULL)
		puts("kdebug_sadb: NULL pointer was passed.");
	else
		pfkey_print_msg(stdout, bytes_of(m));
}

/* False, after a line that says why, for what is no good message. */
static bool
parse(struct sadb_msg *m, struct pfkey_msg *msg)
{
	caddr_t mhp[SADB_EXT_MAX + 1];

	if (pfkey_align(m, mhp) == 0 && pfkey_check(mhp) == 0 &&
	    pfkey_msg_parse(bytes_of(m), msg) == PFKEY_GOOD)
		return true;
	puts(ipsec_strerror());
	return false;
}

static void
broken(void)
{
	compat_fail(CE_MESSAGE);
	puts(ipsec_strerror());
}

static void
show_sa(struct sadb_msg *m, bool ports)
{
	struct pfkey_msg msg;
	struct ipsec_sa sa;
	struct print p;

	if (!parse(m, &msg))
		return;
	if (!pfkey_get_sa(&msg, &sa)) {
		broken();
		return;
	}
	print_init(&p, stdout, ports, (long)msg.pid, time(NULL));
	print_sa(&p, &sa, msg.seq);
	explicit_bzero(&sa, sizeof(sa));
}

void
pfkey_sadump(struct sadb_msg *m)
{
	show_sa(m, false);
}

void
pfkey_sadump_withports(struct sadb_msg *m)
{
	show_sa(m, true);
}

static bool
is_hidden(const struct ipsec_policy *policy)
{
	if (!compat_hide_get() || (policy->dir != IPSEC_DIR_SOCKET_IN &&
	    policy->dir != IPSEC_DIR_SOCKET_OUT))
		return false;
	compat_hidden_add();
	return true;
}

static void
show_policy(struct sadb_msg *m, bool ports)
{
	struct pfkey_msg msg;
	struct ipsec_policy policy;
	struct print p;

	if (!parse(m, &msg))
		return;
	compat_hidden_record(msg.seq);
	if (!pfkey_get_policy(&msg, &policy)) {
		broken();
		return;
	}
	if (is_hidden(&policy))
		return;
	print_init(&p, stdout, ports, (long)msg.pid, time(NULL));
	p.refcnt = msg.reserved;
	print_policy(&p, &policy, msg.seq);
}

void
pfkey_spdump(struct sadb_msg *m)
{
	show_policy(m, false);
}

void
pfkey_spdump_withports(struct sadb_msg *m)
{
	show_policy(m, true);
}

void
pfkey_spdump_filter_socket_policy(int on)
{
	compat_hide_set(on != 0);
}

unsigned long
pfkey_spdump_filtered_count(void)
{
	return compat_hidden_get();
}
