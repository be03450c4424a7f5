/* What the lab writes, libfenzhang reads: every file of many seeds, to its end, where the reader holds the rows against the
 * summary. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fenzhang/bill_file.h"
#include "lab/lab.h"

#define SEEDS 40

/* What a lab told of itself, and what its files have. */
struct seen {
    int64_t planted[FZ_LAB_KIND_COUNT];
    int files, records;
    int64_t refund_lines, slices, payments;
    char directory[64];
};

static enum fz_result on_planted(void *argument, enum fz_lab_kind kind, const char *out_refund_no)
{
    struct seen *seen = argument;
    assert_int_equal(strncmp(out_refund_no, "RF", 2), 0);
    seen->planted[kind]++;
    return FZ_OK;
}

static int on_row(void *argument, const struct fz_bill_row *row)
{
    struct seen *seen = argument;
    seen->refund_lines += row->refund != NULL;
    seen->slices += row->distribution != NULL;
    seen->payments += row->trade != NULL && row->trade->refund_id == NULL;
    return 0;
}

static bool kind_of(const char *name, enum fz_bill_kind *out)
{
    static const char *const names[] = {
        [FZ_BILL_REFUNDS] = "refunds-", [FZ_BILL_DISTRIBUTIONS] = "shares-", [FZ_BILL_STATEMENT] = "statement-"};
    for (int kind = FZ_BILL_REFUNDS; kind <= FZ_BILL_STATEMENT; kind++)
        if (strncmp(name, names[kind], strlen(names[kind])) == 0) {
            *out = (enum fz_bill_kind)kind;
            return true;
        }
    return false;
}

static enum fz_result on_file(void *argument, const char *name)
{
    struct seen *seen = argument;
    enum fz_bill_kind kind;
    char path[400];
    fz_error *error = NULL;
    snprintf(path, sizeof path, "%s/%s", seen->directory, name);
    if (!kind_of(name, &kind)) {
        assert_string_equal(name, "records.csv");
        seen->records++;
    } else if (fz_bill_read_file(kind, path, on_row, seen, &error) != 0) {
        fail_msg("%s: %s", name, fz_error_message(error));
    }
    seen->files++;
    assert_int_equal(unlink(path), 0);
    return FZ_OK;
}

static void make(struct fz_lab_options with, struct seen *seen, struct fz_lab_made *made)
{
    const struct fz_lab_told told = {seen, on_planted, on_file};
    *seen = (struct seen){.directory = "/tmp/fenzhang-lab-XXXXXX"};
    assert_non_null(mkdtemp(seen->directory));
    int directory = open(seen->directory, O_RDONLY | O_DIRECTORY);
    assert_int_equal(fz_lab_write(&with, directory, &told, made), FZ_OK);
    close(directory);
    assert_int_equal(rmdir(seen->directory), 0); /* every file that is there was told of */
}

static void every_file_is_read_and_adds_up(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct seen seen;
        struct fz_lab_made made;
        make((struct fz_lab_options){.seed = seed, .days = (int)(1 + seed % 12), .refunds = 300}, &seen, &made);
        assert_int_equal(seen.records, 1);
        assert_int_equal(seen.payments, made.payments);
        assert_in_range(seen.refund_lines, 270, 500);
        assert_in_range(made.records, 300, 500);
        assert_int_equal(made.last_day - made.first_day, seed % 12);
        for (int kind = 0; kind < FZ_LAB_KIND_COUNT; kind++)
            assert_int_equal(seen.planted[kind], 0);
    }
}

static void as_many_are_planted_as_were_asked_for(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct seen seen;
        struct fz_lab_made made;
        struct fz_lab_options with = {.seed = seed, .days = (int)(1 + seed % 9)};
        for (int kind = 1; kind < FZ_LAB_KIND_COUNT; kind++)
            with.plant[kind] = (int64_t)(seed + (uint64_t)kind) % 5;
        with.refunds = fz_lab_needed(&with) + (int64_t)(seed % 3) * 20; /* also where there is no room at all */
        make(with, &seen, &made);
        for (int kind = 1; kind < FZ_LAB_KIND_COUNT; kind++)
            assert_int_equal(seen.planted[kind], with.plant[kind]);
    }
}

static void what_is_planted_needs(void **state)
{
    (void)state;
    struct fz_lab_options with = {.days = 3};
    assert_int_equal(fz_lab_needed(&with), 1);
    with.plant[FZ_LAB_amount] = 4;
    assert_int_equal(fz_lab_needed(&with), 4 + 2); /* the first and the last day */
    with.plant[FZ_LAB_other_merchant] = 2;
    assert_int_equal(fz_lab_needed(&with), 4 + 2 * 3 + 2);
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(fz_lab_kind_name(FZ_LAB_part_of_a_refund), "part_of_a_refund");
    assert_int_equal(fz_lab_kind_named("day_boundary"), FZ_LAB_day_boundary);
    assert_int_equal(fz_lab_kind_named("Day boundary"), FZ_LAB_NONE);
    assert_int_equal(fz_lab_kind_named(""), FZ_LAB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_read_and_adds_up),
        cmocka_unit_test(as_many_are_planted_as_were_asked_for),
        cmocka_unit_test(what_is_planted_needs),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
