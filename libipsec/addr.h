/* SPDX-License-Identifier: ISC */
/*
 * Internet addresses: struct ipsec_addr from ipsec.h, and what one can do
 * with it.  No name service here: text is numeric.
 */
#ifndef LIBIPSEC_ADDR_H
#define LIBIPSEC_ADDR_H

#include <sys/socket.h>

#include "libipsec/ipsec.h"
#include "libipsec/view.h"

/* Longest printed form: IPv6 with zone, "[65535]" and the terminator. */
#define ADDR_TEXT	80

/*
 * Reads "192.0.2.1", "2001:db8::1" or "fe80::1%eth0" (or "%2"); port 0.
 * Accepts just the numeric forms of getaddrinfo() (so "127.1" too).
 * False, with the address zeroed, for anything else.
 */
bool		 addr_parse(struct ipsec_addr *, const char *text);
/* From network bytes; the view's length must fit the family. */
bool		 addr_from_bytes(struct ipsec_addr *, int family, struct view);
bool		 addr_from_sockaddr(struct ipsec_addr *,
		    const struct sockaddr *);
/* Returns the length to hand to the kernel, 0 when there is no address. */
socklen_t	 addr_to_sockaddr(const struct ipsec_addr *,
		    struct sockaddr_storage *);
/* The 4 or 16 address bytes, borrowed. */
struct view	 addr_bytes(const struct ipsec_addr *);
/* 32, 128 or 0: the longest prefix of the family. */
uint8_t		 addr_bits(const struct ipsec_addr *);
/* Same family and bytes (and zone, if both have one); ports do not count. */
bool		 addr_equal(const struct ipsec_addr *,
		    const struct ipsec_addr *);
bool		 addr_equal_port(const struct ipsec_addr *,
		    const struct ipsec_addr *);
/* No address, or the all-zero one. */
bool		 addr_is_any(const struct ipsec_addr *);
bool		 addr_is_multicast(const struct ipsec_addr *);
/* True when ADDR lies in NET/PREFIX (same family). */
bool		 addr_in(const struct ipsec_addr *addr,
		    const struct ipsec_addr *net, uint8_t prefix);
/* Clears the host bits behind PREFIX. */
void		 addr_mask(struct ipsec_addr *, uint8_t prefix);
/* Prints into OUT, which it returns: "192.0.2.1"; "-" for no address. */
const char	*addr_print(const struct ipsec_addr *, char out[ADDR_TEXT]);
/* "192.0.2.1[500]" */
const char	*addr_print_port(const struct ipsec_addr *,
		    char out[ADDR_TEXT]);
/* Every field counts: addresses, prefixes, ports, protocol. */
bool		 selector_equal(const struct ipsec_selector *,
		    const struct ipsec_selector *);
/* "10.0.0.0/24[any] -> 10.0.1.0/24[80] proto 6" for logs. */
#define SELECTOR_TEXT	220
const char	*selector_print(const struct ipsec_selector *,
		    char out[SELECTOR_TEXT]);

#endif
