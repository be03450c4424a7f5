/* fenzhang errors: the table of refusals, for people, for docs/errors.md, or as JSON; and what the names in a diagnosis mean. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/server/refusal.h"
#include "cli/server/commands.h"
#include "wire/doctor/doctor.h"

enum { KEY_MARKDOWN = 'm', KEY_JSON = 'j' };

#define NAMES_MAX 32

struct options {
    int format;
    const char *names[NAMES_MAX]; /* of the rows that were asked for; none: all */
    size_t count;
};

static const struct argp_option options[] = {
    {"markdown", KEY_MARKDOWN, NULL, 0, "Prints the page docs/errors.md", 0},
    {"json", KEY_JSON, NULL, 0, "Prints a JSON array with an object for each row", 0},
    {0}};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_MARKDOWN:
    case KEY_JSON:
        into->format = key;
        return 0;
    case ARGP_KEY_ARG:
        if (into->count == NAMES_MAX)
            argp_error(state, "at most %d names at a time", NAMES_MAX);
        into->names[into->count++] = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- which rows ---- */

/* By its name, its status, a code, its number, or the Request-ID of an answer, which ends in the number. */
static bool is_called(enum fz_row row, const char *name)
{
    const struct fz_row_text *text = fz_row_text(row);
    const char *dash = strrchr(name, '-');
    char number[16], status[16];
    snprintf(number, sizeof number, "%u", text->number);
    snprintf(status, sizeof status, "%d", text->status);
    return strcasecmp(name, text->name) == 0 || strcasecmp(name, text->code) == 0 ||
           strcasecmp(name, text->hk_code) == 0 || strcmp(name, status) == 0 || strcmp(dash == NULL ? name : dash + 1, number) == 0;
}

static bool is_wanted(enum fz_row row, const struct options *with)
{
    for (size_t i = 0; i < with->count; i++)
        if (is_called(row, with->names[i]))
            return true;
    return with->count == 0;
}

/* The mistake that a diagnosis calls so; FZ_MISTAKE_NONE if there is none. */
static enum fz_mistake mistake_called(const char *name)
{
    for (enum fz_mistake mistake = FZ_MISTAKE_NONE + 1; mistake < FZ_MISTAKE_COUNT; mistake++)
        if (strcasecmp(name, fz_mistake_name(mistake)) == 0)
            return mistake;
    return FZ_MISTAKE_NONE;
}

/* False after a message: nothing is called so. The page of refusals has no mistakes. */
static bool is_known(const char *name, int format)
{
    struct fz_nearest nearest = {.word = name};
    if (format != KEY_MARKDOWN && mistake_called(name) != FZ_MISTAKE_NONE)
        return true;
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        if (is_called(row, name))
            return true;
        fz_nearest_try(&nearest, fz_row_text(row)->code);
        fz_nearest_try(&nearest, fz_row_text(row)->hk_code);
        fz_nearest_try(&nearest, fz_row_text(row)->name);
    }
    for (enum fz_mistake mistake = FZ_MISTAKE_NONE + 1; format != KEY_MARKDOWN && mistake < FZ_MISTAKE_COUNT; mistake++)
        fz_nearest_try(&nearest, fz_mistake_name(mistake));
    fprintf(stderr, "fenzhang: no refusal has the name, code, status or number `%s'.", name);
    if (nearest.best != NULL)
        fprintf(stderr, " Did you mean %s?", nearest.best);
    fputs(" `fenzhang errors' prints them all.\n", stderr);
    return false;
}

/* What to do for a row that no state leads to. */
static const char only_on_demand[] = "only on demand: the header, or `POST /faults`";

static const char *reach_of(enum fz_row row)
{
    const char *reach = fz_row_reach(row);
    return reach[0] == '\0' ? only_on_demand : reach;
}

#define MESSAGE_SIZE 600 /* two messages of at most 256 characters */

/* The message, and behind it that of /hk/v3 where it is another. */
static const char *message_of(enum fz_row row, char out[MESSAGE_SIZE])
{
    const char *english = fz_row_english(row, false), *hk_english = fz_row_english(row, true);
    bool two = hk_english != english;
    snprintf(out, MESSAGE_SIZE, "%s%s%s", english, two ? "; under /hk/v3: " : "", two ? hk_english : "");
    return out;
}

/* ---- a page ---- */

static const char page_head[] =
    "# Every refusal, and how to reach it\n"
    "\n"
    "Made by `fenzhang errors --markdown` out of `src/base/server/errors.def` and `src/base/server/reach.def`; change "
    "those, then "
    "make this page anew.\n"
    "\n"
    "Each row can be met in two ways:\n"
    "\n"
    "* **In its real state.** The last column says what to send to the API, or what to set through the\n"
    "  [control interface](control.md) first. What comes then is what production would answer in that "
    "state.\n"
    "* **On demand**, whatever the state, by the row's name: for one request by the header\n"
    "  `Wechatpay-Negative-Test: REFUND_SHORT`; for requests of a client that you cannot change by\n"
    "  `POST /faults` `{\"error\":\"REFUND_SHORT\",\"count\":1}` ([faults](control.md#faults)). The header "
    "also takes a "
    "code, like `NOT_ENOUGH`.\n"
    "\n"
    "The number is the last part of `Request-ID`; its first 8 digits name the process that answered (`process` in `GET /health`), the 24 "
    "behind them are drawn. Where `/hk/v3` spells the code in its older way, that "
    "stands behind "
    "the code. Messages are Chinese with\n"
    "`Accept-Language: zh-CN`. Which rows are documented and which assumed: "
    "[fidelity.md](fidelity.md#all-refusals).\n"
    "\n"
    "| row | status | code | number | message | when | how to reach it |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n";

/* A cell: a bar would end it, a `<` might begin a tag. */
static void print_cell(const char *text)
{
    fputs(" ", stdout);
    for (; *text != '\0'; text++)
        if (*text == '|' || *text == '<')
            printf("\\%c", *text);
        else
            putchar(*text);
    fputs(" |", stdout);
}

static void print_page(const struct options *with)
{
    char message[MESSAGE_SIZE];
    fputs(page_head, stdout);
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        if (!is_wanted(row, with))
            continue;
        const struct fz_row_text *text = fz_row_text(row);
        printf("| `%s` | %d | `%s`", text->name, text->status, text->code);
        if (strcmp(text->code, text->hk_code) != 0)
            printf(", `%s`", text->hk_code);
        printf(" | %u |", text->number);
        print_cell(message_of(row, message));
        print_cell(text->when);
        print_cell(reach_of(row));
        putchar('\n');
    }
}

/* ---- for people and for programs ---- */

static void print_list(const struct options *with)
{
    char message[MESSAGE_SIZE];
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        if (!is_wanted(row, with))
            continue;
        const struct fz_row_text *text = fz_row_text(row);
        bool two = strcmp(text->code, text->hk_code) != 0;
        printf("%s: %d %s%s%s, number %u\n  %s\n  when: %s\n  to reach it: %s\n\n", text->name, text->status,
               text->code, two ? " or " : "", two ? text->hk_code : "", text->number,
               message_of(row, message), text->when, reach_of(row));
    }
}

/* Not of all: those that were asked for. */
static void print_mistakes(const struct options *with)
{
    for (size_t i = 0; i < with->count; i++) {
        enum fz_mistake mistake = mistake_called(with->names[i]);
        if (mistake != FZ_MISTAKE_NONE)
            printf("%s: no refusal, but the mistake that the diagnosis of a 401 names so\n  %s\n  to look into one more: fenzhang "
                   "explain -h\n\n",
                   fz_mistake_name(mistake), fz_mistake_text(mistake, false));
    }
}

static void add_mistakes(json_t *list, const struct options *with)
{
    for (size_t i = 0; i < with->count; i++) {
        enum fz_mistake mistake = mistake_called(with->names[i]);
        if (mistake != FZ_MISTAKE_NONE)
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "mistake", fz_mistake_name(mistake), "message",
                                                        fz_mistake_text(mistake, false), "message_zh",
                                                        fz_mistake_text(mistake, true)));
    }
}

static int print_json(const struct options *with)
{
    json_t *list = json_array();
    for (enum fz_row row = FZ_ROW_NONE + 1; row < FZ_ROW_COUNT; row++) {
        if (!is_wanted(row, with))
            continue;
        const struct fz_row_text *text = fz_row_text(row);
        const char *reach = fz_row_reach(row), *hk_english = fz_row_english(row, true);
        if (reach[0] == '\0')
            reach = NULL;
        if (hk_english == text->english)
            hk_english = NULL;
        (void)json_array_append_new(
            list, json_pack("{s:s, s:i, s:s, s:s, s:I, s:s, s:s, s:s, s:s*, s:s*}", "row", text->name,
                            "status", text->status, "code", text->code, "hk_code", text->hk_code, "number",
                            (json_int_t)text->number, "message", text->english, "message_zh", text->chinese,
                            "when", text->when, "hk_message", hk_english, "reach", reach));
    }
    add_mistakes(list, with);
    return fz_print_json(list);
}

static const struct argp argp = {
    options,
    take_option,
    "[NAME...]",
    "Prints every refusal of the API: status, code, number, message, when it comes "
    "and how a tester reaches it. With NAME those alone that have this name, code, status or number; the Request-ID of "
    "an answer will do, too, because it ends in the number. A mistake by its name in a diagnosis, like BODY_RESERIALISED, is "
    "told as well.\v"
    "Examples:\n"
    "  fenzhang errors NOT_ENOUGH\n"
    "  fenzhang errors --json | jq -r '.[].row'\n",
    NULL,
    NULL,
    NULL};

static int run_errors(int argc, char **argv)
{
    struct options with = {0};
    fz_arguments_parse(&argp, argc, argv, &with);
    for (size_t i = 0; i < with.count; i++)
        if (!is_known(with.names[i], with.format))
            return FZ_EXIT_TROUBLE;
    if (with.format == KEY_JSON)
        return print_json(&with);
    if (with.format == KEY_MARKDOWN)
        print_page(&with);
    else {
        print_list(&with);
        print_mistakes(&with);
    }
    return FZ_EXIT_DONE;
}

const struct fz_command fz_errors_command = {
    .name = "errors",
    .summary = "prints every refusal and how to reach it",
    .argp = &argp,
    .run = run_errors,
};
