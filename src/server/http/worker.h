/* A worker: one libmicrohttpd daemon and its thread, and what this thread alone uses. */
#ifndef FZ_SERVER_HTTP_WORKER_H
#define FZ_SERVER_HTTP_WORKER_H

#include <microhttpd.h>
#include <stdarg.h>

#include "server/keys/directory.h"
#include "server/net/sockets.h"
#include "server/server.h"
#include "wire/signature.h"

#define FZ_VERIFIER_PLACES 1024 /* keys kept ready; further ones take the places of earlier ones */

struct fz_exchange;
struct fz_record_block;
struct fz_request_figures;
struct fz_tls;

/* A connection, as its worker sees it. */
struct fz_peer {
    struct fz_socket *socket;
    struct MHD_Connection *connection;
    struct fz_exchange *exchange; /* the request at hand, NULL between requests */
    bool linger;                  /* answered before its request was read to the end */
    struct fz_peer *before, *next; /* the worker's other connections */
};

struct fz_worker {
    struct fz_http *http;
    const struct fz_tls *tls; /* NULL: plain HTTP */
    struct MHD_Daemon *daemon;
    struct fz_peer *peers; /* its connections; the worker's thread alone */
    struct fz_reader *reader;
    struct fz_record_block *records; /* which it fills, for the request log */
    struct fz_request_figures *figures; /* of the requests that it answered */
    struct fz_directory *directory; /* the version in use */
    struct fz_ready {
        char serial_no[FZ_SERIAL_SIZE];
        struct fz_signer *signer;
    } signers[FZ_PLATFORM_PUBLIC_KEY + 1]; /* by kind: of the key that signed last */
    struct fz_prepared {
        uint64_t number; /* of the key */
        struct fz_verifier *verifier;
    } * verifiers;
};

/* Opens the reader and starts the daemon, which speaks TLS with `tls` (borrowed), or plain HTTP without. */
FZ_MUST_CHECK enum fz_result fz_worker_start(struct fz_http *http, const struct fz_tls *tls,
                                             struct fz_worker *worker);
/* Ends the daemon with all its connections. None may be suspended. */
void fz_worker_stop(struct fz_worker *worker);

/* refusal.c: libmicrohttpd's log. What it says before it refuses a request in its own words is the moment to
 * refuse it in ours. */
void fz_worker_on_trouble(void *worker, const char *format, va_list values);

/* The present version of the directory, looked up once a request. A new reference, or NULL if there is none.
 */
struct fz_directory *fz_worker_directory(struct fz_worker *worker);
/* The signer of a platform's key; NULL when memory is short. */
struct fz_signer *fz_worker_signer(struct fz_worker *worker, const struct fz_platform_key *key);
/* The verifier for a merchant's key; NULL when memory is short. */
struct fz_verifier *fz_worker_verifier(struct fz_worker *worker, const struct fz_merchant_key *key);

#endif
