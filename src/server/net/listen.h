/* Listening sockets. */
#ifndef FZ_SERVER_NET_LISTEN_H
#define FZ_SERVER_NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define FZ_HOST_SIZE 80 /* "ADDR:PORT" */

/* A listening TCP socket on "ADDR:PORT" ("[::1]:8080" too; "PORT" and ":PORT" are of 127.0.0.1; port 0 picks
 * one). No SO_REUSEPORT, so a second server on the port is refused. `host` gets "ADDR:PORT" for clients of
 * this machine: with the port that was got, and loopback in place of an address that stands for all. `option`
 * is what `why` tells to change. */
FZ_MUST_CHECK enum fz_result fz_listen(const char *option, const char *address, int *out_socket,
                                       char host[FZ_HOST_SIZE], char *why, size_t why_size);
/* The same with a socket that somebody else has opened, who keeps one of it: `handle` has to be a TCP socket that listens, and
 * is the caller's whatever comes of it. */
FZ_MUST_CHECK enum fz_result fz_listen_handed_over(const char *option, int handle, char host[FZ_HOST_SIZE], char *why,
                                                   size_t why_size);
/* The port of a socket; 0: none. */
uint16_t fz_port_of(int socket);
/* Whether only this machine can reach a listening socket. */
bool fz_is_loopback(int socket);

#endif
