/* SPDX-License-Identifier: ISC */
/*
 * What the commands of the control socket ask of an engine, for programs that
 * have none: it holds nothing.  check_ctl.c has real ones.
 */
#include "ike/report.h"

uint64_t
ike_now(const struct ike *ike)
{
	(void)ike;
	return 0;
}

void
ike_each_p1(const struct ike *ike,
    bool (*fn)(void *, const struct ike_p1_report *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

void
ike_each_p2(const struct ike *ike,
    bool (*fn)(void *, const struct ike_p2_report *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

void
ike_each_peer(const struct ike *ike,
    bool (*fn)(void *, const struct ike_peer_report *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

void
ike_each_problem(const struct ike *ike,
    bool (*fn)(void *, const struct ike_problem *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

bool
ike_problem_of(const struct ike *ike, const struct ipsec_addr *remote,
    struct ike_problem *out)
{
	(void)ike;
	(void)remote;
	(void)out;
	return false;
}

void
ike_each_timer(const struct ike *ike,
    bool (*fn)(void *, const struct ike_timer_report *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

void
ike_each_key(const struct ike *ike,
    bool (*fn)(void *, const struct ike_key_report *), void *ctx)
{
	(void)ike;
	(void)fn;
	(void)ctx;
}

enum err
ike_peer_cert(const struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote, struct view *out)
{
	(void)ike;
	(void)local;
	(void)remote;
	(void)out;
	return E_COOKIE;
}

enum err
ike_establish_sa(struct ike *ike, const char *name,
    const struct ipsec_addr *local, const struct ipsec_addr *remote)
{
	(void)ike;
	(void)name;
	(void)local;
	(void)remote;
	return OK;
}

enum err
ike_establish_pair(struct ike *ike, struct ipsec_selector *sel,
    struct ipsec_addr *local, struct ipsec_addr *remote)
{
	(void)ike;
	(void)sel;
	(void)local;
	(void)remote;
	return E_NOPOLICY;
}

/* Negotiations of the toy never end. */
enum ike_progress
ike_progress_sa(const struct ike *ike, const struct ipsec_addr *local,
    const struct ipsec_addr *remote)
{
	(void)ike;
	(void)local;
	(void)remote;
	return IKE_COMING;
}

enum ike_progress
ike_progress_pair(const struct ike *ike, const struct ipsec_selector *sel,
    const struct ipsec_addr *remote)
{
	(void)ike;
	(void)sel;
	(void)remote;
	return IKE_COMING;
}

unsigned int
ike_delete_all(struct ike *ike, const struct ipsec_addr *remote)
{
	(void)ike;
	(void)remote;
	return 0;
}

enum err
ike_why(struct ike *ike, const struct ipsec_addr *src,
    const struct ipsec_addr *dst, struct ike_why *why)
{
	(void)ike;
	(void)src;
	(void)dst;
	(void)why;
	return E_KERNEL;
}

