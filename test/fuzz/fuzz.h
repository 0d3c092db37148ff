/* SPDX-License-Identifier: ISC */
/* What every fuzz target defines; libFuzzer or standalone.c calls it. */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs the code under test on N bytes; always returns 0. */
int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
