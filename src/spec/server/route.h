/* From the method and target of a request to the call that is meant. */
#ifndef FZ_SPEC_SERVER_ROUTE_H
#define FZ_SPEC_SERVER_ROUTE_H

#include "base/server/refusal.h"
#include "spec/row/spec.h"

#define FZ_PATH_VALUES_MAX 2

struct fz_route {
    const struct fz_spec *spec; /* NULL: none */
    size_t number;              /* its place in fz_specs() */
    bool old_spelling;          /* the path was under /hk/v3 */
    struct {
        const char *name; /* the pattern's */
        const char *text; /* as sent, still encoded; borrowed from the target */
        size_t size;
    } values[FZ_PATH_VALUES_MAX];
    size_t value_count;
    const char *query; /* behind the '?', borrowed; NULL = none */
};

/* Finds the call of `method` and the raw `target` (path and query as sent; it is split first and decoded
 * after). Refuses with FZ_NOT_FOUND, FZ_METHOD_NOT_ALLOWED or FZ_REQUIRE_POST_METHOD; `out->old_spelling` is
 * set even then. */
FZ_MUST_CHECK enum fz_result fz_route_find(const char *method, const char *target, struct fz_route *out,
                                           struct fz_error *error);

#define FZ_METHODS_SIZE 32
/* What the target's path takes, as a header Allow has it: "GET, POST"; "" if the path is unknown. */
void fz_route_methods(const char *target, char out[FZ_METHODS_SIZE]);

#endif
