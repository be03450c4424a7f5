/* The report for a person: first what, how much money and since when, then each difference. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "cli/output/page.h"
#include "cli/output/screen.h"
#include "cli/output/table.h"
#include "cli/output/value.h"
#include "cli/reconcile/report.h"

#define TEXT_MAX    ((size_t)8 << 20)
#define TOLD_OF_ALL 20 /* differences of a kind that a terminal is told */
#define TOTALS_TOLD 40

/* ---- what there is ---- */

static void day_text(char out[FZ_DAY_SIZE], int day)
{
    out[0] = '\0';
    if (day != FZ_NO_DAY)
        fz_format_day(out, day);
}

static void write_head(const struct fz_reconciliation *found, struct fz_text *out)
{
    char first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    uint64_t count = fz_reconciliation_count(found);
    day_text(first, found->first_day);
    day_text(last, found->last_day);
    fz_text_format(out, "%s%s%s", fz_colour(stdout, count == 0 ? FZ_COLOUR_GREEN : FZ_COLOUR_RED),
                   count == 0 ? "All agrees" : "It differs", fz_colour(stdout, FZ_COLOUR_NONE));
    if (count > 0)
        fz_text_format(out, " in %" PRIu64 " place%s", count, count == 1 ? "" : "s");
    if (first[0] != '\0')
        fz_text_format(out, ", %s to %s", first, last);
    if (found->records > 0)
        fz_text_format(out, "; %" PRIu64 " records, %" PRIu64 " refunds matched", found->records, found->matched);
    if (found->before > 0)
        fz_text_format(out, "; %" PRIu64 " records of other days were not compared", found->before);
    if (found->batches > 0)
        fz_text_format(out, "; %" PRIu64 " settlements compared", found->batches);
    if (found->batches_outside > 0)
        fz_text_format(out, "; %" PRIu64 " settlements have days that were not given", found->batches_outside);
    fz_text_string(out, ".\n");
}

static void write_kinds(const struct fz_reconciliation *found, size_t width, struct fz_text *out)
{
    static const struct fz_column columns[] = {
        {"WHAT", false}, {"COUNT", true}, {"AT STAKE", true}, {"SINCE", false}, {"MEANING", false}};
    struct fz_table *table = fz_table_new(columns, 5, false);
    for (enum fz_difference_kind kind = 0; kind < FZ_KIND_COUNT; kind++) {
        const struct fz_findings_kind *of = &found->findings.kinds[kind];
        char count[24], stakes[FZ_STAKES_SIZE], since[FZ_DAY_SIZE];
        if (of->count == 0)
            continue;
        snprintf(count, sizeof count, "%" PRIu64, of->count);
        fz_report_stakes(stakes, of);
        day_text(since, of->first_day);
        const char *texts[] = {fz_kind_word(kind), count, stakes, since, fz_kind_meaning(kind)};
        fz_table_add(table, texts);
    }
    fz_text_string(out, "\n");
    fz_table_write(table, width, fz_colour(stdout, FZ_COLOUR_BOLD), fz_colour(stdout, FZ_COLOUR_NONE), out);
    fz_table_free(table);
}

/* Of totals: `count` rows in all. The table is freed. */
static void write_table(struct fz_table *table, size_t count, size_t width, struct fz_text *out)
{
    if (count > 0) {
        fz_text_string(out, "\n");
        fz_table_write(table, width, fz_colour(stdout, FZ_COLOUR_BOLD), fz_colour(stdout, FZ_COLOUR_NONE), out);
    }
    if (count > TOTALS_TOLD)
        fz_text_format(out, "… and %zu more days and sub-merchants\n", count - TOTALS_TOLD);
    fz_table_free(table);
}

/* Rows that differ; those that only seem to agree say so. */
static bool is_told(const struct fz_total *total)
{
    return total->here != total->there || total->unequal > 0;
}

/* Where there is nothing to compare their amounts with: what the refund bills come to. */
static void write_bills(const struct fz_reconciliation *found, size_t width, struct fz_text *out)
{
    static const struct fz_column columns[] = {
        {"DAY", false}, {"SUB_MCHID", false}, {"REFUNDS", true}, {"REFUND BILL", true}};
    struct fz_table *table = fz_table_new(columns, 4, false);
    for (size_t i = 0; i < found->totals.count && i < TOTALS_TOLD; i++) {
        const struct fz_total *total = &found->totals.list[i];
        char day[FZ_DAY_SIZE], count[24], amount[FZ_VALUE_SIZE];
        day_text(day, total->day);
        snprintf(count, sizeof count, "%" PRIu64, total->there_count);
        fz_amount_write(amount, total->there, total->currency);
        const char *texts[] = {day, total->sub_mchid, count, amount};
        fz_table_add(table, texts);
    }
    write_table(table, found->totals.count, width, out);
}

static void write_totals(const struct fz_reconciliation *found, size_t width, struct fz_text *out)
{
    static const struct fz_column columns[] = {{"DAY", false},          {"SUB_MCHID", false}, {"RECORDS (HERE)", true},
                                               {"BILLS (THERE)", true}, {"DIFFERENCE", true}, {"", false}};
    struct fz_table *table = fz_table_new(columns, 6, false);
    size_t count = 0;
    for (size_t i = 0; i < found->totals.count; i++) {
        const struct fz_total *total = &found->totals.list[i];
        char day[FZ_DAY_SIZE], here[FZ_VALUE_SIZE], there[FZ_VALUE_SIZE], off[FZ_VALUE_SIZE];
        count += is_told(total);
        if (!is_told(total) || count > TOTALS_TOLD)
            continue;
        day_text(day, total->day);
        fz_amount_write(here, total->here, total->currency);
        fz_amount_write(there, total->there, total->currency);
        fz_amount_write(off, total->here - total->there, total->currency);
        const char *texts[] = {day,  total->sub_mchid,
                               here, there,
                               off,  total->here == total->there ? "equal, but errors in it make up for each other" : NULL};
        fz_table_add(table, texts);
    }
    write_table(table, count, width, out);
}

/* ---- each difference ---- */

struct telling {
    struct fz_text *out;
    const struct fz_reconciliation *found;
    const struct fz_report_files *files;
    uint64_t most; /* of a kind */
};

static void tell_rest(const struct telling *telling, enum fz_difference_kind kind)
{
    uint64_t count = telling->found->findings.kinds[kind].count;
    fz_text_format(telling->out, "  … and %" PRIu64 " more, %s%s\n", count - telling->most,
                   telling->files->csv != NULL ? telling->files->csv : "--csv FILE", " has all");
}

static bool tell_difference(void *argument, enum fz_difference_kind kind, uint64_t number, json_t *difference)
{
    struct telling *telling = argument;
    if (number == telling->most)
        tell_rest(telling, kind);
    if (number >= telling->most)
        return true;
    if (number == 0)
        fz_text_format(telling->out, "\n%s%s%s\n", fz_colour(stdout, FZ_COLOUR_BOLD), fz_kind_word(kind),
                       fz_colour(stdout, FZ_COLOUR_NONE));
    const char *own = fz_report_text(difference, "out_refund_no", NULL),
               *platform = fz_report_text(difference, "refund_id", NULL);
    if (own[0] == '\0' && platform[0] == '\0') {
        own = fz_report_text(difference, "out_order_no", NULL);
        own = own[0] == '\0' ? fz_report_text(difference, "out_trade_no", NULL) : own;
    }
    fz_text_format(telling->out, "  %s  %s\n", own[0] == '\0' ? platform : own, fz_report_text(difference, "reason", NULL));
    return true;
}

bool fz_report_tables(struct fz_reconciliation *found, const struct fz_report_files *files, bool may_page)
{
    struct fz_text out = {.max = TEXT_MAX};
    int columns = fz_screen_columns(stdout);
    struct telling telling = {&out, found, files, columns > 0 ? TOLD_OF_ALL : 1000};
    write_head(found, &out);
    if (fz_reconciliation_count(found) > 0)
        write_kinds(found, (size_t)columns, &out);
    (found->knows_here ? write_totals : write_bills)(found, (size_t)columns, &out);
    bool good = fz_report_each(found, tell_difference, &telling);
    if (out.failed)
        fputs("fenzhang: there is more than a screen can show: --csv FILE and --html FILE have all.\n", stderr);
    if (out.data != NULL)
        fz_page(out.data, out.size, may_page);
    fz_text_done(&out);
    return good;
}
