/* fenzhang run: a server for the time of a command; or several, each with a command of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/server/log.h"
#include "base/text.h"
#include "cli/command/command.h"
#include "cli/local/children.h"
#include "cli/local/commands.h"
#include "cli/local/worlds.h"

enum { KEY_COUNT = 'n', KEY_KEEP = 'k', KEY_LIMITS = 0x100, KEY_WORLD, KEY_SEED, KEY_TLS, KEY_PROXY };

#define LOG_REQUESTS 10000
#define LOG_BYTES    (64 << 20)

struct options {
    size_t count;
    bool keep;
    struct fz_server_options server;
    char **command;
};

static const struct argp_option options[] = {
    {NULL, KEY_COUNT, "N", 0, "So many servers, and COMMAND once for each, side by side", 1},
    {"keep", KEY_KEEP, NULL, 0, "The data directory stays, and is told", 1},
    {NULL, 0, NULL, 0, "As those of fenzhang serve:", 2},
    {"world", KEY_WORLD, "FILE", 0, "The book is what FILE tells, instead of the demo book", 2},
    {"limits", KEY_LIMITS, "real|off", 0, "The documented limits on requests hold (real), or do not (off)", 2},
    {"seed", KEY_SEED, "N", 0, "Draws from N, and the clock begins at 2026-01-05T10:00:00+08:00, frozen", 2},
    {"tls", KEY_TLS, NULL, 0, "The API speaks TLS; CA_CERT_PEM is the file of its CA", 2},
    {"proxy", KEY_PROXY, NULL, 0, "A proxy that leads the vendor's hosts here; PROXY_URL tells it", 2},
    {0}};

static int64_t number_of(struct argp_state *state, const char *name, const char *text, int64_t min, int64_t max)
{
    int64_t number = 0;
    if (fz_parse_int(text, &number) != FZ_OK || number < min || number > max)
        argp_error(state, "%s %s is not a whole number from %lld to %lld", name, text, (long long)min, (long long)max);
    return number;
}

static void take_limits(struct argp_state *state, struct options *into, const char *word)
{
    into->server.limits = strcmp(word, "real") == 0;
    if (!into->server.limits && strcmp(word, "off") != 0)
        argp_error(state, "--limits %s is neither real nor off", word);
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_COUNT:
        into->count = (size_t)number_of(state, "-n", argument, 1, FZ_WORLDS_MAX);
        return 0;
    case KEY_KEEP:
        into->keep = true;
        return 0;
    case KEY_LIMITS:
        take_limits(state, into, argument);
        return 0;
    case KEY_WORLD:
        into->server.world_file = argument;
        into->server.demo = false;
        return 0;
    case KEY_SEED:
        into->server.seed = (uint64_t)number_of(state, "--seed", argument, 0, INT64_MAX);
        into->server.seeded = true;
        return 0;
    case KEY_TLS:
        into->server.tls = true;
        return 0;
    case KEY_PROXY:
        into->server.proxy = "127.0.0.1:0";
        return 0;
    case ARGP_KEY_ARG: /* and all that follow it */
        into->command = &state->argv[state->next - 1];
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is missing: fenzhang run -- COMMAND");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    take_option,
    "-- COMMAND...",
    "Runs COMMAND with a server of its own: the demo book, or another world, on free ports, in a directory that is removed afterwards. The "
    "command's environment has the names of its demo.env (BASE_URL, CONTROL_URL, MCHID, PRIVATE_KEY_PEM ...), "
    "FENZHANG_ENV, the file itself, so that other commands of fenzhang need no options, and FENZHANG_WORLD, the number of "
    "the server, from 0.\v"
    "Examples:\n"
    "  fenzhang run -- pytest tests\n"
    "  fenzhang run -- fenzhang clock\n"
    "  fenzhang run -n 4 --limits off -- sh -c 'run-tests --part \"$FENZHANG_WORLD\"'\n"
    "      four at a time; each line of theirs begins with [0] to [3]\n"
    "\n"
    "Exit status: the command's; 128 and the number of the signal that ended it; 127 if there is no such program, 126 if "
    "it cannot be run. With -n that of the first one, by its number, that is not 0. 2: the server could not start.",
    NULL,
    NULL,
    NULL};

/* Lines of the server's that are no trouble are nobody's business here: standard error is the command's. */
static void take_log(const struct fz_log_taker *taker, const char *level, const char *text)
{
    (void)taker;
    if (strcmp(level, "info") != 0)
        fprintf(stderr, "fenzhang: %s: %s\n", level, text);
}

static const struct fz_log_taker log_taker = {take_log};

/* One in each world. False after a message; what was started until then runs. */
static bool start_children(const struct options *with, const struct fz_worlds *worlds, const struct fz_child_habits *habits,
                           struct fz_child *children, size_t *started)
{
    for (*started = 0; *started < worlds->count; (*started)++) {
        char **environment = fz_world_environment(worlds, *started);
        bool good = environment != NULL && fz_child_start(&children[*started], worlds->count == 1 ? -1 : (int)*started,
                                                          with->command, environment, habits);
        fz_world_environment_free(environment);
        if (!good)
            return false;
    }
    return true;
}

static int run_all(const struct options *with, const struct fz_worlds *worlds, const struct fz_child_habits *habits)
{
    struct fz_child children[FZ_WORLDS_MAX];
    size_t started;
    bool all = start_children(with, worlds, habits, children, &started);
    for (size_t i = 0; i < started && !all; i++)
        (void)kill(children[i].pid, SIGTERM);
    fz_children_wait(habits, children, started);
    for (size_t i = 0; i < started && all; i++)
        if (children[i].status != 0)
            return children[i].status;
    return all ? FZ_EXIT_DONE : FZ_EXIT_TROUBLE;
}

static int run(int argc, char **argv)
{
    static struct fz_worlds worlds;
    struct fz_child_habits habits;
    struct options with = {.count = 1,
                           .server = {.listen = "127.0.0.1:0",
                                      .control = "127.0.0.1:0",
                                      .demo = true,
                                      .limits = true,
                                      .log_requests = LOG_REQUESTS,
                                      .log_bytes = LOG_BYTES,
                                      .log_format = FZ_LOG_NONE,
                                      .callback_ladder = fz_vendor_ladder}};
    fz_arguments_parse(&argp, argc, argv, &with);
    if (!fz_children_prepare(&habits))
        return FZ_EXIT_TROUBLE;
    fz_log_to(&log_taker);
    fz_server_own_process(&with.server);
    int status = FZ_EXIT_TROUBLE;
    if (fz_worlds_start(&worlds, with.count, &with.server) && (status = fz_children_stopped(&habits)) == 0)
        status = run_all(&with, &worlds, &habits);
    fz_worlds_stop(&worlds, with.keep);
    return status;
}

const struct fz_command fz_run_command = {
    .name = "run",
    .summary = "runs a command with a server of its own, for as long as it takes",
    .argp = &argp,
    .run = run,
};
