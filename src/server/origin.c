/* The book's own row about how it was made. */
#include "server/origin.h"

FZ_STATEMENT(origin_load, "SELECT seeded, seed, demo, created_ms FROM book WHERE id = 1", "", "iiii");
FZ_STATEMENT(origin_store, "INSERT INTO book (id, seeded, seed, demo, created_ms) VALUES (1, $1, $2, $3, $4)",
             "iiii", "");

enum fz_result fz_origin_load(struct fz_tx *tx, struct fz_origin *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &origin_load, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    *out = (struct fz_origin){.seeded = fz_int(&row, 0) != 0,
                              .seed = (uint64_t)fz_int(&row, 1),
                              .demo = fz_int(&row, 2) != 0,
                              .created_ms = fz_int(&row, 3)};
    return FZ_OK;
}

enum fz_result fz_origin_store(struct fz_tx *tx, const struct fz_origin *origin)
{
    return fz_run(tx, &origin_store,
                  FZ_VALUES(FZ_I(origin->seeded), FZ_I((int64_t)origin->seed), FZ_I(origin->demo),
                            FZ_I(origin->created_ms)),
                  NULL);
}
