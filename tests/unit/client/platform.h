/* The platform, as a client meets it: by OpenSSL alone, nothing of the project's. */
#ifndef FZ_UNIT_CLIENT_PLATFORM_H
#define FZ_UNIT_CLIENT_PLATFORM_H

#include <openssl/evp.h>
#include <stdint.h>

#define APIV3_KEY "0123456789abcdefghijABCDEFGHIJ+-"

/* A certificate of `key`'s, signed by itself: PEM, to be freed. Times in seconds since 1970. */
char *platform_certificate(EVP_PKEY *key, const char *serial, int64_t from_s, int64_t until_s);
/* PEM, to be freed. */
char *platform_public_key(EVP_PKEY *key);

/* What the platform sends: a body and the four headers. */
struct platform_answer {
    char timestamp[24];
    const char *nonce;
    char serial[80];
    char signature[1024];
    char *body; /* to be freed */
};
/* Takes over `body`. */
void platform_sign(struct platform_answer *out, EVP_PKEY *key, const char *serial, int64_t at_s, char *body);
/* The body of an answer to GET /v3/certificates: `pems` (NULL-ended) sealed with `apiv3_key`. To be freed. */
char *platform_list(const char *apiv3_key, const char *const *pems);

/* Opens what a client sealed (RSAES-OAEP with SHA-1) for `key`. To be freed. */
char *platform_open(EVP_PKEY *key, const char *base64);

#endif
