/* SPDX-License-Identifier: ISC */
/*
 * The system's names: hosts, UDP services, protocols.
 */
#ifndef SETKEY_RESOLVE_H
#define SETKEY_RESOLVE_H

#include "setkey/parse.h"

extern const struct resolver resolve_system;

#endif
