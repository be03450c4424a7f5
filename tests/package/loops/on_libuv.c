/* A program with a loop of libuv's, beside which libfenzhang makes its calls. */
#include "queries.h"

#include <fenzhang/adapters/libuv.h>

int main(void)
{
    struct fz_libuv ours;
    fz_error *error = NULL;
    fz_client *client = client_by_environment();
    struct fz_loop_hooks hooks = fz_libuv_begin(&ours, uv_default_loop());
    if (fz_loop_new(client, &hooks, &ours.loop, &error) != 0 || start_queries(ours.loop) != 0)
        return fail(error);
    while (left > 0)
        uv_run(uv_default_loop(), UV_RUN_ONCE);
    fz_loop_free(ours.loop);
    fz_libuv_end(&ours);
    if (uv_run(uv_default_loop(), UV_RUN_DEFAULT) != 0 || uv_loop_close(uv_default_loop()) != 0)
        return 1; /* the adapter has left something */
    fz_client_free(client);
    return say_what_came();
}
