/* The control interface (JSON over HTTP or HTTPS): its own daemon and thread, a second thread for long calls.
 * One file a noun: control/calls/clock.c … */
#ifndef FZ_SERVER_CONTROL_CONTROL_H
#define FZ_SERVER_CONTROL_CONTROL_H

#include "server/server.h"

struct fz_control;

/* Refuses a socket that other machines can reach, unless they have to bear a token and TLS is spoken. */
FZ_MUST_CHECK enum fz_result fz_control_check_address(const struct fz_server_options *options, int socket,
                                                      char *why, size_t why_size);
/* Starts on `socket` (taken over): in plain HTTP on loopback, else in TLS. */
FZ_MUST_CHECK enum fz_result fz_control_start(struct fz_server *server, int socket, struct fz_control **out,
                                              char *why, size_t why_size);
void fz_control_stop(struct fz_control *control);

#endif
