/* The report as a page that stands alone: one file, no script, to be read on a screen or printed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "cli/output/value.h"
#include "cli/reconcile/report.h"

/* Colours are the reader's own, light or dark; what is told by colour is told by words, too. */
static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:75rem}"
    "h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.2rem}h3{font-size:1rem;margin:0}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid color-mix(in srgb,currentColor "
    "25%,transparent);text-align:left;vertical-align:top}"
    "th{font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.k{font-family:ui-monospace,monospace;overflow-wrap:anywhere}"
    ".verdict{font-size:1.1rem}.note{opacity:.75}"
    ".difference{border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.4rem;padding:.7rem "
    ".9rem;margin:.8rem 0;break-inside:avoid}"
    ".difference p{margin:.3rem 0}.scroll{overflow-x:auto}"
    "a{color:inherit}:target{outline:2px solid currentColor}"
    "@media print{body{margin:0;max-width:none;font-size:10pt}.difference{border-color:#999}a{text-decoration:none}}";

/* ---- texts ---- */

static void write_text(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            putc(*text, file);
        }
}

static void write_cell(FILE *file, const char *class, const char *text)
{
    fprintf(file, "<td%s%s%s>", class[0] == '\0' ? "" : " class=\"", class, class[0] == '\0' ? "" : "\"");
    write_text(file, text);
    fputs("</td>", file);
}

static void day_text(char out[FZ_DAY_SIZE], int day)
{
    out[0] = '\0';
    if (day != FZ_NO_DAY)
        fz_format_day(out, day);
}

/* ---- the top ---- */

static void write_head(FILE *file, const struct fz_reconciliation *found)
{
    char first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    uint64_t count = fz_reconciliation_count(found);
    day_text(first, found->first_day);
    day_text(last, found->last_day);
    fprintf(file,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
            "content=\"width=device-width\">\n"
            "<title>Reconciliation%s%s%s%s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>Bills and records</h1>\n",
            first[0] == '\0' ? "" : " ", first, first[0] == '\0' ? "" : " to ", last, style);
    fprintf(file, "<p class=\"verdict\"><strong>%s</strong>", count == 0 ? "All agrees." : "It differs");
    if (count > 0)
        fprintf(file, " in %" PRIu64 " place%s.", count, count == 1 ? "" : "s");
    if (first[0] != '\0')
        fprintf(file, " Bills of %s to %s.", first, last);
    if (found->records > 0)
        fprintf(file, " %" PRIu64 " records, %" PRIu64 " refunds matched.", found->records, found->matched);
    if (found->before > 0)
        fprintf(file, " %" PRIu64 " records of other days were not compared.", found->before);
    fputs("</p>\n", file);
}

static void write_kinds(FILE *file, const struct fz_reconciliation *found)
{
    fputs("<h2>What, how much, since when</h2>\n<div class=\"scroll\"><table id=\"kinds\">\n<thead><tr><th>Kind</th><th "
          "class=\"n\">Count</th>"
          "<th class=\"n\">At stake</th><th>Since</th><th>Meaning</th></tr></thead>\n<tbody>\n",
          file);
    for (enum fz_difference_kind kind = 0; kind < FZ_KIND_COUNT; kind++) {
        const struct fz_findings_kind *of = &found->findings.kinds[kind];
        char stakes[FZ_STAKES_SIZE], since[FZ_DAY_SIZE];
        if (of->count == 0)
            continue;
        fz_report_stakes(stakes, of);
        day_text(since, of->first_day);
        fprintf(file, "<tr><td><a href=\"#%s\">%s</a></td><td class=\"n\">%" PRIu64 "</td>", fz_kind_word(kind),
                fz_kind_word(kind), of->count);
        write_cell(file, "n", stakes);
        write_cell(file, "", since);
        write_cell(file, "", fz_kind_meaning(kind));
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table></div>\n", file);
}

static void write_total(FILE *file, const struct fz_total *total)
{
    char day[FZ_DAY_SIZE], here[FZ_VALUE_SIZE], there[FZ_VALUE_SIZE], off[FZ_VALUE_SIZE];
    day_text(day, total->day);
    fz_amount_write_bare(here, total->here, total->currency);
    fz_amount_write_bare(there, total->there, total->currency);
    fz_amount_write_bare(off, total->here - total->there, total->currency);
    fputs("<tr>", file);
    write_cell(file, "", day);
    write_cell(file, "k", total->sub_mchid);
    write_cell(file, "", total->currency);
    write_cell(file, "n", here);
    write_cell(file, "n", there);
    write_cell(file, "n", off);
    write_cell(file, "",
               total->here != total->there ? "differs"
               : total->unequal > 0        ? "equal, but errors in it make up for each other"
                                           : "equal");
    fputs("</tr>\n", file);
}

/* Where there is nothing to compare its amount with. */
static void write_bill(FILE *file, const struct fz_total *total)
{
    char day[FZ_DAY_SIZE], amount[FZ_VALUE_SIZE];
    day_text(day, total->day);
    fz_amount_write_bare(amount, total->there, total->currency);
    fputs("<tr>", file);
    write_cell(file, "", day);
    write_cell(file, "k", total->sub_mchid);
    write_cell(file, "", total->currency);
    fprintf(file, "<td class=\"n\">%" PRIu64 "</td>", total->there_count);
    write_cell(file, "n", amount);
    fputs("</tr>\n", file);
}

static void write_totals(FILE *file, const struct fz_reconciliation *found)
{
    if (found->totals.count == 0)
        return;
    fputs("<h2>Totals</h2>\n<div class=\"scroll\"><table id=\"totals\">\n"
          "<thead><tr><th>Day</th><th>Sub-merchant</th><th>Currency</th>",
          file);
    fputs(found->knows_here ? "<th class=\"n\">Records (here)</th><th class=\"n\">Bills (there)</th>"
                              "<th class=\"n\">Difference</th><th></th>"
                            : "<th class=\"n\">Refunds</th><th class=\"n\">Refund bill</th>",
          file);
    fputs("</tr></thead>\n<tbody>\n", file);
    for (size_t i = 0; i < found->totals.count; i++)
        (found->knows_here ? write_total : write_bill)(file, &found->totals.list[i]);
    fputs("</tbody></table></div>\n", file);
}

/* ---- each difference ---- */

struct writing {
    FILE *file;
    uint64_t count; /* of differences so far */
};

static void write_amount(FILE *file, const json_t *line, const char *amount, const char *currency)
{
    char text[64];
    fz_report_amount(text, line, amount, currency);
    write_cell(file, "n", text);
}

/* A line of a bill or a row of records: the number in front is what the reason's places lead to. */
static void write_line(const struct writing *writing, const char *side, size_t number, const json_t *line)
{
    FILE *file = writing->file;
    char rate[FZ_VALUE_SIZE] = "", fee[FZ_VALUE_SIZE] = "";
    if (json_is_integer(json_object_get(line, "fee")))
        fz_amount_write(fee, json_integer_value(json_object_get(line, "fee")), "CNY");
    if (json_is_integer(json_object_get(line, "exchange_rate")))
        fz_rate_write(rate, json_integer_value(json_object_get(line, "exchange_rate")));
    fprintf(file, "<tr id=\"d%" PRIu64 "-%s-%zu\"><td>%s</td>", writing->count, side, number,
            side[0] == 'h' ? "record" : "bill");
    write_cell(file, "k", fz_report_text(line, "file", NULL));
    fprintf(file, "<td class=\"n\">%" JSON_INTEGER_FORMAT "</td>", json_integer_value(json_object_get(line, "line")));
    write_cell(file, "", fz_report_text(line, "source", NULL));
    write_amount(file, line, "amount", "currency");
    write_cell(file, "n", fee);
    write_cell(file, "n", rate);
    write_amount(file, line, "settlement_amount", "settlement_currency");
    fputs("</tr>\n", file);
}

static void write_lines(const struct writing *writing, const char *side, const json_t *object)
{
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(object, "lines"), i, line)
    {
        write_line(writing, side, i + 1, line);
    }
}

/* Links to the lines that the difference is about. */
static void write_links(const struct writing *writing, const char *side, const json_t *object)
{
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(object, "lines"), i, line)
    {
        fprintf(writing->file, " <a href=\"#d%" PRIu64 "-%s-%zu\">", writing->count, side, i + 1);
        write_text(writing->file, fz_report_text(line, "file", NULL));
        fprintf(writing->file, ":%" JSON_INTEGER_FORMAT "</a>", json_integer_value(json_object_get(line, "line")));
    }
}

static void write_title(FILE *file, const json_t *difference)
{
    static const char *const names[] = {"out_refund_no", "refund_id",      "out_order_no", "detail_id",
                                        "out_trade_no",  "transaction_id", "sub_mchid"};
    char stake[64];
    const char *between = "";
    fputs("<h3>", file);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = fz_report_text(difference, names[i], NULL);
        if (text[0] == '\0')
            continue;
        fprintf(file, "%s<span class=\"note\">%s</span> ", between, names[i]);
        write_text(file, text);
        between = " · ";
    }
    fputs("</h3>\n<p>", file);
    fz_report_amount(stake, json_object_get(difference, "stake"), "amount", "currency");
    write_text(file, fz_report_text(difference, "day", NULL));
    fputs(" · at stake <strong>", file);
    write_text(file, stake);
    fputs("</strong></p>\n", file);
}

static bool write_difference(void *argument, enum fz_difference_kind kind, uint64_t number, json_t *difference)
{
    struct writing *writing = argument;
    FILE *file = writing->file;
    const json_t *here = json_object_get(difference, "here"), *there = json_object_get(difference, "there");
    writing->count++;
    if (number == 0)
        fprintf(file, "<h2 id=\"%s\">%s</h2>\n<p class=\"note\">%s</p>\n", fz_kind_word(kind), fz_kind_word(kind),
                fz_kind_meaning(kind));
    fprintf(file, "<section class=\"difference\" id=\"d%" PRIu64 "\">\n", writing->count);
    write_title(file, difference);
    fputs("<p>", file);
    write_text(file, fz_report_text(difference, "reason", NULL));
    fputs("</p>\n<p class=\"note\">Lines:", file);
    write_links(writing, "there", there);
    write_links(writing, "here", here);
    fputs("</p>\n<div class=\"scroll\"><table><thead><tr><th></th><th>File</th><th class=\"n\">Line</th><th>Source</th><th "
          "class=\"n\">Amount</th>"
          "<th class=\"n\">Fee</th><th class=\"n\">Rate</th><th class=\"n\">Settlement</th></tr></thead>\n<tbody>\n",
          file);
    write_lines(writing, "there", there);
    write_lines(writing, "here", here);
    fputs("</tbody></table></div>\n</section>\n", file);
    return !ferror(file);
}

bool fz_report_html(struct fz_reconciliation *found, const char *path)
{
    struct writing writing = {.file = fopen(path, "we")};
    bool good = writing.file != NULL;
    if (good) {
        write_head(writing.file, found);
        if (fz_reconciliation_count(found) > 0)
            write_kinds(writing.file, found);
        write_totals(writing.file, found);
        (void)fz_report_each(found, write_difference, &writing);
        fputs("</body>\n</html>\n", writing.file);
        good = !ferror(writing.file);
        good = fclose(writing.file) == 0 && good;
    }
    if (!good)
        fprintf(stderr, "fenzhang: %s could not be written: %s.\n", path, strerrordesc_np(errno));
    return good;
}
