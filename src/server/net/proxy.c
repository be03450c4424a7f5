/* The proxy's connections until their CONNECT is answered. */
#include "server/net/proxy.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/api_hosts.h"

#define ANSWER_MAX 1024

struct fz_proxy {
    struct fz_linger *linger;
    fz_proxy_way on;
    void *argument;
    size_t count;
    struct waiting {
        int handle;
        int64_t until_ms; /* ticks */
        size_t size;
        char head[FZ_PROXY_HEAD_MAX];
    } waiting[FZ_PROXY_MAX]; /* the oldest first */
};

struct fz_proxy *fz_proxy_new(struct fz_linger *linger, fz_proxy_way on, void *argument)
{
    struct fz_proxy *proxy = calloc(1, sizeof *proxy);
    if (proxy == NULL)
        return NULL;
    proxy->linger = linger;
    proxy->on = on;
    proxy->argument = argument;
    return proxy;
}

void fz_proxy_free(struct fz_proxy *proxy)
{
    for (size_t i = 0; proxy != NULL && i < proxy->count; i++)
        close(proxy->waiting[i].handle);
    free(proxy);
}

/* ---- answers ---- */

static const char *say_why(unsigned status)
{
    switch (status) {
    case MHD_HTTP_BAD_REQUEST:
        return "This is no CONNECT as a proxy gets it: CONNECT HOST:443 HTTP/1.1, and nothing behind its "
               "empty "
               "line before it is answered. The proxy itself speaks plain HTTP: name it as http://, not "
               "https://.";
    case MHD_HTTP_FORBIDDEN:
        return "This proxy leads to Fenzhang alone, for port 443 of the hosts apihk, apius, apieu, api and "
               "api2 under " FZ_API_DOMAIN " and of " FZ_API_RETRY_HOST ", and relays nothing. Exclude other "
               "hosts from it (NO_PROXY).";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "The client sent its request to this proxy in the clear, and the proxy takes CONNECT alone, "
               "behind which the client has to speak TLS. axios before 1.17.0 sends requests for https:// "
               "addresses so: update it, or give it an agent (https-proxy-agent) and proxy: false, or as its "
               "base URL the API's own address. The same address serves a client that is to speak plain HTTP.";
    case MHD_HTTP_REQUEST_TIMEOUT:
        return "The CONNECT was not whole within 5 seconds, or too many others came meanwhile. Try again.";
    default:
        return "The CONNECT is larger than 4 KiB. Send fewer headers.";
    }
}

/* The peer may still be sending, so its connection is not closed under its last words. */
static void refuse(struct fz_proxy *proxy, int handle, unsigned status, int64_t now_ms)
{
    char answer[ANSWER_MAX];
    const char *why = say_why(status);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 %u %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
                        "%sConnection: close\r\n\r\n%s\n",
                        status, MHD_get_reason_phrase_for(status), strlen(why) + 1,
                        status == MHD_HTTP_METHOD_NOT_ALLOWED ? "Allow: CONNECT\r\n" : "", why);
    (void)!send(handle, answer, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(handle, SHUT_WR);
    fz_linger_keep(proxy->linger, handle, now_ms);
    close(handle);
}

static void pass(struct fz_proxy *proxy, int handle)
{
    static const char answer[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    struct sockaddr_storage address;
    socklen_t address_size = sizeof address;
    if (getpeername(handle, (struct sockaddr *)&address, &address_size) == 0 &&
        send(handle, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof answer - 1)
        proxy->on(proxy->argument, handle, (struct sockaddr *)&address, address_size);
    else
        close(handle); /* the peer is gone */
}

/* ---- waiting ---- */

static void take_out(struct fz_proxy *proxy, size_t at)
{
    proxy->count--;
    memmove(&proxy->waiting[at], &proxy->waiting[at + 1], (proxy->count - at) * sizeof proxy->waiting[0]);
}

void fz_proxy_add(struct fz_proxy *proxy, int handle, int64_t now_ms)
{
    if (proxy->count == FZ_PROXY_MAX) {
        refuse(proxy, proxy->waiting[0].handle, MHD_HTTP_REQUEST_TIMEOUT, now_ms);
        take_out(proxy, 0);
    }
    struct waiting *waiting = &proxy->waiting[proxy->count++];
    waiting->handle = handle;
    waiting->until_ms = now_ms + FZ_PROXY_MS;
    waiting->size = 0;
}

size_t fz_proxy_polls(const struct fz_proxy *proxy, struct pollfd out[FZ_PROXY_MAX])
{
    for (size_t i = 0; i < proxy->count; i++)
        out[i] = (struct pollfd){.fd = proxy->waiting[i].handle, .events = POLLIN};
    return proxy->count;
}

/* Whether the peer is still there. */
static bool read_on(struct waiting *waiting)
{
    ssize_t got = recv(waiting->handle, waiting->head + waiting->size, sizeof waiting->head - waiting->size,
                       MSG_DONTWAIT);
    if (got > 0)
        waiting->size += (size_t)got;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Whether it has to wait on. */
static bool advance(struct fz_proxy *proxy, struct waiting *waiting, int64_t now_ms)
{
    bool there = read_on(waiting);
    unsigned status = fz_proxy_status(waiting->head, waiting->size);
    if (status == 0 && there && now_ms < waiting->until_ms)
        return true;
    if (status == MHD_HTTP_OK)
        pass(proxy, waiting->handle);
    else if (status == 0 && !there)
        close(waiting->handle);
    else
        refuse(proxy, waiting->handle, status == 0 ? MHD_HTTP_REQUEST_TIMEOUT : status, now_ms);
    return false;
}

int64_t fz_proxy_advance(struct fz_proxy *proxy, int64_t now_ms)
{
    for (size_t i = 0; i < proxy->count;)
        if (advance(proxy, &proxy->waiting[i], now_ms))
            i++;
        else
            take_out(proxy, i);
    return proxy->count == 0 ? INT64_MAX : proxy->waiting[0].until_ms;
}
