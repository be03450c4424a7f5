/* Adds up a bill's details by settlement currency, and compares. */
#include "reconcile/read/sums.h"

#include <stdlib.h>
#include <string.h>

#include "reconcile/place/item.h"
#include "spec/bill/lines.h"

/* A number of the summary. Those of refunds are there without payments, too. */
struct tally {
    size_t told;            /* its place in the summary */
    enum fz_cell_role role; /* of the details' column that it is made of */
    bool of_payments;
};

#define TOLD(of, which) offsetof(struct of##_summary, which)
/* The count of refunds on a refund bill is not compared: whether the lines of its two sources lie together is not
 * documented. */
static const struct {
    struct tally list[FZ_SUMMED_MAX];
    size_t count, currency;
    enum fz_cell_role settled_in;
} kinds[] = {
    [FZ_INPUT_REFUNDS] = {{{TOLD(fz_refund_bill, source_amount), FZ_ROLE_SOURCE_AMOUNT, false},
                           {TOLD(fz_refund_bill, source_fee), FZ_ROLE_FEE, false},
                           {TOLD(fz_refund_bill, settlement), FZ_ROLE_SETTLEMENT, false}},
                          3, TOLD(fz_refund_bill, settlement_currency), FZ_ROLE_SETTLEMENT_CURRENCY},
    [FZ_INPUT_SLICES] = {{{TOLD(fz_distribution_bill, count), FZ_ROLE_NONE, false},
                          {TOLD(fz_distribution_bill, amount), FZ_ROLE_AMOUNT, false},
                          {TOLD(fz_distribution_bill, settlement_amount), FZ_ROLE_SETTLEMENT, false}},
                         3, TOLD(fz_distribution_bill, settlement_currency), FZ_ROLE_SETTLEMENT_CURRENCY},
    [FZ_INPUT_STATEMENT] = {{{TOLD(fz_trade_bill, payment_count), FZ_ROLE_REFUND_ID, true},
                             {TOLD(fz_trade_bill, refund_count), FZ_ROLE_REFUND_ID, false},
                             {TOLD(fz_trade_bill, settlement), FZ_ROLE_PAID_SETTLEMENT, true},
                             {TOLD(fz_trade_bill, refund_settlement), FZ_ROLE_SETTLEMENT, false},
                             {TOLD(fz_trade_bill, fee), FZ_ROLE_FEE, true}},
                            5, TOLD(fz_trade_bill, settlement_currency), FZ_ROLE_PAID_SETTLEMENT_CURRENCY},
};

/* ---- adding ---- */

/* The one of that currency, made if there is none; NULL: there are too many. */
static struct fz_input_sum *sum_of(struct fz_input_sums *sums, const char *currency, size_t size)
{
    char code[4] = {0}; /* compared whole: that is one instruction */
    memcpy(code, currency, size);
    for (size_t i = 0; i < sums->count; i++)
        if (memcmp(sums->list[i].currency, code, sizeof code) == 0)
            return &sums->list[i];
    if (sums->count == FZ_CURRENCIES_MAX)
        return NULL;
    struct fz_input_sum *sum = &sums->list[sums->count++];
    *sum = (struct fz_input_sum){0};
    memcpy(sum->currency, code, sizeof code);
    return sum;
}

bool fz_input_sums_add(struct fz_input_sums *sums, const struct fz_item *item, struct fz_item_part settlement_currency)
{
    struct fz_input_sum *sum =
        settlement_currency.size > 3
            ? NULL
            : sum_of(sums, settlement_currency.size == 0 ? "" : settlement_currency.text, settlement_currency.size);
    if (sum == NULL)
        return false;
    bool is_refund = item->family == FZ_FAMILY_REFUND;
    if (item->side == FZ_SIDE_TRADE) {
        sum->rows[is_refund]++;
        sum->rows[is_refund ? 3 : 2] += (uint64_t)item->settlement;
        sum->rows[4] += (uint64_t)item->fee;
        return true;
    }
    sum->rows[0] += item->side == FZ_SIDE_SLICE ? 1 : (uint64_t)item->source_amount;
    sum->rows[1] += (uint64_t)(item->side == FZ_SIDE_SLICE ? item->amount : item->fee);
    sum->rows[2] += (uint64_t)item->settlement;
    return true;
}

bool fz_input_sums_merge(struct fz_input_sums *sums, const struct fz_input_sums *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct fz_input_sum *sum = sum_of(sums, from->list[i].currency, strlen(from->list[i].currency));
        if (sum == NULL)
            return false;
        for (size_t j = 0; j < FZ_SUMMED_MAX; j++)
            sum->rows[j] += from->list[i].rows[j];
    }
    return true;
}

void fz_input_sums_again(struct fz_input *input)
{
    for (size_t i = 0; input->sums != NULL && i < input->sums->count; i++)
        memset(input->sums->list[i].rows, 0, sizeof input->sums->list[i].rows);
}

/* ---- what the summary says ---- */

static const struct fz_column *column_at(const struct fz_bill_heading *heading, size_t offset)
{
    for (size_t i = 0; i < heading->count; i++)
        if (heading->columns[i] != NULL && heading->columns[i]->offset == offset)
            return heading->columns[i];
    return NULL;
}

enum fz_result fz_input_told_begin(struct fz_input *input, const struct fz_bill_heading *heading, struct fz_trouble *trouble)
{
    input->sums = calloc(1, sizeof *input->sums);
    if (input->sums == NULL)
        return fz_trouble_memory(trouble);
    if (column_at(heading, kinds[input->kind].currency) != NULL)
        for (size_t i = 0; i < kinds[input->kind].count; i++)
            input->sums->told[i] = column_at(heading, kinds[input->kind].list[i].told);
    return FZ_OK;
}

enum fz_result fz_input_told_line(struct fz_input *input, const struct fz_bill_heading *heading, char *line,
                                  struct fz_trouble *trouble)
{
    union {
        struct fz_refund_bill_summary refund;
        struct fz_distribution_bill_summary slices;
        struct fz_trade_bill_summary trade;
    } values = {0};
    struct fz_bill_fault fault;
    line[strcspn(line, "\r")] = '\0';
    if (line[0] == '\0')
        return FZ_OK;
    if (fz_bill_line_read(heading, line, 1, &values, NULL, &fault) != FZ_OK)
        return fz_trouble_say(trouble, "%s has a summary that is cut or changed: its %s \"%s\" %s. Fetch the file again.",
                              input->path, fault.column == NULL ? "line" : fault.column, fault.value, fault.issue);
    const char *currency = *(const char *const *)(const void *)((const char *)&values + kinds[input->kind].currency);
    size_t size = currency == NULL ? 0 : strlen(currency);
    struct fz_input_sum *sum = size > 3 ? NULL : sum_of(input->sums, currency == NULL ? "" : currency, size);
    if (sum == NULL)
        return fz_trouble_say(trouble, "%s has a summary in no currency that is known. Fetch the file again.", input->path);
    for (size_t i = 0; i < kinds[input->kind].count; i++)
        sum->told[i] = (uint64_t)*(const int64_t *)(const void *)((const char *)&values + kinds[input->kind].list[i].told);
    return FZ_OK;
}

/* ---- comparing ---- */

static bool has_role(const struct fz_input *input, enum fz_cell_role role)
{
    return role == FZ_ROLE_NONE || memchr(input->plan.roles, (int)role, input->plan.count) != NULL;
}

enum fz_result fz_input_sums_check(const struct fz_input *input, bool has_payments, struct fz_trouble *trouble)
{
    if (input->sums == NULL || !has_role(input, kinds[input->kind].settled_in))
        return FZ_OK;
    for (size_t i = 0; i < input->sums->count; i++)
        for (size_t j = 0; j < kinds[input->kind].count; j++) {
            const struct fz_input_sum *sum = &input->sums->list[i];
            const struct tally *tally = &kinds[input->kind].list[j];
            const struct fz_column *column = input->sums->told[j];
            if (column == NULL || !has_role(input, tally->role) || (tally->of_payments && !has_payments) ||
                sum->rows[j] == sum->told[j])
                continue;
            return fz_trouble_say(trouble,
                                  "%s is cut or changed: by its summary, %s of what is settled in %s is %lld%s, and its "
                                  "lines add up to %lld. Fetch it again.",
                                  input->path, column->name, sum->currency[0] == '\0' ? "no currency" : sum->currency,
                                  (long long)sum->told[j], column->kind == FZ_CELL_COUNT ? "" : " of the smallest unit",
                                  (long long)sum->rows[j]);
        }
    return FZ_OK;
}
