/* The token of a bill link: says whose file of which day it is, until when, and proves that this book issued
 * it. It names no path, so every process can check it (decision in docs/fidelity.md). */
#ifndef FZ_WIRE_SERVER_TOKEN_H
#define FZ_WIRE_SERVER_TOKEN_H

#include <stdint.h>

#include "base/result.h"

/* A statement of trades is fetched without a link, so no token has its kind. */
enum fz_bill_sort { FZ_SORT_REFUNDS = 1, FZ_SORT_DISTRIBUTIONS = 2, FZ_SORT_TRADES = 3 };

struct fz_bill_link {
    char caller[33];
    char sub_mchid[33]; /* empty: all */
    enum fz_bill_sort kind;
    int day;            /* Beijing day, see base/calendar.h */
    int64_t expires_ms; /* book time */
};

#define FZ_TOKEN_SIZE 256

/* base64url of the fields and an HMAC-SHA-256 under `key`. FZ_FAILED when memory is short. */
FZ_MUST_CHECK enum fz_result fz_token_write(const struct fz_bill_link *link, const unsigned char key[32],
                                            char out[FZ_TOKEN_SIZE]);
/* FZ_MALFORMED unless it was written under `key` (compared in constant time). Does not look at the clock. */
FZ_MUST_CHECK enum fz_result fz_token_read(const char *token, const unsigned char key[32],
                                           struct fz_bill_link *out);

#endif
