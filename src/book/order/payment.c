/* Payments: the row, looking it up, and the words of the API for it. */
#include "book/order/payment.h"

#include <string.h>

#include "base/text.h"
#include "book/order/row.h"

/* All columns but `id`, in the order of the statements below, with their fields: I integer, T text, N text
 * that is NULL where it is empty, B digest. */
#define COLUMNS(I, T, N, B)                                                                                  \
    N(transaction_id, transaction_id)                                                                        \
    T(caller, caller)                                                                                        \
    T(sub_mchid, sub_mchid)                                                                                  \
    T(out_trade_no, out_trade_no)                                                                            \
    B(digest, digest)                                                                                        \
    T(trade_type, trade_type)                                                                                \
    I(state, state)                                                                                          \
    T(description, description)                                                                              \
    N(attach, attach)                                                                                        \
    N(notify_url, notify_url)                                                                                \
    N(appid, appid)                                                                                          \
    N(sub_appid, sub_appid)                                                                                  \
    I(amount, amount)                                                                                        \
    T(currency, currency)                                                                                    \
    I(payer_kind, payer_kind)                                                                                \
    I(payer_total, payer_total)                                                                              \
    T(payer_currency, payer_currency)                                                                        \
    I(payment_rate, payment_rate)                                                                            \
    T(settlement_currency, settlement_currency)                                                              \
    I(settlement_rate, settlement_rate)                                                                      \
    I(coupon_type, coupon.type)                                                                              \
    I(coupon_scope, coupon.scope)                                                                            \
    N(promotion_id, coupon.promotion_id)                                                                     \
    I(coupon_amount, coupon.amount)                                                                          \
    I(fee_rate, fee_rate)                                                                                    \
    I(settled, settled)                                                                                      \
    I(fee, fee)                                                                                              \
    I(marked, marked)                                                                                        \
    I(funds_state, funds_state)                                                                              \
    I(distributable, distributable)                                                                          \
    I(to_receivers, to_receivers)                                                                            \
    I(distribution_count, distribution_count)                                                                \
    I(refunded, refunded)                                                                                    \
    I(refunded_settled, refunded_settled)                                                                    \
    I(refunded_fee, refunded_fee)                                                                            \
    I(refunded_coupon, refunded_coupon)                                                                      \
    I(refunded_payer, refunded_payer)                                                                        \
    I(refund_count, refund_count)                                                                            \
    I(last_refund_ms, last_refund_ms)                                                                        \
    I(created_ms, created_ms)                                                                                \
    I(expires_ms, expires_ms)                                                                                \
    I(success_ms, success_ms)                                                                                \
    I(revoked_ms, revoked_ms)

#define NAME(column, field)     ", " #column
#define LETTER_I(column, field) "i"
#define LETTER_T(column, field) "t"
#define LETTER_B(column, field) "b"

#define NAMES   "id" COLUMNS(NAME, NAME, NAME, NAME)
#define LETTERS "i" COLUMNS(LETTER_I, LETTER_T, LETTER_T, LETTER_B)
#define SELECT  "SELECT " NAMES " FROM payment WHERE "

FZ_STATEMENT(payment_by_row, SELECT "id = $1", "i", LETTERS);
FZ_STATEMENT(payment_lock, SELECT "id = $1 FOR UPDATE", "i", LETTERS);
/* A number given in advance counts from the payment on. 2 = SUCCESS, also of one that was reversed since. */
#define BY_TRANSACTION_ID "transaction_id = $1 AND state = 2"
#define BY_OUT_TRADE_NO   "caller = $1 AND sub_mchid = $2 AND out_trade_no = $3"
FZ_STATEMENT(payment_by_transaction_id, SELECT BY_TRANSACTION_ID, "t", LETTERS);
FZ_STATEMENT(payment_lock_by_transaction_id, SELECT BY_TRANSACTION_ID " FOR UPDATE", "t", LETTERS);
FZ_STATEMENT(payment_by_out_trade_no, SELECT BY_OUT_TRADE_NO, "ttt", LETTERS);
FZ_STATEMENT(payment_lock_by_out_trade_no, SELECT BY_OUT_TRADE_NO " FOR UPDATE", "ttt", LETTERS);
FZ_STATEMENT(payment_by_number_alone, SELECT "out_trade_no = $1 ORDER BY id LIMIT 2", "t", LETTERS);
FZ_STATEMENT(payment_insert,
             "INSERT INTO payment (" NAMES ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
             " $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,"
             " $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44) ON CONFLICT DO NOTHING",
             LETTERS, "");

void fz_digest_read(unsigned char out[FZ_DIGEST_SIZE], const struct fz_cursor *row, int column)
{
    size_t size;
    const void *bytes = fz_bytes(row, column, &size);
    memset(out, 0, FZ_DIGEST_SIZE);
    memcpy(out, bytes, size < FZ_DIGEST_SIZE ? size : FZ_DIGEST_SIZE);
}

/* An order that nobody paid in time is closed from then on. The row goes on saying NOTPAY: who reads it at a
 * time reads what it is at that time, and nothing has to be written when the time has come. */
static enum fz_payment_state state_at(int64_t now_ms, const struct fz_payment *payment)
{
    bool over = now_ms >= payment->expires_ms;
    if (payment->revoked_ms != 0)
        return FZ_PAYMENT_REVOKED;
    if (payment->state != FZ_PAYMENT_NOTPAY)
        return payment->state;
    if (fz_payment_is_by_code(payment))
        return over ? FZ_PAYMENT_PAYERROR : FZ_PAYMENT_USERPAYING;
    return over ? FZ_PAYMENT_CLOSED : FZ_PAYMENT_NOTPAY;
}

static void read_payment(const struct fz_tx *tx, const struct fz_cursor *row, struct fz_payment *out)
{
    int column = 0;
    out->id = fz_int(row, column++);
#define READ_I(name, field) out->field = (typeof(out->field))fz_int(row, column++);
#define READ_T(name, field) FZ_COPY_COLUMN(out->field, row, column++);
#define READ_B(name, field) fz_digest_read(out->field, row, column++);
    COLUMNS(READ_I, READ_T, READ_T, READ_B)
    out->state = state_at(tx->now_ms, out);
}

static enum fz_result find_payment(struct fz_tx *tx, const struct fz_statement *statement,
                                   const struct fz_value *values, size_t count, struct fz_payment *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, values, count, &row);
    if (result == FZ_OK)
        read_payment(tx, &row, out);
    return result;
}

enum fz_result fz_payment_by_row(struct fz_tx *tx, int64_t id, struct fz_payment *out)
{
    return find_payment(tx, &payment_by_row, FZ_VALUES(FZ_I(id)), out);
}

enum fz_result fz_payment_lock(struct fz_tx *tx, int64_t id, struct fz_payment *out)
{
    return find_payment(tx, &payment_lock, FZ_VALUES(FZ_I(id)), out);
}

enum fz_result fz_payment_by_transaction_id(struct fz_tx *tx, const char *transaction_id,
                                            struct fz_payment *out)
{
    return find_payment(tx, &payment_by_transaction_id, FZ_VALUES(FZ_T(transaction_id)), out);
}

enum fz_result fz_payment_by_out_trade_no(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                          const char *out_trade_no, struct fz_payment *out)
{
    return find_payment(tx, &payment_by_out_trade_no,
                        FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_T(out_trade_no)), out);
}

enum fz_result fz_payment_of_party(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                   const char *out_trade_no, struct fz_payment *out)
{
    if (transaction_id == NULL)
        return fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, out_trade_no, out);
    struct fz_payment payment;
    enum fz_result result = fz_payment_by_transaction_id(tx, transaction_id, &payment);
    if (result != FZ_OK)
        return result;
    if (strcmp(payment.caller, party->caller) != 0 || strcmp(payment.sub_mchid, party->sub_mchid) != 0 ||
        (out_trade_no != NULL && strcmp(payment.out_trade_no, out_trade_no) != 0))
        return FZ_ABSENT;
    *out = payment;
    return FZ_OK;
}

void fz_payment_ask_lock(struct fz_tx *tx, const char *transaction_id, const char *caller, const char *sub_mchid, const char *out_trade_no)
{
    if (transaction_id != NULL)
        fz_ask_ahead(tx, &payment_lock_by_transaction_id, FZ_VALUES(FZ_T(transaction_id)));
    else
        fz_ask_ahead(tx, &payment_lock_by_out_trade_no, FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_T(out_trade_no)));
}

enum fz_result fz_payment_lock_by_transaction_id(struct fz_tx *tx, const char *transaction_id,
                                                 struct fz_payment *out)
{
    return find_payment(tx, &payment_lock_by_transaction_id, FZ_VALUES(FZ_T(transaction_id)), out);
}

enum fz_result fz_payment_lock_by_out_trade_no(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                               const char *out_trade_no, struct fz_payment *out)
{
    return find_payment(tx, &payment_lock_by_out_trade_no,
                        FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_T(out_trade_no)), out);
}

enum fz_result fz_payment_by_number_alone(struct fz_tx *tx, const char *out_trade_no, struct fz_payment *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &payment_by_number_alone, FZ_VALUES(FZ_T(out_trade_no)), &row);
    if (result != FZ_OK)
        return result;
    struct fz_payment first;
    read_payment(tx, &row, &first);
    result = fz_next(&row);
    if (result == FZ_OK)
        return FZ_CONFLICT;
    if (result != FZ_ABSENT)
        return result;
    *out = first;
    return FZ_OK;
}

enum fz_result fz_payment_insert(struct fz_tx *tx, const struct fz_payment *payment)
{
#define VALUE_I(column, field) FZ_I((int64_t)payment->field),
#define VALUE_T(column, field) FZ_T(payment->field),
#define VALUE_N(column, field) fz_text_or_null(payment->field),
#define VALUE_B(column, field) FZ_B(payment->field, sizeof payment->field),
    const struct fz_value values[] = {FZ_I(payment->id), COLUMNS(VALUE_I, VALUE_T, VALUE_N, VALUE_B)};
    return fz_insert(tx, &payment_insert, values, sizeof values / sizeof values[0]);
}

void fz_payment_exchange_rate(const struct fz_payment *payment, enum fz_rate_type *type, int64_t *rate)
{
    bool same = strcmp(payment->currency, payment->payer_currency) == 0;
    bool settled_as_priced = strcmp(payment->currency, payment->settlement_currency) == 0;
    *type = same ? FZ_RATE_SETTLEMENT : FZ_RATE_USERPAYMENT;
    *rate = !same ? payment->payment_rate : settled_as_priced ? FZ_RATE_ONE : payment->settlement_rate;
}

bool fz_payment_is_by_code(const struct fz_payment *payment)
{
    return strcmp(payment->trade_type, "MICROPAY") == 0;
}

const char *const fz_payer_kind_words[] = {"balance", "mini_fund", "debit", "credit", NULL};

const char *fz_payer_word(enum fz_payer_kind kind)
{
    switch (kind) {
    case FZ_PAYER_DEBIT:
        return "CMB_DEBIT";
    case FZ_PAYER_CREDIT:
        return "CMB_CREDIT";
    case FZ_PAYER_BALANCE:
    case FZ_PAYER_MINI_FUND:
        break;
    }
    return "OTHERS"; /* no bank */
}

const char *fz_recv_account_word(enum fz_payer_kind kind)
{
    switch (kind) {
    case FZ_PAYER_MINI_FUND:
        return "The Mini Fund of the paying user";
    case FZ_PAYER_DEBIT:
        return "China Merchants Bank Debit Card 0403";
    case FZ_PAYER_CREDIT:
        return "China Merchants Bank Credit Card 0403";
    case FZ_PAYER_BALANCE:
        break;
    }
    return "The balance of the paying user";
}
