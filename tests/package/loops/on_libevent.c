/* A program with a base of libevent's, beside which libfenzhang makes its calls. */
#include "queries.h"

#include <fenzhang/adapters/libevent.h>

int main(void)
{
    struct fz_libevent ours;
    fz_error *error = NULL;
    fz_client *client = client_by_environment();
    struct event_base *base = event_base_new();
    struct fz_loop_hooks hooks = fz_libevent_begin(&ours, base);
    if (fz_loop_new(client, &hooks, &ours.loop, &error) != 0 || start_queries(ours.loop) != 0)
        return fail(error);
    while (left > 0)
        event_base_loop(base, EVLOOP_ONCE);
    fz_loop_free(ours.loop);
    fz_libevent_end(&ours);
    if (event_base_loop(base, EVLOOP_NONBLOCK) != 1)
        return 1; /* 1: nothing waits any more; else the adapter has left something */
    event_base_free(base);
    fz_client_free(client);
    return say_what_came();
}
