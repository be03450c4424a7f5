/* The configuration file of `fenzhang serve`, read by libinih and made into words of a command line: so its values pass the same
 * checks. */
#include "cli/server/serve_file.h"

#include <err.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/server/log.h"
#include "base/text.h"
#include "cli/command/command.h"
#include "cli/server/store_map.h"

#define FILE_MAX (1 << 20)

/* ---- what may stand in it ---- */

bool fz_serve_file_takes(const struct argp_option *option)
{
    return option->name != NULL && (option->flags & OPTION_HIDDEN) == 0 && strcmp(option->name, "config") != 0 &&
           strcmp(option->name, "print-config") != 0;
}

bool fz_serve_file_is_list(const struct argp_option *option)
{
    return option->arg != NULL && strstr(option->arg, "...") != NULL;
}

bool fz_serve_file_stand_together(const struct argp_option *option, const char *one, const char *other)
{
    if (option->arg == NULL || strncmp(option->arg, "[NAME=]", 7) != 0)
        return false;
    size_t size = fz_store_name_size(one);
    return size != fz_store_name_size(other) || strncmp(one, other, size) != 0;
}

bool fz_serve_file_is_path(const struct argp_option *option)
{
    return option->arg != NULL && (strncmp(option->arg, "FILE", 4) == 0 || strncmp(option->arg, "DIR", 3) == 0);
}

static bool is_end(const struct argp_option *option)
{
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

/* ---- mistakes ---- */

static void __attribute__((noreturn)) fail(const char *text)
{
    if (fz_log_is_journal())
        fz_log_error("%s", text);
    else
        fprintf(stderr, "fenzhang: %s\n", text);
    exit(FZ_EXIT_TROUBLE);
}

void fz_serve_file_refuse(const char *path, int line, const char *what)
{
    char *text = NULL;
    if (asprintf(&text, "%s, line %d: %s. Nothing was started.", path, line, what) < 0)
        err(FZ_EXIT_TROUBLE, "%s", path);
    fail(text);
}

struct reading {
    FILE *file;
    const struct argp_option *options;
    struct fz_serve_file *out;
    int line; /* that libinih has at hand */
};

static void __attribute__((format(printf, 2, 3), noreturn)) refuse(const struct reading *reading, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fz_clean_controls(text);
    fz_serve_file_refuse(reading->out->path, reading->line, text);
}

static void __attribute__((noreturn)) refuse_name(const struct reading *reading, const char *name)
{
    struct fz_nearest nearest = {.word = name};
    for (const struct argp_option *at = reading->options; !is_end(at); at++)
        if (fz_serve_file_takes(at))
            fz_nearest_try(&nearest, at->name);
    if (nearest.best != NULL)
        refuse(reading, "there is no option `%s'. Did you mean %s?", name, nearest.best);
    refuse(reading, "there is no option `%s'. The names are those of `fenzhang serve --help', without the dashes", name);
}

/* ---- one line ---- */

static const struct argp_option *find(const struct reading *reading, const char *name)
{
    for (const struct argp_option *at = reading->options; !is_end(at); at++)
        if (fz_serve_file_takes(at) && strcmp(at->name, name) == 0)
            return at;
    refuse_name(reading, name);
}

/* libinih takes a line that begins with a blank for more of the one above, and hands it over under that one's name. */
static void check_once(const struct reading *reading, const struct argp_option *option, const char *value)
{
    size_t size = strlen(option->name);
    for (int i = 0; i < reading->out->count && !fz_serve_file_is_list(option); i++) {
        const char *name = reading->out->words[i].text + strlen("--");
        bool same = strncmp(name, option->name, size) == 0 && strchr("=", name[size]) != NULL;
        if (same && !(name[size] == '=' && fz_serve_file_stand_together(option, name + size + 1, value)))
            refuse(reading, "%s was given on line %d already. (A line that begins with a blank goes on with the one above it.)",
                   option->name, reading->out->words[i].line);
    }
}

/* `text` is taken over. */
static void add(struct reading *reading, char *text)
{
    struct fz_serve_file *out = reading->out;
    struct fz_serve_word *words = reallocarray(out->words, (size_t)out->count + 1, sizeof *words);
    if (words == NULL || text == NULL)
        err(FZ_EXIT_TROUBLE, "%s", out->path);
    out->words = words;
    words[out->count++] = (struct fz_serve_word){text, reading->line};
}

static void add_switch(struct reading *reading, const struct argp_option *option, const char *value)
{
    char *text = NULL;
    if (strcmp(value, "no") == 0)
        return;
    if (strcmp(value, "yes") != 0)
        refuse(reading, "%s = %s is neither yes nor no", option->name, value);
    add(reading, asprintf(&text, "--%s", option->name) < 0 ? NULL : text);
}

/* A path is relative to the file. */
static void add_value(struct reading *reading, const struct argp_option *option, const char *value)
{
    const char *path = reading->out->path;
    int folder = fz_serve_file_is_path(option) && value[0] != '/' ? (int)(strrchr(path, '/') - path) + 1 : 0;
    char *text = NULL;
    if (value[0] == '\0')
        refuse(reading, "%s has no value. Give it one, or take the line away", option->name);
    add(reading, asprintf(&text, "--%s=%.*s%s", option->name, folder, path, value) < 0 ? NULL : text);
}

static int take(void *argument, const char *section, const char *name, const char *value)
{
    struct reading *reading = argument;
    if (section[0] != '\0')
        refuse(reading, "it stands below [%s], but this file has no sections. Take that line away", section);
    const struct argp_option *option = find(reading, name);
    check_once(reading, option, value);
    if (option->arg == NULL)
        add_switch(reading, option, value);
    else
        add_value(reading, option, value);
    return 1;
}

/* ---- the file ---- */

/* As fgets, for libinih, which says nothing of lines to its handler. */
static char *next_line(char *into, int size, void *stream)
{
    struct reading *reading = stream;
    int used = 0, byte = 0;
    reading->line++;
    while (used < size - 1 && byte != '\n' && (byte = getc(reading->file)) != EOF) {
        if (byte == '\0')
            refuse(reading, "it has a zero byte in it");
        into[used++] = (char)byte;
    }
    into[used] = '\0';
    if (byte != '\n' && byte != EOF)
        refuse(reading, "it is longer than %d bytes. Give that option on the command line", size - 2);
    if (byte == EOF && ferror(reading->file))
        refuse(reading, "it cannot be read (%s)", strerrordesc_np(errno));
    return used == 0 ? NULL : into;
}

static FILE *open_file(const char *path)
{
    char text[FZ_SERVE_VALUE_MAX + 300];
    struct stat found;
    errno = 0;
    bool good = stat(path, &found) == 0 && S_ISREG(found.st_mode) && found.st_size <= FILE_MAX; /* a pipe would be waited for */
    FILE *file = good ? fopen(path, "re") : NULL;
    if (file != NULL)
        return file;
    snprintf(text, sizeof text, "The configuration file %s cannot be read: %s. Name another with --config.", path,
             errno != 0 ? strerrordesc_np(errno) : "it is no regular file, or larger than 1 MiB");
    fail(text);
}

/* The file that is meant, as an absolute path; NULL: none. New. */
static char *find_file(const char *named)
{
    const char *directory = getenv("CONFIGURATION_DIRECTORY"); /* several are separated by colons */
    char *path = NULL;
    if (named != NULL && named[0] == '/')
        return strdup(named);
    if (named != NULL) {
        char *here = getcwd(NULL, 0);
        int size = here == NULL ? -1 : asprintf(&path, "%s/%s", here, named);
        free(here);
        return size < 0 ? NULL : path;
    }
    if (directory == NULL || directory[0] != '/' ||
        asprintf(&path, "%.*s/%s", (int)strcspn(directory, ":"), directory, FZ_SERVE_FILE_NAME) < 0)
        return NULL;
    if (access(path, F_OK) == 0 || errno != ENOENT)
        return path;
    free(path);
    return NULL;
}

void fz_serve_file_read(const char *named, const struct argp_option *options, struct fz_serve_file *out)
{
    *out = (struct fz_serve_file){.path = find_file(named)};
    if (out->path == NULL && named != NULL)
        err(FZ_EXIT_TROUBLE, "--config %s", named);
    if (out->path == NULL)
        return;
    struct reading reading = {.file = open_file(out->path), .options = options, .out = out};
    int line = ini_parse_stream(next_line, &reading, take, &reading);
    fclose(reading.file);
    reading.line = line;
    if (line != 0)
        refuse(&reading, "it is not NAME = VALUE");
}
