/* Workers: libmicrohttpd's callbacks. */
#include "server/http/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/exchange/exchange.h"
#include "server/net/accept.h"
#include "server/net/received.h"
#include "server/net/tls.h"

#define CONNECTION_MEMORY 32768 /* twice our own cap on heads, so that we can say so in JSON; all of it is zeroed for each request */

/* ---- libmicrohttpd's callbacks, all on the worker's thread ---- */

static struct fz_peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void open_peer(struct fz_worker *worker, struct MHD_Connection *connection, int handle,
                      void **context)
{
    struct fz_peer *peer = calloc(1, sizeof *peer);
    *context = peer;
    if (peer == NULL)
        return;
    peer->connection = connection;
    int64_t now_ms = fz_ticks_ms();
    peer->socket = fz_socket_open(worker->tools.workshop->acceptor->sockets, handle, now_ms,
                                  now_ms + (worker->tools.tls == NULL ? FZ_HEAD_MS : FZ_HANDSHAKE_MS));
    if (peer->socket == NULL)
        shutdown(handle, SHUT_RDWR);
    else if (worker->tools.tls != NULL)
        fz_tls_begin(worker->tools.tls, connection, peer->socket);
    peer->next = worker->peers;
    if (peer->next != NULL)
        peer->next->before = peer;
    worker->peers = peer;
}

static void take_out(struct fz_worker *worker, struct fz_peer *peer)
{
    if (peer->next != NULL)
        peer->next->before = peer->before;
    if (peer->before != NULL)
        peer->before->next = peer->next;
    else
        worker->peers = peer->next;
}

/* Comes before the descriptor is closed, so its number cannot be another connection's yet. */
static void close_peer(struct fz_worker *worker, int handle, void **context)
{
    struct fz_acceptor *acceptor = worker->tools.workshop->acceptor;
    struct fz_peer *peer = *context;
    *context = NULL;
    if (peer == NULL)
        return;
    take_out(worker, peer);
    if (peer->exchange != NULL)
        fz_exchange_free(peer->exchange);
    if (peer->linger) {
        shutdown(handle, SHUT_WR); /* libmicrohttpd ends a TLS session, but not its connection */
        fz_linger_keep(acceptor->linger, handle, fz_ticks_ms());
        fz_acceptor_wake(acceptor);
    }
    if (peer->socket != NULL)
        fz_socket_close(acceptor->sockets, peer->socket);
    free(peer);
}

static void on_connection(void *argument, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    int handle = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct fz_worker *worker = argument;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        open_peer(worker, connection, handle, context);
    else
        close_peer(worker, handle, context);
}

/* The target as it came, before libmicrohttpd decodes and splits it: the signature covers these characters.
 */
static void *on_target(void *argument, const char *target, struct MHD_Connection *connection)
{
    struct fz_worker *worker = argument;
    struct fz_peer *peer = peer_of(connection);
    if (peer != NULL && peer->socket != NULL && peer->exchange == NULL)
        peer->exchange = fz_exchange_new(&worker->tools, peer, connection, target == NULL ? "" : target);
    fz_query_hide(target);
    return peer == NULL ? NULL : peer->exchange;
}

static enum MHD_Result on_request(void *argument, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)argument, (void)connection, (void)url;
    struct fz_exchange *exchange = *context;
    if (exchange == NULL)
        return MHD_NO; /* memory was short */
    return fz_exchange_take(exchange, method, version, upload, upload_size) ? MHD_YES : MHD_NO;
}

static void on_completed(void *argument, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)argument, (void)code;
    struct fz_peer *peer = peer_of(connection);
    *context = NULL;
    if (peer == NULL || peer->exchange == NULL)
        return;
    fz_exchange_free(peer->exchange);
    peer->exchange = NULL;
    fz_received_from(peer->socket->handle); /* the next request may lie in the buffer already */
    fz_socket_wait(peer->socket, fz_ticks_ms());
}

/* ---- life ---- */

static struct MHD_Daemon *start_daemon(struct fz_worker *worker)
{
    struct MHD_OptionItem tls[FZ_TLS_OPTIONS];
    fz_tls_options(worker->tools.tls, tls);
    const unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                           fz_tls_daemon_flags(worker->tools.tls);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, worker, MHD_OPTION_EXTERNAL_LOGGER,
                            fz_worker_on_trouble, worker, MHD_OPTION_CONNECTION_LIMIT,
                            FZ_CONNECTIONS_MAX + (unsigned)FZ_SOCKETS_SPARE + 64U, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_target, worker,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, worker, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, worker, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

enum fz_result fz_worker_start(struct fz_workshop *workshop, const struct fz_further_stores *further, const struct fz_tls *tls,
                               struct fz_worker *worker)
{
    *worker = (struct fz_worker){0};
    if (fz_tools_open(&worker->tools, workshop, tls) == FZ_OK &&
        (further->stores == NULL || fz_tools_open_others(&worker->tools, further->stores, further->workshops) == FZ_OK) &&
        (worker->daemon = start_daemon(worker)) != NULL)
        return FZ_OK;
    fz_worker_stop(worker);
    return FZ_FAILED;
}

void fz_worker_stop(struct fz_worker *worker)
{
    if (worker->daemon != NULL)
        MHD_stop_daemon(worker->daemon);
    fz_tools_close(&worker->tools);
    *worker = (struct fz_worker){0};
}
