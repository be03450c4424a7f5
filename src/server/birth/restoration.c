/* A snapshot's book in the place of the present one. */
#include "server/birth/restoration.h"

#include <stdio.h>

#include "base/server/random.h"
#include "server/data/snapshot_place.h"

struct restoration {
    const struct fz_book_place *place;
    struct fz_book_restoration *asked;
    struct fz_origin before;
    struct fz_clock_state clock;
    struct fz_text said;
    struct fz_directory *directory; /* of the new book */
};

static enum fz_result load_origin(struct fz_tx *tx, void *origin)
{
    return fz_origin_load(tx, origin);
}

/* It is another book from here on, with a name of its own. */
static void go_on(struct fz_origin *origin, const struct fz_origin *before, bool again)
{
    if (again && origin->drawn_by[0] == '\0')
        fz_copy(origin->drawn_by, sizeof origin->drawn_by, origin->name);
    else if (!again)
        origin->drawn_by[0] = '\0';
    fz_random_text(origin->name, sizeof origin->name);
    if (origin->last_story < before->last_story)
        origin->last_story = before->last_story;
    fz_origin_go_on(origin, again);
}

/* The snapshot's rows are there already. The keys are read in the same transaction, so that they are there when the book is. */
static enum fz_result change(struct fz_tx *tx, void *argument)
{
    struct restoration *restoration = argument;
    struct fz_origin *origin = &restoration->asked->origin;
    fz_directory_unref(restoration->directory);
    restoration->directory = NULL;
    enum fz_result result = fz_origin_load(tx, origin);
    if (result != FZ_OK)
        return FZ_FAILED;
    go_on(origin, &restoration->before, restoration->asked->again);
    result = fz_origin_store(tx, origin);
    fz_world_file_free(restoration->asked->file);
    restoration->asked->file = NULL;
    if (result == FZ_OK)
        result = fz_book_file(tx, restoration->place->secrets, origin, &restoration->asked->file);
    if (result == FZ_OK)
        result = fz_snapshot_unmark(tx, &restoration->clock, &restoration->said);
    return result == FZ_OK ? fz_directory_load(tx, restoration->place->secrets, &restoration->directory) : result;
}

/* On the writer's thread. */
static void replace(void *argument, enum fz_result result)
{
    struct restoration *restoration = argument;
    struct fz_book_restoration *asked = restoration->asked;
    const struct fz_book_place *place = restoration->place;
    if (result != FZ_OK)
        return;
    fz_origin_draw(&asked->origin, place->secrets, place->world);
    fz_clock_reset(place->world, restoration->clock.book_ms, restoration->clock.frozen);
    fz_directory_publish(asked->directory, restoration->directory);
    restoration->directory = NULL;
    asked->replaced(asked->argument, &asked->origin, restoration->said.data);
}

static enum fz_result renew(struct restoration *restoration, char *why, size_t why_size)
{
    struct fz_error error = {0};
    const struct fz_renewal renewal = {
        .from = restoration->asked->from, .work = change, .argument = restoration, .ended = replace};
    enum fz_result result = fz_store_renew(restoration->place->store, &renewal, &error);
    if (result == FZ_OK)
        return FZ_OK;
    const char *reason = error.issue[0] == '\0' ? "its keys do not open with this server's secret, or memory is short" : error.issue;
    snprintf(why, why_size, "The snapshot was not restored: %s. %s", reason,
             result == FZ_UNKNOWN ? "Nobody can tell which book is there: look at the disk, then start the server again."
                                  : "The book is as it was. Mend that, then try again.");
    return FZ_FAILED;
}

enum fz_result fz_book_restore(const struct fz_book_place *place, struct fz_book_restoration *asked, char *why, size_t why_size)
{
    struct restoration restoration = {.place = place, .asked = asked, .said.max = FZ_SNAPSHOT_ASKED_MAX};
    if (fz_store_read(asked->reader, load_origin, &restoration.before, NULL) != FZ_OK) {
        snprintf(why, why_size, "The snapshot was not restored: the book cannot be read. Look at the disk, then try again.");
        return FZ_FAILED;
    }
    enum fz_result result = renew(&restoration, why, why_size);
    fz_directory_unref(restoration.directory);
    fz_text_done(&restoration.said);
    return result;
}
