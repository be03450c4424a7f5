/* fenzhang serve --print-config: what command line, file and defaults come to, as a file that says the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command/command.h"
#include "cli/server/serve_options.h"

#define CLEAN_SIZE 5000

/* All that was given for an option counts together if it is a list; else what was given last. */
struct value {
    struct fz_text text;
    const struct fz_serve_given *last; /* NULL: it was not given */
};

/* `which` is one that was given for the option; what stands beside it is no part of this. NULL: all of it. */
static void find(const struct fz_serve_options *with, const struct argp_option *option, const struct fz_serve_given *which, struct value *out)
{
    for (size_t i = 0; i < with->given_count; i++) {
        const struct fz_serve_given *given = &with->given[i];
        if (given->key != option->key || (which != NULL && fz_serve_file_stand_together(option, which->text, given->text)))
            continue;
        if (!fz_serve_file_is_list(option))
            out->text.size = 0;
        out->last = given;
        fz_text_format(&out->text, "%s%s", out->text.size > 0 ? "," : "", given->text == NULL ? "yes" : given->text);
    }
}

static void print_source(const struct fz_serve_options *with, const struct fz_serve_given *given)
{
    if (given == NULL)
        puts("# not given");
    else if (given->word == 0)
        puts("# default");
    else if (given->word <= with->file->count)
        printf("# %s, line %d\n", with->file->path, with->file->words[given->word - 1].line);
    else
        puts("# command line");
}

/* libinih cuts blanks off both ends, and what is behind " ;"; its lines have an end. */
static bool can_be_written(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size <= FZ_SERVE_VALUE_MAX && strchr(" \t", text[0]) == NULL && strchr(" \t", text[size - 1]) == NULL &&
           strpbrk(text, "\n\r\v\f") == NULL && strstr(text, " ;") == NULL && strstr(text, "\t;") == NULL && text[0] != ';';
}

static void print_value(const struct argp_option *option, char *text)
{
    char *here = fz_serve_file_is_path(option) && text[0] != '/' ? getcwd(NULL, 0) : NULL, *whole = NULL;
    if (here != NULL && asprintf(&whole, "%s/%s", here, text) < 0)
        whole = NULL;
    char *value = whole == NULL ? text : whole;
    if (can_be_written(value)) {
        printf("%s = %s\n", option->name, value);
    } else {
        char clean[CLEAN_SIZE];
        fz_copy_clean(clean, sizeof clean, value, strlen(value), sizeof clean);
        printf("# (a file cannot say this: give it on the command line)\n#%s = %s\n", option->name, clean);
    }
    free(whole);
    free(here);
}

static void print_one(const struct fz_serve_options *with, const struct argp_option *option, const struct fz_serve_given *which)
{
    struct value value = {.text.max = 1 << 20};
    find(with, option, which, &value);
    if (which != NULL && value.last != which) { /* it was given again */
        fz_text_done(&value.text);
        return;
    }
    bool is_data = strcmp(option->name, "data") == 0 && value.last == NULL;
    print_source(with, is_data ? &(struct fz_serve_given){0} : value.last);
    if (is_data)
        fz_text_string(&value.text, with->server.data);
    if (value.text.size > 0 && !value.text.failed)
        print_value(option, value.text.data);
    else
        printf("%s%s = %s\n", option->arg == NULL ? "" : "#", option->name, option->arg == NULL ? "no" : "");
    fz_text_done(&value.text);
}

static void print_option(const struct fz_serve_options *with, const struct argp_option *option)
{
    bool any = false;
    for (size_t i = 0; i < with->given_count && !fz_serve_file_is_list(option); i++)
        if (with->given[i].key == option->key) {
            print_one(with, option, &with->given[i]);
            any = true;
        }
    if (!any)
        print_one(with, option, NULL);
}

int fz_serve_print_config(const struct fz_serve_options *with)
{
    puts("# fenzhang serve " FZ_VERSION ": what its options come to, with where each value is from. To serve so: --config FILE");
    for (const struct argp_option *at = fz_serve_argp.options; at->name != NULL || at->doc != NULL; at++) {
        if (at->name == NULL && at[1].name != NULL && fz_serve_file_takes(&at[1]))
            printf("\n# ---- %s\n", at->doc);
        else if (fz_serve_file_takes(at))
            print_option(with, at);
    }
    return FZ_EXIT_DONE;
}
