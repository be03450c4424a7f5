/* The body of an answer outside 2xx, read: the other direction of spec/server/error_body.h.
 *
 * Answers are read as they really come: `detail` may be an object or an array of them, may lack members,
 * may nest another `detail` (a signature that does not fit), and what is not known or is of another type is
 * passed over. What a proxy or a load balancer in front of the service says is as a rule no such body. */
#ifndef FZ_SPEC_CLIENT_ERROR_BODY_H
#define FZ_SPEC_CLIENT_ERROR_BODY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/result.h"
#include "spec/error/error.h"

#define FZ_ERROR_BODY_MAX (64 * 1024) /* bytes; a longer body is none of the service's */

/* Reads `size` bytes; the texts go into `arena`. An issue that is in the inner detail alone is also the outer
 * one. FZ_MALFORMED: no JSON object with a `code` that is text and not empty; FZ_FAILED: memory is short, or
 * the arena full. `out` is untouched then. */
FZ_MUST_CHECK enum fz_result fz_error_body_read(const void *body, size_t size, struct fz_arena *arena,
                                                struct fz_error_answer *out);

#endif
