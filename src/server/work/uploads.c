/* Bodies with a file that are being received. */
#include "server/work/uploads.h"

#include <pthread.h>
#include <stdlib.h>

struct fz_uploads {
    pthread_mutex_t lock;
    struct place {
        struct fz_socket *socket; /* NULL: free */
        int64_t heard_ms;
    } places[FZ_UPLOADS_MAX];
};

struct fz_uploads *fz_uploads_new(void)
{
    struct fz_uploads *uploads = calloc(1, sizeof *uploads);
    if (uploads != NULL)
        pthread_mutex_init(&uploads->lock, NULL);
    return uploads;
}

void fz_uploads_free(struct fz_uploads *uploads)
{
    if (uploads == NULL)
        return;
    pthread_mutex_destroy(&uploads->lock);
    free(uploads);
}

/* NULL: there is none. */
static struct place *find(struct fz_uploads *uploads, const struct fz_socket *socket)
{
    for (size_t i = 0; i < FZ_UPLOADS_MAX; i++)
        if (uploads->places[i].socket == socket)
            return &uploads->places[i];
    return NULL;
}

static struct place *find_oldest(struct fz_uploads *uploads)
{
    struct place *oldest = &uploads->places[0];
    for (size_t i = 1; i < FZ_UPLOADS_MAX; i++)
        if (uploads->places[i].heard_ms < oldest->heard_ms)
            oldest = &uploads->places[i];
    return oldest;
}

bool fz_uploads_enter(struct fz_uploads *uploads, struct fz_socket *socket, int64_t now_ms)
{
    pthread_mutex_lock(&uploads->lock);
    struct place *place = find(uploads, NULL);
    bool full = place == NULL;
    if (full) {
        place = find_oldest(uploads);
        fz_socket_set_deadline(place->socket, now_ms);
    }
    *place = (struct place){.socket = socket, .heard_ms = now_ms};
    pthread_mutex_unlock(&uploads->lock);
    return full;
}

void fz_uploads_heard(struct fz_uploads *uploads, const struct fz_socket *socket, int64_t now_ms)
{
    pthread_mutex_lock(&uploads->lock);
    struct place *place = find(uploads, socket);
    if (place != NULL)
        place->heard_ms = now_ms;
    pthread_mutex_unlock(&uploads->lock);
}

void fz_uploads_leave(struct fz_uploads *uploads, const struct fz_socket *socket)
{
    pthread_mutex_lock(&uploads->lock);
    struct place *place = find(uploads, socket);
    if (place != NULL)
        *place = (struct place){0};
    pthread_mutex_unlock(&uploads->lock);
}
