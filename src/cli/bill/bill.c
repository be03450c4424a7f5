/* What `fenzhang bill refunds|shares|statement` does: day after day. */
#include <stdio.h>
#include <unistd.h>

#include "cli/bill/tell.h"
#include "cli/output/error.h"
#include "cli/output/progress.h"

/* ---- a day ---- */

/* A range goes on behind a day that is refused for itself. */
static bool is_of_the_day(const fz_error *error)
{
    enum fz_code code = fz_error_code(error);
    return code == FZ_CODE_NO_STATEMENT_EXIST || code == FZ_CODE_STATEMENT_CREATING || code == FZ_CODE_PARAM_ERROR ||
           code == FZ_CODE_INVALID_REQUEST;
}

static int tell_failure(const struct fz_bill_told *told, const struct fz_bill_had *had, const fz_error *error, bool *goes_on)
{
    if (error == NULL)
        return FZ_EXIT_TROUBLE;
    *goes_on = is_of_the_day(error) && fz_error_exit_status(error) == FZ_EXIT_REFUSED;
    if (!*goes_on && fz_error_code(error) == FZ_CODE_FILE)
        fprintf(stderr, "fenzhang: %s: look whether there is room.\n", had->path);
    if (!*goes_on)
        return fz_tell_error(error);
    fz_bill_tell_refused(told, had, error);
    if (fz_error_code(error) == FZ_CODE_NO_STATEMENT_EXIST)
        return FZ_EXIT_DONE;
    if (fz_bill_is_refused_for_itself(had, error))
        (void)fz_tell_error(error);
    return FZ_EXIT_REFUSED;
}

static bool deliver(const struct fz_bill_told *told, const struct fz_bill_had *had, struct fz_bill_database *database)
{
    char place[FZ_BILL_PATH_SIZE] = "";
    enum fz_bill_delivered delivered = FZ_BILL_WRITTEN;
    if (told->days == NULL || told->job->options->out != NULL)
        delivered = fz_bill_deliver(told->job, had, database, place);
    if (delivered != FZ_BILL_NOT_WRITTEN)
        fz_bill_tell_done(told, had, delivered, place);
    return delivered != FZ_BILL_NOT_WRITTEN;
}

/* Gives the day's exit status; *goes_on: the next day can be had all the same. */
static int work_day(const struct fz_bill_told *told, int day, struct fz_bill_database *database,
                    struct fz_progress *progress, bool *goes_on)
{
    struct fz_bill_had had = {.day = day};
    fz_error *error = NULL;
    int status = FZ_EXIT_DONE;
    fz_format_day(had.date, day);
    bool is_had = fz_bill_obtain(told->job, &had, &error) == 0;
    fz_progress_clear(progress);
    *goes_on = is_had && deliver(told, &had, database);
    if (!is_had)
        status = tell_failure(told, &had, error, goes_on);
    else if (!*goes_on)
        status = FZ_EXIT_TROUBLE;
    if (is_had && had.is_temporary)
        (void)unlink(had.path);
    fz_error_free(error);
    return status;
}

/* ---- all of them ---- */

static int work_days(const struct fz_bill_told *told, struct fz_bill_database *database)
{
    const struct fz_days *days = &told->job->options->days;
    struct fz_progress progress;
    bool goes_on = true;
    int worst = FZ_EXIT_DONE;
    char what[40];
    snprintf(what, sizeof what, "fetching %s", told->job->name);
    fz_progress_begin(&progress, what, days->last - days->first + 1);
    for (int day = days->first; day <= days->last && goes_on; day++) {
        fz_progress_at(&progress, day - days->first);
        int status = work_day(told, day, database, &progress, &goes_on);
        worst = status > worst ? status : worst;
        if (!goes_on && day < days->last)
            fputs(
                "fenzhang: the days behind it were not asked for. Repeat the command when this is mended: what is there is\n"
                "not fetched again.\n",
                stderr);
    }
    fz_progress_end(&progress);
    return worst;
}

static bool open_out(const struct fz_bill_job *job, struct fz_bill_database **database)
{
    const char *out = job->options->out;
    *database = NULL;
    if (out == NULL)
        return true;
    if (!fz_bill_is_database(out) && !fz_bill_make_directories(out, 0777)) {
        fz_bill_tell_file(out, "made");
        return false;
    }
    if (job->options->format != FZ_BILL_SQLITE)
        return true;
    *database = fz_bill_database_open(job, out);
    return *database != NULL;
}

static int work(struct fz_bill_job *job)
{
    struct fz_bill_database *database;
    struct fz_bill_told told = {.job = job, .days = job->session->caller.json ? json_array() : NULL};
    if (!job->options->no_cache)
        fz_bill_cache_open(job);
    if (!open_out(job, &database)) {
        json_decref(told.days);
        return FZ_EXIT_TROUBLE;
    }
    fz_bill_warn_of_days(job);
    int status = work_days(&told, database);
    fz_bill_database_close(database);
    int printed = told.days == NULL ? FZ_EXIT_DONE : fz_print_json(told.days);
    return status > printed ? status : printed;
}

/* ---- what is asked for ---- */

/* Whose bills: a distribution bill is of one sub-merchant, the others are of all where none is named. */
static bool settle_sub_mchid(struct fz_bill_job *job)
{
    const struct fz_profile *profile = &job->session->profile;
    bool is_needed = profile->is_institution && job->kind == FZ_BILL_DISTRIBUTIONS;
    job->sub_mchid = is_needed ? profile->values[FZ_SETTING_SUB_MCHID] : job->session->caller.sub_mchid;
    if (job->sub_mchid != NULL || !is_needed)
        return true;
    fputs("fenzhang: a distribution bill is of one sub-merchant: name it with --sub-mchid NUMBER, or set sub_mchid in the "
          "profile.\n",
          stderr);
    return false;
}

static bool check(const struct fz_bill_job *job, const char *name)
{
    const struct fz_bill_options *options = job->options;
    if (options->days.first == options->days.last || options->out != NULL || job->session->caller.json)
        return true;
    fprintf(stderr, "%s: a range of days is more than one file: name a directory with --out DIR.\n", name);
    return false;
}

int fz_bill_run(const struct fz_command *command, enum fz_bill_kind kind, int argc, char **argv)
{
    struct fz_bill_options options = {0};
    struct fz_session session;
    struct fz_bill_job job = {.kind = kind, .name = command->name, .options = &options, .session = &session};
    int status = fz_session_open(command, argc, argv, &options, &session);
    if (options.out != NULL && options.format == FZ_BILL_AS_USUAL)
        options.format = FZ_BILL_ORIGINAL;
    if (status == FZ_EXIT_DONE)
        status = check(&job, argv[0]) && settle_sub_mchid(&job) ? work(&job) : FZ_EXIT_TROUBLE;
    fz_session_close(&session);
    return status;
}
