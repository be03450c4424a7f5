/* A book's journal as the steps of a story: each entry by which somebody did something is one. */
#include "server/birth/export_story.h"

#include <string.h>

#include "base/calendar.h"
#include "book/distribution/row.h"
#include "book/entry.h"
#include "book/order/payment.h"
#include "book/refund/row.h"
#include "spec/common/money.h"
#include "spec/refund/refund.h"
#include "world/step_rows.h"

FZ_STATEMENT(export_entries,
             "SELECT id, kind, subject, time_ms FROM entry WHERE (time_ms, id) > ($1, $2) AND kind IN (1, 2, 4, 5, 6, 8)"
             " ORDER BY time_ms, id LIMIT 500",
             "ii", "iiii");
FZ_STATEMENT(export_abnormal, "SELECT abnormal_ms FROM refund WHERE id = $1 AND abnormal_ms IS NOT NULL", "i", "i");
FZ_STATEMENT(export_recharge, "SELECT mchid, amount FROM recharge WHERE id = $1", "i", "ti");
FZ_LARGE_STATEMENT(export_unpaid, "SELECT COUNT(*) FROM payment WHERE state <> 2", "", "i");

#define AT_ONCE 500
#define NATURAL_MS (20 * FZ_MINUTE_MS) /* when a refund arrives by itself, but for cards */
#define CARD_DAYS  3

struct entry {
    int64_t id, kind, subject, time_ms;
};

struct telling {
    struct fz_tx *tx;
    struct fz_export_story *out;
    int64_t time_ms; /* of the step before */
};

/* ---- steps ---- */

/* Takes `map` over. */
static enum fz_result add(struct telling *telling, int64_t time_ms, const char *name, json_t *map)
{
    char time[FZ_TIME_SIZE];
    json_t *step = json_object();
    fz_format_time_ms(time, time_ms);
    int failed = time_ms == telling->time_ms ? 0 : json_object_set_new(step, "at", json_string(time));
    failed |= json_object_set_new(step, name, map);
    failed |= json_array_append_new(telling->out->steps, step);
    telling->time_ms = time_ms;
    if (telling->out->begin_ms == 0)
        telling->out->begin_ms = time_ms;
    if (failed != 0)
        return FZ_FAILED;
    return json_array_size(telling->out->steps) > FZ_WORLD_EXPORT_STEPS ? FZ_FULL : FZ_OK;
}

static json_t *text_or_absent(const char *text)
{
    return text[0] == '\0' ? NULL : json_string(text);
}

static json_t *coupon_json(const struct fz_coupon *coupon)
{
    if (coupon->type == FZ_COUPON_NONE)
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:I}", "type", fz_coupon_type_words[coupon->type - FZ_COUPON_COUPON], "scope",
                     fz_coupon_scope_words[coupon->scope - FZ_SCOPE_GLOBAL], "promotion_id", coupon->promotion_id, "amount",
                     (json_int_t)coupon->amount);
}

/* A rate of CNY is no choice. */
static json_t *rate_or_absent(int64_t rate)
{
    return rate == FZ_RATE_ONE ? NULL : json_integer(rate);
}

static enum fz_result tell_paid(struct telling *telling, const struct entry *entry)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_by_row(telling->tx, entry->subject, &payment);
    if (result != FZ_OK || fz_payment_is_by_code(&payment)) {
        telling->out->by_code += result == FZ_OK;
        return result;
    }
    /* Without its freezing, which takes a drawn time: what came after it comes after it again. */
    bool freezes = payment.marked && payment.funds_state != FZ_FUNDS_FREEZING;
    return add(telling, entry->time_ms, "pay",
               json_pack("{s:s, s:o*, s:s, s:s, s:s, s:s, s:o*, s:I, s:s, s:s, s:o*, s:o*, s:s, s:b, s:o*, s:s*}", "mchid", payment.caller,
                         "sub_mchid", text_or_absent(payment.sub_mchid), "out_trade_no", payment.out_trade_no, "transaction_id",
                         payment.transaction_id, "trade_type", payment.trade_type, "description", payment.description, "attach",
                         text_or_absent(payment.attach), "amount", (json_int_t)payment.amount, "currency", payment.currency,
                         "payer_currency", payment.payer_currency, "payment_rate", rate_or_absent(payment.payment_rate),
                         "settlement_rate", rate_or_absent(payment.settlement_rate), "payer",
                         fz_payer_kind_words[payment.payer_kind - FZ_PAYER_BALANCE], "marked", payment.marked, "coupon",
                         coupon_json(&payment.coupon), "freezes", freezes ? "at_once" : NULL));
}

/* ---- distributions ---- */

/* A slice that failed fails again. */
static enum fz_result spoil(struct telling *telling, const struct entry *entry, const struct fz_distribution *distribution, bool on)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < distribution->count && result == FZ_OK; i++) {
        const struct fz_slice *slice = &distribution->slices[i];
        if (slice->result == FZ_SLICE_CLOSED && !slice->to_sponsor)
            result = add(telling, entry->time_ms, "change_receiver",
                         json_pack("{s:s, s:o*, s:s, s:o}", "mchid", distribution->caller, "sub_mchid",
                                   text_or_absent(distribution->sub_mchid), "account", slice->account, "fails_with",
                                   on ? json_string(slice->fail_reason) : json_null()));
    }
    return result;
}

static json_t *slices_json(const struct fz_distribution *distribution)
{
    json_t *list = json_array();
    for (size_t i = 0; i < distribution->count; i++) {
        const struct fz_slice *slice = &distribution->slices[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s}", "type", slice->type, "account", slice->account, "amount",
                                                    (json_int_t)slice->amount, "description", slice->description));
    }
    return list;
}

static enum fz_result tell_distribution(struct telling *telling, const struct entry *entry)
{
    struct fz_distribution distribution;
    enum fz_result result = fz_distribution_by_row(telling->tx, entry->subject, &distribution);
    bool is_release = result == FZ_OK && distribution.kind == FZ_DISTRIBUTION_RELEASE; /* which comes by itself */
    if (result != FZ_OK || is_release)
        return result;
    bool all = distribution.kind == FZ_DISTRIBUTION_UNFREEZE;
    const char *settles = distribution.state == FZ_DISTRIBUTION_FINISHED ? "at_once" : NULL;
    result = spoil(telling, entry, &distribution, true);
    if (result == FZ_OK)
        result = add(telling, entry->time_ms, all ? "unfreeze" : "distribute",
                     json_pack("{s:s, s:s, s:o*, s:s*, s:s*}", "transaction_id", distribution.transaction_id, "out_order_no",
                               distribution.out_order_no, "receivers", all ? NULL : slices_json(&distribution), "description",
                               all ? distribution.slices[0].description : NULL, "settles", settles));
    return result == FZ_OK ? spoil(telling, entry, &distribution, false) : result;
}

/* ---- refunds ---- */

static enum fz_result add_outcome(struct telling *telling, int64_t time_ms, const struct fz_refund *refund, const char *status)
{
    return add(telling, time_ms, "refund_outcome",
               json_pack("{s:s, s:s, s:s, s:s}", "refund_id", refund->refund_id, "status", status, "channel",
                         fz_refund_channel_words[refund->channel - FZ_CHANNEL_ORIGINAL], "recv_account", refund->recv_account));
}

/* One that went astray did so before it could arrive. */
static enum fz_result tell_abnormal(struct telling *telling, const struct entry *entry, const struct fz_refund *refund)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(telling->tx, &export_abnormal, FZ_VALUES(FZ_I(refund->id)), &row);
    fz_cursor_done(&row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    return add_outcome(telling, entry->time_ms, refund, "ABNORMAL");
}

static enum fz_result tell_refund(struct telling *telling, const struct entry *entry)
{
    struct fz_refund refund;
    enum fz_result result = fz_refund_by_row(telling->tx, entry->subject, &refund);
    if (result != FZ_OK)
        return result;
    bool two = refund.funds.gross > 0;
    result = add(telling, entry->time_ms, "refund",
                 json_pack("{s:s, s:s, s:s, s:I, s:s, s:o*, s:o*}", "transaction_id", refund.transaction_id, "out_refund_no",
                           refund.out_refund_no, "refund_id", refund.refund_id, "amount", (json_int_t)refund.amount, "funds_account",
                           fz_fund_source_words[refund.fund_source - FZ_SOURCE_UNSETTLED], "from_order",
                           two ? json_integer(refund.own.gross) : NULL, "from_funds", two ? json_integer(refund.funds.gross) : NULL));
    return result == FZ_OK ? tell_abnormal(telling, entry, &refund) : result;
}

/* What arrives by itself, when it should, needs no word. */
static enum fz_result tell_end(struct telling *telling, const struct entry *entry)
{
    struct fz_refund refund;
    enum fz_result result = fz_refund_by_row(telling->tx, entry->subject, &refund);
    if (result != FZ_OK)
        return result;
    bool closed = entry->kind == FZ_ENTRY_REFUND_CLOSED;
    bool by_itself = entry->time_ms == refund.created_ms + NATURAL_MS ||
                     entry->time_ms == fz_add_business_days(refund.created_ms, CARD_DAYS);
    if (!closed && by_itself && refund.channel == FZ_CHANNEL_ORIGINAL)
        return FZ_OK;
    return add_outcome(telling, entry->time_ms, &refund, closed ? "REFUNDCLOSE" : "SUCCESS");
}

static enum fz_result tell_recharge(struct telling *telling, const struct entry *entry)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(telling->tx, &export_recharge, FZ_VALUES(FZ_I(entry->subject)), &row);
    if (result != FZ_OK)
        return result;
    return add(telling, entry->time_ms, "recharge",
               json_pack("{s:s, s:I}", "mchid", fz_string(&row, 0), "amount", (json_int_t)fz_int(&row, 1)));
}

/* ---- the journal ---- */

static enum fz_result tell(struct telling *telling, const struct entry *entry)
{
    switch (entry->kind) {
    case FZ_ENTRY_PAID:
        return tell_paid(telling, entry);
    case FZ_ENTRY_DISTRIBUTION_ACCEPTED:
        return tell_distribution(telling, entry);
    case FZ_ENTRY_REFUND_ACCEPTED:
        return tell_refund(telling, entry);
    case FZ_ENTRY_RECHARGED:
        return tell_recharge(telling, entry);
    default:
        return tell_end(telling, entry);
    }
}

/* The cursor is done with before each is told, which reads rows of its own. */
static enum fz_result read_some(struct fz_tx *tx, const struct entry *after, struct entry out[AT_ONCE], size_t *count)
{
    FZ_CURSOR row = {0};
    *count = 0;
    enum fz_result result = fz_query(tx, &export_entries, FZ_VALUES(FZ_I(after->time_ms), FZ_I(after->id)), &row);
    while (result == FZ_OK && *count < AT_ONCE && (result = fz_next(&row)) == FZ_OK)
        out[(*count)++] = (struct entry){fz_int(&row, 0), fz_int(&row, 1), fz_int(&row, 2), fz_int(&row, 3)};
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result count_unpaid(struct fz_tx *tx, struct fz_export_story *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &export_unpaid, NULL, 0, &row);
    if (result == FZ_OK)
        out->unpaid = (size_t)fz_int(&row, 0);
    return result;
}

enum fz_result fz_export_story(struct fz_tx *tx, struct fz_export_story *out)
{
    struct entry entries[AT_ONCE];
    struct telling telling = {.tx = tx, .out = out};
    struct entry after = {.time_ms = INT64_MIN};
    size_t count = AT_ONCE;
    enum fz_result result = count_unpaid(tx, out);
    while (result == FZ_OK && count == AT_ONCE) {
        result = read_some(tx, &after, entries, &count);
        for (size_t i = 0; i < count && result == FZ_OK; i++)
            result = tell(&telling, &entries[i]);
        if (count > 0)
            after = entries[count - 1];
    }
    return result;
}
