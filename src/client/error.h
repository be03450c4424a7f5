/* The error object, as the library's own files make it. */
#ifndef FZ_CLIENT_ERROR_H
#define FZ_CLIENT_ERROR_H

#include "base/arena.h"
#include "base/result.h"
#include "base/text.h"
#include "fenzhang/error.h"
#include "spec/client/error_body.h"
#include "spec/row/spec.h"

#define FZ_REQUEST_ID_TEXT 128

/* A write whose outcome is not known: enough to ask what became of it, and to make it again as it was. */
struct fz_pending {
    const struct fz_spec *spec;
    struct fz_arena arena;
    void *request;       /* a copy of the call's struct; its texts in `arena` */
    const char *body;    /* as it was sent: a repeat has the same bytes */
    size_t body_size;
    const char *file, *file_name, *file_type; /* of an upload; NULL: it has none */
    size_t file_size;
    char sealed_for[80]; /* the platform key that seals in it are for; "": there are none */
};

struct fz_client_error {
    enum fz_code code;
    enum fz_outcome outcome;
    int status;
    bool may_retry, fatal;
    int64_t wait_ms;
    bool writes;
    char message[2048];
    char request_id[FZ_REQUEST_ID_TEXT];
    struct fz_arena arena;       /* of what `body` points to */
    struct fz_error_answer body; /* what the service said; its code NULL: nothing */
    char *difference;          /* of a SIGN_ERROR; NULL: none */
    struct fz_pending *pending; /* NULL unless MAYBE_DONE */
};

/* Makes an error of this side's. When memory is short the result is one that need not be freed. */
fz_error *fz_error_make(enum fz_code code, enum fz_outcome outcome, const char *format, ...) FZ_PRINTF(3, 4);
/* That a client belongs to another process. */
fz_error *fz_error_forked(void);
/* Gives `error` to whoever asked (`out` may be NULL: it is freed), and returns -1. */
int fz_fail(fz_error **out, fz_error *error);

void fz_pending_free(struct fz_pending *pending);

/* ---- codes.c ---- */

/* The code that the service spelled `text`; FZ_CODE_UNKNOWN. */
enum fz_code fz_code_of(const char *text);
/* Whether the same call may be made again as it is, and after how long. */
bool fz_code_may_retry(enum fz_code code, int64_t *wait_ms);

#endif
