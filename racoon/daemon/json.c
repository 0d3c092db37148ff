/* SPDX-License-Identifier: ISC */
#include "daemon/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
put(struct json *j, const char *s)
{
	buf_add(j->out, view_text(s));
}

/* RFC 8259 7: these have to be escaped, and no other. */
static void
put_char(struct json *j, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", word[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(plain, c);
	char code[8];

	if (at != NULL) {
		buf_u8(j->out, '\\');
		buf_u8(j->out, (uint8_t)word[at - plain]);
	} else if (c < 0x20) {
		(void)snprintf(code, sizeof(code), "\\u%04x", c);
		put(j, code);
	} else
		buf_u8(j->out, c);
}

static void
put_string(struct json *j, const char *s)
{
	buf_u8(j->out, '"');
	for (; *s != '\0'; s++)
		put_char(j, (unsigned char)*s);
	buf_u8(j->out, '"');
}

static void
begin(struct json *j, const char *key)
{
	if (j->more)
		buf_u8(j->out, ',');
	j->more = true;
	if (key == NULL)
		return;
	put_string(j, key);
	buf_u8(j->out, ':');
}

void
json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	buf_u8(j->out, (uint8_t)bracket);
	j->more = false;
}

void
json_close(struct json *j, char bracket)
{
	buf_u8(j->out, (uint8_t)bracket);
	j->more = true;
}

void
json_text(struct json *j, const char *key, const char *s)
{
	begin(j, key);
	if (s == NULL)
		put(j, "null");
	else
		put_string(j, s);
}

void
json_number(struct json *j, const char *key, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	begin(j, key);
	put(j, text);
}

void
json_bool(struct json *j, const char *key, bool yes)
{
	begin(j, key);
	put(j, yes ? "true" : "false");
}
