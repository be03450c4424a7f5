/* The text of bills: cells by hand, blocks and failures by a sink that watches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "wire/server/bill_text.h"

#define MARK "\xEF\xBB\xBF"

/* A sink that keeps what it gets, and fails at the call told. */
struct paper {
    struct fz_text text;
    int calls;
    int fail_at; /* 1: the first; 0: never */
    enum fz_result failure;
};

static enum fz_result keep(void *argument, const void *data, size_t size)
{
    struct paper *paper = argument;
    assert_true(size > 0);
    if (++paper->calls == paper->fail_at)
        return paper->failure;
    fz_text_add(&paper->text, data, size);
    return FZ_OK;
}

static void begin(struct fz_bill_writer *writer, struct paper *paper)
{
    *paper = (struct paper){.text.max = 64 << 20};
    assert_int_equal(fz_bill_begin(writer, keep, paper), FZ_OK);
}

static void assert_written(struct fz_bill_writer *writer, struct paper *paper, const char *expected)
{
    assert_int_equal(fz_bill_end(writer), FZ_OK);
    assert_false(paper->text.failed);
    assert_string_equal(paper->text.data, expected);
    fz_text_done(&paper->text);
}

/* The twenty columns of S-RBILL: a refund of 80.00 from two sources at 1 %, cell by cell. */
static void a_line_has_its_twenty_cells(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    fz_bill_column_name(&writer, "Refund apply time");
    fz_bill_column_name(&writer, "Refund success time");
    fz_bill_line_end(&writer);
    fz_bill_time(&writer, INT64_C(1735783205000)); /* 2025-01-02T10:00:05+08:00 */
    fz_bill_time(&writer, INT64_C(1735783241999));
    fz_bill_text(&writer, "50300000000001");
    fz_bill_text(&writer, "RF-0001");
    fz_bill_text(&writer, "4200000000202501010000000001");
    fz_bill_text(&writer, "A20250101-0007");
    fz_bill_amount(&writer, 8000, 2);
    fz_bill_text(&writer, "CNY");
    fz_bill_amount(&writer, 0, 2);
    fz_bill_amount(&writer, 8000, 2);
    fz_bill_text(&writer, "CNY");
    fz_bill_percent(&writer, 100);
    fz_bill_text(&writer, "ORDER_REFUNDABLE_BALANCE");
    fz_bill_text(&writer, "PACKAGE");
    fz_bill_amount(&writer, 5000, 2);
    fz_bill_amount_back(&writer, -50, 2);
    fz_bill_text(&writer, "USD");
    fz_bill_int(&writer, 700000000);
    fz_bill_amount(&writer, 0, 2);
    fz_bill_amount_back(&writer, 0, 2);
    fz_bill_line_end(&writer);
    fz_bill_int(&writer, 2);
    fz_bill_line_end(&writer);
    assert_written(
        &writer, &paper,
        MARK
        "Refund apply time,Refund success time\r\n"
        "`2025-01-02 10:00:05,`2025-01-02 10:00:41,`50300000000001,`RF-0001,`4200000000202501010000000001,"
        "`A20250101-0007,`80.00,`CNY,`0.00,`80.00,`CNY,`1.00%,`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`50.00,"
        "`-0.50,`USD,`700000000,`0.00,`-0.00\r\n"
        "`2\r\n");
}

static void numbers_are_written_to_their_ends(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    fz_bill_int(&writer, 0);
    fz_bill_int(&writer, -1);
    fz_bill_int(&writer, 10);
    fz_bill_int(&writer, INT64_MAX);
    fz_bill_int(&writer, INT64_MIN);
    fz_bill_line_end(&writer);
    fz_bill_amount(&writer, 1, 2);
    fz_bill_amount(&writer, 10, 2);
    fz_bill_amount(&writer, 1230, 2);
    fz_bill_amount(&writer, -5, 2);
    fz_bill_amount(&writer, -1230, 2);
    fz_bill_amount(&writer, INT64_MAX, 2);
    fz_bill_amount(&writer, INT64_MIN, 2);
    fz_bill_line_end(&writer);
    fz_bill_amount_back(&writer, -1230, 2);
    fz_bill_amount_back(&writer, -5, 2);
    fz_bill_amount_back(&writer, 0, 2);
    fz_bill_amount_back(&writer, 1230, 2); /* what was given comes back */
    fz_bill_amount_back(&writer, INT64_MIN, 2);
    fz_bill_line_end(&writer);
    fz_bill_amount(&writer, 12, 0);
    fz_bill_amount(&writer, -12, 0);
    fz_bill_amount(&writer, 0, 0);
    fz_bill_amount(&writer, 15, 1);
    fz_bill_amount(&writer, 1234, 2);
    fz_bill_amount(&writer, 1234, 3);
    fz_bill_amount(&writer, INT64_MIN, 0);
    fz_bill_amount(&writer, 5, 3);
    fz_bill_line_end(&writer);
    fz_bill_percent(&writer, 60);
    fz_bill_percent(&writer, 0);
    fz_bill_percent(&writer, 1);
    fz_bill_percent(&writer, 3900);
    fz_bill_percent(&writer, 10000);
    fz_bill_line_end(&writer);
    assert_written(&writer, &paper,
                   MARK "`0,`-1,`10,`9223372036854775807,`-9223372036854775808\r\n"
                        "`0.01,`0.10,`12.30,`-0.05,`-12.30,`92233720368547758.07,`-92233720368547758.08\r\n"
                        "`-12.30,`-0.05,`-0.00,`12.30,`-92233720368547758.08\r\n"
                        "`12.00,`-12.00,`0.00,`1.50,`12.34,`1.234,`-9223372036854775808.00,`0.005\r\n"
                        "`0.60%,`0.00%,`0.01%,`39.00%,`100.00%\r\n");
}

static void texts_stay_as_they_are_but_for_line_ends(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    fz_bill_text(&writer, "");
    fz_bill_text(&writer, "WALMART HONG KONG CO.,LIMITED");
    fz_bill_text(&writer, "{\"a\":1,\"b\":\"x\"}");
    fz_bill_text(&writer, ",");
    fz_bill_text(&writer, ",`");
    fz_bill_text(&writer, "a\r\nb\nc\rd");
    fz_bill_text(&writer, "`=SUM(A1)`");
    fz_bill_text(&writer, "\xE5\x85\x83");
    fz_bill_line_end(&writer);
    assert_written(&writer, &paper,
                   MARK "`,`WALMART HONG KONG CO.,LIMITED,`{\"a\":1,\"b\":\"x\"},`,,`,`,`a  b c d,``=SUM(A1)`,"
                        "`\xE5\x85\x83\r\n");
}

static void an_empty_bill_is_the_mark(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    assert_written(&writer, &paper, MARK);
}

/* Cells of every length around the buffer's size, behind fillings of every kind, against a plain
 * concatenation. */
static void large_cells_go_through_in_blocks(void **state)
{
    (void)state;
    const size_t mebibyte = 1 << 20;
    static const size_t sizes[] = {1, 31, 32, 33, 50, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t large_size = mebibyte - 40 + i * 13;
        char *large = malloc(3 * mebibyte + 1);
        memset(large, 'L', 3 * mebibyte);
        large[5] = '\n';
        large[large_size] = '\0';
        struct paper paper;
        struct fz_bill_writer writer;
        begin(&writer, &paper);
        fz_bill_text(&writer, large);
        fz_bill_amount(&writer, -1230, 2);
        fz_bill_time(&writer, INT64_C(1735783205000));
        fz_bill_int(&writer, 7);
        large[large_size] = 'L';
        large[2 * mebibyte + sizes[i]] = '\0';
        fz_bill_text(&writer, large);
        fz_bill_line_end(&writer);
        fz_bill_column_name(&writer, large);
        fz_bill_line_end(&writer);
        assert_int_equal(fz_bill_end(&writer), FZ_OK);

        struct fz_text expected = {.max = 16 << 20};
        size_t second_size = 2 * mebibyte + sizes[i];
        fz_text_string(&expected, MARK "`");
        large[5] = ' ';
        fz_text_add(&expected, large, large_size);
        fz_text_string(&expected, ",`-12.30,`2025-01-02 10:00:05,`7,`");
        fz_text_add(&expected, large, second_size);
        fz_text_string(&expected, "\r\n");
        large[5] = '\n';
        fz_text_add(&expected, large, second_size);
        fz_text_string(&expected, "\r\n");
        assert_int_equal(paper.text.size, expected.size);
        assert_memory_equal(paper.text.data, expected.data, expected.size);
        fz_text_done(&expected);
        fz_text_done(&paper.text);
        free(large);
    }
}

static void many_lines_need_few_blocks(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    struct fz_text expected = {.max = 64 << 20};
    fz_text_string(&expected, MARK);
    for (int i = 0; i < 200000; i++) {
        fz_bill_int(&writer, i);
        fz_bill_amount(&writer, i, 2);
        fz_bill_text(&writer, "CNY");
        fz_bill_line_end(&writer);
        fz_text_format(&expected, "`%d,`%d.%02d,`CNY\r\n", i, i / 100, i % 100);
    }
    assert_int_equal(fz_bill_end(&writer), FZ_OK);
    assert_int_equal(paper.text.size, expected.size);
    assert_memory_equal(paper.text.data, expected.data, expected.size);
    assert_true((size_t)paper.calls <= expected.size / ((1 << 20) - 64) + 1);
    fz_text_done(&expected);
    fz_text_done(&paper.text);
}

static void the_first_failure_ends_the_writing(void **state)
{
    (void)state;
    for (int fail_at = 1; fail_at <= 3; fail_at++) {
        struct paper paper;
        struct fz_bill_writer writer;
        begin(&writer, &paper);
        paper.fail_at = fail_at;
        paper.failure = fail_at == 2 ? FZ_FULL : FZ_FAILED;
        for (int i = 0; i < 300000; i++) {
            fz_bill_int(&writer, i);
            fz_bill_text(&writer, "ORDER_REFUNDABLE_BALANCE");
            fz_bill_amount(&writer, i, 2);
            fz_bill_time(&writer, i);
            fz_bill_percent(&writer, 60);
            fz_bill_line_end(&writer);
        }
        assert_int_equal(fz_bill_end(&writer), paper.failure);
        assert_int_equal(paper.calls, fail_at); /* the sink is left alone afterwards */
        fz_text_done(&paper.text);
    }
}

static void a_failure_at_the_end_is_told(void **state)
{
    (void)state;
    struct paper paper;
    struct fz_bill_writer writer;
    begin(&writer, &paper);
    paper.fail_at = 1;
    paper.failure = FZ_FULL;
    fz_bill_text(&writer, "a");
    assert_int_equal(fz_bill_end(&writer), FZ_FULL);
    fz_text_done(&paper.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_twenty_cells),
        cmocka_unit_test(numbers_are_written_to_their_ends),
        cmocka_unit_test(texts_stay_as_they_are_but_for_line_ends),
        cmocka_unit_test(an_empty_bill_is_the_mark),
        cmocka_unit_test(large_cells_go_through_in_blocks),
        cmocka_unit_test(many_lines_need_few_blocks),
        cmocka_unit_test(the_first_failure_ends_the_writing),
        cmocka_unit_test(a_failure_at_the_end_is_told),
    };
    return cmocka_run_group_tests_name("wire_server_bill_text", tests, NULL, NULL);
}
