/* Answers that are files: opened, and made if need be, by an executor. */
#include <openssl/evp.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "server/bill_file.h"
#include "server/exchange.h"
#include "server/http_inside.h"

/* Client libraries accept an unsigned file under this path and nowhere else (measured). */
#define UNSIGNED_PATH "/v3/billdownload/file"

static bool is_signed(const char *target)
{
    return strcspn(target, "?") != strlen(UNSIGNED_PATH) ||
           strncmp(target, UNSIGNED_PATH, strlen(UNSIGNED_PATH)) != 0;
}

/* The digest of the answer's message, whose body is the file, block by block. */
static bool digest_file(EVP_MD_CTX *hash, const struct fz_stamp *stamp, int file, unsigned char digest[32])
{
    unsigned char block[65536];
    bool good = EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(hash, stamp->timestamp, strlen(stamp->timestamp)) == 1 &&
                EVP_DigestUpdate(hash, "\n", 1) == 1 &&
                EVP_DigestUpdate(hash, stamp->nonce, strlen(stamp->nonce)) == 1 &&
                EVP_DigestUpdate(hash, "\n", 1) == 1;
    off_t at = 0;
    ssize_t got = 1;
    while (good && got > 0) {
        got = pread(file, block, sizeof block, at);
        good = got >= 0 && EVP_DigestUpdate(hash, block, got < 0 ? 0 : (size_t)got) == 1;
        at += got;
    }
    return good && EVP_DigestUpdate(hash, "\n", 1) == 1 && EVP_DigestFinal_ex(hash, digest, NULL) == 1;
}

static enum fz_result open_file(struct fz_exchange *exchange, struct fz_reader *reader)
{
    struct fz_file_answer *file = &exchange->file;
    enum fz_result result =
        fz_bill_file_open(exchange->worker->http->server, reader, exchange->out, &file->handle, &file->size);
    if (result != FZ_OK || !file->sign)
        return result;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = hash != NULL && digest_file(hash, &exchange->stamp, file->handle, file->digest);
    EVP_MD_CTX_free(hash);
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
    exchange->file.sign = is_signed(exchange->target);
    fz_exchange_stamp(exchange); /* the signature covers it, and is begun by the executor */
    if (!fz_exchange_suspend(exchange))
        return FZ_FULL;
    *waits = true;
    exchange->task = (struct fz_task){.run = run};
    if (fz_executor_submit(exchange->worker->http->executor, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
    return FZ_OK;
}
