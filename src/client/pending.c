/* Finds out what became of a write: by the query that its row names, asked with the write's own numbers. */
#include "client/pending.h"

#include <string.h>

#include "base/memory.h"
#include "client/call.h"
#include "spec/row/copy.h"

#define PENDING_MAX (4 << 20) /* bytes of a request that is kept: it went into one of 1 MiB */

static bool keep_request(struct fz_pending *pending, const struct fz_operation *operation)
{
    const struct fz_spec *spec = operation->spec;
    const char *body = operation->body.data == NULL ? "" : operation->body.data;
    pending->request = fz_arena_take(&pending->arena, spec->request_size);
    pending->body = fz_arena_copy(&pending->arena, body, operation->body.size);
    pending->body_size = operation->body.size;
    return pending->request != NULL && pending->body != NULL &&
           fz_members_copy(spec->request, operation->request, &pending->arena, pending->request) == FZ_OK;
}

/* The program's own file is borrowed for the call alone, and the repeat comes after it. */
static bool keep_file(struct fz_pending *pending, const struct fz_sending *sending)
{
    if (sending->file == NULL)
        return true;
    pending->file = fz_arena_copy(&pending->arena, sending->file, sending->file_size);
    pending->file_name = fz_arena_copy(&pending->arena, sending->file_name, strlen(sending->file_name));
    pending->file_type = fz_arena_copy(&pending->arena, sending->file_type, strlen(sending->file_type));
    pending->file_size = sending->file_size;
    return pending->file != NULL && pending->file_name != NULL && pending->file_type != NULL;
}

void fz_pending_keep(const struct fz_operation *operation, fz_error *error)
{
    if (error->outcome != FZ_OUTCOME_MAYBE_DONE || error->code == FZ_CODE_MEMORY || operation->request == NULL)
        return;
    struct fz_pending *pending = fz_allocate_zeroed(sizeof *pending);
    if (pending == NULL)
        return;
    pending->spec = operation->spec;
    pending->arena.max = PENDING_MAX + operation->sending.file_size;
    if (!keep_request(pending, operation) || !keep_file(pending, &operation->sending)) {
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

/* The write again: the same target, the same bytes, the same file. */
static int repeat_it(fz_client *client, const struct fz_pending *pending, void **answer, fz_error **error)
{
    struct fz_operation operation = {.client = client, .spec = pending->spec, .request = pending->request, .maybe = true,
                                     .body.max = pending->body_size, .is_body_kept = true,
                                     .sending = {.file = pending->file, .file_size = pending->file_size,
                                                 .file_name = pending->file_name, .file_type = pending->file_type}};
    fz_text_add(&operation.body, pending->body, pending->body_size);
    (void)fz_copy(operation.sealed_for, sizeof operation.sealed_for, pending->sealed_for);
    return fz_operate(&operation, answer, error);
}

static bool is_unknown_to_service(const fz_error *error)
{
    return error->outcome == FZ_OUTCOME_REFUSED && error->status == 404 &&
           (error->code == FZ_CODE_RESOURCE_NOT_EXISTS || error->code == FZ_CODE_ORDER_NOT_EXIST);
}

/* By what the query came to. Of a deletion it is done when nothing is found. False: it does not tell, *why says why not. */
static bool tell(const struct fz_spec *write, int result, fz_error *asked, void **answer, enum fz_outcome *outcome, fz_error **why)
{
    bool found = result == 0;
    if (!found && !is_unknown_to_service(asked)) {
        (void)fz_fail(why, asked);
        return false;
    }
    fz_error_free(asked);
    *outcome = found != write->found_gone ? FZ_OUTCOME_DONE : FZ_OUTCOME_NOT_SENT;
    if (*outcome == FZ_OUTCOME_NOT_SENT) {
        fz_answer_free(*answer);
        *answer = NULL;
    }
    return true;
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
    if (query != NULL) {
        int result = ask(client, pending, answer, &asked);
        if (!tell(pending->spec, result, asked, answer, outcome, why))
            return -1;
        if (*outcome == FZ_OUTCOME_DONE || !repeat)
            return 0;
    } else if (!repeat)
        return fz_fail(why, fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_MAYBE_DONE,
                                          "%s has no query that tells what became of it. Ask with `repeat`: the same again does nothing twice.",
                                          pending->spec->title));
    *name = pending->spec->name;
    int result = repeat_it(client, pending, answer, why);
    if (result == 0)
        *outcome = FZ_OUTCOME_DONE;
    return result;
}
