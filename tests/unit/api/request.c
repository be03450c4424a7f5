/* Requests for the tests of this folder. */
#include "unit/api/request.h"

#include <string.h>

#include "base/text.h"

static enum fz_result open_sealed(const struct fz_call *call, const char *base64, char *out, size_t out_size)
{
    (void)call;
    if (strncmp(base64, "sealed:", 7) != 0)
        return FZ_MALFORMED;
    return fz_copy(out, out_size, base64 + 7) ? FZ_OK : FZ_FULL;
}

enum fz_result reading_begin(struct reading *out, enum fz_merchant_kind kind, const char *method,
                             const char *target, const char *body, size_t body_size)
{
    *out = (struct reading){.arena = {.max = 1 << 20}};
    enum fz_result result = fz_route_find(method, target, &out->route, &out->error);
    if (result != FZ_OK)
        return result;
    out->call =
        (struct fz_call){.caller = kind == FZ_MERCHANT_INSTITUTION ? READING_INSTITUTION : READING_DIRECT,
                         .kind = kind,
                         .old_spelling = out->route.old_spelling,
                         .arena = &out->arena,
                         .error = &out->error,
                         .origin = "http://127.0.0.1:8080",
                         .open_sealed = open_sealed,
                         .now_ms = READING_NOW_MS};
    result = fz_parameters_read(&out->route, &out->call, body, body_size, &out->params);
    const struct fz_endpoint *endpoint = fz_endpoint_of(&out->route);
    if (result == FZ_OK && endpoint->check != NULL)
        result = endpoint->check(&out->call, out->params);
    return result;
}

void reading_end(struct reading *reading)
{
    fz_arena_done(&reading->arena);
}
