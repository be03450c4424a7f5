/* Lines of bill files: what the server writes is read back, what real files have differently is taken, and
 * what is broken is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "spec/bill/lines.h"
#include "spec/bill/pick.h"
#include "spec/bill/read.h"
#include "spec/server/bill_line.h"

#define MARK "\xEF\xBB\xBF"

/* ---- there and back ---- */

static const struct fz_bill *const bills[] = {&fz_refund_bill, &fz_distribution_bill, &fz_trade_bill};

static enum fz_result keep(void *argument, const void *data, size_t size)
{
    fz_text_add(argument, data, size);
    return FZ_OK;
}

/* The text of a block with one line; the caller frees it. */
static char *written(const struct fz_bill_block *block, const void *line)
{
    struct fz_text text = {.max = 1 << 20};
    struct fz_bill_writer writer;
    assert_int_equal(fz_bill_begin(&writer, keep, &text), FZ_OK);
    fz_bill_heading_write(&writer, block);
    fz_bill_line_write(&writer, block, line);
    assert_int_equal(fz_bill_end(&writer), FZ_OK);
    return text.data;
}

static bool names_a_currency(const struct fz_bill_block *block, const struct fz_column *text)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++)
        if (column->currency == 1 + text->offset)
            return true;
    return false;
}

/* Values that are easily lost: commas, quotes, accents at the edges, other decimals, the ends of ranges. */
static const char *const odd_texts[] = {"a,b", "\"", "`", "a\"\"b",           NULL,
                                        "ends in `", ",",  " ", "\xE5\x85\x83"};
static const char *const codes[] = {"USD", "JPY", "CNY", "VND"};
static const int64_t odd_numbers[] = {0, 1, -1, 99, -100, 1230, INT64_C(92233720368547758)};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void fill(const struct fz_bill_block *block, size_t round, void *line)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++, round++) {
        void *slot = fz_cell_slot(column, line);
        if (column->kind == FZ_CELL_TEXT)
            *(const char **)slot = names_a_currency(block, column) ? codes[round % COUNT(codes)]
                                                                   : odd_texts[round % COUNT(odd_texts)];
        else if (column->kind == FZ_CELL_TIME)
            ((struct fz_timestamp *)slot)->ms = INT64_C(1767578400000) + (int64_t)round * 1000;
        else
            *(int64_t *)slot = odd_numbers[round % COUNT(odd_numbers)];
    }
}

static void assert_same_text(const char *column, const char *a, const char *b)
{
    if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0))
        fail_msg("%s: %s, read %s", column, a == NULL ? "none" : a, b == NULL ? "none" : b);
}

static void assert_same(const struct fz_bill_block *block, const void *one, const void *other)
{
    for (const struct fz_column *column = block->columns; column->name != NULL; column++) {
        const void *a = fz_cell_slot(column, one), *b = fz_cell_slot(column, other);
        if (column->kind == FZ_CELL_TEXT)
            assert_same_text(column->name, *(const char *const *)a, *(const char *const *)b);
        else if (column->kind == FZ_CELL_TIME)
            assert_int_equal(((const struct fz_timestamp *)a)->ms, ((const struct fz_timestamp *)b)->ms);
        else if (*(const int64_t *)a != *(const int64_t *)b)
            fail_msg("%s: %lld, read %lld", column->name, (long long)*(const int64_t *)a,
                     (long long)*(const int64_t *)b);
    }
}

/* The columns of numbers, a few at a time, are picked as they are read: what stands in the cells between makes no difference. */
static void assert_same_picked(const struct fz_bill_heading *heading, const char *text, const void *line)
{
    const struct fz_bill_block *block = heading->block;
    void *picked = malloc(block->size);
    assert_non_null(picked);
    for (const struct fz_column *column = block->columns; column->name != NULL; column++) {
        struct fz_bill_pick pick;
        if (column->kind < FZ_CELL_AMOUNT)
            continue;
        memset(picked, 0x55, block->size);
        assert_true(fz_bill_pick_begin(&pick, heading, &column->offset, 1));
        assert_true(fz_bill_pick_line(&pick, text, strcspn(text, "\r"), picked));
        assert_int_equal(*(int64_t *)fz_cell_slot(column, picked), *(int64_t *)fz_cell_slot(column, line));
        if (column->currency != 0)
            assert_same_text(column->name, *fz_cell_currency(column, line), *fz_cell_currency(column, picked));
    }
    free(picked);
}

static void there_and_back(const struct fz_bill_block *block, size_t round)
{
    void *line = calloc(1, block->size), *again = malloc(block->size);
    assert_non_null(line);
    assert_non_null(again);
    fill(block, round, line);
    char *text = written(block, line), *data = strstr(text, "\r\n") + 2;
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    assert_int_equal(fz_bill_heading_read(block, text, 1, &heading, &fault), FZ_OK);
    assert_same_picked(&heading, data, line);
    if (fz_bill_line_read(&heading, data, 2, again, NULL, &fault) != FZ_OK)
        fail_msg("%s %s: %s", fault.column, fault.issue, fault.value);
    assert_same(block, line, again);
    free(text);
    free(line);
    free(again);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bills); i++)
        for (size_t round = 0; round < COUNT(odd_texts) * COUNT(codes) * COUNT(odd_numbers); round++) {
            there_and_back(&bills[i]->details, round);
            there_and_back(&bills[i]->summary, round);
        }
}

/* What is not written as the service writes it, or says nothing of its kind, is left to who can say what is wrong. */
static void what_is_unusual_is_not_picked(void **state)
{
    (void)state;
    static const char *const lines[] = {"1.00,CNY,2",    "`1.00,`CNY",        "`1.00,`CNY,`2,`3", "`1.00,`XYZ,`2",
                                        "`one,`CNY,`2", "`1.00,`CNY,`2\n`3", "`1.00,`,`2",       "`1.001,`CNY,`2", ""};
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    struct fz_bill_pick pick;
    struct fz_refund_bill_line line;
    size_t offset = offsetof(struct fz_refund_bill_line, refund);
    assert_int_equal(fz_bill_heading_read(&fz_refund_bill.details, "Refund amount(refund_fee),Currency type,Rate", 1, &heading, &fault), FZ_OK);
    assert_true(fz_bill_pick_begin(&pick, &heading, &offset, 1));
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_false(fz_bill_pick_line(&pick, lines[i], strlen(lines[i]), &line));
    assert_true(fz_bill_pick_line(&pick, "`1.00,`CNY,`?", strlen("`1.00,`CNY,`?"), &line)); /* nobody asked for the last */
    assert_int_equal(line.refund, 100);
    assert_true(fz_bill_pick_line(&pick, "`1,`JPY,`", strlen("`1,`JPY,`"), &line));
    assert_int_equal(line.refund, 1);
    assert_string_equal(line.currency, "JPY");
}

/* ---- by hand ---- */

#define SUMMARY                                                                                              \
    "Settlement currency type,Total refund count,Total refund amount,Total coupon refund amount,"            \
    "Total refund source amount,Total refund source fee in CNY,Total refund source settlement amount,"       \
    "Total refund source fee in settlement currency"

struct lines {
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    char text[1024]; /* of the line that was read last */
};

static void head(struct lines *lines, const struct fz_bill_block *block, const char *header)
{
    assert_int_equal(fz_bill_heading_read(block, header, 1, &lines->heading, &lines->fault), FZ_OK);
}

static enum fz_result take(struct lines *lines, const char *line, void *out)
{
    assert_true(fz_copy(lines->text, sizeof lines->text, line));
    return fz_bill_line_read(&lines->heading, lines->text, 7, out, NULL, &lines->fault);
}

/* Numbers as a real file has them: counts as 45.0, amounts as 0.00, 0.0 and 0. 12 yen are 12.00. */
static void numbers_in_all_their_forms(void **state)
{
    (void)state;
    struct lines lines;
    struct fz_refund_bill_summary line;
    head(&lines, &fz_refund_bill.summary, MARK SUMMARY "\r\n");
    assert_int_equal(take(&lines, "`JPY,`45.0,`60.1,`0.0,`60,`-0.36,`12.00,`-0.00\r\n", &line), FZ_OK);
    assert_string_equal(line.settlement_currency, "JPY");
    assert_int_equal(line.refund_count, 45);
    assert_int_equal(line.refund, 6010);
    assert_int_equal(line.coupon_refund, 0);
    assert_int_equal(line.source_amount, 6000);
    assert_int_equal(line.source_fee, -36);
    assert_int_equal(line.settlement, 12);
    assert_int_equal(line.settlement_fee, 0);
}

/* The whole of a refund line: S-RBILL's columns with the values of docs/book.md. */
static void a_refund(void **state)
{
    (void)state;
    struct lines lines;
    struct fz_refund_bill_line line;
    head(&lines, &fz_refund_bill.details,
         "Refund apply time,Refund success time,Wechat refund number(refund_id),"
         "Vendor refund number(out_refund_no),Wechat order number(transaction_id),"
         "Vendor order number(out_transaction_id),Refund amount(refund_fee),Currency type,"
         "Coupon refund amount,Payer's refund amount,Payer's refund currency type,Rate,Refund source,"
         "Refund source type,Refund source amount,Refund source fee in CNY,Refund settlement currency type,"
         "Refund exchange rate,Refund source settlement amount,"
         "Refund source fee in settlement currency type");
    assert_int_equal(take(&lines,
                          "`2026-01-05 10:11:00,`2026-01-05 10:31:00,`50300,`R|1,`42000,`T00001,`60.00,`CNY,"
                          "`0.00,`60.00,`CNY,`0.60%,`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`49.70,`-0.30,`USD,"
                          "`650000000,`7.65,`-0.05",
                          &line),
                     FZ_OK);
    assert_string_equal(line.apply_time.text, "2026-01-05 10:11:00");
    assert_int_equal(line.apply_time.ms, INT64_C(1767579060000)); /* 10:00 is …8400, and 660 s */
    assert_int_equal(line.success_time.ms, INT64_C(1767580260000));
    assert_string_equal(line.out_refund_no, "R|1");
    assert_int_equal(line.refund, 6000);
    assert_int_equal(line.fee_rate, 60);
    assert_int_equal(line.source_fee, -30);
    assert_int_equal(line.exchange_rate, 650000000);
    assert_int_equal(line.settlement, 765);
    assert_int_equal(line.settlement_fee, -5);
}

/* Columns that are new, missing, and in another order; an amount before its currency. */
static void columns_by_name(void **state)
{
    (void)state;
    struct lines lines;
    struct fz_distribution_bill_summary line;
    head(&lines, &fz_distribution_bill.summary,
         "New,Total settlement amount,settlement_currency,Total count");
    assert_int_equal(take(&lines, "`what,`7.69,`USD,`1", &line), FZ_OK);
    assert_int_equal(line.settlement_amount, 769);
    assert_string_equal(line.settlement_currency, "USD");
    assert_int_equal(line.count, 1);
    assert_int_equal(line.amount, 0);
}

/* The same line in four spellings. A comma needs the accents or the quotes. */
static void accents_and_quotes(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        MARK "`a, \"b\",`1.00,`CNY,`",
        "\"a, \"\"b\"\"\",\"1.00\",\"CNY\",\"\"\r\n",
        "\"`a, \"\"b\"\"\",\"`1.00\",\"`CNY\",\"`\"\n",
        "\"a, \"\"b\"\"\",1.00,CNY,",
    };
    struct lines lines;
    struct fz_distribution_bill_line line;
    head(&lines, &fz_distribution_bill.details, MARK "\"description\",\"amount\",\"currency\",\"status\"\n");
    for (size_t i = 0; i < COUNT(spellings); i++) {
        assert_int_equal(take(&lines, spellings[i], &line), FZ_OK);
        assert_string_equal(line.description, "a, \"b\"");
        assert_int_equal(line.amount, 100);
        assert_string_equal(line.currency, "CNY");
        assert_null(line.status);
    }
}

/* Which block a line begins. */
static void header_lines_are_told_from_others(void **state)
{
    (void)state;
    static const struct fz_trade_bill_line nothing; /* large enough for all */
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    for (size_t i = 0; i < COUNT(bills); i++) {
        assert_true(bills[i]->details.size <= sizeof nothing);
        char *details = written(&bills[i]->details, &nothing);
        assert_int_equal(fz_bill_heading_read(&bills[i]->details, details, 1, &heading, &fault), FZ_OK);
        assert_int_equal(fz_bill_heading_read(&bills[i]->summary, details, 1, &heading, &fault), FZ_ABSENT);
        const char *data = strstr(details, "\r\n") + 2;
        assert_int_equal(fz_bill_heading_read(&bills[i]->details, data, 2, &heading, &fault), FZ_ABSENT);
        free(details);
    }
    assert_int_equal(fz_bill_heading_read(&fz_refund_bill.details, SUMMARY, 1, &heading, &fault), FZ_ABSENT);
    assert_int_equal(fz_bill_heading_read(&fz_refund_bill.details, "", 1, &heading, &fault), FZ_ABSENT);
    assert_int_equal(fz_bill_heading_read(&fz_refund_bill.summary, "Total refund count,Total refund count", 3,
                                          &heading, &fault),
                     FZ_MALFORMED);
    assert_int_equal(fault.line, 3);
    assert_int_equal(fault.cell, 2);
    assert_string_equal(fault.issue, "is there twice");
}

/* ---- broken ---- */

static const struct {
    const char *line;
    size_t cell;
    const char *column, *value, *issue;
} broken[] = {
    {"`USD,`1", 3, "amount", "", "is missing"},
    {"", 2, "Total count", "", "is missing"},
    {"`USD,`1,`1.00,`1.00,`x", 5, NULL, "x", "is one more than the header line has"},
    {"`USD,`1.5,`1.00,`1.00", 2, "Total count", "1.5", "is no whole number"},
    {"`USD,`1,`1.005,`1.00", 3, "amount", "1.005", "is no amount of its currency"},
    {"`USD,`1,`1.,`1.00", 3, "amount", "1.", "is no amount of its currency"},
    {"`USD,`1,`.5,`1.00", 3, "amount", ".5", "is no amount of its currency"},
    {"`USD,`1,`-,`1.00", 3, "amount", "-", "is no amount of its currency"},
    {"`USD,`1,`+1.00,`1.00", 3, "amount", "+1.00", "is no amount of its currency"},
    {"`USD,`1,`1e2,`1.00", 3, "amount", "1e2", "is no amount of its currency"},
    {"`USD,`1,`1.00 ,`1.00", 3, "amount", "1.00 ", "is no amount of its currency"},
    {"`USD,`1,`92233720368547758.08,`1.00", 3, "amount", "92233720368547758.08",
     "is no amount of its currency"},
    {"`JPY,`1,`1.00,`1.50", 4, "Total settlement amount", "1.50", "is no amount of its currency"},
    {"`,`1,`1.00,`1.50", 4, "Total settlement amount", "1.50", "is in no currency that is known"},
    {"`XXX,`1,`1.00,`1.00", 4, "Total settlement amount", "1.00", "is in no currency that is known"},
    {"\"USD\",\"1,1.00,1.00", 2, "Total count", "", "has no closing quote with a comma behind it"},
    {"\"USD\"x,1,1.00,1.00", 1, "settlement_currency", "", "has no closing quote with a comma behind it"},
};

static void broken_lines_are_refused_with_their_place(void **state)
{
    (void)state;
    struct lines lines;
    struct fz_distribution_bill_summary line;
    head(&lines, &fz_distribution_bill.summary,
         "settlement_currency,Total count,Total amount,Total settlement amount");
    for (size_t i = 0; i < COUNT(broken); i++) {
        if (take(&lines, broken[i].line, &line) != FZ_MALFORMED)
            fail_msg("%s was taken", broken[i].line);
        const char *column = broken[i].column;
        assert_int_equal(lines.fault.line, 7);
        assert_int_equal(lines.fault.cell, broken[i].cell);
        assert_same_text("column", column != NULL && strcmp(column, "amount") == 0 ? "Total amount" : column,
                         lines.fault.column);
        assert_string_equal(lines.fault.value, broken[i].value);
        assert_string_equal(lines.fault.issue, broken[i].issue);
    }
    assert_int_equal(take(&lines, "`,`0,`0,`0.00", &line), FZ_OK); /* nothing is nothing in every currency */
}

static void times_and_rates(void **state)
{
    (void)state;
    static const char *const times[] = {"2026-02-30 10:00:00", "2026-01-05T10:00:00", "2026-01-05 10:00",
                                        "2026-01-05 10:00:00+08:00", "2026-01-05 25:00:00"};
    static const char *const rates[] = {"0.60", "0.605%", "%", "a%"};
    struct lines lines;
    struct fz_trade_bill_line line;
    char text[64];
    head(&lines, &fz_trade_bill.details, "Transaction time,Rate");
    for (size_t i = 0; i < COUNT(times); i++) {
        snprintf(text, sizeof text, "`%s,`0.60%%", times[i]);
        assert_int_equal(take(&lines, text, &line), FZ_MALFORMED);
        assert_string_equal(lines.fault.issue, "is no time");
    }
    for (size_t i = 0; i < COUNT(rates); i++) {
        snprintf(text, sizeof text, "`2026-01-05 10:00:00,`%s", rates[i]);
        assert_int_equal(take(&lines, text, &line), FZ_MALFORMED);
        assert_string_equal(lines.fault.issue, "is no percentage");
    }
    assert_int_equal(take(&lines, "`,`39.00%", &line), FZ_OK);
    assert_int_equal(line.fee_rate, 3900);
    assert_int_equal(line.time.ms, 0);
    assert_null(line.time.text);
}

/* More cells than a line may have. */
static void a_line_without_end(void **state)
{
    (void)state;
    char header[4 * FZ_BILL_CELLS_MAX] = "Rate";
    struct fz_bill_heading heading;
    struct fz_bill_fault fault;
    for (int i = 0; i < FZ_BILL_CELLS_MAX; i++)
        strcat(header, ",x");
    assert_int_equal(fz_bill_heading_read(&fz_trade_bill.details, header, 1, &heading, &fault), FZ_MALFORMED);
    assert_int_equal(fault.cell, FZ_BILL_CELLS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_unusual_is_not_picked),
        cmocka_unit_test(numbers_in_all_their_forms),
        cmocka_unit_test(a_refund),
        cmocka_unit_test(columns_by_name),
        cmocka_unit_test(accents_and_quotes),
        cmocka_unit_test(header_lines_are_told_from_others),
        cmocka_unit_test(broken_lines_are_refused_with_their_place),
        cmocka_unit_test(times_and_rates),
        cmocka_unit_test(a_line_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
