/* Refunds: the row and looking it up. */
#include "book/refund/refund.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "book/order/row.h"
#include "book/refund/row.h"

/* The columns, each with its field in struct fz_refund, in the order of the statements below: I integer, Z integer that is
 * NULL where it is 0, T text, N text that is NULL where it is empty, B digest. First what an answer tells of a refund. */
#define TOLD(I, Z, T, N, B)                                                                                  \
    T(refund_id, refund_id)                                                                                  \
    T(out_refund_no, out_refund_no)                                                                          \
    T(transaction_id, transaction_id)                                                                        \
    T(out_trade_no, out_trade_no)                                                                            \
    I(fund_source, fund_source)                                                                              \
    I(amount, amount)                                                                                        \
    T(currency, currency)                                                                                    \
    I(payer_refund, payer_refund)                                                                            \
    T(payer_currency, payer_currency)                                                                        \
    I(rate_type, rate_type)                                                                                  \
    I(rate, rate)                                                                                            \
    I(coupon_type, coupon.type)                                                                              \
    I(coupon_scope, coupon.scope)                                                                            \
    N(promotion_id, coupon.promotion_id)                                                                     \
    I(coupon_amount, coupon.amount)                                                                          \
    I(coupon_refund, coupon_refund)                                                                          \
    I(state, state)                                                                                          \
    I(channel, channel)                                                                                      \
    T(recv_account, recv_account)                                                                            \
    I(order_success_ms, order_success_ms)                                                                    \
    I(created_ms, created_ms)                                                                                \
    Z(success_ms, success_ms)
/* What the book alone needs. */
#define KEPT(I, Z, T, N, B)                                                                                  \
    T(caller, caller)                                                                                        \
    T(sub_mchid, sub_mchid)                                                                                  \
    B(digest, digest)                                                                                        \
    I(payment, payment)                                                                                      \
    I(marked, marked)                                                                                        \
    I(settled, settled)                                                                                      \
    I(coupon_settled, coupon_settled)                                                                        \
    I(own_gross, own.gross)                                                                                  \
    I(own_fee, own.fee)                                                                                      \
    I(own_net, own.net)                                                                                      \
    I(funds_gross, funds.gross)                                                                              \
    I(funds_fee, funds.fee)                                                                                  \
    I(funds_net, funds.net)                                                                                  \
    I(fee_rate, fee_rate)                                                                                    \
    T(settlement_currency, settlement_currency)                                                              \
    I(settlement_rate, settlement_rate)                                                                      \
    I(recharged, recharged)                                                                                  \
    Z(closed_ms, closed_ms)
#define COLUMNS(I, Z, T, N, B) TOLD(I, Z, T, N, B) KEPT(I, Z, T, N, B)

#define NAME(column, field)     ", " #column
#define LETTER_I(column, field) "i"
#define LETTER_T(column, field) "t"
#define LETTER_B(column, field) "b"

#define TOLD_NAMES   "id" TOLD(NAME, NAME, NAME, NAME, NAME)
#define TOLD_LETTERS "i" TOLD(LETTER_I, LETTER_I, LETTER_T, LETTER_T, LETTER_B)
#define NAMES   "id" COLUMNS(NAME, NAME, NAME, NAME, NAME)
#define LETTERS "i" COLUMNS(LETTER_I, LETTER_I, LETTER_T, LETTER_T, LETTER_B)
#define SELECT  "SELECT " NAMES " FROM refund WHERE "

FZ_STATEMENT(refund_by_row, SELECT "id = $1", "i", LETTERS);
FZ_STATEMENT(refund_by_refund_id, SELECT "refund_id = $1", "t", LETTERS);
FZ_STATEMENT(refund_told, "SELECT " TOLD_NAMES " FROM refund WHERE refund_id = $1 AND caller = $2 AND sub_mchid = $3", "ttt",
             TOLD_LETTERS);
FZ_STATEMENT(refund_by_out_refund_no, SELECT "caller = $1 AND sub_mchid = $2 AND out_refund_no = $3", "ttt",
             LETTERS);
FZ_STATEMENT(refund_of_payment, SELECT "payment = $1 ORDER BY created_ms, id LIMIT $2 OFFSET $3", "iii", LETTERS);
FZ_STATEMENT(refund_count, "SELECT COUNT(*) FROM refund WHERE payment = $1", "i", "i");
FZ_STATEMENT(refund_insert,
             "INSERT INTO refund (" NAMES
             ", reason, notify_url) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
             " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29,"
             " $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43)"
             " ON CONFLICT DO NOTHING",
             LETTERS "tt", "");

#define READ_I(name, field) out->field = (typeof(out->field))fz_int(row, column++);
#define READ_T(name, field) FZ_COPY_COLUMN(out->field, row, column++);
#define READ_B(name, field) fz_digest_read(out->field, row, column++);

/* Returns how many columns these are. */
static int read_told(const struct fz_cursor *row, struct fz_refund *out)
{
    int column = 0;
    out->id = fz_int(row, column++);
    TOLD(READ_I, READ_I, READ_T, READ_T, READ_B)
    return column;
}

static void read_refund(const struct fz_cursor *row, struct fz_refund *out)
{
    int column = read_told(row, out);
    KEPT(READ_I, READ_I, READ_T, READ_T, READ_B)
}

static enum fz_result find_refund(struct fz_tx *tx, const struct fz_statement *statement,
                                  const struct fz_value *values, size_t count, struct fz_refund *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, values, count, &row);
    if (result == FZ_OK)
        read_refund(&row, out);
    return result;
}

enum fz_result fz_refund_by_row(struct fz_tx *tx, int64_t id, struct fz_refund *out)
{
    return find_refund(tx, &refund_by_row, FZ_VALUES(FZ_I(id)), out);
}

enum fz_result fz_refund_find(struct fz_tx *tx, const char *refund_id, struct fz_refund *out)
{
    return find_refund(tx, &refund_by_refund_id, FZ_VALUES(FZ_T(refund_id)), out);
}

void fz_refund_ask_told(struct fz_tx *tx, const char *caller, const char *sub_mchid, const char *refund_id)
{
    fz_ask_ahead(tx, &refund_told, FZ_VALUES(FZ_T(refund_id), FZ_T(caller), FZ_T(sub_mchid)));
}

enum fz_result fz_refund_told(struct fz_tx *tx, const struct fz_party *party, const char *refund_id,
                              struct fz_refund *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &refund_told, FZ_VALUES(FZ_T(refund_id), FZ_T(party->caller), FZ_T(party->sub_mchid)), &row);
    if (result == FZ_OK)
        (void)read_told(&row, out);
    return result;
}

void fz_refund_ask_number(struct fz_tx *tx, const char *caller, const char *sub_mchid, const char *out_refund_no)
{
    fz_ask_ahead(tx, &refund_by_out_refund_no, FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_T(out_refund_no)));
}

enum fz_result fz_refund_by_out_refund_no(struct fz_tx *tx, const struct fz_party *party,
                                          const char *out_refund_no, struct fz_refund *out)
{
    return find_refund(tx, &refund_by_out_refund_no,
                       FZ_VALUES(FZ_T(party->caller), FZ_T(party->sub_mchid), FZ_T(out_refund_no)), out);
}

enum fz_result fz_refund_of_payment(struct fz_tx *tx, int64_t payment, int64_t offset, int64_t limit,
                                    struct fz_refund_page *out)
{
    assert(limit >= 1 && limit <= FZ_REFUND_PAGE_MAX);
    FZ_CURSOR total = {0}, row = {0};
    enum fz_result result = fz_query_one(tx, &refund_count, FZ_VALUES(FZ_I(payment)), &total);
    if (result == FZ_OK)
        result = fz_query(tx, &refund_of_payment, FZ_VALUES(FZ_I(payment), FZ_I(limit), FZ_I(offset)), &row);
    size_t count = 0;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        read_refund(&row, &out->list[count++]);
    if (result != FZ_ABSENT)
        return result;
    out->total = fz_int(&total, 0);
    out->count = count;
    return FZ_OK;
}

static struct fz_value number_or_null(int64_t number)
{
    return number == 0 ? FZ_NIL : FZ_I(number);
}

enum fz_result fz_refund_insert(struct fz_tx *tx, const struct fz_refund *refund, const char *reason,
                                const char *notify_url)
{
#define VALUE_I(column, field) FZ_I((int64_t)refund->field),
#define VALUE_Z(column, field) number_or_null(refund->field),
#define VALUE_T(column, field) FZ_T(refund->field),
#define VALUE_N(column, field) fz_text_or_null(refund->field),
#define VALUE_B(column, field) FZ_B(refund->field, sizeof refund->field),
    const struct fz_value values[] = {FZ_I(refund->id),
                                      COLUMNS(VALUE_I, VALUE_Z, VALUE_T, VALUE_N, VALUE_B) FZ_T(reason),
                                      FZ_T(notify_url)};
    return fz_insert_new(tx, &refund_insert, values, sizeof values / sizeof values[0]);
}
