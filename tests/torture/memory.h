/* All memory of a client and of the libraries below it: each block can be the one that there is no more room for. */
#ifndef FZ_TORTURE_MEMORY_H
#define FZ_TORTURE_MEMORY_H

#include <stdbool.h>

enum owner { OURS, JANSSON, CURL_S, OPENSSL, OWNERS };
extern const char *const owners[]; /* their names */

struct memory {
    unsigned long taken, failing; /* in this life; which fails (0: none) */
    bool failed;
    long held;
};
extern struct memory memory[OWNERS];

/* Before the first of them is used. */
void use_memory(void);

#endif
