/* POST /receivers/ACCOUNT: what the world outside does to a receiver: its audit ends, a penalty is set or
 * lifted, slices to it fail. */
#include "book/receiver/rail.h"
#include "server/control/calls/routes.h"
#include "spec/distribution/distribution.h"
#include "spec/distribution/receiver.h"

struct change {
    const char *account, *mchid, *sub_mchid;
    bool sets_penalty, penalised;
    bool sets_failure;
    const char *fails_with;
    bool audits;
    struct fz_receiver_verdict verdict;
};

static enum fz_result apply(struct fz_tx *tx, void *argument)
{
    const struct change *change = argument;
    enum fz_result result = FZ_OK;
    if (change->sets_penalty)
        result =
            fz_receiver_penalise(tx, change->account, change->mchid, change->sub_mchid, change->penalised);
    if (result == FZ_OK && change->sets_failure)
        result = fz_receiver_fail_slices(tx, change->account, change->mchid, change->sub_mchid,
                                         change->fails_with);
    if (result == FZ_OK && change->audits)
        result = fz_rail_receivers_audited(tx, change->account, change->mchid, change->sub_mchid,
                                           &change->verdict);
    return result;
}

static void read_audit(struct fz_control_call *call, struct change *change)
{
    const char *const *words = fz_receiver_state_words + 1; /* an audit never ends with INIT, the first of them */
    static const enum fz_receiver_state states[] = {FZ_RECEIVER_EFFECTIVE, FZ_RECEIVER_FAILED};
    change->audits = fz_body_has(call, "audit");
    change->verdict =
        (struct fz_receiver_verdict){.state = states[fz_body_word(call, "audit", words, 0)],
                                     .fail_reason = fz_body_text(call, "fail_reason", 1, 64),
                                     .fail_description = fz_body_text(call, "fail_description", 1, 256)};
    bool fails = change->audits && change->verdict.state == FZ_RECEIVER_FAILED;
    if (fails)
        fz_body_require(call, "fail_reason");
    else if (change->verdict.fail_reason != NULL || change->verdict.fail_description != NULL)
        fz_body_fault(call,
                      "\"fail_reason\" and \"fail_description\" belong to \"audit\":\"FAILED\": leave them "
                      "out, or add it");
}

static void read_failure(struct fz_control_call *call, struct change *change)
{
    change->sets_failure = fz_body_has(call, "fails_with");
    if (change->sets_failure && !fz_body_is_null(call, "fails_with"))
        change->fails_with = fz_slice_fail_words[fz_body_word(call, "fails_with", fz_slice_fail_words, 0)];
}

static void answer_change(struct fz_control_call *call, const struct change *change, enum fz_result result,
                          const struct fz_error *error)
{
    if (result == FZ_OK) {
        json_t *changed = json_copy(call->body);
        if (changed != NULL && json_object_set_new(changed, "account", json_string(change->account)) != 0) {
            json_decref(changed);
            changed = NULL;
        }
        fz_control_answer(call, changed);
    } else if (result == FZ_ABSENT) {
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "The receiver was not changed: nobody has added this account, or not for this "
                          "merchant. Add it through the API first.");
    } else if (result == FZ_CONFLICT) {
        fz_control_refuse(
            call, MHD_HTTP_CONFLICT,
            "The receiver was not changed: no audit of this account is under way. Add it through "
            "the API first, and decide before its 60 seconds are over.");
    } else {
        fz_control_refuse_result(call, "The receiver was not changed", result, error);
    }
}

void fz_control_change_receiver(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    struct change change = {.account = call->argument,
                            .mchid = fz_body_letters(call, "mchid", 1, 32, FZ_DIGIT_LETTERS),
                            .sub_mchid = fz_body_letters(call, "sub_mchid", 1, 32, FZ_DIGIT_LETTERS),
                            .sets_penalty = fz_body_has(call, "penalised"),
                            .penalised = fz_body_boolean(call, "penalised", false)};
    read_audit(call, &change);
    read_failure(call, &change);
    if (!change.sets_penalty && !change.audits && !change.sets_failure)
        fz_body_fault(call, "nothing is to change: send \"penalised\", \"audit\" or \"fails_with\"");
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    answer_change(call, &change, fz_store_write(call->parts->store, apply, &change, &error), &error);
}
