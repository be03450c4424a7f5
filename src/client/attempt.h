/* An attempt: one request over HTTP and what came back, on a libcurl handle that somebody else drives. */
#ifndef FZ_CLIENT_ATTEMPT_H
#define FZ_CLIENT_ATTEMPT_H

#include <curl/curl.h>

#include "base/text.h"
#include "client/client.h"
#include "wire/signature.h"

#define FZ_HEADER_SIZE 1024 /* of a header that is looked at: the longest is a signature of 684 characters */

/* What is to be sent. Borrowed until the attempt is over. */
struct fz_sending {
    const char *method, *host, *target;
    bool once; /* a write: it goes out at most once, and whether again is for the operation to say */
    const char *body; /* what is signed; NULL: none */
    size_t body_size;
    const char *platform_serial; /* header Wechatpay-Serial; NULL or "": none */
    /* A file beside it: then the body is the part `meta` of a form. NULL: none. */
    const void *file;
    size_t file_size;
    const char *file_name, *file_type;
    size_t answer_max; /* bytes of the answer's body */
    bool packed;       /* it may come compressed, and is unpacked before anybody sees it */
    /* Where the answer's body goes as it comes, instead of being kept; false ends the attempt. `data` NULL: an attempt begins,
     * and what came before is void. `take` NULL: it is kept. */
    bool (*take)(void *taker, const char *data, size_t size);
    const char *(*taken)(void *taker, size_t *size); /* all that came, for a signature over it; NULL: it cannot be had */
    void *taker;
};

struct fz_attempt {
    CURL *easy;
    struct curl_slist *headers;
    curl_mime *form;
    const struct fz_sending *sending;
    bool began;     /* the request went out, or was about to: the service may have it */
    bool broke;     /* the connection over which it went out ended without an answer, and it did not go out again */
    CURLcode code;  /* how it ended */
    long status;    /* 0: no answer */
    struct fz_text body;
    bool is_framed; /* where its body ends is told: what breaks off is seen */
    bool too_large; /* the answer was longer than it may be */
    char timestamp[64], nonce[FZ_HEADER_SIZE], serial[128], signature[FZ_HEADER_SIZE], request_id[128], retry_after[32],
        sha1[64];
};

/* Signs the request and sets the handle up; `timeout_ms` for all of it. FZ_FAILED: memory is short, or a signature could not
 * be made (*signing is then true). */
FZ_MUST_CHECK enum fz_result fz_attempt_prepare(struct fz_attempt *attempt, const fz_client *client, struct fz_signer *signer,
                                                const struct fz_sending *sending, int64_t timeout_ms, bool *signing);
/* After libcurl is done with it. */
void fz_attempt_end(struct fz_attempt *attempt, CURLcode code);
/* Frees what the attempt holds, but for the handle. */
void fz_attempt_done(struct fz_attempt *attempt);

/* The four headers that a signature is checked by; what did not come is NULL. */
struct fz_signed_headers fz_attempt_signed(const struct fz_attempt *attempt);

#endif
