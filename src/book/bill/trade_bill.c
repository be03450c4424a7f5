/* The trades of a day: two scans along their indexes, row by row. */
#include "book/bill/trade_bill.h"

#include "base/calendar.h"

/* The Beijing day as the indexes have it. A payment has its success_ms for good, whatever becomes of it. */
#define PAID_ON_DAY     "p.caller = $1 AND ((p.success_ms + 28800000) / 86400000) = $2 AND p.success_ms > 0"
#define ACCEPTED_ON_DAY "r.caller = $1 AND ((r.created_ms + 28800000) / 86400000) = $2"
#define PAGE(alias)                                                                                          \
    " AND ($3 = '' OR " alias ".sub_mchid = $3) AND " alias ".id > $4 ORDER BY " alias ".id LIMIT $5"

/* What both kinds of line tell of the order. */
#define ORDER                                                                                                \
    "p.appid, p.caller, p.sub_mchid, p.transaction_id, p.out_trade_no, p.trade_type, p.description,"         \
    " p.attach, p.payer_kind, p.fee_rate, p.currency, p.payer_currency, p.settlement_currency,"              \
    " p.settlement_rate, p.coupon_type"
#define ORDER_LETTERS "ttttttttiitttii"
/* Behind these, of both: the row's id, when it was, how much, how much of it in the payer's currency and as a voucher. */
#define ORDER_COLUMNS ((int)sizeof ORDER_LETTERS - 1)
#define BOTH_COLUMNS  (ORDER_COLUMNS + 5)

FZ_STATEMENT(trade_payments,
             "SELECT " ORDER ", p.id, p.success_ms, p.amount, p.payer_total, p.coupon_amount, p.settled,"
             " p.fee, p.payment_rate FROM payment p WHERE " PAID_ON_DAY PAGE("p"),
             "titii", ORDER_LETTERS "iiiiiiii");
FZ_STATEMENT(trade_refunds,
             "SELECT " ORDER ", r.id, r.created_ms, r.amount, r.payer_refund, r.coupon_refund, r.rate,"
             " r.own_net, r.own_fee, r.funds_net, r.funds_fee, r.refund_id, r.out_refund_no, r.channel,"
             " r.success_ms, r.closed_ms, r.abnormal_ms, p.revoked_ms"
             " FROM refund r JOIN payment p ON p.id = r.payment WHERE " ACCEPTED_ON_DAY PAGE("r"),
             "titii", ORDER_LETTERS "iiiiiiiiiittiiiii");

/* FZ_FAILED: a currency that is not in the table. */
static enum fz_result read_both(const struct fz_cursor *row, struct fz_trade_line *out,
                                const struct fz_currency **settlement, int64_t *settlement_rate)
{
    *out = (struct fz_trade_line){.appid = fz_string(row, 0),
                                  .caller = fz_string(row, 1),
                                  .sub_mchid = fz_string(row, 2),
                                  .transaction_id = fz_string(row, 3),
                                  .out_trade_no = fz_string(row, 4),
                                  .trade_type = fz_string(row, 5),
                                  .description = fz_string(row, 6),
                                  .attach = fz_string(row, 7),
                                  .payer_kind = (enum fz_payer_kind)fz_int(row, 8),
                                  .fee_rate = (int)fz_int(row, 9),
                                  .currency = fz_string(row, 10),
                                  .payer_currency = fz_string(row, 11),
                                  .settlement_currency = fz_string(row, 12),
                                  .coupon_type = (enum fz_coupon_type)fz_int(row, 14),
                                  .time_ms = fz_int(row, ORDER_COLUMNS + 1),
                                  .amount = fz_int(row, ORDER_COLUMNS + 2),
                                  .payer_amount = fz_int(row, ORDER_COLUMNS + 3),
                                  .coupon_amount = fz_int(row, ORDER_COLUMNS + 4)};
    *settlement = fz_currency_find(out->settlement_currency);
    *settlement_rate = fz_int(row, 13);
    return *settlement == NULL ? FZ_FAILED : FZ_OK;
}

static enum fz_result read_payment(const struct fz_cursor *row, int day, struct fz_trade_line *out)
{
    const struct fz_currency *settlement;
    int64_t settlement_rate;
    (void)day;
    enum fz_result result = read_both(row, out, &settlement, &settlement_rate);
    if (result != FZ_OK)
        return result;
    int at = BOTH_COLUMNS;
    int64_t settled = fz_int(row, at++), fee = fz_int(row, at++);
    out->settlement = fz_gross_from_cny(settled - fee, fee, settlement, settlement_rate);
    struct fz_payment payment = {.settlement_rate = settlement_rate, .payment_rate = fz_int(row, at)};
    fz_copy(payment.currency, sizeof payment.currency, out->currency);
    fz_copy(payment.payer_currency, sizeof payment.payer_currency, out->payer_currency);
    fz_copy(payment.settlement_currency, sizeof payment.settlement_currency, out->settlement_currency);
    enum fz_rate_type type;
    fz_payment_exchange_rate(&payment, &type, &out->rate);
    return FZ_OK;
}

/* Whether something that has a time, 0 if it never was, was before the day ended. */
static bool was_by(int64_t time_ms, int day)
{
    return time_ms != 0 && time_ms < fz_day_start_ms(day + 1);
}

/* What the refund was when its day ended, told by times that are written once. How it was paid back is known
 * when it has arrived. */
static void set_state(int64_t success_ms, int64_t closed_ms, int64_t abnormal_ms, int day,
                      struct fz_trade_line *line)
{
    line->state = was_by(success_ms, day)    ? FZ_REFUND_SUCCESS
                  : was_by(closed_ms, day)   ? FZ_REFUND_CLOSED
                  : was_by(abnormal_ms, day) ? FZ_REFUND_ABNORMAL
                                             : FZ_REFUND_PROCESSING;
    if (line->state != FZ_REFUND_SUCCESS)
        line->channel = FZ_CHANNEL_ORIGINAL;
}

static enum fz_result read_refund(const struct fz_cursor *row, int day, struct fz_trade_line *out)
{
    const struct fz_currency *settlement;
    int64_t settlement_rate;
    enum fz_result result = read_both(row, out, &settlement, &settlement_rate);
    if (result != FZ_OK)
        return result;
    int at = BOTH_COLUMNS;
    out->rate = fz_int(row, at++);
    struct fz_gross own =
        fz_gross_from_cny(fz_int(row, at), fz_int(row, at + 1), settlement, settlement_rate);
    struct fz_gross funds =
        fz_gross_from_cny(fz_int(row, at + 2), fz_int(row, at + 3), settlement, settlement_rate);
    out->settlement = (struct fz_gross){.gross = own.gross + funds.gross, .fee = own.fee + funds.fee};
    at += 4;
    out->refund_id = fz_string(row, at++);
    out->out_refund_no = fz_string(row, at++);
    out->channel = (enum fz_refund_channel)fz_int(row, at++);
    set_state(fz_int(row, at), fz_int(row, at + 1), fz_int(row, at + 2), day, out);
    out->reversal = out->state == FZ_REFUND_SUCCESS && fz_int(row, at + 3) == out->time_ms;
    return FZ_OK;
}

struct scan {
    const struct fz_statement *statement;
    enum fz_result (*read)(const struct fz_cursor *row, int day, struct fz_trade_line *out);
};
static const struct scan payments = {&trade_payments, read_payment}, refunds = {&trade_refunds, read_refund};

static enum fz_result go_along(struct fz_tx *tx, const struct scan *scan, const char *caller,
                               const char *sub_mchid, int day, int64_t after, int64_t limit,
                               fz_trade_each each, void *argument, int64_t *last, int64_t *count)
{
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query(tx, scan->statement,
                 FZ_VALUES(FZ_T(caller), FZ_I(day), FZ_T(sub_mchid), FZ_I(after), FZ_I(limit)), &row);
    int64_t seen = 0, reached = after;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_trade_line line;
        reached = fz_int(&row, ORDER_COLUMNS);
        seen++;
        result = scan->read(&row, day, &line);
        if (result == FZ_OK)
            result = each(argument, &line);
    }
    if (result != FZ_ABSENT)
        return result;
    *last = reached;
    *count = seen;
    return FZ_OK;
}

enum fz_result fz_trade_bill_payments(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                      int64_t after, int64_t limit, fz_trade_each each, void *argument,
                                      int64_t *last, int64_t *count)
{
    return go_along(tx, &payments, caller, sub_mchid, day, after, limit, each, argument, last, count);
}

enum fz_result fz_trade_bill_refunds(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                     int64_t after, int64_t limit, fz_trade_each each, void *argument,
                                     int64_t *last, int64_t *count)
{
    return go_along(tx, &refunds, caller, sub_mchid, day, after, limit, each, argument, last, count);
}

static enum fz_result ignore(void *argument, const struct fz_trade_line *line)
{
    (void)argument;
    (void)line;
    return FZ_OK;
}

enum fz_result fz_trade_bill_exists(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                    bool *out)
{
    int64_t last, count = 0;
    enum fz_result result =
        go_along(tx, &payments, caller, sub_mchid, day, 0, 1, ignore, NULL, &last, &count);
    if (result == FZ_OK && count == 0)
        result = go_along(tx, &refunds, caller, sub_mchid, day, 0, 1, ignore, NULL, &last, &count);
    if (result == FZ_OK)
        *out = count > 0;
    return result;
}
