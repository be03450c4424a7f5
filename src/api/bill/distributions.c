/* The distribution bill: a line for each slice that succeeded, and a summary. Amounts in yuan. */
#include "api/bill/bill.h"
#include "spec/common/money.h"

static const char *business_type(enum fz_distribution_kind kind)
{
    switch (kind) {
    case FZ_DISTRIBUTION_ORDERS:
        return fz_business_type_words[0];
    case FZ_DISTRIBUTION_UNFREEZE:
        return fz_business_type_words[1];
    case FZ_DISTRIBUTION_RELEASE:
        break;
    }
    return fz_business_type_words[2];
}

static void write_slice(struct fz_bill_writer *writer, const struct fz_slice_line *accepted)
{
    const struct fz_slice *slice = accepted->slice;
    const struct fz_distribution_bill_line line = {
        .create_time.ms = accepted->accepted_ms,
        .initiator = accepted->kind == FZ_DISTRIBUTION_RELEASE ? FZ_BY_ITSELF : accepted->caller,
        .sponsor = accepted->caller,
        .sub_mchid = accepted->sub_mchid,
        .transaction_id = accepted->transaction_id,
        .order_id = accepted->order_id,
        .out_order_no = accepted->out_order_no,
        .detail_id = slice->detail_id,
        .receiver_account = slice->account,
        .amount = slice->amount,
        .currency = fz_cny_words[0],
        .settlement_amount = slice->settlement_amount,
        .settlement_currency = slice->settlement_currency,
        .exchange_rate = slice->settlement_rate,
        .business_type = business_type(accepted->kind),
        .status = fz_slice_status_words[0],
        .description = slice->description,
    };
    fz_bill_line_write(writer, &fz_distribution_bill.details, &line);
}

enum fz_result fz_distribution_bill_add(void *argument, const struct fz_slice_line *line)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, line->slice->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    totals->count++;
    enum fz_result result = fz_sum(totals->amount, line->slice->amount, &totals->amount);
    if (result == FZ_OK)
        result = fz_sum(totals->settlement, line->slice->settlement_amount, &totals->settlement);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    write_slice(walk->writer, line);
    return walk->writer->result;
}

static enum fz_result range(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_slice_bill_each(tx, link->caller, link->sub_mchid, link->day, walk->after, limit,
                              fz_distribution_bill_add, walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    const struct fz_distribution_bill_summary line = {
        .settlement_currency = totals->currency->code,
        .count = totals->count,
        .amount = totals->amount,
        .settlement_amount = totals->settlement,
    };
    fz_bill_line_write(writer, &fz_distribution_bill.summary, &line);
}

const struct fz_bill_form fz_distribution_bill_form = {
    .file = &fz_distribution_bill, .scans = {range}, .summary = write_totals};
