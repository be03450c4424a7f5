/* Faults on demand: rules that say which requests are to go wrong, and how. In the memory of the process,
 * never in the book. Thread-safe; costs one atomic load while no rule stands. */
#ifndef FZ_SERVER_FAULT_FAULTS_H
#define FZ_SERVER_FAULT_FAULTS_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/server/refusal.h"
#include "book/merchant/merchant.h"
#include "wire/certificate.h"

#define FZ_FAULTS_MAX         64
#define FZ_FAULT_SHARE_ALL    10000 /* shares are in 1/10 000 */
#define FZ_FAULT_DELAY_MAX_MS 60000
#define FZ_FAULT_NAME_SIZE    64
#define FZ_FAULT_PATH_SIZE    256

enum fz_fault_effect {
    FZ_FAULT_NONE,
    FZ_FAULT_ERROR,           /* a row of errors.def is the answer */
    FZ_FAULT_DELAY,           /* nothing but the delay */
    FZ_FAULT_RESET,           /* the connection is reset */
    FZ_FAULT_CUT,             /* half of the body, then the connection ends */
    FZ_FAULT_WRONG_SIGNATURE, /* one that does not verify */
    FZ_FAULT_PROBE_SIGNATURE, /* one that begins as the vendor's probes do */
    FZ_FAULT_NO_SIGNATURE,
    FZ_FAULT_EXPIRED_CERTIFICATE, /* a good signature, under a certificate that has run out */
    FZ_FAULT_STALE_TIMESTAMP      /* a good signature of ten minutes ago */
};
/* Their words, from FZ_FAULT_ERROR on, NULL-ended. */
extern const char *const fz_fault_effect_words[];
/* An error after the work is the outcome that a client does not know: it was done all the same. */
enum fz_fault_moment { FZ_FAULT_BEFORE, FZ_FAULT_AFTER };

/* What strikes one request. Zeroed: nothing. */
struct fz_fault {
    enum fz_fault_effect effect;
    enum fz_row row; /* of an error */
    enum fz_fault_moment moment;
    int64_t delay_ms; /* beside any effect; 0: none */
};

/* Which requests, how often, how long. */
struct fz_fault_rule {
    struct fz_fault fault;
    char endpoint[FZ_FAULT_NAME_SIZE]; /* the row's name; "": any */
    char path[FZ_FAULT_PATH_SIZE];     /* without query; one "*" may stand for anything; "": any */
    char mchid[FZ_MCHID_SIZE];         /* the caller; "": any */
    char sub_mchid[FZ_MCHID_SIZE];     /* that the request names; "": any */
    bool refusals;                     /* also of those that are refused before any work */
    int share;                         /* of the requests that fit */
    uint64_t seed;                     /* which of them: the same seed, the same places in their order */
    int64_t count;                     /* over after so many hits; 0: no end */
    int64_t until_ticks_ms;            /* over then; 0: no end */
    int64_t until_book_ms;             /* over then; 0: no end */
};

/* A request, as rules look at it. Texts borrowed; NULL: it has none, or was refused before that was known. */
struct fz_fault_request {
    const char *endpoint, *target, *mchid, *sub_mchid;
    bool refused; /* before any work */
    int64_t ticks_ms, book_ms;
};

struct fz_faults;

struct fz_faults *fz_faults_new(void); /* NULL when memory is short */
void fz_faults_free(struct fz_faults *faults);

/* Whether any rule stands that is not over. */
bool fz_faults_any(const struct fz_faults *faults);
/* Asks the rules in the order they were made: the first that fits and whose share is drawn strikes. False:
 * none did, and `out` is untouched. */
bool fz_faults_draw(struct fz_faults *faults, const struct fz_fault_request *request, struct fz_fault *out);

/* A new rule; a rule that is over makes room if there is none. FZ_FULL: FZ_FAULTS_MAX stand. */
FZ_MUST_CHECK enum fz_result fz_faults_add(struct fz_faults *faults, const struct fz_fault_rule *rule,
                                           int64_t *id);
/* Takes rule `id` away; 0: all of them. Returns how many that were. */
size_t fz_faults_clear(struct fz_faults *faults, int64_t id);

struct fz_fault_state {
    int64_t id; /* from 1 on, never given twice */
    struct fz_fault_rule rule;
    int64_t seen, hits; /* requests that fitted, and those it struck */
    bool over;
};
/* Puts these rules, as they stand, in the place of those that there are. What cannot be kept for want of memory is left out:
 * returns how many are there. */
size_t fz_faults_replace(struct fz_faults *faults, const struct fz_fault_state *states, size_t count);
/* All rules in their order; returns how many. */
size_t fz_faults_list(struct fz_faults *faults, int64_t ticks_ms, int64_t book_ms,
                      struct fz_fault_state out[FZ_FAULTS_MAX]);

/* The platform identity of FZ_FAULT_EXPIRED_CERTIFICATE, which no list of certificates has: its certificate
 * ended with 2021. */
struct fz_expired_identity {
    EVP_PKEY *key;
    char serial[FZ_SERIAL_SIZE];
    struct fz_text pem;
};
/* Makes it if there is none yet: a new key takes a while. Before the first rule that wants it is added. */
FZ_MUST_CHECK enum fz_result fz_faults_make_expired(struct fz_faults *faults);
/* Borrowed, good as long as the faults; NULL before it was made. */
const struct fz_expired_identity *fz_faults_expired(struct fz_faults *faults);

#endif
