/* The control interface by hand: fenzhang clock, pay, faults …: the commands, made from the rows of its calls (routes.h). */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/local/commands.h"
#include "cli/local/phrase.h"
#include "cli/local/place.h"
#include "cli/local/show.h"
#include "cli/local/tail.h"

#define COMMANDS_MAX 20
#define OPTIONS_MAX  64
#define WORDS_MAX    8
#define KEY_FIRST    0x3000

/* A command: all rows whose words begin with its name. */
static struct command {
    struct fz_command row;
    struct argp argp;
    struct argp_option options[OPTIONS_MAX];
    const char *members[OPTIONS_MAX]; /* the member that each of them gives */
    size_t option_count;
} commands[COMMANDS_MAX];
static size_t command_count;

static struct command generic; /* fenzhang control METHOD PATH: made when it is run */

/* What was typed. */
struct typed {
    const struct command *command;
    struct fz_place_options place;
    char *words[WORDS_MAX];
    size_t word_count;
    json_t *given; /* texts by the names of their members */
};

static void *must(void *memory)
{
    if (memory == NULL)
        err(FZ_EXIT_TROUBLE, "the command line could not be read");
    return memory;
}

/* ---- options ---- */

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct typed *into = state->input;
    if (key == ARGP_KEY_ARG && into->word_count < WORDS_MAX) {
        into->words[into->word_count++] = argument;
        return 0;
    }
    if (key < KEY_FIRST || key >= KEY_FIRST + OPTIONS_MAX)
        return ARGP_ERR_UNKNOWN;
    const char *member = into->command->members[key - KEY_FIRST];
    if (json_object_set_new(into->given, member, json_string(argument == NULL ? "true" : argument)) != 0)
        argp_error(state, "the value of %s is not text in UTF-8", member);
    return 0;
}

static bool has_option(const struct command *command, const char *member)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (command->members[i] != NULL && strcmp(command->members[i], member) == 0)
            return true;
    return false;
}

static struct argp_option *new_option(struct command *command)
{
    if (command->option_count + 1 == OPTIONS_MAX)
        errx(FZ_EXIT_TROUBLE, "%s has too many options", command->row.name);
    return &command->options[command->option_count++];
}

/* "--sub-mchid"; and, not shown, "--sub_mchid". */
static void add_option(struct command *command, const struct fz_control_member *member, int group)
{
    static const char *const kinds[] = {[FZ_CONTROL_TEXT] = "TEXT",       [FZ_CONTROL_INTEGER] = "N",
                                        [FZ_CONTROL_BOOLEAN] = "false",   [FZ_CONTROL_TEXT_OR_INTEGER] = "TEXT",
                                        [FZ_CONTROL_TEXTS] = "TEXT,TEXT", [FZ_CONTROL_OBJECT] = "JSON"};
    char *dashed = must(strdup(member->name));
    for (char *at = dashed; *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at;
    int key = KEY_FIRST + (int)command->option_count;
    command->members[command->option_count] = member->name;
    *new_option(command) = (struct argp_option){.name = dashed,
                                                .key = key,
                                                .arg = kinds[member->type],
                                                .flags = member->type == FZ_CONTROL_BOOLEAN ? OPTION_ARG_OPTIONAL : 0,
                                                .doc = member->about,
                                                .group = group};
    if (strcmp(dashed, member->name) != 0)
        *new_option(command) = (struct argp_option){.name = member->name, .flags = OPTION_ALIAS | OPTION_HIDDEN};
}

/* Under the words that they go with. A member that an earlier row of the command has, too, stands there. */
static void add_options(struct command *command, const struct fz_control_route *route, const char *heading, int group)
{
    const struct fz_control_member *member = route->members;
    bool is_first = true;
    for (; member != NULL && member->name != NULL; member++) {
        if (has_option(command, member->name))
            continue;
        if (is_first && heading != NULL)
            *new_option(command) = (struct argp_option){.doc = heading, .group = group};
        is_first = false;
        add_option(command, member, group);
    }
}

/* ---- rows ---- */

static bool is_of(const struct fz_control_route *route, const char *name)
{
    for (const char *const *at = route->commands; at != NULL && *at != NULL; at++)
        if (fz_phrase_is_of(*at, name))
            return true;
    return false;
}

/* "\nnow\nadvance ADVANCE": argp writes a line of usage for each. */
static char *write_forms(const char *name)
{
    struct fz_text forms = {.max = 4096};
    bool is_first = true;
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++)
        for (const char *const *at = routes[i].commands; at != NULL && *at != NULL && fz_phrase_is_of(*at, name); at++) {
            struct fz_text form = {.max = 400};
            fz_phrase_write(*at, &routes[i], true, &form);
            fz_text_format(&forms, "%s%s", is_first ? "" : "\n", form.data == NULL ? "" : form.data + 1);
            fz_text_done(&form);
            is_first = false;
        }
    return must(forms.data == NULL ? strdup("") : forms.data);
}

static char *write_about(const char *name)
{
    struct fz_text about = {.max = 16384};
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    fz_text_string(&about, "Asks the control interface of a server of one's own; docs/control.md says what all of it means.\vExamples:\n");
    for (size_t i = 0; i < count; i++) {
        const char *const *at = routes[i].commands;
        if (at == NULL || !fz_phrase_is_of(*at, name))
            continue;
        for (; *at != NULL; at++) {
            fz_text_format(&about, "  fenzhang %s", name);
            fz_phrase_write(*at, &routes[i], false, &about);
            fz_text_string(&about, "\n");
        }
        fz_text_format(&about, "      %s\n", routes[i].title);
    }
    fz_text_string(&about, "\nExit status 0: done; 1: the server refused it, or something is not as it should be; 2: no answer; 3: no answer, "
                           "and it may have been done.");
    return must(about.data);
}

static int run(int argc, char **argv);

static void make_command(struct command *command, const char *name, const char *summary)
{
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (is_of(&routes[i], name))
            add_options(command, &routes[i], routes[i].title, 1 + (int)i);
    command->argp = (struct argp){command->options, take_option, write_forms(name), write_about(name), NULL, NULL, NULL};
    command->row = (struct fz_command){.name = name, .summary = summary, .argp = &command->argp, .shared = &fz_place_argp, .run = run};
}

static bool is_there(const char *name, const struct fz_command *const *before)
{
    for (; *before != NULL; before++)
        if (strcmp((*before)->name, name) == 0)
            return true;
    return false;
}

/* "All merchants" is "all merchants" in a list. */
static char *begin_small(const char *title)
{
    char *summary = must(strdup(title));
    if (summary[0] >= 'A' && summary[0] <= 'Z' && (summary[1] >= 'a' || summary[1] == ' '))
        summary[0] = (char)(summary[0] - 'A' + 'a');
    return summary;
}

void fz_control_commands_add(const struct fz_command **list, size_t size)
{
    size_t count, used = 0;
    const struct fz_control_route *routes = fz_control_routes(&count);
    while (list[used] != NULL)
        used++;
    for (size_t i = 0; i < count && command_count < COMMANDS_MAX; i++) {
        if (routes[i].commands == NULL)
            continue;
        char *name = must(strndup(routes[i].commands[0], strcspn(routes[i].commands[0], " ")));
        if (is_there(name, list) || used + 1 >= size) {
            free(name);
            continue;
        }
        struct command *command = &commands[command_count++];
        make_command(command, name, begin_small(routes[i].title));
        command->row.heading = command_count == 1 ? "A running server of your own, by hand" : NULL;
        list[used++] = &command->row;
        list[used] = NULL;
    }
}

/* ---- running ---- */

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

/* The members of the call: what was given, and what is usual. False after a message. */
static bool make_members(const char *who, const struct fz_control_route *route, json_t *given, const struct fz_place *place, json_t *out)
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

/* Options of another row of the same command. False after a message. */
static bool takes_all(const char *who, const struct fz_control_route *route, json_t *given)
{
    const char *name;
    json_t *value;
    json_object_foreach(given, name, value)
    {
        if (fz_control_member_named(route->members, name) != NULL || (route->argument != NULL && strcmp(name, route->argument) == 0))
            continue;
        fprintf(stderr, "%s: --%s does not go with these words. `%s -h' tells what goes with them.\n", who, name, who);
        return false;
    }
    return true;
}

/* A call whose answer does not end is followed. */
static int ask_or_follow(const struct typed *typed, const struct fz_control_route *route, const struct fz_place *place, json_t *members)
{
    const char *argument = route->argument == NULL ? NULL : json_string_value(json_object_get(typed->given, route->argument));
    struct fz_place_answer answer = {0};
    char *target = must(fz_phrase_target(route, argument, members));
    bool is_stream = route->run == fz_control_stream_requests;
    int status = is_stream ? fz_tail(place, target, typed->place.caller.json)
                           : fz_place_ask(place, route->method, target, fz_control_has_body(route) ? members : NULL, &answer);
    if (status == FZ_EXIT_DONE && !is_stream)
        status = fz_place_show(&answer, &typed->place.caller);
    fz_place_answer_done(&answer);
    free(target);
    return status;
}

static int ask(const struct typed *typed, const struct fz_control_route *route, const char *who, const struct fz_place *place)
{
    json_t *members = must(json_object());
    int status = FZ_EXIT_TROUBLE;
    if (takes_all(who, route, typed->given) && make_members(who, route, typed->given, place, members))
        status = ask_or_follow(typed, route, place, members);
    json_decref(members);
    return status;
}

static int no_form(const char *who, const char *name, const struct typed *typed)
{
    if (typed->word_count > 1)
        fprintf(stderr, "%s: there is nothing to do with `%s'. It is one of\n", who, typed->words[typed->word_count - 1]);
    else
        fprintf(stderr, "%s: something is missing. It is one of\n", who);
    char *forms = write_forms(name), *rest = forms;
    for (const char *form; (form = strsep(&rest, "\n")) != NULL;)
        fprintf(stderr, "  %s%s%s\n", who, form[0] == '\0' ? "" : " ", form);
    free(forms);
    return FZ_EXIT_TROUBLE;
}

static int ask_there(const struct typed *typed, const struct fz_control_route *route, const char *who)
{
    struct fz_place place;
    int status = fz_place_find(&typed->place, &place) ? ask(typed, route, who, &place) : FZ_EXIT_TROUBLE;
    fz_place_done(&place);
    return status;
}

static int run(int argc, char **argv)
{
    const char *who = argv[0], *name = strrchr(who, ' ') + 1;
    struct typed typed = {.given = must(json_object()), .words = {(char *)(uintptr_t)name}, .word_count = 1};
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].row.name, name) == 0)
            typed.command = &commands[i];
    fz_arguments_parse_shared(&typed.command->row, argc, argv, &typed, &typed.place);
    const struct fz_control_route *route = fz_phrase_find(typed.words, typed.word_count, typed.given);
    int status = route == NULL ? no_form(who, name, &typed) : ask_there(&typed, route, who);
    json_decref(typed.given);
    return status;
}

/* ---- any call ---- */

static const struct argp control_argp = {
    NULL, take_option, "METHOD PATH", "Makes any call of the control interface; its members are options. `fenzhang openapi --control' lists "
    "them, docs/control.md says what they mean.\vExamples:\n"
    "  fenzhang control GET /clock\n"
    "  fenzhang control POST /clock --advance PT5M\n"
    "  fenzhang control POST /payments --mchid 1900000100 --sub-mchid 1900000109 --amount 1000 --marked\n"
    "  fenzhang control GET /requests --status 4xx --limit 5 --json\n",
    NULL, NULL, NULL};

/* The row of METHOD and PATH, whose argument is put into `given`. */
static const struct fz_control_route *find_route(const char *method, const char *path, json_t *given)
{
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++) {
        const char *star = strchr(routes[i].path, '*');
        size_t head = star == NULL ? 0 : (size_t)(star - routes[i].path), tail = star == NULL ? 0 : strlen(star + 1), size = strlen(path);
        if (strcmp(routes[i].method, method) != 0)
            continue;
        if (star == NULL && strcmp(routes[i].path, path) == 0)
            return &routes[i];
        if (star == NULL || size <= head + tail || strncmp(path, routes[i].path, head) != 0 ||
            strcmp(path + size - tail, star + 1) != 0 || memchr(path + head, '/', size - head - tail) != NULL)
            continue;
        (void)json_object_set_new(given, routes[i].argument, json_stringn(path + head, size - head - tail));
        return &routes[i];
    }
    return NULL;
}

static int no_call(const char *method, const char *path)
{
    fprintf(stderr, "fenzhang control: there is no call %s %s. The calls are\n", method, path);
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "  %-6s %s\n", routes[i].method, routes[i].path);
    return FZ_EXIT_TROUBLE;
}

static int run_control(int argc, char **argv)
{
    struct typed typed = {.given = must(json_object()), .command = &generic};
    const struct fz_control_route *route = argc < 3 || argv[1][0] == '-' ? NULL : find_route(argv[1], argv[2], typed.given);
    struct fz_command row = fz_control_command;
    generic.argp = control_argp;
    if (route != NULL) {
        add_options(&generic, route, NULL, 1);
        generic.argp.options = generic.options;
        row.argp = &generic.argp;
    }
    fz_arguments_parse_shared(&row, argc, argv, &typed, &typed.place);
    int status = FZ_EXIT_TROUBLE;
    if (route != NULL)
        status = ask_there(&typed, route, argv[0]);
    else if (typed.word_count == 2)
        status = no_call(typed.words[0], typed.words[1]);
    else
        fputs("fenzhang control: method and path come first: fenzhang control GET /clock\n", stderr);
    json_decref(typed.given);
    return status;
}

const struct fz_command fz_control_command = {
    .name = "control",
    .summary = "any call of the control interface: control POST /clock --advance PT5M",
    .argp = &control_argp,
    .shared = &fz_place_argp,
    .run = run_control,
};
