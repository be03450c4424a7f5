/* The making of a book. */
#include "server/birth/creation.h"

#include <openssl/crypto.h>
#include <stdio.h>

#include "book/clock.h"
#include "server/birth/tell.h"
#include "server/keys/platform_key.h"
#include "world/read.h"

#define SEEDED_BEGIN_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */

struct creation {
    const struct fz_book_place *place;
    const struct fz_origin *origin;
    const char *platform_pem; /* NULL: the file's, or a new one */
    const struct fz_world_file *file; /* NULL: an empty book */
    int64_t wire_ms; /* when it began */
    struct fz_world_fault fault;
};

static bool is_frozen(const struct creation *creation)
{
    bool seeded = creation->origin->seeded;
    return creation->file == NULL ? seeded : fz_world_is_frozen(creation->file, seeded);
}

static const char *platform_pem(const struct creation *creation)
{
    if (creation->platform_pem != NULL || creation->file == NULL)
        return creation->platform_pem;
    return fz_world_text(fz_tree_member(creation->file->root, "platform"), "private_key");
}

static enum fz_result create(struct fz_tx *tx, void *argument)
{
    struct creation *creation = argument;
    const struct fz_origin *origin = creation->origin;
    const struct fz_secrets *secrets = creation->place->secrets;
    const struct fz_clock_state clock = {
        .book_ms = origin->created_ms, .wire_ms = creation->wire_ms, .frozen = is_frozen(creation)};
    tx->now_ms = origin->created_ms;
    fz_origin_draw(origin, secrets, creation->place->world);
    enum fz_result result = fz_origin_claim(tx, origin);
    if (result == FZ_OK)
        result = fz_platform_ensure(tx, secrets, platform_pem(creation));
    if (result == FZ_OK && creation->file != NULL)
        result = fz_world_tell(tx, secrets, creation->file, &creation->fault);
    if (result == FZ_OK && creation->file != NULL)
        result = fz_world_file_store(tx, secrets, creation->file);
    return result == FZ_OK ? fz_clock_store(tx, &clock) : result;
}

/* A name of its own, and the time at which it begins. */
static enum fz_result begin(struct creation *creation, struct fz_origin *origin)
{
    creation->wire_ms = fz_wire_now_ms();
    int64_t usual_ms = origin->seeded ? SEEDED_BEGIN_MS : creation->wire_ms;
    fz_random_text(origin->name, sizeof origin->name);
    origin->drawn_by[0] = '\0';
    fz_copy(origin->secret_check, sizeof origin->secret_check, creation->place->secrets->check);
    origin->created_ms = usual_ms;
    return creation->file == NULL ? FZ_OK : fz_world_end(creation->file, usual_ms, &origin->created_ms, &creation->fault);
}

static const char *reason(enum fz_result result, const struct fz_error *error)
{
    if (result == FZ_REFUSED)
        return fz_row_text(error->row)->english;
    return error->issue[0] != '\0' ? error->issue : "it cannot be written";
}

enum fz_result fz_book_create(const struct fz_book_place *place, struct fz_world_file *file, struct fz_origin *origin,
                              struct fz_world_fault *fault)
{
    struct creation creation = {.place = place, .origin = origin, .file = file};
    struct fz_error error = {0};
    enum fz_result result = begin(&creation, origin);
    if (result == FZ_OK && file != NULL)
        result = fz_world_file_complete(file, &creation.fault);
    if (result == FZ_OK) {
        fz_clock_reset(place->world, origin->created_ms, is_frozen(&creation));
        result = fz_store_write(place->store, create, &creation, &error);
    }
    *fault = creation.fault;
    if (result != FZ_OK && result != FZ_CONFLICT)
        (void)fz_world_fault(fault, 0, 0, "The book could not be made: %s. Look at the disk; then start on an empty data directory.",
                             reason(result, &error));
    return result == FZ_REFUSED || result == FZ_MALFORMED ? FZ_FAILED : result;
}

enum fz_result fz_book_file(struct fz_tx *tx, const struct fz_secrets *secrets, const struct fz_origin *origin,
                            struct fz_world_file **out)
{
    *out = origin->demo ? fz_world_file_demo() : NULL;
    if (origin->demo)
        return *out == NULL ? FZ_FAILED : FZ_OK;
    enum fz_result result = fz_world_file_load(tx, secrets, out);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- a book in the place of another ---- */

/* What outlives the old book. */
struct kept {
    const struct fz_secrets *secrets;
    struct fz_origin origin;
    struct fz_text platform_pem;
    struct fz_world_file *file; /* NULL: the book began empty */
};

static enum fz_result keep(struct fz_tx *tx, void *argument)
{
    struct kept *kept = argument;
    enum fz_result result = fz_origin_load(tx, &kept->origin);
    if (result == FZ_OK)
        result = fz_book_file(tx, kept->secrets, &kept->origin, &kept->file);
    return result == FZ_OK ? fz_platform_pem(tx, kept->secrets, &kept->platform_pem) : result;
}

static void kept_done(struct kept *kept)
{
    if (kept->platform_pem.data != NULL)
        OPENSSL_cleanse(kept->platform_pem.data, kept->platform_pem.size);
    fz_text_done(&kept->platform_pem);
    fz_world_file_free(kept->file);
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
    fz_clock_reset(place->world, asked->origin.created_ms, is_frozen(&recreation->creation));
    fz_directory_publish(asked->directory, recreation->directory);
    recreation->directory = NULL;
    asked->replaced(asked->argument, &asked->origin, recreation->creation.file);
}

static enum fz_result renew(const struct fz_book_place *place, const struct kept *kept,
                            struct fz_book_recreation *asked, char *why, size_t why_size)
{
    struct fz_error error = {0};
    struct recreation recreation = {
        .asked = asked,
        .creation = {.place = place, .origin = &asked->origin, .platform_pem = kept->platform_pem.data, .file = kept->file},
        .before = kept->origin};
    struct fz_renewal renewal = {.work = recreate, .argument = &recreation, .ended = replace};
    enum fz_result result = begin(&recreation.creation, &asked->origin);
    if (result == FZ_OK)
        result = fz_store_renew(place->store, &renewal, &error);
    fz_directory_unref(recreation.directory);
    if (result == FZ_OK)
        return FZ_OK;
    snprintf(why, why_size, "The book was not reset: %s. %s", recreation.creation.fault.why[0] != '\0' ? recreation.creation.fault.why : reason(result, &error),
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
    fz_origin_go_on(&recreation->origin, recreation->again);
    enum fz_result result = renew(place, &kept, recreation, why, why_size);
    recreation->file = kept.file;
    kept.file = NULL;
    return result;
}
