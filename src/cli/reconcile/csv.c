/* The differences as CSV, a line each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/reconcile/report.h"

static const char header[] =
    "kind,day,out_refund_no,refund_id,transaction_id,sub_mchid,stake,stake_currency,here_amount,here_currency,here_file,"
    "here_line,there_amount,there_currency,there_file,there_line,reason\r\n";

/* In quotes where RFC 4180 wants them; what a spreadsheet would run as a formula gets an apostrophe before it. */
static void write_text(FILE *file, const char *text, const char *after)
{
    if (strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0')
        fprintf(file, "\"'");
    else if (strpbrk(text, ",\"\r\n") != NULL)
        putc('"', file);
    else {
        fprintf(file, "%s%s", text, after);
        return;
    }
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', file);
        putc(*text, file);
    }
    fprintf(file, "\"%s", after);
}

static void write_number(FILE *file, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    if (json_is_integer(value))
        fprintf(file, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    putc(',', file);
}

static void write_side(FILE *file, const json_t *side)
{
    write_number(file, side, "amount");
    write_text(file, fz_report_text(side, "currency", NULL), ",");
    write_text(file, fz_report_text(side, "file", NULL), ",");
    write_number(file, side, "line");
}

static bool write_difference(void *argument, enum fz_difference_kind kind, uint64_t number, json_t *difference)
{
    FILE *file = argument;
    static const char *const texts[] = {"day", "out_refund_no", "refund_id", "transaction_id", "sub_mchid"};
    (void)number;
    write_text(file, fz_kind_word(kind), ",");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        write_text(file, fz_report_text(difference, texts[i], NULL), ",");
    write_number(file, json_object_get(difference, "stake"), "amount");
    write_text(file, fz_report_text(difference, "stake", "currency"), ",");
    write_side(file, json_object_get(difference, "here"));
    write_side(file, json_object_get(difference, "there"));
    write_text(file, fz_report_text(difference, "reason", NULL), "\r\n");
    return !ferror(file);
}

bool fz_report_csv(struct fz_reconciliation *found, const char *path)
{
    FILE *file = fopen(path, "we");
    bool good = file != NULL;
    if (good) {
        fputs(header, file);
        (void)fz_report_each(found, write_difference, file);
        good = !ferror(file);
        good = fclose(file) == 0 && good;
    }
    if (!good)
        fprintf(stderr, "fenzhang: %s could not be written: %s.\n", path, strerrordesc_np(errno));
    return good;
}
