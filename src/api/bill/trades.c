/* The transaction statement: a line for each payment, then one for each refund, and a summary. */
#include "api/bill/bill.h"
#include "book/bill/trade_bill.h"

/* The 38 columns in their order. The English page names them as far as "user payment currency"; the rest is
 * worded after the Chinese list: docs/fidelity.md. */
static const char header[] =
    "Transaction time,Official Account ID,Vendor ID,Sub vendor ID,Device No.,WeChat order No.,Vendor order "
    "No.,"
    "User identifier,Transaction type,Transaction status,Payment bank,Top-up voucher currency,"
    "Top-up voucher amount,Voucher currency,Voucher amount,WeChat refund No.,Merchant refund No.,Refund type,"
    "Refund status,Commodity name,Merchant data package,Service fee,Rate,Priced currency,"
    "Order amount (priced currency),User payment currency,User payment amount,Settlement currency,"
    "Settlement order amount,Payment exchange rate,Refund exchange rate,Requested refund amount,"
    "User refund currency,User refund amount,Refund settlement currency,Refund settlement amount,"
    "Top-up voucher refund amount,Voucher refund amount";

/* Nobody tells the columns of the summary: docs/fidelity.md. */
static const char summary_header[] =
    "Settlement currency,Total payment count,Total refund count,Total settlement order amount,"
    "Total refund settlement amount,Total service fee";

static const char *channel_word(enum fz_refund_channel channel)
{
    switch (channel) {
    case FZ_CHANNEL_ORIGINAL:
        break;
    case FZ_CHANNEL_BALANCE:
        return "BALANCE";
    case FZ_CHANNEL_OTHER_BALANCE:
        return "OTHER_BALANCE";
    case FZ_CHANNEL_OTHER_BANKCARD:
        return "OTHER_BANKCARD";
    }
    return "ORIGINAL";
}

static const char *state_word(enum fz_refund_state state)
{
    switch (state) {
    case FZ_REFUND_PROCESSING:
        break;
    case FZ_REFUND_SUCCESS:
        return "SUCCESS";
    case FZ_REFUND_CLOSED:
        return "REFUNDCLOSE";
    case FZ_REFUND_ABNORMAL:
        return "ABNORMAL";
    }
    return "PROCESSING";
}

/* The currencies of a line's amounts. */
struct currencies {
    const struct fz_currency *price, *payer, *settlement;
};

/* The voucher's two columns: a currency and an amount, nothing where there is none. A COUPON is in the
 * payer's currency, a DISCOUNT in the price's (S-RQ). */
static void write_voucher(struct fz_bill_writer *writer, const struct fz_trade_line *line,
                          enum fz_coupon_type type, int64_t amount, const struct fz_currency *currency)
{
    bool used = line->coupon_type == type;
    fz_bill_text(writer, used ? currency->code : "");
    fz_bill_amount(writer, used ? amount : 0, currency->digits);
}

/* Columns 1 to 21. What is of the payment is empty, or zero, on a refund's line, and the other way round: so
 * every column of amounts adds up over the file. */
static void write_what(struct fz_bill_writer *writer, const struct fz_trade_line *line,
                       const struct currencies *currencies)
{
    bool refund = line->refund_id != NULL;
    fz_bill_time(writer, line->time_ms);
    fz_bill_text(writer, line->appid);
    fz_bill_text(writer, line->caller);
    fz_bill_text(writer, line->sub_mchid);
    fz_bill_text(writer, ""); /* the book knows neither devices */
    fz_bill_text(writer, line->transaction_id);
    fz_bill_text(writer, line->out_trade_no);
    fz_bill_text(writer, ""); /* nor users */
    fz_bill_text(writer, line->trade_type);
    fz_bill_text(writer, line->reversal ? "REVOKED" : refund ? "REFUND" : "SUCCESS");
    fz_bill_text(writer, fz_payer_word(line->payer_kind));
    int64_t used = refund ? 0 : line->coupon_amount;
    write_voucher(writer, line, FZ_COUPON_COUPON, used, currencies->payer);
    write_voucher(writer, line, FZ_COUPON_DISCOUNT, used, currencies->price);
    fz_bill_text(writer, refund ? line->refund_id : "");
    fz_bill_text(writer, refund ? line->out_refund_no : "");
    fz_bill_text(writer, refund ? channel_word(line->channel) : "");
    fz_bill_text(writer, refund ? state_word(line->state) : "");
    fz_bill_text(writer, line->description);
    fz_bill_text(writer, line->attach);
}

/* Columns 22 to 38. */
static void write_amounts(struct fz_bill_writer *writer, const struct fz_trade_line *line,
                          const struct currencies *currencies)
{
    bool refund = line->refund_id != NULL;
    int price = currencies->price->digits, payer = currencies->payer->digits;
    int settlement = currencies->settlement->digits;
    fz_bill_amount(writer, refund ? -line->settlement.fee : line->settlement.fee, settlement);
    fz_bill_percent(writer, line->fee_rate);
    fz_bill_text(writer, line->currency);
    fz_bill_amount(writer, refund ? 0 : line->amount, price);
    fz_bill_text(writer, line->payer_currency);
    fz_bill_amount(writer, refund ? 0 : line->payer_amount, payer);
    fz_bill_text(writer, line->settlement_currency);
    fz_bill_amount(writer, refund ? 0 : line->settlement.gross, settlement);
    if (refund)
        fz_bill_text(writer, "");
    fz_bill_int(writer, line->rate);
    if (!refund)
        fz_bill_text(writer, "");
    fz_bill_amount(writer, refund ? line->amount : 0, price);
    fz_bill_text(writer, refund ? line->payer_currency : "");
    fz_bill_amount(writer, refund ? line->payer_amount : 0, payer);
    fz_bill_text(writer, refund ? line->settlement_currency : "");
    fz_bill_amount(writer, refund ? line->settlement.gross : 0, settlement);
    int64_t coupon = line->coupon_type == FZ_COUPON_COUPON ? line->coupon_amount : 0;
    int64_t discount = line->coupon_type == FZ_COUPON_DISCOUNT ? line->coupon_amount : 0;
    fz_bill_amount(writer, refund ? coupon : 0, payer);
    fz_bill_amount(writer, refund ? discount : 0, price);
}

static enum fz_result add_to_totals(struct fz_bill_totals *totals, const struct fz_trade_line *line)
{
    bool refund = line->refund_id != NULL;
    int64_t fee = line->settlement.fee;
    *(refund ? &totals->refund_count : &totals->count) += 1;
    enum fz_result result = fz_bill_add_hundredths(refund ? &totals->refund_settlement : &totals->settlement,
                                                   line->settlement.gross, totals->currency);
    return result == FZ_OK ? fz_bill_add_hundredths(&totals->fee, refund ? -fee : fee, totals->currency)
                           : result;
}

static enum fz_result add_trade(void *argument, const struct fz_trade_line *line)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, line->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_bill_currency(&walk->payer, line->payer_currency);
    if (result == FZ_OK)
        result = fz_bill_currency(&walk->price, line->currency);
    if (result == FZ_OK)
        result = add_to_totals(totals, line);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    struct currencies currencies = {
        .price = walk->price, .payer = walk->payer, .settlement = totals->currency};
    write_what(walk->writer, line, &currencies);
    write_amounts(walk->writer, line, &currencies);
    fz_bill_line_end(walk->writer);
    return walk->writer->result;
}

static enum fz_result payments(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_trade_bill_payments(tx, link->caller, link->sub_mchid, link->day, walk->after, limit, add_trade,
                                  walk, &walk->after, &walk->seen);
}

static enum fz_result refunds(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_trade_bill_refunds(tx, link->caller, link->sub_mchid, link->day, walk->after, limit, add_trade,
                                 walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    fz_bill_int(writer, totals->count);
    fz_bill_int(writer, totals->refund_count);
    fz_bill_yuan(writer, totals->settlement);
    fz_bill_yuan(writer, totals->refund_settlement);
    fz_bill_yuan(writer, totals->fee);
}

const struct fz_bill_form fz_trade_bill_form = {
    .header = header,
    .scans = {payments, refunds},
    .summary_header = summary_header,
    .summary = write_totals,
};
