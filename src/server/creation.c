/* The making of a book. */
#include "server/creation.h"

#include <openssl/crypto.h>
#include <stdio.h>

#include "book/clock.h"
#include "server/bill_file.h"
#include "server/demo.h"
#include "server/demo_story.h"
#include "server/identity.h"
#include "server/platform_key.h"

#define SEEDED_BEGIN_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */

struct creation {
    const struct fz_secrets *secrets;
    struct fz_origin *origin;
    const char *platform_pem;
};

static enum fz_result create(struct fz_tx *tx, void *argument)
{
    const struct creation *creation = argument;
    const struct fz_origin *origin = creation->origin;
    const char *pem =
        creation->platform_pem == NULL && origin->demo ? fz_demo_platform_pem : creation->platform_pem;
    struct fz_clock_state clock = {
        .book_ms = origin->created_ms, .wire_ms = origin->created_ms, .frozen = origin->seeded};
    tx->now_ms = origin->created_ms;
    enum fz_result result = fz_platform_ensure(tx, creation->secrets, pem);
    if (result == FZ_OK && origin->demo)
        result = fz_demo_tell(tx, creation->secrets);
    if (result == FZ_OK)
        result = fz_origin_store(tx, origin);
    return result == FZ_OK ? fz_clock_store(tx, &clock) : result;
}

enum fz_result fz_book_create(struct fz_server *server, struct fz_origin *origin, const char *platform_pem,
                              char *why, size_t why_size)
{
    struct creation creation = {.secrets = &server->secrets, .origin = origin, .platform_pem = platform_pem};
    struct fz_error error = {0};
    origin->created_ms = origin->seeded ? SEEDED_BEGIN_MS : fz_wire_now_ms();
    fz_clock_reset(server->world, origin->created_ms, origin->seeded);
    enum fz_result result = fz_store_write(server->store, create, &creation, &error);
    if (result != FZ_OK)
        snprintf(why, why_size,
                 "The book could not be made: %s. Look at the disk; then start on an empty data directory.",
                 result == FZ_REFUSED     ? fz_row_text(error.row)->english
                 : error.issue[0] != '\0' ? error.issue
                                          : "it cannot be written");
    return result == FZ_REFUSED ? FZ_FAILED : result;
}

/* What outlives the old book. */
struct kept {
    const struct fz_secrets *secrets;
    struct fz_origin origin;
    struct fz_text platform_pem;
};

static enum fz_result keep(struct fz_tx *tx, void *argument)
{
    struct kept *kept = argument;
    enum fz_result result = fz_origin_load(tx, &kept->origin);
    return result == FZ_OK ? fz_platform_pem(tx, kept->secrets, &kept->platform_pem) : result;
}

static void kept_done(struct kept *kept)
{
    if (kept->platform_pem.data != NULL)
        OPENSSL_cleanse(kept->platform_pem.data, kept->platform_pem.size);
    fz_text_done(&kept->platform_pem);
}

/* Copies, bill files and the directory of keys follow the new book. */
static enum fz_result follow(struct fz_server *server, const struct fz_origin *origin, char *why,
                             size_t why_size)
{
    fz_bill_files_remove(server);
    fz_merchant_exports_remove(server->options.data);
    enum fz_result result = fz_server_reload_directory(server);
    if (result != FZ_OK)
        snprintf(why, why_size, "The new book's keys cannot be read. Restart the server.");
    else if (origin->demo)
        result = fz_demo_write_env(server, origin->created_ms, why, why_size);
    return result;
}

enum fz_result fz_book_recreate(struct fz_server *server, struct fz_reader *reader, char *why,
                                size_t why_size)
{
    FZ_CLEANUP(kept_done) struct kept kept = {.secrets = &server->secrets, .platform_pem.max = FZ_PEM_MAX};
    if (fz_store_read(reader, keep, &kept, NULL) != FZ_OK || fz_store_empty(server->store) != FZ_OK) {
        snprintf(why, why_size,
                 "The book could not be emptied: it cannot be written; nothing was changed. Look at the "
                 "disk, then try again.");
        return FZ_FAILED;
    }
    enum fz_result result = fz_book_create(server, &kept.origin, kept.platform_pem.data, why, why_size);
    return result == FZ_OK ? follow(server, &kept.origin, why, why_size) : result;
}
