/* SPDX-License-Identifier: ISC */
/* As much of HTTP/1.1 (RFC 9112) as a collector of metrics needs: GET. */
#ifndef RACOON_DAEMON_HTTP_MSG_H
#define RACOON_DAEMON_HTTP_MSG_H

#include <stdbool.h>

#include "libipsec/buf.h"
#include "libipsec/view.h"

#define HTTP_REQUEST_MAX	8192	/* bytes, with all its fields */

struct http_request {
	struct view	path;		/* without the query; borrowed */
	bool		head;		/* HEAD: the same, without the body */
	bool		openmetrics;	/* the client prefers that */
};

/*
 * Reads the request at the start of the view.  0: it is not complete yet;
 * 200: it is in *out; else the status to answer with.
 */
int		 http_get(struct view, struct http_request *out);
/* Appends an answer; the connection ends with it.  HEAD: without the body. */
void		 http_put(struct buf *, int status, const char *type,
		    struct view body, bool head);

#endif
