/* Signed requests over plain sockets. */
#include "unit/server/http/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "wire/authorization.h"
#include "wire/signature.h"

int caller_connect(const struct caller *caller)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)caller->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(connection >= 0);
    assert_int_equal(setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(connection, (struct sockaddr *)&address, sizeof address), 0);
    return connection;
}

void caller_send_text(int connection, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(send(connection, text, size, MSG_NOSIGNAL), size);
}

static void write_authorization(const struct caller *caller, struct fz_text *out, const char *method,
                                const char *target, const char *body)
{
    char signature[FZ_SIGNATURE_BASE64_SIZE], timestamp[24];
    int64_t now = fz_wire_now_ms() / 1000;
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)now);
    struct fz_piece pieces[10];
    fz_request_message(pieces, method, target, timestamp, "0123456789", body, strlen(body));
    struct fz_signer *signer = fz_signer_new(caller->key);
    assert_int_equal(fz_sign(signer, pieces, 10, signature), FZ_OK);
    fz_signer_free(signer);
    fz_authorization_write(out, caller->mchid, caller->serial_no, "0123456789", now, signature);
}

void caller_send(const struct caller *caller, int connection, const char *method, const char *target,
                 const char *body)
{
    struct fz_text text = {.max = 200000};
    const char *sent = body == NULL ? "" : body;
    fz_text_format(&text,
                   "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: test\r\nConnection: "
                   "close\r\nAuthorization: ",
                   method, target);
    write_authorization(caller, &text, method, target, sent);
    if (body != NULL)
        fz_text_format(&text, "\r\nContent-Length: %zu", strlen(body));
    fz_text_format(&text, "\r\n\r\n%s", sent);
    assert_false(text.failed);
    caller_send_text(connection, text.data);
    fz_text_done(&text);
}

const char *caller_read(int connection, size_t *size)
{
    static _Thread_local char answer[200000];
    size_t got = 0;
    ssize_t part;
    while (got < sizeof answer - 1 && (part = recv(connection, answer + got, sizeof answer - 1 - got, 0)) > 0)
        got += (size_t)part;
    close(connection);
    answer[got] = '\0';
    if (size != NULL)
        *size = got;
    return answer;
}

const char *caller_call(const struct caller *caller, const char *method, const char *target, const char *body)
{
    int connection = caller_connect(caller);
    caller_send(caller, connection, method, target, body);
    return caller_read(connection, NULL);
}

bool caller_header(const char *answer, const char *name, char *out, size_t out_size)
{
    char line[100];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *found = strstr(answer, line);
    if (found == NULL || found > caller_body(answer))
        return false;
    found += strlen(line);
    return fz_copy_part(out, out_size, found, strcspn(found, "\r"));
}

const char *caller_body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end == NULL ? answer + strlen(answer) : end + 4;
}
