/* SPDX-License-Identifier: ISC */
/* What a script gets to know: racoon.conf(5), script. */
#include "daemon/hook_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libipsec/addr.h"

#define COOKIE_TEXT	17

struct env {
	char	**var;
	size_t	 n;
};

/* Takes TEXT, "NAME=VALUE". */
static void
add(struct env *env, char *text)
{
	env->var = xreallocarray(env->var, env->n + 2, sizeof(*env->var));
	env->var[env->n++] = text;
	env->var[env->n] = NULL;
}

/* What only a peer with mode config or XAuth has; scripts may count on the
 * names. */
static void
add_internal(struct env *env)
{
	static const char *const unknown[] = {
		"INTERNAL_ADDR4=", "INTERNAL_MASK4=", "INTERNAL_NETMASK4=",
		"INTERNAL_CIDR4=0", "INTERNAL_DNS4=", "INTERNAL_DNS4_LIST=",
		"INTERNAL_WINS4=", "INTERNAL_WINS4_LIST=", "DEFAULT_DOMAIN=",
		"SPLIT_INCLUDE=", "SPLIT_INCLUDE_CIDR=", "SPLIT_LOCAL=",
		"SPLIT_LOCAL_CIDR=", "INTERNAL_SPLITDNS_DOMAINS=",
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		add(env, xstrdup(unknown[i]));
}

static void
add_end(struct env *env, const char *side, const struct ipsec_addr *addr)
{
	char text[ADDR_TEXT];

	add(env, xasprintf("%s_ADDR=%s", side, addr_print(addr, text)));
	add(env, xasprintf("%s_PORT=%u", side, addr->port));
}

static const char *
cookie_print(const uint8_t cookie[8], char out[COOKIE_TEXT])
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | cookie[i];
	(void)snprintf(out, COOKIE_TEXT, "%016" PRIx64, n);
	return out;
}

char **
hook_env(const struct ike_event *ev)
{
	char i[COOKIE_TEXT], r[COOKIE_TEXT];
	struct env env = { .n = 0 };

	add_internal(&env);
	add_end(&env, "LOCAL", &ev->local);
	add_end(&env, "REMOTE", &ev->remote);
	if (ev->peer_id != NULL)
		add(&env, xasprintf("REMOTE_ID=%s", ev->peer_id));
	add(&env, xasprintf("IKE_COOKIE=%s:%s", cookie_print(ev->icookie, i),
	    cookie_print(ev->rcookie, r)));
	return env.var;
}

void
hook_env_free(char **var)
{
	for (size_t i = 0; var != NULL && var[i] != NULL; i++)
		free(var[i]);
	free(var);
}

static void
run(const struct asroot *root, enum conf_script what,
    const struct ike_event *ev)
{
	struct hook_call call = {
		.what = what, .path = ev->conf->script[what],
		.remote = ev->remote,
	};
	char **env;

	if (call.path == NULL)
		return;
	env = hook_env(ev);
	call.env = env;
	memcpy(call.icookie, ev->icookie, sizeof(call.icookie));
	root->ops->hook(root->ctx, &call);
	hook_env_free(env);
}

/*
 * phase1_down follows for every phase 1 that ends, but for those that others
 * began and never finished: a stranger must not make us run programs.
 */
void
hook_event(const struct asroot *root, const struct ike_event *ev)
{
	if (ev->conf == NULL)
		return;
	switch (ev->type) {
	case IKE_EVENT_PHASE1_UP:
		run(root, CONF_PHASE1_UP, ev);
		break;
	case IKE_EVENT_PHASE1_DOWN:
		if (ev->alone)
			run(root, CONF_PHASE1_DEAD, ev);
		run(root, CONF_PHASE1_DOWN, ev);
		break;
	case IKE_EVENT_PHASE1_DEAD:
		run(root, CONF_PHASE1_DEAD, ev);
		if (!ev->was_up)
			run(root, CONF_PHASE1_DOWN, ev);
		break;
	case IKE_EVENT_PHASE1_FAILED:
		if (ev->initiator)
			run(root, CONF_PHASE1_DOWN, ev);
		break;
	case IKE_EVENT_CHILD_UP:
	case IKE_EVENT_CHILD_DOWN:
	case IKE_EVENT_CHILD_FAILED:
	case IKE_EVENT_PHASE1_BAD_AUTH:
	case IKE_EVENT_PHASE1_DELETED:
	case IKE_EVENT_CHILD_NO_PHASE1:
		break;
	}
}
