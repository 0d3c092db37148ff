/* SPDX-License-Identifier: ISC */
/* my_identifier, peers_identifier and the `from' of a sainfo. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/dn.h"
#include "conf/parse.h"
#include "conf/words.h"
#include "libipsec/addr.h"
#include "wire/isakmp.h"
#include "wire/payload.h"

/* What stands behind the type. */
struct id_value {
	char	*text;		/* NULL: nothing */
	bool	 from_file;	/* keyid: the text is a file's name */
};

typedef bool	 id_setter(struct reader *, struct conf_id *,
		    const struct id_value *);

static bool
set_bytes(struct reader *r, struct conf_id *id, const char *text)
{
	buf_set(&id->data, view_text(text));
	id->has_value = true;
	return buf_ok(&id->data) ||
	    parse_error(r, "is too long for an identifier");
}

static bool
set_address(struct reader *r, struct conf_id *id, const struct id_value *v)
{
	struct ipsec_addr addr;

	if (v->text == NULL) {
		id->type = 0;
		return true;
	}
	if (!addr_parse(&addr, v->text))
		return parse_error(r, "is not an IP address");
	id->type = addr_bits(&addr) == 32 ? ID_IPV4 : ID_IPV6;
	id->has_value = true;
	buf_set(&id->data, addr_bytes(&addr));
	return true;
}

/* A subnet says nothing, as it always did: own address, or anybody. */
static bool
set_subnet(struct reader *r, struct conf_id *id, const struct id_value *v)
{
	(void)v;
	parse_warn(r, "a subnet as identifier has no effect: any identity "
	    "is accepted and the own address is sent");
	id->type = 0;
	return true;
}

static bool
set_name(struct reader *r, struct conf_id *id, const struct id_value *v)
{
	if (v->text == NULL || v->text[0] == '\0')
		return parse_error(r, "a name is missing here");
	return set_bytes(r, id, v->text);
}

static bool
set_keyid(struct reader *r, struct conf_id *id, const struct id_value *v)
{
	struct conf_text file;

	if (v->text == NULL) {
		parse_warn(r, "a keyid without a value has no effect");
		id->type = 0;
		return true;
	}
	if (!v->from_file)
		return set_bytes(r, id, v->text);
	if (!r->opener->open(r->opener->ctx, v->text, &file))
		return parse_error(r, "cannot read the key id's file: %s",
		    strerror(errno));
	buf_set(&id->data, view_of(file.text, file.n));
	xfreezero(file.text, file.n);
	id->has_value = true;
	id->from_file = true;
	return buf_ok(&id->data) ||
	    parse_error(r, "this file is too long for an identifier");
}

static bool
set_der(struct reader *r, struct conf_id *id, const char *hex)
{
	buf_reset(&id->data);
	for (; *hex != '\0'; hex += 2) {
		if (hex_digit(hex[0]) < 0 || hex_digit(hex[1]) < 0)
			return parse_error(r, "is no hex dump of a name");
		buf_u8(&id->data, (uint8_t)(hex_digit(hex[0]) << 4 |
		    hex_digit(hex[1])));
	}
	id->has_value = true;
	return buf_ok(&id->data) ||
	    parse_error(r, "is too long for an identifier");
}

static bool
set_dn(struct reader *r, struct conf_id *id, const struct id_value *v)
{
	if (v->text == NULL)
		return true;
	if (v->text[0] == '~')
		return set_der(r, id, v->text + 1);
	if (!dn_parse(v->text, &id->data, &id->wildcard))
		return parse_error(r, "is no distinguished name: expected "
		    "TYPE=value parts with known types, such as "
		    "\"C=DE, O=Example, CN=name\"");
	id->has_value = true;
	return true;
}

static const struct {
	uint64_t	 type;
	id_setter	*set;
} id_types[] = {
	{ ID_IPV4, set_address },
	{ ID_IPV4_SUBNET, set_subnet },
	{ ID_FQDN, set_name },
	{ ID_USER_FQDN, set_name },
	{ ID_KEY_ID, set_keyid },
	{ ID_DER_ASN1_DN, set_dn },
};

static bool
read_value(struct reader *r, struct id_value *v)
{
	*v = (struct id_value){ .from_file = true };
	if (parse_take(r, T_QUALIFIER))
		v->from_file = r->tok.value != 0;
	if (parse_peek(r) == T_STRING)
		return parse_string(r, &v->text);
	if (parse_take(r, T_ADDR))
		v->text = parse_text(r);
	return true;
}

bool
parse_id(struct reader *r, struct conf_id *id, bool with_qualifier)
{
	struct id_value v;
	bool ok;

	if (!parse_expect(r, T_IDTYPE))
		return false;
	*id = (struct conf_id){
	    .type = (uint8_t)r->tok.value, .at = parse_place(r) };
	buf_init(&id->data, ID_DATA_MAX);
	if (!with_qualifier && parse_peek(r) == T_QUALIFIER)
		return parse_syntax(r, "a value");
	ok = read_value(r, &v);
	for (size_t i = 0; ok && i < sizeof(id_types) / sizeof(id_types[0]);
	    i++)
		if (id_types[i].type == id->type) {
			ok = id_types[i].set(r, id, &v);
			break;
		}
	id->text = v.text;
	if (!ok)
		conf_id_fini(id);
	return ok;
}
