/* What both engines' sides of a copy have in common: the list of tables, and how their rows are asked for. */
#include "store/side.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct fz_table *table_named(struct fz_catalogue *catalogue, const char *name)
{
    struct fz_table *last = catalogue->count == 0 ? NULL : &catalogue->tables[catalogue->count - 1];
    if (last != NULL && strcmp(last->name, name) == 0)
        return last;
    if (catalogue->count == FZ_CATALOGUE_MAX)
        return NULL;
    struct fz_table *table = &catalogue->tables[catalogue->count++];
    *table = (struct fz_table){0};
    return fz_copy(table->name, sizeof table->name, name) ? table : NULL;
}

enum fz_result fz_catalogue_add(struct fz_catalogue *catalogue, const char *table, const char *column, char letter, int key)
{
    struct fz_table *into = table_named(catalogue, table);
    if (into == NULL || into->column_count == FZ_COLUMNS_MAX || key > FZ_KEY_MAX)
        return FZ_FULL;
    if (key > 0)
        into->key[key - 1] = into->column_count;
    into->key_count += key > 0;
    struct fz_table_column *to = &into->columns[into->column_count++];
    to->letter = letter;
    return fz_copy(to->name, sizeof to->name, column) ? FZ_OK : FZ_FULL;
}

/* "a", "b": the key's columns, each with `behind` after it. */
static void add_key(const struct fz_table *table, const char *behind, struct fz_text *out)
{
    for (size_t i = 0; i < table->key_count; i++)
        fz_text_format(out, "%s\"%s\"%s", i == 0 ? "" : ", ", table->columns[table->key[i]].name, behind);
}

void fz_table_select(const struct fz_table *table, enum fz_reach reach, struct fz_text *out)
{
    fz_text_string(out, "SELECT ");
    for (size_t i = 0; i < table->column_count; i++)
        fz_text_format(out, "%s\"%s\"", i == 0 ? "" : ", ", table->columns[i].name);
    fz_text_format(out, " FROM \"%s\"", table->name);
    if (reach == FZ_REACH_BEHIND) {
        fz_text_string(out, " WHERE (");
        add_key(table, "", out);
        fz_text_string(out, ") > (");
        for (size_t i = 0; i < table->key_count; i++)
            fz_text_format(out, "%s$%zu", i == 0 ? "" : ", ", i + 1);
        fz_text_string(out, ")");
    }
    fz_text_string(out, " ORDER BY ");
    add_key(table, reach == FZ_REACH_LAST ? " DESC" : "", out);
    if (reach == FZ_REACH_LAST)
        fz_text_string(out, " LIMIT 1");
}

enum fz_result fz_side_fail(struct fz_side *side, const char *format, ...)
{
    char text[1000];
    va_list values;
    if (side->failure.data != NULL)
        return FZ_FAILED;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    side->failure.max = sizeof text;
    fz_text_string(&side->failure, text);
    return FZ_FAILED;
}
