/* The report as JSON, written as it is read: there may be millions of differences. */
#include <inttypes.h>
#include <stdio.h>

#include "base/calendar.h"
#include "cli/reconcile/report.h"

static bool dump(json_t *value)
{
    bool good = value != NULL && json_dumpf(value, stdout, JSON_COMPACT) == 0;
    json_decref(value);
    if (!good && !ferror(stdout))
        fputs("fenzhang: memory is short, so not all was printed. Try again.\n", stderr);
    return good || ferror(stdout);
}

static json_t *day_json(int day)
{
    char text[FZ_DAY_SIZE];
    if (day == FZ_NO_DAY)
        return json_null();
    fz_format_day(text, day);
    return json_string(text);
}

static json_t *known_json(bool is_known, int64_t number)
{
    return is_known ? json_integer(number) : json_null();
}

static bool print_totals(const struct fz_reconciliation *found)
{
    bool good = true;
    for (size_t i = 0; i < found->totals.count && good; i++) {
        const struct fz_total *total = &found->totals.list[i];
        bool knows_here = found->knows_here, hides = knows_here && total->here == total->there && total->unequal > 0;
        printf(i == 0 ? "\n    " : ",\n    ");
        good = dump(json_pack("{s:s, s:s, s:o, s:o, s:I, s:o, s:I, s:b}", "sub_mchid", total->sub_mchid, "currency",
                              total->currency, "day", day_json(total->day), "here", known_json(knows_here, total->here),
                              "there", (json_int_t)total->there, "here_count",
                              known_json(knows_here, (int64_t)total->here_count), "there_count",
                              (json_int_t)total->there_count, "hides_differences", hides));
    }
    return good;
}

static json_t *kind_json(const struct fz_findings_kind *kind, enum fz_difference_kind which)
{
    json_t *stakes = json_array();
    for (size_t i = 0; i < FZ_STAKE_CURRENCIES && kind->stakes[i].count > 0; i++)
        (void)json_array_append_new(stakes, json_pack("{s:s, s:I}", "currency", kind->stakes[i].currency, "amount",
                                                      (json_int_t)kind->stakes[i].amount));
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "kind", fz_kind_word(which), "meaning", fz_kind_meaning(which),
                     "count", (json_int_t)kind->count, "first_day", day_json(kind->first_day), "last_day",
                     day_json(kind->last_day), "stakes", stakes);
}

static bool print_kinds(const struct fz_reconciliation *found)
{
    bool good = true;
    const char *before = "\n    ";
    for (enum fz_difference_kind kind = 0; kind < FZ_KIND_COUNT && good; kind++) {
        if (found->findings.kinds[kind].count == 0)
            continue;
        printf("%s", before);
        before = ",\n    ";
        good = dump(kind_json(&found->findings.kinds[kind], kind));
    }
    return good;
}

static bool print_difference(void *argument, enum fz_difference_kind kind, uint64_t number, json_t *difference)
{
    const char **before = argument;
    (void)kind;
    (void)number;
    printf("%s", *before);
    *before = ",\n    ";
    return dump(json_incref(difference));
}

bool fz_report_json(struct fz_reconciliation *found)
{
    const char *before = "\n    ";
    printf("{\n  \"agrees\": %s,\n  \"days\": ", fz_reconciliation_count(found) == 0 ? "true" : "false");
    bool good = dump(json_pack("{s:o, s:o}", "first", day_json(found->first_day), "last", day_json(found->last_day)));
    printf(",\n  \"counts\": ");
    good = good && dump(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "settlement_batches", (json_int_t)found->batches,
                                  "settlement_batches_of_other_days", (json_int_t)found->batches_outside, "records",
                                  (json_int_t)found->records, "matched", (json_int_t)found->matched, "not_compared",
                                  (json_int_t)found->before, "totals_that_hide_differences", (json_int_t)found->hidden,
                                  "differences", (json_int_t)fz_reconciliation_count(found)));
    printf(",\n  \"kinds\": [");
    good = good && print_kinds(found);
    printf("\n  ],\n  \"totals\": [");
    good = good && print_totals(found);
    printf("\n  ],\n  \"differences\": [");
    good = good && fz_report_each(found, print_difference, &before);
    printf("\n  ]\n}\n");
    return good;
}
