/* fenzhang serve as a service of systemd: what it is handed, and what it tells. Where systemd did not start it, and in a build without
 * libsystemd (no_systemd.c), nothing is handed over and nobody is told. */
#ifndef FZ_CLI_SERVER_SYSTEMD_H
#define FZ_CLI_SERVER_SYSTEMD_H

#include "server/server.h"

/* Takes the sockets of a .socket unit in the place of addresses: its first is the API's, the second the control interface's, the third
 * the proxy's if there is to be one. More are refused. */
FZ_MUST_CHECK enum fz_result fz_systemd_take_sockets(struct fz_server_options *into, char *why, size_t why_size);

/* `systemctl status` shows these, and Type=notify waits for the second. */
void fz_systemd_tell_starting(void);
void fz_systemd_tell_ready(const struct fz_server *server);
void fz_systemd_tell_failed(const char *why);
void fz_systemd_tell_stopping(void);
/* Later, what the stop still waits for. */
void fz_systemd_tell_stop_waits(const char *stage);

#endif
