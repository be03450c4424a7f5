/* How the files of this layer deal with OpenSSL: whose errors are whose, and scopes that free. */
#ifndef FZ_WIRE_OPENSSL_H
#define FZ_WIRE_OPENSSL_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/result.h"

static inline void fz_errors_taken_out(const int *mark)
{
    (void)mark;
    ERR_pop_to_mark();
}

/* First in a function that calls OpenSSL: what the calls leave in the thread's queue of errors is taken
 * out when the function returns, and what somebody else left there before stays. The queue is shared by
 * all that is linked with OpenSSL, and a peer's wrong signature must neither pile up in it nor clear what
 * a host's own TLS has still to report (SSL_get_error reads the queue). */
#define FZ_KEEP_ERROR_QUEUE                                                                                  \
    __attribute__((unused)) FZ_CLEANUP(fz_errors_taken_out) const int error_mark = ERR_set_mark()

/* For PEM_read_bio_…: without a password OpenSSL would ask for it at the terminal if the PEM says that it is
 * encrypted. */
#define FZ_NO_PASSWORD ((char[]){""})

/* For FZ_CLEANUP. */
static inline void fz_bio_done(BIO **bio)
{
    BIO_free(*bio);
}

static inline void fz_bignum_done(BIGNUM **number)
{
    BN_free(*number);
}

static inline void fz_x509_done(X509 **x509)
{
    X509_free(*x509);
}

#endif
