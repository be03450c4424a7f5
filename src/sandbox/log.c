/* Where the lines of all sandboxes go: to nobody, or to whom the program names. */
#include <pthread.h>

#include "base/server/log.h"
#include "sandbox/sandbox.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*listener)(void *argument, const char *level, const char *text);
static void *listener_argument;

/* Under the lock: once fz_sandbox_set_log has returned, who was named before is not called any more. */
static void pass_on(const struct fz_log_taker *taker, const char *level, const char *text)
{
    (void)taker;
    pthread_mutex_lock(&lock);
    if (listener != NULL)
        listener(listener_argument, level, text);
    pthread_mutex_unlock(&lock);
}

void fz_sandbox_take_log(void)
{
    static const struct fz_log_taker taker = {.take = pass_on};
    fz_log_to(&taker);
}

void fz_sandbox_set_log(void (*line)(void *argument, const char *level, const char *text), void *argument)
{
    pthread_mutex_lock(&lock);
    listener = line;
    listener_argument = argument;
    pthread_mutex_unlock(&lock);
}
