/* The TLS authority: a CA of one's own that can vouch for the vendor's API hosts and for this machine, and
 * for nothing else, and the server's certificate from it. P-256: an RSA handshake costs several times as
 * much. */
#ifndef FZ_WIRE_SERVER_AUTHORITY_H
#define FZ_WIRE_SERVER_AUTHORITY_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/* A new P-256 key. New: EVP_PKEY_free. NULL on failure. */
EVP_PKEY *fz_tls_key_new(void);
/* A private key of any kind from PEM; fz_key_write writes it. New; NULL if it is none. Never asks for a
 * password. */
EVP_PKEY *fz_tls_key_read(const char *pem);

struct fz_host_names; /* base/server/host_names.h */

/* The CA's certificate for `key`, signed by itself, from a day before `now_ms` (wire time) for 10 years. Its
 * critical name constraints end what it can vouch for: the API hosts, this machine, and `hosts` (NULL: none), of names also
 * what lies below them. Appends to `pem`. */
FZ_MUST_CHECK enum fz_result fz_authority_make(EVP_PKEY *key, const struct fz_host_names *hosts, int64_t now_ms,
                                               struct fz_text *pem);

/* The first of `hosts` that this CA cannot vouch for; NULL: there is none. */
const char *fz_authority_lacks(const char *authority_pem, const struct fz_host_names *hosts);

/* A server's certificate for `key`, for the API hosts that the CA can vouch for, localhost, the loopback
 * addresses and `hosts` (NULL: none), none of which the CA may lack: from a day before `now_ms` for 397 days (the most that Apple's systems accept of some), or until
 * the CA's ends. */
FZ_MUST_CHECK enum fz_result fz_authority_issue(EVP_PKEY *authority_key, const char *authority_pem,
                                                EVP_PKEY *key, const struct fz_host_names *hosts,
                                                int64_t now_ms, struct fz_text *pem);

/* What is wrong with a certificate and its key. */
enum fz_pair {
    FZ_PAIR_GOOD,
    FZ_PAIR_UNREADABLE, /* no certificate in PEM */
    FZ_PAIR_DIFFERENT,  /* the certificate is another key's */
    FZ_PAIR_EARLY,      /* it is not valid yet */
    FZ_PAIR_ENDED,      /* it is not valid any more */
};
/* Looks at the first certificate of `pem`, as of `now_ms`. */
enum fz_pair fz_pair_check(const char *pem, EVP_PKEY *key, int64_t now_ms);

/* Whether the first certificate of `pem` is for `host`: a name, or an address with or without brackets. */
bool fz_certificate_names(const char *pem, const char *host);

#endif
