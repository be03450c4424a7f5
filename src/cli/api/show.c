/* Answers printed. */
#include "cli/api/show.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command/command.h"
#include "cli/output/table.h"
#include "cli/output/value.h"
#include "fenzhang.h"

#define COLUMNS_MAX 32

/* ---- values ---- */

/* The member by its dotted path; NULL: it is not there. */
static json_t *member_of(json_t *object, const char *path)
{
    char name[64];
    for (json_t *at = object;; path++) {
        size_t size = strcspn(path, ".");
        (void)fz_copy_part(name, sizeof name, path, size);
        at = json_object_get(at, name);
        path += size;
        if (at == NULL || *path == '\0')
            return at;
    }
}

static void write_number(char out[FZ_VALUE_SIZE], const struct fz_shown *shown, json_t *object, int64_t number)
{
    switch (shown->as) {
    case FZ_AS_AMOUNT:
        fz_amount_write(out, number,
                        shown->currency == NULL ? "CNY" : json_string_value(member_of(object, shown->currency)));
        return;
    case FZ_AS_RATE:
        fz_rate_write(out, number);
        return;
    case FZ_AS_SHARE:
        fz_share_write(out, number);
        return;
    case FZ_AS_TEXT:
    case FZ_AS_DAY:
    case FZ_AS_NUMBER:
        snprintf(out, FZ_VALUE_SIZE, "%" PRId64, number);
        return;
    }
}

/* 2026-01-31 of 20260131, as every other table has days. */
static const char *write_day(char out[FZ_VALUE_SIZE], const char *compact)
{
    if (strlen(compact) != 8)
        return compact;
    snprintf(out, FZ_VALUE_SIZE, "%.4s-%.2s-%.2s", compact, compact + 4, compact + 6);
    return out;
}

/* NULL: nothing is there. */
static const char *text_of(char out[FZ_VALUE_SIZE], const struct fz_shown *shown, json_t *object)
{
    json_t *value = member_of(object, shown->member);
    if (json_is_integer(value))
        write_number(out, shown, object, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(out, FZ_VALUE_SIZE, "%s", json_is_true(value) ? "true" : "false");
    if (json_is_string(value) && shown->as == FZ_AS_DAY)
        return write_day(out, json_string_value(value));
    return json_is_string(value) ? json_string_value(value) : json_is_integer(value) || json_is_boolean(value) ? out : NULL;
}

/* ---- tables ---- */

static size_t set_columns(struct fz_column columns[COLUMNS_MAX], const struct fz_shown *shown)
{
    size_t count = 0;
    for (; shown->title != NULL && count < COLUMNS_MAX; shown++)
        columns[count++] = (struct fz_column){shown->title, shown->as == FZ_AS_AMOUNT || shown->as == FZ_AS_NUMBER};
    return count;
}

static void add_row(struct fz_table *table, const struct fz_shown *shown, size_t count, json_t *object)
{
    char values[COLUMNS_MAX][FZ_VALUE_SIZE];
    const char *texts[COLUMNS_MAX];
    for (size_t i = 0; i < count; i++)
        texts[i] = text_of(values[i], &shown[i], object);
    fz_table_add(table, texts);
}

static void print_record(json_t *object, const struct fz_shown *shown, bool may_page)
{
    struct fz_column columns[COLUMNS_MAX];
    size_t count = set_columns(columns, shown);
    struct fz_table *table = fz_table_new(columns, count, true);
    add_row(table, shown, count, object);
    fz_table_print(table, may_page);
    fz_table_free(table);
}

static void print_items(json_t *items, const struct fz_shown *shown, bool may_page)
{
    struct fz_column columns[COLUMNS_MAX];
    size_t count = set_columns(columns, shown), i;
    json_t *item;
    struct fz_table *table = fz_table_new(columns, count, false);
    json_array_foreach(items, i, item)
        add_row(table, shown, count, item);
    if (json_array_size(items) > 0)
        fz_table_print(table, may_page);
    else
        fputs("fenzhang: there are none.\n", stderr);
    fz_table_free(table);
}

/* ---- answers ---- */

int fz_show_items(json_t *items, const struct fz_shown *shown, const struct fz_caller_options *caller)
{
    if (caller->json)
        return fz_print_json(json_incref(items));
    print_items(items, shown, !caller->no_input);
    return FZ_EXIT_DONE;
}

int fz_show(const void *answer, const struct fz_shown *shown, const char *list, const struct fz_caller_options *caller)
{
    size_t size = 0;
    const char *text = fz_answer_text(answer, &size);
    if (size == 0)
        return FZ_EXIT_DONE;
    if (caller->json) {
        fwrite(text, 1, size, stdout);
        putchar('\n');
        return FZ_EXIT_DONE;
    }
    json_t *body = json_loadb(text, size, 0, NULL);
    if (list == NULL)
        print_record(body, shown, !caller->no_input);
    else
        print_items(json_object_get(body, list), shown, !caller->no_input);
    json_decref(body);
    return FZ_EXIT_DONE;
}
