/* POST /merchants/MCHID/recharge: a merchant pays into its recharged refund balance. */
#include <string.h>

#include "book/refund/rail.h"
#include "server/control/calls/routes.h"

struct recharge {
    const char *mchid, *currency; /* currency NULL: the settlement currency */
    int64_t amount;
    struct fz_merchant merchant; /* out */
    int64_t balance;
};

static enum fz_result pay_in(struct fz_tx *tx, void *argument)
{
    struct recharge *recharge = argument;
    struct fz_merchant *merchant = &recharge->merchant;
    enum fz_result result = fz_merchant_find(tx, recharge->mchid, merchant);
    if (result != FZ_OK)
        return result;
    if (recharge->currency != NULL && strcmp(recharge->currency, merchant->settlement_currency) != 0)
        return FZ_CONFLICT;
    return fz_rail_recharged(tx, merchant, recharge->amount, &recharge->balance);
}

static void refuse(struct fz_control_call *call, const struct recharge *recharge, enum fz_result result,
                   const struct fz_error *error)
{
    if (result == FZ_ABSENT)
        fz_control_refuse(
            call, MHD_HTTP_NOT_FOUND,
            "The balance was not recharged: the book does not know the merchant. GET /merchants "
            "lists all.");
    else if (result == FZ_CONFLICT)
        fz_control_refuse(
            call, MHD_HTTP_BAD_REQUEST,
            "The balance was not recharged: it is in the merchant's settlement currency. Send %s, "
            "or no currency.",
            recharge->merchant.settlement_currency);
    else if (result == FZ_MALFORMED && recharge->merchant.kind == FZ_MERCHANT_SUB)
        fz_control_refuse(
            call, MHD_HTTP_BAD_REQUEST,
            "The balance was not recharged: a sub-merchant has none of its own. Recharge that of "
            "its institution, %s.",
            recharge->merchant.parent);
    else if (result == FZ_MALFORMED)
        fz_control_refuse(
            call, MHD_HTTP_BAD_REQUEST,
            "The balance was not recharged: it would hold more than a balance can. Refund from it "
            "first.");
    else
        fz_control_refuse_result(call, "The balance was not recharged", result, error);
}

void fz_control_recharge(struct fz_control_call *call)
{
    fz_body_only(call, call->members);
    fz_body_require(call, "amount");
    struct recharge recharge = {.mchid = call->argument,
                                .currency = fz_body_text(call, "currency", 3, 3),
                                .amount = fz_body_integer(call, "amount", 1, FZ_AMOUNT_MAX, 1)};
    struct fz_error error = {0};
    if (!fz_body_is_sound(call))
        return;
    enum fz_result result = fz_store_write(call->parts->store, pay_in, &recharge, &error);
    if (result == FZ_OK)
        fz_control_answer(call, json_pack("{s:s, s:I, s:s}", "mchid", recharge.merchant.mchid,
                                          "remaining_amount", (json_int_t)recharge.balance, "currency",
                                          recharge.merchant.settlement_currency));
    else
        refuse(call, &recharge, result, &error);
}
