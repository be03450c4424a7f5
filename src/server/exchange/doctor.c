/* A refused signature is looked into, so that whoever made it learns what was wrong. */
#include <stddef.h>
#include <string.h>

#include "server/exchange/exchange.h"
#include "wire/doctor/doctor.h"

#define LISTED_MAX 5 /* of what would have done */

/* ---- on an executor's thread ---- */

/* The key that serial_no names, the caller's others, the platform's. Nobody else's: to name another
 * merchant's key would tell the sender about that merchant. */
static size_t list_candidates(const struct fz_exchange *exchange, struct fz_candidate *out)
{
    const struct fz_merchant_key *own[FZ_CANDIDATES_MAX];
    const struct fz_platform_key *platform;
    size_t count = 0;
    const struct fz_merchant_key *named =
        fz_directory_key(exchange->directory, exchange->authorization.serial_no);
    if (named != NULL && strcmp(named->mchid, exchange->authorization.mchid) == 0)
        out[count++] = (struct fz_candidate){named->public_key, FZ_CANDIDATE_NAMED};
    size_t own_count =
        fz_directory_keys_of(exchange->directory, exchange->authorization.mchid, own, FZ_CANDIDATES_MAX - 1);
    for (size_t i = 0; i < own_count && count < FZ_CANDIDATES_MAX; i++)
        if (own[i] != named)
            out[count++] = (struct fz_candidate){own[i]->public_key, FZ_CANDIDATE_OWN};
    for (size_t i = 0;
         count < FZ_CANDIDATES_MAX && (platform = fz_directory_platform_at(exchange->directory, i)) != NULL;
         i++)
        out[count++] = (struct fz_candidate){platform->private_key, FZ_CANDIDATE_PLATFORM};
    return count;
}

static void diagnose(struct fz_task *task, struct fz_reader *reader)
{
    (void)reader;
    struct fz_exchange *exchange =
        (struct fz_exchange *)(void *)((char *)task - offsetof(struct fz_exchange, task));
    const struct fz_authorization *authorization = &exchange->authorization;
    const struct fz_spec *spec = exchange->route.spec;
    const char *patterns[FZ_PATHS_MAX + 1] = {NULL};
    if (spec != NULL)
        memcpy(patterns, spec->paths, sizeof spec->paths);
    struct fz_arrival arrival = {.method = exchange->method,
                                 .target = exchange->target,
                                 .timestamp = authorization->timestamp_text,
                                 .nonce = authorization->nonce_str,
                                 .mchid = authorization->mchid,
                                 .serial_no = authorization->serial_no,
                                 .host = exchange->headers.host,
                                 .patterns = patterns,
                                 .signature = authorization->signature_text,
                                 .signature_size = authorization->signature_text_size,
                                 .body = exchange->body.data,
                                 .body_size = exchange->body.size,
                                 .chinese = exchange->manner.chinese};
    struct fz_candidate candidates[FZ_CANDIDATES_MAX];
    fz_doctor(&arrival, candidates, list_candidates(exchange, candidates), &exchange->diagnosis);
    fz_exchange_resume(exchange, FZ_REFUSED);
}

/* ---- on the worker's ---- */

/* Without a place at the doctor's the refusal goes out as it is. */
static void consult(struct fz_exchange *exchange, bool *waits)
{
    struct fz_workshop *workshop = exchange->tools->workshop;
    if (!fz_workshop_take_diagnosis(workshop) || !fz_exchange_suspend(exchange))
        return;
    *waits = true;
    exchange->task = (struct fz_task){.run = diagnose};
    if (fz_executor_submit(workshop->doctors, &exchange->task) != FZ_OK)
        fz_exchange_resume(exchange, FZ_REFUSED);
}

static bool is_platform(const struct fz_directory *directory, const char *serial_no)
{
    const struct fz_platform_key *key;
    for (size_t i = 0; (key = fz_directory_platform_at(directory, i)) != NULL; i++)
        if (strcmp(key->serial_no, serial_no) == 0)
            return true;
    return false;
}

/* A certificate of the caller's under another spelling, or the platform's. Of a certificate of somebody else
 * nothing is said. */
static enum fz_mistake mistake_of_serial(const struct fz_exchange *exchange)
{
    const struct fz_authorization *authorization = &exchange->authorization;
    char serial_no[FZ_SERIAL_SIZE];
    if (is_platform(exchange->directory, authorization->serial_no))
        return FZ_MISTAKE_SERIAL_PLATFORM;
    if (fz_doctor_serial(authorization->serial_no, serial_no, sizeof serial_no) != FZ_OK)
        return FZ_MISTAKE_NONE;
    const struct fz_merchant_key *key = fz_directory_key(exchange->directory, serial_no);
    if (key != NULL && strcmp(key->mchid, authorization->mchid) == 0)
        return FZ_MISTAKE_SERIAL_SPELLING;
    return is_platform(exchange->directory, serial_no) ? FZ_MISTAKE_SERIAL_PLATFORM : FZ_MISTAKE_NONE;
}

/* Puts `text` into the list; a list that is full ends in dots. */
static void add_to_list(struct fz_text *list, size_t count, const char *text)
{
    if (count < LISTED_MAX)
        fz_text_format(list, "%s%s", count == 0 ? "" : ", ", text);
    else if (count == LISTED_MAX)
        fz_text_string(list, ", …");
}

/* The certificates of `mchid` that are in force. */
static void list_serials(const struct fz_directory *directory, const char *mchid, struct fz_text *list)
{
    const struct fz_merchant_key *own[FZ_CANDIDATES_MAX];
    size_t own_count = fz_directory_keys_of(directory, mchid, own, FZ_CANDIDATES_MAX), count = 0;
    for (size_t i = 0; i < own_count; i++)
        if (own[i]->state == FZ_KEY_VALID)
            add_to_list(list, count++, own[i]->serial_no);
}

static void list_callers(const struct fz_directory *directory, struct fz_text *list)
{
    const struct fz_caller *caller;
    for (size_t i = 0; i <= LISTED_MAX && (caller = fz_directory_caller_at(directory, i)) != NULL; i++)
        add_to_list(list, i, caller->mchid);
}

/* Which merchants could have called, or which certificates this one could have named: as in `GET /merchants`. Whose the number
 * that was sent is, is not said. Looking at every key is for one of the doctor's places. */
static void tell_what_would_do(struct fz_exchange *exchange)
{
    const char *mchid = exchange->authorization.mchid;
    bool known = fz_directory_caller(exchange->directory, mchid) != NULL;
    struct fz_text list = {.max = 700};
    if (!fz_workshop_take_diagnosis(exchange->tools->workshop))
        return;
    if (known)
        list_serials(exchange->directory, mchid, &list);
    else
        list_callers(exchange->directory, &list);
    fz_doctor_name_instead(known ? FZ_MISTAKE_SERIAL_UNKNOWN : FZ_MISTAKE_MCHID_UNKNOWN, list.data,
                           exchange->manner.chinese, &exchange->diagnosis);
    fz_text_done(&list);
}

static void diagnose_serial(struct fz_exchange *exchange)
{
    enum fz_mistake mistake = mistake_of_serial(exchange);
    if (mistake == FZ_MISTAKE_NONE)
        tell_what_would_do(exchange);
    else
        fz_doctor_name(mistake, NULL, exchange->manner.chinese, &exchange->diagnosis);
}

/* What was signed is an upload's `meta`. Where the body's form hides that, no signature can be right. */
static enum fz_mistake mistake_of_form(const struct fz_received *received)
{
    if (received == NULL || received->has_meta)
        return FZ_MISTAKE_NONE;
    return received->fault == FZ_ISSUE_NO_BOUNDARY ? FZ_MISTAKE_FORM_BOUNDARY
           : received->fault == FZ_ISSUE_NO_FORM   ? FZ_MISTAKE_FORM_TYPE
                                                   : FZ_MISTAKE_FORM_META;
}

static void diagnose_mismatch(struct fz_exchange *exchange, bool *waits)
{
    enum fz_mistake mistake = mistake_of_form(exchange->call.received);
    if (mistake == FZ_MISTAKE_NONE)
        consult(exchange, waits);
    else
        fz_doctor_name(mistake, NULL, exchange->manner.chinese, &exchange->diagnosis);
}

void fz_exchange_diagnose(struct fz_exchange *exchange, bool *waits)
{
    bool chinese = exchange->manner.chinese;
    if (exchange->on_demand)
        return;
    switch (exchange->error.row) {
    case FZ_SIGN_MISMATCH:
        diagnose_mismatch(exchange, waits);
        break;
    case FZ_SIGN_MALFORMED:
    case FZ_SIGN_SCHEME:
        fz_doctor_header(exchange->headers.authorization, exchange->headers.authorization_doubled, chinese,
                         &exchange->diagnosis);
        break;
    case FZ_SIGN_TIME:
        fz_doctor_time(exchange->authorization.timestamp, fz_wire_now_ms() / 1000, chinese,
                       &exchange->diagnosis);
        break;
    case FZ_SIGN_SERIAL:
        diagnose_serial(exchange);
        break;
    default:
        break;
    }
}
