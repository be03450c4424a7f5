/* Clients of the refund and funds-distribution API v3 of WeChat Pay Global, and of Fenzhang, which stands in for it.
 *
 * A client is made once and used by as many threads as there are, for as long as the program runs. Every call has a
 * function: it takes the call's request, and gives its answer or an error. No answer is given that the service did not sign:
 * what cannot be verified is an error, and that cannot be switched off.
 *
 * What is returned is the caller's: answers are freed by fz_answer_free, errors by fz_error_free. What is passed in is
 * borrowed for the call. Texts are UTF-8 and end in a NUL. Amounts are in the smallest unit of their currency (fen).
 *
 * Functions that can fail return 0 when they did what they say, and -1 when `error` says why not. `error` may be NULL.
 *
 * Processes: the library calls curl_global_init when the first client is made, under a lock and once, and never
 * curl_global_cleanup; a program that calls curl_global_init itself does so before, as libcurl asks. OpenSSL initialises
 * itself. Nothing of either is configured for the whole process. After fork() a client belongs to the parent: in the child
 * every call fails with FZ_CODE_FORKED, at once, and fz_client_free gives back memory without touching the connections. */
#ifndef FENZHANG_CLIENT_H
#define FENZHANG_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FZ_API __attribute__((visibility("default")))

/* ---- structs that grow ----
 * Options and requests begin with their size, so that a program goes on with newer libraries: start them with
 *     struct fz_refund_by_id_request request = FZ_INIT(fz_refund_by_id_request);
 * Answers are made by the library and grow at their end. What stands inside them (objects, items of lists) does not grow:
 * what is new there is told by fz_answer_member. */
#ifdef __cplusplus
} /* a template has C++ linkage */
template <typename type> inline type fz_initial()
{
    type fresh = type();
    fresh.size = sizeof(type);
    return fresh;
}
#define FZ_INIT(type) fz_initial<struct type>()
extern "C" {
#else
#define FZ_INIT(type) {.size = sizeof(struct type)}
#endif

typedef struct fz_client fz_client;

/* ---- options ---- */

/* Texts are copied. What is NULL or 0 takes the default. */
struct fz_client_options {
    size_t size;

    /* Who calls. */
    const char *mchid;            /* the merchant or institution whose key signs */
    const char *serial_no;        /* of its certificate: 40 hex digits */
    const char *private_key_file; /* PEM; or */
    const char *private_key;      /* PEM, as text; or */
    /* a signature made elsewhere (an HSM, PKCS #11): RSA (PKCS #1 v1.5) over SHA-256 of `message`. Writes at most
     * *signature_size bytes, sets it to how many, and returns 0. Called from the thread that calls, or the loop's. */
    int (*sign)(void *signer, const void *message, size_t size, unsigned char *signature, size_t *signature_size);
    void *signer;
    const char *apiv3_key; /* 32 bytes: opens platform certificates and callbacks */

    /* Whom it believes: platform certificates are fetched (with apiv3_key) and renewed; or these; or a public key of the
     * platform; or both, while a merchant moves from one to the other. */
    const char *const *platform_certificates; /* PEM, as texts, NULL-ended: to begin with */
    const char *certificate_directory;        /* fetched ones are kept there, and read at the start; NULL: in memory alone */
    const char *public_key_id;                /* PUB_KEY_ID_… */
    const char *public_key_file;              /* PEM; or */
    const char *public_key;                   /* PEM, as text */
    bool fixed_certificates;                  /* none are fetched: what is given above has to do */

    /* Where to. */
    const char *const *hosts; /* "https://host[:port]", NULL-ended, the next when one cannot be reached; default
                                 https://apihk.mch.weixin.qq.com, then apius and apieu */
    const char *ca_file;      /* PEM: certificates of hosts are checked against it; NULL: the system's */
    const char *proxy;        /* "http://host:port"; NULL: as libcurl finds it in the environment; "": none */
    const char *user_agent;   /* goes before the library's own */
    bool chinese;             /* messages of errors in Chinese */

    /* How long, how often. One deadline holds for a call with all its attempts, hosts and certificate fetches. */
    int64_t deadline_ms;       /* default 30 000 */
    int64_t attempt_ms;        /* one attempt; default 10 000 */
    int attempts;              /* of one call, in all; default 4; 1: no repeats, a write goes out once */
    int64_t backoff_ms;        /* the first wait between attempts; doubles, with jitter; default 200 */
    int64_t timestamp_tolerance_s; /* how far an answer's timestamp may be off; default 300; see has_tolerance */
    bool has_tolerance;        /* timestamp_tolerance_s is meant, also when it is 0: then it has to be this very second */

    /* The time in milliseconds since 1970; NULL: the machine's. Timestamps of requests, and whether an answer is of now. */
    int64_t (*now_ms)(void *clock);
    void *clock;
};
#define FZ_CLIENT_OPTIONS_INIT FZ_INIT(fz_client_options)

/* Makes a client. Nothing goes over the network yet. */
FZ_API int fz_client_new(const struct fz_client_options *options, fz_client **client, fz_error **error);
/* No call may be under way. NULL is allowed. */
FZ_API void fz_client_free(fz_client *client);

/* Ends all calls that are under way: they fail with FZ_CODE_CANCELLED. From any thread. Later calls are not touched. */
FZ_API void fz_client_cancel(fz_client *client);

/* ---- calls ---- */

typedef struct fz_cancel fz_cancel;
/* Something by which any thread can end the calls that were given it. NULL: memory or file descriptors are short. */
FZ_API fz_cancel *fz_cancel_new(void);
FZ_API void fz_cancel_free(fz_cancel *cancel); /* when no call has it any more; NULL is allowed */
/* Ends them, and all that come after, until fz_cancel_reset: they fail with FZ_CODE_CANCELLED, each with what became of it.
 * From any thread, and from a signal handler. */
FZ_API void fz_cancel_all(fz_cancel *cancel);
FZ_API void fz_cancel_reset(fz_cancel *cancel);

/* What one call does otherwise than its client. */
struct fz_call_options {
    size_t size;
    int64_t deadline_ms;   /* 0: the client's */
    fz_cancel *cancel;     /* NULL: none; borrowed until the call is over */
    const void *file;      /* of a call that takes a file (file-upload): its bytes, borrowed */
    size_t file_size;
    const char *file_name; /* as the service is told it */
    const char *file_type; /* "image/png" … */
};

/* Any call by its name, as `fenzhang openapi` has it ("refund-by-id"). The functions in fenzhang/calls.h are this with types:
 * `request` is the call's struct fz_…_request, *answer its struct fz_…_answer (of a call that answers nothing, something to
 * free). `options` may be NULL. */
FZ_API int fz_call(fz_client *client, const char *name, const void *request, const struct fz_call_options *options,
                   void **answer, fz_error **error);

/* What became of a write whose error says FZ_OUTCOME_MAYBE_DONE. Asks the service by the merchant's number that the write had.
 * With `repeat`, if the service does not know it, the write is made again, with the same number and the same bytes.
 * 0: *outcome is FZ_OUTCOME_DONE, and *answer what the query (or the repeat) answered: *name says of which call (NULL when a
 * query found nothing any more, as of a deletion that was done); or FZ_OUTCOME_NOT_SENT: the service does not know it now (a
 * request that is still on its way can arrive later: with `repeat` that does no harm, as the number is the same). -1: it cannot be told yet, `error` says why; `pending` can be asked again. */
FZ_API int fz_find_out(fz_client *client, const fz_error *pending, bool repeat, enum fz_outcome *outcome, void **answer,
                       const char **name, fz_error **error);

/* ---- answers ---- */

/* Frees an answer of whatever call. NULL is allowed. */
FZ_API void fz_answer_free(void *answer);
/* The answer's body as it came, verified; *size (NULL is allowed) gets its bytes. Borrowed from the answer. */
FZ_API const char *fz_answer_text(const void *answer, size_t *size);
/* A member by its JSON Pointer ("/amount/refund"), as JSON text; also one that this library does not know. NULL: there is
 * none. Borrowed from the answer. From one thread at a time. */
FZ_API const char *fz_answer_member(void *answer, const char *pointer);
/* The Request-ID with which the service can find the exchange. */
FZ_API const char *fz_answer_request_id(const void *answer);

/* ---- memory ---- */

/* What all clients of the process allocate by, before the first is made. Each as of stdlib.h. What libcurl, OpenSSL and
 * jansson allocate is theirs: they have functions of their own for that. */
FZ_API void fz_set_allocator(void *(*allocate)(size_t size), void *(*reallocate)(void *memory, size_t size),
                             void (*release)(void *memory));

#ifdef __cplusplus
}
#endif

#endif
