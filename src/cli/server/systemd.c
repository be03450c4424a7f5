/* fenzhang serve as a service of systemd, by libsystemd. */
#include "cli/server/systemd.h"

#include <stdio.h>
#include <systemd/sd-daemon.h>

enum fz_result fz_systemd_take_sockets(struct fz_server_options *into, char *why, size_t why_size)
{
    int *places[] = {&into->handed_over.api, &into->handed_over.control, &into->handed_over.proxy};
    int most = into->proxy != NULL ? 3 : 2, count = sd_listen_fds(true);
    if (count > most) {
        snprintf(why, why_size,
                 "systemd handed over %d sockets, and there is a use for %d: the first is the API's, the second the control "
                 "interface's%s. Remove a Listen line from the .socket unit%s.",
                 count, most, most == 3 ? ", the third the proxy's" : "", most == 3 ? "" : ", or add --proxy for a third");
        return FZ_MALFORMED;
    }
    for (int i = 0; i < count; i++)
        *places[i] = SD_LISTEN_FDS_START + i;
    return FZ_OK;
}

void fz_systemd_tell_starting(void)
{
    sd_notify(false, "STATUS=Opening the book");
}

void fz_systemd_tell_ready(const struct fz_server *server)
{
    bool proxy = server->proxy_url[0] != '\0';
    sd_notifyf(false, "READY=1\nSTATUS=Serving the API on %s, control on %s%s%s", server->api_url, server->control_url,
               proxy ? ", the proxy on " : "", server->proxy_url);
}

void fz_systemd_tell_failed(const char *why)
{
    sd_notifyf(false, "STATUS=%s", why);
}

void fz_systemd_tell_stopping(void)
{
    sd_notify(false, "STOPPING=1\nSTATUS=Finishing what is in hand");
}

void fz_systemd_tell_stop_waits(const char *stage)
{
    sd_notifyf(false, "STATUS=The stop waits for %s", stage);
}
