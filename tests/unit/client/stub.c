/* A listener on loopback that reads one request a connection and writes what it was told. */
#include "unit/client/stub.h"

#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct stub {
    int listener;
    char url[40];
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    char *answer, heard[16384];
    char *beginning, *its_answer; /* of requests that are answered otherwise */
    bool endless, over;
    int asked;
};

static bool is_whole(const char *request)
{
    const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "\r\nContent-Length:");
    return end != NULL && (length == NULL || strlen(end + 4) >= strtoul(length + 17, NULL, 10));
}

static void hear(int connection, char *request, size_t size)
{
    size_t got = 0;
    request[0] = '\0';
    while (!is_whole(request) && got + 1 < size) {
        ssize_t more = recv(connection, request + got, size - 1 - got, 0);
        if (more <= 0)
            return;
        got += (size_t)more;
        request[got] = '\0';
    }
}

static void answer(int connection, const char *text, bool endless)
{
    char block[4096];
    ssize_t sent = send(connection, text, strlen(text), MSG_NOSIGNAL);
    memset(block, ' ', sizeof block);
    while (endless && sent > 0)
        sent = send(connection, block, sizeof block, MSG_NOSIGNAL);
}

static void serve(struct stub *stub, int connection)
{
    char request[16384];
    hear(connection, request, sizeof request);
    pthread_mutex_lock(&stub->lock);
    bool is_other = stub->beginning != NULL && strncmp(request, stub->beginning, strlen(stub->beginning)) == 0;
    char *text = strdup(is_other ? stub->its_answer : stub->answer);
    bool endless = stub->endless;
    stub->asked++;
    memcpy(stub->heard, request, sizeof request);
    pthread_mutex_unlock(&stub->lock);
    answer(connection, text, endless);
    free(text);
    shutdown(connection, SHUT_WR);
}

static bool is_over(struct stub *stub)
{
    pthread_mutex_lock(&stub->lock);
    bool over = stub->over;
    pthread_mutex_unlock(&stub->lock);
    return over;
}

static void *run(void *argument)
{
    struct stub *stub = argument;
    for (;;) {
        int connection = accept(stub->listener, NULL, NULL);
        if (is_over(stub)) {
            if (connection >= 0)
                close(connection);
            return NULL;
        }
        serve(stub, connection);
        close(connection);
    }
}

struct stub *stub_open(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct stub *stub = calloc(1, sizeof *stub);
    stub->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bound = bind(stub->listener, (struct sockaddr *)&address, sizeof address);
    int listening = listen(stub->listener, 16);
    int named = getsockname(stub->listener, (struct sockaddr *)&address, &size);
    assert(bound == 0 && listening == 0 && named == 0);
    (void)bound, (void)listening, (void)named;
    snprintf(stub->url, sizeof stub->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    stub->answer = strdup("");
    pthread_mutex_init(&stub->lock, NULL);
    pthread_create(&stub->thread, NULL, run, stub);
    return stub;
}

void stub_close(struct stub *stub)
{
    pthread_mutex_lock(&stub->lock);
    stub->over = true;
    pthread_mutex_unlock(&stub->lock);
    shutdown(stub->listener, SHUT_RDWR); /* wakes accept */
    pthread_join(stub->thread, NULL);
    close(stub->listener);
    pthread_mutex_destroy(&stub->lock);
    free(stub->answer);
    free(stub->beginning);
    free(stub->its_answer);
    free(stub);
}

const char *stub_url(const struct stub *stub)
{
    return stub->url;
}

void stub_say(struct stub *stub, const char *text, bool endless)
{
    pthread_mutex_lock(&stub->lock);
    free(stub->answer);
    stub->answer = strdup(text);
    stub->endless = endless;
    stub->asked = 0;
    pthread_mutex_unlock(&stub->lock);
}

void stub_say_to(struct stub *stub, const char *beginning, const char *text)
{
    pthread_mutex_lock(&stub->lock);
    free(stub->beginning);
    free(stub->its_answer);
    stub->beginning = beginning == NULL ? NULL : strdup(beginning);
    stub->its_answer = beginning == NULL ? NULL : strdup(text);
    pthread_mutex_unlock(&stub->lock);
}

int stub_asked(struct stub *stub)
{
    pthread_mutex_lock(&stub->lock);
    int asked = stub->asked;
    pthread_mutex_unlock(&stub->lock);
    return asked;
}

const char *stub_heard(struct stub *stub)
{
    return stub->heard;
}
