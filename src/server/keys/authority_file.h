/* The authority's files: DIR/tls/ca_key.pem and DIR/tls/ca_cert.pem, made once. */
#ifndef FZ_SERVER_KEYS_AUTHORITY_FILE_H
#define FZ_SERVER_KEYS_AUTHORITY_FILE_H

#include <openssl/evp.h>

#include "base/result.h"
#include "server/data/data_directory.h"

#define FZ_CERTIFICATE_FILE_MAX 65536

struct fz_authority {
    EVP_PKEY *key;
    char pem[FZ_CERTIFICATE_FILE_MAX]; /* its certificate */
    char path[FZ_PATH_SIZE];           /* where that lies */
};

struct fz_host_names; /* base/server/host_names.h */

/* Reads the authority of the data directory `data`, which is private already; makes it if there is none, so that it can vouch
 * for `hosts` (NULL: none) too. Two processes that do so at once get the same. A key that others can use is refused, and an
 * authority that cannot vouch for all of `hosts`. What happened, why and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_authority_open(const char *data, const struct fz_host_names *hosts,
                                               struct fz_authority *out, char *why, size_t why_size);
void fz_authority_done(struct fz_authority *authority);

#endif
