/* A signed call, made by hand: libcurl, OpenSSL and the document's five lines, nothing of the library's. */
#ifndef CALLER_H
#define CALLER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fenzhang-sandbox.h"

/* Starts one, and has to. */
fz_sandbox *caller_sandbox(const struct fz_sandbox_options *options);
/* A new book with seed 7, whose clock stands still at 2026-01-05T10:00:00+08:00. */
fz_sandbox *caller_seeded(void);

/* Calls as `mchid`; `body` NULL: GET, else POST. The answer has to be of this status; NULL without a body. New: json_decref. */
json_t *caller_call(fz_sandbox *sandbox, const char *mchid, const char *target, const char *body, long status);
/* A member of an answer's top level, "" if there is none. */
const char *caller_text(const json_t *answer, const char *name);

#endif
