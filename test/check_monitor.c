/* SPDX-License-Identifier: ISC */
/*
 * The monitor's table, as a worker finds it that is not what it was: whatever
 * it asks for, it gets what racoon.conf names and nothing else.
 */
#include "crypto/plainrsa.h"
#include "test/monitor_stage.h"

/* ---- files ---- */

START_TEST(files)
{
	static const char private[] = "PRIVATE KEY";
	struct stage *s = stage_new();
	uint8_t *room = xcalloc(1, TEXT_MAX);
	struct view v;

	ck_assert(ask_file(s, MON_OPEN, MON_FILE_PSK, "psk.txt"));
	v = contents(s, room, TEXT_MAX);
	ck_assert(view_equal(v, view_text("192.0.2.1 secret\n")));
	ck_assert_int_eq(fcntl(s->fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_CERT, "cert.pem"));
	ck_assert(has(contents(s, room, TEXT_MAX), view_text("CERTIFICATE")));
	/* both in one file: the key stays here */
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_CERT, "both.pem"));
	v = contents(s, room, TEXT_MAX);
	ck_assert(has(v, view_text("END CERTIFICATE")));
	ck_assert(!has(v, view_text(private)));
	/* what racoon.conf does not name, or for something else */
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_CERT, "key.pem"));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_PSK, "key.pem"));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_CERT, "psk.txt"));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_PSK, "other.txt"));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_CERT, "../etc/shadow"));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_CERT, "12345678.0/x"));
	ck_assert(!ask_path(s, MON_OPEN, MON_FILE_CERT, "/etc/shadow"));
	ck_assert(!ask_path(s, MON_OPEN, MON_FILE_CERT, ""));
	ck_assert(!ask_path(s, MON_OPEN, MON_FILE_END, "/etc/shadow"));
	/* the names of authorities in `path certificate' */
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_CERT, "12345678.0"));
	ck_assert_int_eq(s->a.result, -ENOENT);
	ck_assert(ask_path(s, MON_LIST, 0, s->dir));
	ck_assert(!ask_path(s, MON_LIST, 0, "/etc"));
	/* a NUL hides nothing */
	s->m.num[0] = MON_FILE_PSK;
	s->m.text = view_of("/etc/shadow\0", 12);
	ck_assert(!ask(s, MON_OPEN));
	s->m.num[0] = MON_FILE_PROC;
	s->m.num[1] = MON_PROC_END;
	ck_assert(!ask(s, MON_OPEN));
	s->m.num[0] = MON_FILE_PROC;
	s->m.num[1] = MON_PROC_SNMP;
	ck_assert(ask(s, MON_OPEN));
	free(room);
	stage_free(s);
}
END_TEST

/* another(S, LINES): racoon.conf has these, too, and is in force. */
static void
another(struct stage *s, const char *lines)
{
	char *text = xasprintf("path certificate \"%s\";\n%s", s->dir,
	    lines);

	put_file(s, "racoon.conf", view_text(text), 0600);
	free(text);
	ck_assert_int_eq(table_read(&s->t), OK);
	table_keep(&s->t, true);
}

static bool
ask_resolv(struct stage *s)
{
	s->m.num[0] = MON_FILE_RESOLV;
	s->m.text = view_text("");
	return ask(s, MON_OPEN);
}

/* The empty root has a copy for those who look up certificates. */
START_TEST(resolver)
{
	struct stage *s = stage_new();
	char *copy = in_dir(s, "resolv");
	struct stat first, then;

	s->t.resolv = copy;
	ck_assert(ask_resolv(s));
	ck_assert_int_eq(stat(copy, &first), -1);
	another(s, "remote 192.0.2.1 { exchange_mode main;"
	    " certificate_type x509 \"cert.pem\" \"key.pem\";"
	    " peers_certfile dnssec;"
	    " proposal { encryption_algorithm aes; hash_algorithm sha1;"
	    "  authentication_method rsasig; dh_group 2; } }");
	ck_assert_int_eq(stat(HERE_RESOLV, &then), stat(copy, &first));
	if (access(HERE_RESOLV, R_OK) == 0) {
		ck_assert_int_eq(first.st_size, then.st_size);
		/* what did not change stays, */
		ck_assert(ask_resolv(s));
		ck_assert_int_eq(stat(copy, &then), 0);
		ck_assert_uint_eq(first.st_ino, then.st_ino);
		/* what did is replaced */
		put_file(s, "resolv", view_text("nameserver 192.0.2.9\n"),
		    0644);
		ck_assert(ask_resolv(s));
		ck_assert_int_eq(stat(copy, &then), 0);
		ck_assert_int_eq(first.st_size, then.st_size);
	}
	s->t.resolv = NULL;
	(void)unlink(copy);
	free(copy);
	stage_free(s);
}
END_TEST

START_TEST(metrics_socket)
{
	struct stage *s = stage_new();
	struct sockaddr_in sin;
	socklen_t n = sizeof(sin);

	ck_assert(!ask(s, MON_METRICS));
	another(s, "listen { metrics 127.0.0.1 [15501]; }");
	ck_assert(ask(s, MON_METRICS));
	ck_assert_int_eq(s->a.result, 0);
	ck_assert_int_eq(getsockname(s->fd, (struct sockaddr *)&sin, &n), 0);
	ck_assert_uint_eq(ntohs(sin.sin_port), 15501);
	another(s, "listen { metrics 192.0.2.77 [15501]; }");
	ck_assert(ask(s, MON_METRICS));
	ck_assert_int_eq(s->a.result, -EADDRNOTAVAIL);
	stage_free(s);
}
END_TEST

/* As rehash(1) names what is in `path certificate'. */
static struct view
behind(struct stage *s, const char *file, uint8_t *room)
{
	char *name = in_dir(s, "12345678.1");

	(void)unlink(name);
	ck_assert_int_eq(symlink(file, name), 0);
	free(name);
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_CERT, "12345678.1"));
	return contents(s, room, TEXT_MAX);
}

START_TEST(keys_behind_other_names)
{
	static const char line[] = "PrivateExponent";
	struct stage *s = stage_new();
	uint8_t *room = xcalloc(1, TEXT_MAX);
	EVP_PKEY *pkey = pki_key("RSA:2048");
	struct key *key = NULL;
	const char *why;
	struct view v;
	struct buf b;
	size_t n;

	ck_assert(has(behind(s, "cert.pem", room), view_text("END CERTIF")));
	v = behind(s, "both.pem", room);
	ck_assert(has(v, view_text("END CERTIF")));
	ck_assert(!has(v, view_text("PRIVATE KEY")));
	ck_assert_uint_eq(behind(s, "key.pem", room).n, 0);
	ck_assert_uint_eq(behind(s, ".", room).n, 0);
	ck_assert_int_eq(s->a.result, -EISDIR);
	ck_assert_int_eq(s->fd, -1);
	buf_init(&b, TEXT_MAX);
	pki_put_key(&b, pkey, "DER");
	put_file(s, "der", buf_view(&b), 0600);
	ck_assert_int_eq(key_read(s->crypto, buf_view(&b), &key, &why), OK);
	ck_assert_uint_eq(behind(s, "der", room).n, 0);
	buf_reset(&b);
	ck_assert_int_eq(plainrsa_print(key, &b), OK);
	ck_assert(has(buf_view(&b), view_text(line)));
	put_file(s, "plain", buf_view(&b), 0600);
	buf_reset(&b);
	/* a certificate that was cut, and what follows */
	buf_add(&b, view_text("-----BEGIN CERTIFICATE-----\n"));
	buf_add(&b, buf_view(&s->secret));
	n = behind(s, "cert.pem", room).n;
	buf_add(&b, view_of(room, n));
	put_file(s, "cut", buf_view(&b), 0600);
	v = behind(s, "cut", room);
	ck_assert_uint_eq(v.n, n);
	ck_assert(!has(v, view_text("PRIVATE KEY")));
	v = behind(s, "plain", room);
	ck_assert(has(v, view_text("PUB")));
	ck_assert(!has(v, view_text(line)));
	buf_fini(&b);
	key_unref(key);
	EVP_PKEY_free(pkey);
	free(room);
	stage_free(s);
}
END_TEST

START_TEST(handing_over)
{
	struct stage *s = stage_new();
	char *path = in_dir(s, "left");

	s->t.handover = path;
	ck_assert(!ask(s, MON_GIVEN));
	ck_assert(ask(s, MON_GIVE));
	ck_assert_int_eq(write(s->fd, "state", 5), 5);
	ck_assert(!ask(s, MON_GIVE));
	ck_assert(ask(s, MON_GIVEN));
	ck_assert_int_eq(s->a.result, 0);
	ck_assert(!ask(s, MON_GIVEN));
	/* the service manager keeps each: once is enough */
	ck_assert(!ask(s, MON_GIVE));
	table_begin(&s->t);
	ck_assert(ask(s, MON_TAKE));
	ck_assert_int_eq(s->a.result, 0);
	ck_assert(ask(s, MON_TAKE));
	ck_assert_int_eq(s->a.result, -ENOENT);
	/* more than there is room for */
	ck_assert(ask(s, MON_GIVE));
	ck_assert_int_eq(ftruncate(s->fd, (off_t)1 << 40), 0);
	ck_assert(ask(s, MON_GIVEN));
	ck_assert_int_lt(s->a.result, 0);
	free(path);
	stage_free(s);
}
END_TEST

START_TEST(configuration)
{
	struct stage *s = stage_new();
	struct conf_opener player;
	struct confbox box;
	struct conf *conf;
	ssize_t n;
	uint8_t *room = xcalloc(1, TEXT_MAX);

	ck_assert(!ask(s, MON_KEEP));		/* nothing was offered */
	ck_assert(ask(s, MON_CONF));
	confbox_init(&box);
	while ((n = read(s->fd, room, TEXT_MAX)) > 0)
		buf_put(&box.bytes, room, (size_t)n);
	/* the same, though the files are gone */
	put_file(s, "racoon.conf", view_text("rubbish"), 0600);
	player = confbox_player(&box, false);
	ck_assert_int_eq(conf_read(&player, s->t.path, &conf), OK);
	ck_assert_uint_eq(conf->nremote, 2);
	conf_unref(conf);
	confbox_fini(&box);
	ck_assert(ask(s, MON_CONF));
	ck_assert_int_lt(s->a.result, 0);
	ck_assert(!ask(s, MON_KEEP));
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_PSK, "psk.txt"));
	/* a reload: both count until it is over */
	put_file(s, "racoon.conf",
	    view_text("path pre_shared_key \"/dev/null\";\n"), 0600);
	ck_assert(ask(s, MON_CONF));
	ck_assert_int_eq(s->a.result, 0);
	ck_assert(ask_path(s, MON_OPEN, MON_FILE_PSK, "/dev/null"));
	ck_assert(ask_file(s, MON_OPEN, MON_FILE_PSK, "psk.txt"));
	ck_assert(ask(s, MON_KEEP));		/* no */
	ck_assert(!ask_path(s, MON_OPEN, MON_FILE_PSK, "/dev/null"));
	ck_assert(ask(s, MON_CONF));
	s->m.num[0] = 1;
	ck_assert(ask(s, MON_KEEP));
	ck_assert(!ask_file(s, MON_OPEN, MON_FILE_PSK, "psk.txt"));
	free(room);
	stage_free(s);
}
END_TEST

/* ---- keys ---- */

START_TEST(keys)
{
	static const uint8_t hash[32] = { 1, 2, 3 };
	struct stage *s = stage_new();
	const struct key_signer none = { NULL, NULL };
	struct key *key = NULL;
	uint8_t *room = xcalloc(1, TEXT_MAX);
	const char *why;
	struct view public;

	ck_assert(!ask_file(s, MON_KEY, 0, "cert.pem"));
	ck_assert(!ask_file(s, MON_KEY, 1, "key.pem"));
	ck_assert(!ask_file(s, MON_KEY, 2, "key.pem"));
	ck_assert(ask_file(s, MON_KEY, 0, "key.pem"));
	public = contents(s, room, TEXT_MAX);
	ck_assert_int_eq(key_remote(s->crypto, public, &none, &key, &why), OK);
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(hash, sizeof(hash));
	ck_assert(ask_on(s, MON_SIGNS, MON_SIGN));
	ck_assert_int_eq(s->a.result, 0);
	ck_assert_int_eq(sign_check(s->crypto, key, P1_METHOD_RSA,
	    view_of(hash, sizeof(hash)), s->a.text), OK);
	/* not a hash, another method, another key, the other socket */
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(hash, 15);
	ck_assert(!ask_on(s, MON_SIGNS, MON_SIGN));
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(room, 65);
	ck_assert(!ask_on(s, MON_SIGNS, MON_SIGN));
	s->m.num[0] = P1_METHOD_ECDSA256;
	s->m.text = public;
	s->m.more = view_of(hash, 32);
	ck_assert(ask_on(s, MON_SIGNS, MON_SIGN));
	ck_assert_int_eq(s->a.result, -ENOKEY);
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = view_of(public.p, public.n - 1);
	s->m.more = view_of(hash, sizeof(hash));
	ck_assert(ask_on(s, MON_SIGNS, MON_SIGN));
	ck_assert_int_eq(s->a.result, -ENOKEY);
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(hash, sizeof(hash));
	ck_assert(!ask_on(s, MON_CALLS, MON_SIGN));
	/* a worker that is new has to ask anew */
	table_begin(&s->t);
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(hash, sizeof(hash));
	ck_assert(ask_on(s, MON_SIGNS, MON_SIGN));
	ck_assert_int_eq(s->a.result, -ENOKEY);
	key_unref(key);
	free(room);
	stage_free(s);
}
END_TEST

/*
 * What is padded and signed is what he asks for: with a DigestInfo in front of
 * the hash it would be a signature that others take for one of their kind.
 */
START_TEST(no_oracle)
{
	static const uint8_t sha256[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
		0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
		0x00, 0x04, 0x20 };
	/* without parameters: as long as a hash */
	static const uint8_t md5[] = { 0x30, 0x1e, 0x30, 0x0a, 0x06, 0x08,
		0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x04, 0x10 };
	static const size_t good[] = { 16, 20, 32, 48, 64 };
	struct stage *s = stage_new();
	uint8_t *room = xcalloc(1, TEXT_MAX), in[65] = { 0 };
	struct view public;
	size_t next = 0;

	ck_assert(ask_file(s, MON_KEY, 0, "key.pem"));
	public = contents(s, room, TEXT_MAX);
	for (size_t n = 0; n <= sizeof(in); n++) {
		bool hash = next < 5 && n == good[next];

		s->m.num[0] = P1_METHOD_RSA;
		s->m.text = public;
		s->m.more = view_of(in, n);
		ck_assert_msg(ask_on(s, MON_SIGNS, MON_SIGN) == hash,
		    "%zu bytes", n);
		next += hash;
	}
	memcpy(in, sha256, sizeof(sha256));
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(in, sizeof(sha256) + 32);
	ck_assert(!ask_on(s, MON_SIGNS, MON_SIGN));
	memcpy(in, md5, sizeof(md5));
	s->m.num[0] = P1_METHOD_RSA;
	s->m.text = public;
	s->m.more = view_of(in, sizeof(md5) + 16);
	ck_assert(!ask_on(s, MON_SIGNS, MON_SIGN));
	/* a curve has but one */
	for (size_t i = 0; i < 5; i++) {
		memset(in, 0, sizeof(in));
		s->m.num[0] = P1_METHOD_ECDSA384;
		s->m.text = public;
		s->m.more = view_of(in, good[i]);
		ck_assert(ask_on(s, MON_SIGNS, MON_SIGN) == (good[i] == 48));
	}
	free(room);
	stage_free(s);
}
END_TEST

/* ---- sockets and scripts ---- */

START_TEST(sockets)
{
	struct stage *s = stage_new();

	ck_assert(ask_bind(s, "127.0.0.1", 15500, 0));
	ck_assert(!ask_bind(s, "127.0.0.1", 22, 0));
	ck_assert(!ask_bind(s, "127.0.0.2", 15500, 0));
	ck_assert(!ask_bind(s, "0.0.0.0", 500, 0));
	ck_assert(!ask_bind(s, "127.0.0.1", 15500, 2));
	s->m.addr.family = AF_UNIX;
	ck_assert(!ask(s, MON_BIND));
	ck_assert(ask_raw(s, AF_INET, IPPROTO_ESP));
	ck_assert(!ask_raw(s, AF_INET, IPPROTO_ICMP));
	ck_assert(!ask_raw(s, AF_PACKET, IPPROTO_ESP));
	ck_assert(!ask(s, MON_SOURCE));
	ck_assert(addr_parse(&s->m.addr, "127.0.0.1"));
	ck_assert(ask(s, MON_SOURCE));
	ck_assert(ask(s, MON_ADMIN));
	stage_free(s);
}
END_TEST

START_TEST(scripts)
{
#define ENV(t)	t, sizeof(t)
	static const char *const bad[] = { "REMOTE_ADDR=$(id)",
		"LOCAL_ADDR=1 2", "REMOTE_PORT=-1", "LOCAL_PORT=5;x",
		"IKE_COOKIE=1\n2", "INTERNAL_DNS4=1.2.3.4;id",
		"DEFAULT_DOMAIN=`id`", "SPLIT_INCLUDE=*", "REMOTE_ID=a\nb",
		"REMOTE_ID=\033[2J", "INTERNAL_ADDR4=|id" };
	static const char *const good[] = { "REMOTE_ADDR=fe80::1%eth0.7",
		"LOCAL_PORT=4500", "IKE_COOKIE=0123456789abcdef:0", "REMOTE_ID="
		"CN=a b, O=\"c\" $(id)", "INTERNAL_CIDR4=0", "SPLIT_INCLUDE="
		"10.0.0.0/255.0.0.0 10.1.0.0/16", "DEFAULT_DOMAIN=" };
	struct stage *s = stage_new();
	char *room = xcalloc(20001, 1);

	ck_assert(ask_hook(s, CONF_PHASE1_UP, "/bin/true",
	    ENV("REMOTE_ADDR=192.0.2.1\0REMOTE_ID=x=y")));
	ck_assert(!ask_hook(s, CONF_PHASE1_DOWN, "/bin/true",
	    ENV("REMOTE_ADDR=1")));
	ck_assert(!ask_hook(s, CONF_NSCRIPTS, "/bin/true",
	    ENV("REMOTE_ADDR=1")));
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/sh",
	    ENV("REMOTE_ADDR=1")));
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/true",
	    ENV("LD_PRELOAD=/tmp/x.so")));
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/true",
	    ENV("REMOTE_ADDR=1\0PATH=/tmp")));
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/true",
	    "REMOTE_ADDR=1", 13));		/* has no end */
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/true",
	    ENV("REMOTE_ADDR")));
	ck_assert(ask(s, MON_HOOKS));
	ck_assert_uint_le(s->a.num[0], 1);
	/* what a script that does not quote would stumble over */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!ask_hook(s, CONF_PHASE1_UP, "/bin/true",
		    bad[i], strlen(bad[i]) + 1), "%s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(ask_hook(s, CONF_PHASE1_UP, "/bin/true",
		    good[i], strlen(good[i]) + 1), "%s", good[i]);
	memset(room, 'x', 20000);
	memcpy(room, "REMOTE_ID=", 10);
	ck_assert(!ask_hook(s, CONF_PHASE1_UP, "/bin/true", room, 20000));
	free(room);
	stage_free(s);
}
END_TEST

/* ---- the kernel ---- */

START_TEST(policies)
{
	struct stage *s = stage_new();

	good_policy(&s->m.policy);
	ck_assert(ask(s, MON_POLICY_SET));
	ck_assert_int_eq(s->a.result, 0);
	good_policy(&s->m.policy);
	s->m.policy.action = IPSEC_ACTION_NONE;
	ck_assert(!ask(s, MON_POLICY_SET));
	good_policy(&s->m.policy);
	s->m.policy.ntmpl = 0;
	ck_assert(!ask(s, MON_POLICY_SET));
	good_policy(&s->m.policy);
	s->m.policy.priority = 1;
	ck_assert(!ask(s, MON_POLICY_SET));
	good_policy(&s->m.policy);
	s->m.policy.hard.add = 0;
	ck_assert(!ask(s, MON_POLICY_SET));
	/* an administrator's stays */
	s->kernel.has = true;
	good_policy(&s->m.policy);
	s->m.num[0] = 1;
	ck_assert(ask(s, MON_POLICY_SET));
	ck_assert_int_eq(s->a.result, -EPERM);
	good_policy(&s->m.policy);
	ck_assert(ask(s, MON_POLICY_DELETE));
	ck_assert_int_eq(s->a.result, -EPERM);
	good_policy(&s->kernel.there);
	s->kernel.there.index = 77;
	good_policy(&s->m.policy);
	ck_assert(ask(s, MON_POLICY_DELETE));
	ck_assert_int_eq(s->a.result, 0);
	/* whose is it? */
	s->kernel.broken = -ENOBUFS;
	good_policy(&s->m.policy);
	ck_assert(ask(s, MON_POLICY_DELETE));
	ck_assert_int_eq(s->a.result, -ENOBUFS);
	good_policy(&s->m.policy);
	s->m.num[0] = 1;
	ck_assert(ask(s, MON_POLICY_SET));
	ck_assert_int_eq(s->a.result, -ENOBUFS);
	s->kernel.broken = 0;
	s->kernel.has = false;
	good_policy(&s->m.policy);
	ck_assert(ask(s, MON_POLICY_DELETE));
	ck_assert_int_eq(s->a.result, -ENOENT);
	ck_assert_uint_eq(s->kernel.deletes, 1);
	ck_assert_uint_eq(s->kernel.sets, 1);
	stage_free(s);
}
END_TEST

/* Where no block says generate_policy there is none to be made. */
START_TEST(no_policies)
{
	struct stage *s = stage_new();

	permit_fini(&s->t.permit);
	memset(&s->t.permit, 0, sizeof(s->t.permit));
	put_file(s, "racoon.conf", view_text("remote anonymous {"
	    " exchange_mode main; proposal { encryption_algorithm aes;"
	    " hash_algorithm sha1; authentication_method pre_shared_key;"
	    " dh_group 2; } }\n"), 0600);
	ck_assert_int_eq(table_read(&s->t), OK);
	table_keep(&s->t, true);
	good_policy(&s->m.policy);
	ck_assert(!ask(s, MON_POLICY_SET));
	ck_assert_uint_eq(s->kernel.sets, 0);
	stage_free(s);
}
END_TEST

START_TEST(associations)
{
	struct stage *s = stage_new();

	s->m.num[0] = IPSEC_FLUSH_POLICY;
	ck_assert(!ask(s, MON_FLUSH));
	s->m.num[0] = IPSEC_FLUSH_SA;
	s->m.num[1] = 256 + IPSEC_PROTO_ESP;
	ck_assert(!ask(s, MON_FLUSH));
	s->m.num[0] = IPSEC_FLUSH_SA;
	ck_assert(ask(s, MON_FLUSH));
	ck_assert_uint_eq(s->kernel.flushes, 1);
	s->m.sa.offload.kind = IPSEC_OFFLOAD_PACKET;
	ck_assert(!ask(s, MON_SA_SET));
	s->m.sa.output_mark.mask = 1;
	ck_assert(!ask(s, MON_SA_SET));
	s->m.num[0] = IPSEC_LISTEN_POLICY;
	ck_assert(!ask(s, MON_LISTEN));
	s->m.num[0] = IPSEC_ALG_COMP + 1;
	ck_assert(!ask(s, MON_CAN));
	/* nonsense is answered as the library does, with the reason */
	ck_assert(ask(s, MON_SA_SET));
	ck_assert_int_eq(s->a.result, -EINVAL);
	ck_assert_uint_gt(s->a.text.n, 0);
	ck_assert_uint_eq(s->kernel.calls, 0);
	ck_assert(ask(s, MON_SA_DUMP));
	ck_assert_uint_eq(s->parts.n, SAS * sizeof(struct ipsec_sa));
	stage_free(s);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { files, keys_behind_other_names,
		resolver, metrics_socket, handing_over, configuration, keys,
		no_oracle, sockets, scripts, policies, no_policies,
		associations };

	return suite_main("monitor", tests, sizeof(tests) / sizeof(tests[0]));
}
