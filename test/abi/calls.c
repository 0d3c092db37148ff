/* SPDX-License-Identifier: ISC */
/*
 * A program as it was written for the historical library, compiled against
 * the documented ABI and linked with libipsec.so.0.  On a kernel with PF_KEY
 * it makes the calls of test/golden/libipsec/calls.txt and prints what that
 * file has, which is what the historical library did.
 *
 * Without an argument it does what needs no kernel, and needs to be right
 * about pfkey_open(): that has to work or to say why not.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/abi/documented.h"

#define ESP	3
#define AH	2
#define IPCOMP	9

static struct sockaddr_in a, b;
static struct sockaddr_in6 c;
static int s;

#define A	((struct sockaddr *)&a)
#define B	((struct sockaddr *)&b)
#define C	((struct sockaddr *)&c)

static void
line(const char *call, long long value)
{
	printf("%-60s = %lld  [%s]\n", call, value, ipsec_strerror());
	fflush(stdout);
}

/* Prints the call as it stands here, and what came of it. */
#define CALL(call)	line(#call, (long long)(call))

/* The next message that is for us; NULL after two seconds. */
static struct message *
answer(uint8_t type)
{
	struct message *m;

	while ((m = pfkey_recv(s)) != NULL) {
		if (m->type == type && m->pid == (uint32_t)getpid())
			return m;
		free(m);
	}
	return NULL;
}

/* WITH_SEQ -1: nothing. */
static void
tell(const struct message *m, int with_seq)
{
	if (with_seq < 0)
		return;
	printf("  reply type=%u errno=%u", m->type, m->error);
	if (with_seq)
		printf(" seq=%u", m->seq);
	printf("\n");
}

static void
reply(uint8_t type, int with_seq)
{
	struct message *m = answer(type);

	if (m == NULL) {
		printf("  no reply\n");
		return;
	}
	tell(m, with_seq);
	free(m);
}

static void
show(uint8_t type, int with_seq, void (*print)(struct message *))
{
	struct message *m = answer(type);

	if (m == NULL) {
		printf("  no reply\n");
		return;
	}
	tell(m, with_seq);
	print(m);
	free(m);
}

/* Reads what is left of an answer that nobody asked to see. */
static void
forget(uint8_t type)
{
	free(answer(type));
}

static void
keys(void)
{
	struct algorithm al = { 0, 0, 0, 0, 0 };

	CALL(pfkey_send_register(s,ESP));
	CALL(pfkey_recv_register(s));
	CALL(pfkey_send_register(s,ESP));
	CALL(pfkey_recv_register(s));
	CALL(pfkey_send_register(s,5));
	CALL(ipsec_check_keylen(14,3,160));
	CALL(ipsec_check_keylen(14,3,161));
	CALL(ipsec_check_keylen(14,99,160));
	CALL(ipsec_check_keylen(16,3,160));
	CALL(ipsec_check_keylen2(9,2,0));
	CALL(ipsec_get_keylen(15,12,&al));
	printf("  aes id=%u ivlen=%u min=%u max=%u\n", al.id, al.ivlen, al.min,
	    al.max);
	CALL(ipsec_get_keylen(15,12,NULL));
}

static void
rates(void)
{
	CALL(pfkey_get_softrate(0));
	CALL(pfkey_set_softrate(1,50));
	CALL(pfkey_get_softrate(1));
	CALL(pfkey_set_softrate(2,0));
	CALL(pfkey_get_softrate(2));
	CALL(pfkey_set_softrate(9,50));
	CALL(pfkey_get_softrate(9));
	pfkey_set_softrate(1, 80);
	pfkey_set_softrate(2, 80);
}

static void
spis(void)
{
	CALL(pfkey_send_getspi(s,ESP,1,A,B,0x1000,0x1fff,7,42));
	reply(1, 1);
	CALL(pfkey_send_getspi(s,ESP,1,A,B,10,20,7,42));
	CALL(pfkey_send_getspi(s,ESP,1,A,C,0,0,7,42));
	CALL(pfkey_send_getspi(s,ESP,1,NULL,C,0,0,7,42));
	CALL(pfkey_send_getspi(s,ESP,1,A,B,300,299,7,42));
}

static struct sa_args
esp(void)
{
	static char key[] = "0123456789abcdef0123456789abcdef0123";
	struct sa_args g;

	memset(&g, 0, sizeof(g));
	g.so = s;
	g.satype = ESP;
	g.mode = 2;
	g.src = A;
	g.dst = B;
	g.spi = htonl(0x5555);
	g.reqid = 9;
	g.wsize = 4;
	g.keymat = key;
	g.e_type = 12;
	g.e_keylen = 16;
	g.a_type = 3;
	g.a_keylen = 20;
	g.alloc = 1000;
	g.bytes = 100000000;
	g.addtime = 1000;
	g.usetime = 10;
	return g;
}

/* Satype, algorithms and NAT-T that do not go together. */
static void
refused(unsigned int satype, unsigned int e_type, unsigned int a_type,
    uint8_t natt)
{
	struct sa_args g = esp();

	g.satype = satype;
	g.e_type = e_type;
	g.a_type = a_type;
	g.natt_type = natt;
	CALL(pfkey_send_add2(&g));
}

static void
associations(void)
{
	struct sa_args g = esp();

	CALL(pfkey_send_add2(&g));
	reply(3, 0);
	refused(ESP, 0, 3, 0);
	refused(AH, 12, 3, 0);
	refused(AH, 0, 0, 0);
	refused(IPCOMP, 0, 0, 0);
	refused(IPCOMP, 2, 3, 0);
	refused(1, 12, 3, 0);
	refused(AH, 0, 3, 2);
	CALL(pfkey_send_get(s,ESP,0,A,B,htonl(0x5555)));
	show(5, 0, pfkey_sadump);
	CALL(pfkey_send_delete(s,ESP,0,A,B,htonl(0x5555)));
	forget(4);
	CALL(pfkey_send_delete_all(s,ESP,0,A,B));
	reply(4, 0);
}

static void
policies(void)
{
	char *p = ipsec_set_policy("out ipsec esp/transport//require", 0);
	int pl = ipsec_get_policylen(p);

	CALL(pfkey_send_spdadd(s,A,32,B,32,255,p,pl,5));
	show(14, 1, pfkey_spdump);
	CALL(pfkey_send_spdadd2(s,A,33,B,32,255,100,50,p,pl,5));
	CALL(pfkey_send_spdadd2(s,A,24,B,24,6,100,50,p,pl,5));
	show(14, -1, pfkey_spdump);
	CALL(pfkey_send_spdget(s,1));
	reply(16, 0);
	CALL(pfkey_send_spddelete(s,A,24,B,24,6,p,pl,5));
	/* Its header claims more than is there: the kernel refuses it. */
	CALL(pfkey_send_spddelete(s,A,24,B,24,6,p,16,5));
	reply(15, 0);
	CALL(pfkey_send_spddelete2(s,1));
	reply(22, 0);
	free(p);
}

static void
tables(void)
{
	struct message *m;

	CALL(pfkey_send_dump(s,ESP));
	if ((m = answer(10)) != NULL)
		printf("  dump seq %u errno %u\n", m->seq, m->error);
	free(m);
	CALL(pfkey_send_flush(s,ESP));
	CALL(pfkey_send_flush(s,1));
	CALL(pfkey_send_spddump(s));
	CALL(pfkey_send_spdflush(s));
	CALL(pfkey_send_promisc_toggle(s,1));
	CALL(pfkey_send(-1,NULL,0));
	CALL(pfkey_recv(-1));
	CALL((pfkey_close(s),0));
}

static void
addresses(void)
{
	a.sin_family = b.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(0x0a000001);
	b.sin_addr.s_addr = htonl(0x0a000002);
	c.sin6_family = AF_INET6;
	c.sin6_addr.s6_addr[15] = 1;
}

/* The whole of calls.txt. */
static int
with_kernel(void)
{
	struct timeval two = { 2, 0 };

	CALL(ipsec_check_keylen(14,3,160));
	CALL(s=pfkey_open());
	if (s < 0)
		return 1;
	(void)setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &two, sizeof(two));
	CALL(pfkey_set_buffer_size(s,0));
	CALL(pfkey_set_buffer_size(s,512));
	keys();
	rates();
	spis();
	associations();
	policies();
	tables();
	return 0;
}

static int
wrong(const char *what)
{
	printf("wrong: %s\n", what);
	return 1;
}

/* A program may set the code and ask for its words. */
static int
error_code(void)
{
	if (strcmp(ipsec_strerror(), "Success") != 0)
		return wrong("the first code");
	__ipsec_errcode = 22;
	if (strcmp(ipsec_strerror(),
	    "Must get supported algorithms list first") != 0)
		return wrong("a code that the program wrote");
	__ipsec_errcode = 99;
	if (strcmp(ipsec_strerror(), "Unknown error") != 0 ||
	    __ipsec_errcode != 30)
		return wrong("a code out of range");
	if (ipsec_get_keylen(99, 1, NULL) != -1 || __ipsec_errcode != 2)
		return wrong("a code that the library wrote");
	__ipsec_set_strerror("broken");
	if (strcmp(ipsec_strerror(), "broken") != 0 || __ipsec_errcode != 26)
		return wrong("a text that the program set");
	return 0;
}

static int
policy_text(void)
{
	char *p = ipsec_set_policy("in prio high + 3 ipsec "
	    "esp/tunnel/10.0.0.1-10.0.0.2/unique:7", 0), *text;
	int r = 0;

	if (p == NULL || ipsec_get_policylen(p) != 64)
		return wrong("ipsec_set_policy()");
	text = ipsec_dump_policy_withports(p, "|");
	if (text == NULL || strcmp(text, "in prio high + 3 ipsec|"
	    "esp/tunnel/10.0.0.1[0]-10.0.0.2[0]/unique:7") != 0)
		r = wrong("ipsec_dump_policy_withports()");
	free(text);
	free(p);
	return r;
}

/* The struct's fields arrive where the library looks for them. */
static int
sa_args(void)
{
	struct sa_args g;
	uint8_t sent[4096];
	int pair[2];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
		return wrong("socketpair()");
	s = pair[0];
	g = esp();
	if (pfkey_send_add2(&g) != 216 || g.type != 3)
		return wrong("pfkey_send_add2()");
	n = recv(pair[1], sent, sizeof(sent), 0);
	/* The SPI is in the first extension, the SA. */
	if (n != 216 || memcmp(sent + 20, "\0\0\x55\x55\4\0\3\x0c", 8) != 0)
		return wrong("the bytes of pfkey_send_add2()");
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* Works, or fails with a reason. */
static int
opening(void)
{
	const char *why;

	s = pfkey_open();
	why = ipsec_strerror();
	if (s >= 0) {
		pfkey_close(s);
		return 0;
	}
	printf("pfkey_open: %s\n", why);
	if (__ipsec_errcode != 26 || strcmp(why, "Success") == 0 ||
	    strcmp(why, "System error") == 0)
		return wrong("the reason of pfkey_open()");
	return 0;
}

int
main(int argc, char **argv)
{
	addresses();
	if (argc > 1 && strcmp(argv[1], "kernel") == 0)
		return with_kernel();
	if (libipsec_opt != 1)
		return wrong("libipsec_opt");
	return error_code() || policy_text() || sa_args() || opening();
}
