/* fenzhang env: the names of a demo book for a shell, for docker, or as JSON. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/private_file.h"
#include "base/shell_word.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"
#include "server/data/data_directory.h"

#define FILE_MAX  (64 << 10)
#define VALUE_MAX FZ_PATH_SIZE

enum { KEY_DATA = 'd', KEY_EXPORT = 'e', KEY_JSON = 'j', KEY_DOCKER = 0x100 };

struct options {
    const char *data;
    int format; /* its key; 0: as the file is */
};

static const struct argp_option options[] = {
    {"data", KEY_DATA, "DIR", 0, "The data directory (${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"export", KEY_EXPORT, NULL, 0, "Lines export NAME=value, to be evaluated by a shell", 0},
    {"json", KEY_JSON, NULL, 0, "A JSON object", 0},
    {"docker", KEY_DOCKER, NULL, 0, "Lines NAME=value without any quotes, for docker's --env-file", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_DATA:
        into->data = argument;
        return 0;
    case KEY_EXPORT:
    case KEY_JSON:
    case KEY_DOCKER:
        if (into->format != 0 && into->format != key)
            argp_error(state, "--export, --json and --docker are three ways to write the same: give one of them");
        into->format = key;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- one variable ---- */

/* `name` (of `size`) and its value, written in one of the ways. False: it cannot be, which `why` ends. */
static bool print_variable(int format, const char *name, size_t size, const char *value, const char **why)
{
    FZ_CLEANUP(fz_text_done) struct fz_text quoted = {.max = 5 * VALUE_MAX};
    if (format == KEY_DOCKER) {
        *why = "has a line feed in it, which an --env-file cannot carry";
        if (strchr(value, '\n') != NULL)
            return false;
        printf("%.*s=%s\n", (int)size, name, value);
        return true;
    }
    fz_shell_word_add(&quoted, value);
    *why = "is too long";
    if (quoted.failed)
        return false;
    printf("%s%.*s=%s\n", format == KEY_EXPORT ? "export " : "", (int)size, name, quoted.data);
    return true;
}

static bool keep_variable(json_t *object, const char *name, size_t size, const char *value, const char **why)
{
    *why = "is not UTF-8, which JSON cannot carry";
    return json_object_setn_new(object, name, size, json_string(value)) == 0;
}

/* ---- all of them ---- */

/* False after a message. */
static bool print_line(const char **at, int format, json_t *object)
{
    FZ_CLEANUP(fz_text_done) struct fz_text value = {.max = VALUE_MAX};
    const char *name = *at, *why = "cannot be read";
    size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    *at += size;
    if (size > 0 && *(*at)++ == '=' && fz_shell_word_read(at, &value) == FZ_OK && *(*at)++ == '\n') {
        const char *text = value.data == NULL ? "" : value.data;
        if (object != NULL ? keep_variable(object, name, size, text, &why) : print_variable(format, name, size, text, &why))
            return true;
    }
    fprintf(stderr, "fenzhang: the value of %.*s in demo.env %s. ", size == 0 ? 4 : (int)size, size == 0 ? "NAME" : name, why);
    fputs("The server writes that file anew at its next start.\n", stderr);
    return false;
}

static int print(const char *text, int format)
{
    json_t *object = format == KEY_JSON ? json_object() : NULL;
    bool good = true;
    for (const char *at = text; good && *at != '\0';)
        good = print_line(&at, format, object);
    if (good && object != NULL)
        return fz_print_json(object);
    json_decref(object);
    return good ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
}

/* ---- the file ---- */

static bool has(const char *data, const char *name)
{
    char path[FZ_PATH_SIZE];
    return fz_path_join(path, data, name) == FZ_OK && access(path, F_OK) == 0;
}

/* A book in a database leaves its secret here alone. */
static void tell_why_not(const char *data, enum fz_result result, const char *path, const char *reason)
{
    bool has_book = has(data, "book.db") || has(data, "secret.key");
    if (result != FZ_ABSENT)
        fprintf(stderr, "fenzhang: the file %s cannot be read: %s. Name the server's data directory with --data.\n", path, reason);
    else if (has_book)
        fprintf(stderr,
                "fenzhang: the book of %s is not the demo book, so it has no demo.env. The keys of its merchants lie in "
                "%s/merchants; for the demo book: fenzhang serve --demo --data ANOTHER_DIRECTORY\n",
                data, data);
    else
        fprintf(stderr,
                "fenzhang: there is no book in %s. Name the server's data directory with --data; or make the demo book there: "
                "fenzhang serve --demo --data DIR\n",
                data);
}

static int run(const char *data, int format)
{
    static char text[FILE_MAX];
    char path[FZ_PATH_SIZE] = "", reason[160] = "its path is too long";
    if (!fz_data_is_readable(data))
        return FZ_EXIT_TROUBLE;
    enum fz_result result = fz_path_join(path, data, "demo.env");
    if (result == FZ_OK)
        result = fz_private_file_read(path, text, sizeof text, reason, sizeof reason);
    if (result == FZ_OK)
        return print(text, format);
    tell_why_not(data, result, path, reason);
    return FZ_EXIT_TROUBLE;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Prints the names of the demo book, as DIR/demo.env has them: addresses, merchants, keys and numbers. The "
    "addresses are those of the server's latest start.\v"
    "Examples:\n"
    "  eval \"$(fenzhang env --data ./data --export)\"\n"
    "      for programs that read their environment\n"
    "  fenzhang env --data ./data --docker > test.env && docker run --env-file test.env …\n"
    "  fenzhang env --data ./data --json | jq -r .SERIAL_NO\n",
    NULL,
    NULL,
    NULL};

static int run_env(int argc, char **argv)
{
    struct options with = {0};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse(&argp, argc, argv, &with);
    return fz_data_path(with.data, data) ? run(data, with.format) : FZ_EXIT_TROUBLE;
}

const struct fz_command fz_env_command = {
    .name = "env",
    .summary = "prints the demo book's addresses, keys and numbers for a shell, docker or a program",
    .argp = &argp,
    .run = run_env,
};
