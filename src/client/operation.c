/* The steps of an operation. */
#include "client/operation.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "client/cancel.h"
#include "spec/client/request.h"

#define ANSWER_MAX   (4 << 20) /* bytes of an answer: the largest of the service has some 30 KB */
#define REQUEST_MAX  (1 << 20)
#define CERTIFICATES "/v3/certificates"

bool fz_operation_writes(const struct fz_operation *operation)
{
    return operation->spec->writes;
}

enum fz_outcome fz_operation_outcome(const struct fz_operation *operation)
{
    return operation->maybe ? FZ_OUTCOME_MAYBE_DONE : FZ_OUTCOME_NOT_SENT;
}

/* ---- ends ---- */

/* Whoever ends while it fetches for all has to say that nothing will come of it: another goes on, at once. */
static enum fz_next end(struct fz_operation *operation, fz_error *error)
{
    if (operation->phase == FZ_FETCHING || operation->phase == FZ_FETCHING_AGAIN)
        fz_trust_fetch_given_up(operation->client->trust, fz_ticks_ms());
    if (error != operation->error) {
        fz_error_free(operation->error);
        operation->error = error;
    }
    operation->phase = FZ_ENDED;
    return FZ_NEXT_ENDED;
}

static enum fz_next fail(struct fz_operation *operation, enum fz_code code, const char *what)
{
    if (operation->attempt.began && fz_operation_writes(operation))
        operation->maybe = true;
    enum fz_outcome outcome = fz_operation_outcome(operation);
    fz_error *error = fz_error_make(code, outcome, "%s%s", what,
                                    outcome == FZ_OUTCOME_MAYBE_DONE ? " The call may have been done: ask by its number." : "");
    if (code != FZ_CODE_MEMORY) {
        error->may_retry = fz_code_may_retry(code, &error->wait_ms);
        error->writes = fz_operation_writes(operation);
    }
    return end(operation, error);
}

bool fz_operation_is_cancelled(const struct fz_operation *operation)
{
    return atomic_load(&operation->client->cancelled) != operation->cancelled_before ||
           atomic_load(&operation->is_cancelled) ||
           (operation->options.cancel != NULL && atomic_load(&operation->options.cancel->set));
}

/* ---- the request ---- */

struct sealer {
    struct fz_trust *trust;
    const char *serial;
    int64_t now_ms;
};

static enum fz_result seal(void *argument, const char *plain, char *out, size_t out_size)
{
    const struct sealer *sealer = argument;
    return fz_trust_seal(sealer->trust, sealer->serial, sealer->now_ms, plain, out, out_size);
}

static bool has_sealed(const struct fz_member *members, const void *values)
{
    for (; members->name != NULL; members++) {
        if (!fz_is_given(members, values))
            continue;
        if (members->sealed)
            return true;
        if (members->kind == FZ_OBJECT && has_sealed(members->members, fz_slot(members, values)))
            return true;
        for (size_t i = 0; members->kind == FZ_ARRAY && i < *fz_count_slot(members, values); i++)
            if (has_sealed(members->members, *(const char *const *)fz_slot(members, values) + i * members->size))
                return true;
    }
    return false;
}

static bool needs_key_to_write(const struct fz_operation *operation)
{
    return !operation->is_written && operation->request != NULL && has_sealed(operation->spec->request, operation->request);
}

/* For a body that was sealed before: what it would seal anew is thrown away. */
static enum fz_result seal_nothing(void *argument, const char *plain, char *out, size_t out_size)
{
    (void)argument, (void)plain;
    return fz_copy(out, out_size, "") ? FZ_OK : FZ_FULL;
}

/* Written once: a repeat has the same bytes, and with them the same seals. NULL: written. */
static fz_error *write_request(struct fz_operation *operation)
{
    const struct fz_member *missing = NULL;
    struct sealer sealer = {operation->client->trust, operation->sealed_for, fz_client_now_ms(operation->client)};
    const struct fz_sealing sealing = {.seal = operation->is_body_kept ? seal_nothing : seal, .sealer = &sealer};
    struct fz_text again = {.max = REQUEST_MAX};
    if (!operation->is_body_kept && needs_key_to_write(operation) &&
        fz_trust_sealing_serial(sealer.trust, sealer.now_ms, operation->sealed_for) != FZ_OK)
        return fz_error_make(FZ_CODE_NO_KEY, FZ_OUTCOME_NOT_SENT,
                             "Nothing was sent: a member has to be sealed for the platform, and no key of the platform is at hand.");
    operation->target.max = REQUEST_MAX;
    if (!operation->is_body_kept)
        operation->body.max = REQUEST_MAX;
    enum fz_result result = fz_request_write(operation->spec, 0, operation->request, &sealing, &operation->target,
                                             operation->is_body_kept ? &again : &operation->body, &missing);
    fz_text_done(&again);
    if (result == FZ_MALFORMED)
        return fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT, "Nothing was sent: `%s` is missing, and it stands in the path. %s.",
                             missing->name, missing->meaning);
    operation->is_written = result == FZ_OK;
    return result == FZ_OK ? NULL : fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
}

/* ---- transfers ---- */

static enum fz_next transfer(struct fz_operation *operation, const struct fz_sending *sending, enum fz_phase phase,
                             int64_t now_ticks_ms)
{
    bool signing;
    struct fz_attempt *attempt = phase == FZ_CALLING ? &operation->attempt : &operation->fetch;
    int64_t left = operation->deadline_ticks_ms - now_ticks_ms, one = operation->client->attempt_ms;
    if (sending->take != NULL) /* a file takes as long as it takes, while some of it comes (attempt.c) */
        one = left;
    fz_attempt_done(attempt);
    attempt->easy = operation->attempt.easy;
    attempt->began = false;
    operation->current = attempt;
    operation->phase = phase;
    if (left <= 0) /* libcurl takes 0 for no limit at all */
        return fail(operation, FZ_CODE_DEADLINE, "There was no answer within the deadline.");
    if (fz_attempt_prepare(attempt, operation->client, operation->signer, sending, left < one ? left : one, &signing) != FZ_OK)
        return signing ? fail(operation, FZ_CODE_SIGNING, "The request could not be signed: the key, or the function that signs, failed.")
                       : fail(operation, FZ_CODE_MEMORY, "");
    return FZ_NEXT_TRANSFER;
}

static const char *host_of(const struct fz_operation *operation)
{
    if (operation->only_host != NULL)
        return operation->only_host;
    return operation->client->hosts[operation->host % operation->client->host_count];
}

static enum fz_next call(struct fz_operation *operation, int64_t now_ticks_ms)
{
    if (!operation->is_written) {
        fz_error *error = write_request(operation);
        if (error != NULL)
            return end(operation, error);
    }
    struct fz_sending *sending = &operation->sending;
    sending->method = operation->spec->method;
    sending->once = operation->spec->writes;
    sending->host = host_of(operation);
    sending->target = operation->target.data;
    sending->body = fz_has_body(operation->spec) ? operation->body.data : NULL;
    sending->body_size = operation->body.size;
    sending->platform_serial =
        operation->sealed_for[0] != '\0' ? operation->sealed_for : fz_trust_public_key_id(operation->client->trust);
    if (sending->answer_max == 0)
        sending->answer_max = ANSWER_MAX;
    operation->attempts++;
    return transfer(operation, sending, FZ_CALLING, now_ticks_ms);
}

/* ---- keys ---- */

static void on_fetched(struct fz_trust_waiter *waiter)
{
    struct fz_operation *operation = (struct fz_operation *)(void *)((char *)waiter - offsetof(struct fz_operation, waiter));
    atomic_store(&operation->woken, true);
    operation->wake(operation);
}

static enum fz_next fetch(struct fz_operation *operation, int64_t now_ticks_ms)
{
    operation->fetches++;
    operation->fetching =
        (struct fz_sending){.method = "GET", .host = host_of(operation), .target = CERTIFICATES, .answer_max = ANSWER_MAX};
    return transfer(operation, &operation->fetching, FZ_FETCHING, now_ticks_ms);
}

/* Goes on at `after` once `serial` (NULL: any key) is at hand. False in *going: it is, or cannot be had. */
static enum fz_next get_keys(struct fz_operation *operation, const char *serial, enum fz_phase after, int64_t now_ticks_ms, bool *going)
{
    *going = true;
    operation->lacks_keys = false;
    operation->after_fetch = after;
    operation->waiter.wake = on_fetched;
    atomic_store(&operation->woken, false);
    switch (fz_trust_want(operation->client->trust, serial, fz_client_now_ms(operation->client), now_ticks_ms, &operation->waiter)) {
    case FZ_FETCH_YOURS:
        operation->fetches = 0;
        return fetch(operation, now_ticks_ms);
    case FZ_FETCH_WAITS:
        operation->phase = FZ_WAITING;
        operation->wake_ticks_ms = operation->deadline_ticks_ms;
        return FZ_NEXT_WAIT;
    case FZ_FETCH_USELESS:
        operation->lacks_keys = true;
        break;
    case FZ_FETCH_NONE:
        break;
    }
    *going = false;
    return FZ_NEXT_WAIT;
}

/* ---- steps ---- */

static enum fz_next prepare(struct fz_operation *operation, int64_t now_ticks_ms)
{
    bool going;
    enum fz_next next = get_keys(operation, operation->keys_for, FZ_PREPARE, now_ticks_ms, &going);
    if (going)
        return next;
    if (operation->keys_for != NULL)
        return end(operation, NULL);
    /* Without a key no answer could be told from a forged one, so that nobody would know what became of it. */
    if (operation->lacks_keys && fz_operation_writes(operation))
        return end(operation, fz_judge_lack_of_keys(operation));
    return call(operation, now_ticks_ms);
}

/* Half of the wait is fixed and half is drawn, so that many clients that failed together do not come back together. `asked_ms`: not
 * sooner. */
static int64_t back_off_ms(const struct fz_operation *operation, int tries, int64_t asked_ms)
{
    uint32_t drawn = 0;
    int doubled = tries - 1 < 6 ? tries - 1 : 6;
    int64_t half = (operation->client->backoff_ms << doubled) / 2, least = asked_ms > half ? asked_ms : half;
    if (fz_random_try(&drawn, sizeof drawn) != FZ_OK)
        drawn = 0;
    return least + (int64_t)(drawn % (uint64_t)(half + 1));
}

/* Another attempt, if there is one left and time for it; `wait` before it. */
static enum fz_next again(struct fz_operation *operation, int64_t now_ticks_ms, bool wait)
{
    int64_t asked_ms = operation->error == NULL ? 0 : operation->error->wait_ms;
    int64_t wait_ms = wait ? back_off_ms(operation, operation->attempts, asked_ms) : 0;
    if (operation->attempts >= operation->client->attempts || now_ticks_ms + wait_ms >= operation->deadline_ticks_ms)
        return end(operation, operation->error);
    operation->host++;
    operation->attempt.began = false; /* it is judged: what it came to is in `maybe` */
    operation->wake_ticks_ms = now_ticks_ms + wait_ms;
    operation->phase = FZ_BACKING_OFF;
    return FZ_NEXT_WAIT;
}

static enum fz_next judged(struct fz_operation *operation, bool may_fetch, int64_t now_ticks_ms)
{
    bool going;
    enum fz_next next;
    switch (fz_judge(operation, may_fetch)) {
    case FZ_JUDGED_GOOD:
        atomic_store(&operation->client->host, operation->host % operation->client->host_count);
        return end(operation, NULL);
    case FZ_JUDGED_AGAIN:
        return again(operation, now_ticks_ms, true);
    case FZ_JUDGED_ELSEWHERE:
        return again(operation, now_ticks_ms, operation->attempts >= (int)operation->client->host_count);
    case FZ_JUDGED_BAD:
        return end(operation, operation->error);
    case FZ_JUDGED_FETCH:
        break;
    }
    /* The answer is kept: fetching uses an attempt of its own. */
    next = get_keys(operation, operation->attempt.serial, FZ_CALLING, now_ticks_ms, &going);
    return going ? next : judged(operation, false, now_ticks_ms);
}

/* A host that does not answer for itself says nothing of the next: each is asked, and then again as often as a call is tried. What
 * has keys and only renews them goes on without. */
static bool fetches_again(const struct fz_operation *operation)
{
    const struct fz_attempt *attempt = &operation->fetch;
    const fz_client *client = operation->client;
    bool answered = attempt->code == CURLE_OK && attempt->status != 0 && attempt->status < 500;
    bool needs = operation->after_fetch == FZ_CALLING || !fz_trust_can_verify(client->trust, fz_client_now_ms(client));
    return !answered &&
           (operation->fetches < (int)client->host_count || (needs && operation->fetches < client->attempts));
}

static enum fz_next fetch_again(struct fz_operation *operation, int64_t now_ticks_ms)
{
    bool wait = operation->fetches >= (int)operation->client->host_count;
    operation->host++;
    operation->phase = FZ_FETCHING_AGAIN;
    operation->wake_ticks_ms = now_ticks_ms + (wait ? back_off_ms(operation, operation->fetches, 0) : 0);
    return FZ_NEXT_WAIT;
}

static void take_fetched(struct fz_operation *operation, int64_t now_ticks_ms)
{
    const struct fz_attempt *attempt = &operation->fetch;
    struct fz_trust *trust = operation->client->trust;
    struct fz_signed_headers headers = fz_attempt_signed(attempt);
    operation->why[0] = '\0';
    bool good = attempt->code == CURLE_OK && attempt->status == 200 &&
                fz_trust_fetched(trust, &headers, attempt->body.data, attempt->body.size, fz_client_now_ms(operation->client),
                                 operation->client->tolerance_s, now_ticks_ms, operation->why, sizeof operation->why) == FZ_OK;
    if (!good)
        fz_trust_fetch_failed(trust, now_ticks_ms);
}

/* An answer waits for its key: what earlier attempts came to says nothing of it. */
static bool has_unread_answer(const struct fz_operation *operation)
{
    return (operation->phase == FZ_FETCHING || operation->phase == FZ_FETCHING_AGAIN || operation->phase == FZ_WAITING) &&
           operation->after_fetch == FZ_CALLING;
}

enum fz_next fz_operation_step(struct fz_operation *operation, int64_t now_ticks_ms)
{
    if (operation->phase == FZ_ENDED)
        return FZ_NEXT_ENDED;
    if (fz_operation_is_cancelled(operation))
        return fail(operation, FZ_CODE_CANCELLED, "The call was cancelled.");
    if (now_ticks_ms >= operation->deadline_ticks_ms && operation->phase != FZ_CALLING)
        return operation->error != NULL && !has_unread_answer(operation)
                   ? end(operation, operation->error)
                   : fail(operation, FZ_CODE_DEADLINE, "There was no answer within the deadline.");
    switch (operation->phase) {
    case FZ_PREPARE:
        return prepare(operation, now_ticks_ms);
    case FZ_CALLING:
        return judged(operation, true, now_ticks_ms);
    case FZ_FETCHING:
        if (fetches_again(operation))
            return fetch_again(operation, now_ticks_ms);
        take_fetched(operation, now_ticks_ms);
        break;
    case FZ_FETCHING_AGAIN:
        return now_ticks_ms < operation->wake_ticks_ms ? FZ_NEXT_WAIT : fetch(operation, now_ticks_ms);
    case FZ_WAITING:
        if (!atomic_load(&operation->woken))
            return FZ_NEXT_WAIT;
        break;
    case FZ_BACKING_OFF:
        if (now_ticks_ms < operation->wake_ticks_ms)
            return FZ_NEXT_WAIT;
        return prepare(operation, now_ticks_ms);
    case FZ_ENDED:
        break;
    }
    operation->phase = operation->after_fetch;
    return operation->phase == FZ_CALLING ? judged(operation, true, now_ticks_ms) : prepare(operation, now_ticks_ms);
}

void fz_operation_begin(struct fz_operation *operation, int64_t now_ticks_ms, int64_t deadline_ms)
{
    fz_client *client = operation->client;
    operation->phase = FZ_PREPARE;
    operation->host = atomic_load(&client->host);
    operation->cancelled_before = atomic_load(&client->cancelled);
    operation->deadline_ticks_ms = now_ticks_ms + (deadline_ms > 0 ? deadline_ms : client->deadline_ms);
}

void fz_operation_done(struct fz_operation *operation)
{
    if (operation->waiter.wake != NULL) /* it never waited; in a child of fork() another thread's lock may be held for ever */
        fz_trust_leave(operation->client->trust, &operation->waiter);
    fz_attempt_done(&operation->attempt);
    fz_attempt_done(&operation->fetch);
    fz_text_done(&operation->target);
    fz_text_done(&operation->body);
    fz_arena_done(&operation->arena);
}
