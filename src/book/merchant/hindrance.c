/* What stands in a merchant's way. */
#include "book/merchant/hindrance.h"

#include <string.h>

FZ_STATEMENT(hindrance_read,
             "SELECT papers_missing, refused_scenes, cny_pool_empty FROM hindrance WHERE mchid = $1", "t",
             "iii");
FZ_STATEMENT(hindrance_clear, "DELETE FROM hindrance WHERE mchid = $1", "t", "");
FZ_STATEMENT(hindrance_put,
             "INSERT INTO hindrance (mchid, papers_missing, refused_scenes, cny_pool_empty) VALUES ($1, $2, $3, $4)"
             " ON CONFLICT (mchid) DO UPDATE SET papers_missing = excluded.papers_missing, refused_scenes = excluded.refused_scenes,"
             " cny_pool_empty = excluded.cny_pool_empty",
             "tiii", "");

const char *const fz_scene_words[] = {"NATIVE", "JSAPI", "APP", "MWEB", "MICROPAY", NULL};
const char *const fz_papers_words[] = {"complete", "missing", NULL};
const char *const fz_cny_pool_words[] = {"open", "empty", NULL};

enum fz_result fz_hindrance_find(struct fz_tx *tx, const char *mchid, struct fz_hindrance *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &hindrance_read, FZ_VALUES(FZ_T(mchid)), &row);
    if (result == FZ_ABSENT)
        *out = (struct fz_hindrance){0};
    if (result == FZ_OK)
        *out = (struct fz_hindrance){.papers_missing = fz_int(&row, 0) != 0,
                                     .refused_scenes = (unsigned)fz_int(&row, 1),
                                     .cny_pool_empty = fz_int(&row, 2) != 0};
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_hindrance_set(struct fz_tx *tx, const char *mchid, const struct fz_hindrance *hindrance)
{
    bool any = hindrance->papers_missing || hindrance->refused_scenes != 0 || hindrance->cny_pool_empty;
    if (!any)
        return fz_run(tx, &hindrance_clear, FZ_VALUES(FZ_T(mchid)), NULL);
    return fz_run(tx, &hindrance_put,
                  FZ_VALUES(FZ_T(mchid), FZ_I(hindrance->papers_missing), FZ_I(hindrance->refused_scenes),
                            FZ_I(hindrance->cny_pool_empty)),
                  NULL);
}

enum fz_result fz_hindrance_check_sale(struct fz_tx *tx, const char *mchid, const char *trade_type)
{
    struct fz_hindrance hindrance;
    enum fz_result result = fz_hindrance_find(tx, mchid, &hindrance);
    if (result == FZ_OK && hindrance.papers_missing)
        return fz_refuse(tx->error, FZ_ORDER_PAPERS);
    for (unsigned i = 0; result == FZ_OK && fz_scene_words[i] != NULL; i++)
        if ((hindrance.refused_scenes & 1U << i) != 0 && strcmp(fz_scene_words[i], trade_type) == 0)
            return fz_refuse(tx->error, FZ_ORDER_SCENE);
    return result;
}
