/* An endpoint: one row, and beside it its three functions. Router, parameter checks, OpenAPI, the documents'
 * tables and the test that checks every answer are made from the rows. To add one: a file with its row, and
 * its name in endpoints.def. */
#ifndef FZ_API_ENDPOINT_H
#define FZ_API_ENDPOINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/example.h"
#include "base/arena.h"
#include "base/server/refusal.h"
#include "book/merchant/merchant.h"
#include "book/order/payment.h"
#include "store/store.h"
#include "wire/error_body.h"
#include "wire/json_text.h"
#include "wire/token.h"

/* ---- what an endpoint declares ---- */

enum fz_place { FZ_IN_PATH, FZ_IN_QUERY, FZ_IN_BODY };
/* The numbers go into content digests, which books keep: never renumber. */
enum fz_parameter_kind { FZ_STRING, FZ_INTEGER, FZ_BOOLEAN, FZ_OBJECT, FZ_ARRAY /* of objects */ };
/* In which mode a parameter belongs, and in which it is required. */
enum fz_modes { FZ_NEVER = 0, FZ_COMMON = 1, FZ_INSTITUTIONAL = 2, FZ_BOTH = 3 };
/* Which characters a string may have, beside its length. */
enum fz_letters {
    FZ_ANY_TEXT, /* UTF-8 of one- to three-byte characters, no control characters but tab and line ends */
    FZ_DIGITS,   /* merchant numbers */
    FZ_NUMBER_LETTERS, /* digits, letters, _ and - (out_order_no) */
    FZ_REFUND_LETTERS, /* those and | * @ (out_refund_no, out_trade_no) */
    FZ_DATE,           /* a YYYY-MM-DD that exists */
    FZ_COMPACT_DATE    /* a YYYYMMDD that exists */
};

/* Where it goes: strings as `const char *` (NULL = not given), integers as `int64_t` (0 = not given, so one
 * that may be left out is at least 1), booleans as `bool` (false = not given), objects in place, arrays as
 * `struct fz_items`. All that they point to lives in the request's arena. */
struct fz_parameter {
    const char *name; /* the API's own */
    enum fz_place place;
    enum fz_parameter_kind kind;
    enum fz_modes modes;
    enum fz_modes required;
    int64_t min, max; /* string: characters; integer: value; array: items */
    enum fz_letters letters;
    const char *const *values; /* allowed words, NULL-ended; NULL: any */
    const char *fallback;      /* string: what it is when it is not given */
    bool any_case;    /* `values` are compared without regard to case (fund sources), stored in upper case */
    bool sealed;      /* RSAES-OAEP under the platform's key; what is stored is the opened text */
    bool not_content; /* left out of the content digest (notify_url) */
    bool unordered;   /* array: the digest does not depend on the order of items (amount.from) */
    const struct fz_parameter *members; /* object, array: NULL-name-ended */
    size_t item_size;                   /* array */
    size_t offset; /* within the struct that the row's parameters, or the object's or item's, are read into */
    const char *meaning; /* one line for the documents */
};

struct fz_items {
    size_t count;
    void *items; /* `count` structs of item_size */
};

/* A field of the answer. `name` is dotted for members of an object, with [] for those of an array:
 * "amount.refund", "receivers[].type". */
struct fz_field {
    const char *name;
    enum fz_parameter_kind kind;
    int64_t max;   /* string: characters; array: items */
    bool required; /* always there (in its object) */
    const char *const *values;
    const char *meaning;
};

/* ---- a call ---- */

/* The multipart body of an endpoint that takes a file, as the server received it: `meta` is the body that is signed and whose members the
 * parameters are, the file was hashed on its way and is gone. */
struct fz_received {
    enum fz_issue fault; /* what is wrong with the body's form */
    char part[40];       /* and with which part of it; "" = the whole body */
    bool has_meta, has_file;
    int64_t size; /* of the file, in bytes */
    unsigned char sha256[32];
};

/* The caller and what belongs to the request at hand; filled by the server, the same for `check`, `work` and
 * `answer`. */
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

/* How an answer that is a file goes out. */
enum fz_file_way {
    FZ_NO_FILE = 0,
    FZ_FILE_OF_LINK,  /* as the path says: unsigned, or with a signature over the file */
    FZ_FILE_WITH_SHA1 /* a signature over its SHA-1, which a header has; compressed for who asks for gzip */
};

/* Bytes of an answer's or a callback's JSON. The largest, a page of refunds or an order's 50 slices, has some 30 KB. */
#define FZ_ANSWER_JSON_MAX (1 << 20)

struct fz_endpoint {
    const char *name;     /* "refundable-balance": the file's name */
    const char *method;   /* "GET" … */
    const char *paths[4]; /* patterns "/v3/global/…/{transaction_id}/amounts", newest first, NULL-ended */
    const struct fz_parameter *parameters; /* NULL-name-ended */
    const struct fz_field *fields;         /* of a 200 answer, NULL-name-ended; NULL with 204 */
    size_t params_size;                    /* of the struct the parameters are read into */
    size_t out_size;                       /* of what `work` fills */
    int status;                            /* 200 or 204 */
    bool writes;
    bool takes_file;   /* the body is multipart/form-data: `meta`, JSON with the parameters, which alone is signed; and `file` */
    enum fz_file_way answers_file; /* `out` is a struct fz_bill_link: the server sends the file (server/files/bill_file.h) */
    enum fz_rate_class rate_class;
    struct fz_example example;
    const char *title;    /* for the documents */
    const char *document; /* where it is described */

    /* What a row cannot say: rules between parameters. No book. May be NULL. Refuses through call->error. */
    enum fz_result (*check)(struct fz_call *call, void *params);
    /* In a transaction; may run more than once; fills `out` (zeroed before each run). */
    enum fz_result (*work)(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out);
    /* Writes the JSON of a 200 answer; sets json->text.failed when it cannot. */
    void (*answer)(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);
};

/* All rows. */
const struct fz_endpoint *const *fz_endpoints(size_t *count);

/* ---- router (router.c) ---- */

/* Bytes of a file; the parts around it get 64 KiB more. */
#define FZ_FILE_MAX (5 * 1024 * 1024)

#define FZ_PATH_VALUES_MAX 2

struct fz_route {
    const struct fz_endpoint *endpoint;
    size_t number; /* the endpoint's place in fz_endpoints */
    bool old_spelling;
    struct {
        const char *name; /* the pattern's */
        const char *text; /* as sent, still encoded; borrowed from the target */
        size_t size;
    } values[FZ_PATH_VALUES_MAX];
    size_t value_count;
    const char *query; /* behind the '?', borrowed; NULL = none */
};

/* Finds the endpoint of `method` and the raw `target` (path and query as sent; it is split first and decoded
 * after). Refuses with FZ_NOT_FOUND, FZ_METHOD_NOT_ALLOWED or FZ_REQUIRE_POST_METHOD; `out->old_spelling` is
 * set even then. */
FZ_MUST_CHECK enum fz_result fz_route_find(const char *method, const char *target, struct fz_route *out,
                                           struct fz_error *error);

#define FZ_METHODS_SIZE 32
/* What the target's path takes, as a header Allow has it: "GET, POST"; "" if the path is unknown. */
void fz_route_methods(const char *target, char out[FZ_METHODS_SIZE]);

/* ---- parameters (parameters.c) ---- */

/* Reads and checks all parameters into `*params` (in the arena) and, where the endpoint writes, the content's
 * digest into call->digest. Unknown or doubled query parameters and JSON members are FZ_PARAM_ERROR. Also the rules of modes: sub_mchid missing in Institutional mode
 * is FZ_PARAM_NO_SUB_MCHID, mchid beside sp_mchid or sub_mchid is FZ_PARAM_ERROR. Whether a merchant number
 * is the caller's own is found in `work`, where the book can tell an unknown number from another's. Refuses
 * through call->error; FZ_FAILED when memory is short. */
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

/* OpenAPI 3.1 of all endpoints. New; NULL when memory is short. */
json_t *fz_openapi(void);

#endif
