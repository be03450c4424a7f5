/* What trust.h hides, for the files trust*.c. */
#ifndef FZ_CLIENT_TRUST_INTERNAL_H
#define FZ_CLIENT_TRUST_INTERNAL_H

#include <pthread.h>

#include "base/arena.h"
#include "client/trust.h"
#include "wire/sealed.h"
#include "wire/trusted_key.h"

#define FZ_CERTIFICATE_PEM_MAX (16 << 10) /* bytes: one of an RSA-4096 key has some 2.5 KB */
#define FZ_NEVER_FETCHED       INT64_MIN

/* A waiter whose `wake` is being called, on the stack of the thread that calls it. */
struct fz_waking {
    const struct fz_trust_waiter *waiter;
    pthread_t thread;
    struct fz_waking *next;
};

/* The fetch of certificates that is under way, and when there may be another. */
struct fz_trust_fetching {
    bool under_way;
    char wanted[FZ_SERIAL_SIZE];       /* what it is to bring; "": any key */
    int64_t fetched_ms;                /* the last good one, in real time, or FZ_NEVER_FETCHED */
    int64_t none_before_ticks_ms;      /* after one that brought nothing */
    int64_t no_renewal_before_ticks_ms;
    struct fz_trust_waiter *waiters;   /* for the end of this one */
    struct fz_trust_waiter *to_wake;   /* its end has come */
    struct fz_waking *waking;
    pthread_cond_t woken;              /* one of `waking` has gone */
};

struct fz_trust {
    char public_key_id[FZ_TRUSTED_NAME_SIZE]; /* "": none. This one and the next three never change */
    char *directory;
    bool can_fetch;
    unsigned char apiv3_key[FZ_APIV3_KEY_SIZE];
    pthread_mutex_t lock;         /* of what follows: verifying, too, changes contexts in `keys` */
    struct fz_trusted_keys *keys;
    struct fz_trust_fetching fetching;
};

static inline bool fz_is_in_force(const struct fz_validity *validity, int64_t now_ms)
{
    return validity->not_before_ms <= now_ms && now_ms <= validity->not_after_ms;
}

/* ---- trust.c ---- */

/* Of the certificates that are in force, the one that ends last; NULL: there is none. Under the lock. */
const struct fz_trusted_key *fz_trust_newest(const struct fz_trust *trust, int64_t now_ms);
/* Takes out what has ended. Under the lock. */
void fz_trust_drop_ended(struct fz_trust *trust, int64_t now_ms);

/* ---- trust_list.c ---- */

/* The certificates of an answer that can be used: RSA, in force. */
struct fz_listed {
    struct fz_trusted_keys *keys;
    const char *pems[FZ_TRUSTED_KEYS_MAX]; /* in `arena`, in the order of `keys` */
    size_t count;
    struct fz_arena arena;
};
/* Opens them with the APIv3 key and makes sure that one of them signed the answer. FZ_MALFORMED with
 * `why`; FZ_FAILED: memory is short. Whatever the result: fz_listed_done. */
FZ_MUST_CHECK enum fz_result fz_listed_read(const unsigned char apiv3_key[FZ_APIV3_KEY_SIZE],
                                            const struct fz_signed_headers *headers, const void *body,
                                            size_t size, int64_t now_ms, int64_t tolerance_s,
                                            struct fz_listed *out, char *why, size_t why_size);
void fz_listed_done(struct fz_listed *listed);

/* ---- trust_directory.c ---- */

/* Adds to `keys` the certificates of the directory that are in force. When the last of them was written,
 * in milliseconds since 1970; FZ_NEVER_FETCHED without any. */
int64_t fz_trust_directory_read(const char *directory, int64_t now_ms, struct fz_trusted_keys *keys);
/* Writes those that were listed and removes what has ended. False, with errno: not all could be written. */
bool fz_trust_directory_write(const char *directory, const struct fz_listed *listed, int64_t now_ms);

/* ---- trust_fetch.c ---- */

FZ_MUST_CHECK bool fz_trust_fetching_init(struct fz_trust_fetching *fetching);
void fz_trust_fetching_done(struct fz_trust_fetching *fetching);

#endif
