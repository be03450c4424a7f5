/* The recharged refund balance: its kept balance, and paying in. */
#include "book/refund/recharged.h"

#include "book/entry.h"
#include "book/refund/rail.h"

FZ_STATEMENT(recharged_read, "SELECT balance FROM recharged WHERE mchid = $1 AND currency = $2", "tt", "i");
FZ_STATEMENT(recharged_open, "INSERT INTO recharged (mchid, currency, balance) VALUES ($1, $2, 0) ON CONFLICT (mchid, currency) DO NOTHING", "tt", "");
FZ_STATEMENT(
    recharged_add,
    "UPDATE recharged SET balance = balance + $1 WHERE mchid = $2 AND currency = $3 AND balance <= $4",
    "itti", "");
FZ_STATEMENT(
    recharged_take,
    "UPDATE recharged SET balance = balance - $1 WHERE mchid = $2 AND currency = $3 AND balance >= $1", "itt",
    "");
FZ_STATEMENT(recharge_insert,
             "INSERT INTO recharge (id, mchid, currency, amount, created_ms) VALUES ($1, $2, $3, $4, $5)",
             "ittii", "");

enum fz_result fz_recharged_balance(struct fz_tx *tx, const char *mchid, const char *currency, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &recharged_read, FZ_VALUES(FZ_T(mchid), FZ_T(currency)), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    if (result == FZ_ABSENT)
        *out = 0;
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_recharged_debit(struct fz_tx *tx, const char *mchid, const char *currency, int64_t amount)
{
    int64_t changed;
    if (amount == 0)
        return FZ_OK;
    enum fz_result result =
        fz_run(tx, &recharged_take, FZ_VALUES(FZ_I(amount), FZ_T(mchid), FZ_T(currency)), &changed);
    if (result != FZ_OK)
        return result;
    return changed == 1 ? FZ_OK : fz_refuse(tx->error, FZ_REFUND_SHORT);
}

enum fz_result fz_recharged_credit(struct fz_tx *tx, const char *mchid, const char *currency, int64_t amount)
{
    int64_t changed;
    if (amount == 0)
        return FZ_OK;
    enum fz_result result = fz_run(
        tx, &recharged_add,
        FZ_VALUES(FZ_I(amount), FZ_T(mchid), FZ_T(currency), FZ_I(FZ_RECHARGED_MAX - amount)), &changed);
    return result == FZ_OK && changed == 0 ? FZ_MALFORMED : result;
}

/* docs/book.md, "recharged". */
static enum fz_result book_recharge(struct fz_tx *tx, int64_t id, const char *mchid, const char *currency,
                                    int64_t amount)
{
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_RECHARGED, id);
    fz_entry_post(&entry, FZ_ACCOUNT_BANK, mchid, 0, FZ_NO_DAY, currency, -amount);
    fz_entry_post(&entry, FZ_ACCOUNT_RECHARGED, mchid, 0, FZ_NO_DAY, currency, amount);
    return fz_entry_book(tx, &entry);
}

enum fz_result fz_rail_recharged(struct fz_tx *tx, const struct fz_merchant *merchant, int64_t amount,
                                 int64_t *balance)
{
    const char *mchid = merchant->mchid, *currency = merchant->settlement_currency;
    int64_t id;
    if (amount <= 0 || amount > FZ_AMOUNT_MAX || merchant->kind == FZ_MERCHANT_SUB)
        return FZ_MALFORMED;
    enum fz_result result = fz_run(tx, &recharged_open, FZ_VALUES(FZ_T(mchid), FZ_T(currency)), NULL);
    if (result == FZ_OK)
        result = fz_recharged_credit(tx, mchid, currency, amount);
    if (result == FZ_OK)
        result = fz_next_id(tx, "recharge", &id);
    if (result == FZ_OK)
        result =
            fz_run(tx, &recharge_insert,
                   FZ_VALUES(FZ_I(id), FZ_T(mchid), FZ_T(currency), FZ_I(amount), FZ_I(tx->now_ms)), NULL);
    if (result == FZ_OK)
        result = book_recharge(tx, id, mchid, currency, amount);
    return result == FZ_OK ? fz_recharged_balance(tx, mchid, currency, balance) : result;
}
