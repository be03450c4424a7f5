/* A request checked by its rows, before anything is sent. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/api/draft.h"
#include "cli/command/command.h"

#define PATH_SIZE 256

struct checking {
    const struct fz_naming *naming;
    bool is_institution;
    char path[PATH_SIZE]; /* of the object that is looked at, with a point at its end; "" at the top */
};

static bool check_members(const struct checking *checking, const struct fz_member *members, const json_t *object);

void fz_blame_member(const struct fz_naming *naming, const char *path)
{
    const char *name = naming->name_of == NULL ? NULL : naming->name_of(naming->argument, path);
    fprintf(stderr, "fenzhang: %s%s", name == NULL ? "" : name, name == NULL ? "" : ": ");
}

static void blame(const struct checking *checking, const char *name)
{
    char path[PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s%s", checking->path, name);
    fz_blame_member(checking->naming, path);
    fputs(path, stderr);
}

static bool wrong(const struct checking *checking, const char *name, const char *what)
{
    blame(checking, name);
    fprintf(stderr, " %s. Nothing was sent.\n", what);
    return false;
}

/* ---- one value ---- */

static bool is_word(const struct fz_member *row, const char *text)
{
    for (const char *const *word = row->words; *word != NULL; word++)
        if ((row->any_case ? strcasecmp(*word, text) : strcmp(*word, text)) == 0)
            return true;
    return false;
}

static bool refuse_word(const struct checking *checking, const struct fz_member *row, const char *text)
{
    blame(checking, row->name);
    fprintf(stderr, " is `%s', and has to be", text);
    for (const char *const *word = row->words; *word != NULL; word++)
        fprintf(stderr, "%s %s", word == row->words ? "" : word[1] == NULL ? " or" : ",", *word);
    fputs(". Nothing was sent.\n", stderr);
    return false;
}

static bool has_letters(enum fz_letters letters, const char *text)
{
    static const char *const allowed[] = {
        [FZ_DIGITS] = "0123456789",
        [FZ_NUMBER_LETTERS] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-",
        [FZ_REFUND_LETTERS] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-|*@",
        [FZ_DATE] = "0123456789-",
        [FZ_COMPACT_DATE] = "0123456789",
    };
    return letters == FZ_ANY_TEXT || text[strspn(text, allowed[letters])] == '\0';
}

static bool check_text(const struct checking *checking, const struct fz_member *row, const json_t *value)
{
    const char *text = json_string_value(value);
    char what[120];
    if (text == NULL)
        return wrong(checking, row->name, "is a text");
    long length = fz_utf8_length(text, json_string_length(value));
    if (length < 0)
        return wrong(checking, row->name, "has a letter that the API does not take (outside Unicode's basic plane)");
    if (row->min == row->max && length != row->min) {
        snprintf(what, sizeof what, "has %ld characters, and has to have %" PRId64, length, row->min);
        return wrong(checking, row->name, what);
    }
    if (length < row->min || (row->max > 0 && length > row->max)) {
        snprintf(what, sizeof what, "has %ld characters, and may have %" PRId64 " to %" PRId64, length, row->min, row->max);
        return wrong(checking, row->name, what);
    }
    if (row->words != NULL && !is_word(row, text))
        return refuse_word(checking, row, text);
    return has_letters(row->letters, text) || wrong(checking, row->name, "has a letter that does not belong there");
}

static bool check_number(const struct checking *checking, const struct fz_member *row, const json_t *value)
{
    char what[120];
    if (!json_is_integer(value))
        return wrong(checking, row->name, "is a whole number");
    json_int_t number = json_integer_value(value);
    if (number >= row->min && number <= row->max)
        return true;
    snprintf(what, sizeof what, "is %" PRId64 ", and may be %" PRId64 " to %" PRId64, (int64_t)number, row->min, row->max);
    return wrong(checking, row->name, what);
}

/* What is inside, with its name before its members'. */
static bool check_inner(const struct checking *checking, const struct fz_member *row, const json_t *value, const char *index)
{
    struct checking inner = {.naming = checking->naming, .is_institution = checking->is_institution};
    int size = snprintf(inner.path, sizeof inner.path, "%s%s%s.", checking->path, row->name, index);
    if (size < 0 || (size_t)size >= sizeof inner.path)
        return wrong(checking, row->name, "goes too deep");
    if (!json_is_object(value))
        return wrong(checking, row->name, "is an object");
    return check_members(&inner, row->members, value);
}

static bool check_list(const struct checking *checking, const struct fz_member *row, const json_t *list)
{
    size_t i;
    json_t *item;
    char index[24];
    if (!json_is_array(list))
        return wrong(checking, row->name, "is a list");
    if ((json_int_t)json_array_size(list) > row->max)
        return wrong(checking, row->name, "has too many items");
    json_array_foreach(list, i, item)
    {
        snprintf(index, sizeof index, ".%zu", i);
        if (!check_inner(checking, row, item, index))
            return false;
    }
    return true;
}

static bool check_value(const struct checking *checking, const struct fz_member *row, const json_t *value)
{
    switch (row->kind) {
    case FZ_STRING:
        return check_text(checking, row, value);
    case FZ_INTEGER:
        return check_number(checking, row, value);
    case FZ_BOOLEAN:
        return json_is_boolean(value) || wrong(checking, row->name, "is true or false");
    case FZ_OBJECT:
        return check_inner(checking, row, value, "");
    case FZ_ARRAY:
        return check_list(checking, row, value);
    case FZ_TIME:
    case FZ_STRINGS:
        return true;
    }
    __builtin_unreachable();
}

/* ---- an object ---- */

static bool check_member(const struct checking *checking, const struct fz_member *row, const json_t *value)
{
    enum fz_modes mode = checking->is_institution ? FZ_INSTITUTIONAL : FZ_COMMON;
    char what[200];
    if (value != NULL && row->only != FZ_NEVER && (row->only & mode) == 0)
        return wrong(checking, row->name,
                     checking->is_institution
                         ? "belongs to Common mode, and the profile is an institution's"
                         : "belongs to Institutional mode, and the profile is a direct merchant's (it has no sub_mchid)");
    if (value != NULL)
        return check_value(checking, row, value);
    if ((row->required & mode) == 0)
        return true;
    snprintf(what, sizeof what, "is missing: %s%s", row->meaning,
             row->role == FZ_SUB_MCHID ? ". Name one with --sub-mchid, or set it in the profile" : "");
    return wrong(checking, row->name, what);
}

static bool is_known(const struct fz_member *members, const char *name)
{
    for (; members->name != NULL; members++)
        if (strcmp(members->name, name) == 0)
            return true;
    return false;
}

static bool check_members(const struct checking *checking, const struct fz_member *members, const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!is_known(members, name))
            return wrong(checking, name, "is no member that the API has there");
    }
    for (; members->name != NULL; members++)
        if (!check_member(checking, members, json_object_get(object, members->name)))
            return false;
    return true;
}

bool fz_draft_check(const struct fz_draft *draft, bool is_institution)
{
    const struct checking checking = {.naming = &draft->naming, .is_institution = is_institution};
    return check_members(&checking, draft->spec->request, draft->members);
}
