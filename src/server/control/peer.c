/* The connections of the control interface. */
#include "server/control/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "server/net/http_date.h"
#include "server/net/received.h"
#include "server/net/tls.h"

struct fz_control_peer {
    struct fz_socket *socket;
    struct MHD_Connection *connection;
    struct fz_control_peer *before, *next;
};

static struct fz_control_peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

struct fz_socket *fz_control_peer_socket(struct MHD_Connection *connection)
{
    struct fz_control_peer *peer = peer_of(connection);
    return peer == NULL ? NULL : peer->socket;
}

/* ---- their life ---- */

static struct fz_control_peer *open_peer(struct fz_control_peers *peers, struct MHD_Connection *connection, int handle)
{
    int64_t now_ms = fz_ticks_ms();
    struct fz_control_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->connection = connection;
    peer->socket = fz_socket_open(peers->acceptor.sockets, handle, now_ms,
                                  now_ms + (peers->tls == NULL ? FZ_HEAD_MS : FZ_HANDSHAKE_MS));
    if (peer->socket == NULL)
        shutdown(handle, SHUT_RDWR);
    else if (peers->tls != NULL)
        fz_tls_begin(peers->tls, connection, peer->socket);
    peer->next = peers->first;
    if (peer->next != NULL)
        peer->next->before = peer;
    peers->first = peer;
    return peer;
}

static void close_peer(struct fz_control_peers *peers, struct fz_control_peer *peer)
{
    if (peer->next != NULL)
        peer->next->before = peer->before;
    if (peer->before != NULL)
        peer->before->next = peer->next;
    else
        peers->first = peer->next;
    if (peer->socket != NULL)
        fz_socket_close(peers->acceptor.sockets, peer->socket);
    free(peer);
}

void fz_control_peer_notify(void *argument, struct MHD_Connection *connection, void **context,
                            enum MHD_ConnectionNotificationCode code)
{
    struct fz_control_peers *peers = argument;
    int handle = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = open_peer(peers, connection, handle);
    else if (*context != NULL)
        close_peer(peers, *context);
}

/* ---- heads that cannot be read ---- */

/* As http/refusal.c: past libmicrohttpd, ahead of its own page, which then meets a closed socket. */
static void refuse(struct fz_control_peers *peers, struct fz_control_peer *peer, unsigned status)
{
    static const char body[] = "{\"error\":\"The call was refused: its head is not as HTTP has it, is larger than 32 KiB, or "
                               "says of its body what cannot be. Send it with an HTTP library.\"}\n";
    char answer[512], date[FZ_HTTP_DATE_SIZE];
    fz_http_date(date);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 %u %s\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                        "Connection: close\r\n\r\n%s",
                        status, MHD_get_reason_phrase_for(status), date, sizeof body - 1, body);
    if (peers->tls != NULL)
        fz_tls_send(peer->connection, answer, (size_t)size);
    else
        (void)!send(peer->socket->handle, answer, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    fz_tls_end(peer->connection);
    shutdown(peer->socket->handle, SHUT_WR);
}

void fz_control_peer_trouble(void *argument, const char *format, va_list values)
{
    struct fz_control_peers *peers = argument;
    if (!fz_received_refusal(format))
        return;
    struct fz_control_peer *peer = peers->first;
    while (peer != NULL && (peer->socket == NULL || peer->socket->handle != fz_received_handle()))
        peer = peer->next;
    if (peer != NULL)
        refuse(peers, peer, va_arg(values, unsigned));
}
