/* The book's own row about how it was made. */
#include "server/birth/origin.h"

#include <stdio.h>

FZ_STATEMENT(origin_load,
             "SELECT seeded, seed, demo, created_ms, story, name, drawn_by, last_story, secret_check FROM book WHERE id = 1", "", "iiiiittit");
#define ADD                                                                                                                   \
    "INSERT INTO book (id, seeded, seed, demo, created_ms, story, name, drawn_by, last_story, secret_check)"                     \
    " VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO "
FZ_STATEMENT(origin_claim, ADD "NOTHING", "iiiiittit", "");
FZ_STATEMENT(origin_store,
             ADD "UPDATE SET seeded = excluded.seeded, seed = excluded.seed, demo = excluded.demo,"
                    " created_ms = excluded.created_ms, story = excluded.story, name = excluded.name, drawn_by = excluded.drawn_by,"
                    " last_story = excluded.last_story, secret_check = excluded.secret_check",
             "iiiiittit", "");

#define VALUES_OF(origin)                                                                                                     \
    FZ_VALUES(FZ_I((origin)->seeded), FZ_I((int64_t)(origin)->seed), FZ_I((origin)->demo), FZ_I((origin)->created_ms),           \
              FZ_I((origin)->story), FZ_T((origin)->name), FZ_T((origin)->drawn_by), FZ_I((origin)->last_story),                 \
              FZ_T((origin)->secret_check))

enum fz_result fz_origin_load(struct fz_tx *tx, struct fz_origin *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &origin_load, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    *out = (struct fz_origin){.seeded = fz_int(&row, 0) != 0,
                              .seed = (uint64_t)fz_int(&row, 1),
                              .demo = fz_int(&row, 2) != 0,
                              .created_ms = fz_int(&row, 3),
                              .story = fz_int(&row, 4)};
    FZ_COPY_COLUMN(out->name, &row, 5);
    FZ_COPY_COLUMN(out->drawn_by, &row, 6);
    FZ_COPY_COLUMN(out->secret_check, &row, 8);
    out->last_story = fz_int(&row, 7) > out->story ? fz_int(&row, 7) : out->story;
    return FZ_OK;
}

enum fz_result fz_origin_claim(struct fz_tx *tx, const struct fz_origin *origin)
{
    return fz_insert(tx, &origin_claim, VALUES_OF(origin));
}

enum fz_result fz_origin_store(struct fz_tx *tx, const struct fz_origin *origin)
{
    return fz_run(tx, &origin_store, VALUES_OF(origin), NULL);
}

void fz_origin_go_on(struct fz_origin *origin, bool again)
{
    if (!again)
        origin->story = ++origin->last_story;
}

void fz_origin_draw(const struct fz_origin *origin, const struct fz_secrets *secrets, struct fz_world *world)
{
    char number[24] = "";
    const char *name = origin->drawn_by[0] == '\0' ? origin->name : origin->drawn_by;
    if (origin->story > 0)
        snprintf(number, sizeof number, "%lld", (long long)origin->story);
    fz_world_draw_by(world, &(struct fz_draws){.seeded = origin->seeded,
                                               .seed = origin->seed,
                                               .secret = secrets->draws,
                                               .story = origin->seeded ? number : name});
}
