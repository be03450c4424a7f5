/* Accepting a refund: its rules in their order, its parts, its money, its row. */
#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/event.h"
#include "book/number.h"
#include "book/order/payer_account.h"
#include "book/order/row.h"
#include "book/order/share.h"
#include "book/refund/recharged.h"
#include "book/refund/row.h"
#include "book/settlement/pool.h"

FZ_STATEMENT(
    refund_coupon_given,
    "SELECT CAST(COALESCE(SUM(coupon_settled), 0) AS FZ_INT) FROM refund WHERE payment = $1 AND state <> 3",
    "i", "i");

/* The number after $3 that were accepted since $2; the age is that of the index refund_late. */
FZ_STATEMENT(refund_late,
             "SELECT 1 FROM refund WHERE caller = $1 AND created_ms > $2"
             " AND created_ms - order_success_ms > 2592000000 ORDER BY created_ms DESC LIMIT 1 OFFSET $3",
             "tii", "i");

/* 3.x.y: 5 000 refunds a minute of one caller's orders that are older than one month (a mainland page: 60
 * days). */
#define LATE_AFTER_MS      (30 * FZ_DAY_MS)
#define LATE_A_MINUTE      5000
#define REFUND_WITHIN_MS   (365 * FZ_DAY_MS) /* 3.x.y: one year */
#define REFUNDS_MAX        50                /* 3.x.y: of an order, closed ones not counted */
#define ARRIVES_AFTER_MS   (20 * FZ_MINUTE_MS) /* S-RQ: to the balance */
#define ARRIVES_AFTER_DAYS 3                   /* S-RQ: to bank cards */

/* A refund on its way into the book. */
struct submission {
    const struct fz_refund_request *request;
    struct fz_payment payment;
    struct fz_share taken, own, funds; /* before it; its parts */
    struct fz_refund refund;
};

/* What a number already used answers; FZ_ABSENT if it is free. */
static enum fz_result answer_repeated(struct fz_tx *tx, const struct fz_party *party,
                                      const struct fz_refund_request *request, struct fz_refund *out)
{
    struct fz_refund refund;
    enum fz_result result = fz_refund_by_out_refund_no(tx, party, request->out_refund_no, &refund);
    if (result != FZ_OK)
        return result;
    if (memcmp(refund.digest, request->digest, FZ_DIGEST_SIZE) != 0)
        return fz_refuse(tx->error, FZ_REFUND_NUMBER_USED);
    *out = refund;
    return FZ_OK;
}

/* The order, by the WeChat number where it is given. Another merchant's counts as unknown. */
static enum fz_result find_order(struct fz_tx *tx, const struct fz_party *party,
                                 const struct fz_refund_request *request, struct fz_payment *out)
{
    const char *number = request->out_trade_no;
    if (request->transaction_id == NULL) {
        enum fz_result result =
            fz_payment_lock_by_out_trade_no(tx, party->caller, party->sub_mchid, number, out);
        return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
    }
    enum fz_result result = fz_payment_lock_by_transaction_id(tx, request->transaction_id, out);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    if (result == FZ_ABSENT || strcmp(out->caller, party->caller) != 0 ||
        strcmp(out->sub_mchid, party->sub_mchid) != 0 ||
        (number != NULL && strcmp(out->out_trade_no, number) != 0))
        return fz_refuse(tx->error, FZ_REFUND_TRANSACTION_UNKNOWN);
    return FZ_OK;
}

static bool is_too_soon(const struct fz_tx *tx, const struct fz_payment *payment)
{
    return payment->last_refund_ms != 0 && tx->now_ms - payment->last_refund_ms < FZ_MINUTE_MS;
}

/* Counted are those that were accepted: what a limit or a rule refused is no burden. */
static enum fz_result check_late(struct fz_tx *tx, const struct fz_payment *payment)
{
    if (tx->now_ms - payment->success_ms <= LATE_AFTER_MS)
        return FZ_OK;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &refund_late,
        FZ_VALUES(FZ_T(payment->caller), FZ_I(tx->now_ms - FZ_MINUTE_MS), FZ_I(LATE_A_MINUTE - 1)), &row);
    if (result == FZ_OK)
        return fz_refuse(tx->error, FZ_LIMIT_LATE_REFUNDS);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* What the order's row says comes first, what takes a look at other rows last. */
static enum fz_result check_rules(struct fz_tx *tx, const struct fz_refund_request *request,
                                  const struct fz_payment *payment)
{
    if (payment->state == FZ_PAYMENT_REVOKED)
        return fz_refuse(tx->error, FZ_ORDER_REVERSED);
    if (payment->state != FZ_PAYMENT_SUCCESS)
        return fz_refuse(tx->error, FZ_REFUND_NOT_READY);
    if (tx->now_ms - payment->success_ms > REFUND_WITHIN_MS)
        return fz_refuse(tx->error, FZ_REFUND_OVERDUE);
    if (request->total != payment->amount || strcmp(request->currency, payment->currency) != 0)
        return fz_refuse(tx->error, FZ_REFUND_TOTAL);
    if (request->has_from && (!payment->marked || request->source == FZ_SOURCE_RECHARGE))
        return fz_refuse(tx->error, FZ_REFUND_SOURCE);
    if (request->limits && is_too_soon(tx, payment))
        return fz_refuse(tx->error, FZ_LIMIT_REFUND_MINUTE);
    if (payment->refund_count >= REFUNDS_MAX)
        return fz_refuse(tx->error, FZ_REFUND_COUNT);
    if (request->refund > payment->amount - payment->refunded)
        return fz_refuse(tx->error, FZ_REFUND_TOO_MUCH);
    enum fz_payer_account account;
    enum fz_result result = fz_payer_account_of(tx, payment->id, &account);
    if (result == FZ_OK && account == FZ_PAYER_ACCOUNT_CLOSED)
        return fz_refuse(tx->error, FZ_REFUND_ACCOUNT);
    return result == FZ_OK && request->limits ? check_late(tx, payment) : result;
}

/* Works out both parts, ORDER before FUNDS, and whether the order may pay its own and leaves the other to the
 * advance balance. Pools and recharged balance check themselves when they are drawn on. */
static enum fz_result set_parts(struct fz_tx *tx, struct submission *submission)
{
    const struct fz_refund_request *request = submission->request;
    const struct fz_payment *payment = &submission->payment;
    int64_t own_gross = request->has_from ? request->from_order : request->refund;
    int64_t funds_gross = request->refund - own_gross;
    assert(own_gross >= 0 && funds_gross >= 0 && request->refund > 0);

    submission->taken = fz_share_taken(payment);
    submission->own = fz_share_next(payment, &submission->taken, own_gross);
    if (payment->marked && request->source == FZ_SOURCE_UNSETTLED &&
        submission->own.settled - submission->own.fee > payment->distributable)
        return fz_refuse(tx->error, FZ_REFUND_SHORT);
    if (funds_gross > 0 && funds_gross > fz_share_funds_refundable(payment))
        return fz_refuse(tx->error, FZ_REFUND_SHORT);
    const struct fz_share *taken = &submission->taken, *own = &submission->own;
    struct fz_share between = {.gross = taken->gross + own->gross,
                               .settled = taken->settled + own->settled,
                               .fee = taken->fee + own->fee,
                               .coupon = taken->coupon + own->coupon,
                               .payer = taken->payer + own->payer};
    submission->funds = fz_share_next(payment, &between, funds_gross);
    return FZ_OK;
}

static struct fz_refund_part part_of(const struct fz_share *share)
{
    return (struct fz_refund_part){
        .gross = share->gross, .fee = share->fee, .net = share->settled - share->fee};
}

/* How much of the refund is the COUPON's payer's, in CNY. Only a voucher in foreign currency has to know what
 * was given before. */
static enum fz_result set_coupon_settled(struct fz_tx *tx, struct submission *submission)
{
    const struct fz_payment *payment = &submission->payment;
    struct fz_refund *refund = &submission->refund;
    struct fz_share share = {.settled = refund->settled, .coupon = refund->coupon_refund};
    int64_t given = 0;
    if (payment->coupon.type == FZ_COUPON_COUPON && !fz_is_cny(payment->payer_currency)) {
        FZ_CURSOR row = {0};
        enum fz_result result = fz_query_one(tx, &refund_coupon_given, FZ_VALUES(FZ_I(payment->id)), &row);
        if (result != FZ_OK)
            return result;
        given = fz_int(&row, 0);
    }
    refund->coupon_settled = fz_share_coupon_settled(payment, &submission->taken, &share, given);
    return FZ_OK;
}

static void set_amounts(struct submission *submission)
{
    struct fz_refund *refund = &submission->refund;
    const struct fz_share *own = &submission->own, *funds = &submission->funds;
    refund->own = part_of(own);
    refund->funds = part_of(funds);
    refund->settled = own->settled + funds->settled;
    refund->coupon_refund = own->coupon + funds->coupon;
    refund->payer_refund = own->payer + funds->payer;
    if (refund->fund_source == FZ_SOURCE_RECHARGE)
        refund->recharged = fz_from_cny(refund->own.net, fz_currency_find(refund->settlement_currency),
                                        refund->settlement_rate);
}

static void set_texts(const struct fz_tx *tx, struct submission *submission)
{
    const struct fz_payment *payment = &submission->payment;
    const struct fz_refund_request *request = submission->request;
    struct fz_refund *refund = &submission->refund;
#define COPY(field, text) fz_copy(refund->field, sizeof refund->field, (text))
    COPY(caller, payment->caller);
    COPY(sub_mchid, payment->sub_mchid);
    COPY(out_refund_no, request->out_refund_no);
    COPY(transaction_id, payment->transaction_id);
    COPY(out_trade_no, payment->out_trade_no);
    COPY(currency, payment->currency);
    COPY(payer_currency, payment->payer_currency);
    COPY(settlement_currency, payment->settlement_currency);
    COPY(recv_account, fz_recv_account_word(payment->payer_kind));
#undef COPY
    memcpy(refund->digest, request->digest, FZ_DIGEST_SIZE);
    if (request->refund_id != NULL)
        fz_copy(refund->refund_id, sizeof refund->refund_id, request->refund_id);
    else
        fz_number_write(refund->refund_id, tx->world, "5030", "refund_id", tx->now_ms, refund->id, 28);
}

/* The row, from the order and the parts. */
static enum fz_result fill_refund(struct fz_tx *tx, struct submission *submission)
{
    const struct fz_payment *payment = &submission->payment;
    struct fz_refund *refund = &submission->refund;
    *refund = (struct fz_refund){.payment = payment->id,
                                 .fund_source = submission->request->source,
                                 .marked = payment->marked,
                                 .amount = submission->request->refund,
                                 .coupon = payment->coupon,
                                 .fee_rate = payment->fee_rate,
                                 .settlement_rate = payment->settlement_rate,
                                 .state = FZ_REFUND_PROCESSING,
                                 .channel = FZ_CHANNEL_ORIGINAL,
                                 .order_success_ms = payment->success_ms,
                                 .created_ms = tx->now_ms};
    enum fz_result result = fz_next_id(tx, "refund", &refund->id);
    if (result != FZ_OK)
        return result;
    set_texts(tx, submission);
    fz_payment_exchange_rate(payment, &refund->rate_type, &refund->rate);
    set_amounts(submission);
    return set_coupon_settled(tx, submission);
}

static enum fz_result store_payment(struct fz_tx *tx, const struct fz_refund *refund,
                                    struct fz_payment *payment)
{
    if (payment->marked)
        payment->distributable -= fz_refund_own_net(refund);
    payment->refunded += refund->amount;
    payment->refunded_settled += refund->settled;
    payment->refunded_fee += refund->own.fee + refund->funds.fee;
    payment->refunded_coupon += refund->coupon_refund;
    payment->refunded_payer += refund->payer_refund;
    payment->refund_count++;
    if (payment->last_refund_ms < tx->now_ms) /* whose turn at the order's row comes second may have begun first */
        payment->last_refund_ms = tx->now_ms;
    return fz_payment_store_funds(tx, payment);
}

/* docs/book.md, "refund accepted"; invariant 3 holds between the row and these postings. */
static enum fz_result book_accepted(struct fz_tx *tx, struct submission *submission)
{
    const struct fz_refund *refund = &submission->refund;
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_REFUND_ACCEPTED, refund->id);
    fz_refund_post(&entry, refund, 1, fz_day_of(tx->now_ms));
    enum fz_result result = store_payment(tx, refund, &submission->payment);
    /* Without postings: less than a fen, which a currency of small units can be. */
    return result == FZ_OK && entry.count > 0 ? fz_entry_book(tx, &entry) : result;
}

/* Recharged balance, outbound, then sales, in this order wherever money is drawn or comes back, so that no two requests wait for each other. All
 * requests of a sponsor share these rows: they are touched last of all. */
static enum fz_result draw_on_pools(struct fz_tx *tx, const struct fz_refund *refund)
{
    enum fz_result result = fz_recharged_debit(tx, refund->caller, refund->settlement_currency, refund->recharged);
    if (result == FZ_OK)
        result = fz_pool_debit(tx, refund->caller, FZ_POOL_OUTBOUND, refund->payment, refund->funds.net);
    if (result == FZ_OK && !refund->marked)
        result = fz_pool_debit(tx, refund->caller, FZ_POOL_SALES, refund->payment, fz_refund_own_net(refund));
    return result;
}

static enum fz_result plan_arrival(struct fz_tx *tx, enum fz_payer_kind payer, int64_t refund)
{
    bool card = payer == FZ_PAYER_DEBIT || payer == FZ_PAYER_CREDIT;
    int64_t due_ms =
        card ? fz_add_business_days(tx->now_ms, ARRIVES_AFTER_DAYS) : tx->now_ms + ARRIVES_AFTER_MS;
    return fz_event_plan(tx, FZ_EVENT_REFUNDED, refund, due_ms);
}

/* Puts a refund that all rules allow into the book. */
static enum fz_result accept_refund(struct fz_tx *tx, struct submission *submission)
{
    enum fz_result result = book_accepted(tx, submission);
    if (result == FZ_OK)
        result = plan_arrival(tx, submission->payment.payer_kind, submission->refund.id);
    return result == FZ_OK ? draw_on_pools(tx, &submission->refund) : result;
}

/* The order's row is locked before the number is looked for: of two requests at once with one number, the second finds what the first has
 * done. What is wrong with the order counts only if the number is new. FZ_ABSENT: it is, and nothing is wrong. */
static enum fz_result begin_submission(struct fz_tx *tx, const struct fz_party *party, struct submission *submission,
                                       struct fz_refund *out)
{
    const struct fz_refund_request *request = submission->request;
    enum fz_result order = find_order(tx, party, request, &submission->payment);
    if (order != FZ_OK && order != FZ_REFUSED)
        return order;
    enum fz_result result = answer_repeated(tx, party, request, out);
    if (result == FZ_ABSENT && request->repeats_alone)
        return fz_refuse(tx->error, FZ_LIMIT_FAULTY_REFUNDS);
    return result == FZ_ABSENT && order == FZ_REFUSED ? FZ_REFUSED : result;
}

void fz_refund_submit_ask(struct fz_tx *tx, const char *caller, const char *sub_mchid, const struct fz_refund_request *request)
{
    fz_payment_ask_lock(tx, request->transaction_id, caller, sub_mchid, request->out_trade_no);
    fz_refund_ask_number(tx, caller, sub_mchid, request->out_refund_no);
}

enum fz_result fz_refund_submit(struct fz_tx *tx, const struct fz_party *party,
                                const struct fz_refund_request *request, struct fz_refund *out)
{
    struct submission submission = {.request = request};
    enum fz_result result = begin_submission(tx, party, &submission, out);
    if (result != FZ_ABSENT)
        return result;
    result = check_rules(tx, request, &submission.payment);
    if (result == FZ_OK)
        result = set_parts(tx, &submission);
    if (result == FZ_OK)
        result = fill_refund(tx, &submission);
    if (result == FZ_OK)
        result = fz_refund_insert(tx, &submission.refund, request->reason, request->notify_url);
    if (result == FZ_CONFLICT) { /* another writer was first with this number, for another order; if not, it is the refund_id that is taken */
        result = answer_repeated(tx, party, request, out);
        return result == FZ_ABSENT ? FZ_CONFLICT : result;
    }
    if (result == FZ_OK)
        result = accept_refund(tx, &submission);
    if (result == FZ_OK)
        *out = submission.refund;
    return result;
}
