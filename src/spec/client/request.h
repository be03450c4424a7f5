/* A request, written by its call's rows: the other direction of spec/server/request.h. */
#ifndef FZ_SPEC_CLIENT_REQUEST_H
#define FZ_SPEC_CLIENT_REQUEST_H

#include "base/text.h"
#include "spec/row/json.h"
#include "spec/row/spec.h"

/* Writes the target (path and query, encoded) and the body of a request into two texts, zero-initialised but
 * for max; to be freed by the caller, whatever comes of it. `request` is the call's struct; `path` says which of
 * the call's paths, 0 is the newest. A call without a body leaves `body` empty; of one that takes a file it is
 * the part `meta`. `sealing` may be NULL where nothing is sealed. FZ_MALFORMED: a member that stands in the path
 * is missing or empty; `missing` then points to its row. FZ_FAILED: memory is short, a text would be longer than
 * its max, or something could not be sealed. */
FZ_MUST_CHECK enum fz_result fz_request_write(const struct fz_spec *spec, size_t path, const void *request,
                                              const struct fz_sealing *sealing, struct fz_text *target,
                                              struct fz_text *body, const struct fz_member **missing);

#endif
