/* Answers that are files: opened by one executor, made, if need be, by another. */
#include <openssl/evp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/exchange/exchange.h"
#include "server/files/bill_file.h"
#include "wire/server/accept.h"

/* Client libraries accept an unsigned file under this path and nowhere else (measured). */
#define UNSIGNED_PATH "/v3/billdownload/file"

#define MAKER_WAIT_MS 10000 /* for a database that is away */

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

/* A statement's signature covers {"sha1":"…"}, of the text before any compression. */
static bool digest(struct fz_exchange *exchange, EVP_MD_CTX *hash, int bill)
{
    struct fz_file_answer *file = &exchange->file;
    char body[64];
    if (file->sha1[0] == '\0')
        return digest_answer(hash, &exchange->stamp, bill, NULL, file->digest);
    snprintf(body, sizeof body, "{\"sha1\":\"%s\"}", file->sha1);
    return digest_answer(hash, &exchange->stamp, -1, body, file->digest);
}

static enum fz_result size_of(int handle, uint64_t *out)
{
    struct stat found;
    if (fstat(handle, &found) != 0 || !S_ISREG(found.st_mode))
        return FZ_FAILED;
    *out = (uint64_t)found.st_size;
    return FZ_OK;
}

/* Takes what is sent, and its signature's digest. */
static enum fz_result take(struct fz_exchange *exchange, const struct fz_bill_file *found)
{
    struct fz_file_answer *file = &exchange->file;
    file->handle = file->gzip ? found->gzip : found->bill;
    fz_copy(file->sha1, sizeof file->sha1, found->sha1);
    enum fz_result result = size_of(file->handle, &file->size);
    if (result == FZ_OK && file->sign) {
        EVP_MD_CTX *hash = EVP_MD_CTX_new();
        result = hash != NULL && digest(exchange, hash, found->bill) ? FZ_OK : FZ_FAILED;
        EVP_MD_CTX_free(hash);
    }
    if (file->gzip)
        close(found->bill);
    return result;
}

static struct fz_bill_request request_of(const struct fz_exchange *exchange)
{
    return (struct fz_bill_request){.files = exchange->tools->workshop->lent.bill_files,
                                    .link = exchange->out,
                                    .sum = exchange->route.spec->answers_file == FZ_FILE_WITH_SHA1,
                                    .gzip = exchange->file.gzip};
}

/* What a stop broke off can be asked for again; anything else is a failure, which is logged with its reason. */
static void end(struct fz_exchange *exchange, enum fz_result result, const struct fz_bill_file *found)
{
    if (result == FZ_OK)
        result = take(exchange, found);
    if (result != FZ_OK)
        fz_copy(exchange->error.issue, sizeof exchange->error.issue,
                result == FZ_FULL ? "there is no room on the disk for the bill file"
                                  : "the bill file could not be made or read");
    if (result != FZ_OK)
        result = atomic_load(&exchange->tools->workshop->stopping) ? FZ_FULL : FZ_FAILED;
    fz_exchange_resume(exchange, result);
}

static struct fz_exchange *exchange_of(struct fz_task *task)
{
    return (struct fz_exchange *)(void *)((char *)task - offsetof(struct fz_exchange, task));
}

/* On a maker's thread. */
static void make_file(struct fz_task *task, struct fz_reader *reader)
{
    struct fz_exchange *exchange = exchange_of(task);
    struct fz_bill_request request = request_of(exchange);
    struct fz_bill_file found;
    fz_reader_wait(reader, MAKER_WAIT_MS);
    enum fz_result result = fz_bill_file_make(&request, reader, &found);
    end(exchange, result, &found);
}

/* On an opener's: what has to be made it leaves to a maker, so that no file that is there waits behind that. */
static void open_or_pass_on(struct fz_task *task, struct fz_reader *none)
{
    struct fz_exchange *exchange = exchange_of(task);
    struct fz_bill_request request = request_of(exchange);
    struct fz_bill_file found;
    (void)none;
    enum fz_result result = fz_bill_file_open(&request, &found);
    if (result != FZ_ABSENT) {
        end(exchange, result, &found);
        return;
    }
    const struct fz_bill_link *link = exchange->out;
    exchange->task = (struct fz_task){.run = make_file};
    snprintf(exchange->task.key, sizeof exchange->task.key, "%d %s %s %d", (int)link->kind, link->caller,
             link->sub_mchid, link->day); /* who asks for the same bill waits for who makes it */
    if (fz_executor_submit(exchange->tools->workshop->makers, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
}

enum fz_result fz_exchange_open_file(struct fz_exchange *exchange, bool *waits)
{
    bool statement = exchange->route.spec->answers_file == FZ_FILE_WITH_SHA1;
    exchange->file.sign = statement || is_signed(exchange->target);
    exchange->file.gzip = statement && fz_wants_gzip(exchange->headers.accept_encoding);
    fz_exchange_stamp(exchange); /* the signature covers it, and is begun by the executor */
    if (!fz_exchange_suspend(exchange))
        return FZ_FULL;
    *waits = true;
    exchange->task = (struct fz_task){.run = open_or_pass_on};
    if (fz_executor_submit(exchange->tools->workshop->openers, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_FULL);
    return FZ_OK;
}
