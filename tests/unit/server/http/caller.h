/* A merchant that calls the API of the server under test: signed requests over plain sockets, one a
 * connection. */
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/certificate.h"

struct caller {
    const char *mchid;
    char serial_no[FZ_SERIAL_SIZE];
    EVP_PKEY *key;
    int port;
};

/* A connection to the server; one that answers late fails the test after some seconds. */
int caller_connect(const struct caller *caller);
/* Sends the head of a signed request that announces `body` (NULL: none), and the body. The answer ends the
 * connection. */
void caller_send(const struct caller *caller, int connection, const char *method, const char *target,
                 const char *body);
/* Sends `text` as it is. */
void caller_send_text(int connection, const char *text);
/* Reads to the end of the connection and closes it. Static, good until the next call on the same thread; ""
 * when there was no answer. */
const char *caller_read(int connection, size_t *size);
/* All three. */
const char *caller_call(const struct caller *caller, const char *method, const char *target,
                        const char *body);

/* Copies the value of a header of an answer; false if it has none. */
bool caller_header(const char *answer, const char *name, char *out, size_t out_size);
/* Where the body of an answer begins. */
const char *caller_body(const char *answer);

#endif
