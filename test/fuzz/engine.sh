#!/bin/sh
# Each input is a whole negotiation: fewer mutants than the other targets.
exec test/fuzz/fuzz_engine -m "${FUZZ_MUTANTS:-10}" \
    "${srcdir:-.}/test/fuzz/corpus/engine"
