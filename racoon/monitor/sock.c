/* SPDX-License-Identifier: ISC */
/* Opens UDP sockets for IKE with the options that it needs. */
#include "monitor/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pfkeyv2.h>
#include <linux/xfrm.h>

#include "base/log.h"
#include "libipsec/addr.h"

/*
 * Room for a whole mesh that restarts: some thousand first messages, each
 * accounted by the kernel with about 2 KiB.  Kernel memory, used only then.
 */
#define BUFFER_BYTES	(8 << 20)

/* <linux/ipsec.h> has them, under names that are ipsec.h's here. */
#define PFKEY_BYPASS	4
#define PFKEY_IN	1
#define PFKEY_OUT	2

#define TCP_BACKLOG	16
#define PROBE_PORT	500	/* connect() wants one; nothing is sent */

static int
set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Beyond net.core.rmem_max with CAP_NET_ADMIN, else as far as it allows. */
static void
set_buffers(int fd)
{
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES) == -1)
		(void)set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES) == -1)
		(void)set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

static int
bypass_xfrm(int fd, uint16_t family)
{
	static const uint8_t dirs[] = { XFRM_POLICY_IN, XFRM_POLICY_OUT };
	const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int name = family == AF_INET ? IP_XFRM_POLICY :
	    IPV6_XFRM_POLICY;
	struct xfrm_userpolicy_info info;

	for (size_t i = 0; i < sizeof(dirs); i++) {
		memset(&info, 0, sizeof(info));
		info.sel.family = family;
		info.action = XFRM_POLICY_ALLOW;
		info.dir = dirs[i];
		if (setsockopt(fd, level, name, &info, sizeof(info)) == -1)
			return -errno;
	}
	return 0;
}

static int
bypass_pfkey(int fd, uint16_t family)
{
	static const uint8_t dirs[] = { PFKEY_IN, PFKEY_OUT };
	const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int name = family == AF_INET ? IP_IPSEC_POLICY :
	    IPV6_IPSEC_POLICY;
	struct sadb_x_policy policy = {
	    .sadb_x_policy_len = sizeof(policy) / 8,
	    .sadb_x_policy_exttype = SADB_X_EXT_POLICY,
	    .sadb_x_policy_type = PFKEY_BYPASS };

	for (size_t i = 0; i < sizeof(dirs); i++) {
		policy.sadb_x_policy_dir = dirs[i];
		if (setsockopt(fd, level, name, &policy, sizeof(policy)) == -1)
			return -errno;
	}
	return 0;
}

/*
 * A policy of the socket itself goes before all others.  Without it the
 * policy that asks for IKE would catch IKE.  A kernel without XFRM netlink
 * wants to hear it in the words of PF_KEY.
 */
static int
bypass(int fd, uint16_t family)
{
	int r = bypass_xfrm(fd, family);

	return r == -EOPNOTSUPP ? bypass_pfkey(fd, family) : r;
}

static int
set_family(int fd, uint16_t family)
{
	if (family == AF_INET)
		return set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == -1)
		return -1;
	return set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static int
set_options(int fd, const struct ipsec_addr *addr, bool natt)
{
	char name[ADDR_TEXT];
	int r;

	if (set_family(fd, addr->family) == -1)
		return -errno;
	if (natt && set(fd, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP) == -1)
		return -errno;
	set_buffers(fd);
	r = bypass(fd, addr->family);
	if (r < 0)
		log_msg(LOG_L_WARNING, "%s: IPsec policies will apply to IKE "
		    "itself (%s): run racoon with CAP_NET_ADMIN, or add "
		    "policies that let UDP port %u pass",
		    addr_print_port(addr, name), strerror(-r), addr->port);
	return 0;
}

static int
bind_to(int fd, struct ipsec_addr *addr)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(addr, &ss);

	if (bind(fd, (const struct sockaddr *)&ss, n) == -1)
		return -errno;
	n = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &n) == -1)
		return -errno;
	if (!addr_from_sockaddr(addr, (const struct sockaddr *)&ss))
		return -EAFNOSUPPORT;
	return 0;
}

int
sock_open(struct ipsec_addr *addr, bool natt)
{
	int fd, r;

	fd = socket(addr->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		return -errno;
	r = set_options(fd, addr, natt);
	if (r == 0)
		r = bind_to(fd, addr);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

int
sock_open_raw(uint16_t family, int proto)
{
	int fd, r;

	fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	if (fd == -1)
		return -errno;
	if (family == AF_INET6 &&
	    set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == -1) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	/* Where it fails less is seen. */
	(void)bypass(fd, family);
	return fd;
}

bool
sock_destination(struct msghdr *msg, struct ipsec_addr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	    c = CMSG_NXTHDR(msg, c)) {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
		bool found = false;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			found = v4.ipi_addr.s_addr == v4.ipi_spec_dst.s_addr &&
			    addr_from_bytes(local, AF_INET,
			    view_of(&v4.ipi_addr, sizeof(v4.ipi_addr)));
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			found = addr_from_bytes(local, AF_INET6,
			    view_of(&v6.ipi6_addr, sizeof(v6.ipi6_addr)));
			if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
				local->scope = (uint32_t)v6.ipi6_ifindex;
		}
		if (found)
			return !addr_is_any(local) && !addr_is_multicast(local);
	}
	return false;
}

/*
 * The route look-up of connect() obeys IPsec policies too, and would raise an
 * ACQUIRE: hence the bypass, which an ordinary user goes without.
 */
bool
sock_source(const struct ipsec_addr *remote, struct ipsec_addr *out)
{
	struct ipsec_addr to = *remote;
	struct sockaddr_storage ss;
	socklen_t n;
	bool found = false;
	int fd;

	to.port = PROBE_PORT;
	n = addr_to_sockaddr(&to, &ss);
	fd = socket(to.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	(void)bypass(fd, to.family);
	if (connect(fd, (const struct sockaddr *)&ss, n) == 0) {
		n = sizeof(ss);
		found = getsockname(fd, (struct sockaddr *)&ss, &n) == 0 &&
		    addr_from_sockaddr(out, (const struct sockaddr *)&ss);
	}
	(void)close(fd);
	out->port = 0;
	return found;
}

bool
sock_is_local(const struct ipsec_addr *addr)
{
	struct ipsec_addr any_port = *addr;
	struct sockaddr_storage ss;
	socklen_t n;
	bool missing;
	int fd;

	any_port.port = 0;
	n = addr_to_sockaddr(&any_port, &ss);
	fd = socket(addr->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return true;
	missing = bind(fd, (const struct sockaddr *)&ss, n) == -1 &&
	    errno == EADDRNOTAVAIL;
	(void)close(fd);
	return !missing;
}

int
sock_open_tcp(const struct ipsec_addr *at)
{
	struct sockaddr_storage ss;
	const socklen_t n = addr_to_sockaddr(at, &ss);
	int err, fd = socket(at->family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -errno;
	/* An IPv6 address shall not take the IPv4 one of the same port. */
	if (at->family == AF_INET6)
		(void)set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	(void)set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&ss, n) == 0 &&
	    listen(fd, TCP_BACKLOG) == 0)
		return fd;
	err = errno;
	(void)close(fd);
	return -err;
}
