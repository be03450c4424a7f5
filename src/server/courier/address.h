/* Which addresses a callback may go to. */
#ifndef FZ_SERVER_COURIER_ADDRESS_H
#define FZ_SERVER_COURIER_ADDRESS_H

#include <stdint.h>
#include <sys/socket.h>

/* Each allows what stands before it too. Link-local, multicast, unspecified and reserved addresses and those where
 * clouds tell an instance's secrets are never called. */
enum fz_callback_scope { FZ_CALLBACK_LOOPBACK, FZ_CALLBACK_PRIVATE, FZ_CALLBACK_ANY };

/* The words of --callback-to, in that order, NULL-ended. */
extern const char *const fz_callback_scope_words[];

#define FZ_OWN_PORTS 19 /* API, control interface, proxy; control interfaces of further stores */

struct fz_callback_limits {
    enum fz_callback_scope scope;
    uint16_t own_ports[FZ_OWN_PORTS]; /* where this process listens itself; 0: none */
};

/* NULL if the address that is to be connected may be; otherwise why not: static. An IPv4 address in IPv6
 * clothes counts as what it is. */
const char *fz_callback_address_fault(const struct sockaddr *address,
                                      const struct fz_callback_limits *limits);

#endif
