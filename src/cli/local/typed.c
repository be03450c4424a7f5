/* Options of control calls, and the members that are made of what was typed. */
#include "cli/local/typed.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command/command.h"
#include "cli/local/phrase.h"

#define KEY_FIRST 0x3000

void *fz_typed_must(void *memory)
{
    if (memory == NULL)
        err(FZ_EXIT_TROUBLE, "the command line could not be read");
    return memory;
}

/* ---- options ---- */

error_t fz_typed_take(int key, char *argument, struct argp_state *state)
{
    struct fz_typed *into = state->input;
    if (key == ARGP_KEY_ARG && into->word_count < FZ_TYPED_WORDS) {
        into->words[into->word_count++] = argument;
        return 0;
    }
    if (key < KEY_FIRST || key >= KEY_FIRST + FZ_TYPED_OPTIONS)
        return ARGP_ERR_UNKNOWN;
    const char *member = into->options->members[key - KEY_FIRST];
    if (json_object_set_new(into->given, member, json_string(argument == NULL ? "true" : argument)) != 0)
        argp_error(state, "the value of %s is not text in UTF-8", member);
    return 0;
}

static bool has_option(const struct fz_typed_options *options, const char *member)
{
    for (size_t i = 0; i < options->count; i++)
        if (options->members[i] != NULL && strcmp(options->members[i], member) == 0)
            return true;
    return false;
}

static struct argp_option *new_option(struct fz_typed_options *options)
{
    if (options->count + 1 == FZ_TYPED_OPTIONS)
        errx(FZ_EXIT_TROUBLE, "a control call has too many members");
    return &options->list[options->count++];
}

/* "--sub-mchid"; and, not shown, "--sub_mchid". */
static void add_option(struct fz_typed_options *options, const struct fz_control_member *member, int group)
{
    static const char *const kinds[] = {[FZ_CONTROL_TEXT] = "TEXT",       [FZ_CONTROL_INTEGER] = "N",
                                        [FZ_CONTROL_BOOLEAN] = "false",   [FZ_CONTROL_TEXT_OR_INTEGER] = "TEXT",
                                        [FZ_CONTROL_TEXTS] = "TEXT,TEXT", [FZ_CONTROL_OBJECT] = "JSON"};
    char *dashed = fz_typed_must(strdup(member->name));
    for (char *at = dashed; *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at;
    int key = KEY_FIRST + (int)options->count;
    options->members[options->count] = member->name;
    *new_option(options) = (struct argp_option){.name = dashed,
                                                .key = key,
                                                .arg = kinds[member->type],
                                                .flags = member->type == FZ_CONTROL_BOOLEAN ? OPTION_ARG_OPTIONAL : 0,
                                                .doc = member->about,
                                                .group = group};
    if (strcmp(dashed, member->name) != 0)
        *new_option(options) = (struct argp_option){.name = member->name, .flags = OPTION_ALIAS | OPTION_HIDDEN};
}

/* Under the words that they go with. A member that an earlier row of the command has, too, stands there. */
void fz_typed_options_add(struct fz_typed_options *options, const struct fz_control_route *route, const char *heading,
                          int group)
{
    const struct fz_control_member *member = route->members;
    bool is_first = true;
    for (; member != NULL && member->name != NULL; member++) {
        if (has_option(options, member->name))
            continue;
        if (is_first && heading != NULL)
            *new_option(options) = (struct argp_option){.doc = heading, .group = group};
        is_first = false;
        add_option(options, member, group);
    }
}

/* ---- members ---- */

/* A member that nobody named and a profile or a demo.env has. */
static const char *usual_value(const struct fz_place *place, const struct fz_control_member *member)
{
    for (enum fz_setting setting = 0; member->variable != NULL && setting < FZ_SETTING_COUNT; setting++)
        if (strcmp(fz_setting_row(setting)->demo, member->variable) == 0)
            return place->profile.values[setting];
    return NULL;
}

/* Who names one merchant does not mean another one's sub-merchant. */
static bool names_merchant(const struct fz_control_route *route, json_t *given)
{
    for (const struct fz_control_member *member = route->members; member != NULL && member->name != NULL; member++)
        if (member->variable != NULL && json_object_get(given, member->name) != NULL)
            return true;
    return false;
}

static bool demand(const char *who, const struct fz_control_member *member)
{
    fprintf(stderr, "%s: %s is missing (%s): --%s %s. `%s -h' tells all.\n", who, member->name, member->about, member->name,
            member->variable != NULL ? "N, or --env FILE" : "VALUE", who);
    return false;
}

bool fz_typed_members(const char *who, const struct fz_control_route *route, json_t *given, const struct fz_place *place,
                      json_t *out)
{
    bool is_own = !names_merchant(route, given);
    for (const struct fz_control_member *member = route->members; member != NULL && member->name != NULL; member++) {
        const char *text = json_string_value(json_object_get(given, member->name));
        text = text == NULL && is_own ? usual_value(place, member) : text;
        if (text == NULL && member->required)
            return demand(who, member);
        json_t *value = text == NULL ? NULL : fz_phrase_value(who, member, text);
        if (text != NULL && value == NULL)
            return false;
        if (value != NULL)
            (void)json_object_set_new(out, member->name, value);
    }
    return true;
}
