/* SPDX-License-Identifier: ISC */
/*
 * Remembers what a resolver said.
 */
#include "setkey/names.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

enum { NEXT_PROTOCOL, NEXT_SERVICE, NEXT_HOST };

/* Asks only for what is not among the KNOWN. */
static int
number(struct name_number *known, unsigned int *next,
    int (*ask)(void *, const char *), const struct parse_env *env,
    const char *name)
{
	struct name_number *place = &known[*next % NAMES_KEPT];
	int n;

	if (name[0] == '\0' || strlen(name) > NAMES_SHORT)
		return -1;
	for (size_t i = 0; i < NAMES_KEPT; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	n = ask(env->ctx, name);
	snprintf(place->name, sizeof(place->name), "%s", name);
	place->number = n;
	++*next;
	return n;
}

int
names_service(struct names *k, const struct parse_env *env, const char *name)
{
	if (env->names == NULL)
		return -1;
	return number(k->service, &k->next[NEXT_SERVICE], env->names->service,
	    env, name);
}

int
names_protocol(struct names *k, const struct parse_env *env, const char *name)
{
	if (env->names == NULL)
		return -1;
	return number(k->protocol, &k->next[NEXT_PROTOCOL],
	    env->names->protocol, env, name);
}

static const struct name_host *
known_host(const struct names *k, const char *name, int family)
{
	for (size_t i = 0; i < NAMES_KEPT; i++)
		if (k->host[i].n > 0 && k->host[i].family == family &&
		    strcmp(k->host[i].name, name) == 0)
			return &k->host[i];
	return NULL;
}

int
names_host(struct names *k, const struct parse_env *env, const char *name,
    int family, struct ipsec_addr *out, unsigned int *n)
{
	const struct name_host *known;
	struct name_host *place;
	int err;

	if (env->names == NULL || strlen(name) > NAMES_LONG)
		return EAI_NONAME;
	if ((known = known_host(k, name, family)) == NULL) {
		if ((err = env->names->host(env->ctx, name, family, out,
		    n)) != 0)
			return err;
		place = &k->host[k->next[NEXT_HOST]++ % NAMES_KEPT];
		snprintf(place->name, sizeof(place->name), "%s", name);
		place->family = family;
		place->n = *n;
		memcpy(place->addr, out, *n * sizeof(out[0]));
		return 0;
	}
	*n = known->n;
	memcpy(out, known->addr, *n * sizeof(out[0]));
	return 0;
}
