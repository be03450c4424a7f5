/* The directory: every merchant's certificates and APIv3 key and the platform's keys, parsed once and kept in
 * memory, as the workers need them for each request. A new version replaces the old one when a control call
 * changed something, and shares with it what did not change; workers hold the version they use. */
#ifndef FZ_SERVER_KEYS_DIRECTORY_H
#define FZ_SERVER_KEYS_DIRECTORY_H

#include <openssl/evp.h>
#include <stdatomic.h>

#include "book/merchant/merchant.h"
#include "server/keys/changes.h"
#include "server/keys/secrets.h"
#include "store/store.h"
#include "wire/certificate.h"

/* Stored in merchant_key.state. */
enum fz_key_state { FZ_KEY_VALID = 1, FZ_KEY_EXPIRED, FZ_KEY_REVOKED, FZ_KEY_REPLACED };

struct fz_merchant_key {
    char mchid[FZ_MCHID_SIZE];
    char serial_no[FZ_SERIAL_SIZE];
    enum fz_key_state state;
    EVP_PKEY *public_key;
    uint64_t number; /* the same in every version: workers keep prepared verifiers by it */
};

/* Which of the platform's keys a merchant checks with; stored in merchant.public_key. */
enum fz_public_key_use {
    FZ_PUBLIC_KEY_OFF,  /* certificates alone */
    FZ_PUBLIC_KEY_BOTH, /* changing over: answers follow what the request names */
    FZ_PUBLIC_KEY_ONLY  /* it has no certificate, and cannot get one */
};

#define FZ_CALLBACK_KEY_ALL 10000 /* shares are in 1/10 000 */

/* What a merchant that can call has. */
struct fz_caller {
    char mchid[FZ_MCHID_SIZE];
    enum fz_merchant_kind kind;
    enum fz_public_key_use public_key;
    int callback_key_share; /* of 10 000 callbacks, those that the public key signs */
    bool has_apiv3_key;
    unsigned char apiv3_key[32];
    size_t key_count; /* certificates ever issued; 0 = never applied */
};

/* Stored in platform_key.kind. */
enum fz_platform_key_kind { FZ_PLATFORM_CERTIFICATE = 1, FZ_PLATFORM_PUBLIC_KEY };

struct fz_platform_key {
    char serial_no[FZ_SERIAL_SIZE]; /* of the certificate, or the id of the public key */
    enum fz_platform_key_kind kind;
    EVP_PKEY *private_key;
    int64_t signs_from_ms; /* book time */
};

struct fz_directory; /* one version; immutable, reference-counted */

/* Reads all from the book. New: one reference, given back with fz_directory_unref. */
FZ_MUST_CHECK enum fz_result fz_directory_load(struct fz_tx *tx, const struct fz_secrets *secrets,
                                               struct fz_directory **out);
/* The same after a change of one merchant (NULL: of none) or of the platform's keys, which a merchant's first use of
 * the public key adds to: reads what belongs to it, and has the rest from the version `before`. */
FZ_MUST_CHECK enum fz_result fz_directory_renew(struct fz_tx *tx, const struct fz_secrets *secrets,
                                                const struct fz_directory *before, const char *mchid,
                                                struct fz_directory **out);
struct fz_directory *fz_directory_ref(struct fz_directory *directory);
void fz_directory_unref(struct fz_directory *directory);

/* Borrowed from the version; NULL if there is none. */
const struct fz_caller *fz_directory_caller(const struct fz_directory *directory, const char *mchid);
const struct fz_merchant_key *fz_directory_key(const struct fz_directory *directory, const char *serial_no);
/* The certificate that signs at `now_ms`, book time. */
const struct fz_platform_key *fz_directory_signing(const struct fz_directory *directory, int64_t now_ms);
/* The key that signs the answer to a request of `caller` that named `serial_no` in Wechatpay-Serial (NULL:
 * none): the public key if that was named by somebody who uses it, else the certificate. */
const struct fz_platform_key *fz_directory_answering(const struct fz_directory *directory,
                                                     const struct fz_caller *caller, const char *serial_no,
                                                     int64_t now_ms);
/* The key that signs a callback to `caller`, for which a number below FZ_CALLBACK_KEY_ALL was drawn. */
const struct fz_platform_key *fz_directory_calling_back(const struct fz_directory *directory,
                                                        const struct fz_caller *caller, int drawn, int64_t now_ms);
/* The key of that serial number or id that `caller` may seal for at `now_ms`: a certificate that is listed, or the public key. */
const struct fz_platform_key *fz_directory_sealing(const struct fz_directory *directory,
                                                   const struct fz_caller *caller, const char *serial_no,
                                                   int64_t now_ms);
/* The public keys of one merchant, whatever their state: at most `max` into `out`, borrowed from the version;
 * gives how many. Looks at every key: not for a worker. */
size_t fz_directory_keys_of(const struct fz_directory *directory, const char *mchid,
                            const struct fz_merchant_key **out, size_t max);
/* The merchant that can call of that place in the order of their numbers, from 0; NULL: there are no more. */
const struct fz_caller *fz_directory_caller_at(const struct fz_directory *directory, size_t index);
/* The platform's key of that number, from 0; NULL: there are no more. */
const struct fz_platform_key *fz_directory_platform_at(const struct fz_directory *directory, size_t index);
const struct fz_changes *fz_directory_changes_of(const struct fz_directory *directory);
size_t fz_directory_key_count(const struct fz_directory *directory);
uint64_t fz_directory_version(const struct fz_directory *directory); /* grows with every load */

/* The place where the present version hangs. */
struct fz_directory_holder;
/* Of the book in `store`, whose keys open with `secrets`; both borrowed. New, and empty until the first
 * reload; NULL when memory is short. */
struct fz_directory_holder *fz_directory_holder_new(struct fz_store *store, const struct fz_secrets *secrets);
void fz_directory_holder_free(struct fz_directory_holder *holder);
/* Reads all anew from the book, and publishes it. */
FZ_MUST_CHECK enum fz_result fz_directory_reload(struct fz_directory_holder *holder);
/* The same after a change of one merchant (NULL: of none) or of the platform's keys: reads what belongs to
 * it, unless another process has changed something else meanwhile. */
FZ_MUST_CHECK enum fz_result fz_directory_reload_merchant(struct fz_directory_holder *holder,
                                                          const char *mchid);
/* The changes that the present version has. */
void fz_directory_changes(struct fz_directory_holder *holder, struct fz_changes *out);
/* Whether it is as new as that. */
bool fz_directory_has(struct fz_directory_holder *holder, const struct fz_changes *changes);
/* Takes over the reference. */
void fz_directory_publish(struct fz_directory_holder *holder, struct fz_directory *directory);
/* A reference to the present version. */
struct fz_directory *fz_directory_present(struct fz_directory_holder *holder);
/* Puts a reference to the present version into `*held`, in place of the version that is there (NULL: none).
 * Takes no lock where that is the present one. */
void fz_directory_follow(struct fz_directory_holder *holder, struct fz_directory **held);

#endif
