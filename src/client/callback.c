/* Callbacks as a program receives them: verified, opened, read by the rows of their event. */
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "client/call.h"
#include "spec/callback/callback.h"
#include "spec/calls.h"
#include "spec/client/callback.h"
#include "spec/row/json.h"

#define VALUES_MAX (4 << 20) /* bytes that the values of a callback may take */

/* What a program is given, and what it points to. */
struct received {
    struct fz_callback_received told; /* first: what the program has is this */
    struct fz_callback opened;
    struct fz_arena arena;
};

static fz_error *wrong(enum fz_code code, const char *what)
{
    return fz_error_make(code, FZ_OUTCOME_REFUSED, "The callback was not taken: %s", what);
}

/* ---- verifying ---- */

/* An unknown serial number is looked up once: a key that is being rotated in. What comes of it the next verdict says. False: it was
 * cancelled. */
static bool fetch(fz_client *client, const char *serial)
{
    void *nothing = NULL;
    fz_error *error = NULL;
    struct fz_operation operation = {.client = client, .spec = &fz_spec_certificates, .keys_for = serial};
    if (fz_operate(&operation, &nothing, &error) == 0)
        fz_answer_free(nothing);
    bool cancelled = error != NULL && fz_error_code(error) == FZ_CODE_CANCELLED;
    fz_error_free(error);
    return !cancelled;
}

static enum fz_verdict verify(fz_client *client, const struct fz_callback_request *request, bool *cancelled)
{
    const struct fz_signed_headers headers = {request->timestamp, request->nonce, request->serial, request->signature};
    int64_t arrived_ms = request->arrived_ms != 0 ? request->arrived_ms : fz_client_now_ms(client);
    enum fz_verdict verdict =
        fz_trust_verify(client->trust, &headers, request->body, request->body_size, arrived_ms, client->tolerance_s);
    if (verdict != FZ_UNKNOWN_SERIAL || request->never_fetch)
        return verdict;
    *cancelled = !fetch(client, request->serial);
    return fz_trust_verify(client->trust, &headers, request->body, request->body_size, arrived_ms, client->tolerance_s);
}

static fz_error *check(fz_client *client, const struct fz_callback_request *request)
{
    bool cancelled = false;
    switch (verify(client, request, &cancelled)) {
    case FZ_TRUSTED:
        return client->has_apiv3_key ? NULL : wrong(FZ_CODE_OPTIONS, "the client has no APIv3 key to open it with.");
    case FZ_NO_SIGNATURE:
        return wrong(FZ_CODE_UNVERIFIED, "a header of its signature is missing. Answer 401.");
    case FZ_UNKNOWN_SERIAL:
        if (cancelled)
            return fz_error_make(FZ_CODE_CANCELLED, FZ_OUTCOME_NOT_SENT,
                                 "The callback was not taken: what was under way was cancelled before its key was known. Answer 401: "
                                 "it is sent again.");
        return wrong(FZ_CODE_NO_KEY, "it names a key that is not known to be the platform's. Answer 401: it is sent again.");
    case FZ_WRONG_SIGNATURE:
        return wrong(FZ_CODE_UNVERIFIED, "its signature does not fit it. Answer 401. If a good one looks like this, its body "
                                         "was not handed over byte for byte.");
    case FZ_STALE:
        return wrong(FZ_CODE_UNVERIFIED, "its timestamp is not of when it arrived: an old callback, or a clock that is wrong. "
                                         "Answer 401.");
    case FZ_KEY_OUTDATED:
        return wrong(FZ_CODE_UNVERIFIED, "it is signed by a certificate that is not in force. Answer 401.");
    case FZ_VERIFY_FAILED:
        break;
    }
    return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
}

/* ---- reading ---- */

static enum fz_callback_event event_of(const char *event_type)
{
    for (int event = 0; event < FZ_CALLBACK_EVENTS; event++)
        if (strcmp(fz_callback_specs[event].event_type, event_type) == 0)
            return (enum fz_callback_event)event;
    return FZ_CALLBACK_EVENTS;
}

static void tell(struct received *received)
{
    const struct fz_callback *opened = &received->opened;
    received->told = (struct fz_callback_received){
        .event = event_of(opened->event_type),
        .id = opened->id,
        .create_time = {.text = opened->create_time},
        .event_type = opened->event_type,
        .plain = opened->resource,
        .plain_size = opened->resource_size,
    };
    if (fz_parse_time(opened->create_time, &received->told.create_time.ms) != FZ_OK)
        received->told.create_time.ms = 0;
}

/* The resource by the rows of its event; one that is not known stays as it came. */
static enum fz_result read_resource(struct received *received, char fault[FZ_MEMBER_NAME_SIZE])
{
    struct fz_callback_received *told = &received->told;
    if (told->event == FZ_CALLBACK_EVENTS)
        return FZ_OK;
    const struct fz_callback_spec *spec = &fz_callback_specs[told->event];
    void *values = fz_arena_take(&received->arena, spec->resource_size);
    if (values == NULL)
        return FZ_FAILED;
    if (told->event == FZ_CALLBACK_PAID)
        told->order = values;
    else
        told->refund = values;
    return fz_members_read(spec->resource, told->plain, told->plain_size, &received->arena, values, fault);
}

static fz_error *open_body(fz_client *client, const struct fz_callback_request *request, struct received *received)
{
    switch (fz_callback_read(request->body, request->body_size, client->apiv3_key, &received->opened)) {
    case FZ_CALLBACK_READ:
        return NULL;
    case FZ_CALLBACK_SEAL:
        return wrong(FZ_CODE_MALFORMED, "it is the platform's, and does not open with this APIv3 key. Was the key changed in "
                                        "the console?");
    case FZ_CALLBACK_ALGORITHM:
    case FZ_CALLBACK_ENVELOPE:
        return wrong(FZ_CODE_MALFORMED, "it is the platform's, and its body is no callback that this library knows.");
    case FZ_CALLBACK_FAILED:
        break;
    }
    return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
}

static fz_error *take(fz_client *client, const struct fz_callback_request *request, struct received *received)
{
    char fault[FZ_MEMBER_NAME_SIZE] = "";
    fz_error *error = open_body(client, request, received);
    if (error != NULL)
        return error;
    tell(received);
    enum fz_result result = read_resource(received, fault);
    if (result == FZ_OK)
        return NULL;
    return result == FZ_FAILED
               ? fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ")
               : fz_error_make(FZ_CODE_MALFORMED, FZ_OUTCOME_REFUSED,
                               "The callback was not taken: it is the platform's, and `%s` in it is not as it has to be.", fault);
}

int fz_callback_open(fz_client *client, const struct fz_callback_request *given, struct fz_callback_received **callback,
                     fz_error **error)
{
    struct fz_callback_request request = {0};
    memcpy(&request, given, given->size < sizeof request ? given->size : sizeof request);
    fz_error *what = client->process != getpid() ? fz_error_forked() : check(client, &request);
    struct received *received = what != NULL ? NULL : fz_allocate_zeroed(sizeof *received);
    if (what == NULL && received == NULL)
        what = fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
    if (what != NULL)
        return fz_fail(error, what);
    received->arena.max = VALUES_MAX;
    what = take(client, &request, received);
    if (what == NULL) {
        *callback = &received->told;
        return 0;
    }
    fz_callback_free(&received->told);
    return fz_fail(error, what);
}

void fz_callback_free(struct fz_callback_received *callback)
{
    if (callback == NULL)
        return;
    struct received *received = (struct received *)callback;
    fz_callback_done(&received->opened);
    fz_arena_done(&received->arena);
    fz_release(received);
}
