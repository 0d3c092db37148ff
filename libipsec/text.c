/* SPDX-License-Identifier: ISC */
#include "libipsec/text.h"

#include <sys/socket.h>

#include "libipsec/addr.h"

void
text_number(struct text *t, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	text_bytes(t, digits + at, sizeof(digits) - at);
}

void
text_hex(struct text *t, uint32_t n)
{
	static const char hex[] = "0123456789abcdef";
	char digits[10] = "0x";

	for (size_t i = sizeof(digits); i-- > 2; n >>= 4)
		digits[i] = hex[n & 15];
	text_bytes(t, digits, sizeof(digits));
}

void
text_addr(struct text *t, const struct ipsec_addr *a)
{
	struct ipsec_addr plain = *a;
	char out[ADDR_TEXT];

	if (a->family != AF_INET) {
		plain.scope = 0;
		text_put(t, addr_print(&plain, out));
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			text_char(t, '.');
		text_number(t, a->bytes[i]);
	}
}
