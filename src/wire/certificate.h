/* X.509 certificates of merchants and of the platform, read. */
#ifndef FZ_WIRE_CERTIFICATE_H
#define FZ_WIRE_CERTIFICATE_H

#include <stdint.h>

#include "wire/key.h"

/* From when until when a certificate is valid, milliseconds since 1970; it keeps whole seconds. */
struct fz_validity {
    int64_t not_before_ms, not_after_ms;
};

/* What a PEM certificate of an RSA key says. `public_key` (may be NULL) is new. */
struct fz_certificate {
    char serial[FZ_SERIAL_SIZE]; /* upper-case hex without zeros in front; above 160 bits it is malformed */
    struct fz_validity validity;
};
FZ_MUST_CHECK enum fz_result fz_certificate_read(const char *pem, struct fz_certificate *out,
                                                 EVP_PKEY **public_key);

#endif
