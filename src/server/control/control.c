/* The control interface's daemon: reads a call, finds who handles it, answers. Short calls run here, long
 * ones elsewhere while the connection is suspended. */
#include "server/control/control.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "server/control/peer.h"
#include "server/control/request/stream.h"
#include "server/control/threads.h"
#include "server/courier/courier.h"
#include "server/net/received.h"
#include "server/net/tls.h"
#include "wire/json_dumped.h"

#define CONNECTIONS_MAX 64 /* one more, and the one that has been silent the longest has to go */
#define BODY_MAX        (1024 * 1024)
#define IDLE_S          30 /* who does not take his answer, or reads no stream, for so long is let go */
#define PATH_SIZE       700 /* an argument whose every byte is escaped has room */
#define LAST_WORDS_MS   200 /* for the answers of calls that the stop has ended */

struct fz_control {
    struct fz_control_parts parts;
    atomic_bool reset_failed;
    struct fz_control_guard guard;
    struct MHD_Daemon *daemon;
    struct fz_control_peers peers;
    struct fz_reader *reader; /* the daemon's thread */
    struct fz_control_threads *threads;
    atomic_size_t in_hand;              /* requests begun and not yet answered to the end */
};

/* A request of the daemon. */
struct request {
    struct fz_control_job job; /* first: the threads hand it back */
    struct fz_control *control;
    struct MHD_Connection *connection;
    char path[PATH_SIZE]; /* as sent; "" = too long for any call */
    struct fz_text received;
    bool too_large;
    bool begun;     /* its head was seen */
    bool under_way; /* on a thread, or answered there */
};

/* ---- finding ---- */

/* What stands for "*", decoded once: the path was split before, so an escaped slash is one of its letters. */
static bool take_argument(const char *text, size_t size, char argument[FZ_CONTROL_ARGUMENT_SIZE])
{
    char decoded[PATH_SIZE];
    if (!fz_copy_part(decoded, sizeof decoded, text, size))
        return false;
    size_t decoded_size = MHD_http_unescape(decoded);
    return strlen(decoded) == decoded_size && decoded_size > 0 &&
           fz_copy(argument, FZ_CONTROL_ARGUMENT_SIZE, decoded);
}

/* Whether `path` fits `pattern`; what stands for its "*" is copied. */
static bool fits(const char *pattern, const char *path, char argument[FZ_CONTROL_ARGUMENT_SIZE])
{
    const char *star = strchr(pattern, '*');
    if (star == NULL)
        return strcmp(pattern, path) == 0;
    size_t head = (size_t)(star - pattern), tail = strlen(star + 1), size = strlen(path);
    if (size <= head + tail || strncmp(pattern, path, head) != 0 ||
        strcmp(star + 1, path + size - tail) != 0 || memchr(path + head, '/', size - head - tail) != NULL)
        return false;
    return take_argument(path + head, size - head - tail, argument);
}

/* "GET, POST" */
static void note_method(char allow[32], const char *method)
{
    size_t used = strlen(allow);
    if (strstr(allow, method) == NULL)
        snprintf(allow + used, 32 - used, "%s%s", used == 0 ? "" : ", ", method);
}

static const struct fz_control_route *find_route(const char *method, const char *path,
                                                 struct fz_control_call *call)
{
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++) {
        if (!fits(routes[i].path, path, call->argument))
            continue;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
        note_method(call->allow, routes[i].method);
    }
    if (call->allow[0] != '\0')
        fz_control_refuse(call, MHD_HTTP_METHOD_NOT_ALLOWED,
                          "The call was refused: this path does not take this method. Use %s.", call->allow);
    else
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "There is no such call. The calls are /clock, /merchants, /payments, /receivers, "
                          "/refunds, /callbacks, /platform, /requests, /faults, /limits, /audit, /reset, /health and "
                          "/metrics.");
    return NULL;
}

/* ---- reading ---- */

/* An empty body stands for an empty object. */
static void read_body(struct request *request)
{
    struct fz_control_call *call = &request->job.call;
    json_error_t error;
    if (request->too_large) {
        fz_control_refuse(call, MHD_HTTP_CONTENT_TOO_LARGE,
                          "The call was refused: its body is larger than 1 MiB. Send less at once.");
        return;
    }
    if (request->received.failed) {
        fz_control_refuse(call, MHD_HTTP_INTERNAL_SERVER_ERROR,
                          "The call was refused: memory is short. Try again.");
        return;
    }
    if (request->received.size == 0) {
        call->body = json_object();
        return;
    }
    call->body = json_loadb(request->received.data, request->received.size, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(call->body))
        fz_control_refuse(call, MHD_HTTP_BAD_REQUEST,
                          "The call was refused: its body is no JSON object (%s). Send one, or {}.",
                          call->body == NULL ? error.text : "it is another value");
}

static void receive(struct request *request, const char *data, size_t size)
{
    if (size > BODY_MAX - request->received.size)
        request->too_large = true;
    if (!request->too_large)
        fz_text_add(&request->received, data, size);
}

/* ---- answering ---- */

static struct MHD_Response *copy_response(const char *text, size_t size, const char *content_type)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response != NULL)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    return response;
}

static struct MHD_Response *make_response(struct fz_control_call *call)
{
    static const char nothing[] = "{\"error\":\"Memory is short. Make room, then try again.\"}\n";
    if (call->stream != NULL)
        return fz_control_stream_response(call->stream);
    if (call->text.data != NULL)
        return copy_response(call->text.data, call->text.size, "text/plain; version=0.0.4; charset=utf-8");
    char *text = call->answer == NULL ? NULL : fz_json_dumped(call->answer, JSON_COMPACT);
    if (text == NULL) {
        call->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        return copy_response(nothing, sizeof nothing - 1, "application/json");
    }
    size_t size = strlen(text);
    text[size] = '\n'; /* in the place of the NUL: the size goes along */
    struct MHD_Response *response = copy_response(text, size + 1, "application/json");
    free(text);
    return response;
}

static enum MHD_Result send_answer(struct request *request)
{
    struct MHD_Response *response = make_response(&request->job.call);
    if (response == NULL)
        return MHD_NO;
    if (request->job.call.status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, request->job.call.allow);
    if (fz_store_has_others(request->job.call.parts->store)) /* faults, limits, modes, the log are this process's alone */
        (void)MHD_add_response_header(response, "Fenzhang-Process", request->job.call.parts->process_id);
    bool ends = request->job.call.stream == NULL; /* a stream goes on for as long as it is read */
    fz_socket_set_deadline(fz_control_peer_socket(request->connection),
                           ends ? fz_ticks_ms() + FZ_ANSWER_MS : FZ_NEVER_MS);
    enum MHD_Result queued = MHD_queue_response(request->connection, request->job.call.status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- running ---- */

/* On a thread, when a call has been answered: the daemon then asks again for its request. */
static void resume(struct fz_control_job *job)
{
    MHD_resume_connection(((struct request *)job)->connection);
}

/* On the courier's thread, or that of a reset. */
static void bring_news(void *argument, int64_t notification)
{
    struct fz_control *control = argument;
    fz_control_threads_news(control->threads, notification);
}

static enum MHD_Result run_call(struct request *request)
{
    struct fz_control_call *call = &request->job.call;
    if (request->job.route->kind == FZ_CONTROL_SHORT) {
        call->reader = request->control->reader;
        request->job.route->run(call);
        return send_answer(request);
    }
    request->under_way = true;
    MHD_suspend_connection(request->connection);
    enum fz_result result = fz_control_threads_submit(request->control->threads, &request->job);
    if (result == FZ_FULL)
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The clock was not touched: %d calls that move it wait already. Wait for their "
                          "answers, then try again.",
                          FZ_CLOCKS_WAITING_MAX);
    else if (result != FZ_OK)
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The call was not made: the server stops. Start it again.");
    if (result != FZ_OK)
        MHD_resume_connection(request->connection);
    return MHD_YES;
}

/* A request has come in whole. */
static enum MHD_Result begin(struct request *request, const char *method)
{
    struct fz_control_call *call = &request->job.call;
    fz_socket_work(fz_control_peer_socket(request->connection));
    if (fz_control_guard_admits(&request->control->guard, request->connection, method, call)) {
        request->job.route = find_route(method, request->path, call);
        if (request->job.route != NULL) {
            call->members = request->job.route->members;
            read_body(request);
        }
    }
    return call->status != 0 ? send_answer(request) : run_call(request);
}

/* The target as it came: libmicrohttpd's own path is decoded already, and a slash in an argument could not be
 * told from one between two. NULL when memory is short. */
static void *on_target(void *argument, const char *target, struct MHD_Connection *connection)
{
    struct fz_control *control = argument;
    struct request *request = fz_control_peer_socket(connection) == NULL ? NULL : calloc(1, sizeof *request);
    if (request == NULL)
        return NULL;
    request->control = control;
    request->connection = connection;
    request->received.max = BODY_MAX;
    request->job.call.parts = &control->parts;
    request->job.call.connection = connection;
    if (!fz_copy_part(request->path, sizeof request->path, target, strcspn(target, "?")))
        request->path[0] = '\0';
    const char *query = strchr(target, '?');
    request->job.call.query_text = strdup(query == NULL ? "" : query + 1);
    fz_query_hide(target);
    atomic_fetch_add(&control->in_hand, 1);
    return request;
}

struct framing {
    unsigned told; /* how often the head says how the body ends */
    bool known;
};

static enum MHD_Result look_at_framing(void *argument, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct framing *framing = argument;
    (void)kind;
    bool coding = strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    framing->told += coding || strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    framing->known &= !coding || (value != NULL && strcasecmp(value, "chunked") == 0);
    return MHD_YES;
}

/* The body of what is refused here has an end that cannot be known (RFC 9112, 6.1 and 6.3): to wait for it would be in
 * vain, and another call might hide in it. The connection ends with the answer. */
static bool has_framing(struct MHD_Connection *connection, struct fz_control_call *call)
{
    struct framing framing = {.known = true};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_framing, &framing);
    if (!framing.known)
        fz_control_refuse(call, MHD_HTTP_NOT_IMPLEMENTED,
                          "The call was refused: its Transfer-Encoding is not known here. Send Content-Length, or "
                          "Transfer-Encoding: chunked.");
    else if (framing.told > 1)
        fz_control_refuse(call, MHD_HTTP_BAD_REQUEST,
                          "The call was refused: it says more than once how long its body is. Send one Content-Length, "
                          "or Transfer-Encoding: chunked.");
    return call->status == 0;
}

static enum MHD_Result on_request(void *argument, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data, size_t *size,
                                  void **state)
{
    (void)argument, (void)connection, (void)path, (void)version;
    struct request *request = *state;
    if (request == NULL)
        return MHD_NO;
    if (!request->begun) {
        request->begun = true;
        fz_socket_set_deadline(fz_control_peer_socket(connection), fz_ticks_ms() + FZ_BODY_MS);
        return has_framing(connection, &request->job.call) ? MHD_YES : send_answer(request);
    }
    if (*size > 0) {
        receive(request, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return request->under_way ? send_answer(request) : begin(request, method);
}

static void on_completed(void *argument, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct fz_control *control = argument;
    struct request *request = *state;
    (void)code;
    if (request == NULL)
        return;
    fz_received_from(fz_control_peer_socket(connection)->handle);
    fz_socket_wait(fz_control_peer_socket(connection), fz_ticks_ms());
    free(request->job.call.query_text);
    json_decref(request->job.call.body);
    json_decref(request->job.call.query);
    json_decref(request->job.call.answer);
    fz_text_done(&request->job.call.text);
    fz_text_done(&request->received);
    free(request);
    *state = NULL;
    atomic_fetch_sub(&control->in_hand, 1);
}

/* ---- start and stop ---- */

static struct MHD_Daemon *start_daemon(struct fz_control *control)
{
    struct MHD_OptionItem tls[FZ_TLS_OPTIONS];
    fz_tls_options(control->guard.tls, tls);
    const unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                           fz_tls_daemon_flags(control->guard.tls);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, control, MHD_OPTION_EXTERNAL_LOGGER,
                            fz_control_peer_trouble, &control->peers, MHD_OPTION_NOTIFY_CONNECTION,
                            fz_control_peer_notify, &control->peers, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                            control, MHD_OPTION_URI_LOG_CALLBACK, on_target, control,
                            MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX + (unsigned)FZ_SOCKETS_SPARE + 64U,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_ARRAY, tls,
                            MHD_OPTION_END);
}

static void take_in(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_control *control = argument;
    fz_acceptor_admit(&control->peers.acceptor, control->daemon, handle, address, address_size);
}

/* The thread that takes connections in is its own, so that it does not wait for the API's. */
static enum fz_result open_door(struct fz_control *control, int socket)
{
    struct fz_acceptor *acceptor = &control->peers.acceptor;
    *acceptor = (struct fz_acceptor){.listening = {socket, -1}, .doors = {take_in}, .argument = control};
    control->peers.tls = control->guard.tls;
    acceptor->sockets = fz_sockets_new(CONNECTIONS_MAX);
    if (acceptor->sockets == NULL || (control->daemon = start_daemon(control)) == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_acceptor_start(acceptor, "fz-control-in");
    if (result != FZ_OK)
        MHD_stop_daemon(control->daemon);
    return result;
}

static void free_control(struct fz_control *control)
{
    if (control->threads != NULL)
        fz_control_threads_free(control->threads);
    if (control->parts.streams != NULL)
        fz_control_streams_free(control->parts.streams);
    fz_sockets_free(control->peers.acceptor.sockets);
    fz_acceptor_done(&control->peers.acceptor);
    fz_reader_close(control->reader);
    OPENSSL_cleanse(control->guard.token, sizeof control->guard.token);
    free(control);
}

/* Every suspended connection is resumed by that. */
static void stop_threads(struct fz_control *control)
{
    if (control->parts.streams != NULL)
        fz_control_streams_stop(control->parts.streams);
    if (control->threads != NULL)
        fz_control_threads_stop(control->threads);
}

static enum fz_result start(struct fz_control *control, const struct fz_control_setup *setup, int socket,
                            char *why, size_t why_size)
{
    struct fz_control_parts *parts = &control->parts;
    *parts = setup->parts;
    parts->reset_failed = &control->reset_failed;
    enum fz_result result = fz_control_guard_init(&control->guard, &setup->guard, why, why_size);
    if (result != FZ_OK)
        return result;
    snprintf(why, why_size,
             "The control interface cannot start: memory, threads or file descriptors are short. Raise the "
             "limit.");
    result = fz_reader_open(parts->store, &control->reader);
    if (result == FZ_OK)
        result = fz_control_threads_start(parts->store, resume, &control->threads);
    if (result == FZ_OK && parts->request_log != NULL)
        result = fz_control_streams_start(parts->request_log, &parts->streams);
    if (result == FZ_OK)
        fz_courier_tell(parts->courier, bring_news, control);
    if (result == FZ_OK)
        result = open_door(control, socket);
    if (result != FZ_OK)
        stop_threads(control);
    return result;
}

enum fz_result fz_control_start(const struct fz_control_setup *setup, int socket, struct fz_control **out,
                                char *why, size_t why_size)
{
    struct fz_control *control = calloc(1, sizeof *control);
    enum fz_result result = control == NULL ? FZ_FAILED : start(control, setup, socket, why, why_size);
    if (result == FZ_OK) {
        *out = control;
        return FZ_OK;
    }
    close(socket);
    if (control != NULL)
        free_control(control);
    return result;
}

/* The answers of calls that have just ended still go out. */
static void await_last_words(struct fz_control *control)
{
    static const struct timespec nap = {.tv_nsec = 2000000};
    int64_t until_ms = fz_ticks_ms() + LAST_WORDS_MS;
    while (atomic_load(&control->in_hand) > 0 && fz_ticks_ms() < until_ms)
        nanosleep(&nap, NULL);
}

void fz_control_stop(struct fz_control *control)
{
    fz_acceptor_stop(&control->peers.acceptor);
    close(control->peers.acceptor.listening[0]);
    stop_threads(control);
    await_last_words(control);
    MHD_stop_daemon(control->daemon);
    free_control(control);
}
