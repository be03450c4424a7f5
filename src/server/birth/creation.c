/* The making of a book. */
#include "server/birth/creation.h"

#include <openssl/crypto.h>
#include <stdio.h>

#include "base/calendar.h"
#include "book/clock.h"
#include "server/birth/demo.h"
#include "server/birth/demo_story.h"
#include "server/courier/courier.h"
#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "server/work/limits.h"

#define SEEDED_BEGIN_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */

struct creation {
    struct fz_server *server;
    const struct fz_origin *origin;
    const char *platform_pem;
};

static enum fz_result create(struct fz_tx *tx, void *argument)
{
    const struct creation *creation = argument;
    const struct fz_origin *origin = creation->origin;
    const struct fz_secrets *secrets = &creation->server->secrets;
    const char *pem =
        creation->platform_pem == NULL && origin->demo ? fz_demo_platform_pem : creation->platform_pem;
    struct fz_clock_state clock = {
        .book_ms = origin->created_ms, .wire_ms = origin->created_ms, .frozen = origin->seeded};
    tx->now_ms = origin->created_ms;
    fz_origin_draw(origin, secrets, creation->server->world);
    enum fz_result result = fz_platform_ensure(tx, secrets, pem);
    if (result == FZ_OK && origin->demo)
        result = fz_demo_tell(tx, secrets);
    if (result == FZ_OK)
        result = fz_origin_store(tx, origin);
    return result == FZ_OK ? fz_clock_store(tx, &clock) : result;
}

/* A name of its own, and the time at which it begins. */
static void begin(struct fz_origin *origin)
{
    fz_random_text(origin->name, sizeof origin->name);
    origin->created_ms = origin->seeded ? SEEDED_BEGIN_MS : fz_wire_now_ms();
}

static const char *reason(enum fz_result result, const struct fz_error *error)
{
    if (result == FZ_REFUSED)
        return fz_row_text(error->row)->english;
    return error->issue[0] != '\0' ? error->issue : "it cannot be written";
}

enum fz_result fz_book_create(struct fz_server *server, struct fz_origin *origin, char *why, size_t why_size)
{
    struct creation creation = {.server = server, .origin = origin};
    struct fz_error error = {0};
    begin(origin);
    fz_clock_reset(server->world, origin->created_ms, origin->seeded);
    enum fz_result result = fz_store_write(server->store, create, &creation, &error);
    if (result != FZ_OK)
        snprintf(why, why_size,
                 "The book could not be made: %s. Look at the disk; then start on an empty data directory.",
                 reason(result, &error));
    return result == FZ_REFUSED ? FZ_FAILED : result;
}

/* ---- a book in the place of another ---- */

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

struct recreation {
    struct creation creation;
    struct fz_origin before, origin;
    struct fz_directory *directory; /* of the new book */
};

/* The keys are read in the same transaction, so that they are there when the book is. */
static enum fz_result recreate(struct fz_tx *tx, void *argument)
{
    struct recreation *recreation = argument;
    fz_directory_unref(recreation->directory);
    recreation->directory = NULL;
    enum fz_result result = create(tx, &recreation->creation);
    return result == FZ_OK
               ? fz_directory_load(tx, &recreation->creation.server->secrets, &recreation->directory)
               : result;
}

/* On the writer's thread, in the one instant in which nobody reads or writes: all that is in memory and belongs to
 * a book becomes that of the new one, which is as it was created in everything. */
static void turn(void *argument, enum fz_result result)
{
    struct recreation *recreation = argument;
    struct fz_server *server = recreation->creation.server;
    if (result != FZ_OK) {
        fz_origin_draw(&recreation->before, &server->secrets, server->world);
        return;
    }
    fz_clock_reset(server->world, recreation->origin.created_ms, recreation->origin.seeded);
    fz_directory_publish(server->directory, recreation->directory);
    recreation->directory = NULL;
    fz_bill_files_turn_to(server->bill_files, recreation->origin.name);
    (void)fz_faults_clear(server->faults, 0);
    fz_limits_reset(server->limits);
    fz_courier_use_book_clock(server->courier, false);
}

/* Copies and files follow the new book. */
static enum fz_result follow(struct fz_server *server, const struct fz_origin *origin, char *why,
                             size_t why_size)
{
    fz_bill_files_sweep(server->options.data, origin->name, fz_day_of(origin->created_ms), false);
    fz_merchant_exports_remove(server->options.data);
    return origin->demo ? fz_demo_write_env(server, origin->created_ms, why, why_size) : FZ_OK;
}

static enum fz_result renew(struct fz_server *server, const struct kept *kept, struct recreation *recreation,
                            char *why, size_t why_size)
{
    struct fz_error error = {0};
    struct fz_renewal renewal = {.work = recreate, .argument = recreation, .ended = turn};
    recreation->creation = (struct creation){
        .server = server, .origin = &recreation->origin, .platform_pem = kept->platform_pem.data};
    enum fz_result result = fz_store_renew(server->store, &renewal, &error);
    fz_directory_unref(recreation->directory);
    if (result == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size, "The book was not reset: %s. %s", reason(result, &error),
             result == FZ_UNKNOWN ? "Nobody can tell which book is there: look at the disk, then start the server again."
                                  : "It is as it was. Look at the disk, then try again.");
    return FZ_FAILED;
}

enum fz_result fz_book_recreate(struct fz_server *server, struct fz_reader *reader, bool again, char *why,
                                size_t why_size)
{
    FZ_CLEANUP(kept_done) struct kept kept = {.secrets = &server->secrets, .platform_pem.max = FZ_PEM_MAX};
    if (fz_store_read(reader, keep, &kept, NULL) != FZ_OK) {
        snprintf(why, why_size, "The book was not reset: it cannot be read. Look at the disk, then try again.");
        return FZ_FAILED;
    }
    if (again && !kept.origin.seeded) {
        snprintf(why, why_size,
                 "The book was not reset: it was made without --seed, so there is no story that could be told "
                 "again. Leave \"again\" away, or start a new data directory with --seed.");
        return FZ_MALFORMED;
    }
    struct recreation recreation = {.before = kept.origin, .origin = kept.origin};
    begin(&recreation.origin);
    recreation.origin.story += !again;
    enum fz_result result = renew(server, &kept, &recreation, why, why_size);
    return result == FZ_OK ? follow(server, &recreation.origin, why, why_size) : result;
}
