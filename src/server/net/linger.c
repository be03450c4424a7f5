/* Connections that are only read to their end. */
#include "server/net/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct fz_linger {
    pthread_mutex_t lock;
    size_t count;
    struct kept {
        int handle;
        int64_t until_ms;
        size_t dropped; /* bytes */
    } kept[FZ_LINGER_MAX];
};

struct fz_linger *fz_linger_new(void)
{
    struct fz_linger *linger = calloc(1, sizeof *linger);
    if (linger != NULL)
        pthread_mutex_init(&linger->lock, NULL);
    return linger;
}

void fz_linger_free(struct fz_linger *linger)
{
    if (linger == NULL)
        return;
    for (size_t i = 0; i < linger->count; i++)
        close(linger->kept[i].handle);
    pthread_mutex_destroy(&linger->lock);
    free(linger);
}

/* The accept thread may be polling it: at worst it looks once in vain. */
static void drop_oldest(struct fz_linger *linger)
{
    size_t oldest = 0;
    for (size_t i = 1; i < linger->count; i++)
        if (linger->kept[i].until_ms < linger->kept[oldest].until_ms)
            oldest = i;
    close(linger->kept[oldest].handle);
    linger->kept[oldest] = linger->kept[--linger->count];
}

void fz_linger_keep(struct fz_linger *linger, int handle, int64_t now_ms)
{
    pthread_mutex_lock(&linger->lock);
    if (linger->count == FZ_LINGER_MAX)
        drop_oldest(linger);
    int copy = fcntl(handle, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0)
        linger->kept[linger->count++] = (struct kept){.handle = copy, .until_ms = now_ms + FZ_LINGER_MS};
    pthread_mutex_unlock(&linger->lock);
}

size_t fz_linger_polls(struct fz_linger *linger, struct pollfd out[FZ_LINGER_MAX])
{
    pthread_mutex_lock(&linger->lock);
    size_t count = linger->count;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct pollfd){.fd = linger->kept[i].handle, .events = POLLIN};
    pthread_mutex_unlock(&linger->lock);
    return count;
}

/* Whether the peer may still be sending. */
static bool drain(struct kept *kept)
{
    char block[16384];
    while (kept->dropped < FZ_LINGER_BYTES) {
        ssize_t got = recv(kept->handle, block, sizeof block, MSG_DONTWAIT);
        if (got > 0)
            kept->dropped += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return false;
        else if (errno == EAGAIN)
            return true;
    }
    return false;
}

int64_t fz_linger_drain(struct fz_linger *linger, int64_t now_ms)
{
    int64_t earliest = INT64_MAX;
    pthread_mutex_lock(&linger->lock);
    for (size_t i = 0; i < linger->count;) {
        if (linger->kept[i].until_ms > now_ms && drain(&linger->kept[i])) {
            earliest = linger->kept[i].until_ms < earliest ? linger->kept[i].until_ms : earliest;
            i++;
        } else {
            close(linger->kept[i].handle);
            linger->kept[i] = linger->kept[--linger->count];
        }
    }
    pthread_mutex_unlock(&linger->lock);
    return earliest;
}
