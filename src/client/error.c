/* The error object: made once, asked often. */
#include "client/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "client/request_id.h"

/* What is given when there is no memory for an error: it is nobody's. */
static fz_error no_memory = {
    .code = FZ_CODE_MEMORY,
    .outcome = FZ_OUTCOME_NOT_SENT,
    .may_retry = true,
    .message = "Memory is short. Nothing was sent. Give back memory, then call again.",
};
/* The same after a write may have been sent. */
static fz_error no_memory_maybe = {
    .code = FZ_CODE_MEMORY,
    .outcome = FZ_OUTCOME_MAYBE_DONE,
    .may_retry = true,
    .writes = true,
    .message = "Memory is short, and the call may have been done. Ask by the merchant's number what became of it.",
};

fz_error *fz_error_make(enum fz_code code, enum fz_outcome outcome, const char *format, ...)
{
    va_list values;
    fz_error *error = code == FZ_CODE_MEMORY ? NULL : fz_allocate_zeroed(sizeof *error);
    if (error == NULL)
        return outcome == FZ_OUTCOME_MAYBE_DONE ? &no_memory_maybe : &no_memory;
    error->code = code;
    error->outcome = outcome;
    va_start(values, format);
    vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    fz_clean_controls(error->message);
    return error;
}

fz_error *fz_error_forked(void)
{
    fz_error *error = fz_error_make(FZ_CODE_FORKED, FZ_OUTCOME_NOT_SENT,
                                    "The client belongs to the process that made it. Make one of its own after fork().");
    error->fatal = error->code == FZ_CODE_FORKED;
    return error;
}

int fz_fail(fz_error **out, fz_error *error)
{
    if (out != NULL)
        *out = error;
    else
        fz_error_free(error);
    return -1;
}

void fz_pending_free(struct fz_pending *pending)
{
    if (pending == NULL)
        return;
    fz_arena_done(&pending->arena);
    fz_release(pending);
}

void fz_error_free(fz_error *error)
{
    if (error == NULL || error == &no_memory || error == &no_memory_maybe)
        return;
    fz_arena_done(&error->arena);
    fz_pending_free(error->pending);
    fz_release(error->difference);
    fz_release(error);
}

enum fz_code fz_error_code(const fz_error *error)
{
    return error->code;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

const char *fz_error_code_text(const fz_error *error)
{
    return or_empty(error->body.code);
}

const char *fz_error_message(const fz_error *error)
{
    return error->message;
}

enum fz_outcome fz_error_outcome(const fz_error *error)
{
    return error->outcome;
}

int fz_error_status(const fz_error *error)
{
    return error->status;
}

const char *fz_error_field(const fz_error *error)
{
    return or_empty(error->body.detail.field);
}

const char *fz_error_value(const fz_error *error)
{
    return or_empty(error->body.detail.value);
}

const char *fz_error_issue(const fz_error *error)
{
    return or_empty(error->body.detail.issue);
}

const char *fz_error_location(const fz_error *error)
{
    return or_empty(error->body.detail.location);
}

const char *fz_error_request_id(const fz_error *error)
{
    return error->request_id;
}

bool fz_error_may_retry(const fz_error *error)
{
    return error->may_retry;
}

int64_t fz_error_wait_ms(const fz_error *error)
{
    return error->wait_ms;
}

/* What was not sent can be done under another number as well as under this one; what was refused too, but for the limits
 * that look at nothing. What may have been done must never get a second number. */
bool fz_error_keep_number(const fz_error *error)
{
    return error->writes && (error->outcome == FZ_OUTCOME_MAYBE_DONE || error->may_retry);
}

bool fz_error_is_fatal(const fz_error *error)
{
    return error->fatal;
}

const char *fz_error_signature_difference(const fz_error *error)
{
    return error->difference == NULL ? "" : error->difference;
}

const char *fz_error_request_id_meaning(const fz_error *error)
{
    return fz_request_id_meaning(error->request_id);
}
