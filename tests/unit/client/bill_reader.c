/* Bills read from pieces of every size, in all the ways in which real files differ (the sample of S-RBILL and what vendors'
 * fixtures and users' files show), and what is cut, damaged or none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "fenzhang/bill_file.h"

#define MARK "\xEF\xBB\xBF"
#define HEADER                                                                                                          \
    "Refund apply time,Refund success time,Wechat refund number(refund_id),Vendor refund number(out_refund_no),"        \
    "Wechat order number(transaction_id),Vendor order number(out_transaction_id),Refund amount(refund_fee),"            \
    "Currency type,Coupon refund amount,Payer's refund amount,Payer's refund currency type,Rate,Refund source,"         \
    "Refund source type,Refund source amount,Refund source fee in CNY,Refund settlement currency type,"                 \
    "Refund exchange rate,Refund source settlement amount,Refund source fee in settlement currency type"
#define REFUND                                                                                                          \
    "`2025-01-02 10:00:05,`2025-01-02 10:00:41,`50300000000001,`RF-0001,`4200000000202501010000000001,`A20250101-0007," \
    "`80.00,`CNY,`0.00,`80.00,`CNY,`1.00%,"
#define OWN     REFUND "`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`50.00,`-0.50,`USD,`700000000,`7.14,`-0.07"
#define ADVANCE REFUND "`FUNDS_REFUNDABLE_BALANCE,`PACKAGE,`30.00,`-0.30,`USD,`700000000,`4.29,`-0.04"
#define TOTALS                                                                                                          \
    "Settlement currency type,Total refund count,Total refund amount,Total coupon refund amount,"                       \
    "Total refund source amount,Total refund source fee in CNY,Total refund source settlement amount,"                  \
    "Total refund source fee in settlement currency"
#define TOTAL "`USD,`1,`80.00,`0.00,`80.00,`-0.80,`11.43,`-0.11"
#define END   "\r\n"

#define DETAILS HEADER END OWN END ADVANCE END
#define SUMMARY TOTALS END TOTAL END

/* What came of a file. */
struct seen {
    size_t details, summaries, others;
    int64_t amount, fee, settlement, told_count, told_amount;
    char text[200];   /* of the column below, in the last row */
    const char *name;
    size_t end_at; /* the row that ends the reading; 0: none */
};

static int on_row(void *argument, const struct fz_bill_row *row)
{
    struct seen *seen = argument;
    const char *text = seen->name == NULL ? NULL : fz_bill_row_text(row, seen->name);
    if (text != NULL)
        snprintf(seen->text, sizeof seen->text, "%s", text);
    seen->details += row->part == FZ_BILL_DETAIL;
    seen->summaries += row->part == FZ_BILL_SUMMARY;
    seen->others += row->part == FZ_BILL_OTHER;
    if (row->refund != NULL) {
        seen->amount += row->refund->source_amount;
        seen->fee += row->refund->source_fee;
        seen->settlement += row->refund->settlement;
    }
    if (row->refund_summary != NULL) {
        seen->told_count += row->refund_summary->refund_count;
        seen->told_amount += row->refund_summary->source_amount;
    }
    return seen->end_at != 0 && seen->details == seen->end_at;
}

/* In pieces of `piece` bytes. */
static int read_in_pieces(enum fz_bill_kind kind, const char *data, size_t size, size_t piece, struct seen *seen, fz_error **error)
{
    fz_bill_reader *reader;
    int result = fz_bill_reader_new(kind, on_row, seen, &reader, error);
    for (size_t at = 0; result == 0 && at < size; at += piece) {
        char *part = malloc(piece); /* a block of its own: the sanitizer sees who reads on */
        size_t count = size - at < piece ? size - at : piece;
        memcpy(part, data + at, count);
        result = fz_bill_reader_feed(reader, part, count, error);
        free(part);
    }
    if (result == 0)
        result = fz_bill_reader_finish(reader, error);
    fz_bill_reader_free(reader);
    return result;
}

static struct seen read_good(const char *data, size_t size, size_t piece, const char *name)
{
    struct seen seen = {.name = name};
    fz_error *error = NULL;
    if (read_in_pieces(FZ_BILL_REFUNDS, data, size, piece, &seen, &error) != 0)
        fail_msg("%s", fz_error_message(error));
    return seen;
}

/* By hand: 50.00 + 30.00, 0.50 + 0.30, 7.14 + 4.29. */
static void assert_sample(const struct seen *seen)
{
    assert_int_equal(seen->details, 2);
    assert_int_equal(seen->amount, 8000);
    assert_int_equal(seen->fee, -80);
    assert_int_equal(seen->settlement, 1143);
    assert_int_equal(seen->summaries, 1);
    assert_int_equal(seen->told_count, 1);
    assert_int_equal(seen->told_amount, 8000);
}

static size_t zip(const char *data, size_t size, unsigned char *out, size_t out_size)
{
    z_stream zip = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (unsigned)size, .next_out = out, .avail_out = (unsigned)out_size};
    assert_int_equal(deflateInit2(&zip, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&zip, Z_FINISH), Z_STREAM_END);
    size_t used = zip.total_out;
    deflateEnd(&zip);
    return used;
}

static void pieces_of_every_size_give_the_same_rows(void **state)
{
    (void)state;
    static const char text[] = MARK DETAILS SUMMARY;
    unsigned char zipped[4096];
    size_t size = strlen(text), zipped_size = zip(text, size, zipped, sizeof zipped);
    for (size_t piece = 1; piece <= size; piece++) {
        struct seen seen = read_good(text, size, piece, NULL);
        assert_sample(&seen);
    }
    for (size_t piece = 1; piece <= zipped_size; piece++) {
        struct seen seen = read_good((const char *)zipped, zipped_size, piece, NULL);
        assert_sample(&seen);
    }
}

static void either_block_may_come_first(void **state)
{
    (void)state;
    static const char text[] = MARK SUMMARY DETAILS;
    struct seen seen = read_good(text, strlen(text), 7, NULL);
    assert_sample(&seen);
}

static void what_real_files_have_differently(void **state)
{
    (void)state;
    static const char *const texts[] = {
        DETAILS SUMMARY,                                              /* no mark */
        HEADER "\n" OWN "\n" ADVANCE "\n" TOTALS "\n" TOTAL "\n",     /* LF */
        HEADER END OWN END ADVANCE END TOTALS END TOTAL,              /* no line end at the end */
        DETAILS END SUMMARY END,                                      /* empty lines */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct seen seen = read_good(texts[i], strlen(texts[i]), 5, NULL);
        assert_sample(&seen);
    }
}

/* Some bills had no accents until a fix of 2025-01-15. */
static void a_file_without_accents(void **state)
{
    (void)state;
    char text[] = DETAILS SUMMARY, *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != '`')
            *to++ = *from;
    *to = '\0';
    struct seen seen = read_good(text, strlen(text), 11, NULL);
    assert_sample(&seen);
}

static void two_gzip_files_one_behind_the_other_are_one(void **state)
{
    (void)state;
    unsigned char zipped[8192];
    size_t size = zip(DETAILS, strlen(DETAILS), zipped, sizeof zipped);
    size += zip(SUMMARY, strlen(SUMMARY), zipped + size, sizeof zipped - size);
    struct seen seen = read_good((const char *)zipped, size, 3, NULL);
    assert_sample(&seen);
}

/* A line that unpacks to exactly what is unpacked at a time ends where its data does. */
static void text_of_every_size_is_unpacked_to_its_end(void **state)
{
    (void)state;
    static char text[200000];
    static unsigned char zipped[200000];
    for (size_t size = (64 << 10) - 3; size <= (64 << 10) + 3; size++) {
        size_t used = (size_t)snprintf(text, sizeof text, "%s", HEADER);
        while (used < size)
            text[used++] = '\n';
        size_t zipped_size = zip(text, size, zipped, sizeof zipped);
        assert_int_equal(read_good((const char *)zipped, zipped_size, zipped_size, NULL).details, 0);
    }
}

static void a_bill_without_rows_or_summary(void **state)
{
    (void)state;
    assert_int_equal(read_good(HEADER END, strlen(HEADER END), 1, NULL).details, 0);
    assert_int_equal(read_good(DETAILS, strlen(DETAILS), 1, NULL).details, 2);
    assert_int_equal(read_good(HEADER END TOTALS END, strlen(HEADER END TOTALS END), 1, NULL).summaries, 0);
}

static void new_columns_are_texts_and_commas_stay(void **state)
{
    (void)state;
    static const char text[] = "Remark," HEADER END "`tea, green,`" "2025" /* the time's year */ END;
    static const char good[] = "Remark,Refund success time,Refund source amount,Refund source" END
                               "`tea, green,`2025-01-02 10:00:41,`1.5,`ORDER_REFUNDABLE_BALANCE" END;
    struct seen seen = read_good(good, strlen(good), 2, "Remark"), broken = {0};
    fz_error *error;
    assert_string_equal(seen.text, "tea, green");
    assert_int_equal(seen.amount, 150);
    assert_int_equal(read_in_pieces(FZ_BILL_REFUNDS, text, strlen(text), 9, &broken, &error), -1);
    fz_error_free(error);
}

/* The documents do not say which columns the overview has. */
static void an_overview_of_unknown_columns_is_texts(void **state)
{
    (void)state;
    static const char behind[] = DETAILS "Refunds,Sum" END "`1,`80.00" END;
    static const char before[] = "Refunds,Sum" END "`1,`80.00" END DETAILS;
    struct seen seen = read_good(behind, strlen(behind), 4, "Sum");
    assert_int_equal(seen.others, 1);
    assert_string_equal(seen.text, "80.00");
    seen = read_good(before, strlen(before), 4, NULL);
    assert_int_equal(seen.others, 1);
    assert_int_equal(seen.details, 2);
}

/* ---- what is refused ---- */

static void assert_refused(enum fz_bill_kind kind, const char *data, size_t size, const char *location, const char *field, const char *issue)
{
    struct seen seen = {0};
    fz_error *error = NULL;
    if (read_in_pieces(kind, data, size, 6, &seen, &error) == 0)
        fail_msg("it was taken: %s", issue);
    assert_int_equal(fz_error_code(error), FZ_CODE_MALFORMED);
    if (location != NULL)
        assert_string_equal(fz_error_location(error), location);
    assert_string_equal(fz_error_field(error), field);
    if (strstr(fz_error_issue(error), issue) == NULL)
        fail_msg("%s, not %s", fz_error_issue(error), issue);
    assert_non_null(strstr(fz_error_message(error), fz_error_location(error)));
    fz_error_free(error);
}

static void errors_name_line_column_and_what_is_wrong(void **state)
{
    (void)state;
    static const char amount[] = MARK "Refund id,Refund success time,Refund source amount,Refund source" END
                                 "`1,`2025-01-02 10:00:41,`1.005,`X" END;
    struct seen seen = {0};
    fz_error *error;
    static const char known[] = "Refund success time,Refund source amount" END "`2025-01-02 10:00:41,`1.00" END
                                "`2025-01-02 10:00:41,`1.005" END;
    assert_refused(FZ_BILL_REFUNDS, known, strlen(known), "line 3, cell 2", "Refund source amount", "is no amount of its currency");
    assert_int_equal(read_in_pieces(FZ_BILL_REFUNDS, amount, strlen(amount), 6, &seen, &error), -1);
    fz_error_free(error);
    assert_refused(FZ_BILL_REFUNDS, DETAILS "`1,`2" END, strlen(DETAILS "`1,`2" END), "line 4, cell 3", "Wechat refund number(refund_id)",
                   "is missing");
    assert_refused(FZ_BILL_REFUNDS, "", 0, "line 1", "", "is no header line of a refund bill");
    assert_refused(FZ_BILL_STATEMENT, DETAILS, strlen(DETAILS), "line 1", "", "is no header line of a transaction statement");
    assert_refused(FZ_BILL_REFUNDS, DETAILS HEADER END, strlen(DETAILS HEADER END), "line 4", "", "second header line");
    assert_refused(FZ_BILL_REFUNDS, OWN END, strlen(OWN END), "line 1", "", "is no header line of a refund bill");
    assert_refused(FZ_BILL_REFUNDS, HEADER END "`a\0b", strlen(HEADER END) + 4, "line 2", "", "NUL");
    assert_refused(FZ_BILL_REFUNDS, HEADER END "`a\rb" END, strlen(HEADER END "`a\rb" END), "line 2", "", "line end");
}

/* Of the summary every cut shows, at whatever byte: but for the last line end, and where its header line is not there at all. */
static void a_cut_file_is_seen_where_it_can_be(void **state)
{
    (void)state;
    static const char first[] = MARK SUMMARY DETAILS;
    size_t whole = strlen(first) - strlen(END);
    for (size_t size = 0; size < whole; size++) {
        struct seen seen = {0};
        fz_error *error = NULL;
        if (read_in_pieces(FZ_BILL_REFUNDS, first, size, 64, &seen, &error) == 0)
            fail_msg("cut at %zu of %zu, and taken", size, whole);
        assert_int_equal(fz_error_code(error), FZ_CODE_MALFORMED);
        fz_error_free(error);
    }
}

static void a_cut_or_damaged_gzip_file_is_seen(void **state)
{
    (void)state;
    unsigned char zipped[4096];
    size_t whole = zip(DETAILS, strlen(DETAILS), zipped, sizeof zipped);
    for (size_t size = 0; size < whole; size++) {
        struct seen seen = {0};
        fz_error *error = NULL;
        assert_int_equal(read_in_pieces(FZ_BILL_REFUNDS, (char *)zipped, size, 64, &seen, &error), -1);
        fz_error_free(error);
    }
    zipped[whole - 6] ^= 1; /* CRC32 (RFC 1952, 2.3.1) */
    assert_refused(FZ_BILL_REFUNDS, (char *)zipped, whole, NULL, "", "gzip data is damaged");
}

static void rows_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    static const char one_less[] = HEADER END OWN END SUMMARY;
    static const char other_currency[] = DETAILS TOTALS END "`JPY,`1,`0.00,`0.00,`0.00,`0.00,`0,`0" END;
    static const char twice[] = DETAILS SUMMARY TOTAL END;
    assert_refused(FZ_BILL_REFUNDS, one_less, strlen(one_less), "line 4", "Total refund source amount", "the file is cut or changed");
    assert_refused(FZ_BILL_REFUNDS, other_currency, strlen(other_currency), "line 0", "Total refund source amount", "not in the summary");
    assert_refused(FZ_BILL_REFUNDS, twice, strlen(twice), "line 6", "", "second summary");
}

/* It must not pass for a header line of a block that is not known, and its rows for texts. */
static void a_line_that_lost_its_accent_is_a_line(void **state)
{
    (void)state;
    char text[] = HEADER END OWN END ADVANCE END SUMMARY;
    memmove(text + strlen(HEADER END OWN END), text + strlen(HEADER END OWN END) + 1, strlen(ADVANCE END SUMMARY));
    struct seen seen = read_good(text, strlen(text) , 10, NULL);
    assert_sample(&seen);
}

static void a_program_can_end_it(void **state)
{
    (void)state;
    struct seen seen = {.end_at = 1};
    fz_error *error;
    assert_int_equal(fz_bill_read_memory(FZ_BILL_REFUNDS, DETAILS, strlen(DETAILS), on_row, &seen, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_CANCELLED);
    assert_int_equal(seen.details, 1);
    fz_error_free(error);
}

static void a_reader_that_has_ended_takes_no_more(void **state)
{
    (void)state;
    fz_bill_reader *reader;
    fz_error *error;
    assert_int_equal(fz_bill_reader_new(FZ_BILL_REFUNDS, NULL, NULL, &reader, NULL), 0);
    assert_int_equal(fz_bill_reader_feed(reader, DETAILS, strlen(DETAILS), NULL), 0);
    assert_int_equal(fz_bill_reader_finish(reader, NULL), 0);
    assert_int_equal(fz_bill_reader_feed(reader, OWN, strlen(OWN), &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_OPTIONS);
    fz_error_free(error);
    fz_bill_reader_free(reader);
}

static void a_file_by_its_path(void **state)
{
    (void)state;
    char path[] = "/tmp/fz-bill-XXXXXX";
    struct seen seen = {0};
    fz_error *error;
    int file = mkstemp(path);
    assert_int_equal(write(file, MARK DETAILS SUMMARY, strlen(MARK DETAILS SUMMARY)), strlen(MARK DETAILS SUMMARY));
    close(file);
    assert_int_equal(fz_bill_read_file(FZ_BILL_REFUNDS, path, on_row, &seen, NULL), 0);
    unlink(path);
    assert_sample(&seen);
    assert_int_equal(fz_bill_read_file(FZ_BILL_REFUNDS, path, on_row, &seen, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_FILE);
    fz_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_every_size_give_the_same_rows),
        cmocka_unit_test(either_block_may_come_first),
        cmocka_unit_test(what_real_files_have_differently),
        cmocka_unit_test(a_file_without_accents),
        cmocka_unit_test(two_gzip_files_one_behind_the_other_are_one),
        cmocka_unit_test(text_of_every_size_is_unpacked_to_its_end),
        cmocka_unit_test(a_bill_without_rows_or_summary),
        cmocka_unit_test(new_columns_are_texts_and_commas_stay),
        cmocka_unit_test(an_overview_of_unknown_columns_is_texts),
        cmocka_unit_test(errors_name_line_column_and_what_is_wrong),
        cmocka_unit_test(a_cut_file_is_seen_where_it_can_be),
        cmocka_unit_test(a_cut_or_damaged_gzip_file_is_seen),
        cmocka_unit_test(rows_that_do_not_add_up_are_refused),
        cmocka_unit_test(a_line_that_lost_its_accent_is_a_line),
        cmocka_unit_test(a_program_can_end_it),
        cmocka_unit_test(a_reader_that_has_ended_takes_no_more),
        cmocka_unit_test(a_file_by_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
