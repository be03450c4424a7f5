/* Where the server listens: the sockets of API, control interface and proxy, its own or handed over. */
#include "server/life.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "server/control/control.h"
#include "server/net/listen.h"
#include "server/others.h"

void fz_life_close_sockets(struct fz_life_sockets *sockets)
{
    if (sockets->api >= 0)
        close(sockets->api);
    if (sockets->control >= 0)
        close(sockets->control);
    if (sockets->proxy >= 0)
        close(sockets->proxy);
}

/* What messages call the place at which it listens. */
static const char *place(const struct fz_server *server, const char *address, int handed_over)
{
    return handed_over == 0 || server->options.first != NULL ? address : "the socket that was handed over";
}

/* On `address`, or with the socket that listens in its place. */
static enum fz_result listen_or_take(const char *option, const char *address, int handed_over, int *socket, char host[FZ_HOST_SIZE],
                                     char *why, size_t why_size)
{
    if (handed_over == 0)
        return fz_listen(option, address, socket, host, why, why_size);
    *socket = handed_over;
    return fz_listen_handed_over(option, handed_over, host, why, why_size);
}

static enum fz_result listen_for_api(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    enum fz_result result =
        listen_or_take("--listen", options->listen, options->handed_over.api, socket, host, why, why_size);
    if (result == FZ_OK)
        snprintf(server->api_url, sizeof server->api_url, "%s://%s", server->options.tls ? "https" : "http",
                 host);
    return result;
}

static enum fz_result listen_for_control(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    enum fz_result result =
        listen_or_take("--control", options->control, options->handed_over.control, socket, host, why, why_size);
    if (result != FZ_OK)
        return result;
    snprintf(server->control_url, sizeof server->control_url, "%s://%s",
             fz_is_loopback(*socket) ? "http" : "https", host);
    const struct fz_control_access access = {
        .address = place(server, options->control, options->handed_over.control),
        .tls = options->tls,
        .token_file = options->control_token_file,
        .token = options->control_token};
    return fz_control_check_access(&access, *socket, why, why_size);
}

static enum fz_result listen_for_proxy(struct fz_server *server, int *socket, char *why, size_t why_size)
{
    char host[FZ_HOST_SIZE];
    const struct fz_server_options *options = &server->options;
    if (options->proxy == NULL)
        return FZ_OK;
    enum fz_result result =
        listen_or_take("--proxy", options->proxy, options->handed_over.proxy, socket, host, why, why_size);
    if (result != FZ_OK)
        return result;
    snprintf(server->proxy_url, sizeof server->proxy_url, "http://%s", host);
    if (options->proxy_remote || fz_is_loopback(*socket))
        return FZ_OK;
    snprintf(
        why, why_size,
        "The proxy cannot listen on %s: other machines could reach it. Name a loopback address, like --proxy "
        "127.0.0.1:3128, or add --proxy-remote if that is what you want.",
        place(server, options->proxy, options->handed_over.proxy));
    return FZ_FAILED;
}

/* Of a further store: its requests come in at the first one's address. */
static enum fz_result listen_behind(struct fz_server *server, struct fz_life_sockets *sockets, char *why, size_t why_size)
{
    fz_copy(server->api_url, sizeof server->api_url, server->options.first->api_url);
    memcpy(server->ports, server->options.first->ports, sizeof server->ports);
    return listen_for_control(server, &sockets->control, why, why_size);
}

static enum fz_result listen_all(struct fz_server *server, struct fz_life_sockets *sockets, char *why, size_t why_size)
{
    enum fz_result result = listen_for_api(server, &sockets->api, why, why_size);
    if (result == FZ_OK)
        result = listen_for_control(server, &sockets->control, why, why_size);
    if (result == FZ_OK)
        result = listen_for_proxy(server, &sockets->proxy, why, why_size);
    server->ports[0] = fz_port_of(sockets->api);
    server->ports[1] = fz_port_of(sockets->control);
    server->ports[2] = fz_port_of(sockets->proxy);
    return result == FZ_OK && server->options.stores != NULL ? fz_others_listen(server, why, why_size) : result;
}

enum fz_result fz_life_listen(struct fz_server *server, struct fz_life_sockets *sockets, char *why, size_t why_size)
{
    return server->options.first != NULL ? listen_behind(server, sockets, why, why_size) : listen_all(server, sockets, why, why_size);
}
