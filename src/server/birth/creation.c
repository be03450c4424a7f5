/* The making of a book. */
#include "server/birth/creation.h"

#include <openssl/crypto.h>
#include <stdio.h>

#include "book/clock.h"
#include "server/birth/demo.h"
#include "server/birth/demo_story.h"
#include "server/keys/platform_key.h"

#define SEEDED_BEGIN_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */

struct creation {
    const struct fz_book_place *place;
    const struct fz_origin *origin;
    const char *platform_pem;
};

static enum fz_result create(struct fz_tx *tx, void *argument)
{
    const struct creation *creation = argument;
    const struct fz_origin *origin = creation->origin;
    const struct fz_secrets *secrets = creation->place->secrets;
    const char *pem =
        creation->platform_pem == NULL && origin->demo ? fz_demo_platform_pem : creation->platform_pem;
    struct fz_clock_state clock = {
        .book_ms = origin->created_ms, .wire_ms = origin->created_ms, .frozen = origin->seeded};
    tx->now_ms = origin->created_ms;
    fz_origin_draw(origin, secrets, creation->place->world);
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
    origin->drawn_by[0] = '\0';
    origin->created_ms = origin->seeded ? SEEDED_BEGIN_MS : fz_wire_now_ms();
}

static const char *reason(enum fz_result result, const struct fz_error *error)
{
    if (result == FZ_REFUSED)
        return fz_row_text(error->row)->english;
    return error->issue[0] != '\0' ? error->issue : "it cannot be written";
}

enum fz_result fz_book_create(const struct fz_book_place *place, struct fz_origin *origin, char *why,
                              size_t why_size)
{
    struct creation creation = {.place = place, .origin = origin};
    struct fz_error error = {0};
    begin(origin);
    fz_clock_reset(place->world, origin->created_ms, origin->seeded);
    enum fz_result result = fz_store_write(place->store, create, &creation, &error);
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
    struct fz_book_recreation *asked;
    struct creation creation;
    struct fz_origin before;
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
               ? fz_directory_load(tx, recreation->creation.place->secrets, &recreation->directory)
               : result;
}

/* On the writer's thread. */
static void replace(void *argument, enum fz_result result)
{
    struct recreation *recreation = argument;
    struct fz_book_recreation *asked = recreation->asked;
    const struct fz_book_place *place = recreation->creation.place;
    if (result != FZ_OK) {
        fz_origin_draw(&recreation->before, place->secrets, place->world);
        return;
    }
    fz_clock_reset(place->world, asked->origin.created_ms, asked->origin.seeded);
    fz_directory_publish(asked->directory, recreation->directory);
    recreation->directory = NULL;
    asked->replaced(asked->argument, &asked->origin);
}

static enum fz_result renew(const struct fz_book_place *place, const struct kept *kept,
                            struct fz_book_recreation *asked, char *why, size_t why_size)
{
    struct fz_error error = {0};
    struct recreation recreation = {
        .asked = asked,
        .creation = {.place = place, .origin = &asked->origin, .platform_pem = kept->platform_pem.data},
        .before = kept->origin};
    struct fz_renewal renewal = {.work = recreate, .argument = &recreation, .ended = replace};
    enum fz_result result = fz_store_renew(place->store, &renewal, &error);
    fz_directory_unref(recreation.directory);
    if (result == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size, "The book was not reset: %s. %s", reason(result, &error),
             result == FZ_UNKNOWN ? "Nobody can tell which book is there: look at the disk, then start the server again."
                                  : "It is as it was. Look at the disk, then try again.");
    return FZ_FAILED;
}

enum fz_result fz_book_recreate(const struct fz_book_place *place, struct fz_book_recreation *recreation,
                                char *why, size_t why_size)
{
    FZ_CLEANUP(kept_done) struct kept kept = {.secrets = place->secrets, .platform_pem.max = FZ_PEM_MAX};
    if (fz_store_read(recreation->reader, keep, &kept, NULL) != FZ_OK) {
        snprintf(why, why_size, "The book was not reset: it cannot be read. Look at the disk, then try again.");
        return FZ_FAILED;
    }
    if (recreation->again && !kept.origin.seeded) {
        snprintf(why, why_size,
                 "The book was not reset: it was made without --seed, so there is no story that could be told "
                 "again. Leave \"again\" away, or start a new data directory with --seed.");
        return FZ_MALFORMED;
    }
    recreation->origin = kept.origin;
    begin(&recreation->origin);
    recreation->origin.story += !recreation->again;
    return renew(place, &kept, recreation, why, why_size);
}
