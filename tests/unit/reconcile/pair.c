/* Writes hand-made inputs into a folder of its own, and looks what is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/reconcile/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static const char bill_header[] =
    "\xEF\xBB\xBFRefund apply time,Refund success time,Wechat refund number(refund_id),Vendor refund number(out_refund_no),"
    "Wechat order number(transaction_id),Vendor order number(out_transaction_id),Refund amount(refund_fee),Currency "
    "type,Coupon refund amount,"
    "Payer's refund amount,Payer's refund currency type,Rate,Refund source,Refund source type,Refund source amount,Refund "
    "source fee in CNY,"
    "Refund settlement currency type,Refund exchange rate,Refund source settlement amount,Refund source fee in settlement "
    "currency type\r\n";
static const char statement_header[] = "\xEF\xBB\xBFTransaction time,Sub vendor ID,WeChat order No.,WeChat refund "
                                       "No.,Merchant refund No.,Refund status,Priced currency,Settlement currency,"
                                       "Requested refund amount,Refund settlement currency,Refund settlement amount\r\n";

/* ---- files ---- */

int pair_setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    snprintf(pair->folder, sizeof pair->folder, "/tmp/fenzhang-pair-XXXXXX");
    assert_non_null(mkdtemp(pair->folder));
    pair->request.first_day = pair->request.last_day = FZ_NO_DAY;
    pair->request.threads = 2;
    *state = pair;
    return 0;
}

static void forget(struct pair *pair)
{
    json_decref(pair->differences);
    pair->differences = NULL;
    if (pair->has_looked)
        fz_reconciliation_done(&pair->found);
    pair->has_looked = false;
}

static void free_paths(struct fz_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free((char *)(uintptr_t)paths->list[i]);
    free(paths->list);
    *paths = (struct fz_paths){0};
}

int pair_teardown(void **state)
{
    struct pair *pair = *state;
    struct fz_paths *all[] = {&pair->refunds, &pair->shares, &pair->statements, &pair->settlements, &pair->records};
    char command[128];
    forget(pair);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free_paths(all[i]);
    snprintf(command, sizeof command, "rm -rf %s", pair->folder);
    int status = system(command);
    free(pair);
    return status;
}

static void add_path(struct fz_paths *paths, const char *path)
{
    paths->list = reallocarray(paths->list, paths->count + 1, sizeof *paths->list);
    assert_non_null(paths->list);
    paths->list[paths->count++] = strdup(path);
}

void pair_file(struct pair *pair, struct fz_paths *paths, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", pair->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    add_path(paths, path);
}

static const char * or (const char *text, const char *usual)
{
    return text == NULL ? usual : text;
}

void pair_bill(struct pair *pair, const char *name, const struct line *lines, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fputs(bill_header, out);
    for (size_t i = 0; i < count; i++) {
        const struct line *line = &lines[i];
        const char *amount = or (line->amount, "19.52");
        fprintf(out,
                "`%s,`%s,`%s,`%s,`%s,`order, with a "
                "comma,`%s,`%s,`%s,`%s,`CNY,`0.60%%,`%s,`PACKAGE,`%s,`%s,`%s,`%s,`%s,`0.00\r\n",
                or (line->applied, "2026-01-05 09:00:00"), or (line->arrived, "2026-01-05 10:00:00"),
                or (line->refund_id, ""), or (line->out_refund_no, "R1"), or (line->transaction_id, "4200000001"), amount,
                or (line->currency, "CNY"), or (line->coupon, "0.00"), amount, or (line->source, "ORDER_REFUNDABLE_BALANCE"),
                or (line->source_amount, amount), or (line->fee, "-0.12"), or (line->settlement_currency, "USD"),
                or (line->rate, "650000000"), or (line->settlement, "3.00"));
    }
    fputs("Settlement currency type,Total refund count\r\n", out); /* of which nothing is known to add up */
    fclose(out);
    pair_file(pair, &pair->refunds, name, text);
    free(text);
}

void pair_records(struct pair *pair, const char *text)
{
    pair_file(pair, &pair->records, "records.csv", text);
}

void pair_forget_records(struct pair *pair)
{
    free_paths(&pair->records);
}

void pair_statement(struct pair *pair, const char *name, const char *const *lines, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fputs(statement_header, out);
    for (size_t i = 0; i < count; i++) {
        char cells[8][64] = {{0}};
        assert_int_equal(sscanf(lines[i], "%63[^,],%63[^,],%63[^,],%63[^,],%63[^,],%63[^,],%63[^,],%63[^,]", cells[0],
                                cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]),
                         8);
        fprintf(out, "`%s,`%s,`%s,`%s,`%s,`%s,`CNY,`USD,`%s,`USD,`%s\r\n", cells[0], cells[1], cells[2], cells[3], cells[4],
                cells[5], cells[6], cells[7]);
    }
    fputs("Settlement currency,Total service fee\r\n", out);
    fclose(out);
    pair_file(pair, &pair->statements, name, text);
    free(text);
}

/* ---- what is found ---- */

static enum fz_result compare(struct pair *pair)
{
    forget(pair);
    pair->request.refunds = pair->refunds;
    pair->request.shares = pair->shares;
    pair->request.statements = pair->statements;
    pair->request.settlements = pair->settlements;
    pair->request.records = pair->records;
    pair->has_looked = true;
    return fz_reconcile(&pair->request, &pair->found);
}

void pair_look(struct pair *pair)
{
    enum fz_result result = compare(pair);
    if (result != FZ_OK)
        print_error("%s\n", pair->found.trouble.text);
    assert_int_equal(result, FZ_OK);
    pair->differences = json_array();
    struct fz_text text = {.max = 1 << 20};
    for (enum fz_difference_kind kind = 0; kind < FZ_KIND_COUNT; kind++)
        for (uint64_t i = 0; i < pair->found.findings.kinds[kind].count; i++) {
            assert_int_equal(fz_findings_read(&pair->found.findings, kind, i, &text), FZ_OK);
            json_t *difference = json_loadb(text.data, text.size, 0, NULL);
            assert_non_null(difference);
            assert_string_equal(json_string_value(json_object_get(difference, "kind")), fz_kind_word(kind));
            json_array_append_new(pair->differences, difference);
        }
    fz_text_done(&text);
}

void pair_refuses(struct pair *pair, const char *why)
{
    assert_int_equal(compare(pair), FZ_FAILED);
    if (strstr(pair->found.trouble.text, why) == NULL)
        fail_msg("\"%s\" is not in: %s", why, pair->found.trouble.text);
}

static void print_all(const struct pair *pair)
{
    char *text = json_dumps(pair->differences, JSON_INDENT(1));
    print_error("%s\n", text);
    free(text);
}

void pair_has_only(struct pair *pair, const char *kind, const char *out_refund_no, const char *figure,
                   const char *other_figure)
{
    pair_look(pair);
    const json_t *difference = json_array_get(pair->differences, 0);
    if (json_array_size(pair->differences) != 1 || !pair_has(pair, kind, out_refund_no))
        print_all(pair);
    assert_int_equal(json_array_size(pair->differences), 1);
    assert_true(pair_has(pair, kind, out_refund_no));
    const char *reason = json_string_value(json_object_get(difference, "reason"));
    if (strstr(reason, figure) == NULL || strstr(reason, other_figure) == NULL)
        fail_msg("\"%s\" and \"%s\" are not both in: %s", figure, other_figure, reason);
}

void pair_agrees(struct pair *pair)
{
    pair_look(pair);
    if (json_array_size(pair->differences) != 0)
        print_all(pair);
    assert_int_equal(json_array_size(pair->differences), 0);
}

bool pair_has(const struct pair *pair, const char *kind, const char *out_refund_no)
{
    size_t i;
    json_t *one;
    json_array_foreach(pair->differences, i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "kind")), kind) == 0 &&
            strcmp(json_string_value(json_object_get(one, "out_refund_no")), out_refund_no) == 0)
            return true;
    }
    return false;
}
