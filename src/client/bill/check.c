/* Reads bill files for what they come to: their hashes, how many rows they have, whether these add up. */
#include "client/bill/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/bill/read.h"

#define PIECE (256 << 10) /* stays in a core's own cache */

static fz_error *no_memory(void)
{
    return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ");
}

static EVP_MD_CTX *hashing(const EVP_MD *digest)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    if (hash != NULL && EVP_DigestInit_ex2(hash, digest, NULL) == 1)
        return hash;
    EVP_MD_CTX_free(hash);
    return NULL;
}

fz_error *fz_bill_check_begin(struct fz_bill_check *check, enum fz_bill_kind kind, const EVP_MD *digest, bool each_cell)
{
    fz_error *error = NULL;
    *check =
        (struct fz_bill_check){.file = hashing(EVP_sha256()), .text = digest == NULL ? NULL : hashing(digest)};
    if (check->file == NULL || (digest != NULL && check->text == NULL))
        return no_memory();
    if (fz_bill_reader_new(kind, NULL, NULL, &check->reader, &error) != 0)
        return error;
    fz_bill_reader_hash(check->reader, check->text);
    if (!each_cell)
        fz_bill_reader_sums_alone(check->reader);
    return NULL;
}

fz_error *fz_bill_check_feed(struct fz_bill_check *check, const void *data, size_t size)
{
    fz_error *error = NULL;
    check->facts.bytes += size;
    if (EVP_DigestUpdate(check->file, data, size) != 1)
        return no_memory();
    (void)fz_bill_reader_feed(check->reader, data, size, &error);
    return error;
}

static bool write_hash(EVP_MD_CTX *hash, char out[FZ_BILL_HASH_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size;
    if (EVP_DigestFinal_ex(hash, digest, &size) != 1)
        return false;
    for (unsigned i = 0; i < size && 2 * i + 2 < FZ_BILL_HASH_TEXT; i++)
        snprintf(out + 2 * (size_t)i, 3, "%02x", digest[i]);
    return true;
}

fz_error *fz_bill_check_finish(struct fz_bill_check *check, const char *hash)
{
    char found[FZ_BILL_HASH_TEXT] = "";
    fz_error *error = NULL;
    if (fz_bill_reader_finish(check->reader, &error) != 0)
        return error;
    if (!write_hash(check->file, check->facts.sha256) || (check->text != NULL && !write_hash(check->text, found)))
        return no_memory();
    check->facts.rows = fz_bill_reader_rows(check->reader);
    if (check->text == NULL || strcasecmp(found, hash) == 0)
        return NULL;
    return fz_error_make(FZ_CODE_UNVERIFIED, FZ_OUTCOME_DONE,
                         "The bill is not the one that the service told of: its hash is not %s.", hash);
}

void fz_bill_check_done(struct fz_bill_check *check)
{
    fz_bill_reader_free(check->reader);
    EVP_MD_CTX_free(check->file);
    EVP_MD_CTX_free(check->text);
}

fz_error *fz_bill_check_give(const struct fz_bill_check *check, fz_bill_on_row *on_summary, void *argument,
                             struct fz_bill_facts *facts)
{
    if (facts != NULL) {
        size_t size = facts->size;
        memcpy(facts, &check->facts, size < sizeof *facts ? size : sizeof *facts);
        facts->size = size;
    }
    return on_summary == NULL ? NULL : fz_bill_reader_give_summary(check->reader, on_summary, argument);
}

/* ---- of a file that is there ---- */

static fz_error *feed_all(struct fz_bill_check *check, int file, char *piece, const char *path)
{
    for (;;) {
        ssize_t size = read(file, piece, PIECE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return fz_bill_file_error("read", path);
        fz_error *error = size == 0 ? fz_bill_check_finish(check, NULL) : fz_bill_check_feed(check, piece, (size_t)size);
        if (error != NULL || size == 0)
            return error;
    }
}

static fz_error *check_descriptor(struct fz_bill_check *check, int file, const char *path)
{
    char *piece = fz_allocate(PIECE);
    fz_error *error = piece == NULL ? no_memory() : feed_all(check, file, piece, path);
    fz_release(piece);
    return error;
}

int fz_bill_check_file(enum fz_bill_kind kind, const char *path, fz_bill_on_row *on_summary, void *argument,
                       struct fz_bill_facts *facts, fz_error **error)
{
    struct fz_bill_check check;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fz_fail(error, fz_bill_file_error("opened", path));
    fz_error *wrong = fz_bill_check_begin(&check, kind, NULL, false);
    if (wrong == NULL)
        wrong = check_descriptor(&check, file, path);
    if (wrong == NULL)
        wrong = fz_bill_check_give(&check, on_summary, argument, facts);
    fz_bill_check_done(&check);
    close(file);
    return wrong == NULL ? 0 : fz_fail(error, wrong);
}
