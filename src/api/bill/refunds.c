/* The refund bill (S-RBILL): a line for each source that a refund was drawn from, and the summary. */
#include "api/bill/bill.h"
#include "spec/refund/refund.h"

/* Adds up what one source gave. What is settled of it is without a DISCOUNT's share: that was the merchant's
 * own, and no money. */
static enum fz_result add_to_totals(struct fz_bill_totals *totals, const struct fz_refund_part *part,
                                    int64_t settlement, int64_t settlement_fee)
{
    enum fz_result result = fz_sum(totals->source, part->gross, &totals->source);
    if (result == FZ_OK)
        result = fz_sum(totals->fee, part->fee, &totals->fee);
    if (result == FZ_OK)
        result = fz_sum(totals->settlement, settlement, &totals->settlement);
    if (result == FZ_OK)
        result = fz_sum(totals->settlement_fee, settlement_fee, &totals->settlement_fee);
    return result;
}

/* Without what its source is. */
static struct fz_refund_bill_line line_of(const struct fz_refund_line *refund)
{
    return (struct fz_refund_bill_line){
        .apply_time.ms = refund->created_ms,
        .success_time.ms = refund->success_ms,
        .refund_id = refund->refund_id,
        .out_refund_no = refund->out_refund_no,
        .transaction_id = refund->transaction_id,
        .out_trade_no = refund->out_trade_no,
        .refund = refund->amount,
        .currency = refund->currency,
        .coupon_refund = refund->coupon_cny,
        .payer_refund = refund->payer_refund,
        .payer_currency = refund->payer_currency,
        .fee_rate = refund->fee_rate,
        .source_type = fz_refund_part_words[0],
        .settlement_currency = refund->settlement_currency,
        .exchange_rate = refund->settlement_rate,
    };
}

/* A line of what one source gave. The fee is money that comes back, so it is negative. */
static enum fz_result add_part(struct fz_bill_walk *walk, const struct fz_refund_line *refund,
                               struct fz_bill_totals *totals, const char *source,
                               const struct fz_refund_part *part)
{
    const struct fz_currency *currency = totals->currency;
    if (part->gross == 0)
        return FZ_OK;
    int64_t settlement = fz_from_cny(part->fee + part->net, currency, refund->settlement_rate);
    int64_t fee = fz_from_cny(part->fee, currency, refund->settlement_rate);
    enum fz_result result = add_to_totals(totals, part, settlement, fee);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    struct fz_refund_bill_line line = line_of(refund);
    line.source = source;
    line.source_amount = part->gross;
    line.source_fee = -part->fee;
    line.settlement = settlement;
    line.settlement_fee = -fee;
    fz_bill_line_write(walk->writer, &fz_refund_bill.details, &line);
    return walk->writer->result;
}

/* A marked order is priced in CNY; of one that is not, the sources tell what it is in CNY. */
static int64_t worth_in_cny(const struct fz_refund_line *refund)
{
    return fz_is_cny(refund->currency) ? refund->amount : refund->own.gross + refund->funds.gross;
}

enum fz_result fz_refund_bill_add(void *argument, const struct fz_refund_line *refund)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, refund->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    totals->count++;
    enum fz_result result = fz_sum(totals->amount, worth_in_cny(refund), &totals->amount);
    if (result == FZ_OK)
        result = fz_sum(totals->coupon, refund->coupon_cny, &totals->coupon);
    if (result == FZ_OK)
        result = add_part(walk, refund, totals, fz_refund_source_words[0], &refund->own);
    if (result == FZ_OK)
        result = add_part(walk, refund, totals, fz_refund_source_words[1], &refund->funds);
    return result;
}

static enum fz_result range(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_refund_bill_each(tx, link->caller, link->sub_mchid, link->day, walk->after, limit,
                               fz_refund_bill_add, walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    const struct fz_refund_bill_summary line = {
        .settlement_currency = totals->currency->code,
        .refund_count = totals->count,
        .refund = totals->amount,
        .coupon_refund = totals->coupon,
        .source_amount = totals->source,
        .source_fee = -totals->fee,
        .settlement = totals->settlement,
        .settlement_fee = -totals->settlement_fee,
    };
    fz_bill_line_write(writer, &fz_refund_bill.summary, &line);
}

const struct fz_bill_form fz_refund_bill_form = {
    .file = &fz_refund_bill, .scans = {range}, .summary = write_totals};
