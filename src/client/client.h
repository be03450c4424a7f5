/* A client, as the library's own files see it. What is in it is made once and then only read, but for what the locks and
 * atomics are for. */
#ifndef FZ_CLIENT_CLIENT_H
#define FZ_CLIENT_CLIENT_H

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "client/trust.h"
#include "fenzhang/client.h"

struct fz_lane;
struct fz_loop;

struct fz_client {
    pid_t process; /* whose it is: a child of fork() may not use it */

    char *mchid, *serial_no, *user_agent, *proxy, *ca_file;
    bool chinese;
    unsigned char apiv3_key[32];
    bool has_apiv3_key;
    EVP_PKEY *key; /* NULL: `sign` signs */
    int (*sign)(void *signer, const void *message, size_t size, unsigned char *signature, size_t *signature_size);
    void *signer;
    struct fz_trust *trust;

    char **hosts; /* "https://host:port" without a slash at the end */
    size_t host_count;
    atomic_size_t host; /* the one that answered last: the next call begins there */

    int64_t deadline_ms, attempt_ms, backoff_ms, tolerance_s;
    int attempts;
    int64_t (*now_ms)(void *clock);
    void *clock;

    pthread_mutex_t lock;
    struct fz_lane *idle, *busy; /* lane.h */
    struct fz_loop *loops;       /* loop_internal.h */
    atomic_uint_fast64_t cancelled; /* how often fz_client_cancel was called */
};

/* The time by which requests are stamped and answers judged. */
int64_t fz_client_now_ms(const fz_client *client);

#endif
