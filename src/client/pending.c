/* Finds out what became of a write: by the query that its row names, asked with the write's own numbers. */
#include "client/pending.h"

#include <string.h>

#include "base/memory.h"
#include "client/call.h"
#include "spec/row/copy.h"

#define PENDING_MAX (4 << 20) /* bytes of a request that is kept: it went into one of 1 MiB */

void fz_pending_keep(const struct fz_operation *operation, fz_error *error)
{
    const struct fz_spec *spec = operation->spec;
    if (error->outcome != FZ_OUTCOME_MAYBE_DONE || error->code == FZ_CODE_MEMORY || operation->request == NULL)
        return;
    struct fz_pending *pending = fz_allocate_zeroed(sizeof *pending);
    if (pending == NULL)
        return;
    pending->spec = spec;
    pending->arena.max = PENDING_MAX;
    pending->request = fz_arena_take(&pending->arena, spec->request_size);
    pending->body = fz_arena_copy(&pending->arena, operation->body.data == NULL ? "" : operation->body.data,
                                  operation->body.size);
    pending->body_size = operation->body.size;
    if (pending->request == NULL || pending->body == NULL ||
        fz_members_copy(spec->request, operation->request, &pending->arena, pending->request) != FZ_OK) {
        fz_pending_free(pending);
        return;
    }
    (void)fz_copy(pending->sealed_for, sizeof pending->sealed_for, operation->sealed_for);
    error->pending = pending;
}

/* The query that tells, with the write's own values where both have a member of the same name. */
static int ask(fz_client *client, const struct fz_pending *pending, void **answer, fz_error **error)
{
    struct fz_operation operation = {.client = client, .spec = pending->spec->found_by, .arena.max = PENDING_MAX};
    void *request = fz_arena_take(&operation.arena, operation.spec->request_size);
    if (request == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_MAYBE_DONE, " "));
    fz_members_carry_over(pending->spec->request, pending->request, operation.spec->request, request);
    operation.request = request;
    return fz_operate(&operation, answer, error);
}

/* The write again: the same target, the same bytes. */
static int repeat_it(fz_client *client, const struct fz_pending *pending, void **answer, fz_error **error)
{
    struct fz_operation operation = {.client = client, .spec = pending->spec, .request = pending->request, .maybe = true,
                                     .body.max = pending->body_size, .is_body_kept = true};
    fz_text_add(&operation.body, pending->body, pending->body_size);
    (void)fz_copy(operation.sealed_for, sizeof operation.sealed_for, pending->sealed_for);
    return fz_operate(&operation, answer, error);
}

static bool is_unknown_to_service(const fz_error *error)
{
    return error->outcome == FZ_OUTCOME_REFUSED && error->status == 404 &&
           (error->code == FZ_CODE_RESOURCE_NOT_EXISTS || error->code == FZ_CODE_ORDER_NOT_EXIST);
}

int fz_find_out(fz_client *client, const fz_error *error, bool repeat, enum fz_outcome *outcome, void **answer, const char **name,
                fz_error **why)
{
    const struct fz_pending *pending = error->pending;
    fz_error *asked = NULL;
    *answer = NULL;
    if (pending == NULL)
        return fz_fail(why, fz_error_make(FZ_CODE_OPTIONS, error->outcome,
                                          "There is nothing to find out: the call is known to have been done, or not to have been sent."));
    const struct fz_spec *query = pending->spec->found_by;
    *name = query == NULL ? pending->spec->name : query->name;
    if (query != NULL && ask(client, pending, answer, &asked) == 0) {
        *outcome = FZ_OUTCOME_DONE;
        return 0;
    }
    bool unknown = query == NULL || is_unknown_to_service(asked);
    if (!unknown)
        return fz_fail(why, asked);
    fz_error_free(asked);
    *outcome = FZ_OUTCOME_NOT_SENT;
    if (!repeat && query != NULL)
        return 0;
    if (!repeat)
        return fz_fail(why, fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_MAYBE_DONE,
                                          "%s has no query that tells what became of it. Ask with `repeat`: the same again does nothing twice.",
                                          pending->spec->title));
    *name = pending->spec->name;
    int result = repeat_it(client, pending, answer, why);
    if (result == 0)
        *outcome = FZ_OUTCOME_DONE;
    return result;
}
