/* SPDX-License-Identifier: ISC */
/*
 * ipsec_strerror(): the codes in words, which programs show to users and
 * scripts look for.
 */
#include "libipsec/compat.h"

#include <string.h>

static const char *const texts[] = {
	[CE_OK] = "Success",
	[CE_NOT_SUPPORTED] = "Not supported",
	[CE_ARGUMENT] = "Invalid argument",
	[CE_MESSAGE] = "Invalid sadb message",
	[CE_VERSION] = "Invalid version",
	[CE_POLICY] = "Invalid security policy",
	[CE_ADDRESS] = "Invalid address specification",
	[CE_PROTO] = "Invalid ipsec protocol",
	[CE_MODE] = "Invalid ipsec mode",
	[CE_LEVEL] = "Invalid ipsec level",
	[CE_SATYPE] = "Invalid SA type",
	[CE_MSGTYPE] = "Invalid message type",
	[CE_EXTTYPE] = "Invalid extension type",
	[CE_ALGS] = "Invalid algorithm type",
	[CE_KEYLEN] = "Invalid key length",
	[CE_FAMILY] = "Invalid address family",
	[CE_PREFIXLEN] = "Invalid prefix length",
	[CE_DIR] = "Invalid direction",
	[CE_SPI] = "SPI range violation",
	[CE_NO_PROTO] = "No protocol specified",
	[CE_NO_ALGS] = "No algorithm specified",
	[CE_NO_BUFS] = "No buffers available",
	[CE_NO_LIST] = "Must get supported algorithms list first",
	[CE_PROTO_MISMATCH] = "Protocol mismatch",
	[CE_FAMILY_MISMATCH] = "Family mismatch",
	[CE_FEW] = "Too few arguments",
	[CE_SYSTEM] = "System error",	/* until there is a better one */
	[CE_PRIORITY] = "Priority offset not in valid range "
	    "[-2147483647, 2147483648]",
	[CE_OFFSET] = "Priority offset from base not in valid range "
	    "[0, 1073741823] for negative offsets and "
	    "[0, 1073741824] for positive offsets",
	[CE_NO_PRIORITY] = "Policy priority not compiled in",
	[CE_UNKNOWN] = "Unknown error"
};

int
compat_fail(enum compat_err err)
{
	*compat_code() = (int)err;
	return err == CE_OK ? 0 : -1;
}

int
compat_fail_errno(int err)
{
	*compat_text() = strerror(err);
	return compat_fail(CE_SYSTEM);
}

void
__ipsec_set_strerror(const char *text)
{
	*compat_text() = text;
	(void)compat_fail(CE_SYSTEM);
}

const char *
ipsec_strerror(void)
{
	int *code = compat_code();

	if (*code < 0 || *code > CE_UNKNOWN)
		*code = CE_UNKNOWN;
	if (*code == CE_SYSTEM && *compat_text() != NULL)
		return *compat_text();
	return texts[*code];
}
