/* A program with an epoll of its own, beside which libfenzhang makes its calls. */
#include "queries.h"

#include <fenzhang/adapters/epoll.h>
#include <sys/eventfd.h>

/* An event of the program's own, which is not the library's. */
static int open_own(int epoll)
{
    struct epoll_event event;
    int own = eventfd(1, EFD_CLOEXEC);
    event.events = EPOLLIN;
    event.data.u64 = 0;
    event.data.fd = own;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, own, &event) == 0 ? own : -1;
}

int main(void)
{
    struct fz_epoll ours;
    struct epoll_event events[16];
    fz_error *error = NULL;
    fz_client *client = client_by_environment();
    int epoll = epoll_create1(EPOLL_CLOEXEC), own = open_own(epoll), own_events = 0;
    struct fz_loop_hooks hooks = fz_epoll_begin(&ours, epoll);
    if (fz_loop_new(client, &hooks, &ours.loop, &error) != 0 || start_queries(ours.loop) != 0)
        return fail(error);
    while (left > 0)
        for (int i = 0, count = epoll_wait(epoll, events, 16, -1); i < count; i++)
            if (!fz_epoll_take(&ours, &events[i])) {
                own_events++;
                epoll_ctl(epoll, EPOLL_CTL_DEL, own, NULL);
            }
    fz_loop_free(ours.loop);
    fz_epoll_end(&ours);
    fz_client_free(client);
    close(own);
    close(epoll);
    return own_events == 1 ? say_what_came() : 1;
}
