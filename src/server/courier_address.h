/* Which addresses a callback may go to. */
#ifndef FZ_SERVER_COURIER_ADDRESS_H
#define FZ_SERVER_COURIER_ADDRESS_H

#include <sys/socket.h>

/* Each allows what stands before it too. Link-local, multicast, unspecified and reserved addresses are never
 * called. */
enum fz_callback_scope { FZ_CALLBACK_LOOPBACK, FZ_CALLBACK_PRIVATE, FZ_CALLBACK_ANY };

/* The words of --callback-to, in that order, NULL-ended. */
extern const char *const fz_callback_scope_words[];

/* NULL if the address that is to be connected may be; otherwise why not: static. An IPv4 address in IPv6
 * clothes counts as what it is. */
const char *fz_callback_address_fault(const struct sockaddr *address, enum fz_callback_scope scope);

#endif
