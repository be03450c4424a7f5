/* Orders: payments, their distributions and their refunds, in three scans side by side. */
#include "base/text.h"
#include "book/audit/parts.h"

#define PAYMENTS                                                                                             \
    "SELECT id, transaction_id, caller, sub_mchid, out_trade_no, state, amount, currency, payer_total,"      \
    " payer_currency, payment_rate, settlement_currency, settlement_rate, coupon_type, coupon_amount,"       \
    " fee_rate, settled, fee, marked, funds_state, distributable, to_receivers, distribution_count,"         \
    " refunded, refunded_settled, refunded_fee, refunded_coupon, refunded_payer, refund_count,"              \
    " last_refund_ms, success_ms, trade_type, revoked_ms FROM payment "
#define PAYMENT_LETTERS                                                                                      \
    "ittttiititi"                                                                                            \
    "tiiiiiiiiiiiiiiiiiiiti"

FZ_LARGE_STATEMENT(audit_payments, PAYMENTS "WHERE id > $1 AND id <= $2 ORDER BY id", "ii", PAYMENT_LETTERS);
FZ_STATEMENT(audit_payment_by_row, PAYMENTS "WHERE id = $1", "i", PAYMENT_LETTERS);
FZ_LARGE_STATEMENT(audit_slice_count, "SELECT COUNT(*) FROM slice WHERE id > $1 AND id <= $2 AND created_ms < $3", "iii", "i");
/* All codes, and those whose order was paid by code. */
FZ_LARGE_STATEMENT(audit_code_count,
             "SELECT COUNT(*), COUNT(p.id) FROM payment_code c"
             " LEFT JOIN payment p ON p.id = c.payment AND p.trade_type = 'MICROPAY'"
             " WHERE c.payment > $1 AND c.payment <= $2",
             "ii", "ii");

struct orders {
    struct fz_audit_run *run;
    struct fz_cursor payments;
    struct fz_audit_rows slices, refunds;
};

enum fz_result fz_audit_rows_next(struct fz_audit_rows *rows)
{
    enum fz_result result = fz_next(&rows->cursor);
    rows->at_row = result == FZ_OK;
    if (rows->at_row)
        rows->payment = fz_int(&rows->cursor, 0);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static void read_payment(const struct fz_cursor *row, struct fz_payment *out)
{
    out->id = fz_int(row, 0);
    FZ_COPY_COLUMN(out->transaction_id, row, 1);
    FZ_COPY_COLUMN(out->caller, row, 2);
    FZ_COPY_COLUMN(out->sub_mchid, row, 3);
    FZ_COPY_COLUMN(out->out_trade_no, row, 4);
    out->state = (enum fz_payment_state)fz_audit_small(row, 5);
    out->amount = fz_int(row, 6);
    FZ_COPY_COLUMN(out->currency, row, 7);
    out->payer_total = fz_int(row, 8);
    FZ_COPY_COLUMN(out->payer_currency, row, 9);
    out->payment_rate = fz_int(row, 10);
    FZ_COPY_COLUMN(out->settlement_currency, row, 11);
    out->settlement_rate = fz_int(row, 12);
    out->coupon.type = (enum fz_coupon_type)fz_audit_small(row, 13);
    out->coupon.amount = fz_int(row, 14);
    out->fee_rate = fz_audit_small(row, 15);
    out->settled = fz_int(row, 16);
    out->fee = fz_int(row, 17);
    out->marked = fz_int(row, 18) != 0;
    out->funds_state = (enum fz_funds_state)fz_audit_small(row, 19);
    out->distributable = fz_int(row, 20);
    out->to_receivers = fz_int(row, 21);
    out->distribution_count = fz_audit_small(row, 22);
    out->refunded = fz_int(row, 23);
    out->refunded_settled = fz_int(row, 24);
    out->refunded_fee = fz_int(row, 25);
    out->refunded_coupon = fz_int(row, 26);
    out->refunded_payer = fz_int(row, 27);
    out->refund_count = fz_audit_small(row, 28);
    out->last_refund_ms = fz_int(row, 29);
    out->success_ms = fz_int(row, 30);
    FZ_COPY_COLUMN(out->trade_type, row, 31);
    out->revoked_ms = fz_int(row, 32);
}

enum fz_result fz_audit_find_payment(struct fz_tx *tx, int64_t id, struct fz_payment *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &audit_payment_by_row, FZ_VALUES(FZ_I(id)), &row);
    if (result == FZ_OK)
        read_payment(&row, out);
    return result;
}

/* Passes over rows whose payment is not there, up to those of payment `until`. */
static enum fz_result skip_strays(struct fz_audit_run *run, struct fz_audit_rows *rows, const char *noun,
                                  int64_t until)
{
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && rows->at_row && rows->payment < until) {
        fz_audit_find(run, "%s %s: payment %lld is not there", noun, fz_string(&rows->cursor, 2),
                      (long long)rows->payment);
        result = fz_audit_rows_next(rows);
    }
    return result;
}

static enum fz_result skip_all_strays(struct orders *orders, int64_t until)
{
    enum fz_result result = skip_strays(orders->run, &orders->slices, "distribution", until);
    return result == FZ_OK ? skip_strays(orders->run, &orders->refunds, "refund", until) : result;
}

/* The payment at hand. */
static enum fz_result check_order(struct orders *orders)
{
    struct fz_audit_run *run = orders->run;
    struct fz_audit_order order;
    read_payment(&orders->payments, &order.payment);
    order.is_sane = fz_audit_is_sane_payment(&order.payment);
    run->by_code += fz_payment_is_by_code(&order.payment);
    order.sums = (struct fz_audit_sums){0};
    int64_t id = order.payment.id;
    enum fz_result result = skip_all_strays(orders, id);
    while (result == FZ_OK && orders->slices.at_row && orders->slices.payment == id)
        result = fz_audit_distribution(run, &orders->slices, &order);
    while (result == FZ_OK && orders->refunds.at_row && orders->refunds.payment == id)
        result = fz_audit_refund(run, &orders->refunds, &order);
    return result == FZ_OK ? fz_audit_payment(run, &order) : result;
}

/* Slices are read by way of their distribution: whether that left one out. */
enum fz_result fz_audit_slices(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query_one(run->tx, &audit_slice_count, FZ_VALUES(FZ_AUDIT_RANGE(run), FZ_I(run->before_ms)), &row);
    if (result != FZ_OK)
        return result;
    run->slices_there += fz_int(&row, 0);
    if (run->upto == INT64_MAX)
        fz_audit_same(run, (struct fz_audit_subject){"table", "slice"}, "the number of its rows", run->slices_there,
                      "those of the distributions that are there are", run->slices_seen);
    return FZ_OK;
}

/* Each order that was paid by code has its code, and no other has one: a code's order is its key. */
static enum fz_result check_code_count(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    struct fz_audit_subject subject = {"table", "payment_code"};
    enum fz_result result = fz_query_one(run->tx, &audit_code_count, FZ_VALUES(FZ_AUDIT_RANGE(run)), &row);
    if (result != FZ_OK)
        return result;
    run->codes += fz_int(&row, 0);
    run->codes_of_orders += fz_int(&row, 1);
    if (run->upto < INT64_MAX)
        return FZ_OK;
    fz_audit_same(run, subject, "the number of its rows", run->codes, "those of orders paid by code are",
                  run->codes_of_orders);
    fz_audit_same(run, subject, "the number of its rows", run->codes, "the orders paid by code are", run->by_code);
    return FZ_OK;
}

static enum fz_result check_orders(struct orders *orders)
{
    struct fz_audit_run *run = orders->run;
    enum fz_result result = fz_query(run->tx, &audit_payments, FZ_VALUES(FZ_AUDIT_RANGE(run)), &orders->payments);
    if (result == FZ_OK)
        result = fz_audit_slices_begin(run, &orders->slices);
    if (result == FZ_OK)
        result = fz_audit_refunds_begin(run, &orders->refunds);
    while (result == FZ_OK && (result = fz_next(&orders->payments)) == FZ_OK)
        result = check_order(orders);
    if (result == FZ_ABSENT)
        result = skip_all_strays(orders, INT64_MAX);
    return result == FZ_OK ? check_code_count(run) : result;
}

enum fz_result fz_audit_orders(struct fz_audit_run *run)
{
    struct orders orders = {.run = run};
    enum fz_result result = check_orders(&orders);
    fz_cursor_done(&orders.payments);
    fz_cursor_done(&orders.slices.cursor);
    fz_cursor_done(&orders.refunds.cursor);
    return result;
}
