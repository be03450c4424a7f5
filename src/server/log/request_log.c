/* The ring of the request log. */
#include "server/log/request_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fz_request_log {
    size_t records_max, bytes_max;
    struct {
        int handle;
        atomic_bool wanted;
    } news[FZ_NEWS_COUNT];

    pthread_mutex_t lock;
    struct fz_request_log_state state;
    struct fz_request_record *ring[]; /* sequence modulo records_max */
};

struct fz_request_log *fz_request_log_new(size_t records_max, size_t bytes_max)
{
    struct fz_request_log *log = calloc(1, sizeof *log + records_max * sizeof log->ring[0]);
    if (log == NULL)
        return NULL;
    log->records_max = records_max;
    log->bytes_max = bytes_max;
    log->state.first = log->state.next = 1;
    pthread_mutex_init(&log->lock, NULL);
    bool opened = true;
    for (int who = 0; who < FZ_NEWS_COUNT; who++)
        opened = (log->news[who].handle = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) >= 0 && opened;
    if (opened)
        return log;
    fz_request_log_free(log);
    return NULL;
}

static struct fz_request_record **place_of(struct fz_request_log *log, uint64_t sequence)
{
    return &log->ring[sequence % log->records_max];
}

/* Takes out the oldest, and puts it before `list`. */
static struct fz_request_record *take_oldest(struct fz_request_log *log, struct fz_request_record *list)
{
    struct fz_request_record *oldest = *place_of(log, log->state.first++);
    log->state.bytes -= oldest->size;
    oldest->next_dropped = list;
    return oldest;
}

/* Outside the lock: freeing is the longest part. */
static void drop(struct fz_request_record *list)
{
    while (list != NULL) {
        struct fz_request_record *next = list->next_dropped;
        fz_request_record_unref(list);
        list = next;
    }
}

static void tell_news(struct fz_request_log *log)
{
    static const uint64_t one = 1;
    for (int who = 0; who < FZ_NEWS_COUNT; who++)
        if (atomic_load(&log->news[who].wanted) && atomic_exchange(&log->news[who].wanted, false))
            (void)!write(log->news[who].handle, &one, sizeof one);
}

void fz_request_log_free(struct fz_request_log *log)
{
    if (log == NULL)
        return;
    fz_request_log_empty(log);
    for (int who = 0; who < FZ_NEWS_COUNT; who++)
        if (log->news[who].handle >= 0)
            close(log->news[who].handle);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

void fz_request_log_append(struct fz_request_log *log, struct fz_request_record *record)
{
    struct fz_request_record *dropped = NULL;
    pthread_mutex_lock(&log->lock);
    struct fz_request_log_state *state = &log->state;
    uint64_t before = state->first;
    while (state->first < state->next &&
           (state->next - state->first >= log->records_max || state->bytes + record->size > log->bytes_max))
        dropped = take_oldest(log, dropped);
    record->sequence = state->next++;
    *place_of(log, record->sequence) = record;
    state->bytes += record->size;
    if (record->size > log->bytes_max) /* too large to be kept: all others had to go, and now it does */
        dropped = take_oldest(log, dropped);
    state->logged++;
    state->dropped += state->first - before;
    pthread_mutex_unlock(&log->lock);
    drop(dropped);
    tell_news(log);
}

void fz_request_log_empty(struct fz_request_log *log)
{
    struct fz_request_record *dropped = NULL;
    pthread_mutex_lock(&log->lock);
    while (log->state.first < log->state.next)
        dropped = take_oldest(log, dropped);
    log->state.resets++;
    pthread_mutex_unlock(&log->lock);
    drop(dropped);
    tell_news(log);
}

size_t fz_request_log_before(struct fz_request_log *log, uint64_t before, struct fz_request_record *out[],
                             size_t max)
{
    size_t count = 0;
    pthread_mutex_lock(&log->lock);
    uint64_t at = before == 0 || before > log->state.next ? log->state.next : before;
    while (count < max && at > log->state.first)
        out[count++] = fz_request_record_ref(*place_of(log, --at));
    pthread_mutex_unlock(&log->lock);
    return count;
}

size_t fz_request_log_after(struct fz_request_log *log, uint64_t after, struct fz_request_record *out[],
                            size_t max)
{
    size_t count = 0;
    pthread_mutex_lock(&log->lock);
    uint64_t at = after < log->state.first  ? log->state.first
                  : after < log->state.next ? after + 1
                                            : log->state.next;
    while (count < max && at < log->state.next)
        out[count++] = fz_request_record_ref(*place_of(log, at++));
    pthread_mutex_unlock(&log->lock);
    return count;
}

void fz_request_log_state(struct fz_request_log *log, struct fz_request_log_state *out)
{
    pthread_mutex_lock(&log->lock);
    *out = log->state;
    pthread_mutex_unlock(&log->lock);
}

int fz_request_log_news(const struct fz_request_log *log, enum fz_news who)
{
    return log->news[who].handle;
}

void fz_request_log_want_news(struct fz_request_log *log, enum fz_news who)
{
    atomic_store(&log->news[who].wanted, true);
}
