/* The table of connections. */
#include "server/net/sockets.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct fz_sockets {
    pthread_mutex_t lock; /* all but what is atomic */
    size_t max, size;     /* `size` places: some more than are given away */
    size_t count, leaving;
    size_t touched; /* places behind this one were never used */
    struct fz_socket *free;
    struct fz_socket places[];
};

struct fz_sockets *fz_sockets_new(size_t max)
{
    const size_t size = max + FZ_SOCKETS_SPARE;
    struct fz_sockets *sockets = calloc(1, sizeof *sockets + size * sizeof sockets->places[0]);
    if (sockets == NULL)
        return NULL;
    sockets->max = max;
    sockets->size = size;
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

/* ---- who has to go ---- */

static void shut(struct fz_sockets *sockets, struct fz_socket *socket)
{
    fz_socket_set_deadline(socket, FZ_NEVER_MS);
    socket->leaving = true;
    sockets->leaving++;
    shutdown(socket->handle, SHUT_RDWR);
}

static int64_t silent_since(const struct fz_socket *socket)
{
    if (socket->handle < 0 || socket->leaving)
        return FZ_NEVER_MS;
    return atomic_load_explicit(&socket->silent_since_ms, memory_order_relaxed);
}

/* NULL: nobody is silent. */
static struct fz_socket *find_oldest(struct fz_sockets *sockets, bool verified)
{
    struct fz_socket *oldest = NULL;
    int64_t since_ms = FZ_NEVER_MS;
    for (size_t i = 0; i < sockets->touched; i++) {
        struct fz_socket *place = &sockets->places[i];
        if (silent_since(place) < since_ms &&
            atomic_load_explicit(&place->verified, memory_order_relaxed) == verified) {
            oldest = place;
            since_ms = silent_since(place);
        }
    }
    return oldest;
}

static bool evict(struct fz_sockets *sockets)
{
    struct fz_socket *oldest = find_oldest(sockets, false);
    if (oldest == NULL)
        oldest = find_oldest(sockets, true);
    if (oldest != NULL)
        shut(sockets, oldest);
    return oldest != NULL;
}

bool fz_sockets_evict(struct fz_sockets *sockets)
{
    pthread_mutex_lock(&sockets->lock);
    bool went = evict(sockets);
    pthread_mutex_unlock(&sockets->lock);
    return went;
}

bool fz_sockets_admit(struct fz_sockets *sockets)
{
    pthread_mutex_lock(&sockets->lock);
    bool room = sockets->count < sockets->size &&
                (sockets->count - sockets->leaving < sockets->max || evict(sockets));
    pthread_mutex_unlock(&sockets->lock);
    return room;
}

/* ---- a connection ---- */

static struct fz_socket *take_place(struct fz_sockets *sockets)
{
    struct fz_socket *socket = sockets->free;
    if (socket != NULL)
        sockets->free = socket->next_free;
    else if (sockets->touched < sockets->size)
        socket = &sockets->places[sockets->touched++];
    return socket;
}

struct fz_socket *fz_socket_open(struct fz_sockets *sockets, int handle, int64_t now_ms, int64_t deadline_ms)
{
    pthread_mutex_lock(&sockets->lock);
    struct fz_socket *socket = take_place(sockets);
    if (socket != NULL) {
        sockets->count++;
        socket->handle = handle;
        socket->leaving = false;
        atomic_store_explicit(&socket->verified, false, memory_order_relaxed);
        atomic_store_explicit(&socket->silent_since_ms, now_ms, memory_order_relaxed);
        fz_socket_set_deadline(socket, deadline_ms);
    }
    pthread_mutex_unlock(&sockets->lock);
    return socket;
}

void fz_socket_close(struct fz_sockets *sockets, struct fz_socket *socket)
{
    pthread_mutex_lock(&sockets->lock);
    socket->handle = -1;
    fz_socket_set_deadline(socket, FZ_NEVER_MS);
    socket->next_free = sockets->free;
    sockets->free = socket;
    sockets->count--;
    sockets->leaving -= socket->leaving;
    pthread_mutex_unlock(&sockets->lock);
}

void fz_socket_set_deadline(struct fz_socket *socket, int64_t deadline_ms)
{
    atomic_store_explicit(&socket->deadline_ms, deadline_ms, memory_order_relaxed);
}

void fz_socket_work(struct fz_socket *socket)
{
    atomic_store_explicit(&socket->silent_since_ms, FZ_NEVER_MS, memory_order_relaxed);
    fz_socket_set_deadline(socket, FZ_NEVER_MS);
}

void fz_socket_wait(struct fz_socket *socket, int64_t now_ms)
{
    atomic_store_explicit(&socket->silent_since_ms, now_ms, memory_order_relaxed);
    fz_socket_set_deadline(socket, now_ms + FZ_HEAD_MS);
}

int64_t fz_sockets_expire(struct fz_sockets *sockets, int64_t now_ms, size_t *expired)
{
    int64_t earliest = FZ_NEVER_MS;
    *expired = 0;
    pthread_mutex_lock(&sockets->lock);
    for (size_t i = 0; i < sockets->touched; i++) {
        struct fz_socket *place = &sockets->places[i];
        int_fast64_t deadline_ms = atomic_load_explicit(&place->deadline_ms, memory_order_relaxed);
        /* The exchange fails where the worker has set another deadline since it was read: the request came after all,
         * and the connection stays. */
        if (deadline_ms <= now_ms && place->handle >= 0 && !place->leaving &&
            atomic_compare_exchange_strong_explicit(&place->deadline_ms, &deadline_ms, FZ_NEVER_MS,
                                                    memory_order_relaxed, memory_order_relaxed)) {
            shut(sockets, place);
            (*expired)++;
        } else if (deadline_ms < earliest && !place->leaving) {
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
