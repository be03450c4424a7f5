/* POST /receivers/ACCOUNT: a receiver's penalty is set or lifted. */
#include "book/receiver.h"
#include "server/control_call.h"

struct change {
    const char *account, *mchid, *sub_mchid;
    bool penalised;
};

static enum fz_result apply(struct fz_tx *tx, void *argument)
{
    const struct change *change = argument;
    return fz_receiver_penalise(tx, change->account, change->mchid, change->sub_mchid, change->penalised);
}

void fz_control_change_receiver(struct fz_control_call *call)
{
    static const char *const names[] = {"mchid", "sub_mchid", "penalised", NULL};
    fz_body_only(call, names);
    fz_body_require(call, "penalised");
    struct change change = {.account = call->argument,
                            .mchid = fz_body_letters(call, "mchid", 1, 32, FZ_DIGIT_LETTERS),
                            .sub_mchid = fz_body_letters(call, "sub_mchid", 1, 32, FZ_DIGIT_LETTERS),
                            .penalised = fz_body_boolean(call, "penalised", false)};
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->server->store, apply, &change, &error);
    if (result == FZ_OK)
        fz_control_answer(call,
                          json_pack("{s:s, s:b}", "account", change.account, "penalised", change.penalised));
    else if (result == FZ_ABSENT)
        fz_control_refuse(call, MHD_HTTP_NOT_FOUND,
                          "The receiver was not changed: nobody has added this account, or not for this "
                          "merchant. Add it through the API first.");
    else
        fz_control_refuse_result(call, "The receiver was not changed", result, &error);
}
