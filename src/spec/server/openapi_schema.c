/* JSON Schema (as OpenAPI 3.1 has it) of parameters and answers, from their declarations. */
#include <string.h>

#include "spec/server/openapi.h"
#include "spec/server/request_internal.h"

void fz_openapi_set(struct fz_openapi_making *making, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        making->failed = true;
}

void fz_openapi_append(struct fz_openapi_making *making, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        making->failed = true;
}

static const char *type_word(enum fz_kind kind)
{
    static const char *const words[] = {[FZ_STRING] = "string",
                                        [FZ_INTEGER] = "integer",
                                        [FZ_BOOLEAN] = "boolean",
                                        [FZ_OBJECT] = "object",
                                        [FZ_ARRAY] = "array",
                                        [FZ_TIME] = "string",
                                        [FZ_STRINGS] = "array"};
    return words[kind];
}

static const char *pattern_of(enum fz_letters letters)
{
    static const char *const patterns[] = {[FZ_ANY_TEXT] = NULL,
                                           [FZ_DIGITS] = "^[0-9]*$",
                                           [FZ_NUMBER_LETTERS] = "^[0-9A-Za-z_-]*$",
                                           [FZ_REFUND_LETTERS] = "^[0-9A-Za-z_|*@-]*$",
                                           [FZ_DATE] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                                           [FZ_COMPACT_DATE] = "^[0-9]{8}$"};
    return patterns[letters];
}

static json_t *words_json(struct fz_openapi_making *making, const char *const *values)
{
    json_t *words = json_array();
    for (; *values != NULL; values++)
        fz_openapi_append(making, words, json_string(*values));
    return words;
}

json_t *fz_openapi_description(const struct fz_member *member)
{
    const char *meaning = member->meaning == NULL ? "" : member->meaning;
    if (member->only == FZ_COMMON || member->only == FZ_INSTITUTIONAL)
        return json_sprintf("%s. %s alone%s", meaning, fz_mode_word(member->only),
                            member->required != FZ_NEVER ? "; required there" : "");
    if (member->required == FZ_COMMON || member->required == FZ_INSTITUTIONAL)
        return json_sprintf("%s. Required in %s", meaning, fz_mode_word(member->required));
    return json_string(meaning);
}

static void add_string_rules(struct fz_openapi_making *making, json_t *schema,
                             const struct fz_member *member)
{
    fz_openapi_set(making, schema, "minLength", json_integer(member->min));
    fz_openapi_set(making, schema, "maxLength", json_integer(member->max));
    if (pattern_of(member->letters) != NULL)
        fz_openapi_set(making, schema, "pattern", json_string(pattern_of(member->letters)));
    if (member->letters == FZ_DATE)
        fz_openapi_set(making, schema, "format", json_string("date"));
    if (member->words != NULL)
        fz_openapi_set(making, schema, "enum", words_json(making, member->words));
    if (member->fallback != NULL)
        fz_openapi_set(making, schema, "default", json_string(member->fallback));
    if (member->sealed)
        fz_openapi_set(making, schema, "contentEncoding", json_string("base64"));
}

json_t *fz_openapi_member_schema(struct fz_openapi_making *making, const struct fz_member *member)
{
    json_t *schema =
        member->kind == FZ_OBJECT ? fz_openapi_body_schema(making, member->members) : json_object();
    if (member->kind != FZ_OBJECT)
        fz_openapi_set(making, schema, "type", json_string(type_word(member->kind)));
    fz_openapi_set(making, schema, "description", fz_openapi_description(member));
    if (member->kind == FZ_STRING)
        add_string_rules(making, schema, member);
    if (member->kind == FZ_INTEGER) {
        fz_openapi_set(making, schema, "format", json_string("int64"));
        fz_openapi_set(making, schema, "minimum", json_integer(member->min));
        fz_openapi_set(making, schema, "maximum", json_integer(member->max));
    }
    if (member->kind == FZ_ARRAY) {
        fz_openapi_set(making, schema, "minItems", json_integer(member->min));
        fz_openapi_set(making, schema, "maxItems", json_integer(member->max));
        fz_openapi_set(making, schema, "items", fz_openapi_body_schema(making, member->members));
    }
    return schema;
}

/* An object to whose `properties` and `required` is added what it has. */
static json_t *closed_object(struct fz_openapi_making *making)
{
    json_t *schema = json_object();
    fz_openapi_set(making, schema, "type", json_string("object"));
    fz_openapi_set(making, schema, "properties", json_object());
    fz_openapi_set(making, schema, "required", json_array());
    fz_openapi_set(making, schema, "additionalProperties", json_false());
    return schema;
}

static void add_property(struct fz_openapi_making *making, json_t *object, const char *name, json_t *schema,
                         bool required)
{
    fz_openapi_set(making, json_object_get(object, "properties"), name, schema);
    if (required)
        fz_openapi_append(making, json_object_get(object, "required"), json_string(name));
}

json_t *fz_openapi_body_schema(struct fz_openapi_making *making, const struct fz_member *parameters)
{
    json_t *schema = closed_object(making);
    for (; parameters->name != NULL; parameters++)
        if (parameters->place == FZ_IN_BODY)
            add_property(making, schema, parameters->name, fz_openapi_member_schema(making, parameters),
                         parameters->required == FZ_BOTH);
    return schema;
}

/* What an answer is held to: whether a member is there, and how long it may be. */
static json_t *answer_member_schema(struct fz_openapi_making *making, const struct fz_member *member)
{
    json_t *schema =
        member->kind == FZ_OBJECT ? fz_openapi_answer_schema(making, member->members) : json_object();
    if (member->kind != FZ_OBJECT)
        fz_openapi_set(making, schema, "type", json_string(type_word(member->kind)));
    fz_openapi_set(making, schema, "description", json_string(member->meaning));
    if ((member->kind == FZ_STRING || member->kind == FZ_TIME) && member->max > 0)
        fz_openapi_set(making, schema, "maxLength", json_integer(member->max));
    if (member->words != NULL)
        fz_openapi_set(making, schema, "enum", words_json(making, member->words));
    if (member->kind == FZ_INTEGER)
        fz_openapi_set(making, schema, "format", json_string("int64"));
    if ((member->kind == FZ_ARRAY || member->kind == FZ_STRINGS) && member->max > 0)
        fz_openapi_set(making, schema, "maxItems", json_integer(member->max));
    if (member->kind == FZ_ARRAY)
        fz_openapi_set(making, schema, "items", fz_openapi_answer_schema(making, member->members));
    if (member->kind == FZ_STRINGS)
        fz_openapi_set(making, schema, "items", json_pack("{s:s}", "type", type_word(FZ_STRING)));
    return schema;
}

json_t *fz_openapi_answer_schema(struct fz_openapi_making *making, const struct fz_member *members)
{
    json_t *schema = closed_object(making);
    for (; members->name != NULL; members++)
        add_property(making, schema, members->name, answer_member_schema(making, members),
                     members->required == FZ_BOTH);
    return schema;
}
