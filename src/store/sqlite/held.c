/* The books that this process has open, each with a descriptor for those who read its file beside SQLite. */
#include "store/sqlite/held.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fz_book_file *all;

bool fz_held_add(struct fz_book_file *file)
{
    pthread_mutex_lock(&lock);
    file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->descriptor >= 0) {
        file->next = all;
        all = file;
    }
    pthread_mutex_unlock(&lock);
    return file->descriptor >= 0;
}

void fz_held_remove(struct fz_book_file *file)
{
    if (file->descriptor < 0)
        return;
    pthread_mutex_lock(&lock);
    struct fz_book_file **at = &all;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    close(file->descriptor);
    file->descriptor = -1;
    pthread_mutex_unlock(&lock);
}

static int find(const struct stat *wanted)
{
    struct stat found;
    for (const struct fz_book_file *at = all; at != NULL; at = at->next)
        if (fstat(at->descriptor, &found) == 0 && found.st_dev == wanted->st_dev && found.st_ino == wanted->st_ino)
            return at->descriptor;
    return -1;
}

int fz_held_borrow(const char *path, bool *own)
{
    struct stat wanted;
    pthread_mutex_lock(&lock);
    int file = stat(path, &wanted) == 0 ? find(&wanted) : -1;
    *own = file < 0;
    if (file < 0)
        file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        pthread_mutex_unlock(&lock);
    return file;
}

void fz_held_give_back(int file, bool own)
{
    if (own)
        close(file);
    pthread_mutex_unlock(&lock);
}
