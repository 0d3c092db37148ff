/* SPDX-License-Identifier: ISC */
/* Counters of /proc/net, and what they say of a host's traffic. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/procnet.h"
#include "daemon/traffic.h"
#include "monitor/here.h"
#include "test/daemon_tools.h"
#include "test/own_network.h"

START_TEST(test_sums)
{
	static const char *const names[] = { "XfrmInNoStates",
	    "XfrmInTmplMismatch", "Ip6InUnknownProtos", "InUnknownProtos",
	    NULL };
	static const struct {
		const char	*text;
		uint64_t	 sum;
	} row[] = {
		{ "", 0 },
		{ "XfrmInError             \t5\nXfrmInNoStates          \t7\n"
		    "XfrmInStateProtoError   \t9\n", 7 },
		{ "XfrmInNoStates \t7\nXfrmInTmplMismatch \t30\n", 37 },
		{ "XfrmInNoStates", 0 },
		{ "XfrmInNoStates x\n", 0 },
		{ "Ip6InDelivers  \t3\nIp6InUnknownProtos              \t4\n",
		    4 },
		{ "Ip: Forwarding InReceives InUnknownProtos InDiscards\n"
		    "Ip: 1 200 6 8\nIcmp: InMsgs InUnknownProtos\n"
		    "Icmp: 3 100\n", 106 },
		{ "Ip: InReceives InUnknownProtos\nTcp: 1 2\n", 0 },
		{ "Ip: InReceives InUnknownProtos\nIp: 1\n", 0 },
		{ "XfrmInNoStates 18446744073709551615\nXfrmInNoStates 2\n",
		    1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(procnet_sum(view_text(row[i].text), names) ==
		    row[i].sum, "%s", row[i].text);
}
END_TEST

START_TEST(test_files)
{
	static const char *const some[] = { "InReceives", "Ip6InReceives",
	    NULL };
	static const char *const none[] = { "NoSuchCounter", NULL };
	int fd = procnet_open(&here_plain, MON_PROC_SNMP);

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(procnet_count(fd, none), 0);
	(void)procnet_count(fd, some);
	(void)close(fd);
	ck_assert_uint_eq(procnet_count(-1, some), 0);
}
END_TEST

static void
send_to(const struct sockaddr *to, socklen_t n)
{
	int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(sendto(fd, "x", 1, 0, to, n), 1);
	(void)close(fd);
}

START_TEST(test_traffic)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
	    .sin_port = htons(9) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct traffic t;
	uint64_t before, after;

	if (!own_network())
		SKIP("no network namespaces");
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* IPv6 greets its new interface for a second or two */
	traffic_open(&t, &here_plain);
	send_to((const struct sockaddr *)&v4, sizeof(v4));
	for (int i = 0; i < 20; i++) {
		before = traffic_count(&t);
		(void)poll(NULL, 0, 250);
		if (traffic_count(&t) == before)
			break;
	}
	ck_assert_uint_ne(before, 0);
	ck_assert_uint_eq(traffic_count(&t), before);
	send_to((const struct sockaddr *)&v4, sizeof(v4));
	after = traffic_count(&t);
	ck_assert_uint_gt(after, before);
	if (t.ip6 != -1) {
		send_to((const struct sockaddr *)&v6, sizeof(v6));
		ck_assert_uint_gt(traffic_count(&t), after);
	}
	traffic_close(&t);
	ck_assert_uint_eq(traffic_count(&t), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("procnet");

	tcase_add_test(t, test_sums);
	tcase_add_test(t, test_files);
	tcase_add_test(t, test_traffic);
	return run_case("procnet", t);
}
