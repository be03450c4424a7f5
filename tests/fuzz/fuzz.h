/* A fuzz target: the entry that libFuzzer calls (clang -fsanitize=fuzzer,address target.c …). It aborts when something
 * does not hold. */
#ifndef FZ_TESTS_FUZZ_H
#define FZ_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
