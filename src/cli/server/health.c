/* fenzhang health: whether a server is alive and able to write, for what looks after it: systemd, containers, a script. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/private_file.h"
#include "cli/local/place.h"
#include "cli/server/commands.h"
#include "cli/server/data_path.h"

#define TIMEOUT_S     5
#define TIMEOUT_MAX_S 3600

struct options {
    const char *data;
    long timeout_s;
    struct fz_place_options place;
};

static const struct argp_option options[] = {
    {"data", 'd', "DIR", 0,
     "The data directory of the server (where nothing else says which: ${XDG_STATE_HOME:-~/.local/state}/fenzhang)", 0},
    {"timeout", 't', "S", 0, "How many seconds the answer may take (5)", 0},
    {0}};

static long take_timeout(struct argp_state *state, const char *text)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 || value > TIMEOUT_MAX_S)
        argp_error(state, "--timeout %s is no number of seconds from 1 to %d", text, TIMEOUT_MAX_S);
    return value;
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case 'd':
        into->data = argument;
        return 0;
    case 't':
        into->timeout_s = take_timeout(state, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the answer ---- */

/* One line. What wants looking after is said, and is no failure: a restart would not mend it. */
static void print(const json_t *health)
{
    size_t aside = json_array_size(json_object_get(health, "set_aside"));
    const char *warning = json_string_value(json_object_get(health, "warning"));
    if (warning == NULL && aside == 0)
        puts("ok");
    else
        printf("attention: %s%s", warning == NULL ? "" : warning, aside > 0 ? "" : "\n");
    if (aside > 0)
        printf("%s%zu event%s of the book failed and %s set aside: fenzhang health --json says which and why.\n",
               warning == NULL ? "" : " ", aside, aside == 1 ? "" : "s", aside == 1 ? "was" : "were");
}

/* 503: it lives and cannot write. Every other refusal says nothing about its health. */
static int judge(const struct fz_place_answer *answer, bool json)
{
    int status = fz_place_judge(answer);
    if (status == FZ_EXIT_DONE && json)
        return fz_print_json(json_incref(answer->json));
    if (status == FZ_EXIT_DONE)
        print(answer->json);
    return status == FZ_EXIT_REFUSED && answer->status != 503 ? FZ_EXIT_TROUBLE : status;
}

static int ask(const struct options *with)
{
    struct fz_place place;
    struct fz_place_answer answer = {0};
    int status = fz_place_find(&with->place, &place) ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
    place.timeout_ms = 1000 * with->timeout_s;
    if (status == FZ_EXIT_DONE)
        status = fz_place_ask(&place, "GET", "/health", NULL, &answer);
    if (status == FZ_EXIT_DONE)
        status = judge(&answer, with->place.caller.json);
    fz_place_answer_done(&answer);
    fz_place_done(&place);
    return status;
}

/* ---- which server ---- */

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

static bool has_place(const struct fz_place_options *with)
{
    return with->control != NULL || with->ready_file != NULL || with->caller.env_file != NULL || with->caller.profile != NULL ||
           is_set("FENZHANG_ENV") || is_set("FENZHANG_CONTROL_URL") || is_set("CONTROL_URL");
}

/* Whether a server wrote there where it is. */
static bool has_ready_file(const char *data)
{
    char path[FZ_PATH_SIZE];
    return fz_path_join(path, data, "ready.json") == FZ_OK && access(path, F_OK) == 0;
}

static int run_health(int argc, char **argv)
{
    struct options with = {.timeout_s = TIMEOUT_S};
    char data[FZ_PATH_SIZE];
    fz_arguments_parse_shared(&fz_health_command, argc, argv, &with, &with.place);
    bool is_sought = with.data != NULL || !has_place(&with.place), is_found = is_sought && fz_data_path(with.data, data);
    if (with.data != NULL && !is_found)
        return FZ_EXIT_TROUBLE;
    if (is_found && (with.data != NULL || has_ready_file(data)))
        with.place.data = data;
    return ask(&with);
}

static const struct argp argp = {options,
                                 take_option,
                                 NULL,
                                 "Asks whether the server is alive and able to write, and prints one line: ok, or attention and "
                                 "what wants looking after although everything works.\v"
                                 "Examples:\n"
                                 "  fenzhang health --data ./data\n"
                                 "      of the server with this data directory, wherever it listens; its token is found, too\n"
                                 "  fenzhang health --control http://127.0.0.1:8081\n"
                                 "  fenzhang health --data ./data --timeout 1 || systemctl restart fenzhang\n"
                                 "\n"
                                 "Exit status 0: it is healthy; 1: it cannot write, and says why; 2: there was no answer in time, "
                                 "or none that tells.",
                                 NULL,
                                 NULL,
                                 NULL};

const struct fz_command fz_health_command = {
    .name = "health",
    .summary = "asks whether a server is alive and able to write",
    .argp = &argp,
    .shared = &fz_place_argp,
    .run = run_health,
};
