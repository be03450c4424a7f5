/* The proxy: takes CONNECT for the vendor's API hosts, whose connections then go to our own TLS workers.
 * Nothing is ever relayed to anybody, so everything else is refused. For client libraries with hard-coded
 * hosts. */
#ifndef FZ_SERVER_NET_PROXY_H
#define FZ_SERVER_NET_PROXY_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "server/net/linger.h"

#define FZ_PROXY_MAX      64 /* connections whose CONNECT is not whole; one more, and the oldest has to go */
#define FZ_PROXY_HEAD_MAX 4096 /* bytes of a CONNECT, the empty line at its end included */
#define FZ_PROXY_MS       5000 /* until it has to be whole */

struct fz_proxy;

/* Where a connection goes whose CONNECT is answered; it is the callee's. On the accept thread. */
typedef void (*fz_proxy_way)(void *argument, int handle, const struct sockaddr *address,
                             socklen_t address_size);

/* What is refused lingers in `linger` (borrowed). New; NULL when memory is short. */
struct fz_proxy *fz_proxy_new(struct fz_linger *linger, fz_proxy_way on, void *argument);
/* Closes the connections that are left. */
void fz_proxy_free(struct fz_proxy *proxy);

/* All of these on the accept thread alone. */

/* Takes over a connection that was accepted. It gets a place among the connections once its CONNECT is answered. */
void fz_proxy_add(struct fz_proxy *proxy, int handle, int64_t now_ms);
/* Fills `out` with what to wait for; returns how many. */
size_t fz_proxy_polls(const struct fz_proxy *proxy, struct pollfd out[FZ_PROXY_MAX]);
/* Reads on; answers what is whole, wrong or too late. Returns when the next one's time is over, INT64_MAX if
 * there is none. */
int64_t fz_proxy_advance(struct fz_proxy *proxy, int64_t now_ms);

/* proxy_head.c: what is answered to the `size` bytes that have come: a status of HTTP, 200 if the connection
 * may go on; 0 when there is more to come. */
unsigned fz_proxy_status(const char *head, size_t size);

#endif
