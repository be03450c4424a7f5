/* The yardstick of `script/bench client`: the least that a query by libcurl takes, with a signature and a verification. */
#ifndef FZ_BENCH_BARE_CLIENT_H
#define FZ_BENCH_BARE_CLIENT_H

#include <curl/curl.h>

#include "wire/signature.h"

struct bare {
    struct fz_signer *signer;
    struct fz_verifier *verifier;
    CURL *easy;
    const char *mchid, *serial_no;
    char target[512], url[1024], answer[8192], signed_by_us[FZ_SIGNATURE_BASE64_SIZE];
    unsigned char signature[512];
    size_t answer_size;
};

/* Texts are borrowed. */
void bare_open(struct bare *bare, const char *api, const char *target, const char *mchid, const char *serial_no, const char *key_file);
void bare_close(struct bare *bare);
/* One exchange, and one verification. */
void bare_ask(struct bare *bare);
/* A signature and a verification, without an exchange. */
void bare_sign_and_verify(struct bare *bare);

/* Ends the program when `good` does not hold. */
void must(bool good, const char *what);
/* The whole file, as text that is kept. */
char *read_whole(const char *path);

#endif
