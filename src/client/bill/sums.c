/* Adds up a bill's details by settlement currency, and compares. */
#include "client/bill/sums.h"

#include <string.h>

#include "base/text.h"

/* A number of the summary, and what of the details adds up to it. */
struct tally {
    size_t told; /* its place in the summary */
    enum { ADDED, LINES, PAYMENTS, REFUNDS } how;
    size_t added; /* the place of the number in a line of details */
};

#define SUM(of, which)            {offsetof(struct of##_summary, which), ADDED, offsetof(struct of##_line, which)}
#define COUNT(of, which, counted) {offsetof(struct of##_summary, which), counted, 0}

/* Amounts in the price currency have their sum in CNY alone, and are not compared. Nor is the count of refunds: whether the
 * lines of a refund's two sources lie together is not documented. */
static const struct tally refund_tallies[] = {
    SUM(fz_refund_bill, source_amount), SUM(fz_refund_bill, source_fee), SUM(fz_refund_bill, settlement),
    SUM(fz_refund_bill, settlement_fee)};
static const struct tally distribution_tallies[] = {
    COUNT(fz_distribution_bill, count, LINES), SUM(fz_distribution_bill, amount), SUM(fz_distribution_bill, settlement_amount)};
static const struct tally trade_tallies[] = {
    COUNT(fz_trade_bill, payment_count, PAYMENTS), COUNT(fz_trade_bill, refund_count, REFUNDS), SUM(fz_trade_bill, settlement),
    SUM(fz_trade_bill, refund_settlement), SUM(fz_trade_bill, fee)};

static const struct {
    const struct tally *list;
    size_t count;
    size_t currency[2]; /* in a line of details, and of the summary */
} kinds[] = {
    [FZ_BILL_REFUNDS] = {refund_tallies, sizeof refund_tallies / sizeof refund_tallies[0],
                         {offsetof(struct fz_refund_bill_line, settlement_currency),
                          offsetof(struct fz_refund_bill_summary, settlement_currency)}},
    [FZ_BILL_DISTRIBUTIONS] = {distribution_tallies, sizeof distribution_tallies / sizeof distribution_tallies[0],
                               {offsetof(struct fz_distribution_bill_line, settlement_currency),
                                offsetof(struct fz_distribution_bill_summary, settlement_currency)}},
    [FZ_BILL_STATEMENT] = {trade_tallies, sizeof trade_tallies / sizeof trade_tallies[0],
                           {offsetof(struct fz_trade_bill_line, settlement_currency),
                            offsetof(struct fz_trade_bill_summary, settlement_currency)}},
};

static enum fz_result refuse(struct fz_bill_fault *fault, size_t line, const char *column, const char *issue)
{
    *fault = (struct fz_bill_fault){.line = line, .column = column, .issue = issue};
    return FZ_MALFORMED;
}

static const void *at(const void *values, size_t offset)
{
    return (const char *)values + offset;
}

static int64_t number_at(const void *values, size_t offset)
{
    return *(const int64_t *)at(values, offset);
}

/* The one of that currency, made if there is none; NULL: there are too many. */
static struct fz_bill_sum *sum_of(struct fz_bill_sums *sums, const char *currency)
{
    for (size_t i = 0; i < sums->count; i++)
        if (strcmp(sums->list[i].currency, currency) == 0)
            return &sums->list[i];
    if (sums->count == FZ_BILL_CURRENCIES_MAX)
        return NULL;
    struct fz_bill_sum *sum = &sums->list[sums->count++];
    (void)fz_copy(sum->currency, sizeof sum->currency, currency);
    return sum;
}

/* What a line of details adds to a number of the summary. */
static int64_t share(const struct tally *tally, enum fz_bill_kind kind, const void *values)
{
    const struct fz_trade_bill_line *trade = values;
    if (tally->how == ADDED)
        return number_at(values, tally->added);
    bool is_refund = kind == FZ_BILL_STATEMENT && trade->refund_id != NULL;
    return tally->how == LINES || (tally->how == REFUNDS) == is_refund;
}

enum fz_result fz_bill_sums_add(struct fz_bill_sums *sums, enum fz_bill_kind kind, enum fz_bill_part part, const void *values,
                                size_t number, struct fz_bill_fault *fault)
{
    const char *const *currency = at(values, kinds[kind].currency[part]);
    struct fz_bill_sum *sum = sum_of(sums, *currency == NULL ? "" : *currency);
    if (sum == NULL || strlen(*currency == NULL ? "" : *currency) >= sizeof sum->currency)
        return refuse(fault, number, NULL, "is settled in no currency that is known");
    if (part == FZ_BILL_SUMMARY && sum->line != 0)
        return refuse(fault, number, NULL, "is a second summary of the same currency");
    if (part == FZ_BILL_SUMMARY)
        sum->line = number;
    else
        sums->has_rows = true;
    for (size_t i = 0; i < kinds[kind].count; i++) {
        const struct tally *tally = &kinds[kind].list[i];
        if (part == FZ_BILL_SUMMARY)
            sum->told[i] = number_at(values, tally->told);
        else if (__builtin_add_overflow(sum->rows[i], share(tally, kind, values), &sum->rows[i]))
            return refuse(fault, number, NULL, "makes the sum greater than any amount");
    }
    return FZ_OK;
}

size_t fz_bill_sums_members(enum fz_bill_kind kind, size_t offsets[FZ_BILL_SUMMED_MAX])
{
    size_t count = 0;
    offsets[count++] = kinds[kind].currency[FZ_BILL_DETAIL];
    if (kind == FZ_BILL_STATEMENT) /* tells refunds from payments */
        offsets[count++] = offsetof(struct fz_trade_bill_line, refund_id);
    for (size_t i = 0; i < kinds[kind].count; i++)
        if (kinds[kind].list[i].how == ADDED)
            offsets[count++] = kinds[kind].list[i].added;
    return count;
}

void fz_bill_sums_write(const struct fz_bill_sums *sums, enum fz_bill_kind kind, size_t place, void *summary)
{
    static const size_t sizes[] = {[FZ_BILL_REFUNDS] = sizeof(struct fz_refund_bill_summary),
                                   [FZ_BILL_DISTRIBUTIONS] = sizeof(struct fz_distribution_bill_summary),
                                   [FZ_BILL_STATEMENT] = sizeof(struct fz_trade_bill_summary)};
    const struct fz_bill_sum *sum = &sums->list[place];
    memset(summary, 0, sizes[kind]);
    *(const char **)(void *)((char *)summary + kinds[kind].currency[FZ_BILL_SUMMARY]) = sum->currency;
    for (size_t i = 0; i < kinds[kind].count; i++)
        *(int64_t *)(void *)((char *)summary + kinds[kind].list[i].told) = sum->rows[i];
    if (kind == FZ_BILL_REFUNDS)
        ((struct fz_refund_bill_summary *)summary)->refund_count = -1;
}

/* The column that is read into that place of a line; NULL: the file has none. */
static const struct fz_column *column_at(const struct fz_bill_heading *heading, size_t offset)
{
    for (size_t i = 0; i < heading->count; i++)
        if (heading->columns[i] != NULL && heading->columns[i]->offset == offset)
            return heading->columns[i];
    return NULL;
}

/* The column of the summary, if both blocks have what is compared. Without rows nothing is to be told, whatever is left of the
 * details' header line. */
static const struct fz_column *compared(const struct tally *tally, const struct fz_bill_heading headings[2], bool has_rows)
{
    size_t refund_id = offsetof(struct fz_trade_bill_line, refund_id);
    bool lacks = (tally->how == ADDED && column_at(&headings[FZ_BILL_DETAIL], tally->added) == NULL) ||
                 (tally->how >= PAYMENTS && column_at(&headings[FZ_BILL_DETAIL], refund_id) == NULL);
    return lacks && has_rows ? NULL : column_at(&headings[FZ_BILL_SUMMARY], tally->told);
}

enum fz_result fz_bill_sums_check(const struct fz_bill_sums *sums, enum fz_bill_kind kind,
                                  const struct fz_bill_heading headings[2], struct fz_bill_fault *fault)
{
    if (sums->has_rows && (column_at(&headings[FZ_BILL_DETAIL], kinds[kind].currency[FZ_BILL_DETAIL]) == NULL ||
                           column_at(&headings[FZ_BILL_SUMMARY], kinds[kind].currency[FZ_BILL_SUMMARY]) == NULL))
        return FZ_OK;
    for (size_t i = 0; i < sums->count; i++)
        for (size_t j = 0; j < kinds[kind].count; j++) {
            const struct fz_column *column = compared(&kinds[kind].list[j], headings, sums->has_rows);
            if (column != NULL && sums->list[i].rows[j] != sums->list[i].told[j])
                return refuse(fault, sums->list[i].line, column->name,
                              sums->list[i].line == 0 ? "has rows of a currency that is not in the summary"
                                                      : "is not what the rows add up to: the file is cut or changed");
        }
    return FZ_OK;
}
