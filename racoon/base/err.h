/* SPDX-License-Identifier: ISC */
/*
 * What can go wrong, as named values.  Everything above libc returns one;
 * whoever gives up logs it, once.  A row: name, the notify message type that
 * tells the peer (RFC 2408 3.14.1; 0: none), the words for the log.
 */
#ifndef RACOON_BASE_ERR_H
#define RACOON_BASE_ERR_H

#include <stdint.h>

#define ERR_TABLE(ERR)							\
	ERR(OK, 0, "no error")						\
	/* the datagram */						\
	ERR(E_SHORT, 0, "the message is cut short")			\
	ERR(E_LENGTH, 30, "lengths in the message do not add up")	\
	ERR(E_COOKIE, 4, "unknown or invalid cookie")			\
	ERR(E_MAJOR, 5, "unsupported ISAKMP major version")		\
	ERR(E_MINOR, 6, "unsupported ISAKMP minor version")		\
	ERR(E_EXCHANGE, 7, "unsupported exchange type")			\
	ERR(E_FLAGS, 8, "invalid flags")				\
	ERR(E_MSGID, 9, "invalid message id")				\
	ERR(E_PAYLOAD_TYPE, 1, "unknown payload type")			\
	ERR(E_PAYLOAD, 16, "malformed payload")				\
	ERR(E_UNEXPECTED, 0, "a payload that does not belong here")	\
	ERR(E_MISSING, 16, "a required payload is missing")		\
	ERR(E_PLAIN, 0, "the message should have been encrypted")	\
	ERR(E_DECRYPT, 0, "the message cannot be decrypted "		\
	    "(wrong key or pre-shared key?)")				\
	/* proposals */							\
	ERR(E_DOI, 2, "unsupported DOI")				\
	ERR(E_SITUATION, 3, "unsupported situation")			\
	ERR(E_PROTOCOL, 10, "unknown security protocol")		\
	ERR(E_SPI, 11, "invalid SPI")					\
	ERR(E_TRANSFORM, 12, "unknown transform")			\
	ERR(E_ATTRIBUTE, 13, "unsupported or malformed attribute")	\
	ERR(E_NOPROPOSAL, 14, "no proposal chosen")			\
	ERR(E_PROPOSAL, 15, "bad proposal syntax")			\
	/* key exchange and authentication */				\
	ERR(E_KE, 17, "invalid key exchange data")			\
	ERR(E_NONCE, 16, "invalid nonce")				\
	ERR(E_ID, 18, "unacceptable identity")				\
	ERR(E_CERT, 20, "unacceptable certificate")			\
	ERR(E_HASH, 23, "the hash does not match")			\
	ERR(E_AUTH, 24, "authentication failed")			\
	ERR(E_SIGNATURE, 25, "invalid signature")			\
	ERR(E_NOPSK, 24, "no pre-shared key for this peer")		\
	/* ours */							\
	ERR(E_NOREMOTE, 0, "no remote block matches")			\
	ERR(E_NOSAINFO, 14, "no sainfo block matches")			\
	ERR(E_NOPOLICY, 18, "the kernel has no policy for this")	\
	ERR(E_PASSIVE, 0, "the remote block says passive")		\
	ERR(E_KERNEL, 0, "the kernel refused")				\
	ERR(E_CRYPTO, 0, "the crypto library failed")			\
	ERR(E_TIMEOUT, 0, "no answer from the peer")			\
	ERR(E_LIMIT, 0, "a limit was reached")				\
	ERR(E_REFUSED, 0, "the peer refused")				\
	ERR(E_MOVED, 0, "the peer has another address")			\
	ERR(E_DELETED, 0, "deleted")					\
	ERR(E_STOPPED, 0, "stopped")					\
	ERR(E_DUPLICATE, 0, "a repeated message")			\
	ERR(E_CONFIG, 0, "an error in the configuration")		\
	ERR(E_FILE, 0, "the pre-shared key file cannot be used")	\
	ERR(E_SYSTEM, 0, "a system call failed")

enum err {
#define ERR_ENUM(name, notify, text) name,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
	ERR_COUNT
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* "E_NOPSK" */
const char	*err_name(enum err);
/* "no pre-shared key for this peer" */
const char	*err_text(enum err);
/* The notify message type for the peer, 0 when it is told nothing. */
uint16_t	 err_notify(enum err);

#endif
