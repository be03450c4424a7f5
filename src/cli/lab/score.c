/* fenzhang lab score: how much of what was planted a reconciler found, and what it found that is not there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab/commands.h"

struct options {
    const char *files[2]; /* the key, the report */
    int count;
};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (into->count == 2)
            argp_error(state, "there are too many words: a key and a report are enough");
        into->files[into->count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (into->count < 2)
            argp_error(state, "%s is missing", into->count == 0 ? "the key and the report" : "the report");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what is compared: sets of (kind, out_refund_no) ---- */

static const char *text_of(const json_t *one, const char *member)
{
    const char *text = json_string_value(json_object_get(one, member));
    return text == NULL ? "" : text;
}

/* The member that a difference is in a set; new. */
static char *name_of(const json_t *one)
{
    char *name = NULL;
    return asprintf(&name, "%s %s", text_of(one, "kind"), text_of(one, "out_refund_no")) < 0 ? NULL : name;
}

static bool add(json_t *set, json_t *one)
{
    char *name = name_of(one);
    bool done = name != NULL && json_object_set(set, name, one) == 0;
    free(name);
    return done;
}

/* New; NULL after a message. */
static json_t *read_set(const char *path)
{
    json_error_t error;
    bool is_input = strcmp(path, "-") == 0;
    json_t *whole = is_input ? json_loadf(stdin, 0, &error) : json_load_file(path, 0, &error), *set = json_object(), *one;
    json_t *list = json_object_get(whole, "differences");
    bool done = json_is_array(list);
    size_t i;
    if (whole == NULL)
        fprintf(stderr, "fenzhang: %s cannot be read as JSON: %s (line %d).\n", path, error.text, error.line);
    else if (!done)
        fprintf(
            stderr,
            "fenzhang: %s has no list `differences'. It should be {\"differences\":[{\"kind\":…,\"out_refund_no\":…}]}, "
            "like what `fenzhang reconcile --json' prints.\n",
            path);
    json_array_foreach (list, i, one)
        done = done && add(set, one);
    json_decref(whole);
    if (done)
        return set;
    json_decref(set);
    return NULL;
}

/* Lists those of `set` that `other` lacks. */
static void list_lacking(json_t *set, const json_t *other, const char *wrong, json_t *list)
{
    const char *name;
    json_t *one;
    json_object_foreach (set, name, one)
        if (json_object_get(other, name) == NULL)
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "wrong", wrong, "kind", text_of(one, "kind"),
                                                        "out_refund_no", text_of(one, "out_refund_no")));
}

/* Of nothing, all is right. */
static double share(size_t right, size_t all)
{
    return all == 0 ? 1 : (double)right / (double)all;
}

static int score(json_t *planted, json_t *reported)
{
    json_t *wrong = json_array();
    list_lacking(planted, reported, "missed", wrong);
    size_t missed = json_array_size(wrong), planted_count = json_object_size(planted),
           reported_count = json_object_size(reported);
    list_lacking(reported, planted, "false", wrong);
    size_t found = planted_count - missed;
    json_t *answer = json_pack("{s:f, s:f, s:o}", "recall", share(found, planted_count), "precision",
                               share(found, reported_count), "wrong", wrong);
    bool perfect = answer != NULL && json_array_size(wrong) == 0;
    int status = fz_print_json(answer);
    return status != FZ_EXIT_DONE ? status : perfect ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
}

static const struct argp argp = {
    NULL,
    take_option,
    "KEY REPORT",
    "Compares what a reconciler reports with what a lab planted, and prints {\"recall\",\"precision\",\"wrong\"}: the share "
    "of what was planted that was found with its right kind, the share of what was reported that was planted, and each that "
    "was missed or is false. REPORT is any program's {\"differences\":[{\"kind\",\"out_refund_no\"}]}; - reads it from "
    "standard input. Exit status 0: both are 1; 1: they are not; 2: a file cannot be read."
    "\vExamples:\n"
    "  fenzhang lab score lab/key.json report.json\n"
    "  fenzhang reconcile --refunds lab/refunds-*.csv --records lab/records.csv --json | fenzhang lab score lab/key.json -",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct options with = {0};
    fz_arguments_parse(&argp, argc, argv, &with);
    json_t *planted = read_set(with.files[0]), *reported = planted == NULL ? NULL : read_set(with.files[1]);
    int status = reported == NULL ? FZ_EXIT_TROUBLE : score(planted, reported);
    json_decref(planted);
    json_decref(reported);
    return status;
}

const struct fz_command fz_lab_score_command = {
    .name = "score",
    .summary = "compares a reconciler's report with what was planted",
    .argp = &argp,
    .run = run,
};
