/* fenzhang call: any call of the description, its options made from its row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/api/call_options.h"
#include "cli/api/commands.h"
#include "cli/api/members.h"
#include "cli/output/page.h"
#include "cli/output/screen.h"
#include "spec/calls.h"

#define BODY_MAX (4 << 20)

/* ---- --body ---- */

/* A whole file, "-" is the standard input. New; NULL after a message. */
static char *read_body(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *text = file == NULL ? NULL : malloc(BODY_MAX + 1);
    size_t size = text == NULL ? 0 : fread(text, 1, BODY_MAX + 1, file);
    if (file != NULL && file != stdin)
        fclose(file);
    if (text == NULL || size > BODY_MAX) {
        fprintf(stderr, "fenzhang: --body %s: %s. Nothing was sent.\n", path,
                text == NULL ? strerrordesc_np(errno) : "it has more than 4 MiB");
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

static bool put_together(const struct fz_call_arguments *given, struct fz_draft *draft)
{
    char *body = given->body == NULL ? NULL : read_body(given->body);
    bool good = (given->body == NULL || body != NULL) && fz_draft_begin(draft, given->spec->name) &&
                (body == NULL || fz_draft_set_all(draft, body, given->body));
    free(body);
    for (size_t i = 0; good && i < given->count; i++)
        good = fz_draft_set(draft, given->members[i].path, given->members[i].text);
    return good;
}

/* ---- what it answers ---- */

/* For people, with line feeds; what is piped or asked for as --json is the API's own. */
static int print(const void *answer, const struct fz_caller_options *caller)
{
    size_t size = 0;
    const char *text = fz_answer_text(answer, &size);
    json_t *body = size == 0 || caller->json || fz_screen_columns(stdout) == 0 ? NULL : json_loadb(text, size, 0, NULL);
    char *pretty = body == NULL ? NULL : json_dumps(body, JSON_INDENT(2));
    json_decref(body);
    if (pretty != NULL)
        fz_page(pretty, strlen(pretty), !caller->no_input);
    else
        fwrite(text, 1, size, stdout);
    if (size > 0)
        putchar('\n');
    free(pretty);
    return FZ_EXIT_DONE;
}

static int call(const struct fz_session *session, const struct fz_call_arguments *given)
{
    struct fz_draft draft = {0};
    const void *request;
    void *answer = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (put_together(given, &draft) && fz_draft_finish(&draft, &session->profile, &request))
        status = fz_session_call(session, given->spec->name, request, NULL, &answer);
    if (status == FZ_EXIT_DONE)
        status = print(answer, &session->caller);
    fz_answer_free(answer);
    fz_draft_done(&draft);
    return status;
}

/* ---- --list ---- */

static int list(void)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (fz_is_callable(specs[i]))
            printf("%-28s %s\n", specs[i]->name, specs[i]->title);
    return FZ_EXIT_DONE;
}

/* ---- the command without a call's name ---- */

static const struct argp_option options[] = {
    {"list", 'l', NULL, 0, "Prints the names of all calls", 0},
    {"body", 'b', "FILE", 0, "Members as a JSON object; - is the standard input", 0},
    {0}};

static void __attribute__((noreturn)) refuse_name(const char *name)
{
    struct fz_draft draft;
    (void)fz_draft_begin(&draft, name); /* says so */
    fz_draft_done(&draft);
    exit(FZ_EXIT_TROUBLE);
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    bool *wants_list = state->input;
    if (key == 'l')
        *wants_list = true;
    else if (key == ARGP_KEY_ARG)
        refuse_name(argument);
    else if (key == ARGP_KEY_END && !*wants_list)
        argp_error(state, "the call is missing: NAME. `fenzhang call --list' tells their names");
    else if (key != 'b')
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp argp = {
    options,
    take_option,
    "NAME",
    "Makes any call of the API. `fenzhang call NAME -h' tells its members, each of which is an option: nested ones with "
    "points between, items of lists by their number; whole objects and lists as JSON. The merchants' numbers come from the "
    "profile.\v"
    "Examples:\n"
    "  fenzhang call --list\n"
    "  fenzhang call transaction-amounts --env data/demo.env --transaction_id 4208450740201411110007820472\n"
    "  fenzhang call refund-submit -h\n",
    NULL,
    NULL,
    NULL};

static int run_without(int argc, char **argv)
{
    struct fz_caller_options nobody = {0};
    bool wants_list = false;
    fz_arguments_parse_shared(&fz_call_command, argc, argv, &wants_list, &nobody);
    return list();
}

/* ---- with it ---- */

static int run_with(const struct fz_spec *spec, int argc, char **argv)
{
    struct fz_call_arguments given = {0};
    struct fz_session session = {0};
    struct fz_command command = fz_call_command;
    int status = FZ_EXIT_TROUBLE;
    if (fz_call_arguments_begin(&given, spec, argc, argv)) {
        command.argp = &given.argp;
        status = fz_session_open(&command, argc, argv, &given, &session);
        if (status == FZ_EXIT_DONE)
            status = call(&session, &given);
        fz_session_close(&session);
    }
    fz_call_arguments_done(&given);
    return status;
}

static int run(int argc, char **argv)
{
    const struct fz_spec *spec = fz_call_named(argc, argv);
    return spec == NULL ? run_without(argc, argv) : run_with(spec, argc, argv);
}

const struct fz_command fz_call_command = {
    .name = "call",
    .summary = "makes any call of the API, by its name",
    .argp = &argp,
    .shared = &fz_caller_argp,
    .run = run,
};
