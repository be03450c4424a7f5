/* Answers that are files: opened, and made if need be, by an executor. */
#include <openssl/evp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/bill_file.h"
#include "server/exchange.h"
#include "server/http_inside.h"
#include "wire/accept.h"

/* Client libraries accept an unsigned file under this path and nowhere else (measured). */
#define UNSIGNED_PATH "/v3/billdownload/file"

static bool is_signed(const char *target)
{
    return strcspn(target, "?") != strlen(UNSIGNED_PATH) ||
           strncmp(target, UNSIGNED_PATH, strlen(UNSIGNED_PATH)) != 0;
}

/* Hashes the whole file, block by block. */
static bool add_file(EVP_MD_CTX *hash, int file)
{
    unsigned char block[65536];
    off_t at = 0;
    ssize_t got = 1;
    bool good = true;
    while (good && got > 0) {
        got = pread(file, block, sizeof block, at);
        good = got >= 0 && EVP_DigestUpdate(hash, block, got < 0 ? 0 : (size_t)got) == 1;
        at += got;
    }
    return good;
}

static bool add_text(EVP_MD_CTX *hash, const char *text)
{
    return EVP_DigestUpdate(hash, text, strlen(text)) == 1;
}

/* The digest of the answer's message, whose body is the file, or `body` where there is one. */
static bool digest_answer(EVP_MD_CTX *hash, const struct fz_stamp *stamp, int file, const char *body,
                          unsigned char digest[32])
{
    return EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) == 1 && add_text(hash, stamp->timestamp) &&
           add_text(hash, "\n") && add_text(hash, stamp->nonce) && add_text(hash, "\n") &&
           (body == NULL ? add_file(hash, file) : add_text(hash, body)) && add_text(hash, "\n") &&
           EVP_DigestFinal_ex(hash, digest, NULL) == 1;
}

static bool write_sha1(EVP_MD_CTX *hash, int file, char out[41])
{
    unsigned char digest[20];
    if (EVP_DigestInit_ex2(hash, EVP_sha1(), NULL) != 1 || !add_file(hash, file) ||
        EVP_DigestFinal_ex(hash, digest, NULL) != 1)
        return false;
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* Opens what is sent; `plain` gets the text, which is another file where that is compressed. */
static enum fz_result open_parts(struct fz_exchange *exchange, struct fz_reader *reader, int *plain)
{
    struct fz_server *server = exchange->worker->http->server;
    struct fz_file_answer *file = &exchange->file;
    if (file->gzip)
        return fz_bill_file_open_gzip(server, reader, exchange->out, plain, &file->handle, &file->size);
    enum fz_result result = fz_bill_file_open(server, reader, exchange->out, &file->handle, &file->size);
    *plain = file->handle;
    return result;
}

/* A statement's signature covers {"sha1":"…"}, of the text before any compression. */
static bool digest(struct fz_exchange *exchange, EVP_MD_CTX *hash, int plain)
{
    struct fz_file_answer *file = &exchange->file;
    char body[64];
    if (exchange->route.endpoint->answers_file != FZ_FILE_WITH_SHA1)
        return digest_answer(hash, &exchange->stamp, plain, NULL, file->digest);
    if (!write_sha1(hash, plain, file->sha1))
        return false;
    snprintf(body, sizeof body, "{\"sha1\":\"%s\"}", file->sha1);
    return digest_answer(hash, &exchange->stamp, -1, body, file->digest);
}

static enum fz_result open_file(struct fz_exchange *exchange, struct fz_reader *reader)
{
    int plain = -1;
    enum fz_result result = open_parts(exchange, reader, &plain);
    if (result != FZ_OK || !exchange->file.sign)
        return result;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = hash != NULL && digest(exchange, hash, plain);
    EVP_MD_CTX_free(hash);
    if (plain != exchange->file.handle)
        close(plain);
    return good ? FZ_OK : FZ_FAILED;
}

/* On an executor's thread. What a stop broke off can be asked for again; anything else is a failure, which is
 * logged with its reason. */
static void run(struct fz_task *task, struct fz_reader *reader)
{
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)task - offsetof(struct fz_exchange, task));
    enum fz_result result = open_file(exchange, reader);
    if (result != FZ_OK)
        fz_copy(exchange->error.issue, sizeof exchange->error.issue,
                result == FZ_FULL ? "there is no room on the disk for the bill file"
                                  : "the bill file could not be made or read");
    if (result != FZ_OK)
        result = atomic_load(&exchange->worker->http->stopping) ? FZ_FULL : FZ_FAILED;
    fz_exchange_resume(exchange, result);
}

enum fz_result fz_exchange_open_file(struct fz_exchange *exchange, bool *waits)
{
    bool statement = exchange->route.endpoint->answers_file == FZ_FILE_WITH_SHA1;
    exchange->file.sign = statement || is_signed(exchange->target);
    exchange->file.gzip = statement && fz_wants_gzip(exchange->headers.accept_encoding);
    fz_exchange_stamp(exchange); /* the signature covers it, and is begun by the executor */
    if (!fz_exchange_suspend(exchange))
        return FZ_FULL;
    *waits = true;
    const struct fz_bill_link *link = exchange->out;
    exchange->task = (struct fz_task){.run = run};
    snprintf(exchange->task.key, sizeof exchange->task.key, "%d %s %s %d", (int)link->kind, link->caller,
             link->sub_mchid, link->day); /* who asks for the same bill waits for who makes it */
    if (fz_executor_submit(exchange->worker->http->executor, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
    return FZ_OK;
}
