/* Requests put together. */
#include "cli/api/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command/command.h"
#include "spec/calls.h"
#include "spec/row/json.h"

#define REQUEST_MAX (4 << 20)
#define NAME_MAX_SIZE 64
#define ITEMS_MAX   1000

/* ---- which call ---- */

static bool no_call(const char *name)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    struct fz_nearest nearest = {.word = name};
    for (size_t i = 0; i < count; i++)
        fz_nearest_try(&nearest, specs[i]->name);
    fprintf(stderr, "fenzhang: there is no call named `%s'.", name);
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean %s?", nearest.best);
    fputs(" `fenzhang call --list' tells them.\n", stderr);
    return false;
}

bool fz_draft_begin(struct fz_draft *draft, const char *call)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    *draft = (struct fz_draft){.members = json_object(), .arena.max = REQUEST_MAX};
    for (size_t i = 0; i < count && draft->spec == NULL; i++)
        if (strcmp(specs[i]->name, call) == 0)
            draft->spec = specs[i];
    return draft->spec != NULL || no_call(call);
}

void fz_draft_done(struct fz_draft *draft)
{
    json_decref(draft->members);
    fz_arena_done(&draft->arena);
}

/* ---- paths ---- */

/* The next part of a dotted path, and where the rest begins; false: it is too long, or empty. */
static bool next_part(const char **path, char part[NAME_MAX_SIZE])
{
    size_t size = strcspn(*path, ".");
    bool good = size > 0 && fz_copy_part(part, NAME_MAX_SIZE, *path, size);
    *path += size + ((*path)[size] == '.');
    return good;
}

static const struct fz_member *row_called(const struct fz_member *members, const char *name)
{
    for (; members != NULL && members->name != NULL; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

static bool is_index(const char *part, size_t *index)
{
    int64_t number;
    if (fz_parse_int(part, &number) != FZ_OK || number < 0 || number >= ITEMS_MAX)
        return false;
    *index = (size_t)number;
    return true;
}

const struct fz_member *fz_member_at(const struct fz_member *members, const char *path)
{
    const struct fz_member *row = NULL;
    char part[NAME_MAX_SIZE];
    size_t index;
    while (*path != '\0') {
        if (!next_part(&path, part))
            return NULL;
        if (row != NULL && row->kind == FZ_ARRAY && is_index(part, &index))
            continue; /* an item has the rows of its list */
        row = row_called(row == NULL ? members : row->members, part);
        if (row == NULL)
            return NULL;
    }
    return row;
}

json_t *fz_draft_get(const struct fz_draft *draft, const char *path)
{
    json_t *at = draft->members;
    char part[NAME_MAX_SIZE];
    size_t index;
    while (at != NULL && *path != '\0') {
        if (!next_part(&path, part))
            return NULL;
        at = json_is_array(at) && is_index(part, &index) ? json_array_get(at, index) : json_object_get(at, part);
    }
    return at;
}

/* ---- values ---- */

static bool wrong(const struct fz_draft *draft, const char *path, const char *text, const char *what)
{
    bool is_decimal = strstr(path, "amount") != NULL && strchr(text, '.') != NULL;
    fz_blame_member(&draft->naming, path);
    fprintf(stderr, "%s is %s, not `%s'.%s\n", path, what, text,
            is_decimal ? " Amounts are in the smallest unit of their currency: 1000 is 10.00 CNY." : "");
    return false;
}

/* New; NULL after a message. */
static json_t *value_of(const struct fz_draft *draft, const struct fz_member *row, const char *path, const char *text)
{
    int64_t number;
    json_t *value = NULL;
    switch (row->kind) {
    case FZ_INTEGER:
        if (fz_parse_int(text, &number) == FZ_OK)
            return json_integer(number);
        (void)wrong(draft, path, text, "a whole number");
        return NULL;
    case FZ_BOOLEAN:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            return json_boolean(text[0] == 't');
        (void)wrong(draft, path, text, "true or false");
        return NULL;
    case FZ_OBJECT:
    case FZ_ARRAY:
    case FZ_STRINGS:
        value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (value == NULL)
            (void)wrong(draft, path, text, "JSON here; or name its members, with points between");
        return value;
    case FZ_STRING:
    case FZ_TIME:
        value = json_string(text);
        if (value == NULL)
            fprintf(stderr, "fenzhang: %s is no UTF-8.\n", path);
        return value;
    }
    __builtin_unreachable();
}

/* The object or list that the part leads to, which is made where it is not there. */
static json_t *step_into(json_t *at, const char *part, bool to_list)
{
    size_t index;
    json_t *inner = NULL;
    if (json_is_array(at)) {
        if (!is_index(part, &index))
            return NULL;
        while (json_array_size(at) <= index)
            json_array_append_new(at, json_object());
        return json_array_get(at, index);
    }
    inner = json_object_get(at, part);
    if (inner == NULL) {
        inner = to_list ? json_array() : json_object();
        json_object_set_new(at, part, inner);
    }
    return inner;
}

/* Where the last part of the path belongs, which `part` then has. NULL: what was given before stands in the way. */
static json_t *home_of(struct fz_draft *draft, const char *path, char part[NAME_MAX_SIZE])
{
    const struct fz_member *members = draft->spec->request, *row = NULL;
    json_t *at = draft->members;
    while (at != NULL && next_part(&path, part) && *path != '\0') {
        size_t index;
        if (!(row != NULL && row->kind == FZ_ARRAY && is_index(part, &index)))
            row = row_called(members, part);
        members = row->members;
        at = step_into(at, part, row->kind == FZ_ARRAY && !json_is_array(at));
    }
    return json_is_object(at) ? at : NULL;
}

static bool no_member(const struct fz_draft *draft, const char *path)
{
    struct fz_nearest nearest = {.word = path};
    for (const struct fz_member *row = draft->spec->request; row->name != NULL; row++)
        fz_nearest_try(&nearest, row->name);
    fprintf(stderr, "fenzhang: %s has no member `%s'.", draft->spec->name, path);
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean --%s?", nearest.best);
    fprintf(stderr, " `fenzhang call %s -h' tells them.\n", draft->spec->name);
    return false;
}

bool fz_draft_set(struct fz_draft *draft, const char *path, const char *text)
{
    const struct fz_member *row = fz_member_at(draft->spec->request, path);
    char last[NAME_MAX_SIZE];
    if (row == NULL)
        return no_member(draft, path);
    json_t *value = value_of(draft, row, path, text);
    json_t *home = value == NULL ? NULL : home_of(draft, path, last);
    if (home != NULL)
        return json_object_set_new(home, last, value) == 0;
    if (value != NULL)
        fprintf(stderr, "fenzhang: %s does not fit beside what else was given.\n", path);
    json_decref(value);
    return false;
}

bool fz_draft_set_all(struct fz_draft *draft, const char *json, const char *where)
{
    json_error_t fault;
    json_t *object = json_loads(json, JSON_REJECT_DUPLICATES, &fault);
    if (json_is_object(object)) {
        json_object_update(draft->members, object);
        json_decref(object);
        return true;
    }
    if (object == NULL)
        fprintf(stderr, "fenzhang: %s is no JSON: line %d: %s.\n", where, fault.line, fault.text);
    else
        fprintf(stderr, "fenzhang: %s is no JSON object.\n", where);
    json_decref(object);
    return false;
}

/* ---- the end ---- */

/* Of a sub-merchant that may be left out, all of them are meant, unless the command line names one. */
static bool is_wanted(const struct fz_member *row, const struct fz_profile *profile)
{
    if (row->role == FZ_SUB_MCHID && profile->is_sub_mchid_asked)
        return true;
    return (row->required & (profile->is_institution ? FZ_INSTITUTIONAL : FZ_COMMON)) != 0;
}

/* What the profile knows of the member; NULL: nothing. */
static const char *known(const struct fz_member *row, const struct fz_profile *profile)
{
    switch (row->role) {
    case FZ_MCHID:
    case FZ_SP_MCHID:
        return profile->values[FZ_SETTING_MCHID];
    case FZ_SUB_MCHID:
        return profile->values[FZ_SETTING_SUB_MCHID];
    case FZ_PLAIN:
        break;
    }
    return strcmp(row->name, "appid") == 0 || strcmp(row->name, "sp_appid") == 0 ? profile->values[FZ_SETTING_APPID] : NULL;
}

static void fill_in(struct fz_draft *draft, const struct fz_profile *profile)
{
    const char *notify_url = profile->values[FZ_SETTING_NOTIFY_URL];
    for (const struct fz_member *row = draft->spec->request; row->name != NULL; row++) {
        const char *value = is_wanted(row, profile) ? known(row, profile) : NULL;
        if (strcmp(row->name, "notify_url") == 0)
            value = notify_url;
        if (value != NULL && json_object_get(draft->members, row->name) == NULL)
            json_object_set_new(draft->members, row->name, json_string(value));
    }
}

bool fz_draft_finish(struct fz_draft *draft, const struct fz_profile *profile, const void **request)
{
    char fault[FZ_MEMBER_NAME_SIZE] = "";
    fill_in(draft, profile);
    if (!fz_draft_check(draft, profile->is_institution))
        return false;
    char *text = json_dumps(draft->members, JSON_COMPACT);
    void *values = fz_arena_take(&draft->arena, draft->spec->request_size);
    enum fz_result result = text == NULL || values == NULL
                                ? FZ_FAILED
                                : fz_members_read(draft->spec->request, text, strlen(text), &draft->arena, values, fault);
    free(text);
    *request = values;
    if (result == FZ_OK) {
        *(size_t *)values = draft->spec->request_size; /* requests begin with it: FZ_INIT */
        return true;
    }
    fprintf(stderr, "fenzhang: the request cannot be put together%s%s.\n", fault[0] == '\0' ? "" : ": at fault is ", fault);
    return false;
}
