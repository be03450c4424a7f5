/* The connections of the control interface: their places and deadlines, and what is said to a request whose head cannot be
 * read. */
#ifndef FZ_SERVER_CONTROL_PEER_H
#define FZ_SERVER_CONTROL_PEER_H

#include <microhttpd.h>
#include <stdarg.h>

#include "server/net/accept.h"

struct fz_tls;
struct fz_control_peer;

struct fz_control_peers {
    struct fz_acceptor acceptor;
    const struct fz_tls *tls; /* NULL: plain HTTP */
    struct fz_control_peer *first; /* the daemon's thread alone */
};

/* For MHD_OPTION_NOTIFY_CONNECTION and MHD_OPTION_EXTERNAL_LOGGER, with the struct fz_control_peers. */
void fz_control_peer_notify(void *peers, struct MHD_Connection *connection, void **context,
                            enum MHD_ConnectionNotificationCode code);
void fz_control_peer_trouble(void *peers, const char *format, va_list values);

/* The place of a connection. NULL: it has none, so it is not served. */
struct fz_socket *fz_control_peer_socket(struct MHD_Connection *connection);

#endif
