/* Random bytes: the only file that asks the machine for them.
 *
 * Each answer needs a nonce and a Request-ID, and a system call for each would cost more than all else
 * that is done for them. So every thread fetches a pool at a time and hands it out. A byte is handed out
 * once and wiped where it lay: who reads the memory later finds what is still to come, as with any
 * generator in the process, but nothing that was given away. A child after fork() would have the same
 * pool as its parent, so it fetches its own. */
#include "base/random.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>


#define POOL_SIZE 4096 /* for about eighty answers */

struct pool {
    unsigned forks; /* the process that it was fetched in */
    size_t left;    /* bytes at the end that were not handed out */
    unsigned char bytes[POOL_SIZE];
};
static __thread struct pool pool;

static atomic_uint forks;

static void note_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, note_fork);
}

static bool fetch(unsigned char *out, size_t size)
{
    while (size > 0) {
        ssize_t got = getrandom(out, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out += got;
        size -= (size_t)got;
    }
    return true;
}

static bool fill_pool(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pool.left = 0; /* what is left of a parent's pool is the parent's */
    pool.forks = atomic_load(&forks);
    if (!fetch(pool.bytes, sizeof pool.bytes))
        return false;
    pool.left = sizeof pool.bytes;
    return true;
}

enum fz_result fz_random_try(void *out, size_t size)
{
    unsigned char *at = out;
    for (size_t left = size; left > 0;) {
        if ((pool.left == 0 || pool.forks != atomic_load(&forks)) && !fill_pool()) {
            OPENSSL_cleanse(out, size);
            return FZ_FAILED;
        }
        size_t part = left < pool.left ? left : pool.left;
        unsigned char *from = pool.bytes + sizeof pool.bytes - pool.left;
        memcpy(at, from, part);
        OPENSSL_cleanse(from, part);
        pool.left -= part;
        at += part;
        left -= part;
    }
    return FZ_OK;
}

enum fz_result fz_random_text_try(char *out, size_t size)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (size == 0)
        return FZ_FULL;
    size_t at = 0;
    while (at + 1 < size) {
        unsigned char drawn[40]; /* 32 letters, which a nonce has, and as good as always those passed over */
        if (fz_random_try(drawn, sizeof drawn) != FZ_OK) {
            OPENSSL_cleanse(out, size);
            return FZ_FAILED;
        }
        /* Bytes from 248 up are passed over, so that each of the 62 letters is equally likely. */
        for (size_t i = 0; i < sizeof drawn && at + 1 < size; i++)
            if (drawn[i] < 248)
                out[at++] = letters[drawn[i] % 62];
    }
    out[at] = '\0';
    return FZ_OK;
}
