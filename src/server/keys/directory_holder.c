/* The place where the present version of the directory hangs. */
#include <pthread.h>
#include <stdlib.h>

#include "server/keys/directory.h"

struct fz_directory_holder {
    pthread_mutex_t lock;
    struct fz_directory *present;
    atomic_uint_fast64_t version; /* of `present`, so that a look costs no lock */
};

struct fz_directory_holder *fz_directory_holder_new(void)
{
    struct fz_directory_holder *holder = calloc(1, sizeof *holder);
    if (holder != NULL)
        pthread_mutex_init(&holder->lock, NULL);
    return holder;
}

void fz_directory_holder_free(struct fz_directory_holder *holder)
{
    if (holder == NULL)
        return;
    fz_directory_unref(holder->present);
    pthread_mutex_destroy(&holder->lock);
    free(holder);
}

/* Of two that were loaded at the same time the later one stays, in whatever order they come here. */
void fz_directory_publish(struct fz_directory_holder *holder, struct fz_directory *directory)
{
    pthread_mutex_lock(&holder->lock);
    struct fz_directory *left = directory;
    if (holder->present == NULL || fz_directory_version(holder->present) < fz_directory_version(directory)) {
        left = holder->present;
        holder->present = directory;
        atomic_store_explicit(&holder->version, fz_directory_version(directory), memory_order_release);
    }
    pthread_mutex_unlock(&holder->lock);
    fz_directory_unref(left);
}

struct fz_directory *fz_directory_present(struct fz_directory_holder *holder)
{
    pthread_mutex_lock(&holder->lock);
    struct fz_directory *directory = holder->present == NULL ? NULL : fz_directory_ref(holder->present);
    pthread_mutex_unlock(&holder->lock);
    return directory;
}

bool fz_directory_is_present(struct fz_directory_holder *holder, uint64_t known_version)
{
    return atomic_load_explicit(&holder->version, memory_order_acquire) == known_version;
}
