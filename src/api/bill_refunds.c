/* The refund bill (S-RBILL): a line for each source that a refund was drawn from, and the summary. */
#include "api/bill.h"
#include "book/refund.h"

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
    "Total refund count,Total refund amount,Total coupon refund amount,Total refund source amount,"
    "Total refund source fee in CNY,Total refund source settlement amount";

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

/* A line of what one source gave. The fee is money that comes back, so it is negative, and so is its zero
 * (the document's -0.00). */
static enum fz_result add_part(struct fz_bill_walk *walk, const struct fz_refund_line *refund,
                               const char *source, int64_t gross_cny, int64_t fee_cny)
{
    struct fz_bill_totals *totals = &walk->totals;
    const struct fz_currency *currency = walk->settlement;
    if (gross_cny == 0)
        return FZ_OK;
    int64_t gross = fz_from_cny(gross_cny, currency, refund->settlement_rate);
    int64_t fee = fz_from_cny(fee_cny, currency, refund->settlement_rate), fee_hundredths = 0;
    enum fz_result result = fz_sum(totals->source, gross_cny, &totals->source);
    if (result == FZ_OK)
        result = fz_sum(totals->fee, fee_cny, &totals->fee);
    if (result == FZ_OK)
        result = fz_bill_add_hundredths(&totals->settlement, gross, currency);
    if (result == FZ_OK)
        result = fz_bill_add_hundredths(&fee_hundredths, fee, currency);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    write_refund(walk, refund);
    fz_bill_text(walk->writer, source);
    fz_bill_text(walk->writer, "PACKAGE");
    fz_bill_yuan(walk->writer, gross_cny);
    fz_bill_negative_yuan(walk->writer, fee_cny);
    fz_bill_text(walk->writer, refund->settlement_currency);
    fz_bill_int(walk->writer, refund->settlement_rate);
    fz_bill_amount(walk->writer, gross, currency->digits);
    fz_bill_negative_yuan(walk->writer, fee_hundredths);
    fz_bill_line_end(walk->writer);
    return walk->writer->result;
}

static enum fz_result add_refund(void *argument, const struct fz_refund_line *refund)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = &walk->totals;
    totals->count++;
    enum fz_result result = fz_bill_currency(&walk->settlement, refund->settlement_currency);
    if (result == FZ_OK)
        result = fz_bill_currency(&walk->payer, refund->payer_currency);
    if (result == FZ_OK)
        result = fz_sum(totals->amount, refund->amount, &totals->amount);
    if (result == FZ_OK)
        result = fz_sum(totals->coupon, refund->coupon_cny, &totals->coupon);
    if (result == FZ_OK)
        result = add_part(walk, refund, "ORDER_REFUNDABLE_BALANCE", refund->own.gross, refund->own.fee);
    if (result == FZ_OK)
        result = add_part(walk, refund, "FUNDS_REFUNDABLE_BALANCE", refund->funds.gross, refund->funds.fee);
    return result;
}

static enum fz_result range(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_refund_bill_each(tx, link->caller, link->sub_mchid, link->day, walk->after, limit, add_refund,
                               walk, &walk->after, &walk->seen);
}

static void write_summary(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    fz_bill_header(writer, summary_header);
    fz_bill_int(writer, totals->count);
    fz_bill_yuan(writer, totals->amount);
    fz_bill_yuan(writer, totals->coupon);
    fz_bill_yuan(writer, totals->source);
    fz_bill_negative_yuan(writer, totals->fee);
    fz_bill_yuan(writer, totals->settlement);
    fz_bill_line_end(writer);
}

const struct fz_bill_form fz_refund_bill_form = {.header = header, .scans = {range}, .summary = write_summary};
