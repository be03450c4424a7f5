/* Secrets: one file of 64 hexadecimal digits, and the keys that derive from it. */
#include "server/keys/secrets.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_file.h"
#include "base/server/random.h"
#include "wire/sealed.h"

#define MASTER_SIZE 32
#define DIGITS      (2 * MASTER_SIZE)

static enum fz_result fail(char *why, size_t why_size, const char *path, const char *what, const char *advice)
{
    snprintf(why, why_size, "The secret file %s %s. %s", path, what, advice);
    return FZ_FAILED;
}

static enum fz_result fail_errno(char *why, size_t why_size, const char *path, const char *attempt)
{
    char what[160];
    snprintf(what, sizeof what, "cannot be %s (%s)", attempt, strerrordesc_np(errno));
    return fail(why, why_size, path, what,
                "Let this user use the file and its directory, or name another one.");
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static bool read_digits(const char *text, unsigned char master[MASTER_SIZE])
{
    for (size_t i = 0; i < DIGITS; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    for (size_t i = 0; i < MASTER_SIZE; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        master[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return true;
}

static bool derive(const unsigned char master[MASTER_SIZE], const char *label, unsigned char out[32])
{
    unsigned size = 0;
    return HMAC(EVP_sha256(), master, MASTER_SIZE, (const unsigned char *)label, strlen(label), out, &size) !=
           NULL;
}

/* What stands in the book tells nothing of the secret, nor of what else derives from it. */
static bool derive_check(const unsigned char master[MASTER_SIZE], char out[FZ_SECRET_CHECK_SIZE])
{
    unsigned char bytes[32];
    if (!derive(master, "fenzhang check", bytes))
        return false;
    for (size_t i = 0; i < (FZ_SECRET_CHECK_SIZE - 1) / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* The file as it is; one line end behind the digits is allowed, as editors and openssl rand write it. */
static enum fz_result read_master(int file, const char *path, unsigned char master[MASTER_SIZE], char *why,
                                  size_t why_size)
{
    static const char advice[] = "It has to hold 64 hexadecimal digits. Put the right file back. For a new "
                                 "book, make one with openssl rand -hex 32 and name it with --secret-file.";
    char text[DIGITS + 2]; /* room for one byte too many, by which a longer file is told */
    ssize_t size = pread(file, text, sizeof text, 0);
    if (size < 0)
        return fail_errno(why, why_size, path, "read");
    bool sound =
        (size == DIGITS || (size == DIGITS + 1 && text[DIGITS] == '\n')) && read_digits(text, master);
    OPENSSL_cleanse(text, sizeof text);
    return sound ? FZ_OK : fail(why, why_size, path, "is damaged", advice);
}

static enum fz_result check_private(int file, const char *path, char *why, size_t why_size)
{
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return fail(why, why_size, path, "is no regular file", "Name a file.");
    if ((found.st_mode & 077) != 0) {
        char advice[160];
        snprintf(advice, sizeof advice,
                 "Its mode is %04o, so its keys may be known already. Run chmod 600 on it, then start again.",
                 (unsigned)found.st_mode & 07777);
        return fail(why, why_size, path, "can be used by others", advice);
    }
    return FZ_OK;
}

static enum fz_result make(const char *path, char *why, size_t why_size)
{
    unsigned char master[MASTER_SIZE];
    char text[DIGITS + 2];
    fz_random(master, sizeof master);
    for (size_t i = 0; i < MASTER_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", master[i]);
    text[DIGITS] = '\n';
    enum fz_result result = fz_private_file_make(path, text, DIGITS + 1);
    OPENSSL_cleanse(master, sizeof master);
    OPENSSL_cleanse(text, sizeof text);
    return result == FZ_OK ? FZ_OK : fail_errno(why, why_size, path, "made");
}

enum fz_result fz_secrets_load(const char *path, bool create, struct fz_secrets *out, char *why,
                               size_t why_size)
{
    /* Whatever --secret-file names, a pipe or a terminal must not hold up the start; check_private then
     * refuses it. */
    FZ_CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0 && errno == ENOENT && create) {
        enum fz_result result = make(path, why, why_size);
        if (result != FZ_OK)
            return result;
        file = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file < 0 && errno == ENOENT)
        return fail(why, why_size, path, "is not there, and the keys in the book cannot be opened without it",
                    "Put it back from your copy, or start on another data directory.");
    if (file < 0)
        return fail_errno(why, why_size, path, "opened");
    unsigned char master[MASTER_SIZE];
    enum fz_result result = check_private(file, path, why, why_size);
    if (result == FZ_OK)
        result = read_master(file, path, master, why, why_size);
    if (result != FZ_OK)
        return result;
    struct fz_secrets secrets;
    bool derived = derive(master, "fenzhang sealing", secrets.sealing) &&
                   derive(master, "fenzhang token", secrets.token) &&
                   derive(master, "fenzhang draws", secrets.draws) && derive_check(master, secrets.check);
    OPENSSL_cleanse(master, sizeof master);
    if (!derived)
        return fail(why, why_size, path, "cannot be used: memory is short", "Make room, then start again.");
    *out = secrets;
    OPENSSL_cleanse(&secrets, sizeof secrets);
    return FZ_OK;
}

/* Kind and row as one string, with a NUL between them, which neither has: no other pair makes the same
 * string. */
static void associate(struct fz_text *out, const char *kind, const char *row)
{
    fz_text_add(out, kind, strlen(kind) + 1);
    fz_text_string(out, row);
}

enum fz_result fz_secret_seal(const struct fz_secrets *secrets, const char *kind, const char *row,
                              const void *plain, size_t size, struct fz_text *out)
{
    FZ_CLEANUP(fz_text_done) struct fz_text associated = {.max = 256};
    associate(&associated, kind, row);
    unsigned char *sealed = malloc(FZ_GCM_NONCE_SIZE + size + FZ_GCM_TAG_SIZE);
    enum fz_result result = FZ_FAILED;
    if (sealed != NULL && !associated.failed) {
        /* Two alike under one key would undo GCM; a book seals some thousand, among 2^96. */
        fz_random(sealed, FZ_GCM_NONCE_SIZE);
        result = fz_gcm_seal(secrets->sealing, sealed, associated.data, associated.size, plain, size,
                             sealed + FZ_GCM_NONCE_SIZE);
    }
    if (result == FZ_OK)
        fz_text_add(out, sealed, FZ_GCM_NONCE_SIZE + size + FZ_GCM_TAG_SIZE);
    free(sealed);
    return result == FZ_OK && out->failed ? FZ_FULL : result;
}

enum fz_result fz_secret_open(const struct fz_secrets *secrets, const char *kind, const char *row,
                              const void *sealed, size_t size, struct fz_text *out)
{
    if (size < FZ_GCM_NONCE_SIZE + FZ_GCM_TAG_SIZE)
        return FZ_MALFORMED;
    FZ_CLEANUP(fz_text_done) struct fz_text associated = {.max = 256};
    associate(&associated, kind, row);
    const unsigned char *nonce = sealed;
    size_t plain_size = size - FZ_GCM_NONCE_SIZE - FZ_GCM_TAG_SIZE;
    unsigned char *plain = malloc(plain_size + 1);
    if (plain == NULL || associated.failed) {
        free(plain);
        return FZ_FAILED;
    }
    enum fz_result result = fz_gcm_open(secrets->sealing, nonce, associated.data, associated.size,
                                        nonce + FZ_GCM_NONCE_SIZE, size - FZ_GCM_NONCE_SIZE, plain);
    if (result == FZ_OK)
        fz_text_add(out, plain, plain_size);
    OPENSSL_cleanse(plain, plain_size);
    free(plain);
    return result == FZ_OK && out->failed ? FZ_FULL : result;
}
