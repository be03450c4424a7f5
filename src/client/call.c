/* From a program's call to an operation, and from its end to an answer or an error. */
#include "client/call.h"

#include <string.h>

#include "base/memory.h"
#include "client/answer.h"
#include "client/pending.h"
#include "spec/calls.h"
#include "spec/row/copy.h"

#define REQUEST_MAX (4 << 20) /* bytes that a request's texts and lists may take */

static fz_error *not_started(const char *why, const char *what)
{
    return fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "Nothing was sent: %s%s", why, what);
}

static const struct fz_spec *spec_of(const char *name)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(specs[i]->name, name) == 0)
            return specs[i];
    return NULL;
}

static fz_error *check_spec(const struct fz_spec *spec, const char *name, const struct fz_call_options *options)
{
    if (spec == NULL)
        return not_started("there is no call named ", name);
    if (spec->answers_file != FZ_NO_FILE)
        return not_started("it answers a file, for which fenzhang/bill.h has functions: ", name);
    if (spec->takes_file && (options->file == NULL || options->file_name == NULL || options->file_type == NULL))
        return not_started("it takes a file. Set file, file_name and file_type in its options: ", name);
    return NULL;
}

/* A program that was compiled against another version has structs of another size: what it does not know is not given. */
static fz_error *copy_request(struct fz_operation *operation, const void *request)
{
    const struct fz_spec *spec = operation->spec;
    size_t size = *(const size_t *)request;
    if (size < sizeof(size_t) || size > 65536)
        return not_started("the request does not begin with its size. Start it with FZ_INIT", ".");
    void *known = fz_allocate_zeroed(spec->request_size), *copy = fz_arena_take(&operation->arena, spec->request_size);
    enum fz_result result = FZ_FAILED;
    if (known != NULL && copy != NULL) {
        memcpy(known, request, size < spec->request_size ? size : spec->request_size);
        result = fz_members_copy(spec->request, known, &operation->arena, copy);
    }
    fz_release(known);
    operation->request = copy;
    return result == FZ_OK ? NULL : fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
}

fz_error *fz_operation_set_up(struct fz_operation *operation, fz_client *client, const char *name, const void *request,
                              const struct fz_call_options *options)
{
    operation->client = client;
    operation->spec = spec_of(name);
    operation->arena.max = REQUEST_MAX;
    if (options != NULL)
        memcpy(&operation->options, options, options->size < sizeof *options ? options->size : sizeof *options);
    fz_error *wrong = check_spec(operation->spec, name, &operation->options);
    if (wrong != NULL)
        return wrong;
    operation->sending.file = operation->options.file;
    operation->sending.file_size = operation->options.file_size;
    operation->sending.file_name = operation->options.file_name;
    operation->sending.file_type = operation->options.file_type;
    return copy_request(operation, request);
}

/* ---- the end ---- */

static fz_error *unreadable(const struct fz_operation *operation, const char *fault)
{
    return fz_error_make(FZ_CODE_MALFORMED, operation->spec->writes ? FZ_OUTCOME_DONE : FZ_OUTCOME_REFUSED,
                         "%s: the answer verifies, but is not what this call answers%s%s. This library may be older than the "
                         "service, which knows the answer by its Request-ID %s.",
                         operation->spec->title, fault[0] == '\0' ? "" : "; at fault is ", fault, operation->attempt.request_id);
}

int fz_operation_result(struct fz_operation *operation, void **answer, fz_error **error)
{
    char fault[FZ_MEMBER_NAME_SIZE] = "";
    bool short_of_memory = false;
    fz_error *what = operation->error;
    operation->error = NULL;
    *answer = what == NULL ? fz_answer_make(operation, fault, &short_of_memory) : NULL;
    if (*answer != NULL)
        return 0;
    if (what == NULL)
        what = short_of_memory
                   ? fz_error_make(FZ_CODE_MEMORY, operation->spec->writes ? FZ_OUTCOME_MAYBE_DONE : FZ_OUTCOME_NOT_SENT, " ")
                   : unreadable(operation, fault);
    fz_pending_keep(operation, what);
    return fz_fail(error, what);
}
