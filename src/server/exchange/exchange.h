/* An exchange: one request and its answer, on its way through a worker.
 *
 * libmicrohttpd hands over the head, the body in pieces, and the end (exchange.c). At the end the request is
 * checked in one fixed order, whatever else is wrong with it: protocol, signature (verify.c), route, limits,
 * parameters (work.c). Then it is worked on: a read at once, on the worker's thread; a write on the writer's,
 * a file or a diagnosis on an executor's, while the connection is suspended and the worker goes on with
 * others (wait.c). Whoever has the result resumes the exchange, and the worker goes on where it was. There is
 * one way out for all (answer.c): rendered, signed, counted, logged, queued. Faults on demand strike at two
 * places, before the work and before the answer (fault.c). */
#ifndef FZ_SERVER_EXCHANGE_EXCHANGE_H
#define FZ_SERVER_EXCHANGE_EXCHANGE_H

#include <microhttpd.h>

#include "api/call/endpoint.h"
#include "server/fault/delays.h"
#include "server/fault/faults.h"
#include "server/keys/signature_headers.h"
#include "server/keys/watch.h"
#include "server/log/record.h"
#include "server/net/sockets.h"
#include "server/work/executor.h"
#include "server/work/tools.h"
#include "spec/server/error_body.h"
#include "wire/authorization.h"
#include "wire/doctor/doctor.h"

#define FZ_REQUEST_HEAD_MAX 16384 /* bytes, request line and headers */
#define FZ_REQUEST_BODY_MAX 65536
#define FZ_UPLOAD_MAX       (FZ_FILE_MAX + FZ_REQUEST_BODY_MAX) /* a multipart body with a file */

/* The headers that count, borrowed from libmicrohttpd until the request is over; NULL = not sent. Of doubled
 * ones the first. */
struct fz_headers {
    const char *accept, *user_agent, *authorization, *accept_language, *accept_encoding, *serial, *host,
        *connection, *content_length, *content_type, *transfer_encoding, *negative_test;
    bool authorization_doubled;
    const char *differing, *differing_value; /* a header that came twice with two values, and the second; NULL: none */
};

enum fz_phase {
    FZ_PHASE_HEAD,     /* its target is known */
    FZ_PHASE_BODY,     /* its head is whole, the body is being collected */
    FZ_PHASE_LOOKING,  /* suspended: what refuses it may have changed in the book */
    FZ_PHASE_HELD,     /* suspended: a fault delays its work */
    FZ_PHASE_WAITING,  /* suspended: the writer or an executor has it */
    FZ_PHASE_HELD_ON,  /* suspended: a fault delays its answer */
    FZ_PHASE_ANSWERED, /* the answer is queued */
};

/* The file that an answer sends, filled by an executor. */
struct fz_file_answer {
    int handle; /* -1: none */
    uint64_t size;
    bool sign;                /* the answer has a signature: over the file, or over its SHA-1 */
    unsigned char digest[32]; /* then: of the answer's message */
    char sha1[41];            /* of a statement, uncompressed; else empty */
    bool gzip;                /* what is sent is compressed */
};

/* What goes out. */
struct fz_answer {
    int status;
    enum fz_row row; /* NONE: success */
    char *body;      /* malloc'ed; NULL: none */
    size_t size;
    bool words_alone; /* no string of the body has names and values of its own */
    bool is_file;
    bool is_signed;
    const char *serial_no; /* of the certificate that verifies it; borrowed */
    char signature[FZ_SIGNATURE_BASE64_SIZE];
};

#define FZ_ANSWER_HEADERS_MAX 16

/* The headers of an answer, but for those that libmicrohttpd adds. */
struct fz_answer_headers {
    size_t count;
    struct fz_header list[FZ_ANSWER_HEADERS_MAX];
    char request_id[FZ_REQUEST_ID_SIZE];
    char allow[FZ_METHODS_SIZE]; /* with 405 */
};

/* The connection that it came on, as its worker sees it. */
struct fz_peer {
    struct fz_socket *socket;
    struct MHD_Connection *connection;
    struct fz_exchange *exchange; /* the request at hand, NULL between requests */
    bool linger;                  /* answered before its request was read to the end */
    struct fz_peer *before, *next; /* the worker's other connections */
};

struct fz_exchange {
    struct fz_tools *tools;
    struct fz_peer *peer;
    struct MHD_Connection *connection;
    enum fz_phase phase;
    bool active;      /* counted in the workshop */
    bool written;     /* counted in the store: its write is done, its answer not given */
    int64_t began_us; /* ticks */

    char *target;        /* path and query as sent */
    size_t target_size;  /* of the target as it came, which may have been a whole URL */
    char *authority;     /* HOST or HOST:PORT of a target that was a whole URL; else NULL */
    const char *method;  /* borrowed from libmicrohttpd */
    const char *version; /* "HTTP/1.1"; borrowed */
    struct fz_headers headers;
    struct fz_text body;              /* what the signature covers: the body; of an upload its `meta` alone */
    struct fz_upload_reading *upload; /* of an endpoint that takes a file; NULL: of another */

    struct fz_arena arena;
    struct fz_error error; /* row NONE: none */
    struct fz_manner manner;
    struct fz_directory *directory; /* the version that the whole exchange uses */
    struct fz_authorization authorization;
    const struct fz_caller *caller; /* NULL until the signature is found good */
    bool on_book_clock;             /* the request's timestamp fits book time, not wire time */
    struct fz_diagnosis diagnosis;  /* of a refusal of the signature; without a mistake: nobody looked */

    struct fz_route route;
    enum fz_row no_route; /* why there is none */
    struct fz_call call;
    char origin[300];
    void *params, *out;
    struct fz_write write;
    struct fz_task task;
    struct fz_watch_asker asker;
    bool looked;           /* it was refused by what was in memory, and the book was looked at since */
    bool counted;          /* against the limits */
    int64_t read_until_ms; /* ticks: then nobody waits for the database any longer */
    struct fz_fault fault; /* what strikes it on demand */
    struct fz_delay delay;
    bool on_demand;        /* its refusal was asked for, so it is nobody's mistake */
    enum fz_result result; /* of what was waited for */
    struct fz_turn turn;
    struct fz_stamp stamp;
    struct fz_file_answer file;
};

/* For http/worker.c: NULL when memory is short. */
struct fz_exchange *fz_exchange_new(struct fz_tools *tools, struct fz_peer *peer,
                                    struct MHD_Connection *connection, const char *target);
void fz_exchange_free(struct fz_exchange *exchange);
/* What libmicrohttpd has of the request: first its head, then pieces of its body, then its end; again after
 * it was resumed. False: the connection has to be closed. */
bool fz_exchange_take(struct fz_exchange *exchange, const char *method, const char *version,
                      const char *upload, size_t *upload_size);

/* ---- between the files of this folder ---- */

/* target.c: takes the target as it came, and leaves in exchange->target what is signed, routed and logged.
 * False when memory is short. */
bool fz_exchange_set_target(struct fz_exchange *exchange, const char *target);

/* shape.c: refuses a head that is larger than it may be, or not as HTTP has it. */
FZ_MUST_CHECK enum fz_result fz_exchange_check_shape(struct fz_exchange *exchange);

/* head.c: notes the headers that count, the route and the manner, of as much of a head as was read. */
void fz_exchange_note_head(struct fz_exchange *exchange);
/* The same of a whole head, and looks at it. Refuses what must not be read further: the shape of the head, and
 * FZ_BODY_TOO_LARGE. `has_body` tells whether a body follows. */
FZ_MUST_CHECK enum fz_result fz_exchange_read_head(struct fz_exchange *exchange, bool *has_body);
/* Writes scheme and Host of the request, or --public-url, into exchange->origin. */
void fz_exchange_set_origin(struct fz_exchange *exchange);
/* Whether the connection goes on after the answer, as far as the peer is concerned. */
bool fz_exchange_keeps_alive(const struct fz_exchange *exchange);

/* place.c: goes on with the tools for the book of whom the request names as its signer. Once its head was read, before anything
 * is counted in a workshop. */
void fz_exchange_place(struct fz_exchange *exchange);

/* upload.c: the body of an endpoint that takes a file, read piece by piece. `begin` returns
 * FZ_FAILED when memory is short. `take` refuses with FZ_BODY_TOO_LARGE;
 * every other fault is told after the signature was checked, through exchange->call.received. */
FZ_MUST_CHECK enum fz_result fz_upload_begin(struct fz_exchange *exchange);
FZ_MUST_CHECK enum fz_result fz_upload_take(struct fz_exchange *exchange, const char *piece, size_t size);
/* Whether all of it could be looked at; fills exchange->call.received. */
FZ_MUST_CHECK enum fz_result fz_upload_end(struct fz_exchange *exchange);
void fz_upload_free(struct fz_exchange *exchange);

/* verify.c: whose request it is. Refuses with the rows FZ_SIGN_…; FZ_FAILED when memory is short. */
FZ_MUST_CHECK enum fz_result fz_exchange_verify(struct fz_exchange *exchange);
/* For struct fz_call. */
FZ_MUST_CHECK enum fz_result fz_exchange_open_sealed(const struct fz_call *call, const char *base64,
                                                     char *out, size_t out_size);

/* work.c: everything up to the work: protocol, signature, route, limits, parameters. */
FZ_MUST_CHECK enum fz_result fz_exchange_prepare(struct fz_exchange *exchange);
/* The work of an exchange that was prepared. FZ_OK: exchange->out is filled;
 * FZ_REFUSED; FZ_FULL: try again later; other results are failures of the server. With `*waits` set the
 * exchange is suspended, and exchange->result will have it. */
FZ_MUST_CHECK enum fz_result fz_exchange_work(struct fz_exchange *exchange, bool *waits);

/* look_again.c: whether the exchange, which was refused, is suspended until the book was looked at: what is in memory may be older
 * than what another process has changed. It goes on with a second fz_exchange_prepare. */
bool fz_exchange_look_again(struct fz_exchange *exchange, enum fz_result result);

/* fault.c: what goes wrong on demand. Which of the rules strikes: into exchange->fault. `refused`: it will not be worked
 * on. */
void fz_exchange_draw_fault(struct fz_exchange *exchange, bool refused);
/* Refuses with what the header Wechatpay-Negative-Test asks for. */
enum fz_result fz_exchange_negative_test(struct fz_exchange *exchange);
/* Suspends the exchange if its fault delays it at this moment; `result` is what it goes on with. False: it
 * goes on at once. */
bool fz_exchange_hold(struct fz_exchange *exchange, enum fz_fault_moment moment, enum fz_result result);
/* The fault strikes, if this is its moment: it may change `result`. False: the connection was reset. */
bool fz_exchange_strike(struct fz_exchange *exchange, enum fz_fault_moment moment, enum fz_result *result);
/* A response that ends in the middle of its body. Takes over the body, or the file. NULL: there is none, or
 * memory is short. */
struct MHD_Response *fz_exchange_cut_response(struct fz_exchange *exchange, struct fz_answer *answer);

/* wait.c: suspends the connection, until fz_exchange_resume is called (from any thread; the exchange
 * must not be touched after that). False while the server stops: then it must not wait. It goes on when it is
 * its turn (work/turns.h), which it has to pass on: fz_exchange_pass, on the worker's thread. */
bool fz_exchange_suspend(struct fz_exchange *exchange);
void fz_exchange_resume(struct fz_exchange *exchange, enum fz_result result);
void fz_exchange_pass(struct fz_exchange *exchange);

/* file.c: has an executor open (and make) the file that exchange->out names. As fz_exchange_work. */
FZ_MUST_CHECK enum fz_result fz_exchange_open_file(struct fz_exchange *exchange, bool *waits);

/* doctor.c: after a refusal, says in exchange->diagnosis what was wrong with the signature, if that
 * is what was refused. With `*waits` set the exchange is suspended while an executor finds out. */
void fz_exchange_diagnose(struct fz_exchange *exchange, bool *waits);

/* render.c: fills `answer` with what `result` leads to, unsigned. False when memory is short. */
bool fz_exchange_render(struct fz_exchange *exchange, enum fz_result result, struct fz_answer *answer);

/* answer.c: the one way out. Queues the answer to `result`: what the endpoint answers, the file, or
 * the refusal. False: it could not. */
bool fz_exchange_answer(struct fz_exchange *exchange, enum fz_result result);
/* Refuses where libmicrohttpd takes no answer: in the middle of a body, or of a head that it is about to refuse in its
 * own words. Past it, to the socket or the TLS session; the connection has to be closed then. */
void fz_exchange_cut(struct fz_exchange *exchange, enum fz_row row);
/* Draws a nonce and reads the clock that the request used. */
void fz_exchange_stamp(struct fz_exchange *exchange);

/* log.c: puts a record of the exchange, masked, into the server's request log, if there is one. To
 * be called before the answer goes out, so that whoever has it finds it there. */
void fz_exchange_log(struct fz_exchange *exchange, const struct fz_answer *answer,
                     const struct fz_answer_headers *headers);

#endif
