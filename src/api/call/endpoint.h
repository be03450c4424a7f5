/* An endpoint: what the server does for a call. To add one: a file with its row, beside the call's description
 * in src/spec. */
#ifndef FZ_API_CALL_ENDPOINT_H
#define FZ_API_CALL_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/server/refusal.h"
#include "book/merchant/merchant.h"
#include "book/order/payment.h"
#include "spec/calls.h"
#include "spec/server/request.h"
#include "store/store.h"
#include "wire/server/token.h"

/* ---- a call ---- */

/* The caller and what belongs to the request at hand; filled by the server, the same for `check` and
 * `work`. */
struct fz_call {
    const char *caller; /* mchid, whose signature was good */
    enum fz_merchant_kind kind;
    bool old_spelling;                    /* the path was under /hk/v3 */
    bool limits;                          /* they hold: --limits real, POST /limits */
    bool repeats_alone; /* too many of the caller's refunds were faulty: only a repeat of an accepted one is answered */
    unsigned char digest[FZ_DIGEST_SIZE]; /* of the content, for idempotency */
    struct fz_arena *arena;
    struct fz_error *error; /* where check refuses */
    /* Bill links */
    const char *origin; /* "http://127.0.0.1:8080": scheme and Host of the request, or --public-url */
    const unsigned char *token_key; /* 32 bytes */
    /* Sealing for the caller, and opening what was sealed for the platform */
    const unsigned char *apiv3_key; /* 32 bytes */
    /* Refuses with FZ_SEALED_NO_SERIAL, FZ_SEALED_SPELLING or FZ_SEALED_SERIAL; FZ_MALFORMED: not sealed for the key that is named. */
    enum fz_result (*open_sealed)(const struct fz_call *call, const char *base64, char *out, size_t out_size);
    const void *keys; /* the server's, for open_sealed */
    bool public_key_only; /* the caller checks answers with the platform's public key and has no certificate */
    const struct fz_received *received; /* of an endpoint that takes a file */
    int64_t now_ms; /* book time at the start of the request, for `check` (tx->now_ms is what `work` sees) */
};

enum fz_rate_class { FZ_RATE_GENERAL, FZ_RATE_REFUND_QUERY, FZ_RATE_REFUND_SUBMIT };

struct fz_endpoint {
    const struct fz_spec *spec;
    size_t out_size; /* of what `work` fills; of an answer that is a file, a struct fz_bill_link: the server sends the file */
    enum fz_rate_class rate_class;

    /* What a row cannot say: rules between parameters. No book. May be NULL. Refuses through call->error. */
    enum fz_result (*check)(struct fz_call *call, void *params);
    /* What `work` asks first, for fz_ask_ahead: of a read all that it asks, as a rule. May be NULL. */
    void (*ahead)(struct fz_tx *tx, const struct fz_call *call, const void *params);
    /* In a transaction; may run more than once; fills `out` (zeroed before each run): a struct that begins
     * with the answer's, and further has what the answer borrows from. */
    enum fz_result (*work)(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out);
};

/* A text of the book as an answer has it: NULL where "" stands for none. */
static inline const char *fz_given(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/* All rows. */
const struct fz_endpoint *const *fz_endpoints(size_t *count);

/* The endpoint of a route; NULL: none. */
const struct fz_endpoint *fz_endpoint_of(const struct fz_route *route);

/* Reads and checks the request into `*params`, and the content's digest into call->digest: see fz_request_read. */
FZ_MUST_CHECK enum fz_result fz_parameters_read(const struct fz_route *route, struct fz_call *call,
                                                const void *body, size_t body_size, void **params);

/* ---- bills (bill/refunds.c, bill/distributions.c, bill/trades.c) ---- */

/* The number of what bills say and how. To be raised with every change of that: then bills that an older program made
 * are made anew. */
#define FZ_BILL_FORMAT 1

struct fz_bill_writer;
/* Writes the whole text of the bill that `link` names, range by range (10 000 rows a transaction), through
 * `read` = a reader of the caller's thread. `overview_first` puts the summary before the details (the
 * documents disagree). */
FZ_MUST_CHECK enum fz_result fz_bill_write(struct fz_reader *reader, const struct fz_bill_link *link,
                                           bool overview_first, struct fz_bill_writer *writer);

#endif
