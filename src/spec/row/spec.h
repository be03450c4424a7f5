/* A call of the API, described for both its ends: one row. The server reads requests and writes answers by
 * it, a client writes requests and reads answers by it, and the documents are made from it. To add one: a file
 * with its row, and its name in calls.def. */
#ifndef FZ_SPEC_ROW_SPEC_H
#define FZ_SPEC_ROW_SPEC_H

#include "spec/row/example.h"
#include "spec/row/member.h"

/* How an answer that is a file is made sure of. */
enum fz_file_way {
    FZ_NO_FILE = 0,
    FZ_FILE_OF_LINK,  /* as the path says: unsigned, or with a signature over the file */
    FZ_FILE_WITH_SHA1 /* a signature over its SHA-1, which a header has; compressed for who asks for gzip */
};

/* Bytes of an answer's or a callback's JSON. The largest, a page of refunds or an order's 50 slices, has some 30 KB. */
#define FZ_ANSWER_JSON_MAX (1 << 20)

struct fz_spec {
    const char *name;     /* "refundable-balance": the file's name */
    const char *method;   /* "GET" … */
    const char *paths[4]; /* patterns "/v3/global/…/{transaction_id}/amounts", newest first, NULL-ended */
    const struct fz_member *request; /* NULL-name-ended */
    const struct fz_member *answer;  /* of a 200; NULL: it has none, or it is a file */
    size_t request_size, answer_size; /* of the structs that the rows describe */
    const char *request_type, *answer_type; /* what they are called */
    int status;                       /* 200 or 204 */
    bool writes;
    /* Of a write: the call that tells whether it was done, asked with the same numbers. NULL: none does; to make it again does
     * nothing twice. */
    const struct fz_spec *found_by;
    bool found_gone; /* it was done when that call finds nothing: a deletion */
    bool takes_file; /* the body is multipart/form-data: `meta`, JSON with the members, which alone is signed; and `file` */
    enum fz_file_way answers_file;
    struct fz_example example;
    const char *title;    /* for the documents */
    const char *document; /* where it is described */
};

/* The rows of `struct type`, in struct fz_spec. */
#define FZ_REQUEST(type) FZ_REQUEST_BY(type, type##_members)
/* The same by other rows of the type's. */
#define FZ_REQUEST_BY(type, rows) .request = rows, .request_size = sizeof(struct type), .request_type = #type
#define FZ_ANSWER(type)           .answer = type##_members, .answer_size = sizeof(struct type), .answer_type = #type

#define FZ_PATHS_MAX (sizeof(((struct fz_spec *)NULL)->paths) / sizeof(((struct fz_spec *)NULL)->paths[0]))

/* Whether requests have a body. */
bool fz_has_body(const struct fz_spec *spec);

#endif
