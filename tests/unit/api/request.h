/* Requests for the tests of this folder: a target and a body go through router and parameter checks as the
 * server sends them. */
#ifndef FZ_TESTS_API_REQUEST_H
#define FZ_TESTS_API_REQUEST_H

#include "api/call/endpoint.h"

/* Book time of these tests: 2026-01-05T10:00:00+08:00. */
#define READING_NOW_MS INT64_C(1767578400000)

/* Who signs. */
#define READING_INSTITUTION "1900000100"
#define READING_DIRECT      "1900000200"

struct reading {
    struct fz_route route;
    struct fz_call call;
    struct fz_error error;
    struct fz_arena arena;
    void *params;
};

/* Routes, reads the parameters and runs the endpoint's own check. What open_sealed opens is what stands
 * behind "sealed:". */
enum fz_result reading_begin(struct reading *out, enum fz_merchant_kind kind, const char *method,
                             const char *target, const char *body, size_t body_size);
void reading_end(struct reading *reading);

#endif
