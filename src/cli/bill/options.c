/* Reads the arguments of `fenzhang bill`. */
#include "cli/bill/options.h"

#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/clock.h"

enum { KEY_OUT = 'o', KEY_FORMAT = 'f', KEY_NO_CACHE = 0x3000 };

const struct argp_option fz_bill_argp_options[] = {
    {"out", KEY_OUT, "DIR", 0, "Writes a file a day there; or into the database FILE.sqlite", 0},
    {"format", KEY_FORMAT, "FORMAT", 0, "original (the service's bytes), csv, jsonl or sqlite", 0},
    {"no-cache", KEY_NO_CACHE, NULL, 0, "Fetches every day and keeps no copy", 0},
    {0}};
const char fz_bill_argp_words[] = "DATE[..DATE]";

static const char *const formats[] = {
    [FZ_BILL_ORIGINAL] = "original", [FZ_BILL_CSV] = "csv", [FZ_BILL_JSON_LINES] = "jsonl", [FZ_BILL_SQLITE] = "sqlite"};

const char *fz_bill_suffix(enum fz_bill_format format)
{
    return format == FZ_BILL_JSON_LINES ? ".jsonl" : ".csv";
}

bool fz_bill_is_database(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".sqlite") == 0 || strcmp(dot, ".sqlite3") == 0 || strcmp(dot, ".db") == 0);
}

static error_t take_format(struct fz_bill_options *options, const char *word, const struct argp_state *state)
{
    for (enum fz_bill_format format = FZ_BILL_ORIGINAL; format <= FZ_BILL_SQLITE; format++)
        if (strcmp(word, formats[format]) == 0) {
            options->format = format;
            return 0;
        }
    argp_error(state, "there is no format `%s': it is original, csv, jsonl or sqlite", word);
    return EINVAL;
}

static error_t take_range(struct fz_bill_options *options, const char *word, const struct argp_state *state)
{
    const char *why;
    if (options->range != NULL)
        argp_error(state, "`%s' is a second date. A range of days is one word: %s..%s", word, options->range, word);
    else if (!fz_days_read(word, fz_day_of(fz_wire_now_ms()), &options->days, &why))
        argp_error(state, "`%s' %s", word, why);
    options->range = word;
    return 0;
}

/* What does not go together. */
static void check(struct fz_bill_options *options, const struct argp_state *state)
{
    if (options->range == NULL)
        argp_error(state, "which day? For example: %s yesterday", state->name);
    if (options->out != NULL && fz_bill_is_database(options->out) && options->format == FZ_BILL_AS_USUAL)
        options->format = FZ_BILL_SQLITE;
    if (options->out == NULL && options->format == FZ_BILL_SQLITE)
        argp_error(state, "a database is a file: name it with --out FILE.sqlite, or its directory with --out DIR");
    if (options->out != NULL && fz_bill_is_database(options->out) && options->format != FZ_BILL_SQLITE)
        argp_error(state, "--out %s names a database: --format sqlite goes with it, or a directory", options->out);
}

error_t fz_bill_take_option(int key, char *argument, struct argp_state *state)
{
    struct fz_bill_options *options = state->input;
    switch (key) {
    case KEY_OUT:
        options->out = argument;
        return 0;
    case KEY_FORMAT:
        return take_format(options, argument, state);
    case KEY_NO_CACHE:
        options->no_cache = true;
        return 0;
    case ARGP_KEY_ARG:
        return take_range(options, argument, state);
    case ARGP_KEY_END:
        check(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}
