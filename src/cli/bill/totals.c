/* What a bill comes to, as its summary tells. */
#include <string.h>

#include "base/text.h"
#include "cli/bill/job.h"

static void add(struct fz_bill_totals *totals, const char *currency, int64_t amount)
{
    size_t i = 0;
    while (i < totals->count && strcmp(totals->list[i].currency, currency) != 0)
        i++;
    if (i == FZ_BILL_CURRENCIES)
        return;
    if (i == totals->count)
        (void)fz_copy(totals->list[totals->count++].currency, sizeof totals->list[i].currency, currency);
    totals->list[i].amount += amount;
}

/* -1: nobody tells. */
static void count(int64_t *total, int64_t more)
{
    if (more < 0)
        return;
    *total = (*total < 0 ? 0 : *total) + more;
}

static void add_trade(struct fz_bill_totals *totals, const struct fz_trade_bill_summary *summary)
{
    count(&totals->payments, summary->payment_count);
    count(&totals->refunds, summary->refund_count);
    add(totals, summary->settlement_currency == NULL ? "" : summary->settlement_currency,
        summary->settlement - summary->refund_settlement);
}

void fz_bill_totals_begin(struct fz_bill_totals *totals)
{
    *totals = (struct fz_bill_totals){.payments = -1, .refunds = -1};
}

int fz_bill_totals_take(void *argument, const struct fz_bill_row *row)
{
    struct fz_bill_totals *totals = argument;
    if (row->refund_summary != NULL) {
        count(&totals->refunds, row->refund_summary->refund_count);
        add(totals, "CNY", row->refund_summary->source_amount);
    }
    if (row->distribution_summary != NULL)
        add(totals, "CNY", row->distribution_summary->amount);
    if (row->trade_summary != NULL)
        add_trade(totals, row->trade_summary);
    return 0;
}
