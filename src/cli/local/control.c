/* The control interface by hand: fenzhang clock, pay, faults …: commands made from the rows of its calls (routes.h). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/local/commands.h"
#include "cli/local/phrase.h"
#include "cli/local/show.h"
#include "cli/local/summaries.h"
#include "cli/local/tail.h"
#include "cli/local/typed.h"

#define COMMANDS_MAX 20

/* A command: all rows whose words begin with its name. */
static struct command {
    struct fz_command row;
    struct argp argp;
    struct fz_typed_options options;
} commands[COMMANDS_MAX];
static size_t command_count;

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
    return fz_typed_must(forms.data == NULL ? strdup("") : forms.data);
}

static char *write_about(const char *name)
{
    struct fz_text about = {.max = 16384};
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    const char *summary = fz_control_summary(name);
    fz_text_format(&about,
                   "%c%s. It asks the control interface of a server of one's own; docs/control.md says what all of it "
                   "means.\vExamples:\n",
                   toupper((unsigned char)summary[0]), summary + 1);
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
    fz_text_string(
        &about,
        strcmp(name, "tail") == 0
            ? "\nExit status 0: Ctrl-C, or nobody reads any more; 1: the server refused it; 2: the server has gone."
            : "\nExit status 0: done; 1: the server refused it, or something is not as it should be; 2: no answer, or a "
              "slip; 3: no answer, and it may have been done.");
    return fz_typed_must(about.data);
}

static int run(int argc, char **argv);

static void make_command(struct command *command, const char *name)
{
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (is_of(&routes[i], name))
            fz_typed_options_add(&command->options, &routes[i], routes[i].title, 1 + (int)i);
    command->argp = (struct argp){.options = command->options.count == 0 ? NULL : command->options.list,
                                  .parser = fz_typed_take,
                                  .args_doc = write_forms(name),
                                  .doc = write_about(name)};
    command->row = (struct fz_command){
        .name = name, .summary = fz_control_summary(name), .argp = &command->argp, .shared = &fz_place_argp, .run = run};
}

static bool is_there(const char *name, const struct fz_command *const *before)
{
    for (; *before != NULL; before++)
        if (strcmp((*before)->name, name) == 0)
            return true;
    return false;
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
        char *name = fz_typed_must(strndup(routes[i].commands[0], strcspn(routes[i].commands[0], " ")));
        if (is_there(name, list) || used + 1 >= size) {
            free(name);
            continue;
        }
        struct command *command = &commands[command_count++];
        make_command(command, name);
        command->row.heading = command_count == 1 ? "A running server, by hand" : NULL;
        list[used++] = &command->row;
        list[used] = NULL;
    }
}

/* ---- running ---- */

/* Options of another row of the same command. False after a message. */
static bool takes_all(const char *who, const struct fz_control_route *route, json_t *given)
{
    const char *name;
    json_t *value;
    json_object_foreach(given, name, value)
    {
        if (fz_control_member_named(route->members, name) != NULL ||
            (route->argument != NULL && strcmp(name, route->argument) == 0))
            continue;
        fprintf(stderr, "%s: --%s does not go with these words. `%s -h' tells what goes with them.\n", who, name, who);
        return false;
    }
    return true;
}

/* A call whose answer does not end is followed. */
static int ask_or_follow(const struct fz_typed *typed, const struct fz_control_route *route, const struct fz_place *place,
                         json_t *members)
{
    const char *argument =
        route->argument == NULL ? NULL : json_string_value(json_object_get(typed->given, route->argument));
    struct fz_place_answer answer = {0};
    char *target = fz_typed_must(fz_phrase_target(route, argument, members));
    bool is_stream = route->run == fz_control_stream_requests;
    int status = is_stream
                     ? fz_tail(place, target, typed->place.caller.json)
                     : fz_place_ask(place, route->method, target, fz_control_has_body(route) ? members : NULL, &answer);
    if (status == FZ_EXIT_DONE && !is_stream)
        status = fz_place_show(&answer, &typed->place.caller);
    fz_place_answer_done(&answer);
    free(target);
    return status;
}

static int ask(const struct fz_typed *typed, const struct fz_control_route *route, const char *who,
               const struct fz_place *place)
{
    json_t *members = fz_typed_must(json_object());
    int status = FZ_EXIT_TROUBLE;
    if (takes_all(who, route, typed->given) && fz_typed_members(who, route, typed->given, place, members))
        status = ask_or_follow(typed, route, place, members);
    json_decref(members);
    return status;
}

/* The first word where no form begins with it, else the last. */
static const char *mistaken(const char *name, const struct fz_typed *typed)
{
    size_t count, size = strlen(typed->words[1]);
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++)
        for (const char *const *at = routes[i].commands; at != NULL && *at != NULL; at++) {
            const char *behind = fz_phrase_is_of(*at, name) ? *at + strlen(name) + 1 : NULL;
            if (behind == NULL || behind[-1] != ' ')
                continue;
            if (behind[0] == '{' || (strncmp(behind, typed->words[1], size) == 0 && strchr(" ", behind[size]) != NULL))
                return typed->words[typed->word_count - 1];
        }
    return typed->words[1];
}

static int no_form(const char *who, const char *name, const struct fz_typed *typed)
{
    if (typed->word_count > 1)
        fprintf(stderr, "%s: there is nothing to do with `%s'. It is one of\n", who, mistaken(name, typed));
    else
        fprintf(stderr, "%s: something is missing. It is one of\n", who);
    char *forms = write_forms(name), *rest = forms;
    for (const char *form; (form = strsep(&rest, "\n")) != NULL;)
        fprintf(stderr, "  %s%s%s\n", who, form[0] == '\0' ? "" : " ", form);
    free(forms);
    return FZ_EXIT_TROUBLE;
}

static int ask_there(const struct fz_typed *typed, const struct fz_control_route *route, const char *who)
{
    struct fz_place place;
    int status = fz_place_find(&typed->place, &place) ? ask(typed, route, who, &place) : FZ_EXIT_TROUBLE;
    fz_place_done(&place);
    return status;
}

static int run(int argc, char **argv)
{
    const char *who = argv[0], *name = strrchr(who, ' ') + 1;
    struct fz_typed typed = {.given = fz_typed_must(json_object()), .words = {(char *)(uintptr_t)name}, .word_count = 1};
    const struct command *command = commands;
    while (strcmp(command->row.name, name) != 0)
        command++;
    typed.options = &command->options;
    fz_arguments_parse_shared(&command->row, argc, argv, &typed, &typed.place);
    const struct fz_control_route *route = fz_phrase_find(typed.words, typed.word_count, typed.given);
    int status = route == NULL ? no_form(who, name, &typed) : ask_there(&typed, route, who);
    json_decref(typed.given);
    return status;
}

/* ---- any call ---- */

static const struct argp control_argp = {
    NULL,
    fz_typed_take,
    "METHOD PATH",
    "Makes any call of the control interface; its members are options. `fenzhang openapi --control' lists them, "
    "docs/control.md says what they mean.\vExamples:\n"
    "  fenzhang control GET /clock\n"
    "  fenzhang control POST /clock --advance PT5M\n"
    "  fenzhang control POST /payments --mchid 1900000100 --sub-mchid 1900000109 --amount 1000 --marked\n"
    "  fenzhang control GET /requests --status 4xx --limit 5 --json\n",
    NULL,
    NULL,
    NULL};

/* The row of METHOD and PATH, whose argument is put into `given`. */
static const struct fz_control_route *find_route(const char *method, const char *path, json_t *given)
{
    size_t count;
    const struct fz_control_route *routes = fz_control_routes(&count);
    for (size_t i = 0; i < count; i++) {
        const char *star = strchr(routes[i].path, '*');
        size_t head = star == NULL ? 0 : (size_t)(star - routes[i].path), tail = star == NULL ? 0 : strlen(star + 1),
               size = strlen(path);
        if (strcasecmp(routes[i].method, method) != 0)
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
    static struct fz_typed_options options;
    struct fz_typed typed = {.given = fz_typed_must(json_object()), .options = &options};
    const struct fz_control_route *route = argc < 3 || argv[1][0] == '-' ? NULL : find_route(argv[1], argv[2], typed.given);
    struct fz_command row = fz_control_command;
    struct argp argp = control_argp;
    if (route != NULL)
        fz_typed_options_add(&options, route, NULL, 1);
    if (options.count > 0)
        argp.options = options.list;
    row.argp = &argp;
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
    .summary = "makes any call of the control interface, by method and path",
    .argp = &control_argp,
    .shared = &fz_place_argp,
    .run = run_control,
};
