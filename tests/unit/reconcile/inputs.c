/* What inputs differ in: how bills and records are written, which numbers they have, how many they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "unit/reconcile/pair.h"

#define DAY "refunds-2026-01-05.csv"
/* Sanitizers need address space of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_BARE false
#else
#define IS_BARE true
#endif
#define ROW(number, amount) number ",,,," amount ",CNY,SUCCESS,2026-01-05T10:00:00+08:00,,,,\n"

/* The columns that matter, in another order, without the rest. */
#define SHORT_HEADER                                                                                                        \
    "Vendor refund number(out_refund_no),Currency type,Refund amount(refund_fee),Refund success time,Refund source,Refund " \
    "source amount,Refund source fee in CNY"
#define SUMMARY                                                                                                             \
    "Settlement currency type,Total refund count,Total refund amount,Total coupon refund amount,Total refund source "       \
    "amount,Total refund source fee in CNY,Total refund source settlement amount,Total refund source fee in settlement "    \
    "currency\r\n`USD,`1,`19.52,`0.00,`19.52,`-0.12,`3.00,`0.00\r\n"

/* ---- bills ---- */

static void a_bill_may_lack_accents_and_have_line_feeds_alone(void **state)
{
    struct pair *pair = *state;
    pair_file(pair, &pair->refunds, DAY,
              SHORT_HEADER "\nR1,CNY,19.52,2026-01-05 10:00:00,ORDER_REFUNDABLE_BALANCE,19.52,-0.12\n");
    pair_records(pair, HEADER ROW("R1", "1925"));
    pair_has_only(pair, "amount", "R1", "line 2 of " DAY, "19.25");
}

static void a_value_may_have_commas(void **state)
{
    struct pair *pair = *state;
    pair_file(pair, &pair->refunds, DAY,
              SHORT_HEADER "\r\n`R,1,`CNY,`19.52,`2026-01-05 10:00:00,`S,`19.52,`-0.12\r\n" SUMMARY);
    pair_records(pair, HEADER "\"R,1\",,,,1952,CNY,SUCCESS,2026-01-05T10:00:00+08:00,,,,\n");
    pair_agrees(pair);
    assert_int_equal(pair->found.matched, 1);
}

static void a_summary_may_come_first_or_last(void **state)
{
    struct pair *pair = *state;
    pair_file(pair, &pair->refunds, DAY,
              SUMMARY SHORT_HEADER "\r\n`R1,`CNY,`19.52,`2026-01-05 10:00:00,`S,`19.52,`-0.12\r\n");
    pair_file(pair, &pair->refunds, "refunds-2026-01-06.csv",
              SHORT_HEADER "\r\n`R2,`CNY,`19.52,`2026-01-06 10:00:00,`S,`19.52,`-0.12\r\n" SUMMARY);
    pair_records(pair, HEADER ROW("R1", "1925") "R2,,,,1952,CNY,SUCCESS,2026-01-06T10:00:00+08:00,,,,\n");
    pair_has_only(pair, "amount", "R1", "line 4 of " DAY, "19.25");
    assert_int_equal(pair->found.matched, 2);
}

static void an_empty_bill_covers_the_day_of_its_name(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_file(pair, &pair->refunds, "refunds-2026-01-06.csv", SHORT_HEADER "\r\n");
    pair_records(pair, HEADER ROW("R1", "1952") "R2,,,,900,CNY,SUCCESS,2026-01-06T08:00:00+08:00,,,,\n");
    pair_has_only(pair, "missing_there", "R2", "9.00 CNY", "no bill");
}

static void bills_may_be_gzip(void **state)
{
    struct pair *pair = *state;
    char path[256];
    pair_bill(pair, DAY, LINES({0}));
    snprintf(path, sizeof path, "%s", pair->refunds.list[0]);
    gzFile zip = gzopen(path, "wb");
    assert_non_null(zip);
    assert_true(gzputs(zip, SHORT_HEADER "\r\n`R1,`CNY,`19.52,`2026-01-05 10:00:00,`S,`19.52,`-0.12\r\n" SUMMARY) > 0);
    gzclose(zip);
    pair_records(pair, HEADER ROW("R1", "1925"));
    pair_has_only(pair, "amount", "R1", "19.52 CNY (line 2", "19.25");
}

static void a_damaged_line_is_told_and_nothing_else(void **state)
{
    struct pair *pair = *state;
    pair_file(pair, &pair->refunds, DAY,
              SHORT_HEADER "\r\n`R1,`CNY,`19.52x,`2026-01-05 10:00:00,`S,`19.52,`-0.12\r\n" SUMMARY);
    pair_records(pair, HEADER ROW("R1", "1952"));
    pair_refuses(pair, "line 2, cell 3: \"19.52x\" is no amount of its currency");
}

#define SUMMED_HEADER SHORT_HEADER ",Refund settlement currency type\r\n"
#define FIRST         "`R1,`CNY,`19.52,`2026-01-05 10:00:00,`S,`19.52,`-0.12,`USD\r\n"
#define SECOND        "`R2,`CNY,`10.00,`2026-01-05 10:00:00,`S,`10.00,`-0.06,`USD\r\n"
#define TWO           "Settlement currency type,Total refund source amount\r\n`USD,`29.52\r\n"

static void bill_is(struct pair *pair, const char *text)
{
    if (pair->refunds.count == 0)
        pair_file(pair, &pair->refunds, DAY, text);
    FILE *file = fopen(pair->refunds.list[0], "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_bill_that_is_cut_at_a_line_s_end_is_told(void **state)
{
    struct pair *pair = *state;
    pair_records(pair, HEADER ROW("R1", "1952") ROW("R2", "1000"));
    bill_is(pair, SUMMED_HEADER FIRST SECOND TWO);
    pair_agrees(pair);
    bill_is(pair, TWO SUMMED_HEADER FIRST SECOND);
    pair_agrees(pair);
    bill_is(pair, TWO SUMMED_HEADER FIRST); /* the summary first */
    pair_refuses(pair, DAY " is cut or changed: by its summary, Total refund source amount of what is settled in USD is "
                           "2952 of the smallest unit, and its lines add up to 1952");
    bill_is(pair, SUMMED_HEADER SECOND TWO); /* a line is lost in the middle */
    pair_refuses(pair, "add up to 1000");
    bill_is(pair, SUMMED_HEADER FIRST); /* the summary last */
    pair_refuses(pair, DAY " is cut: it has no summary");
    bill_is(pair, "\xEF\xBB\xBF" SUMMED_HEADER);
    pair_refuses(pair, DAY " is cut: it has no summary");
    bill_is(pair, SUMMED_HEADER FIRST SECOND "Settlement currency type,Total refund source amount\r\n");
    pair_refuses(pair, "is 0 of the smallest unit, and its lines add up to 2952");
}

/* No document has the columns of the service's own summary. */
static void a_summary_whose_columns_are_not_known_is_passed_over(void **state)
{
    struct pair *pair = *state;
    pair_records(pair, HEADER ROW("R1", "1952") ROW("R2", "1000"));
    bill_is(pair, SUMMED_HEADER FIRST SECOND "Total,Of what,In what\r\n`7,`1.00,`USD\r\n");
    pair_agrees(pair);
    bill_is(pair, "Total,Of what,In what\r\n`7,`1.00,`USD\r\n" SUMMED_HEADER FIRST SECOND);
    pair_agrees(pair);
    assert_int_equal(pair->found.matched, 2);
}

/* What a spreadsheet, or `fenzhang bill --format csv`, made of it. */
static void a_bill_without_accents_may_have_no_summary(void **state)
{
    struct pair *pair = *state;
    pair_records(pair, HEADER ROW("R1", "1952"));
    bill_is(pair, SHORT_HEADER "\nR1,CNY,19.52,2026-01-05 10:00:00,S,19.52,-0.12\n");
    pair_agrees(pair);
}

static void a_nul_ends_no_value(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, HEADER);
    FILE *file = fopen(pair->records.list[0], "a");
    assert_non_null(file);
    assert_int_equal(fwrite("R1\0x,,,,1952\n", 1, 14, file), 14);
    fclose(file);
    pair_refuses(pair, "\"R1\" has a zero byte in it");
}

static void a_statement_is_no_refund_bill(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,SUCCESS,19.52,3.00"};
    pair_statement(pair, "statement.csv", lines, 1);
    pair->refunds = pair->statements;
    pair->statements = (struct fz_paths){0};
    pair_records(pair, HEADER ROW("R1", "1952"));
    pair_refuses(pair, "give it with --statement");
}

static void a_file_that_is_not_there(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, HEADER ROW("R1", "1952"));
    remove(pair->refunds.list[0]);
    pair_refuses(pair, "could not be opened: No such file");
}

/* ---- records ---- */

static void records_may_have_quotes_with_line_ends_in_them(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}));
    pair_records(pair, "note,out_refund_no,amount\r\n\"two\r\nlines, \"\"quoted\"\"\",R1,1952\r\nplain,R2,1950\r\n");
    pair_has_only(pair, "amount", "R2", "line 4 of records.csv", "19.50");
}

static void columns_of_records_may_be_missing(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, "amount,out_refund_no\n1952,R1\n");
    pair_agrees(pair);
}

static void columns_are_told_by_usual_names(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, "Refund No,Refund amount,State\nR1,1952,SUCCESS\n");
    pair_agrees(pair);
    assert_non_null(strstr(pair->found.mapping.text.data, "out_refund_no = Refund No\n"));
    assert_false(pair->found.mapping.is_ours);
}

static void a_map_says_which_column_is_what(void **state)
{
    struct pair *pair = *state;
    char map[128];
    struct fz_paths maps = {0};
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, "a,b,c,id\nR1,19.52,done,7\n");
    pair_file(
        pair, &maps, "map.ini",
        "[columns]\nout_refund_no = a\namount = b\nstatus = c\n[values]\namounts = decimal\n[status]\ndone = SUCCESS\n");
    snprintf(map, sizeof map, "%s", maps.list[0]);
    pair->request.map = map;
    pair_agrees(pair);
    pair_file(pair, &maps, "map.ini",
              "{\"columns\": {\"out_refund_no\": \"a\", \"amount\": \"b\"}, \"values\": {\"amounts\": \"decimal\"}}");
    pair_agrees(pair);
    pair_file(pair, &maps, "map.ini", "[columns]\nrefund_number = a\n");
    pair_refuses(pair, "refund_number is nothing that records have");
    pair_file(pair, &maps, "map.ini", "out_refund_no = a\namount = b ; in yuan\n[values]\namounts = decimal\n");
    pair_agrees(pair);
    pair_file(pair, &maps, "map.ini", "[columns]\namount = b\n  fee = c\n");
    pair_refuses(pair, "amount is there twice; a line that begins with a blank goes on with the one before it");
    pair_file(pair, &maps, "map.ini", "[columns]\namount = b\nmore of it\n");
    pair_refuses(pair, "line 3 is neither [SECTION] nor name = value");
    pair_file(pair, &maps, "map.ini", "{\"columns\": {\"amount\": \"b\"}");
    pair_refuses(pair, "map.ini is no JSON: line 1");
    for (size_t i = 0; i < maps.count; i++)
        free((char *)(uintptr_t)maps.list[i]);
    free(maps.list);
}

static void decimals_without_a_map_are_refused(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}));
    pair_records(pair, "out_refund_no,amount\nR1,19.52\n");
    pair_refuses(pair, "\"19.52\" is no whole number of the smallest unit");
    pair_forget_records(pair);
    pair_records(pair, "out_refund_no,amount\nR1,20.00\n"); /* not 20 fen */
    pair_refuses(pair, "\"20.00\" is no whole number of the smallest unit");
    pair_forget_records(pair);
    pair_records(pair, "out_refund_no,amount\nR1,1952.0\n"); /* as databases write a whole number */
    pair_agrees(pair);
}

static void records_of_the_platform_s_number_alone(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}, {.refund_id = "50002", .out_refund_no = "R2"}));
    pair_records(pair, "refund_id,amount\n50001,1952\n50002,1950\n");
    pair_has_only(pair, "amount", "R2", "19.52", "19.50");
}

static void some_records_have_the_one_number_and_some_the_other(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY,
              LINES({.refund_id = "50001"}, {.refund_id = "50002", .out_refund_no = "R2"},
                    {.refund_id = "50003", .out_refund_no = "R3"}));
    pair_records(pair, "refund_id,out_refund_no,amount\n50001,,1952\n,R2,1952\n50003,OTHER,1950\n");
    pair_has_only(pair, "amount", "R3", "19.52", "19.50");
    assert_int_equal(pair->found.matched, 3);
}

static void one_number_of_two_merchants_is_two_refunds(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}, {.refund_id = "50002", .amount = "7.00", .settlement = "1.08"}));
    pair_records(pair, "refund_id,out_refund_no,amount\n50002,R1,700\n50001,R1,1952\n");
    pair_agrees(pair);
    assert_int_equal(pair->found.matched, 2);
}

static void records_may_be_json(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY,
              LINES({.refund_id = "50001"}, {.refund_id = "50002", .out_refund_no = "R2"},
                    {.refund_id = "50003", .out_refund_no = "R3"}));
    pair_records(pair, "[{\"id\":\"50001\",\"out_refund_no\":\"R1\",\"amount\":{\"refund\":1952,\"currency\":\"CNY\"},"
                       "\"status\":\"SUCCESS\"}]\n"
                       "{\"sub_mchid\":\"1900000109\",\"data\":[{\"id\":\"50002\",\"out_refund_no\":\"R2\",\"amount\":{"
                       "\"refund\":1950,\"currency\":\"CNY\"}}]}\n"
                       "{\"out_refund_no\":\"R3\",\"amount\":1952}\n");
    pair_has_only(pair, "amount", "R2", "19.52", "line 2 of records.csv");
    assert_int_equal(pair->found.records, 3);
}

static void records_may_be_a_query_of_sqlite(void **state)
{
    struct pair *pair = *state;
    char path[256], name[400];
    sqlite3 *database;
    snprintf(path, sizeof path, "%s/shop.db", pair->folder);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database,
                     "CREATE TABLE refund (number TEXT, fen INTEGER); INSERT INTO refund VALUES ('R1', 1952), ('R2', 1950)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(database);
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}));
    pair_records(pair, "");
    free((char *)(uintptr_t)pair->records.list[0]);
    snprintf(name, sizeof name, "sqlite:%s?SELECT number AS out_refund_no, fen AS amount FROM refund", path);
    pair->records.list[0] = strdup(name);
    pair_has_only(pair, "amount", "R2", "19.52", "19.50");
    free((char *)(uintptr_t)pair->records.list[0]);
    snprintf(name, sizeof name, "sqlite:%s", path);
    pair->records.list[0] = strdup(name);
    pair_refuses(pair, "a query is missing");
    pair->request.query = "SELECT missing FROM refund";
    pair_refuses(pair, "no such column: missing");
}

/* ---- bills against each other ---- */

static void bills_alone_agree(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,PROCESSING,19.52,3.00"};
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}));
    pair_statement(pair, "statement-2026-01-05.csv", lines, 1);
    pair_agrees(pair);
    assert_string_equal(pair->found.totals.list[0].sub_mchid, "1900000109");
}

static void a_refund_bill_and_a_statement_that_differ(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,SUCCESS,19.25,3.00"};
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}));
    pair_statement(pair, "statement-2026-01-05.csv", lines, 1);
    pair_has_only(pair, "amount", "R1", "the refund bill says 19.52 CNY", "the statement 19.25 CNY");
}

static void a_refund_that_its_day_s_statement_lacks(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50002,R2,SUCCESS,19.52,3.00"};
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}, {.refund_id = "50002", .out_refund_no = "R2"}));
    pair_statement(pair, "statement-2026-01-05.csv", lines, 1);
    pair_has_only(pair, "missing_there", "R1", "accepted on 2026-01-05", "does not have it");
}

/* Only a marked order's refund has to be on a refund bill, and one out of the recharged balance has not. */
static void a_refund_on_the_statement_alone(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,SUCCESS,19.52,3.00",
                           "2026-01-05 09:00:00,1900000109,4200000001,50002,R2,SUCCESS,5.00,0.77",
                           "2026-01-05 09:00:00,1900000109,4200000002,50003,R3,SUCCESS,6.00,0.92"};
    pair_bill(pair, DAY, LINES({.refund_id = "50001"}));
    pair_statement(pair, "statement-2026-01-05.csv", lines, 3);
    pair_records(pair, "out_refund_no,amount,success_time,fund_source\nR1,1952,2026-01-05T10:00:00+08:00,\nR3,600,2026-01-"
                       "05T10:00:00+08:00,\n"
                       "R2,500,2026-01-05T10:00:00+08:00,REFUND_SOURCE_UNSETTLED_FUNDS\n");
    pair_has_only(pair, "missing_there", "R2", "its order is marked (line 2 of " DAY ")", "5.00 CNY");
    pair_forget_records(pair);
    pair_records(pair, "out_refund_no,amount,success_time,fund_source\nR1,1952,2026-01-05T10:00:00+08:00,\nR3,600,2026-01-"
                       "05T10:00:00+08:00,\n"
                       "R2,500,2026-01-05T10:00:00+08:00,REFUND_SOURCE_RECHARGE_FUNDS\n");
    pair_agrees(pair);
}

/* By acceptance: what arrived when is nothing to a statement. */
static void a_statement_alone_against_records(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,PROCESSING,19.52,3.00"};
    pair_statement(pair, "statement-2026-01-05.csv", lines, 1);
    pair_records(pair, "out_refund_no,amount,currency,success_time,create_time\n"
                       "R1,1952,CNY,2026-01-07T10:00:00+08:00,2026-01-05T09:00:00+08:00\n"
                       "R2,500,CNY,2026-01-07T10:00:00+08:00,2026-01-05T09:30:00+08:00\n"
                       "R3,600,CNY,2026-01-07T10:00:00+08:00,2026-01-06T09:30:00+08:00\n");
    pair_has_only(pair, "missing_there", "R2", "5.00 CNY accepted on 2026-01-05", "line 3 of records.csv");
    assert_int_equal(pair->found.before, 1);
}

/* ---- many ---- */

/* `count` refunds, of which each thousandth differs by a fen; `step` other than 1: in no order. */
static void write_many(struct pair *pair, size_t count, size_t step)
{
    struct line *lines = calloc(count, sizeof *lines);
    char(*numbers)[2][16] = calloc(count, sizeof *numbers), *text = NULL;
    size_t size;
    FILE *records = open_memstream(&text, &size);
    assert_true(lines != NULL && numbers != NULL && records != NULL);
    fputs(HEADER, records);
    for (size_t i = 0; i < count; i++) {
        size_t number = i * step % count;
        snprintf(numbers[i][0], 16, "5%010zu", number);
        snprintf(numbers[i][1], 16, "R%010zu", number);
        lines[i] = (struct line){.refund_id = numbers[i][0], .out_refund_no = numbers[i][1]};
        fprintf(records, "R%010zu,5%010zu,,,%d,CNY,SUCCESS,2026-01-05T10:00:00+08:00,,,,\n", i, i,
                i % 1000 == 0 ? 1951 : 1952);
    }
    fclose(records);
    pair_bill(pair, DAY, lines, count);
    pair_records(pair, text);
    free(text);
    free(lines);
    free(numbers);
}

static void look_at_many(struct pair *pair, size_t count)
{
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), count / 1000);
    assert_int_equal(pair->found.matched, count);
    const json_t *first = json_array_get(pair->differences, 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(first, "here"), "line")), 2);
}

static void sorted_and_unsorted_inputs_give_the_same(void **state)
{
    struct pair *pair = *state;
    write_many(pair, 20000, 1);
    pair->request.window_bytes = 64 << 10;
    look_at_many(pair, 20000);
    assert_true(pair->found.windows > 10);
}

static void inputs_in_no_order(void **state)
{
    struct pair *pair = *state;
    write_many(pair, 20000, 7919);
    pair->request.window_bytes = 64 << 10;
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), 20);
    assert_int_equal(pair->found.matched, 20000);
    assert_int_equal(pair->found.windows, 0);
}

/* Where pieces begin there is nothing to see of it: it shows when windows are being read. */
static void an_order_that_breaks_within_is_noticed(void **state)
{
    struct pair *pair = *state;
    write_many(pair, 20000, 1);
    FILE *file = fopen(pair->records.list[0], "r+");
    char line[256] = "";
    assert_non_null(file);
    for (size_t i = 0; i < 9003; i++)
        assert_non_null(fgets(line, sizeof line, file));
    fseek(file, -(long)strlen(line), SEEK_CUR);
    fputs("R0000000005,50000000005", file);
    fclose(file);
    pair->request.window_bytes = 64 << 10;
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), 22);
    assert_true(pair_has(pair, "duplicate_here", "R0000000005") && pair_has(pair, "missing_here", "R0000009001"));
    assert_int_equal(pair->found.windows, 0);
}

static void an_order_that_breaks_at_the_end_is_noticed(void **state)
{
    struct pair *pair = *state;
    write_many(pair, 20000, 1);
    FILE *file = fopen(pair->records.list[0], "a");
    assert_non_null(file);
    fputs("R0000000005,50000000005,,,1952,CNY,SUCCESS,2026-01-05T10:00:00+08:00,,,,\n", file);
    fclose(file);
    pair->request.window_bytes = 64 << 10;
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), 21);
    assert_true(pair_has(pair, "duplicate_here", "R0000000005"));
    assert_int_equal(pair->found.windows, 0);
}

/* 300 000 refunds in no order, where all that the process may have is not three times the files. */
static void many_in_little_memory(void **state)
{
    struct pair *pair = *state;
    struct rlimit limit, less;
    write_many(pair, 300000, 7919);
    getrlimit(RLIMIT_AS, &limit);
    less = (struct rlimit){.rlim_cur = (rlim_t)320 << 20, .rlim_max = limit.rlim_max};
    if (IS_BARE)
        setrlimit(RLIMIT_AS, &less);
    pair_look(pair);
    setrlimit(RLIMIT_AS, &limit);
    assert_int_equal(json_array_size(pair->differences), 300);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
    const struct CMUnitTest tests[] = {
        T(a_bill_may_lack_accents_and_have_line_feeds_alone),
        T(a_value_may_have_commas),
        T(a_summary_may_come_first_or_last),
        T(an_empty_bill_covers_the_day_of_its_name),
        T(bills_may_be_gzip),
        T(a_damaged_line_is_told_and_nothing_else),
        T(a_bill_that_is_cut_at_a_line_s_end_is_told),
        T(a_summary_whose_columns_are_not_known_is_passed_over),
        T(a_bill_without_accents_may_have_no_summary),
        T(a_nul_ends_no_value),
        T(a_statement_is_no_refund_bill),
        T(a_file_that_is_not_there),
        T(records_may_have_quotes_with_line_ends_in_them),
        T(columns_of_records_may_be_missing),
        T(columns_are_told_by_usual_names),
        T(a_map_says_which_column_is_what),
        T(decimals_without_a_map_are_refused),
        T(records_of_the_platform_s_number_alone),
        T(some_records_have_the_one_number_and_some_the_other),
        T(one_number_of_two_merchants_is_two_refunds),
        T(records_may_be_json),
        T(records_may_be_a_query_of_sqlite),
        T(bills_alone_agree),
        T(a_refund_bill_and_a_statement_that_differ),
        T(a_refund_that_its_day_s_statement_lacks),
        T(a_refund_on_the_statement_alone),
        T(a_statement_alone_against_records),
        T(sorted_and_unsorted_inputs_give_the_same),
        T(inputs_in_no_order),
        T(an_order_that_breaks_within_is_noticed),
        T(an_order_that_breaks_at_the_end_is_noticed),
        T(many_in_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
