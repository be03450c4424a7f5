/* Gets a day's file: from the cache, or from the service. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/bill/job.h"

#define FETCH_MS                                                                                                            \
    (15 * FZ_MINUTE_MS) /* for a file of any size, where the profile has no deadline; a halt ends it earlier                \
                         */

/* Where it is put: into the cache; without one to its place in the directory, or (to be converted, or printed) aside. */
static bool settle_path(const struct fz_bill_job *job, struct fz_bill_had *had)
{
    const struct fz_bill_options *options = job->options;
    const char *temporary = getenv("TMPDIR");
    if (job->cache[0] != '\0')
        return fz_bill_path(had->path, job->cache, job, had->date, ".csv");
    if (options->out != NULL && options->format == FZ_BILL_ORIGINAL)
        return fz_bill_path(had->path, options->out, job, had->date, ".csv");
    char suffix[40];
    snprintf(suffix, sizeof suffix, ".csv.%ld", (long)getpid());
    had->is_temporary = true;
    return fz_bill_path(had->path, temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary, job, had->date, suffix);
}

static int fetch(const struct fz_bill_job *job, struct fz_bill_had *had, fz_error **error)
{
    struct fz_bill_day day = FZ_INIT(fz_bill_day);
    struct fz_call_options with = FZ_INIT(fz_call_options);
    day.kind = job->kind;
    day.date = had->date;
    day.sub_mchid = job->sub_mchid;
    day.direct = !job->session->profile.is_institution;
    with.cancel = job->session->cancel;
    with.deadline_ms = job->session->profile.values[FZ_SETTING_DEADLINE] == NULL ? FETCH_MS : 0;
    return fz_bill_fetch(job->session->client, &day, &with, had->path, fz_bill_totals_take, &had->totals, &had->facts,
                         error);
}

int fz_bill_obtain(const struct fz_bill_job *job, struct fz_bill_had *had, fz_error **error)
{
    *error = NULL;
    had->facts = (struct fz_bill_facts)FZ_INIT(fz_bill_facts);
    fz_bill_totals_begin(&had->totals);
    if (!settle_path(job, had)) {
        fz_bill_tell_file(had->path, "written");
        return -1;
    }
    had->is_of_cache = job->cache[0] != '\0' && fz_bill_cache_find(job, had);
    if (had->is_of_cache)
        return 0;
    fz_bill_totals_begin(&had->totals);
    if (fetch(job, had, error) != 0)
        return -1;
    return job->cache[0] == '\0' || fz_bill_cache_keep(had) ? 0 : -1;
}
