/* Candidates: from the table of commands, their options, the calls' rows, the settings and the profiles. */
#include "cli/completion/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/api/call_options.h"
#include "cli/api/commands.h"
#include "cli/api/draft.h"
#include "cli/profile/sources.h"
#include "spec/calls.h"

#define TABLES 3

/* A command line up to the word that is being typed. */
struct typed {
    const struct fz_command *command; /* the last one that was named; a group where none of its members was */
    const struct argp_option *tables[TABLES];
    const struct fz_spec *spec; /* of `call NAME`; NULL: none */
    const char *begin;          /* of the word */
    char *const *words;         /* what stands between it and the command: words and options */
    int word_count;
    const char *option;         /* whose value it is; NULL: of none */
};

static void offer(const char *begin, const char *word, const char *what)
{
    if (strncmp(word, begin, strlen(begin)) == 0)
        printf("%s\t%.*s\n", word, (int)strcspn(what, "\n"), what);
}

/* ---- options ---- */

static bool is_end(const struct argp_option *option)
{
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

static void offer_options(const struct typed *typed)
{
    char word[160];
    for (int i = 0; i < TABLES; i++)
        for (const struct argp_option *at = typed->tables[i]; at != NULL && !is_end(at); at++) {
            if (at->name == NULL || (at->flags & (OPTION_HIDDEN | OPTION_DOC)) != 0)
                continue;
            snprintf(word, sizeof word, "--%s", at->name);
            offer(typed->begin, word, at->doc == NULL ? "" : at->doc);
        }
}

/* The option that `word` is, if it takes the next word; NULL otherwise. */
static const char *waits_for_value(const struct typed *typed, const char *word)
{
    for (int i = 0; i < TABLES; i++)
        for (const struct argp_option *at = typed->tables[i]; at != NULL && !is_end(at); at++) {
            bool is_long = at->name != NULL && strncmp(word, "--", 2) == 0 && strcmp(word + 2, at->name) == 0;
            bool is_short = word[0] == '-' && word[1] == at->key && word[1] != '\0' && word[2] == '\0';
            if ((is_long || is_short) && at->arg != NULL)
                return at->name;
        }
    return NULL;
}

/* ---- values and words ---- */

static void offer_profile(void *argument, const char *name)
{
    offer(argument, name, "profile");
}

static void offer_values(const struct typed *typed)
{
    const struct fz_member *row = typed->spec == NULL ? NULL : fz_member_at(typed->spec->request, typed->option);
    if (strcmp(typed->option, "profile") == 0)
        (void)fz_config_each(offer_profile, (void *)(uintptr_t)typed->begin);
    if (row != NULL && row->kind == FZ_BOOLEAN) {
        offer(typed->begin, "true", row->meaning);
        offer(typed->begin, "false", row->meaning);
    }
    for (const char *const *word = row == NULL ? NULL : row->words; word != NULL && *word != NULL; word++)
        offer(typed->begin, *word, row->meaning);
}

static void offer_calls(const char *begin)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (fz_is_callable(specs[i]))
            offer(begin, specs[i]->name, specs[i]->title);
}

static void offer_settings(const char *begin)
{
    for (enum fz_setting setting = 0; setting < FZ_SETTING_COUNT; setting++)
        offer(begin, fz_setting_row(setting)->name, fz_setting_row(setting)->meaning);
}

/* The word of one of several ways to call a command ("advance ADVANCE": a literal is small), if what was typed fits so
 * far. */
static void offer_form(const struct typed *typed, const char *form, size_t size)
{
    const char *at = form, *end = form + size;
    int place = 0;
    for (size_t length; at < end; at += length + strspn(at + length, " "), place++) {
        char word[64];
        length = strcspn(at, " \n");
        (void)fz_copy_part(word, sizeof word, at, length);
        bool is_literal = word[0] >= 'a' && word[0] <= 'z';
        if (place == typed->word_count && is_literal)
            offer(typed->begin, word, "");
        if (place >= typed->word_count || (is_literal && strcmp(typed->words[place], word) != 0))
            return;
    }
}

static void offer_forms(const struct typed *typed, const char *forms)
{
    for (; *forms != '\0'; forms += strspn(forms, "\n")) {
        size_t size = strcspn(forms, "\n");
        offer_form(typed, forms, size);
        forms += size;
    }
}

static void offer_words(const struct typed *typed)
{
    const char *const words = typed->command->argp == NULL ? NULL : typed->command->argp->args_doc;
    if (typed->command->members != NULL)
        for (const struct fz_command *const *at = typed->command->members; *at != NULL; at++)
            offer(typed->begin, (*at)->name, (*at)->summary);
    else if (typed->command == &fz_call_command && typed->spec == NULL)
        offer_calls(typed->begin);
    else if (words != NULL && strncmp(words, "NAME", 4) == 0 && typed->command->shared == &fz_caller_argp)
        offer_settings(typed->begin);
    else if (words != NULL && strchr(words, '\n') != NULL)
        offer_forms(typed, words);
    else if (words == NULL && typed->begin[0] == '\0')
        offer_options(typed);
}

/* ---- what was typed ---- */

static const struct fz_command *member_called(const struct fz_command *group, const char *word)
{
    for (const struct fz_command *const *at = group->members; at != NULL && *at != NULL; at++)
        if (strcmp((*at)->name, word) == 0)
            return *at;
    return NULL;
}

/* Goes down the groups; gives how many words that took. */
static int find_command(struct typed *typed, int count, char **words)
{
    int at = 0;
    if (count > 1 && strcmp(words[0], "help") == 0)
        at++;
    for (; at < count - 1 && typed->command->members != NULL; at++) {
        const struct fz_command *member = member_called(typed->command, words[at]);
        if (member == NULL)
            break;
        typed->command = member;
    }
    return at;
}

static void find_tables(struct typed *typed, struct fz_call_arguments *arguments, int count, char **words)
{
    const struct fz_command *command = typed->command;
    if (command == &fz_call_command)
        typed->spec = fz_call_named(count, words);
    if (typed->spec != NULL && fz_call_arguments_of(arguments, typed->spec))
        typed->tables[0] = arguments->options;
    else if (command->argp != NULL)
        typed->tables[0] = command->argp->options;
    typed->tables[1] = command->shared == NULL ? NULL : command->shared->options;
    typed->tables[2] = command->members == NULL ? fz_common_options() : NULL;
}

void fz_candidates_print(const struct fz_command *program, int count, char **words)
{
    static struct fz_call_arguments arguments;
    struct typed typed = {.command = program, .begin = count > 0 ? words[count - 1] : ""};
    int used = find_command(&typed, count, words);
    find_tables(&typed, &arguments, count > 0 ? count - 1 : 0, words);
    typed.words = &words[used];
    typed.word_count = count > 0 ? count - 1 - used : 0;
    if (count > 1 && used < count - 1)
        typed.option = waits_for_value(&typed, words[count - 2]);
    if (typed.option != NULL)
        offer_values(&typed);
    else if (typed.begin[0] == '-')
        offer_options(&typed);
    else
        offer_words(&typed);
    fz_call_arguments_done(&arguments);
}
