/* Requests that libmicrohttpd refuses before we are asked: a line without a colon, a broken length, a version that it
 * does not know. It would send a page in HTML. It logs that first, and what is sent then, to the socket, comes first;
 * its own page meets a closed one. */
#include <string.h>
#include <sys/socket.h>

#include "server/exchange/exchange.h"
#include "server/http/worker.h"
#include "server/net/received.h"
#include "server/net/tls.h"

static struct fz_peer *find_peer(const struct fz_worker *worker, int handle)
{
    struct fz_peer *peer = worker->peers;
    while (peer != NULL && (peer->socket == NULL || peer->socket->handle != handle))
        peer = peer->next;
    return peer;
}

/* A length that is no number is the one thing that it refuses in a head whose lines are good. */
static bool has_bad_length(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL && (length[0] == '\0' || length[strspn(length, "0123456789")] != '\0');
}

static enum fz_row row_of(const struct fz_peer *peer, unsigned status)
{
    switch (status) {
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return FZ_BODY_TOO_LARGE;
    case MHD_HTTP_URI_TOO_LONG:
    case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
        return FZ_HEADERS_TOO_LARGE;
    case MHD_HTTP_HTTP_VERSION_NOT_SUPPORTED:
        return FZ_HTTP_VERSION;
    case MHD_HTTP_BAD_REQUEST:
        if (peer->exchange == NULL)
            return FZ_HEAD_INVALID; /* its first line */
        if (peer->exchange->phase != FZ_PHASE_HEAD || has_bad_length(peer->connection))
            return FZ_BODY_FRAMING;
        return FZ_HEAD_LINE;
    default:
        return FZ_SYSTEM_ERROR;
    }
}

/* For the request log: what could be read of a request whose head is not whole. */
static void read_what_there_is(struct fz_worker *worker, struct fz_peer *peer)
{
    char method[FZ_KEPT_METHOD] = "", target[FZ_KEPT_TARGET] = "";
    if (worker->tools.tls == NULL)
        fz_received_words(method, sizeof method, target, sizeof target);
    if (peer->exchange == NULL)
        peer->exchange = fz_exchange_new(&worker->tools, peer, peer->connection, target);
    if (peer->exchange == NULL)
        return;
    peer->exchange->method = fz_arena_copy(&peer->exchange->arena, method, strlen(method));
    if (peer->exchange->method == NULL)
        peer->exchange->method = "";
    fz_exchange_note_head(peer->exchange);
}

static void refuse(struct fz_worker *worker, struct fz_peer *peer, unsigned status)
{
    enum fz_row row = row_of(peer, status);
    if (peer->exchange == NULL || peer->exchange->phase == FZ_PHASE_HEAD)
        read_what_there_is(worker, peer);
    if (peer->exchange == NULL || peer->exchange->phase == FZ_PHASE_ANSWERED)
        return;
    peer->exchange->phase = FZ_PHASE_ANSWERED;
    fz_exchange_cut(peer->exchange, row);
    fz_tls_end(peer->connection);
    shutdown(peer->socket->handle, SHUT_WR);
}

void fz_worker_on_trouble(void *argument, const char *format, va_list values)
{
    struct fz_worker *worker = argument;
    if (!fz_received_refusal(format))
        return;
    struct fz_peer *peer = find_peer(worker, fz_received_handle());
    if (peer != NULL)
        refuse(worker, peer, va_arg(values, unsigned));
}
