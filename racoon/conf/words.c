/* SPDX-License-Identifier: ISC */
/* The words of racoon.conf that are known in every block. */
#include "conf/words.h"

#include <netinet/in.h>
#include <string.h>

#include "conf/lex.h"
#include "wire/isakmp.h"

#define ALG(word)	{ word, T_ALG, 0 }

const struct word common_words[] = {
	{ "on", T_SWITCH, 1 },
	{ "off", T_SWITCH, 0 },
	{ "yes", T_YESNO, 1 },
	{ "no", T_YESNO, 0 },
	{ "sec", T_TIME, 1 },
	{ "secs", T_TIME, 1 },
	{ "second", T_TIME, 1 },
	{ "seconds", T_TIME, 1 },
	{ "min", T_TIME, 60 },
	{ "mins", T_TIME, 60 },
	{ "minute", T_TIME, 60 },
	{ "minutes", T_TIME, 60 },
	{ "hour", T_TIME, 3600 },
	{ "hours", T_TIME, 3600 },
	{ "B", T_SIZE, 1 },
	{ "byte", T_SIZE, 1 },
	{ "bytes", T_SIZE, 1 },
	{ "KB", T_SIZE, 1UL << 10 },
	{ "MB", T_SIZE, 1UL << 20 },
	{ "TB", T_SIZE, 1UL << 30 },
	{ "address", T_IDTYPE, ID_IPV4 },
	{ "subnet", T_IDTYPE, ID_IPV4_SUBNET },
	{ "fqdn", T_IDTYPE, ID_FQDN },
	{ "user_fqdn", T_IDTYPE, ID_USER_FQDN },
	{ "keyid", T_IDTYPE, ID_KEY_ID },
	{ "asn1dn", T_IDTYPE, ID_DER_ASN1_DN },
	{ "tag", T_QUALIFIER, 0 },
	{ "file", T_QUALIFIER, 1 },
	{ "esp", T_PROTO, IPPROTO_ESP },
	{ "ah", T_PROTO, IPPROTO_AH },
	{ "ipcomp", T_PROTO, IPPROTO_COMP },
	{ "icmp", T_PROTO, IPPROTO_ICMP },
	{ "icmp6", T_PROTO, IPPROTO_ICMPV6 },
	{ "tcp", T_PROTO, IPPROTO_TCP },
	{ "udp", T_PROTO, IPPROTO_UDP },
	{ "gre", T_PROTO, IPPROTO_GRE },
	ALG("des_iv64"), ALG("des"), ALG("3des"), ALG("rc5"), ALG("idea"),
	ALG("cast128"), ALG("blowfish"), ALG("3idea"), ALG("des_iv32"),
	ALG("rc4"), ALG("null_enc"), ALG("null"), ALG("aes"),
	ALG("rijndael"), ALG("twofish"), ALG("camellia"),
	ALG("aes_ctr"), ALG("aes_ccm_8"), ALG("aes_ccm_12"), ALG("aes_ccm_16"),
	ALG("aes_gcm_8"), ALG("aes_gcm_12"), ALG("aes_gcm_16"),
	ALG("aes_gmac"),
	ALG("md5"), ALG("sha1"), ALG("tiger"),
	ALG("sha256"), ALG("sha384"), ALG("sha512"),
	ALG("sha2_256"), ALG("sha2_384"), ALG("sha2_512"),
	ALG("non_auth"), ALG("des_mac"), ALG("kpdk"),
	ALG("hmac_md5"), ALG("hmac_sha1"),
	ALG("hmac_sha256"), ALG("hmac_sha256_96"),
	ALG("hmac_sha384"), ALG("hmac_sha512"),
	ALG("hmac_sha2_256"), ALG("hmac_sha2_384"), ALG("hmac_sha2_512"),
	ALG("oui"), ALG("deflate"), ALG("lzs"),
	ALG("modp768"), ALG("modp1024"), ALG("modp1536"), ALG("modp2048"),
	ALG("modp3072"), ALG("modp4096"), ALG("modp6144"), ALG("modp8192"),
	ALG("ec2n155"), ALG("ec2n185"),
	ALG("modp1024s160"), ALG("modp2048s224"), ALG("modp2048s256"),
	ALG("ecp256"), ALG("ecp384"), ALG("ecp521"),
	ALG("curve25519"), ALG("x25519"),
	ALG("pre_shared_key"), ALG("rsasig"), ALG("dsssig"), ALG("rsaenc"),
	ALG("rsarev"), ALG("gssapi_krb"),
	ALG("ecdsa256"), ALG("ecdsa384"), ALG("ecdsa521"),
	ALG("xauth_psk_client"), ALG("xauth_psk_server"),
	ALG("xauth_rsa_client"), ALG("xauth_rsa_server"),
	ALG("hybrid_rsa_client"), ALG("hybrid_rsa_server"),
	ALG("hybrid_dss_client"), ALG("hybrid_dss_server"),
	{ .text = NULL }
};

static const struct method_word methods[] = {
	{ "pre_shared_key", P1_METHOD_PSK },
	{ "dsssig", P1_METHOD_DSS },
	{ "rsasig", P1_METHOD_RSA },
	{ "ecdsa256", P1_METHOD_ECDSA256 },
	{ "ecdsa384", P1_METHOD_ECDSA384 },
	{ "ecdsa521", P1_METHOD_ECDSA521 },
	{ "rsaenc", 4 },
	{ "rsarev", 5 },
	{ "gssapi_krb", P1_METHOD_GSS },
	{ "xauth_psk_client", 65001 },
	{ "xauth_psk_server", 65002 },
	{ "xauth_rsa_client", 65005 },
	{ "xauth_rsa_server", 65006 },
	{ "hybrid_rsa_client", 64221 },
	{ "hybrid_rsa_server", 64222 },
	{ "hybrid_dss_client", 64223 },
	{ "hybrid_dss_server", 64224 },
	{ .word = NULL }
};

const struct method_word *
method_word(const char *word)
{
	for (const struct method_word *m = methods; m->word != NULL; m++)
		if (strcmp(m->word, word) == 0)
			return m;
	return NULL;
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}
