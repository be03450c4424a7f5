/* Signs requests ahead of a load run: lines "METHOD TARGET [BODY]" on standard input become raw HTTP requests, each behind a line with its length. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/server/random.h"
#include "wire/authorization.h"
#include "wire/certificate.h"
#include "wire/signature.h"

struct request {
    char *line;
    struct fz_text raw;
};

static const char *mchid, *serial_no;
static EVP_PKEY *key;
static struct request *requests;
static size_t request_count, thread_count;

static void sign_one(struct fz_signer *signer, struct request *request)
{
    char *method = request->line, *target = strchr(method, ' ');
    if (target == NULL)
        abort();
    *target++ = '\0';
    char *body = strchr(target, ' ');
    if (body != NULL)
        *body++ = '\0';
    else
        body = "";
    char nonce[33], timestamp[24], signature[FZ_SIGNATURE_BASE64_SIZE];
    fz_random_text(nonce, sizeof nonce);
    int64_t seconds = fz_wire_now_ms() / 1000;
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)seconds);
    struct fz_piece pieces[10];
    fz_request_message(pieces, method, target, timestamp, nonce, body, strlen(body));
    if (fz_sign(signer, pieces, 10, signature) != FZ_OK)
        abort();
    struct fz_text *raw = &request->raw;
    raw->max = 65536;
    fz_text_format(raw, "%s %s HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nUser-Agent: bench\r\nAuthorization: ", method,
                   target);
    fz_authorization_write(raw, mchid, serial_no, nonce, seconds, signature);
    if (*body != '\0')
        fz_text_format(raw, "\r\nContent-Type: application/json\r\nContent-Length: %zu", strlen(body));
    fz_text_format(raw, "\r\n\r\n%s", body);
}

static void *sign_part(void *argument)
{
    struct fz_signer *signer = fz_signer_new(key);
    for (size_t i = (size_t)argument; i < request_count; i += thread_count)
        sign_one(signer, &requests[i]);
    fz_signer_free(signer);
    return NULL;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    char pem[8192];
    size_t size = file == NULL ? 0 : fread(pem, 1, sizeof pem - 1, file);
    if (file != NULL)
        fclose(file);
    pem[size] = '\0';
    return fz_key_read(pem);
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fputs("usage: presign MCHID SERIAL_NO KEY.pem THREADS <lines >requests\n", stderr);
        return 2;
    }
    mchid = arguments[1];
    serial_no = arguments[2];
    key = read_key(arguments[3]);
    thread_count = (size_t)atoi(arguments[4]);
    if (key == NULL || thread_count == 0 || thread_count > 64) {
        fputs("presign: the key cannot be read, or THREADS is not 1 to 64\n", stderr);
        return 1;
    }
    size_t capacity = 0, room = 0;
    char *line = NULL;
    ssize_t size;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        if (line[size - 1] == '\n')
            line[size - 1] = '\0';
        if (request_count == room) {
            room = room == 0 ? 1024 : room * 2;
            requests = realloc(requests, room * sizeof *requests);
            if (requests == NULL)
                abort();
        }
        requests[request_count++] = (struct request){.line = strdup(line)};
    }
    pthread_t threads[64];
    for (size_t i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, sign_part, (void *)i);
    for (size_t i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < request_count; i++)
        printf("%zu\n%s", requests[i].raw.size, requests[i].raw.data);
    return 0;
}
