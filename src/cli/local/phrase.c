/* Words of the command line made into a control call. */
#include "cli/local/phrase.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- patterns ---- */

/* One part of a pattern: a word, the place of a value, or a value that the words stand for. */
struct part {
    const char *text;
    size_t size;
    enum { PART_WORD, PART_PLACE, PART_VALUE } kind;
};

/* The next part; false at the end. */
static bool next_part(const char **at, struct part *out)
{
    *at += strspn(*at, " ");
    out->text = *at;
    out->size = strcspn(*at, " ");
    *at += out->size;
    if (out->size == 0)
        return false;
    out->kind = out->text[0] == '{' ? PART_PLACE : memchr(out->text, '=', out->size) != NULL ? PART_VALUE : PART_WORD;
    if (out->kind == PART_PLACE) {
        out->text++;
        out->size -= 2;
    }
    return true;
}

static void give(json_t *given, const char *name, size_t size, const char *text)
{
    if (given != NULL)
        (void)json_object_setn_new(given, name, size, json_string(text));
}

/* "freeze=true" */
static void give_value(json_t *given, const struct part *part)
{
    size_t size = (size_t)((const char *)memchr(part->text, '=', part->size) - part->text);
    char value[64];
    (void)fz_copy_part(value, sizeof value, part->text + size + 1, part->size - size - 1);
    give(given, part->text, size, value);
}

/* How many of the words are values; -1: they do not fit. */
static int fit(const char *pattern, char *const words[], size_t count, json_t *given)
{
    struct part part;
    size_t used = 0;
    int places = 0;
    while (next_part(&pattern, &part)) {
        if (part.kind == PART_VALUE) {
            give_value(given, &part);
            continue;
        }
        const char *word = used < count ? words[used++] : NULL;
        if (word == NULL ||
            (part.kind == PART_WORD && (strlen(word) != part.size || strncmp(word, part.text, part.size) != 0)))
            return -1;
        if (part.kind == PART_PLACE)
            give(given, part.text, part.size, word);
        places += part.kind == PART_PLACE;
    }
    return used == count ? places : -1;
}

bool fz_phrase_is_of(const char *pattern, const char *command)
{
    size_t size = strlen(command);
    return strncmp(pattern, command, size) == 0 && (pattern[size] == ' ' || pattern[size] == '\0');
}

const struct fz_control_route *fz_phrase_find(char *const words[], size_t count, json_t *given)
{
    size_t route_count;
    int fewest = -1;
    const struct fz_control_route *routes = fz_control_routes(&route_count), *found = NULL;
    const char *pattern = NULL;
    for (size_t i = 0; i < route_count; i++)
        for (const char *const *at = routes[i].commands; at != NULL && *at != NULL; at++) {
            int places = fit(*at, words, count, NULL);
            if (places >= 0 && (fewest < 0 || places < fewest)) {
                fewest = places;
                found = &routes[i];
                pattern = *at;
            }
        }
    if (found != NULL)
        (void)fit(pattern, words, count, given);
    return found;
}

/* ---- as help has them ---- */

static void write_plain(const struct part *part, struct fz_text *out)
{
    fz_text_string(out, " ");
    for (size_t i = 0; i < part->size; i++)
        fz_text_add(out, &(char){part->kind == PART_PLACE ? (char)toupper(part->text[i]) : part->text[i]}, 1);
}

static void write_value(json_t *value, struct fz_text *out)
{
    char *text =
        json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    fz_text_string(out, text);
    free(text);
}

/* New: the example's parameters and its body, together. */
static json_t *example_of(const struct fz_control_route *route)
{
    json_t *all = json_object(),
           *each[] = {route->example.parameters == NULL ? NULL : json_loads(route->example.parameters, 0, NULL),
                      route->example.body == NULL ? NULL : json_loads(route->example.body, 0, NULL)};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        (void)json_object_update(all, each[i]);
        json_decref(each[i]);
    }
    return all;
}

/* Members that the words have no place for. */
static void write_options(json_t *left, struct fz_text *out)
{
    const char *name;
    json_t *value;
    json_object_foreach(left, name, value)
    {
        fz_text_string(out, " --");
        for (const char *at = name; *at != '\0'; at++)
            fz_text_add(out, *at == '_' ? "-" : at, 1);
        if (json_is_true(value))
            continue;
        fz_text_string(out, json_is_boolean(value) ? "=" : " ");
        write_value(value, out);
    }
}

/* False: the example has no value for one of the places, or is of other words. */
static bool write_with_example(const char *pattern, const struct fz_control_route *route, struct fz_text *out)
{
    struct part part;
    json_t *left = example_of(route);
    bool good = true;
    while (good && next_part(&pattern, &part)) {
        char name[64];
        (void)fz_copy_part(name, sizeof name, part.text, part.size);
        json_t *value = part.kind == PART_PLACE ? json_object_get(left, name) : NULL;
        good = part.kind == PART_WORD || value != NULL;
        if (part.kind == PART_WORD)
            write_plain(&part, out);
        else if (good) {
            fz_text_string(out, " ");
            write_value(value, out);
            (void)json_object_del(left, name);
        }
    }
    if (good)
        write_options(left, out);
    json_decref(left);
    return good;
}

void fz_phrase_write(const char *pattern, const struct fz_control_route *route, bool plain, struct fz_text *out)
{
    struct part part;
    struct fz_text typed = {.max = 4096};
    (void)next_part(&pattern, &part); /* the command */
    if (!plain && write_with_example(pattern, route, &typed)) {
        fz_text_add(out, typed.data, typed.size);
    } else {
        while (next_part(&pattern, &part))
            if (part.kind != PART_VALUE)
                write_plain(&part, out);
    }
    fz_text_done(&typed);
}

/* ---- values ---- */

/* "NATIVE,MWEB" */
static json_t *list_of(const char *text)
{
    json_t *list = json_array();
    char *copy = strdup(text), *rest = copy;
    for (const char *item; copy != NULL && (item = strsep(&rest, ",")) != NULL;)
        if (item[0] != '\0')
            (void)json_array_append_new(list, json_string(item));
    free(copy);
    return list;
}

static json_t *read_value(const struct fz_control_member *member, const char *text)
{
    int64_t number;
    json_t *value;
    bool is_number = fz_parse_int(text, &number) == FZ_OK;
    if (member->or_null && strcmp(text, "null") == 0)
        return json_null();
    switch (member->type) {
    case FZ_CONTROL_TEXT:
        return json_string(text);
    case FZ_CONTROL_INTEGER:
        return is_number ? json_integer(number) : NULL;
    case FZ_CONTROL_TEXT_OR_INTEGER:
        return is_number ? json_integer(number) : json_string(text);
    case FZ_CONTROL_BOOLEAN:
        return strcmp(text, "true") == 0 ? json_true() : strcmp(text, "false") == 0 ? json_false() : NULL;
    case FZ_CONTROL_TEXTS:
        return list_of(text);
    case FZ_CONTROL_OBJECT:
        value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        return json_is_object(value) ? value : (json_decref(value), NULL);
    }
    return NULL;
}

json_t *fz_phrase_value(const char *who, const struct fz_control_member *member, const char *text)
{
    static const char *const kinds[] = {
        [FZ_CONTROL_TEXT] = "text in UTF-8",         [FZ_CONTROL_INTEGER] = "whole number",
        [FZ_CONTROL_BOOLEAN] = "true or false",      [FZ_CONTROL_TEXT_OR_INTEGER] = "text in UTF-8",
        [FZ_CONTROL_TEXTS] = "list, a,b,c in UTF-8", [FZ_CONTROL_OBJECT] = "JSON object"};
    json_t *value = read_value(member, text);
    if (value == NULL)
        fprintf(stderr, "%s: %s is `%s', which is no %s (%s).\n", who, member->name, text, kinds[member->type],
                member->about);
    return value;
}

/* ---- the target ---- */

static void add_escaped(struct fz_text *out, const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, (int)strlen(text));
    if (escaped == NULL)
        out->failed = true;
    else
        fz_text_string(out, escaped);
    curl_free(escaped);
}

static void add_query(struct fz_text *out, json_t *values)
{
    const char *name, *between = "?";
    json_t *value;
    json_object_foreach(values, name, value)
    {
        fz_text_format(out, "%s%s=", between, name);
        if (json_is_integer(value))
            fz_text_format(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else
            add_escaped(out, json_string_value(value));
        between = "&";
    }
}

char *fz_phrase_target(const struct fz_control_route *route, const char *argument, json_t *values)
{
    struct fz_text target = {.max = 1 << 20};
    const char *star = strchr(route->path, '*');
    fz_text_add(&target, route->path, star == NULL ? strlen(route->path) : (size_t)(star - route->path));
    if (star != NULL) {
        add_escaped(&target, argument);
        fz_text_string(&target, star + 1);
    }
    if (!fz_control_has_body(route))
        add_query(&target, values);
    if (target.failed)
        fz_text_done(&target);
    return target.data;
}
