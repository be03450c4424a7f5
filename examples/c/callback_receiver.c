/* Takes callbacks on 127.0.0.1 and prints what they say: callback_receiver [PORT]
 * One thread, epoll. To learn from, not for the Internet: a web server stands there, and hands over headers
 * and raw body. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "settings.h"

enum { REQUEST_MAX = 64 << 10, HEADER_MAX = 1024 };

struct peer {
    int handle;
    size_t size;
    char request[REQUEST_MAX + 1];
};

/* A header's value into `out`; NULL: it is not there, or too long. */
static const char *header(const char *head, const char *name, char out[HEADER_MAX])
{
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':')
            continue;
        const char *value = line + 3 + length;
        value += strspn(value, " \t");
        size_t size = strcspn(value, "\r\n");
        if (size >= HEADER_MAX)
            return NULL;
        memcpy(out, value, size);
        out[size] = '\0';
        return out;
    }
    return NULL;
}

/* Only what opens is believed. An event can come twice: a shop keeps its `id` with what it did about it. */
static int status_for(fz_client *client, const char *head, const char *body, size_t size)
{
    char timestamp[HEADER_MAX], nonce[HEADER_MAX], serial[HEADER_MAX], signature[HEADER_MAX];
    struct fz_callback_request request = FZ_INIT(fz_callback_request);
    struct fz_callback_received *callback = NULL;
    fz_error *error = NULL;
    request.timestamp = header(head, "Wechatpay-Timestamp", timestamp);
    request.nonce = header(head, "Wechatpay-Nonce", nonce);
    request.serial = header(head, "Wechatpay-Serial", serial);
    request.signature = header(head, "Wechatpay-Signature", signature);
    request.body = body;
    request.body_size = size;
    if (fz_callback_open(client, &request, &callback, &error) != 0) {
        fail(error);
        return 401; /* also to probes: whoever takes one for good would take any forgery */
    }
    if (callback->order != NULL)
        printf("%s %s %s\n", callback->event_type, callback->order->out_trade_no,
               callback->order->trade_state);
    else if (callback->refund != NULL)
        printf("%s %s %s\n", callback->event_type, callback->refund->out_refund_no,
               callback->refund->refund_status);
    fflush(stdout);
    fz_callback_free(callback);
    return 200;
}

/* Answers once the request is whole. 0: this peer is done with. */
static int go_on(fz_client *client, struct peer *peer)
{
    char length[HEADER_MAX], answer[128];
    ssize_t got = recv(peer->handle, peer->request + peer->size, REQUEST_MAX - peer->size, 0);
    if (got <= 0)
        return 0;
    peer->size += (size_t)got;
    peer->request[peer->size] = '\0';
    char *end = strstr(peer->request, "\r\n\r\n");
    if (end == NULL || header(peer->request, "Content-Length", length) == NULL)
        return end == NULL;
    const char *body = end + 4;
    size_t size = strtoul(length, NULL, 10);
    if (size > peer->size - (size_t)(body - peer->request))
        return 1;
    end[2] = '\0'; /* headers end here */
    int status = status_for(client, peer->request, body, size);
    int used = snprintf(answer, sizeof answer,
                        "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status,
                        status == 200 ? "OK" : "Unauthorized");
    (void)send(peer->handle, answer, (size_t)used, MSG_NOSIGNAL);
    return 0;
}

static void welcome(int poller, int listener)
{
    struct peer *peer = calloc(1, sizeof *peer);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (peer == NULL)
        return;
    peer->handle = accept(listener, NULL, NULL);
    if (peer->handle >= 0 && epoll_ctl(poller, EPOLL_CTL_ADD, peer->handle, &event) == 0)
        return;
    if (peer->handle >= 0)
        close(peer->handle);
    free(peer);
}

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons((uint16_t)port);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("callback_receiver");
        exit(1);
    }
    printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv)
{
    fz_client *client = client_by_environment();
    if (client == NULL)
        return 2;
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0), poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (epoll_wait(poller, &event, 1, -1) == 1) {
        struct peer *peer = event.data.ptr;
        if (peer == NULL) {
            welcome(poller, listener);
        } else if (!go_on(client, peer)) {
            close(peer->handle);
            free(peer);
        }
    }
    fz_client_free(client);
    return 0;
}
