/* A record of the request log: one exchange, masked and cut, in one block of memory. It does not change any
 * more once it is appended, and is freed with its last reference. */
#ifndef FZ_SERVER_LOG_RECORD_H
#define FZ_SERVER_LOG_RECORD_H

#include <netinet/in.h>
#include <stdatomic.h>

#include "base/server/refusal.h"
#include "server/log/request_id.h"
#include "spec/row/spec.h"

/* What is kept of each, in bytes. */
#define FZ_KEPT_METHOD  32
#define FZ_KEPT_TARGET  2048
#define FZ_KEPT_HEADERS 8192
#define FZ_KEPT_HEADER  1024 /* of one value */
#define FZ_KEPT_BODY    16384

/* Headers are lines "Name: value\n". */
enum fz_record_part {
    FZ_PART_METHOD,
    FZ_PART_TARGET,
    FZ_PART_ASKED_HEADERS,
    FZ_PART_ASKED_BODY,
    FZ_PART_ANSWER_HEADERS,
    FZ_PART_ANSWER_BODY,
    FZ_PART_COUNT
};

struct fz_request_record {
    atomic_uint references;
    uint64_t sequence; /* given when it is appended, from 1 on */
    size_t size;       /* bytes, all in all */
    struct fz_request_record *next_dropped;
    struct fz_record_block *block; /* where it lies */

    char request_id[FZ_REQUEST_ID_SIZE];
    int64_t wire_ms, book_ms; /* when it was answered, by both clocks */
    int64_t duration_us;      /* from the request's first line to its answer */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;                             /* family 0: not known */
    const struct fz_spec *endpoint; /* NULL: none */
    char mchid[33];                     /* as the request claims; "" if it does not */
    bool verified;                      /* its signature was good */
    bool old_spelling;
    int status;
    enum fz_row row;

    struct fz_kept {
        uint32_t at, size; /* in `text` */
        bool cut;          /* there was more */
        bool left_out;     /* bodies: a file; only its size is kept */
        uint64_t whole;    /* bodies: bytes as they went over the wire */
    } parts[FZ_PART_COUNT];
    char text[];
};

/* Memory for some hundred records. Taken one by one it would be three kilobytes a request: a system call and a page
 * fault for nearly each, until the log is full. Of one thread, which fills it; freed when it is let go and the last of
 * its records is. */
struct fz_record_block;
void fz_record_block_unref(struct fz_record_block *block); /* NULL allowed */

/* A copy of `draft` with `size` bytes of text behind it, and one reference, in `*filling`, which is replaced when it is
 * full (NULL at first). NULL when memory is short. */
struct fz_request_record *fz_request_record_new(struct fz_record_block **filling, const struct fz_request_record *draft,
                                                const char *text, size_t size);
struct fz_request_record *fz_request_record_ref(struct fz_request_record *record);
void fz_request_record_unref(struct fz_request_record *record); /* NULL allowed */

#endif
