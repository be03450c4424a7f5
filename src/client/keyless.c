/* Why a write is not made: there is no key that its answer could be verified by. */
#include <string.h>

#include "client/operation.h"
#include "spec/calls.h"

/* Another call's fetch, just now, brought none; or there is none to be fetched. */
static fz_error *nothing_at_hand(const struct fz_operation *operation)
{
    bool can_fetch = fz_trust_can_fetch(operation->client->trust);
    fz_error *error = fz_error_make(FZ_CODE_NO_KEY, fz_operation_outcome(operation), "%s",
                                    can_fetch ? "The platform's certificates could not be fetched just now. They are asked for again in "
                                                "some seconds."
                                              : "The client has no key of the platform that is in force, and none is fetched. Give it one "
                                                "(platform_certificates, public_key), or let it fetch them (apiv3_key without "
                                                "fixed_certificates).");
    if (error->code == FZ_CODE_NO_KEY && can_fetch) {
        error->may_retry = true;
        error->wait_ms = FZ_TRUST_PAUSE_MS;
    }
    return error;
}

/* As a call that nothing hangs on. */
static fz_error *what_the_fetch_came_to(const struct fz_operation *operation)
{
    struct fz_operation fetch = {.client = operation->client, .spec = &fz_spec_certificates, .sending = operation->fetching,
                                 .attempt = operation->fetch};
    if (operation->why[0] != '\0')
        return fz_error_make(FZ_CODE_NO_KEY, fz_operation_outcome(operation), "The platform's certificates cannot be had: %s",
                             operation->why);
    (void)fz_judge(&fetch, false);
    return fetch.error == NULL ? nothing_at_hand(operation) : fetch.error;
}

fz_error *fz_judge_lack_of_keys(const struct fz_operation *operation)
{
    char reason[sizeof((fz_error *)NULL)->message];
    bool maybe = operation->maybe;
    fz_error *error = operation->fetches > 0 ? what_the_fetch_came_to(operation) : nothing_at_hand(operation);
    if (error->code == FZ_CODE_MEMORY) /* it is nobody's, and must not be changed */
        return fz_error_make(FZ_CODE_MEMORY, fz_operation_outcome(operation), " ");
    error->outcome = fz_operation_outcome(operation);
    error->writes = true;
    (void)fz_copy(reason, sizeof reason, error->message);
    struct fz_text text = {.max = sizeof error->message - 1};
    fz_text_format(&text, "%s, as no answer could be verified. %s", maybe ? "It was not tried again" : "Nothing was sent", reason);
    if (text.data != NULL)
        (void)fz_copy(error->message, sizeof error->message, text.data);
    fz_text_done(&text);
    return error;
}
