/* Settlement details: the batches that were paid out, or what waits for it. */
#include <string.h>

#include "api/merchant/identity.h"
#include "base/calendar.h"
#include "book/settlement/settlement.h"
#include "spec/bill/bill.h"

_Static_assert(FZ_SETTLEMENTS_A_PAGE == FZ_SETTLEMENT_PAGE_MAX, "the book reads a page at once");

struct days {
    char settled_on[FZ_DAY_SIZE], first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
};

struct out {
    struct fz_settlements_answer answer;
    struct fz_settlement data[FZ_SETTLEMENT_PAGE_MAX];
    struct days days[FZ_SETTLEMENT_PAGE_MAX];
    struct fz_settlement_page page;
};

static bool is_settled(const struct fz_settlements_request *in)
{
    return strcmp(in->settle_state, fz_settle_state_words[0]) == 0;
}

/* The declaration has made sure that it is one. */
static int day_of(const char *date)
{
    int day = FZ_NO_DAY;
    return fz_parse_compact_day(date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct fz_settlements_request *in = params;
    if (!is_settled(in))
        return FZ_OK;
    if (in->settle_start_date == NULL || in->settle_end_date == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query",
                            in->settle_start_date == NULL ? "settle_start_date" : "settle_end_date", NULL,
                            FZ_ISSUE_REQUIRED_WITH_SETTLED);
    if (day_of(in->settle_end_date) <= day_of(in->settle_start_date))
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query", "settle_end_date", in->settle_end_date,
                            FZ_ISSUE_END_BEFORE_START);
    return FZ_OK;
}

/* What is released outbound bore its fee before, so the fee is the sales' alone. */
static struct fz_settlement_amount amount_of(const struct fz_settlement_batch *batch)
{
    const struct fz_settlement_sums *sums = &batch->sums;
    bool settled = batch->batch_id[0] != '\0';
    int64_t moved = fz_settlement_net(sums);
    int64_t pay = sums->pay + sums->split_pay, refund = sums->refund + sums->split_refund;
    return (struct fz_settlement_amount){
        .settled = settled ? moved : 0,
        .unsettle = settled ? 0 : moved,
        .currency = batch->currency,
        .pay = pay,
        .refund = refund,
        .net = pay - refund,
        .fee = sums->fee,
    };
}

static struct fz_settlement_split split_of(const struct fz_settlement_batch *batch)
{
    const struct fz_settlement_sums *sums = &batch->sums;
    bool settled = batch->batch_id[0] != '\0';
    int64_t moved = sums->split_pay - sums->split_refund;
    return (struct fz_settlement_split){
        .settled = settled ? moved : 0,
        .unsettle = settled ? 0 : moved,
        .currency = batch->currency,
        .pay = sums->split_pay,
        .refund = sums->split_refund,
    };
}

/* `shares`: funds distribution is open to the caller. */
static void describe_batch(const struct fz_settlement_batch *batch, bool shares, struct days *days,
                           struct fz_settlement *out)
{
    const struct fz_settlement_sums *sums = &batch->sums;
    if (batch->day != FZ_NO_DAY)
        fz_format_compact_day(days->settled_on, batch->day);
    fz_format_compact_day(days->first, batch->first_day);
    fz_format_compact_day(days->last, batch->last_day);
    *out = (struct fz_settlement){
        .batch_id = batch->batch_id,
        .settlement_date = days->settled_on,
        .trade_start_date = days->first,
        .trade_end_date = days->last,
        .amount = amount_of(batch),
        .wallet_region = fz_wallet_region_words[0],
        .has_split_amount = shares || sums->split_pay != 0 || sums->split_refund != 0,
        .split_amount = split_of(batch),
    };
}

static void describe(const struct fz_settlements_request *in, bool shares, struct out *out)
{
    const struct fz_settlement_page *page = &out->page;
    for (size_t i = 0; i < page->count; i++)
        describe_batch(&page->list[i], shares, &out->days[i], &out->data[i]);
    out->answer = (struct fz_settlements_answer){
        .data = out->data,
        .data_count = page->count,
        .total_count = page->total,
        .offset = in->offset,
        .limit = (int64_t)page->count,
    };
}

static enum fz_result find(struct fz_tx *tx, const struct fz_party *party,
                           const struct fz_settlements_request *in, struct fz_settlement_page *out)
{
    if (is_settled(in))
        return fz_settlement_paid_out(tx, party->caller, party->sub_mchid, day_of(in->settle_start_date),
                                      day_of(in->settle_end_date), in->offset, in->limit, out);
    return fz_settlement_waiting(tx, party->caller, party->sub_mchid, in->offset, in->limit, out);
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_settlements_request *in = params;
    struct out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, call->caller, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = find(tx, &party, in, &found->page);
    if (result == FZ_OK)
        describe(in, party.contract_day != FZ_NO_DAY, found);
    return result;
}

const struct fz_endpoint fz_endpoint_settlements = {
    .spec = &fz_spec_settlements,
    .out_size = sizeof(struct out),
    .check = check,
    .work = work,
};
