/* Whom a client believes: the platform's certificates and public key, and when to fetch the former. Knows no network: whoever
 * is told to fetch does, and says what came. Safe from many threads. */
#ifndef FZ_CLIENT_TRUST_H
#define FZ_CLIENT_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct fz_trust;

/* All borrowed until fz_trust_new returns. */
struct fz_trust_setup {
    const char *const *certificates; /* PEM, as texts, NULL-ended; NULL: none */
    const char *directory;           /* fetched ones are kept and found there; NULL: nowhere */
    const char *public_key_id;       /* PUB_KEY_ID_…; NULL: none */
    const char *public_key;          /* PEM */
    bool fixed;                      /* none are fetched */
    const unsigned char *apiv3_key;  /* 32 bytes, copied and wiped in the end; NULL: none, so nothing can be fetched */
};

/* Certificates that are given and have ended are passed over. In `directory`, SERIAL.pem counts that is this user's or
 * root's, writable by nobody else, and in force; what else is there is passed over.
 * FZ_MALFORMED: what is given is no certificate or key; FZ_ABSENT: there is nothing to verify with, and none can be
 * fetched. `why`: what happened and what to do ("" with FZ_FAILED: memory is short). */
FZ_MUST_CHECK enum fz_result fz_trust_new(const struct fz_trust_setup *setup, int64_t now_ms, struct fz_trust **out, char *why,
                                          size_t why_size);
void fz_trust_free(struct fz_trust *trust);

/* ---- verifying ---- */

/* The four headers of an answer or a callback, as they came; NULL: not there. */
struct fz_signed_headers {
    const char *timestamp, *nonce, *serial, *signature;
};

enum fz_verdict {
    FZ_TRUSTED,
    FZ_NO_SIGNATURE,   /* a header is missing or empty */
    FZ_UNKNOWN_SERIAL, /* it names a key that is not known: fetch, and ask again */
    FZ_WRONG_SIGNATURE, /* also: a timestamp that is no number, a nonce with a control character */
    FZ_STALE,          /* its timestamp is not of now */
    FZ_KEY_OUTDATED,   /* its certificate is not in force */
    FZ_VERIFY_FAILED   /* not told apart from FZ_WRONG_SIGNATURE yet: OpenSSL says no to both */
};
/* `tolerance_s` 0: this very second. */
enum fz_verdict fz_trust_verify(struct fz_trust *trust, const struct fz_signed_headers *headers, const void *body, size_t size,
                                int64_t now_ms, int64_t tolerance_s);

/* ---- sealing ---- */

#define FZ_TRUST_SERIAL_SIZE 80

/* Seals `plain` (RSAES-OAEP) for the platform's key of that name (fz_trust_sealing_serial). FZ_ABSENT: it is not known, or
 * not in force any more. FZ_FULL: `plain` is longer than the key can seal, or `out` too small. FZ_FAILED. */
FZ_MUST_CHECK enum fz_result fz_trust_seal(struct fz_trust *trust, const char *serial, int64_t now_ms, const char *plain,
                                           char *out, size_t out_size);
/* The name to seal with now, also for the header Wechatpay-Serial: of the public key where there is one, else of the
 * certificate in force that ends last (document 3.1.8). FZ_ABSENT: there is none yet. */
FZ_MUST_CHECK enum fz_result fz_trust_sealing_serial(struct fz_trust *trust, int64_t now_ms, char out[FZ_TRUST_SERIAL_SIZE]);
/* What the header Wechatpay-Serial of a request without sealed members says, so that the service answers with a key that is
 * known: the public key's ID where there is one, else "". */
const char *fz_trust_public_key_id(const struct fz_trust *trust);

/* ---- fetching ---- */

/* Somebody who waits for another's fetch; zeroed but for `wake`, which is called once, from the thread that fetched and
 * without any lock: it may ask again or leave, but must not free the trust. Before the waiter's memory goes: fz_trust_leave. */
struct fz_trust_waiter {
    void (*wake)(struct fz_trust_waiter *waiter);
    struct fz_trust_waiter *next;
    bool waits;
};

enum fz_fetch {
    FZ_FETCH_NONE,  /* what is wanted is there */
    FZ_FETCH_YOURS, /* fetch now, and call fz_trust_fetched or fz_trust_fetch_failed */
    FZ_FETCH_WAITS, /* another does: `waiter` is woken, then ask again */
    FZ_FETCH_USELESS /* none can be fetched (fixed, no APIv3 key), or it was tried just now: go on without */
};
/* What a call needs: `serial` NULL: any key that verifies (asked before every call; also says YOURS to one caller when the
 * certificates are about to end or were last fetched long ago); else that one. One fetch at a time; after a fetch that did not
 * bring what was wanted or failed, none for some seconds, and after any no renewal for some minutes. `now_ticks_ms` is
 * monotonic. Keys that are there are not waited for: while one caller renews, the others go on. */
enum fz_fetch fz_trust_want(struct fz_trust *trust, const char *serial, int64_t now_ms, int64_t now_ticks_ms,
                            struct fz_trust_waiter *waiter);
/* Whether there is any key in force that an answer could be verified by; and whether one may be fetched in time. */
bool fz_trust_can_verify(struct fz_trust *trust, int64_t now_ms);
bool fz_trust_can_fetch(const struct fz_trust *trust);
#define FZ_TRUST_PAUSE_MS 5000 /* after a fetch that brought nothing there is none for so long */

/* The answer to GET /v3/certificates: opens them with the APIv3 key, checks that one of them signed this very answer, keeps
 * them, in the directory too (by rename), and wakes who waits. Known ones stay until they end, listed or not. The fetch is
 * over whatever the result, so that fz_trust_fetch_failed need not follow (and does nothing then). FZ_MALFORMED with
 * `why`: it is no such answer, and nothing of it is believed. FZ_OK with a `why` that is not "": the directory could not be
 * written, so that they are in memory alone. */
FZ_MUST_CHECK enum fz_result fz_trust_fetched(struct fz_trust *trust, const struct fz_signed_headers *headers, const void *body,
                                              size_t size, int64_t now_ms, int64_t tolerance_s, int64_t now_ticks_ms, char *why,
                                              size_t why_size);
void fz_trust_fetch_failed(struct fz_trust *trust, int64_t now_ticks_ms);
/* Who was to fetch goes away, cancelled or late: that says nothing of the service, so the next who asks fetches. */
void fz_trust_fetch_given_up(struct fz_trust *trust, int64_t now_ticks_ms);
/* A waiter that goes away, woken or not: it is not woken afterwards, and if `wake` is under way in another thread, this
 * waits for its return. */
void fz_trust_leave(struct fz_trust *trust, struct fz_trust_waiter *waiter);

#endif
