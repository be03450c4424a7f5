/* What a child of this process finds. */
#ifndef FZ_TESTS_FORKED_H
#define FZ_TESTS_FORKED_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKED_SECONDS 10
#define FORKED_TRIES   3

/* The wait status of a child that ends with what `child` returns. One that hangs is ended and tried again: the address sanitizer has locks of
 * its own, which a fork leaves taken if another thread was allocating just then. A lock of the library's would be met each time. */
static inline int forked(int (*child)(void *), void *argument)
{
    int status = -1;
    for (int i = 0; i < FORKED_TRIES; i++) {
        pid_t process = fork();
        if (process == 0) {
            alarm(FORKED_SECONDS);
            _exit(child(argument));
        }
        if (process < 0 || waitpid(process, &status, 0) != process)
            return -1;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM)
            break;
    }
    return status;
}

#endif
