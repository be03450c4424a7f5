/* GET /world: the book as a world file. */
#include "server/birth/export.h"
#include "server/control/calls/routes.h"

struct asked {
    const struct fz_secrets *secrets;
    bool keys;
    json_t *out;
};

static enum fz_result export(struct fz_tx *tx, void *argument)
{
    struct asked *asked = argument;
    json_decref(asked->out);
    asked->out = NULL;
    return fz_world_export(tx, asked->secrets, asked->keys, &asked->out);
}

void fz_control_export_world(struct fz_control_call *call)
{
    fz_control_query_read(call);
    struct asked asked = {.secrets = call->parts->secrets, .keys = fz_control_query_integer(call, "keys", 0, 1, 0) == 1};
    struct fz_error error = {0};
    if (!fz_control_query_is_sound(call))
        return;
    enum fz_result result = fz_store_read(call->reader, export, &asked, &error);
    if (result == FZ_OK) {
        fz_control_answer(call, asked.out);
        return;
    }
    json_decref(asked.out);
    if (result == FZ_FULL)
        fz_control_refuse(call, MHD_HTTP_CONFLICT,
                          "The book is no file: it has more to tell than the %d steps that one may have. Take a snapshot instead.",
                          FZ_WORLD_EXPORT_STEPS);
    else
        fz_control_refuse_result(call, "The book was not written down", result, &error);
}
