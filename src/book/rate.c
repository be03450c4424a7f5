/* Rates of a book's own. */
#include "book/rate.h"

FZ_STATEMENT(rate_of, "SELECT rate FROM rate WHERE currency = $1", "t", "i");
FZ_STATEMENT(rate_set, "INSERT INTO rate (currency, rate) VALUES ($1, $2) ON CONFLICT (currency) DO UPDATE SET rate = excluded.rate", "ti", "");
FZ_STATEMENT(rate_all, "SELECT currency, rate FROM rate ORDER BY currency", "", "ti");

enum fz_result fz_rate_set(struct fz_tx *tx, const char *currency, int64_t rate)
{
    if (fz_is_cny(currency) || fz_currency_find(currency) == NULL || rate < FZ_RATE_MIN || rate > FZ_RATE_MAX)
        return FZ_MALFORMED;
    return fz_run(tx, &rate_set, FZ_VALUES(FZ_T(currency), FZ_I(rate)), NULL);
}

enum fz_result fz_rate_of(struct fz_tx *tx, const struct fz_currency *currency, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &rate_of, FZ_VALUES(FZ_T(currency->code)), &row);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    *out = result == FZ_OK ? fz_int(&row, 0) : fz_sandbox_rate(currency);
    return FZ_OK;
}

enum fz_result fz_rate_each(struct fz_tx *tx, enum fz_result (*each)(void *argument, const char *currency, int64_t rate),
                            void *argument)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &rate_all, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        result = each(argument, fz_string(&row, 0), fz_int(&row, 1));
    return result == FZ_ABSENT ? FZ_OK : result;
}
