/* `fenzhang serve --lifeline`: a thread that reads standard input to its end. */
#include "cli/server/lifeline.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/server/log.h"

/* Some runtimes hand on a pipe whose reads do not wait. */
static bool is_held(void)
{
    char thrown_away[256];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    (void)poll(&input, 1, -1);
    ssize_t size = read(STDIN_FILENO, thrown_away, sizeof thrown_away);
    return size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN));
}

static void *watch(void *unused)
{
    while (is_held())
        ;
    fz_log_info("standard input has ended, and with it this server, as --lifeline says");
    kill(getpid(), SIGTERM);
    return unused;
}

enum fz_result fz_lifeline_hold(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        return FZ_FAILED;
    pthread_detach(thread);
    return FZ_OK;
}
