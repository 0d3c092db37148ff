/* SPDX-License-Identifier: ISC */
/* Of the fields of a request only Accept counts.  A body is not read. */
#include "daemon/http_msg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
is_text(struct view v, const char *text)
{
	return view_equal(v, view_text(text));
}

static bool
starts_nocase(struct view v, const char *text)
{
	const size_t n = strlen(text);

	return v.n >= n && strncasecmp((const char *)v.p, text, n) == 0;
}

/* Up to and without C, which is taken too; all of it if there is none. */
static struct view
take_until(struct view *v, char c)
{
	const uint8_t *at = v->n > 0 ? memchr(v->p, c, v->n) : NULL;
	struct view part;

	if (at == NULL)
		return view_take(v, v->n);
	part = view_take(v, (size_t)(at - v->p));
	(void)view_take(v, 1);
	return part;
}

/* RFC 9112 2.2: a line may end with a bare LF. */
static struct view
take_line(struct view *v)
{
	struct view line = take_until(v, '\n');

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct view
trim(struct view v)
{
	while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
		(void)view_take(&v, 1);
	while (v.n > 0 && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	return v;
}

/* Is the empty line there that ends the fields? */
static bool
is_complete(struct view v)
{
	while (v.n > 0 && memchr(v.p, '\n', v.n) != NULL)
		if (take_line(&v).n == 0)
			return true;
	return false;
}

/*
 * RFC 9110 12.5.1, as collectors use it: OpenMetrics if it is named and not
 * refused with q=0.
 */
static bool
wants_openmetrics(struct view accept)
{
	struct view range, type, parameter;

	while (accept.n > 0) {
		range = take_until(&accept, ',');
		type = trim(take_until(&range, ';'));
		if (!starts_nocase(type, "application/openmetrics-text") ||
		    type.n != strlen("application/openmetrics-text"))
			continue;
		while (range.n > 0) {
			parameter = trim(take_until(&range, ';'));
			if (is_text(parameter, "q=0"))
				return false;
		}
		return true;
	}
	return false;
}

/* RFC 9112 3: METHOD SP TARGET SP VERSION */
static int
get_line(struct view line, struct http_request *out)
{
	const struct view method = take_until(&line, ' ');
	struct view target = take_until(&line, ' ');

	if (!starts_nocase(line, "HTTP/1.") || target.n == 0)
		return 400;
	out->head = is_text(method, "HEAD");
	if (!out->head && !is_text(method, "GET"))
		return 405;
	out->path = take_until(&target, '?');
	return 200;
}

int
http_get(struct view v, struct http_request *out)
{
	struct view line, name;
	int status;

	memset(out, 0, sizeof(*out));
	if (!is_complete(v))
		return v.n < HTTP_REQUEST_MAX ? 0 : 431;
	status = get_line(take_line(&v), out);
	while (status == 200 && (line = take_line(&v)).n > 0) {
		name = take_until(&line, ':');
		if (starts_nocase(name, "accept") && name.n == 6)
			out->openmetrics |= wants_openmetrics(line);
	}
	return status;
}

static const char *
reason(int status)
{
	return status == 200 ? "OK" : status == 400 ? "Bad Request" :
	    status == 404 ? "Not Found" : status == 405 ?
	    "Method Not Allowed" : status == 431 ?
	    "Request Header Fields Too Large" : "Internal Server Error";
}

void
http_put(struct buf *b, int status, const char *type, struct view body,
    bool head)
{
	char text[300];
	int n;

	n = snprintf(text, sizeof(text), "HTTP/1.1 %d %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "%s"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Connection: close\r\n\r\n", status, reason(status), type, body.n,
	    status == 405 ? "Allow: GET, HEAD\r\n" : "");
	buf_put(b, text, (size_t)n);
	if (!head)
		buf_add(b, body);
}
