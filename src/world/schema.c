/* The JSON Schema of a world file, made from its rows: what editors complete and mark by. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "world/moment.h"
#include "world/row.h"

struct making {
    json_t *(*call_schema)(const char *call);
    bool failed; /* memory was short */
};

static json_t *schema_of(struct making *making, const struct fz_world_row *row);

/* Takes `value` over. */
static void set(struct making *making, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        making->failed = true;
}

/* ^[…]*$, with what has a meaning in brackets escaped. */
static json_t *pattern_json(const char *letters)
{
    FZ_CLEANUP(fz_text_done) struct fz_text pattern = {.max = 400};
    fz_text_string(&pattern, "^[");
    for (; *letters != '\0'; letters++)
        fz_text_format(&pattern, strchr("]\\^-", *letters) == NULL ? "%c" : "\\%c", *letters);
    fz_text_string(&pattern, "]*$");
    return pattern.failed ? NULL : json_string(pattern.data);
}

/* A number without quotes is the text that it looks like. */
static void describe_text(struct making *making, json_t *schema, const struct fz_world_row *row)
{
    set(making, schema, "type", json_pack("[s, s]", "string", "integer"));
    set(making, schema, "minLength", json_integer(row->min));
    set(making, schema, "maxLength", json_integer(row->max));
    if (row->letters != NULL)
        set(making, schema, "pattern", pattern_json(row->letters));
}

static void describe_time(struct making *making, json_t *schema, enum fz_world_type type)
{
    set(making, schema, "type", json_string("string"));
    set(making, schema, "pattern",
        json_string(type == FZ_WORLD_MOMENT ? FZ_MOMENT_PATTERN
                    : type == FZ_WORLD_DAY  ? FZ_DAY_PATTERN
                                            : "^P[0-9YMWDTHS.]+$"));
}

static void describe_word(struct making *making, json_t *schema, const struct fz_world_row *row)
{
    json_t *words = json_array();
    for (size_t i = 0; row->words[i] != NULL; i++) {
        (void)json_array_append_new(words, json_string(row->words[i]));
        if (strcmp(row->words[i], "off") == 0) /* what readers of YAML 1.1 make of it */
            (void)json_array_append_new(words, json_false());
    }
    if (row->or_null)
        (void)json_array_append_new(words, json_null());
    set(making, schema, "enum", words);
}

static void describe_map(struct making *making, json_t *schema, const struct fz_world_row *rows)
{
    json_t *properties = json_object(), *required = json_array();
    for (; rows->name != NULL; rows++) {
        set(making, properties, rows->name, schema_of(making, rows));
        if (rows->required)
            (void)json_array_append_new(required, json_string(rows->name));
    }
    set(making, schema, "type", json_string("object"));
    set(making, schema, "additionalProperties", json_false());
    set(making, schema, "properties", properties);
    set(making, schema, "required", required);
}

static void describe_parts(struct making *making, json_t *schema, const struct fz_world_row *row)
{
    bool is_list = row->type == FZ_WORLD_LIST;
    set(making, schema, "type", json_string(is_list ? "array" : "object"));
    set(making, schema, is_list ? "minItems" : "minProperties", json_integer(row->min));
    set(making, schema, is_list ? "maxItems" : "maxProperties", json_integer(row->max));
    set(making, schema, is_list ? "items" : "additionalProperties", schema_of(making, row->item));
    if (!is_list)
        set(making, schema, "propertyNames", json_pack("{s:o}", "pattern", pattern_json(row->letters)));
}

static void describe(struct making *making, json_t *schema, const struct fz_world_row *row)
{
    switch (row->type) {
    case FZ_WORLD_TEXT:
    case FZ_WORLD_LINES:
        describe_text(making, schema, row);
        return;
    case FZ_WORLD_WORD:
        describe_word(making, schema, row);
        return;
    case FZ_WORLD_INTEGER:
        set(making, schema, "type", json_string("integer"));
        set(making, schema, "minimum", json_integer(row->min));
        set(making, schema, "maximum", json_integer(row->max));
        return;
    case FZ_WORLD_BOOLEAN:
        set(making, schema, "type", json_string("boolean"));
        return;
    case FZ_WORLD_MAPPING:
        describe_map(making, schema, row->rows);
        return;
    case FZ_WORLD_LIST:
    case FZ_WORLD_NAMED:
        describe_parts(making, schema, row);
        return;
    default:
        describe_time(making, schema, row->type);
    }
}

static void allow_null(struct making *making, json_t *schema)
{
    json_t *type = json_object_get(schema, "type");
    if (json_is_array(type))
        making->failed |= json_array_append_new(type, json_string("null")) != 0;
    else if (type != NULL)
        set(making, schema, "type", json_pack("[O, s]", type, "null"));
}

/* New. */
static json_t *schema_of(struct making *making, const struct fz_world_row *row)
{
    json_t *schema = row->type == FZ_WORLD_CALL ? making->call_schema(row->call) : json_object();
    if (schema == NULL)
        making->failed = true;
    else if (row->type != FZ_WORLD_CALL)
        describe(making, schema, row);
    if (row->or_null)
        allow_null(making, schema);
    if (row->about != NULL)
        set(making, schema, "description", json_string(row->about));
    return schema;
}

json_t *fz_world_schema(json_t *(*call_schema)(const char *call))
{
    struct making making = {.call_schema = call_schema};
    json_t *schema = json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
                               "A world of Fenzhang: fenzhang serve --world FILE");
    if (schema != NULL)
        describe_map(&making, schema, fz_world_rows);
    if (!making.failed)
        return schema;
    json_decref(schema);
    return NULL;
}
