/* SPDX-License-Identifier: ISC */
/* GSS-API with Kerberos 5, if racoon was built with it: gss_krb5.c or
 * gss_none.c, as configure says. */
#ifndef RACOON_DAEMON_GSS_H
#define RACOON_DAEMON_GSS_H

#include "ike/gss.h"

/* What does it; NULL: nothing. */
const struct gss_ops *gss_provider(void);

#endif
