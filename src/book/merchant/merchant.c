/* Merchants: their rows and their appids. */
#include "book/merchant/merchant.h"

#include "base/text.h"

const char *const fz_merchant_kind_words[] = {"direct", "institution", "sub", NULL};

/* A sub-merchant has no settlement currency of its own. */
#define MERCHANT_SELECT                                                                                      \
    "SELECT m.mchid, m.kind, m.parent, m.contract_day, m.fee_rate,"                                          \
    " COALESCE(p.settlement_currency, m.settlement_currency), m.distribution_ratio, m.penalised"             \
    " FROM merchant m LEFT JOIN merchant p ON p.mchid = m.parent"
#define MERCHANT_LETTERS "titiitii"

FZ_STATEMENT(merchant_by_mchid, MERCHANT_SELECT " WHERE m.mchid = $1", "t", MERCHANT_LETTERS);
FZ_STATEMENT(merchant_pair,
             "SELECT m.mchid, m.kind, m.parent, m.contract_day, m.fee_rate, m.settlement_currency,"
             " m.distribution_ratio, m.penalised, c.mchid, c.kind, c.parent, c.contract_day, c.fee_rate,"
             " m.settlement_currency,"
             " c.distribution_ratio, c.penalised FROM merchant m LEFT JOIN merchant c ON c.mchid = $2"
             " WHERE m.mchid = $1",
             "tt", MERCHANT_LETTERS MERCHANT_LETTERS);
FZ_LARGE_STATEMENT(merchant_all, MERCHANT_SELECT " ORDER BY m.mchid", "", MERCHANT_LETTERS);
FZ_STATEMENT(merchant_insert,
             "INSERT INTO merchant (mchid, kind, parent, contract_day, fee_rate, settlement_currency,"
             " distribution_ratio, penalised) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (mchid) DO NOTHING",
             "titiitii", "");
FZ_STATEMENT(merchant_update,
             "UPDATE merchant SET contract_day = $2, fee_rate = $3, settlement_currency = $4,"
             " distribution_ratio = $5, penalised = $6 WHERE mchid = $1",
             "tiitii", "");
FZ_STATEMENT(appid_clear, "DELETE FROM appid WHERE mchid = $1", "t", "");
FZ_STATEMENT(appid_insert, "INSERT INTO appid (mchid, appid) VALUES ($1, $2) ON CONFLICT (mchid, appid) DO NOTHING", "tt", "");
FZ_STATEMENT(appid_check,
             "SELECT CASE WHEN EXISTS (SELECT 1 FROM appid WHERE mchid = $1 AND appid = $2)"
             " OR NOT EXISTS (SELECT 1 FROM appid WHERE mchid = $1) THEN 1 ELSE 0 END",
             "tt", "i");

/* NULL in the row stands for a term that is not set. */
static int read_term(const struct fz_cursor *row, int column, int unset)
{
    return fz_is_null(row, column) ? unset : (int)fz_int(row, column);
}

static struct fz_value term_value(int value, int unset)
{
    return value == unset ? FZ_NIL : FZ_I(value);
}

/* The eight columns from `at` on. */
static void read_merchant(const struct fz_cursor *row, int at, struct fz_merchant *out)
{
    FZ_COPY_COLUMN(out->mchid, row, at);
    out->kind = (enum fz_merchant_kind)fz_int(row, at + 1);
    FZ_COPY_COLUMN(out->parent, row, at + 2);
    out->contract_day = read_term(row, at + 3, FZ_NO_DAY);
    out->fee_rate = read_term(row, at + 4, FZ_INHERIT);
    FZ_COPY_COLUMN(out->settlement_currency, row, at + 5);
    out->distribution_ratio = read_term(row, at + 6, FZ_INHERIT);
    out->penalised = fz_int(row, at + 7) != 0;
}

enum fz_result fz_merchant_find(struct fz_tx *tx, const char *mchid, struct fz_merchant *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &merchant_by_mchid, FZ_VALUES(FZ_T(mchid)), &row);
    if (result == FZ_OK)
        read_merchant(&row, 0, out);
    return result;
}

enum fz_result fz_merchant_find_pair(struct fz_tx *tx, const char *mchid, const char *child_mchid,
                                     struct fz_merchant *out, struct fz_merchant *child)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &merchant_pair, FZ_VALUES(FZ_T(mchid), FZ_T(child_mchid)), &row);
    if (result != FZ_OK)
        return result;
    read_merchant(&row, 0, out);
    *child = (struct fz_merchant){0};
    if (!fz_is_null(&row, 8))
        read_merchant(&row, 8, child);
    return FZ_OK;
}

void fz_merchant_ask(struct fz_tx *tx, const char *mchid, const char *child_mchid)
{
    if (child_mchid == NULL)
        fz_ask_ahead(tx, &merchant_by_mchid, FZ_VALUES(FZ_T(mchid)));
    else
        fz_ask_ahead(tx, &merchant_pair, FZ_VALUES(FZ_T(mchid), FZ_T(child_mchid)));
}

static bool is_share(int value)
{
    return value >= 0 && value <= 10000;
}

/* Whether the terms can be: only a sub-merchant inherits, and a settlement currency is one of the table. */
static bool has_sound_terms(const struct fz_merchant *merchant)
{
    bool inherits = merchant->kind == FZ_MERCHANT_SUB;
    return (is_share(merchant->fee_rate) || (inherits && merchant->fee_rate == FZ_INHERIT)) &&
           (is_share(merchant->distribution_ratio) ||
            (inherits && merchant->distribution_ratio == FZ_INHERIT)) &&
           (inherits || fz_currency_find(merchant->settlement_currency) != NULL);
}

/* A sub-merchant hangs on an institution, everybody else on nobody. */
static enum fz_result check_parent(struct fz_tx *tx, const struct fz_merchant *merchant)
{
    if (merchant->kind != FZ_MERCHANT_SUB)
        return merchant->parent[0] == '\0' ? FZ_OK : FZ_MALFORMED;
    struct fz_merchant parent;
    enum fz_result result = fz_merchant_find(tx, merchant->parent, &parent);
    if (result == FZ_ABSENT || (result == FZ_OK && parent.kind != FZ_MERCHANT_INSTITUTION))
        return FZ_MALFORMED;
    return result;
}

enum fz_result fz_merchant_add(struct fz_tx *tx, const struct fz_merchant *merchant)
{
    if (!has_sound_terms(merchant))
        return FZ_MALFORMED;
    enum fz_result result = check_parent(tx, merchant);
    if (result != FZ_OK)
        return result;
    return fz_insert(tx, &merchant_insert,
                     FZ_VALUES(FZ_T(merchant->mchid), FZ_I(merchant->kind),
                               merchant->kind == FZ_MERCHANT_SUB ? FZ_T(merchant->parent) : FZ_NIL,
                               term_value(merchant->contract_day, FZ_NO_DAY),
                               term_value(merchant->fee_rate, FZ_INHERIT), FZ_T(merchant->settlement_currency),
                               term_value(merchant->distribution_ratio, FZ_INHERIT), FZ_I(merchant->penalised)));
}

enum fz_result fz_merchant_change(struct fz_tx *tx, const struct fz_merchant *merchant)
{
    struct fz_merchant known;
    enum fz_result result = fz_merchant_find(tx, merchant->mchid, &known);
    if (result != FZ_OK)
        return result;
    struct fz_merchant changed = *merchant;
    changed.kind = known.kind;
    if (!has_sound_terms(&changed))
        return FZ_MALFORMED;
    return fz_run(tx, &merchant_update,
                  FZ_VALUES(FZ_T(merchant->mchid), term_value(merchant->contract_day, FZ_NO_DAY),
                            term_value(merchant->fee_rate, FZ_INHERIT), FZ_T(merchant->settlement_currency),
                            term_value(merchant->distribution_ratio, FZ_INHERIT), FZ_I(merchant->penalised)),
                  NULL);
}

enum fz_result fz_merchant_each(struct fz_tx *tx,
                                enum fz_result (*each)(void *argument, const struct fz_merchant *),
                                void *argument)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &merchant_all, NULL, 0, &row);
    while (result == FZ_OK) {
        result = fz_next(&row);
        if (result == FZ_ABSENT)
            return FZ_OK;
        struct fz_merchant merchant;
        if (result == FZ_OK) {
            read_merchant(&row, 0, &merchant);
            result = each(argument, &merchant);
        }
    }
    return result;
}

enum fz_result fz_merchant_set_appids(struct fz_tx *tx, const char *mchid, const char *const *appids,
                                      size_t count)
{
    enum fz_result result = fz_run(tx, &appid_clear, FZ_VALUES(FZ_T(mchid)), NULL);
    for (size_t i = 0; result == FZ_OK && i < count; i++)
        result = fz_run(tx, &appid_insert, FZ_VALUES(FZ_T(mchid), FZ_T(appids[i])), NULL); /* one that is listed twice is there once */
    return result;
}

void fz_merchant_ask_appid(struct fz_tx *tx, const char *mchid, const char *appid)
{
    if (mchid != NULL && appid != NULL && appid[0] != '\0')
        fz_ask_ahead(tx, &appid_check, FZ_VALUES(FZ_T(mchid), FZ_T(appid)));
}

enum fz_result fz_merchant_check_appid(struct fz_tx *tx, const char *mchid, const char *appid)
{
    if (appid == NULL || appid[0] == '\0')
        return FZ_OK;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &appid_check, FZ_VALUES(FZ_T(mchid), FZ_T(appid)), &row);
    if (result != FZ_OK)
        return result;
    return fz_int(&row, 0) != 0 ? FZ_OK : fz_refuse(tx->error, FZ_APPID_UNKNOWN);
}
