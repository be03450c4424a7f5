/* TLS: what the daemons need to speak it, and what is done on one of their connections. */
#ifndef FZ_SERVER_NET_TLS_H
#define FZ_SERVER_NET_TLS_H

#include <microhttpd.h>

#include "server/net/sockets.h"

struct fz_tls;
struct fz_host_names; /* base/server/host_names.h */

/* Whose certificate it is. */
struct fz_tls_files {
    const char *data;              /* DIR, with the authority that makes one */
    const char *certificate, *key; /* the user's own (--tls-cert, --tls-key); NULL, both: made for this run */
    const struct fz_host_names *names; /* what is made is for these, too (--tls-name); NULL: none */
};

/* The user's own certificate and key, or one made for this run by the authority of the data directory, which
 * is made if there is none. What happened, why and what to do in `why`. New. */
FZ_MUST_CHECK enum fz_result fz_tls_load(const struct fz_tls_files *files, struct fz_tls **out, char *why,
                                         size_t why_size);
void fz_tls_free(struct fz_tls *tls);

/* Where the certificate of the CA lies that clients have to trust; NULL with the user's own. */
const char *fz_tls_authority_path(const struct fz_tls *tls);
/* Whether clients may call this server by `host`, a name or an address: the certificate has it. */
bool fz_tls_names(const struct fz_tls *tls, const char *host);

/* For MHD_OPTION_ARRAY of a daemon with MHD_USE_TLS; borrowed from `tls`. With NULL there is nothing in it.
 */
#define FZ_TLS_OPTIONS 4
void fz_tls_options(const struct fz_tls *tls, struct MHD_OptionItem out[FZ_TLS_OPTIONS]);
/* How such a daemon, or with NULL one that speaks plain HTTP, waits for its connections. */
unsigned fz_tls_daemon_flags(const struct fz_tls *tls);
/* Before the handshake: a client that comes again may resume its session, whichever worker it meets. Once the handshake is
 * over, `socket` has the time for a request's head. */
void fz_tls_begin(const struct fz_tls *tls, struct MHD_Connection *connection, struct fz_socket *socket);
/* Ends what is sent in its session, if it is in TLS: nothing that comes after goes out. */
void fz_tls_end(struct MHD_Connection *connection);
/* Sends past libmicrohttpd, but inside the connection's session. What does not go out at once is dropped. */
void fz_tls_send(struct MHD_Connection *connection, const void *data, size_t size);

#endif
