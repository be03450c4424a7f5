/* A callback's body: what happened, and the sealed resource, opened with the merchant's APIv3 key.
 *
 *     {"id":"…","create_time":"…","event_type":"REFUND.SUCCESS","resource_type":"encrypt-resource",
 *      "summary":"…",
 *      "resource":{"algorithm":"AEAD_AES_256_GCM","original_type":"refund","ciphertext":"…","nonce":"…",
 *                  "associated_data":"refund"}}
 *
 * (The vendor's document 3.2.9, for refunds; payments have the same envelope.) Verify first
 * (wire/platform_signature.h), then read: a body whose signature does not fit is nobody's to open. */
#ifndef FZ_SPEC_CLIENT_CALLBACK_H
#define FZ_SPEC_CLIENT_CALLBACK_H

#include <stddef.h>

#include "base/result.h"

#define FZ_CALLBACK_MAX (1024 * 1024) /* bytes; a longer body is no callback */

/* Terminated UTF-8; empty where the body does not say it; longer ones are cut at a character. */
struct fz_callback {
    char id[65];            /* the same again whenever the same event is sent again */
    char create_time[41];   /* RFC 3339 */
    char event_type[65];    /* such as "TRANSACTION.SUCCESS" */
    char resource_type[33]; /* "encrypt-resource" */
    char original_type[33]; /* what the resource is: "transaction", "refund" */
    char summary[257];      /* for people */
    char *resource;         /* the opened resource, terminated: JSON as a rule. Owned: fz_callback_done */
    size_t resource_size;   /* without the NUL */
};

/* What is wrong with a body. */
enum fz_callback_fault {
    FZ_CALLBACK_READ = 0,  /* nothing */
    FZ_CALLBACK_ENVELOPE,  /* it is no such JSON, or lacks event_type or a part of the resource */
    FZ_CALLBACK_ALGORITHM, /* sealed by another algorithm than AEAD_AES_256_GCM */
    FZ_CALLBACK_SEAL,      /* it does not open: sealed with another APIv3 key, or changed */
    FZ_CALLBACK_FAILED,    /* memory is short, or the library failed: try again */
};

/* Reads `size` bytes of a verified body. `apiv3_key`: its 32 bytes as they are. On a fault `out` is
 * untouched. */
FZ_MUST_CHECK enum fz_callback_fault fz_callback_read(const void *body, size_t size,
                                                      const unsigned char apiv3_key[32],
                                                      struct fz_callback *out);
/* Wipes and frees the resource. A zeroed struct, or one that is done already, is left as it is. */
void fz_callback_done(struct fz_callback *callback);

#endif
