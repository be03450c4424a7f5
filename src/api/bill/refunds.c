/* The refund bill (S-RBILL): a line for each source that a refund was drawn from, and the summary. */
#include "api/bill/bill.h"
#include "book/bill/refund_bill.h"

/* So spelt, in this order. */
static const char header[] =
    "Refund apply time,Refund success time,Wechat refund number(refund_id),Vendor refund "
    "number(out_refund_no),"
    "Wechat order number(transaction_id),Vendor order number(out_transaction_id),Refund "
    "amount(refund_fee),Currency type,"
    "Coupon refund amount,Payer's refund amount,Payer's refund currency type,Rate,Refund source,Refund "
    "source type,"
    "Refund source amount,Refund source fee in CNY,Refund settlement currency type,Refund exchange rate,"
    "Refund source settlement amount,Refund source fee in settlement currency type";

/* The document tells nothing of the summary's columns: docs/fidelity.md. */
static const char summary_header[] =
    "Settlement currency type,Total refund count,Total refund amount,Total coupon refund amount,"
    "Total refund source amount,Total refund source fee in CNY,Total refund source settlement amount,"
    "Total refund source fee in settlement currency";

static void write_refund(const struct fz_bill_walk *walk, const struct fz_refund_line *refund)
{
    struct fz_bill_writer *writer = walk->writer;
    fz_bill_time(writer, refund->created_ms);
    fz_bill_time(writer, refund->success_ms);
    fz_bill_text(writer, refund->refund_id);
    fz_bill_text(writer, refund->out_refund_no);
    fz_bill_text(writer, refund->transaction_id);
    fz_bill_text(writer, refund->out_trade_no);
    fz_bill_yuan(writer, refund->amount); /* a distributed order is priced in CNY */
    fz_bill_text(writer, refund->currency);
    fz_bill_yuan(writer, refund->coupon_cny);
    fz_bill_amount(writer, refund->payer_refund, walk->payer->digits);
    fz_bill_text(writer, refund->payer_currency);
    fz_bill_percent(writer, refund->fee_rate);
}

/* Adds up what one source gave. What is settled of it is without a DISCOUNT's share: that was the merchant's
 * own, and no money. */
static enum fz_result add_to_totals(struct fz_bill_totals *totals, const struct fz_refund_part *part,
                                    int64_t settlement, int64_t settlement_fee)
{
    enum fz_result result = fz_sum(totals->source, part->gross, &totals->source);
    if (result == FZ_OK)
        result = fz_sum(totals->fee, part->fee, &totals->fee);
    if (result == FZ_OK)
        result = fz_bill_add_hundredths(&totals->settlement, settlement, totals->currency);
    if (result == FZ_OK)
        result = fz_bill_add_hundredths(&totals->settlement_fee, settlement_fee, totals->currency);
    return result;
}

/* A line of what one source gave. The fee is money that comes back, so it is negative, and so is its zero
 * (the document's -0.00). */
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
    write_refund(walk, refund);
    fz_bill_text(walk->writer, source);
    fz_bill_text(walk->writer, "PACKAGE");
    fz_bill_yuan(walk->writer, part->gross);
    fz_bill_negative_amount(walk->writer, part->fee, 2);
    fz_bill_text(walk->writer, refund->settlement_currency);
    fz_bill_int(walk->writer, refund->settlement_rate);
    fz_bill_amount(walk->writer, settlement, currency->digits);
    fz_bill_negative_amount(walk->writer, fee, currency->digits);
    fz_bill_line_end(walk->writer);
    return walk->writer->result;
}

static enum fz_result add_refund(void *argument, const struct fz_refund_line *refund)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, refund->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    totals->count++;
    enum fz_result result = fz_bill_currency(&walk->payer, refund->payer_currency);
    if (result == FZ_OK)
        result = fz_sum(totals->amount, refund->amount, &totals->amount);
    if (result == FZ_OK)
        result = fz_sum(totals->coupon, refund->coupon_cny, &totals->coupon);
    if (result == FZ_OK)
        result = add_part(walk, refund, totals, "ORDER_REFUNDABLE_BALANCE", &refund->own);
    if (result == FZ_OK)
        result = add_part(walk, refund, totals, "FUNDS_REFUNDABLE_BALANCE", &refund->funds);
    return result;
}

static enum fz_result range(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_refund_bill_each(tx, link->caller, link->sub_mchid, link->day, walk->after, limit, add_refund,
                               walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    fz_bill_int(writer, totals->count);
    fz_bill_yuan(writer, totals->amount);
    fz_bill_yuan(writer, totals->coupon);
    fz_bill_yuan(writer, totals->source);
    fz_bill_negative_amount(writer, totals->fee, 2);
    fz_bill_yuan(writer, totals->settlement);
    fz_bill_negative_amount(writer, totals->settlement_fee, 2);
}

const struct fz_bill_form fz_refund_bill_form = {
    .header = header, .scans = {range}, .summary_header = summary_header, .summary = write_totals};
