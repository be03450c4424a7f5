/* A day's bill: asks where it is, fetches it, makes sure that it is whole, and gives its rows. */
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/bill/link.h"
#include "client/bill/read.h"
#include "client/bill/spool.h"
#include "client/bill/watch.h"
#include "client/call.h"
#include "fenzhang/bill.h"
#include "spec/calls.h"

#define TARGET_MAX 4096 /* bytes: a link has at most 2048 */

/* What is fetched, with what, until when. */
struct fetch {
    fz_client *client;
    struct fz_bill_day day;
    struct fz_call_options options;
    int64_t deadline_ticks_ms;
    struct fz_bill_spool file;
    struct fz_bill_watch watch; /* of it, once `is_checked` */
    bool each_cell;             /* has to be readable; otherwise the sums are what counts */
    bool is_checked;            /* it is there, and good */
    bool had_link;
    const EVP_MD *digest;         /* of `hash`; NULL: none was told */
    char hash[FZ_BILL_HASH_TEXT]; /* that the file's text has to have */
};

static fz_error *unusable(const char *what)
{
    return fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "No bill was fetched: %s", what);
}

/* One deadline for all of it: each request has what is left. */
static const struct fz_call_options *left(struct fetch *fetch)
{
    int64_t left_ms = fetch->deadline_ticks_ms - fz_ticks_ms();
    fetch->options.deadline_ms = left_ms > 0 ? left_ms : 1;
    return &fetch->options;
}

/* ---- the file ---- */

/* Of an operation that is set up but for its options: into the file. */
static int transfer(struct fetch *fetch, struct fz_operation *operation, fz_error **error)
{
    void *nothing;
    operation->client = fetch->client;
    operation->options = *left(fetch);
    fz_bill_spool_take(&fetch->file, &operation->sending);
    fz_operation_drive(operation);
    if (operation->spec->answers_file == FZ_FILE_WITH_SHA1)
        (void)fz_copy(fetch->hash, sizeof fetch->hash, operation->attempt.sha1);
    int result = fz_operation_result(operation, &nothing, error);
    if (result == 0)
        fz_answer_free(nothing);
    fz_operation_done(operation);
    return result;
}

/* Every line is looked at, while the file comes, before anything of it is given out. */
static int fetch_by(struct fetch *fetch, struct fz_operation *operation, fz_error **error)
{
    fz_bill_watch_begin(&fetch->watch, fetch->file.file, fetch->day.kind, fetch->digest, fetch->each_cell);
    fetch->file.watch = &fetch->watch;
    int result = transfer(fetch, operation, error);
    fz_error *wrong = result == 0 ? fz_bill_watch_end(&fetch->watch, fetch->hash) : NULL;
    fetch->file.watch = NULL;
    fetch->is_checked = result == 0 && wrong == NULL;
    if (!fetch->is_checked)
        fz_bill_watch_done(&fetch->watch);
    return wrong == NULL ? result : fz_fail(error, wrong);
}

/* The day without its dashes, as statements are asked for. */
static void compact(const char *date, char out[16])
{
    size_t used = 0;
    for (; *date != '\0' && used < 15; date++)
        if (*date != '-')
            out[used++] = *date;
    out[used] = '\0';
}

static int fetch_statement(struct fetch *fetch, fz_error **error)
{
    char date[16];
    compact(fetch->day.date, date);
    struct fz_statement_request request = FZ_INIT(fz_statement_request);
    request.date = date;
    request.sub_mchid = fetch->day.sub_mchid;
    *(fetch->day.direct ? &request.mchid : &request.sp_mchid) = fetch->client->mchid;
    struct fz_operation operation = {.spec = &fz_spec_statement, .request = &request, .sending.packed = true};
    fetch->digest = EVP_sha1();
    return fetch_by(fetch, &operation, error);
}

static int fetch_link(struct fetch *fetch, const char *url, fz_error **error)
{
    struct fz_bill_link link;
    if (fz_bill_link_read(fetch->client, url, &link) != FZ_OK)
        return fz_fail(
            error, fz_error_make(FZ_CODE_MALFORMED, FZ_OUTCOME_DONE,
                                 "The bill is at a host that the client does not have, and signed requests go nowhere else: "
                                 "%.200s. If it is the service's, add it to `hosts`.",
                                 url));
    struct fz_operation operation = {.spec = &fz_spec_bill_file,
                                     .only_host = link.host,
                                     .unsigned_ok = link.unsigned_ok,
                                     .is_written = true,
                                     .target.max = TARGET_MAX};
    fz_text_string(&operation.target, link.target);
    if (operation.target.failed) {
        fz_operation_done(&operation);
        return fz_fail(error,
                       fz_error_make(FZ_CODE_MALFORMED, FZ_OUTCOME_DONE, "The link to the bill is longer than any can be."));
    }
    return fetch_by(fetch, &operation, error);
}

/* The vendor's mainland interface tells a hash beside the link; in the documents of this one there is none. */
static void take_hash(struct fetch *fetch, void *answer)
{
    const char *type = fz_answer_member(answer, "/hash_type");
    bool is_sha256 = type != NULL && strcasecmp(type, "\"SHA256\"") == 0;
    const char *value = fz_answer_member(answer, "/hash_value");
    size_t size = value == NULL || value[0] != '"' ? 0 : strlen(value);
    fetch->digest = size <= 2 ? NULL : is_sha256 ? EVP_sha256() : EVP_sha1();
    if (size > 2 && !fz_copy_part(fetch->hash, sizeof fetch->hash, value + 1, size - 2))
        fetch->hash[0] = '\0'; /* longer than any, so none that a file could have */
}

static int fetch_once(struct fetch *fetch, fz_error **error)
{
    struct fz_bill_url_request request = FZ_INIT(fz_bill_url_request);
    void *answer;
    request.bill_date = fetch->day.date;
    request.sub_mchid = fetch->day.sub_mchid;
    const char *name = fetch->day.kind == FZ_BILL_REFUNDS ? "refund-bill-url" : "distribution-bill-url";
    fetch->had_link = false;
    if (fz_call(fetch->client, name, &request, left(fetch), &answer, error) != 0)
        return -1;
    fetch->had_link = true;
    take_hash(fetch, answer);
    int result = fetch_link(fetch, ((struct fz_bill_url_answer *)answer)->download_url, error);
    fz_answer_free(answer);
    return result;
}

/* A link that is refused, though it was just given, is one whose 30 seconds are over. */
static bool is_expired(const struct fetch *fetch, const fz_error *error)
{
    return fetch->had_link && error->status >= 400 && error->status < 500 && error->code != FZ_CODE_SIGN_ERROR &&
           error->code != FZ_CODE_NO_AUTH;
}

static int fetch_bill(struct fetch *fetch, fz_error **error)
{
    fz_error *first = NULL;
    if (fetch->day.kind == FZ_BILL_STATEMENT)
        return fetch_statement(fetch, error);
    int result = fetch_once(fetch, &first);
    if (result == 0 || !is_expired(fetch, first))
        return result == 0 ? 0 : fz_fail(error, first);
    fz_error_free(first);
    return fetch_once(fetch, error);
}

/* ---- the calls ---- */

static fz_error *set_up(struct fetch *fetch, fz_client *client, const struct fz_bill_day *day,
                        const struct fz_call_options *options, const char *path)
{
    if (day->size < sizeof(size_t) || day->size > 65536)
        return unusable("the day does not begin with its size. Start it with FZ_INIT.");
    memcpy(&fetch->day, day, day->size < sizeof *day ? day->size : sizeof *day);
    if (options != NULL)
        memcpy(&fetch->options, options, options->size < sizeof *options ? options->size : sizeof *options);
    fetch->options.size = sizeof fetch->options;
    if (fetch->day.date == NULL || fetch->day.kind > FZ_BILL_STATEMENT)
        return unusable("the day needs its date, and a kind that there is.");
    fetch->client = client;
    fetch->deadline_ticks_ms =
        fz_ticks_ms() + (fetch->options.deadline_ms > 0 ? fetch->options.deadline_ms : client->deadline_ms);
    return fz_bill_spool_open(&fetch->file, path);
}

static void done(struct fetch *fetch)
{
    if (fetch->is_checked)
        fz_bill_watch_done(&fetch->watch);
    fz_bill_spool_done(&fetch->file);
}

/* Rows are given from a file that is known to be good in every cell. */
static fz_error *give_rows(struct fetch *fetch, fz_bill_on_row *on_row, void *argument)
{
    fz_error *error = NULL;
    if (lseek(fetch->file.file, 0, SEEK_SET) != 0)
        return fz_bill_file_error("read", "The bill");
    (void)fz_bill_read_descriptor(fetch->day.kind, fetch->file.file, "The bill", on_row, argument, &error);
    return error;
}

int fz_bill_read_day(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options,
                     fz_bill_on_row *on_row, void *argument, fz_error **error)
{
    struct fetch fetch = {.file.file = -1, .each_cell = true};
    fz_error *wrong = set_up(&fetch, client, day, options, NULL);
    if (wrong == NULL && fetch_bill(&fetch, &wrong) == 0)
        wrong = give_rows(&fetch, on_row, argument);
    done(&fetch);
    return wrong != NULL ? fz_fail(error, wrong) : 0;
}

int fz_bill_fetch(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options, const char *path,
                  fz_bill_on_row *on_summary, void *argument, struct fz_bill_facts *facts, fz_error **error)
{
    struct fetch fetch = {.file.file = -1};
    fz_error *wrong = set_up(&fetch, client, day, options, path);
    if (wrong == NULL && fetch_bill(&fetch, &wrong) == 0)
        wrong = fz_bill_spool_keep(&fetch.file, path);
    if (wrong == NULL)
        wrong = fz_bill_check_give(&fetch.watch.check, on_summary, argument, facts);
    done(&fetch);
    return wrong != NULL ? fz_fail(error, wrong) : 0;
}

int fz_bill_download(fz_client *client, const struct fz_bill_day *day, const struct fz_call_options *options,
                     const char *path, fz_error **error)
{
    struct fetch fetch = {.file.file = -1, .each_cell = true};
    fz_error *wrong = set_up(&fetch, client, day, options, path);
    if (wrong == NULL && fetch_bill(&fetch, &wrong) == 0)
        wrong = fz_bill_spool_sync(&fetch.file, path);
    if (wrong == NULL)
        wrong = fz_bill_spool_keep(&fetch.file, path);
    done(&fetch);
    return wrong != NULL ? fz_fail(error, wrong) : 0;
}
