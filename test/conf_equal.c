/* SPDX-License-Identifier: ISC */
/* Two snapshots, field by field. */
#include "test/conf_equal.h"

#include <string.h>

#include "libipsec/addr.h"

#define SAME(field)							\
	do {								\
		if (a->field != b->field)				\
			return #field;					\
	} while (0)
#define SAME_TEXT(field)						\
	do {								\
		if (!text_equal(a->field, b->field))			\
			return #field;					\
	} while (0)
#define SAME_ADDR(field)						\
	do {								\
		if (!address_equal(&a->field, &b->field))		\
			return #field;					\
	} while (0)
/* A difference in a part. */
#define PART(call)							\
	do {								\
		const char *d = call;					\
									\
		if (d != NULL)						\
			return d;					\
	} while (0)

static bool
text_equal(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static bool
address_equal(const struct ipsec_addr *a, const struct ipsec_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	    a->scope == b->scope &&
	    (a->family == 0 || addr_equal_port(a, b));
}

static const char *
id_difference(const struct conf_id *a, const struct conf_id *b)
{
	SAME(type);
	SAME(has_value);
	SAME(wildcard);
	if (!view_equal(buf_view(&a->data), buf_view(&b->data)))
		return "bytes of an identifier";
	return NULL;
}

static const char *
cert_difference(const struct conf_cert *a, const struct conf_cert *b)
{
	SAME(kind);
	SAME_TEXT(file);
	SAME_TEXT(key);
	return NULL;
}

static const char *
proposal_difference(const struct conf_p1 *a, const struct conf_p1 *b)
{
	SAME(cipher);
	SAME(key_bits);
	SAME(hash);
	SAME(method);
	SAME_TEXT(method_word);
	SAME(group);
	SAME(life_secs);
	SAME(life_kbytes);
	SAME(usable);
	SAME(own_life);
	SAME_TEXT(gss_id);
	return NULL;
}

static const char *
lists_difference(const struct remote *a, const struct remote *b)
{
	SAME(netypes);
	for (unsigned int i = 0; i < a->netypes; i++)
		SAME(etype[i]);
	SAME(npeers_id);
	for (size_t i = 0; i < a->npeers_id; i++)
		PART(id_difference(&a->peers_id[i], &b->peers_id[i]));
	SAME(nproposal);
	for (size_t i = 0; i < a->nproposal; i++)
		PART(proposal_difference(&a->proposal[i], &b->proposal[i]));
	SAME(npeers_cert);
	for (size_t i = 0; i < a->npeers_cert; i++)
		PART(cert_difference(&a->peers_cert[i], &b->peers_cert[i]));
	for (size_t i = 0; i < CONF_NSCRIPTS; i++)
		SAME_TEXT(script[i]);
	return NULL;
}

static const char *
remote_difference(const struct remote *a, const struct remote *b)
{
	SAME_TEXT(name);
	SAME(anonymous);
	SAME_ADDR(addr);
	PART(lists_difference(a, b));
	PART(id_difference(&a->my_id, &b->my_id));
	SAME(verify_identifier);
	SAME(proposal_check);
	SAME(lifetime);
	SAME(nonce_size);
	SAME(passive);
	SAME(support_proxy);
	SAME(initial_contact);
	SAME(mode_cfg);
	SAME(send_cert);
	SAME(send_cr);
	SAME(verify_cert);
	SAME(match_empty_cr);
	SAME(weak_phase1_check);
	SAME(nat_traversal);
	SAME(ike_frag);
	SAME(rekey);
	SAME(generate_policy);
	SAME(esp_frag);
	SAME(ph1id);
	SAME(dpd.enabled);
	SAME(dpd.delay);
	SAME(dpd.retry);
	SAME(dpd.maxfail);
	SAME(liveness);
	PART(cert_difference(&a->own_cert, &b->own_cert));
	PART(cert_difference(&a->ca, &b->ca));
	SAME_TEXT(xauth_login);
	SAME(situation);
	SAME(scoped);
	SAME(mark.value);
	SAME(mark.mask);
	SAME(if_id);
	return NULL;
}

static const char *
sel_difference(const struct conf_sel *a, const struct conf_sel *b)
{
	SAME(kind);
	SAME(type);
	SAME(proto);
	SAME(port);
	SAME_TEXT(text);
	if (!view_equal(buf_view(&a->data), buf_view(&b->data)))
		return "bytes of a selector";
	return NULL;
}

static const char *
algs_difference(const struct conf_alg *a, const struct conf_alg *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		SAME(id);
		SAME(key_bits);
		SAME(icv_bits);
	}
	return NULL;
}

static const char *
sainfo_difference(const struct sainfo *a, const struct sainfo *b)
{
	PART(sel_difference(&a->local, &b->local));
	PART(sel_difference(&a->remote, &b->remote));
	SAME(has_from);
	PART(id_difference(&a->from, &b->from));
	SAME_TEXT(group);
	SAME(remoteid);
	SAME(pfs_group);
	SAME(lifetime);
	SAME(replay_window);
	SAME(esn);
	SAME(ah_align);
	SAME(has_liveness);
	SAME(liveness);
	SAME(nenc);
	SAME(nauth);
	SAME(ncomp);
	PART(algs_difference(a->enc, b->enc, a->nenc));
	PART(algs_difference(a->auth, b->auth, a->nauth));
	PART(algs_difference(a->comp, b->comp, a->ncomp));
	return NULL;
}

static const char *
texts_difference(const struct conf_text_list *a,
    const struct conf_text_list *b)
{
	SAME(n);
	for (size_t i = 0; i < a->n; i++)
		SAME_TEXT(text[i]);
	return NULL;
}

static const char *
modecfg_difference(const struct conf_modecfg *a, const struct conf_modecfg *b)
{
	SAME(configured);
	SAME_ADDR(network4);
	SAME_ADDR(netmask4);
	SAME(pool_size);
	SAME(ndns4);
	SAME(nwins4);
	for (unsigned int i = 0; i < a->ndns4; i++)
		SAME_ADDR(dns4[i]);
	for (unsigned int i = 0; i < a->nwins4; i++)
		SAME_ADDR(wins4[i]);
	SAME(local_lan);
	SAME(nsplit_network);
	for (size_t i = 0; i < a->nsplit_network; i++) {
		SAME_ADDR(split_network[i].addr);
		SAME(split_network[i].prefix);
	}
	PART(texts_difference(&a->split_dns, &b->split_dns));
	PART(texts_difference(&a->auth_groups, &b->auth_groups));
	SAME_TEXT(default_domain);
	SAME_TEXT(banner);
	SAME(auth_source);
	SAME(group_source);
	SAME(conf_source);
	SAME(accounting);
	SAME(pfs_group);
	SAME(auth_throttle);
	SAME(save_passwd);
	return NULL;
}

static const char *
ldap_difference(const struct conf_ldap *a, const struct conf_ldap *b)
{
	SAME(configured);
	SAME(version);
	SAME(port);
	SAME(timeout);
	SAME(debug);
	SAME_TEXT(uri);
	SAME_TEXT(host);
	SAME_TEXT(base);
	SAME(subtree);
	SAME_TEXT(bind_dn);
	SAME_TEXT(bind_pw);
	SAME_TEXT(attr_user);
	SAME_TEXT(attr_addr);
	SAME_TEXT(attr_mask);
	SAME_TEXT(attr_group);
	SAME_TEXT(attr_member);
	return NULL;
}

static const char *
servers_difference(const struct conf_radius_server *a,
    const struct conf_radius_server *b, unsigned int n)
{
	for (; n > 0; n--, a++, b++) {
		SAME_TEXT(host);
		SAME(port);
		SAME_TEXT(secret);
	}
	return NULL;
}

static const char *
radius_difference(const struct conf_radius *a, const struct conf_radius *b)
{
	SAME(configured);
	SAME(nauth);
	SAME(nacct);
	PART(servers_difference(a->auth, b->auth, a->nauth));
	PART(servers_difference(a->acct, b->acct, a->nacct));
	SAME(timeout);
	SAME(retries);
	return NULL;
}

static const char *
listen_difference(const struct conf *a, const struct conf *b)
{
	SAME(listen.strict_address);
	SAME(listen.admin_disabled);
	SAME_TEXT(listen.admin_path);
	SAME(listen.admin_uid);
	SAME(listen.admin_gid);
	SAME(listen.admin_mode);
	SAME_ADDR(listen.metrics);
	SAME(listen.n);
	for (size_t i = 0; i < a->listen.n; i++) {
		SAME_ADDR(listen.on[i].addr);
		SAME(listen.on[i].natt);
	}
	return NULL;
}

static const char *
top_difference(const struct conf *a, const struct conf *b)
{
	SAME_TEXT(path_include);
	SAME_TEXT(path_psk);
	SAME_TEXT(path_cert);
	SAME_TEXT(path_script);
	SAME_TEXT(path_backupsa);
	SAME_TEXT(path_pidfile);
	SAME(uid);
	SAME(gid);
	SAME_TEXT(chroot);
	SAME(log_level);
	SAME(complex_bundle);
	SAME(repair_unknown_spi);
	SAME(pfkey_buffer);
	SAME(gss_id_enc);
	SAME(flush_on_stop);
	SAME(padding.randomize);
	SAME(padding.randomize_length);
	SAME(padding.strict_check);
	SAME(padding.exclusive_tail);
	SAME(padding.maximum_length);
	SAME(timer.counter);
	SAME(timer.persend);
	SAME(timer.interval);
	SAME(timer.phase1);
	SAME(timer.phase2);
	SAME(timer.natt_keepalive);
	return NULL;
}

const char *
conf_difference(const struct conf *a, const struct conf *b)
{
	PART(top_difference(a, b));
	PART(listen_difference(a, b));
	PART(modecfg_difference(&a->modecfg, &b->modecfg));
	PART(ldap_difference(&a->ldap, &b->ldap));
	PART(radius_difference(&a->radius, &b->radius));
	SAME(nremote);
	for (size_t i = 0; i < a->nremote; i++)
		PART(remote_difference(a->remote[i], b->remote[i]));
	SAME(nsainfo);
	for (size_t i = 0; i < a->nsainfo; i++)
		PART(sainfo_difference(a->sainfo[i], b->sainfo[i]));
	return NULL;
}
