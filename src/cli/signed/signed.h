/* A request of any shape, signed and sent as it stands, and its answer as it came: nothing is repeated, judged or verified.
 * For those who look into what goes wrong; everybody else has the client library. */
#ifndef FZ_CLI_SIGNED_SIGNED_H
#define FZ_CLI_SIGNED_SIGNED_H

#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct fz_signed_request {
    /* who */
    const char *mchid, *serial_no;
    EVP_PKEY *key;
    /* where to */
    const char *host;            /* "https://host[:port]" */
    const char *ca_file, *proxy; /* as struct fz_client_options has them */
    /* what */
    const char *method, *target;
    const char *body; /* NULL: none */
    size_t body_size;
    const struct curl_slist *headers; /* more of them; NULL: none */
};

struct fz_signed_answer {
    long status;
    struct fz_text body;
    char date[64], request_id[64]; /* headers; "": not there */
    char timestamp[32], nonce[130], serial[80], signature[1024], signature_type[64];
    int64_t took_us;
    int64_t came_ms;              /* wire time */
    char detail[CURL_ERROR_SIZE]; /* of what went wrong */
};

/* libcurl's options of a way: certificates that count, and the proxy. */
CURLcode fz_signed_set_way(CURL *handle, const char *ca_file, const char *proxy);

/* CURLE_OK: there is an answer, whatever it says. fz_signed_answer_done either way. */
CURLcode fz_signed_send(const struct fz_signed_request *request, struct fz_signed_answer *answer);
void fz_signed_answer_done(struct fz_signed_answer *answer);

#endif
