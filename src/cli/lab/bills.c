/* fenzhang lab bills: makes a lab's files, and the key that says what is planted. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/text.h"
#include "cli/lab/commands.h"
#include "cli/lab/folder.h"
#include "lab/lab.h"

enum { KEY_DAYS = 'd', KEY_REFUNDS = 'm', KEY_SEED = 's', KEY_PLANT = 'p', KEY_OUT = 'o', KEY_SHUFFLE = 0x100 };

struct options {
    struct fz_lab_options lab;
    const char *out;
    bool shuffle;
};

static const struct argp_option options[] = {
    {"days", KEY_DAYS, "N", 0, "Beijing days that the bills are of (7)", 0},
    {"refunds", KEY_REFUNDS, "M", 0, "All refunds, those planted among them (1000)", 0},
    {"seed", KEY_SEED, "S", 0, "What everything follows from: the same S, the same bytes (1)", 0},
    {"plant", KEY_PLANT, "KIND=K", 0, "Plants K of a kind, or all=K of each; may be repeated, a later one counts", 0},
    {"out", KEY_OUT, "DIR", 0, "The folder for the files, made if it is not there; an earlier lab in it is replaced", 0},
    {"shuffle", KEY_SHUFFLE, NULL, 0, "Lines in no order at all, instead of refunds as their numbers go", 0},
    {0}};

/* ---- options ---- */

static int64_t number_of(const char *text, int64_t least, int64_t most, const char *what, struct argp_state *state)
{
    int64_t value = 0;
    if (fz_parse_int(text, &value) != FZ_OK || value < least || value > most)
        argp_error(state, "%s is a number from %lld to %lld, not `%s'", what, (long long)least, (long long)most, text);
    return value;
}

static void refuse_kind(const char *name, struct argp_state *state)
{
    struct fz_nearest nearest = {.word = name};
    char all[600] = "all";
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++) {
        fz_nearest_try(&nearest, fz_lab_kind_name(kind));
        size_t size = strlen(all);
        snprintf(all + size, sizeof all - size, ", %s", fz_lab_kind_name(kind));
    }
    if (nearest.best != NULL)
        argp_error(state, "there is no kind `%s'. Did you mean %s?", name, nearest.best);
    argp_error(state, "there is no kind `%s'. The kinds are %s", name, all);
}

/* KIND=K */
static void take_plant(const char *text, struct options *into, struct argp_state *state)
{
    char name[64];
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        argp_error(state, "--plant takes KIND=K, like amount=2 or all=1, not `%s'", text);
    fz_copy_part(name, sizeof name, text, (size_t)(equals - text));
    int64_t count = number_of(equals + 1, 0, FZ_LAB_REFUNDS_MAX / 100, "K of --plant KIND=K", state);
    enum fz_lab_kind only = fz_lab_kind_named(name);
    if (only == FZ_LAB_NONE && strcmp(name, "all") != 0)
        refuse_kind(name, state);
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        if (only == FZ_LAB_NONE || only == kind)
            into->lab.plant[kind] = count;
}

static void check(const struct options *with, struct argp_state *state)
{
    if (with->out == NULL)
        argp_error(state, "--out DIR is missing: the folder that the files go into");
    int64_t needed = fz_lab_needed(&with->lab);
    if (with->lab.refunds < needed)
        argp_error(state,
                   "--refunds %lld are too few for what is planted: it takes %lld (an other_merchant takes 3 of one order, "
                   "the others 1 each, and the first and the last day have one that agrees)",
                   (long long)with->lab.refunds, (long long)needed);
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct options *into = state->input;
    switch (key) {
    case KEY_DAYS:
        into->lab.days = (int)number_of(argument, 1, FZ_LAB_DAYS_MAX, "--days", state);
        return 0;
    case KEY_REFUNDS:
        into->lab.refunds = number_of(argument, 1, FZ_LAB_REFUNDS_MAX, "--refunds", state);
        return 0;
    case KEY_SEED:
        into->lab.seed = (uint64_t)number_of(argument, 0, INT64_MAX, "--seed", state);
        return 0;
    case KEY_PLANT:
        take_plant(argument, into, state);
        return 0;
    case KEY_OUT:
        into->out = argument;
        return 0;
    case KEY_SHUFFLE:
        into->shuffle = true;
        return 0;
    case ARGP_KEY_END:
        check(into, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the key ---- */

struct key {
    json_t *differences, *files;
};

static enum fz_result add_planted(void *argument, enum fz_lab_kind kind, const char *out_refund_no)
{
    struct key *key = argument;
    json_t *one = json_pack("{s:s, s:s}", "kind", fz_lab_kind_name(kind), "out_refund_no", out_refund_no);
    return json_array_append_new(key->differences, one) == 0 ? FZ_OK : FZ_FAILED;
}

static enum fz_result add_file(void *argument, const char *name)
{
    struct key *key = argument;
    return json_array_append_new(key->files, json_string(name)) == 0 ? FZ_OK : FZ_FAILED;
}

static json_t *planted_json(const struct fz_lab_options *with)
{
    json_t *planted = json_object();
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        if (with->plant[kind] > 0)
            (void)json_object_set_new(planted, fz_lab_kind_name(kind), json_integer(with->plant[kind]));
    return planted;
}

static json_t *key_json(const struct key *key, const struct options *with, const struct fz_lab_made *made)
{
    char first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    fz_format_day(first, made->first_day);
    fz_format_day(last, made->last_day);
    return json_pack("{s:O, s:I, s:i, s:I, s:b, s:o, s:s, s:s, s:{s:I, s:I, s:I, s:I}, s:O}", "differences",
                     key->differences, "seed", (json_int_t)with->lab.seed, "days", with->lab.days, "refunds",
                     (json_int_t)with->lab.refunds, "shuffled", with->shuffle, "planted", planted_json(&with->lab),
                     "first_day", first, "last_day", last, "counts", "orders", (json_int_t)made->orders, "payments",
                     (json_int_t)made->payments, "slices", (json_int_t)made->slices, "records", (json_int_t)made->records,
                     "files", key->files);
}

/* The last file that is written: a folder that has it has the others, whole. */
static enum fz_result write_key(const struct key *key, const struct options *with, const struct fz_lab_made *made,
                                int directory)
{
    (void)json_array_append_new(key->files, json_string(FZ_LAB_KEY));
    json_t *value = key_json(key, with, made);
    int file = openat(directory, FZ_LAB_KEY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *stream = file < 0 ? NULL : fdopen(file, "w");
    bool done =
        value != NULL && stream != NULL && json_dumpf(value, stream, JSON_INDENT(1)) == 0 && putc('\n', stream) != EOF;
    json_decref(value);
    if (stream == NULL && file >= 0)
        close(file);
    if (stream != NULL && fclose(stream) != 0)
        done = false;
    return done ? FZ_OK : FZ_FAILED;
}

/* ---- making ---- */

static enum fz_result shuffle_all(const struct key *key, const struct options *with, int directory)
{
    enum fz_result result = FZ_OK;
    size_t i;
    json_t *name;
    json_array_foreach (key->files, i, name)
        if (result == FZ_OK)
            result = fz_lab_shuffle(directory, json_string_value(name), with->lab.seed + i);
    return result;
}

static enum fz_result make(const struct options *with, int directory)
{
    struct key key = {json_array(), json_array()};
    const struct fz_lab_told told = {&key, add_planted, add_file};
    struct fz_lab_made made;
    enum fz_result result = fz_lab_write(&with->lab, directory, &told, &made);
    if (result == FZ_OK && with->shuffle)
        result = shuffle_all(&key, with, directory);
    if (result == FZ_OK)
        result = write_key(&key, with, &made, directory);
    json_decref(key.differences);
    json_decref(key.files);
    return result;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Makes the bills of some days as the service writes them (refunds-YYYY-MM-DD.csv, shares-…, statement-…), records of "
    "one's own (records.csv) and differences between them, which key.json names. A day without refunds has no refund bill."
    "\vKinds: missing_here, missing_there, amount, status, currency, duplicate_here, duplicate_there, day_boundary, "
    "not_yet_due, fee, rate, rounding, part_of_a_refund, closed_after_the_bill, other_merchant.\n\n"
    "Examples:\n"
    "  fenzhang lab bills --days 7 --refunds 1000 --seed 1 --plant all=2 --out lab\n"
    "  fenzhang lab bills --refunds 100 --plant amount=3 --plant rounding=1 --out lab",
    NULL,
    NULL,
    NULL};

static int run(int argc, char **argv)
{
    struct options with = {.lab = {.seed = 1, .days = 7, .refunds = 1000}};
    fz_arguments_parse(&argp, argc, argv, &with);
    int directory = fz_lab_folder_open(with.out);
    if (directory < 0)
        return FZ_EXIT_TROUBLE;
    errno = 0;
    enum fz_result result = make(&with, directory);
    int error = errno;
    close(directory);
    if (result == FZ_OK)
        return FZ_EXIT_DONE;
    fprintf(
        stderr,
        "fenzhang: the lab cannot be written into %s: %s. What is there of it is not whole: remove it, then try again.\n",
        with.out, error == 0 ? "memory is short" : strerrordesc_np(error));
    return FZ_EXIT_TROUBLE;
}

const struct fz_command fz_lab_bills_command = {
    .name = "bills",
    .summary = "makes bills, records, and differences between them",
    .argp = &argp,
    .run = run,
};
