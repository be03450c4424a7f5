/* Distributions: what is asked for, and the rules by which it is accepted. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "book/distribution/row.h"
#include "book/event.h"
#include "book/order/row.h"
#include "book/receiver/receiver.h"

#define REQUESTS_MAX  50 /* 4.1.x: of an order; a refused one does not count */
#define WORK_SPREAD_S 60 /* our own: no document says how long it takes */
#define WRONG_NAME    "RECEIVER_REAL_NAME_NOT_VERIFIED"

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool is_sponsor(const struct fz_party *party, const struct fz_slice_request *slice)
{
    return strcmp(slice->type, "MERCHANT_ID") == 0 && strcmp(slice->account, party->caller) == 0;
}

static enum fz_result refuse_slice(struct fz_tx *tx, size_t place, const char *member, const char *value,
                                   enum fz_issue issue)
{
    char field[64];
    snprintf(field, sizeof field, "/receivers/%zu/%s", place, member);
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", field, value, issue);
}

/* A receiver once a request, with an amount that can be. */
static enum fz_result check_slice(struct fz_tx *tx, const struct fz_distribution_request *request,
                                  size_t place)
{
    const struct fz_slice_request *slice = &request->slices[place];
    if (slice->amount <= 0 || slice->amount > FZ_AMOUNT_MAX) {
        char amount[24];
        snprintf(amount, sizeof amount, "%lld", (long long)slice->amount);
        return refuse_slice(tx, place, "amount", amount, FZ_ISSUE_OUT_OF_RANGE);
    }
    for (size_t i = 0; i < place; i++)
        if (strcmp(request->slices[i].type, slice->type) == 0 &&
            strcmp(request->slices[i].account, slice->account) == 0)
            return refuse_slice(tx, place, "account", slice->account, FZ_ISSUE_RECEIVER_TWICE);
    return FZ_OK;
}

/* What can be said of a request without looking into the book. */
static enum fz_result check_request(struct fz_tx *tx, const struct fz_party *party,
                                    const struct fz_distribution_request *request)
{
    if (request->count > FZ_RECEIVERS_MAX || (request->count == 0 && !request->unfreeze_unsplit))
        return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", "/receivers", "",
                            FZ_ISSUE_RECEIVERS_COUNT);
    for (size_t i = 0; i < request->count; i++) {
        enum fz_result result = check_slice(tx, request, i);
        if (result != FZ_OK)
            return result;
    }
    for (size_t i = 0; i < request->count; i++) {
        const struct fz_slice_request *slice = &request->slices[i];
        if ((strcmp(slice->type, "PERSONAL_OPENID") == 0 && !is_given(request->appid)) ||
            (strcmp(slice->type, "PERSONAL_SUB_OPENID") == 0 && !is_given(request->sub_appid)))
            return fz_refuse(tx->error, FZ_DISTRIBUTION_APPID);
        if (request->unfreeze_unsplit && is_sponsor(party, slice))
            return fz_refuse(tx->error, FZ_DISTRIBUTION_SPONSOR);
    }
    return FZ_OK;
}

/* Answers a number that was used before, for a distribution or an unfreeze. FZ_ABSENT: it is free. */
static enum fz_result answer_known(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                   const char *out_order_no, const unsigned char digest[FZ_DIGEST_SIZE],
                                   struct fz_distribution *out)
{
    struct fz_distribution known;
    unsigned char known_digest[FZ_DIGEST_SIZE];
    enum fz_result result = fz_distribution_by_number(tx, party, out_order_no, &known, known_digest);
    if (result != FZ_OK)
        return result;
    if (strcmp(known.transaction_id, transaction_id) != 0)
        return fz_refuse(tx->error, FZ_ORDER_INCONSISTENT);
    if (memcmp(known_digest, digest, FZ_DIGEST_SIZE) != 0)
        return fz_refuse_at(tx->error, FZ_PARAM_NUMBER_REUSED, "body", "/out_order_no", out_order_no,
                            FZ_ISSUE_NUMBER_SENT_BEFORE);
    fz_distribution_hide_pending(&known);
    *out = known;
    return FZ_OK;
}

/* Finds the order and locks it. */
static enum fz_result find_order(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                 struct fz_payment *out)
{
    enum fz_result result = fz_payment_for_distribution(tx, party, transaction_id, out);
    return result == FZ_OK ? fz_payment_lock(tx, out->id, out) : result;
}

/* The order's row is locked before the number is looked for: of two requests at once with one number, the second finds what the first has
 * done. What is wrong with the order counts only if the number is new. FZ_ABSENT: it is, and the order's money can still be given away. */
static enum fz_result begin_request(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                    const char *out_order_no, const unsigned char digest[FZ_DIGEST_SIZE], struct fz_payment *payment,
                                    struct fz_distribution *out)
{
    enum fz_result order = find_order(tx, party, transaction_id, payment);
    if (order != FZ_OK && order != FZ_REFUSED)
        return order;
    enum fz_result result = answer_known(tx, party, transaction_id, out_order_no, digest, out);
    if (result != FZ_ABSENT || order == FZ_REFUSED)
        return result == FZ_ABSENT ? FZ_REFUSED : result;
    return payment->funds_state == FZ_FUNDS_ENDED ? fz_refuse(tx->error, FZ_DISTRIBUTION_ENDED) : FZ_ABSENT;
}

/* Looks at the receiver of a slice. `fail_reason` gets why the slice is going to fail, or "". */
static enum fz_result check_receiver(struct fz_tx *tx, const struct fz_party *party,
                                     const struct fz_slice_request *slice, const char **fail_reason)
{
    struct fz_receiver receiver;
    enum fz_result result =
        fz_receiver_find(tx, party->caller, party->sub_mchid, slice->type, slice->account, &receiver);
    if (result == FZ_ABSENT || (result == FZ_OK && receiver.state != FZ_RECEIVER_EFFECTIVE))
        return fz_refuse(tx->error, FZ_DISTRIBUTION_RECEIVER);
    if (result != FZ_OK)
        return result;
    if (receiver.penalised)
        return fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    /* The name is compared by the receiver's side, so a wrong one fails the slice and not the request. */
    bool wrong = is_given(slice->name) && receiver.name[0] != '\0' && strcmp(slice->name, receiver.name) != 0;
    *fail_reason = wrong ? WRONG_NAME : "";
    return FZ_OK;
}

static enum fz_result add_slices(struct fz_tx *tx, const struct fz_party *party,
                                 const struct fz_distribution_request *request,
                                 struct fz_distribution *distribution)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct fz_slice_request *slice = &request->slices[i];
        const char *fail_reason = "";
        bool sponsor = is_sponsor(party, slice);
        enum fz_result result = sponsor ? FZ_OK : check_receiver(tx, party, slice, &fail_reason);
        if (result != FZ_OK)
            return result;
        fz_distribution_add(distribution, sponsor, slice->type, slice->account, slice->amount,
                            slice->description, fail_reason);
    }
    return FZ_OK;
}

/* The cap on what goes to others, summed over the order, and what is there at all. */
static enum fz_result check_money(struct fz_tx *tx, const struct fz_party *party,
                                  const struct fz_payment *payment,
                                  const struct fz_distribution *distribution)
{
    int64_t sum = 0, others = payment->to_receivers;
    for (size_t i = 0; i < distribution->count; i++) {
        const struct fz_slice *slice = &distribution->slices[i];
        sum += slice->amount;
        others += slice->to_sponsor ? 0 : slice->amount;
    }
    if (others > payment->to_receivers && others > payment->amount * party->distribution_ratio / 10000)
        return fz_refuse(tx->error, FZ_DISTRIBUTION_RATIO);
    if (sum > payment->distributable || payment->distributable == 0)
        return fz_refuse(tx->error, FZ_DISTRIBUTION_SHORT);
    return FZ_OK;
}

/* Ends the order: nothing can be distributed of it any more. */
static enum fz_result end_order(struct fz_payment *payment)
{
    enum fz_result result = fz_state_check(&fz_funds_states, payment->funds_state, FZ_FUNDS_ENDED);
    if (result == FZ_OK)
        payment->funds_state = FZ_FUNDS_ENDED;
    return result;
}

/* Accepts it and plans its work, which takes 1 to 60 s. */
static enum fz_result accept_and_plan(struct fz_tx *tx, const unsigned char digest[FZ_DIGEST_SIZE],
                                      struct fz_payment *payment, struct fz_distribution *distribution)
{
    enum fz_result result = fz_distribution_accept(tx, digest, payment, distribution);
    if (result != FZ_OK)
        return result;
    fz_distribution_hide_pending(distribution);
    int64_t work_s = 1 + (int64_t)fz_draw(tx->world, "distributed", distribution->id, WORK_SPREAD_S);
    return fz_event_plan(tx, FZ_EVENT_DISTRIBUTED, distribution->id, tx->now_ms + work_s * FZ_SECOND_MS);
}

static enum fz_result submit_distribution(struct fz_tx *tx, const struct fz_party *party,
                                          const struct fz_distribution_request *request, struct fz_payment *payment,
                                          struct fz_distribution *distribution)
{
    if (payment->distribution_count >= REQUESTS_MAX)
        return fz_refuse(tx->error, FZ_DISTRIBUTION_COUNT);
    fz_distribution_begin(distribution, payment, FZ_DISTRIBUTION_ORDERS, request->out_order_no);
    enum fz_result result = add_slices(tx, party, request, distribution);
    if (result == FZ_OK)
        result = check_money(tx, party, payment, distribution);
    if (result == FZ_OK && request->unfreeze_unsplit) {
        fz_distribution_add_rest(distribution, payment, NULL);
        result = end_order(payment);
    }
    if (result != FZ_OK)
        return result;
    payment->distribution_count++;
    return accept_and_plan(tx, request->digest, payment, distribution);
}

enum fz_result fz_distribution_submit(struct fz_tx *tx, const struct fz_party *party,
                                      const struct fz_distribution_request *request,
                                      struct fz_distribution *out)
{
    struct fz_payment payment;
    enum fz_result result = check_request(tx, party, request);
    if (result == FZ_OK)
        result = begin_request(tx, party, request->transaction_id, request->out_order_no, request->digest, &payment, out);
    if (result != FZ_ABSENT)
        return result;
    struct fz_distribution distribution;
    result = submit_distribution(tx, party, request, &payment, &distribution);
    if (result == FZ_OK)
        *out = distribution;
    if (result == FZ_CONFLICT) /* another writer was first with this number, for another order */
        return answer_known(tx, party, request->transaction_id, request->out_order_no, request->digest, out);
    return result;
}

static enum fz_result unfreeze_rest(struct fz_tx *tx, const char *out_order_no, const char *description,
                                    const unsigned char digest[FZ_DIGEST_SIZE], struct fz_payment *payment,
                                    struct fz_distribution *distribution)
{
    if (payment->distributable == 0)
        return fz_refuse(tx->error, FZ_DISTRIBUTION_SHORT);
    fz_distribution_begin(distribution, payment, FZ_DISTRIBUTION_UNFREEZE, out_order_no);
    fz_distribution_add_rest(distribution, payment, description);
    enum fz_result result = end_order(payment);
    return result == FZ_OK ? accept_and_plan(tx, digest, payment, distribution) : result;
}

enum fz_result fz_distribution_unfreeze(struct fz_tx *tx, const struct fz_party *party,
                                        const char *transaction_id, const char *out_order_no,
                                        const char *description, const unsigned char digest[FZ_DIGEST_SIZE],
                                        struct fz_distribution *out)
{
    struct fz_payment payment;
    enum fz_result result = begin_request(tx, party, transaction_id, out_order_no, digest, &payment, out);
    if (result != FZ_ABSENT)
        return result;
    struct fz_distribution distribution;
    result = unfreeze_rest(tx, out_order_no, description, digest, &payment, &distribution);
    if (result == FZ_OK)
        *out = distribution;
    if (result == FZ_CONFLICT)
        return answer_known(tx, party, transaction_id, out_order_no, digest, out);
    return result;
}
