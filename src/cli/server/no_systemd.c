/* In a build without libsystemd. */
#include "cli/server/systemd.h"

enum fz_result fz_systemd_take_sockets(struct fz_server_options *into, char *why, size_t why_size)
{
    (void)into, (void)why, (void)why_size;
    return FZ_OK;
}

void fz_systemd_tell_starting(void)
{
}

void fz_systemd_tell_ready(const struct fz_server *server)
{
    (void)server;
}

void fz_systemd_tell_failed(const char *why)
{
    (void)why;
}

void fz_systemd_tell_stopping(void)
{
}

void fz_systemd_tell_stop_waits(const char *stage)
{
    (void)stage;
}
