/* The accounts of payers that cannot take money any more. */
#include "book/order/payer_account.h"

const char *const fz_payer_account_words[] = {"open", "closed", "frozen", NULL};

FZ_STATEMENT(payer_account_clear, "DELETE FROM payer_account WHERE payment = $1", "i", "");
FZ_STATEMENT(payer_account_put,
             "INSERT INTO payer_account (payment, state) VALUES ($1, $2) ON CONFLICT (payment) DO UPDATE SET state = excluded.state", "ii", "");
FZ_STATEMENT(payer_account_read, "SELECT state FROM payer_account WHERE payment = $1", "i", "i");
FZ_STATEMENT(
    payer_account_of_refund,
    "SELECT payer_account.state FROM refund JOIN payer_account ON payer_account.payment = refund.payment"
    " WHERE refund.id = $1",
    "i", "i");

enum fz_result fz_payer_account_set(struct fz_tx *tx, int64_t payment, enum fz_payer_account account)
{
    if (account == FZ_PAYER_ACCOUNT_OPEN)
        return fz_run(tx, &payer_account_clear, FZ_VALUES(FZ_I(payment)), NULL);
    return fz_run(tx, &payer_account_put, FZ_VALUES(FZ_I(payment), FZ_I(account)), NULL);
}

static enum fz_result read_state(struct fz_tx *tx, const struct fz_statement *statement, int64_t row,
                                 enum fz_payer_account *out)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(tx, statement, FZ_VALUES(FZ_I(row)), &cursor);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    *out = result == FZ_OK ? (enum fz_payer_account)fz_int(&cursor, 0) : FZ_PAYER_ACCOUNT_OPEN;
    return FZ_OK;
}

enum fz_result fz_payer_account_of(struct fz_tx *tx, int64_t payment, enum fz_payer_account *out)
{
    return read_state(tx, &payer_account_read, payment, out);
}

enum fz_result fz_payer_account_of_refund(struct fz_tx *tx, int64_t refund, enum fz_payer_account *out)
{
    return read_state(tx, &payer_account_of_refund, refund, out);
}
