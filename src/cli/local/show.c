/* Answers of a control interface, printed: a list as a table, an object as a line a value, a text as it is. */
#include "cli/local/show.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/output/page.h"
#include "cli/output/table.h"

#define COLUMNS_MAX 64

struct columns {
    struct fz_column list[COLUMNS_MAX];
    size_t count;
};

static void add_column(struct columns *columns, const char *title, const json_t *value)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->list[i].title, title) == 0)
            return;
    if (columns->count < COLUMNS_MAX)
        columns->list[columns->count++] = (struct fz_column){title, json_is_integer(value)};
}

static void add_columns(struct columns *columns, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) add_column(columns, name, value);
}

/* New: texts as they are, all else as JSON has it; nothing of null. */
static char *text_of(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return NULL;
    char *text =
        json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (text == NULL)
        err(FZ_EXIT_TROUBLE, "the answer could not be printed");
    return text;
}

static void add_row(struct fz_table *table, const struct columns *columns, json_t *object)
{
    char *texts[COLUMNS_MAX];
    for (size_t i = 0; i < columns->count; i++)
        texts[i] = text_of(json_object_get(object, columns->list[i].title));
    fz_table_add(table, (const char *const *)texts);
    for (size_t i = 0; i < columns->count; i++)
        free(texts[i]);
}

/* What a list says beside itself. */
static bool stands_beside(const char *name)
{
    return strcmp(name, "process") == 0 || strcmp(name, "next") == 0 || strcmp(name, "before") == 0;
}

/* The list that the object is; NULL: it is none. */
static json_t *list_in(json_t *object)
{
    const char *name;
    json_t *value, *list = NULL;
    json_object_foreach(object, name, value)
    {
        if (!stands_beside(name) && (list != NULL || !json_is_array(value)))
            return NULL;
        list = json_is_array(value) ? value : list;
    }
    return list;
}

static void print_list(json_t *list, bool may_page)
{
    struct columns columns = {0};
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) add_columns(&columns, item);
    struct fz_table *table = fz_table_new(columns.list, columns.count, false);
    json_array_foreach(list, i, item) add_row(table, &columns, item);
    if (i > 0)
        fz_table_print(table, may_page);
    else
        fputs("fenzhang: there are none.\n", stderr);
    fz_table_free(table);
}

static void print_object(json_t *object, bool may_page)
{
    struct columns columns = {0};
    add_columns(&columns, object);
    struct fz_table *table = fz_table_new(columns.list, columns.count, true);
    add_row(table, &columns, object);
    fz_table_print(table, may_page);
    fz_table_free(table);
}

/* What a list says beside itself: where it goes on. */
static void tell_more(json_t *object)
{
    const char *next = json_string_value(json_object_get(object, "next"));
    const json_t *before = json_object_get(object, "before");
    if (next != NULL)
        fprintf(stderr, "fenzhang: more: --before %s\n", next);
    else if (json_is_integer(before))
        fprintf(stderr, "fenzhang: more: --before %" JSON_INTEGER_FORMAT "\n", json_integer_value(before));
}

int fz_place_show(const struct fz_place_answer *answer, const struct fz_caller_options *caller)
{
    json_t *list = list_in(answer->json);
    int status = fz_place_judge(answer);
    if (status != FZ_EXIT_DONE)
        return status;
    if (caller->json && answer->json != NULL)
        return fz_print_json(json_incref(answer->json)) == FZ_EXIT_DONE ? status : FZ_EXIT_TROUBLE;
    if (list != NULL) {
        print_list(list, !caller->no_input);
        tell_more(answer->json);
    } else if (json_is_object(answer->json)) {
        print_object(answer->json, !caller->no_input);
    } else if (answer->body.size > 0) {
        fz_clean_controls(answer->body.data); /* text, which may be of anything that listens there */
        fz_page(answer->body.data, answer->body.size, !caller->no_input);
    }
    return status;
}
