/* SPDX-License-Identifier: ISC */
/*
 * Files of keys and certificates that a directive of racoon.conf names.
 * Private keys must be in regular files of root or of ourselves that are
 * closed to others.
 */
#ifndef RACOON_MONITOR_KEYFILE_H
#define RACOON_MONITOR_KEYFILE_H

#include "conf/conf.h"
#include "crypto/plainrsa.h"
#include "libipsec/buf.h"

/* Logs an error about a file at the place of the directive that names it. */
void		 keyfile_complain(const struct conf_place *, const char *file,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* Opens a file to be read, whatever it is: -errno on failure. */
int		 keyfile_open(const char *file);
/*
 * Appends what is in FD, which must be a regular file; takes FD, which may be
 * -errno.  False: it was complained about.
 */
bool		 keyfile_read(const struct conf_place *, const char *file,
		    int fd, struct buf *);
/* The private key, or the plain ones, of a block; NULL: logged. */
struct key	*keyfile_key(const struct crypto *, const struct conf_cert *);
struct plainrsa	*keyfile_plain(const struct crypto *,
		    const struct conf_cert *);
/* Parses plain keys; NULL: logged. */
struct plainrsa	*keyfile_parse(const struct crypto *,
		    const struct conf_cert *, bool secret, struct view text);

#endif
