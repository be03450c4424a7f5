/* Writes a bill: range by range, each in a transaction of its own. Rows of a day that is over do not change,
 * so the ranges fit together. */
#include "api/bill/bill.h"

#include <assert.h>
#include <string.h>

#define RANGE_ROWS  10000
#define DAY_ENDS_MS 10000 /* for who still writes it */

static const struct fz_bill_form *form_of(const struct fz_bill_link *link)
{
    static const struct fz_bill_form *const forms[] = {[FZ_SORT_REFUNDS] = &fz_refund_bill_form,
                                                       [FZ_SORT_DISTRIBUTIONS] = &fz_distribution_bill_form,
                                                       [FZ_SORT_TRADES] = &fz_trade_bill_form};
    return forms[link->kind];
}

/* What a transaction undoes cannot be taken back out of the writer. A range that is run again would double
 * its lines, so it fails, and the whole bill has to be made again. */
static enum fz_result run_range(struct fz_tx *tx, void *argument)
{
    struct fz_bill_walk *walk = argument;
    if (walk->range_begun)
        return FZ_FAILED;
    walk->range_begun = true;
    return form_of(walk->link)->scans[walk->scan](tx, walk, RANGE_ROWS);
}

/* Goes once over the lines of a scan. */
static enum fz_result go_along(struct fz_reader *reader, struct fz_bill_walk *walk)
{
    struct fz_error error = {0};
    enum fz_result result;
    walk->after = 0;
    do {
        walk->seen = 0;
        walk->range_begun = false;
        result = fz_store_read(reader, run_range, walk, &error);
    } while (result == FZ_OK && walk->seen == RANGE_ROWS);
    return result == FZ_FULL ? FZ_FAILED : result; /* it is the database that is away; no disk is full */
}

/* Goes once over all lines. */
static enum fz_result go_over(struct fz_reader *reader, struct fz_bill_walk *walk)
{
    enum fz_result result = FZ_OK;
    walk->totals_count = 0;
    for (walk->scan = 0; result == FZ_OK && form_of(walk->link)->scans[walk->scan] != NULL; walk->scan++)
        result = go_along(reader, walk);
    return result;
}

void fz_bill_summary_write(const struct fz_bill_form *form, const struct fz_bill_walk *walk,
                           struct fz_bill_writer *writer)
{
    fz_bill_heading_write(writer, &form->file->summary);
    for (size_t i = 0; i < walk->totals_count; i++)
        form->summary(writer, &walk->totals[i]);
}

enum fz_result fz_bill_write(struct fz_reader *reader, const struct fz_bill_link *link, bool overview_first,
                             struct fz_bill_writer *writer)
{
    const struct fz_bill_form *form = form_of(link);
    struct fz_bill_walk walk = {.link = link};
    struct fz_error error; /* a file is made once: what is still written of its day comes first */
    enum fz_result result = fz_store_pass_day(reader, link->day, DAY_ENDS_MS, &error) == FZ_OK ? FZ_OK : FZ_FAILED;
    if (result == FZ_OK && overview_first) {
        result = go_over(reader, &walk);
        if (result == FZ_OK)
            fz_bill_summary_write(form, &walk, writer);
    }
    walk.writer = writer;
    fz_bill_heading_write(writer, &form->file->details);
    if (result == FZ_OK)
        result = go_over(reader, &walk);
    if (result == FZ_OK && !overview_first)
        fz_bill_summary_write(form, &walk, writer);
    return result == FZ_OK ? writer->result : result;
}

struct fz_bill_totals *fz_bill_totals_in(struct fz_bill_walk *walk, const char *code)
{
    for (size_t i = 0; i < walk->totals_count; i++)
        if (strcmp(walk->totals[i].currency->code, code) == 0)
            return &walk->totals[i];
    const struct fz_currency *currency = fz_currency_find(code);
    if (currency == NULL)
        return NULL;
    assert(walk->totals_count < FZ_CURRENCY_COUNT);
    struct fz_bill_totals *totals = &walk->totals[walk->totals_count++];
    *totals = (struct fz_bill_totals){.currency = currency};
    return totals;
}
