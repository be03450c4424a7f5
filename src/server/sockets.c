/* The table of connections. */
#include "server/sockets.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct fz_sockets {
    pthread_mutex_t lock; /* all but the deadlines */
    size_t max, count;
    size_t touched; /* places behind this one were never used */
    struct fz_socket *free;
    struct fz_socket places[];
};

struct fz_sockets *fz_sockets_new(size_t max)
{
    struct fz_sockets *sockets = calloc(1, sizeof *sockets + max * sizeof sockets->places[0]);
    if (sockets == NULL)
        return NULL;
    sockets->max = max;
    pthread_mutex_init(&sockets->lock, NULL);
    return sockets;
}

void fz_sockets_free(struct fz_sockets *sockets)
{
    if (sockets == NULL)
        return;
    pthread_mutex_destroy(&sockets->lock);
    free(sockets);
}

bool fz_sockets_reserve(struct fz_sockets *sockets)
{
    pthread_mutex_lock(&sockets->lock);
    bool room = sockets->count < sockets->max;
    if (room)
        sockets->count++;
    pthread_mutex_unlock(&sockets->lock);
    return room;
}

void fz_sockets_release(struct fz_sockets *sockets)
{
    pthread_mutex_lock(&sockets->lock);
    assert(sockets->count > 0);
    sockets->count--;
    pthread_mutex_unlock(&sockets->lock);
}

struct fz_socket *fz_socket_open(struct fz_sockets *sockets, int handle, int64_t deadline_ms)
{
    pthread_mutex_lock(&sockets->lock);
    struct fz_socket *socket = sockets->free;
    if (socket != NULL) {
        sockets->free = socket->next_free;
    } else {
        assert(sockets->touched < sockets->max); /* it was reserved */
        socket = &sockets->places[sockets->touched++];
    }
    socket->handle = handle;
    fz_socket_set_deadline(socket, deadline_ms);
    pthread_mutex_unlock(&sockets->lock);
    return socket;
}

void fz_socket_close(struct fz_sockets *sockets, struct fz_socket *socket)
{
    pthread_mutex_lock(&sockets->lock);
    socket->handle = -1;
    fz_socket_set_deadline(socket, FZ_NO_DEADLINE);
    socket->next_free = sockets->free;
    sockets->free = socket;
    sockets->count--;
    pthread_mutex_unlock(&sockets->lock);
}

void fz_socket_set_deadline(struct fz_socket *socket, int64_t deadline_ms)
{
    atomic_store_explicit(&socket->deadline_ms, deadline_ms, memory_order_relaxed);
}

int64_t fz_sockets_expire(struct fz_sockets *sockets, int64_t now_ms, size_t *expired)
{
    int64_t earliest = FZ_NO_DEADLINE;
    *expired = 0;
    pthread_mutex_lock(&sockets->lock);
    for (size_t i = 0; i < sockets->touched; i++) {
        struct fz_socket *place = &sockets->places[i];
        int_fast64_t deadline_ms = atomic_load_explicit(&place->deadline_ms, memory_order_relaxed);
        /* Taken back unless its worker set another one just now, because the request came after all. */
        if (deadline_ms <= now_ms && place->handle >= 0 &&
            atomic_compare_exchange_strong_explicit(&place->deadline_ms, &deadline_ms, FZ_NO_DEADLINE,
                                                    memory_order_relaxed, memory_order_relaxed)) {
            shutdown(place->handle, SHUT_RDWR);
            (*expired)++;
        } else if (deadline_ms < earliest) {
            earliest = deadline_ms;
        }
    }
    pthread_mutex_unlock(&sockets->lock);
    return earliest;
}

size_t fz_sockets_count(struct fz_sockets *sockets)
{
    pthread_mutex_lock(&sockets->lock);
    size_t count = sockets->count;
    pthread_mutex_unlock(&sockets->lock);
    return count;
}
