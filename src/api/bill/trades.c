/* The transaction statement: a line for each payment, then one for each refund, and a summary. */
#include "api/bill/bill.h"
#include "spec/order/order.h"
#include "spec/refund/refund.h"

/* A line's transaction status, of fz_trade_state_words. */
enum { PAID = 0, REFUNDED = 1, REVOKED = 5 };

/* What is the same on both lines. The book knows neither devices nor users. A COUPON is in the payer's
 * currency, a DISCOUNT in the price's (S-RQ): a refund's line names it too. */
static struct fz_trade_bill_line line_of(const struct fz_trade_line *trade)
{
    return (struct fz_trade_bill_line){
        .time.ms = trade->time_ms,
        .appid = trade->appid,
        .mchid = trade->caller,
        .sub_mchid = trade->sub_mchid,
        .transaction_id = trade->transaction_id,
        .out_trade_no = trade->out_trade_no,
        .trade_type = trade->trade_type,
        .bank = fz_payer_word(trade->payer_kind),
        .coupon_currency = trade->coupon_type == FZ_COUPON_COUPON ? trade->payer_currency : NULL,
        .discount_currency = trade->coupon_type == FZ_COUPON_DISCOUNT ? trade->currency : NULL,
        .description = trade->description,
        .attach = trade->attach,
        .fee_rate = trade->fee_rate,
        .currency = trade->currency,
        .payer_currency = trade->payer_currency,
        .settlement_currency = trade->settlement_currency,
    };
}

/* What was used, or is given back, of a voucher of the type. */
static int64_t worth_of(const struct fz_trade_line *trade, enum fz_coupon_type type)
{
    return trade->coupon_type == type ? trade->coupon_amount : 0;
}

static void describe_payment(const struct fz_trade_line *trade, struct fz_trade_bill_line *out)
{
    out->trade_state = fz_trade_state_words[PAID];
    out->coupon = worth_of(trade, FZ_COUPON_COUPON);
    out->discount = worth_of(trade, FZ_COUPON_DISCOUNT);
    out->fee = trade->settlement.fee;
    out->amount = trade->amount;
    out->payer_amount = trade->payer_amount;
    out->settlement = trade->settlement.gross;
    out->payment_rate = trade->rate;
}

static void describe_refund(const struct fz_trade_line *trade, struct fz_trade_bill_line *out)
{
    out->trade_state = fz_trade_state_words[trade->reversal ? REVOKED : REFUNDED];
    out->refund_id = trade->refund_id;
    out->out_refund_no = trade->out_refund_no;
    out->refund_type = fz_refund_channel_words[trade->channel - FZ_CHANNEL_ORIGINAL];
    out->refund_status = fz_refund_status_words[trade->state - FZ_REFUND_PROCESSING];
    out->fee = -trade->settlement.fee;
    out->refund_rate = trade->rate;
    out->refund = trade->amount;
    out->payer_refund_currency = trade->payer_currency;
    out->payer_refund = trade->payer_amount;
    out->refund_settlement_currency = trade->settlement_currency;
    out->refund_settlement = trade->settlement.gross;
    out->coupon_refund = worth_of(trade, FZ_COUPON_COUPON);
    out->discount_refund = worth_of(trade, FZ_COUPON_DISCOUNT);
}

static enum fz_result add_to_totals(struct fz_bill_totals *totals, const struct fz_trade_line *trade)
{
    bool refund = trade->refund_id != NULL;
    int64_t fee = trade->settlement.fee;
    int64_t *settlement = refund ? &totals->refund_settlement : &totals->settlement;
    *(refund ? &totals->refund_count : &totals->count) += 1;
    enum fz_result result = fz_sum(*settlement, trade->settlement.gross, settlement);
    return result == FZ_OK ? fz_sum(totals->fee, refund ? -fee : fee, &totals->fee) : result;
}

enum fz_result fz_trade_bill_add(void *argument, const struct fz_trade_line *trade)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, trade->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    enum fz_result result = add_to_totals(totals, trade);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    struct fz_trade_bill_line line = line_of(trade);
    if (trade->refund_id == NULL)
        describe_payment(trade, &line);
    else
        describe_refund(trade, &line);
    fz_bill_line_write(walk->writer, &fz_trade_bill.details, &line);
    return walk->writer->result;
}

static enum fz_result payments(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_trade_bill_payments(tx, link->caller, link->sub_mchid, link->day, walk->after, limit,
                                  fz_trade_bill_add, walk, &walk->after, &walk->seen);
}

static enum fz_result refunds(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_trade_bill_refunds(tx, link->caller, link->sub_mchid, link->day, walk->after, limit,
                                 fz_trade_bill_add, walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    const struct fz_trade_bill_summary line = {
        .settlement_currency = totals->currency->code,
        .payment_count = totals->count,
        .refund_count = totals->refund_count,
        .settlement = totals->settlement,
        .refund_settlement = totals->refund_settlement,
        .fee = totals->fee,
    };
    fz_bill_line_write(writer, &fz_trade_bill.summary, &line);
}

const struct fz_bill_form fz_trade_bill_form = {
    .file = &fz_trade_bill, .scans = {payments, refunds}, .summary = write_totals};
