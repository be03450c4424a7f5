/* The distribution bill: a line for each slice that succeeded, and a summary. Amounts in yuan. */
#include "api/bill/bill.h"
#include "book/bill/slice_bill.h"

static const char header[] =
    "create_time,initiator,sponsor,sub_mchid,transaction_id,order_id,out_order_no,detail_id,receiver_account,"
    "amount,currency,settlement_amount,settlement_currency,exchange_rate,business_type,status,description";

/* Neither the columns of the summary nor the words of business_type and status are public: docs/fidelity.md.
 */
static const char summary_header[] = 
    "settlement_currency,Total count,Total amount,Total settlement amount";

static const char *business_type(enum fz_distribution_kind kind)
{
    switch (kind) {
    case FZ_DISTRIBUTION_ORDERS:
        return "PROFITSHARING";
    case FZ_DISTRIBUTION_UNFREEZE:
        return "UNFREEZE";
    case FZ_DISTRIBUTION_RELEASE:
        break;
    }
    return "AUTO_UNFREEZE";
}

static void write_slice(struct fz_bill_writer *writer, const struct fz_slice_line *line,
                        const struct fz_currency *settlement)
{
    const struct fz_slice *slice = line->slice;
    fz_bill_time(writer, line->accepted_ms);
    fz_bill_text(writer, line->kind == FZ_DISTRIBUTION_RELEASE ? "system" : line->caller);
    fz_bill_text(writer, line->caller);
    fz_bill_text(writer, line->sub_mchid);
    fz_bill_text(writer, line->transaction_id);
    fz_bill_text(writer, line->order_id);
    fz_bill_text(writer, line->out_order_no);
    fz_bill_text(writer, slice->detail_id);
    fz_bill_text(writer, slice->account);
    fz_bill_yuan(writer, slice->amount);
    fz_bill_text(writer, "CNY");
    fz_bill_amount(writer, slice->settlement_amount, settlement->digits);
    fz_bill_text(writer, slice->settlement_currency);
    fz_bill_int(writer, slice->settlement_rate);
    fz_bill_text(writer, business_type(line->kind));
    fz_bill_text(writer, "SUCCESS");
    fz_bill_text(writer, slice->description);
    fz_bill_line_end(writer);
}

static enum fz_result add_slice(void *argument, const struct fz_slice_line *line)
{
    struct fz_bill_walk *walk = argument;
    struct fz_bill_totals *totals = fz_bill_totals_in(walk, line->slice->settlement_currency);
    if (totals == NULL)
        return FZ_FAILED;
    totals->count++;
    enum fz_result result = fz_sum(totals->amount, line->slice->amount, &totals->amount);
    if (result == FZ_OK)
        result =
            fz_bill_add_hundredths(&totals->settlement, line->slice->settlement_amount, totals->currency);
    if (result != FZ_OK || walk->writer == NULL)
        return result;
    write_slice(walk->writer, line, totals->currency);
    return walk->writer->result;
}

static enum fz_result range(struct fz_tx *tx, struct fz_bill_walk *walk, int64_t limit)
{
    const struct fz_bill_link *link = walk->link;
    return fz_slice_bill_each(tx, link->caller, link->sub_mchid, link->day, walk->after, limit, add_slice,
                              walk, &walk->after, &walk->seen);
}

static void write_totals(struct fz_bill_writer *writer, const struct fz_bill_totals *totals)
{
    fz_bill_int(writer, totals->count);
    fz_bill_yuan(writer, totals->amount);
    fz_bill_yuan(writer, totals->settlement);
}

const struct fz_bill_form fz_distribution_bill_form = {
    .header = header, .scans = {range}, .summary_header = summary_header, .summary = write_totals};
