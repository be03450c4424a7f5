/* fenzhang reconcile: bills against each other and against one's own records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "cli/output/progress.h"
#include "cli/reconcile/commands.h"
#include "cli/reconcile/report.h"

enum {
    KEY_REFUNDS = 0x100,
    KEY_SHARES,
    KEY_STATEMENT,
    KEY_SETTLEMENTS,
    KEY_RECORDS,
    KEY_QUERY,
    KEY_MAP,
    KEY_PRINT_MAP,
    KEY_TIMEZONE,
    KEY_DAYS,
    KEY_CSV,
    KEY_HTML,
    KEY_THREADS,
    KEY_NO_INPUT
};

static const struct argp_option options[] = {
    {"refunds", KEY_REFUNDS, "FILE...", 0, "Refund bills, a file a day; gzip or not", 0},
    {"shares", KEY_SHARES, "FILE...", 0, "Distribution bills", 0},
    {"statement", KEY_STATEMENT, "FILE...", 0, "Transaction statements", 0},
    {"settlements", KEY_SETTLEMENTS, "FILE...", 0, "Settlement details, as the API answers them", 0},
    {"records", KEY_RECORDS, "FILE...", 0,
     "Your own records: CSV, JSON, sqlite:FILE or postgresql://...; without them the bills are compared with each other", 1},
    {"query", KEY_QUERY, "SQL", 0, "What gives the records of a database", 1},
    {"map", KEY_MAP, "FILE", 0, "Which column of the records is what (their names tell)", 1},
    {"print-map", KEY_PRINT_MAP, NULL, 0, "Prints which column was taken for what, as a map, and ends", 1},
    {"timezone", KEY_TIMEZONE, "NAME", 0,
     "Where records are counted by day, such as Asia/Shanghai (the date as each time is written)", 1},
    {"days", KEY_DAYS, "A[..B]", 0, "Beijing days that the refund bills cover (the first to the last that they have)", 1},
    {"json", 'j', NULL, 0, "Totals and differences as JSON on standard output", 2},
    {"csv", KEY_CSV, "FILE", 0, "All differences as CSV into FILE", 2},
    {"html", KEY_HTML, "FILE", 0, "The report as a page into FILE: one file, no script, to be printed", 2},
    {"no-input", KEY_NO_INPUT, NULL, 0, "Never waits for a person: no pager", 2},
    {"threads", KEY_THREADS, "N", 0, "Threads (one a processor)", 2},
    {0}};

struct with {
    struct fz_reconcile_request request;
    struct fz_report_files files;
    bool json, print_map, no_input;
    const char *timezone;
};

/* ---- options ---- */

static void add_path(struct fz_paths *paths, const char *path, struct argp_state *state)
{
    const char **list = reallocarray(paths->list, paths->count + 1, sizeof *list);
    if (list == NULL)
        argp_failure(state, FZ_EXIT_TROUBLE, 0, "memory is short");
    paths->list = list;
    list[paths->count++] = path;
}

static void take_days(struct fz_reconcile_request *request, const char *text, struct argp_state *state)
{
    char first[16] = "";
    const char *dots = strstr(text, "..");
    size_t size = dots == NULL ? strlen(text) : (size_t)(dots - text);
    snprintf(first, sizeof first, "%.*s", (int)size, text);
    if (fz_parse_day(first, &request->first_day) != FZ_OK ||
        fz_parse_day(dots == NULL ? first : dots + 2, &request->last_day) != FZ_OK || request->first_day > request->last_day)
        argp_error(state, "--days is a day or two, such as 2026-01-05..2026-01-11, not `%s'", text);
}

static void take_threads(struct fz_reconcile_request *request, const char *text, struct argp_state *state)
{
    char *end;
    unsigned long threads = strtoul(text, &end, 10);
    if (*end != '\0' || threads < 1 || threads > 64)
        argp_error(state, "--threads is a number from 1 to 64, not `%s'", text);
    request->threads = (unsigned)threads;
}

static void check(const struct with *with, struct argp_state *state)
{
    const struct fz_reconcile_request *request = &with->request;
    int bills = (request->refunds.count > 0) + (request->shares.count > 0) + (request->statements.count > 0) +
                (request->settlements.count > 0);
    if (with->print_map && request->records.count == 0)
        argp_error(state, "--print-map tells of --records FILE: name them");
    if (bills == 0 && !with->print_map)
        argp_error(state, "there is no bill. Name some: --refunds refunds-*.csv --records records.csv");
    if (bills == 1 && request->records.count == 0)
        argp_error(
            state,
            "there is nothing to compare the bills with. Name --records FILE, or another kind of bill: --statement FILE");
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct with *into = state->input;
    switch (key) {
    case KEY_REFUNDS:
        add_path(&into->request.refunds, argument, state);
        return 0;
    case KEY_SHARES:
        add_path(&into->request.shares, argument, state);
        return 0;
    case KEY_STATEMENT:
        add_path(&into->request.statements, argument, state);
        return 0;
    case KEY_SETTLEMENTS:
        add_path(&into->request.settlements, argument, state);
        return 0;
    case KEY_RECORDS:
        add_path(&into->request.records, argument, state);
        return 0;
    case KEY_QUERY:
        into->request.query = argument;
        return 0;
    case KEY_MAP:
        into->request.map = argument;
        return 0;
    case KEY_PRINT_MAP:
        into->print_map = true;
        return 0;
    case KEY_TIMEZONE:
        into->timezone = argument;
        return 0;
    case KEY_DAYS:
        take_days(&into->request, argument, state);
        return 0;
    case KEY_THREADS:
        take_threads(&into->request, argument, state);
        return 0;
    case 'j':
        into->json = true;
        return 0;
    case KEY_CSV:
        into->files.csv = argument;
        return 0;
    case KEY_HTML:
        into->files.html = argument;
        return 0;
    case KEY_NO_INPUT:
        into->no_input = true;
        return 0;
    case ARGP_KEY_END:
        check(into, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool takes_files(const char *word)
{
    static const char *const names[] = {"--refunds", "--shares", "--statement", "--settlements", "--records"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

/* A shell makes words of --refunds refunds-*.csv: each gets the option that stands before them. */
static char **spread(int argc, char **argv, int *out_argc)
{
    char **words = calloc(2 * (size_t)argc + 1, sizeof *words), *option = NULL;
    int count = 0;
    for (int i = 0; words != NULL && i < argc; i++) {
        bool is_word = i > 0 && (argv[i][0] != '-' || argv[i][1] == '\0');
        if (is_word && option != NULL && argv[i - 1] != option)
            words[count++] = option;
        if (!is_word)
            option = takes_files(argv[i]) ? argv[i] : NULL;
        words[count++] = argv[i];
    }
    *out_argc = count;
    return words;
}

/* ---- where days are counted ---- */

/* The C library has the rules of all places; TZ was set before the first thread. */
static int day_there(int64_t time_ms)
{
    static _Thread_local int64_t quarter = INT64_MIN, shift_ms; /* no rule changes within a quarter of an hour */
    if (time_ms / (15 * FZ_MINUTE_MS) != quarter) {
        time_t seconds = (time_t)(time_ms / FZ_SECOND_MS);
        struct tm there;
        localtime_r(&seconds, &there);
        shift_ms = there.tm_gmtoff * FZ_SECOND_MS - 8 * FZ_HOUR_MS;
        quarter = time_ms / (15 * FZ_MINUTE_MS);
    }
    return fz_day_of(time_ms + shift_ms);
}

/* The C library takes a name that it does not know for UTC, silently. */
static bool use_timezone(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (strcmp(name, "UTC") != 0 && (strstr(name, "..") != NULL || access(path, R_OK) != 0)) {
        fprintf(stderr,
                "fenzhang: there is no time zone %s. They are named as in /usr/share/zoneinfo: Asia/Shanghai, Europe/Berlin "
                "(package tzdata).\n",
                name);
        return false;
    }
    setenv("TZ", name, 1);
    tzset();
    return true;
}

/* ---- all of it ---- */

static struct fz_progress progress;

static void show_progress(void *argument, uint64_t done, uint64_t whole)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    (void)argument;
    if (pthread_mutex_trylock(&lock) != 0)
        return;
    progress.total = (int64_t)whole;
    fz_progress_at(&progress, (int64_t)done);
    pthread_mutex_unlock(&lock);
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat a, b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What is compared is not written over. */
static bool may_write(const struct fz_reconcile_request *request, const char *path)
{
    const struct fz_paths *all[] = {&request->refunds, &request->shares, &request->statements, &request->settlements,
                                    &request->records};
    bool may = path == NULL || request->map == NULL || !is_same_file(path, request->map);
    for (size_t i = 0; path != NULL && i < sizeof all / sizeof all[0]; i++)
        for (size_t k = 0; k < all[i]->count; k++)
            may = may && !is_same_file(path, all[i]->list[k]);
    if (!may)
        fprintf(stderr, "fenzhang: the report would be written over %s, which is one of the files compared. Name another.\n",
                path);
    return may;
}

static bool report(struct fz_reconciliation *found, const struct with *with)
{
    bool good = (with->files.csv == NULL || fz_report_csv(found, with->files.csv)) &&
                (with->files.html == NULL || fz_report_html(found, with->files.html));
    if (!good)
        return false;
    return with->json ? fz_report_json(found) : fz_report_tables(found, &with->files, !with->no_input);
}

static void tell_mapping(const struct fz_reconciliation *found, const struct with *with)
{
    const struct fz_text *text = &found->mapping.text;
    if (with->print_map)
        printf("%.*s", (int)text->size, text->size == 0 ? "" : text->data);
    else if (text->size > 0 && !found->mapping.is_ours && with->request.map == NULL)
        fprintf(stderr, "fenzhang: the columns of your records were told by their names (--map FILE says otherwise):\n%.*s",
                (int)(strstr(text->data, "\n[values]") - text->data), text->data);
    if (!with->print_map && with->request.records.count > 0 && !found->knows_here)
        fputs("fenzhang: no column of your records is known to be the amount, so amounts are not compared. Name yours in a\n"
              "map (--map FILE): what --print-map prints, with a line amount = YOUR COLUMN under [columns].\n",
              stderr);
}

static int run(struct with *with)
{
    struct fz_reconciliation found;
    int status = FZ_EXIT_TROUBLE;
    with->request.only_mapping = with->print_map;
    fz_progress_begin(&progress, "reading", 0);
    enum fz_result result = fz_reconcile(&with->request, &found);
    fz_progress_end(&progress);
    if (result != FZ_OK) {
        fprintf(stderr, "fenzhang: %s\n", found.trouble.text);
    } else {
        tell_mapping(&found, with);
        if (with->print_map)
            status = FZ_EXIT_DONE;
        else if (report(&found, with))
            status = fz_reconciliation_count(&found) == 0 ? FZ_EXIT_DONE : FZ_EXIT_DIFFERS;
    }
    fz_reconciliation_done(&found);
    return status;
}

static int reconcile(int argc, char **argv)
{
    struct with with = {.request = {.first_day = FZ_NO_DAY, .last_day = FZ_NO_DAY, .on_progress = show_progress}};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    with.request.threads = processors < 1 ? 1 : (unsigned)processors;
    int count;
    char **words = spread(argc, argv, &count);
    if (words == NULL)
        return FZ_EXIT_TROUBLE;
    fz_arguments_parse(fz_reconcile_command.argp, count, words, &with);
    int status = FZ_EXIT_TROUBLE;
    if (with.timezone != NULL)
        with.request.day_of = day_there;
    if (may_write(&with.request, with.files.csv) && may_write(&with.request, with.files.html) &&
        (with.timezone == NULL || use_timezone(with.timezone)))
        status = run(&with);
    free(words);
    free(with.request.refunds.list);
    free(with.request.shares.list);
    free(with.request.statements.list);
    free(with.request.settlements.list);
    free(with.request.records.list);
    return status;
}

static const struct argp argp = {
    options,
    take_option,
    NULL,
    "Compares bills with your own records, or with each other, and tells every difference: its kind, and the figures that "
    "prove it."
    "\vExamples:\n"
    "  fenzhang reconcile --refunds refunds-*.csv --records records.csv\n"
    "  fenzhang reconcile --refunds refunds-*.csv --statement statement-*.csv --records sqlite:shop.db --query 'SELECT * "
    "FROM refunds'\n"
    "  fenzhang reconcile --refunds *.csv --statement *.csv --shares *.csv --settlements settlements.json\n\n"
    "Exit status 0: all agrees; 1: there are differences; 2: it could not be found out.",
    NULL,
    NULL,
    NULL};

const struct fz_command fz_reconcile_command = {
    .name = "reconcile",
    .summary = "compares bills with your own records, and says why they differ",
    .argp = &argp,
    .run = reconcile,
};
