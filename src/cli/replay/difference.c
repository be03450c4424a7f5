/* Differences of two JSON values, member by member. */
#include "cli/replay/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fz_difference_add(json_t *differences, const char *member, json_t *then, json_t *now)
{
    (void)json_array_append_new(differences, json_pack("{s:s, s:O*, s:O*}", "member", member, "then", then, "now", now));
}

/* `pointer` and one step more. New. */
static char *deeper(const char *pointer, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", pointer, name) < 0 ? NULL : path;
}

static void find_in(json_t *differences, const char *pointer, const char *name, json_t *then, json_t *now)
{
    char *path = deeper(pointer, name);
    fz_differences_find(differences, path == NULL ? pointer : path, then, now);
    free(path);
}

static void find_in_objects(json_t *differences, const char *pointer, json_t *then, json_t *now)
{
    const char *name;
    json_t *value;
    json_object_foreach(then, name, value) find_in(differences, pointer, name, value, json_object_get(now, name));
    json_object_foreach(now, name, value)
    {
        if (json_object_get(then, name) == NULL)
            find_in(differences, pointer, name, NULL, value);
    }
}

static void find_in_lists(json_t *differences, const char *pointer, json_t *then, json_t *now)
{
    size_t count = json_array_size(then) > json_array_size(now) ? json_array_size(then) : json_array_size(now);
    for (size_t i = 0; i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        find_in(differences, pointer, name, json_array_get(then, i), json_array_get(now, i));
    }
}

void fz_differences_find(json_t *differences, const char *pointer, json_t *then, json_t *now)
{
    if (json_is_object(then) && json_is_object(now))
        find_in_objects(differences, pointer, then, now);
    else if (json_is_array(then) && json_is_array(now))
        find_in_lists(differences, pointer, then, now);
    else if (!json_equal(then, now))
        fz_difference_add(differences, pointer[0] == '\0' ? "/" : pointer, then, now);
}
