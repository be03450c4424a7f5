/* A fork is made: the other's book copied as it is at one instant, its secret beside it. */
#include "server/birth/fork.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/server/random.h"
#include "base/text.h"
#include "server/birth/restoration.h"
#include "server/data/snapshot_place.h"
#include "store/copy.h"

#define SECRET_MAX 256
#define PEM_MAX    8192

/* Where things of the other lie. */
struct source {
    char data[FZ_PATH_SIZE]; /* DIR */
    char book[FZ_PATH_SIZE];
    struct fz_text *asked; /* of a snapshot; NULL: it is a whole data directory */
};

static enum fz_result too_long(char *why, size_t why_size)
{
    snprintf(why, why_size, "The path of the data directory, or of the one that --from names, is too long. Name a shorter one.");
    return FZ_FAILED;
}

/* ---- from where ---- */

static bool is_there(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0;
}

/* "DIR@NAME"; a directory whose own name has an "@" comes first. */
static enum fz_result find_snapshot(const char *from, struct source *out, char *why, size_t why_size)
{
    const char *at = strrchr(from, '@');
    if (is_there(from) || at == NULL)
        return FZ_ABSENT;
    if ((size_t)(at - from) >= sizeof out->data)
        return too_long(why, why_size);
    memcpy(out->data, from, (size_t)(at - from));
    out->data[at - from] = '\0';
    if (!fz_snapshot_is_name(at + 1)) {
        snprintf(why, why_size, "--from %s names no snapshot: \"%s\" is no name of one. " FZ_SNAPSHOT_NAME_RULE, from, at + 1);
        return FZ_FAILED;
    }
    if (fz_snapshot_path(out->data, at + 1, out->book) != FZ_OK)
        return too_long(why, why_size);
    if (is_there(out->book))
        return FZ_OK;
    snprintf(why, why_size, "There is no snapshot %s in %s. GET /snapshots of its server lists those that there are.", at + 1,
             out->data);
    return FZ_FAILED;
}

static enum fz_result find_source(const struct fz_fork *fork, struct source *out, char *why, size_t why_size)
{
    enum fz_result result = find_snapshot(fork->from, out, why, why_size);
    out->asked = result == FZ_OK ? fork->asked : NULL;
    if (result != FZ_ABSENT)
        return result;
    fz_copy(out->data, sizeof out->data, fork->from);
    if (fz_path_join(out->book, fork->from, "book.db") != FZ_OK)
        return too_long(why, why_size);
    if (is_there(out->book))
        return FZ_OK;
    snprintf(why, why_size,
             "There is no book in %s, so nothing can be forked from it. Name the data directory of a server, or DIR@NAME for a "
             "snapshot in one.",
             fork->from);
    return FZ_FAILED;
}

/* ---- its files ---- */

/* One that others can use is refused. FZ_ABSENT: there is none. */
static enum fz_result copy_file(const char *from, const char *to, size_t most, char *why, size_t why_size)
{
    char content[PEM_MAX], reason[160];
    bool changed = false;
    enum fz_result result = fz_private_file_read(from, content, most, reason, sizeof reason);
    if (result == FZ_ABSENT)
        return FZ_ABSENT;
    if (result != FZ_OK) {
        snprintf(why, why_size, "The file %s cannot be copied: %s.", from, reason);
    } else if ((result = fz_private_file_write(to, content, strlen(content), &changed)) != FZ_OK) {
        snprintf(why, why_size, "The file %s cannot be written (%s). Make room there, or let this user write it.", to,
                 strerrordesc_np(errno));
    }
    OPENSSL_cleanse(content, sizeof content);
    return result;
}

static enum fz_result copy_secret(const struct fz_fork *fork, const struct source *source, char *why, size_t why_size)
{
    char from[FZ_PATH_SIZE], to[FZ_PATH_SIZE];
    if (fork->secret_file != NULL)
        return FZ_OK;
    if (fz_path_join(from, source->data, "secret.key") != FZ_OK || fz_path_join(to, fork->data, "secret.key") != FZ_OK)
        return too_long(why, why_size);
    enum fz_result result = copy_file(from, to, SECRET_MAX, why, why_size);
    if (result == FZ_ABSENT)
        snprintf(why, why_size,
                 "There is no %s, and the keys in the book cannot be opened without it. If that server has its secret elsewhere, "
                 "name it with --secret-file here too.",
                 from);
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}

/* Whoever trusts the other's CA trusts the fork's: it is the same. */
static enum fz_result copy_authority(const struct fz_fork *fork, const struct source *source, char *why, size_t why_size)
{
    static const char *const names[] = {"tls/ca_key.pem", "tls/ca_cert.pem"};
    char from[FZ_PATH_SIZE], to[FZ_PATH_SIZE];
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && i < sizeof names / sizeof names[0]; i++) {
        if (fz_path_join(from, source->data, names[i]) != FZ_OK || fz_path_join(to, fork->data, "tls") != FZ_OK)
            return too_long(why, why_size);
        if (!is_there(from))
            return FZ_OK; /* it never spoke TLS; or it has half of an authority, which it will mend itself */
        if (fz_private_directory_make(to) != FZ_OK || fz_path_join(to, fork->data, names[i]) != FZ_OK)
            return too_long(why, why_size);
        result = copy_file(from, to, PEM_MAX, why, why_size);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- the book ---- */

/* The fork is another book: what is kept beside it, and what it draws without a seed, is its own. */
static enum fz_result begin(struct fz_tx *tx, void *argument)
{
    const struct source *source = argument;
    struct fz_clock_state clock;
    struct fz_origin origin;
    enum fz_result result = fz_origin_load(tx, &origin);
    if (result != FZ_OK)
        return FZ_FAILED;
    fz_random_text(origin.name, sizeof origin.name);
    origin.drawn_by[0] = '\0';
    result = fz_origin_store(tx, &origin);
    return result == FZ_OK && source->asked != NULL ? fz_snapshot_unmark(tx, &clock, source->asked) : result;
}

/* Under its own name last of all. */
static enum fz_result place(const struct fz_fork *fork, const char *unfinished, char *why, size_t why_size)
{
    if (rename(unfinished, fork->book) == 0 && fz_private_directory_sync(fork->data) == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size, "The book %s cannot be written (%s). Make room there, or let this user write it.", fork->book,
             strerrordesc_np(errno));
    return FZ_FAILED;
}

static enum fz_result copy_book(const struct fz_fork *fork, const struct source *source, const char *unfinished, char *why,
                                size_t why_size)
{
    static const unsigned char nothing[32]; /* what is done in the copy draws no values */
    struct fz_copy_change change = {.world = fz_world_new(false, 0, nothing), .work = begin, .argument = (void *)(uintptr_t)source};
    if (change.world == NULL) {
        snprintf(why, why_size, "The server cannot start: memory is short. Make room, then start again.");
        return FZ_FAILED;
    }
    enum fz_result result = fz_store_fork(source->book, unfinished, &change, why, why_size);
    fz_world_free(change.world);
    return result == FZ_OK ? place(fork, unfinished, why, why_size) : FZ_FAILED;
}

static enum fz_result make(const struct fz_fork *fork, const char *unfinished, char *why, size_t why_size)
{
    char secret[FZ_PATH_SIZE];
    struct source source;
    enum fz_result result = find_source(fork, &source, why, why_size);
    if (result == FZ_OK && fz_path_join(secret, fork->data, "secret.key") != FZ_OK)
        result = too_long(why, why_size);
    if (result == FZ_OK)
        result = fz_store_expect(fork->book, fork->secret_file == NULL && is_there(secret), why, why_size);
    if (result == FZ_OK)
        result = copy_secret(fork, &source, why, why_size);
    if (result == FZ_OK)
        result = copy_authority(fork, &source, why, why_size);
    return result == FZ_OK ? copy_book(fork, &source, unfinished, why, why_size) : result;
}

enum fz_result fz_fork_make(const struct fz_fork *fork, char *why, size_t why_size)
{
    struct stat found;
    char unfinished[FZ_PATH_SIZE + 12];
    if (fz_store_is_shared(fork->book)) {
        snprintf(why, why_size, "--from makes a book in SQLite. Leave --store away.");
        return FZ_FAILED;
    }
    snprintf(unfinished, sizeof unfinished, "%s-unfinished", fork->book);
    fz_store_remove(unfinished); /* of a start that was cut short */
    bool has_book = stat(fork->book, &found) == 0 && found.st_size > 0;
    return has_book ? FZ_OK : make(fork, unfinished, why, why_size);
}
