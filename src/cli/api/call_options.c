/* Rows as options. */
#include "cli/api/call_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api/draft.h"
#include "spec/calls.h"

#define KEY_BODY   'b'
#define KEY_MEMBER 0x4000 /* and the option's number */

bool fz_is_callable(const struct fz_spec *spec)
{
    return spec->answers_file == FZ_NO_FILE && !spec->takes_file;
}

/* ---- texts ---- */

static const char *keep(struct fz_call_arguments *arguments, char *text)
{
    if (text == NULL)
        return "";
    arguments->texts[arguments->text_count++] = text;
    return text;
}

static const char *value_of(const struct fz_member *row)
{
    static const char *const words[] = {
        [FZ_STRING] = "TEXT", [FZ_INTEGER] = "NUMBER", [FZ_BOOLEAN] = "true|false", [FZ_OBJECT] = "JSON",
        [FZ_ARRAY] = "JSON",  [FZ_TIME] = "TIME",      [FZ_STRINGS] = "JSON"};
    return words[row->kind];
}

/* "Order amount (1 to 100000000000; required)". */
static char *meaning_of(const struct fz_member *row)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    fputs(row->meaning, out);
    if (row->kind == FZ_INTEGER)
        fprintf(out, " (%" PRId64 " to %" PRId64 ")", row->min, row->max);
    for (const char *const *word = row->words; word != NULL && *word != NULL; word++)
        fprintf(out, "%s%s%s", word == row->words ? " (" : ", ", *word, word[1] == NULL ? ")" : "");
    if (row->role != FZ_PLAIN)
        fputs("; the profile's, if left out", out);
    else if (row->required == FZ_BOTH)
        fputs("; required", out);
    else if (row->required != FZ_NEVER)
        fprintf(out, "; required in %s mode", row->required == FZ_COMMON ? "Common" : "Institutional");
    fclose(out);
    return text;
}

/* ---- options ---- */

static void add_members(struct fz_call_arguments *arguments, const struct fz_member *members, const char *before);

static void add_option(struct fz_call_arguments *arguments, const struct fz_member *row, const char *before)
{
    char *name = NULL, *inner = NULL;
    if (arguments->option_count + 2 >= FZ_CALL_OPTIONS_MAX || asprintf(&name, "%s%s", before, row->name) < 0)
        return;
    size_t at = arguments->option_count++;
    arguments->options[at] = (struct argp_option){.name = keep(arguments, name),
                                                  .key = KEY_MEMBER + (int)at,
                                                  .arg = value_of(row),
                                                  .doc = keep(arguments, meaning_of(row)),
                                                  .group = 1};
    if (row->members != NULL && asprintf(&inner, "%s%s.", name, row->kind == FZ_ARRAY ? ".0" : "") >= 0)
        add_members(arguments, row->members, inner);
    free(inner);
}

static void add_members(struct fz_call_arguments *arguments, const struct fz_member *members, const char *before)
{
    for (; members->name != NULL; members++)
        add_option(arguments, members, before);
}

/* --receivers.3.account is an option when the command line has it: the help shows the first item alone. */
static void add_items(struct fz_call_arguments *arguments, int argc, char **argv)
{
    for (int i = 1; i < argc && arguments->option_count + 2 < FZ_CALL_OPTIONS_MAX; i++) {
        size_t size = strcspn(argv[i], "=");
        char *name = strncmp(argv[i], "--", 2) == 0 ? strndup(argv[i] + 2, size > 2 ? size - 2 : 0) : NULL;
        const struct fz_member *row = name == NULL ? NULL : fz_member_at(arguments->spec->request, name);
        bool is_there = row == NULL;
        for (size_t k = 0; k < arguments->option_count && !is_there; k++)
            is_there = strcmp(arguments->options[k].name, name) == 0;
        if (is_there) {
            free(name);
            continue;
        }
        size_t at = arguments->option_count++;
        arguments->options[at] = (struct argp_option){.name = keep(arguments, name),
                                                      .key = KEY_MEMBER + (int)at,
                                                      .arg = value_of(row),
                                                      .flags = OPTION_HIDDEN,
                                                      .group = 1};
    }
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_call_arguments *into = state->input;
    if (key == ARGP_KEY_ARG && strcmp(argument, into->spec->name) == 0)
        return 0;
    if (key == KEY_BODY) {
        into->body = argument;
        return 0;
    }
    if (key < KEY_MEMBER || key >= KEY_MEMBER + (int)into->option_count)
        return ARGP_ERR_UNKNOWN;
    if (into->count == FZ_CALL_GIVEN_MAX)
        argp_error(state, "there are too many members: put them into a file, --body FILE");
    into->members[into->count].path = into->options[key - KEY_MEMBER].name;
    into->members[into->count++].text = argument;
    return 0;
}

bool fz_call_arguments_of(struct fz_call_arguments *arguments, const struct fz_spec *spec)
{
    char *doc = NULL;
    arguments->spec = spec;
    if (fz_has_body(spec))
        arguments->options[arguments->option_count++] =
            (struct argp_option){"body", KEY_BODY, "FILE", 0, "Members as a JSON object; - is the standard input", 2};
    add_members(arguments, spec->request, "");
    if (asprintf(&doc,
                 "%s: %s %s\n\vMembers are as the API has them; nested ones have points between, and items of lists their "
                 "number. Whole objects and lists are JSON.\n\nExamples:\n  fenzhang call %s --body request.json\n\n%s\n",
                 spec->title, spec->method, spec->paths[0], spec->name, spec->document) < 0)
        return false;
    const struct argp_option *options =
        arguments->option_count == 0 ? NULL : arguments->options; /* argp leaks for an empty table */
    arguments->argp = (struct argp){options, take_option, spec->name, keep(arguments, doc), NULL, NULL, NULL};
    return true;
}

/* ---- which call ---- */

/* The first word that is the name of a call: it may stand behind options. */
const struct fz_spec *fz_call_named(int argc, char **argv)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (int i = 1; i < argc; i++)
        for (size_t k = 0; k < count; k++)
            if (strcmp(argv[i], specs[k]->name) == 0)
                return specs[k];
    return NULL;
}

bool fz_call_arguments_begin(struct fz_call_arguments *arguments, const struct fz_spec *spec, int argc, char **argv)
{
    if (!fz_is_callable(spec)) {
        fprintf(stderr, "fenzhang: %s %s: `fenzhang %s' does that.\n", spec->name,
                spec->takes_file ? "takes a file" : "answers a file", spec->takes_file ? "upload" : "bill");
        return false;
    }
    if (!fz_call_arguments_of(arguments, spec))
        return false;
    add_items(arguments, argc, argv);
    return true;
}

void fz_call_arguments_done(struct fz_call_arguments *arguments)
{
    for (size_t i = 0; i < arguments->text_count; i++)
        free(arguments->texts[i]);
}
