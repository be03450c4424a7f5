/* Payers, and what becomes of their refunds. */
#include "base/text.h"
#include "sandbox/sandbox.h"

/* `answer` is taken over. */
static int tell_paid(int result, json_t *answer, struct fz_sandbox_paid *out)
{
    struct fz_sandbox_paid paid = {0};
    if (result == 0) {
        fz_copy(paid.transaction_id, sizeof paid.transaction_id,
                json_string_value(json_object_get(answer, "transaction_id")));
        fz_copy(paid.out_trade_no, sizeof paid.out_trade_no, json_string_value(json_object_get(answer, "out_trade_no")));
        result = fz_sandbox_give(out, &paid, sizeof paid);
    }
    json_decref(answer);
    return result;
}

static json_t *body_of(const struct fz_sandbox_payment *payment)
{
    json_t *body = fz_sandbox_object(payment->more);
    if (body == NULL)
        return NULL;
    (void)json_object_set_new(body, "amount", json_integer(payment->amount));
    if (payment->marked)
        (void)json_object_set_new(body, "marked", json_true());
    fz_sandbox_set_text(body, "mchid", payment->mchid);
    fz_sandbox_set_text(body, "sub_mchid", payment->sub_mchid);
    fz_sandbox_set_text(body, "currency", payment->currency);
    fz_sandbox_set_text(body, "transaction_id", payment->transaction_id);
    fz_sandbox_set_text(body, "out_trade_no", payment->out_trade_no);
    fz_sandbox_set_text(body, "payer", payment->payer);
    fz_sandbox_set_text(body, "notify_url", payment->notify_url);
    fz_sandbox_set_wait(body, payment->wait);
    return body;
}

int fz_sandbox_make_payment(fz_sandbox *sandbox, const struct fz_sandbox_payment *payment, struct fz_sandbox_paid *out)
{
    struct fz_sandbox_payment own;
    if (fz_sandbox_take(&own, sizeof own, payment) != 0)
        return -1;
    json_t *body = body_of(&own), *answer = NULL;
    int result = body == NULL ? -1 : fz_sandbox_call(sandbox, "POST", "/payments", body, &answer);
    return tell_paid(result, answer, out);
}

int fz_sandbox_pay(fz_sandbox *sandbox, const char *mchid, const char *out_trade_no, const char *payer, bool wait,
                   struct fz_sandbox_paid *out)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *body = json_object(), *answer = NULL;
    fz_sandbox_set_text(body, "mchid", mchid);
    fz_sandbox_set_text(body, "payer", payer);
    fz_sandbox_set_wait(body, wait);
    fz_sandbox_target(target, "/payments/", out_trade_no, "/pay");
    int result = fz_sandbox_call(sandbox, "POST", target, body, &answer);
    return tell_paid(result, answer, out);
}

int fz_sandbox_set_payer_account(fz_sandbox *sandbox, const char *mchid, const char *sub_mchid, const char *out_trade_no,
                                 const char *state)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    json_t *body = json_object();
    fz_sandbox_set_text(body, "mchid", mchid);
    fz_sandbox_set_text(body, "sub_mchid", sub_mchid);
    fz_sandbox_set_text(body, "payer_account", state);
    fz_sandbox_target(target, "/payments/", out_trade_no, "");
    return fz_sandbox_call(sandbox, "POST", target, body, NULL);
}

int fz_sandbox_set_refund_outcome(fz_sandbox *sandbox, const char *refund_id, const struct fz_sandbox_outcome *outcome)
{
    char target[FZ_SANDBOX_TARGET_SIZE];
    struct fz_sandbox_outcome own;
    if (fz_sandbox_take(&own, sizeof own, outcome) != 0)
        return -1;
    json_t *body = json_object();
    fz_sandbox_set_text(body, "status", own.status);
    fz_sandbox_set_text(body, "channel", own.channel);
    fz_sandbox_set_text(body, "recv_account", own.recv_account);
    fz_sandbox_set_wait(body, own.wait);
    fz_sandbox_target(target, "/refunds/", refund_id, "/outcome");
    return fz_sandbox_call(sandbox, "POST", target, body, NULL);
}
