/* SPDX-License-Identifier: ISC */
/*
 * What a racoon that stops hands to the next one, as bytes: its IKE SAs with
 * their keys, and which children there are.  ike_save() and ike_restore() are
 * declared in ike.h; the daemon sees to it that the bytes are not from another
 * boot, nor in other hands.
 */
#ifndef RACOON_IKE_HANDOVER_H
#define RACOON_IKE_HANDOVER_H

#define HANDOVER_VERSION	1u	/* of the bytes; others are refused */
#define HANDOVER_SAS		65536u
#define HANDOVER_CHILDREN	262144u
#define HANDOVER_NAME		1024u	/* bytes of a remote block's name */

#endif
