/* The environment of a program that runs in a world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/private_file.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/local/worlds.h"
#include "server/data/data_directory.h"

#define FILE_MAX  (64 << 10)
#define VALUE_MAX FZ_PATH_SIZE

/* NULL-ended. */
struct environment {
    char **list;
    size_t count;
    bool failed; /* memory was short */
};

static size_t name_size(const char *variable)
{
    return strcspn(variable, "=");
}

/* Takes `variable` ("NAME=value", allocated) over, in the place of one of the same name. */
static void take(struct environment *into, char *variable)
{
    size_t at = 0, size = variable == NULL ? 0 : name_size(variable);
    while (variable != NULL && at < into->count &&
           (name_size(into->list[at]) != size || strncmp(into->list[at], variable, size) != 0))
        at++;
    if (variable != NULL && at < into->count) {
        free(into->list[at]);
        into->list[at] = variable;
        return;
    }
    char **grown = variable == NULL ? NULL : reallocarray(into->list, into->count + 2, sizeof *grown);
    if (grown == NULL) {
        free(variable);
        into->failed = true;
        return;
    }
    grown[into->count++] = variable;
    grown[into->count] = NULL;
    into->list = grown;
}

static void set(struct environment *into, const char *name, size_t size, const char *value)
{
    char *variable = NULL;
    take(into, asprintf(&variable, "%.*s=%s", (int)size, name, value) < 0 ? NULL : variable);
}

/* One line NAME=value of a demo.env. */
static bool set_line(struct environment *into, const char **at)
{
    FZ_CLEANUP(fz_text_done) struct fz_text value = {.max = VALUE_MAX};
    const char *name = *at;
    size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    *at += size;
    if (size == 0 || *(*at)++ != '=' || fz_shell_word_read(at, &value) != FZ_OK || *(*at)++ != '\n')
        return false;
    set(into, name, size, value.data == NULL ? "" : value.data);
    return true;
}

/* False after a message. */
static bool set_names(struct environment *into, const char *path)
{
    char reason[160] = "it is not made of lines NAME=value", *text = malloc(FILE_MAX);
    bool good = text != NULL && fz_private_file_read(path, text, FILE_MAX, reason, sizeof reason) == FZ_OK;
    for (const char *at = text; good && *at != '\0';)
        good = set_line(into, &at);
    free(text);
    if (!good)
        fprintf(stderr, "fenzhang: the file %s cannot be read: %s.\n", path, reason);
    return good;
}

char **fz_world_environment(const struct fz_worlds *worlds, size_t number)
{
    const struct fz_local_world *world = &worlds->list[number];
    struct environment made = {0};
    char digits[24];
    for (char **at = environ; *at != NULL; at++)
        take(&made, strdup(*at));
    bool good = set_names(&made, world->demo_env);
    snprintf(digits, sizeof digits, "%zu", number);
    set(&made, "FENZHANG_WORLD", strlen("FENZHANG_WORLD"), digits);
    set(&made, "FENZHANG_ENV", strlen("FENZHANG_ENV"), world->demo_env);
    if (good && !made.failed)
        return made.list;
    if (made.failed)
        fputs("fenzhang: memory is short. Make room, then try again.\n", stderr);
    fz_world_environment_free(made.list);
    return NULL;
}

void fz_world_environment_free(char **environment)
{
    for (char **at = environment; at != NULL && *at != NULL; at++)
        free(*at);
    free(environment);
}
