/* Settlement details: the batches that were paid out, or what waits for it. */
#include "api/merchant/identity.h"
#include "base/calendar.h"
#include "book/settlement/settlement.h"

struct params {
    const char *sub_mchid, *settle_state, *start, *end;
    int64_t limit, offset;
};

struct out {
    bool shares; /* funds distribution is open to the caller */
    struct fz_settlement_page page;
};

static const char *const states[] = {"SETTLED", "UNSETTLE", NULL};

#define DATE(parameter_name, field, said)                                                                    \
    {                                                                                                        \
        .name = parameter_name, .place = FZ_IN_QUERY, .kind = FZ_STRING,                   \
        .required = FZ_NEVER, .min = 8, .max = 8, .letters = FZ_COMPACT_DATE,                                \
        .offset = offsetof(struct params, field), .meaning = said                                            \
    }

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_QUERY, FZ_NEVER, offsetof(struct params, sub_mchid)),
    {.name = "settle_state",
     .place = FZ_IN_QUERY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 32,
     .words = states,
     .offset = offsetof(struct params, settle_state),
     .meaning = "SETTLED: paid out; UNSETTLE: converted, not paid out"},
    DATE("settle_start_date", start,
         "First Beijing day of payout, YYYYMMDD; required with SETTLED, else of no effect"),
    DATE("settle_end_date", end, "Last day of payout, later than the first; required with SETTLED"),
    {.name = "limit",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
     .required = FZ_BOTH,
     .min = 1,
     .max = FZ_SETTLEMENT_PAGE_MAX,
     .offset = offsetof(struct params, limit),
     .meaning = "How many records to answer at most"},
    {.name = "offset",
     .place = FZ_IN_QUERY,
     .kind = FZ_INTEGER,
     .required = FZ_BOTH,
     .min = 0,
     .max = INT32_MAX,
     .offset = offsetof(struct params, offset),
     .meaning = "How many records to pass over, from the oldest"},
    {0},
};

#define AMOUNT(name, said)                                                                                   \
    {                                                                                                        \
        name, FZ_INTEGER, 0, true, NULL, said                                                                \
    }
static const struct fz_field fields[] = {
    {"data", FZ_ARRAY, FZ_SETTLEMENT_PAGE_MAX, true, NULL, "Batches, oldest first"},
    {"data[].batch_id", FZ_STRING, 32, true, NULL, "Payout batch; empty before there is one"},
    {"data[].settlement_date", FZ_STRING, 8, true, NULL, "Day of the payout; empty before it"},
    {"data[].trade_start_date", FZ_STRING, 8, true, NULL, "First day of its trades, YYYYMMDD"},
    {"data[].trade_end_date", FZ_STRING, 8, true, NULL, "Last day of its trades"},
    {"data[].amount", FZ_OBJECT, 0, true, NULL, "All of it, in the smallest unit of its currency"},
    AMOUNT("data[].amount.settled", "Paid out: net less fee"),
    AMOUNT("data[].amount.unsettle", "Not paid out: net less fee"),
    {"data[].amount.currency", FZ_STRING, 3, true, NULL, "Settlement currency"},
    AMOUNT("data[].amount.pay", "Payments"),
    AMOUNT("data[].amount.refund", "Refunds"),
    AMOUNT("data[].amount.net", "Payments less refunds"),
    AMOUNT("data[].amount.fee", "The fee of both"),
    {"data[].wallet_region", FZ_STRING, 32, true,
     (const char *const[]){"CHINA_MAINLAND", "CHINA_HONGKONG", NULL}, "Whose wallet was paid from"},
    {"data[].split_amount", FZ_OBJECT, 0, false, NULL, "What of it is from distributed orders"},
    AMOUNT("data[].split_amount.settled", "Paid out"),
    AMOUNT("data[].split_amount.unsettle", "Not paid out"),
    {"data[].split_amount.currency", FZ_STRING, 3, true, NULL, "Settlement currency"},
    AMOUNT("data[].split_amount.pay", "Released outbound"),
    AMOUNT("data[].split_amount.refund", "Drawn by advance refunds"),
    AMOUNT("total_count", "How many records there are"),
    AMOUNT("offset", "As asked"),
    AMOUNT("limit", "How many records are here"),
    {0},
};

static bool is_settled(const struct params *params)
{
    return params->settle_state[0] == 'S';
}

/* The declaration has made sure that it is one. */
static int day_of(const char *date)
{
    int day = FZ_NO_DAY;
    return fz_parse_compact_day(date, &day) == FZ_OK ? day : FZ_NO_DAY;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    if (!is_settled(in))
        return FZ_OK;
    if (in->start == NULL || in->end == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query",
                            in->start == NULL ? "settle_start_date" : "settle_end_date", NULL,
                            FZ_ISSUE_REQUIRED_WITH_SETTLED);
    if (day_of(in->end) <= day_of(in->start))
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "query", "settle_end_date", in->end,
                            FZ_ISSUE_END_BEFORE_START);
    return FZ_OK;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, call->caller, in->sub_mchid, &party);
    if (result != FZ_OK)
        return result;
    found->shares = party.contract_day != FZ_NO_DAY;
    if (is_settled(in))
        return fz_settlement_paid_out(tx, party.caller, party.sub_mchid, day_of(in->start), day_of(in->end),
                                      in->offset, in->limit, &found->page);
    return fz_settlement_waiting(tx, party.caller, party.sub_mchid, in->offset, in->limit, &found->page);
}

/* New. `moved` is what is paid out, or waits for it. */
/* The members that both amounts have; the object stays open. */
static void begin_amount(struct fz_json *json, const char *name, const struct fz_settlement_batch *batch, int64_t moved,
                         int64_t pay, int64_t refund)
{
    bool settled = batch->batch_id[0] != '\0';
    fz_json_object(json, name);
    fz_json_integer(json, "settled", settled ? moved : 0);
    fz_json_integer(json, "unsettle", settled ? 0 : moved);
    fz_json_string(json, "currency", batch->currency);
    fz_json_integer(json, "pay", pay);
    fz_json_integer(json, "refund", refund);
}

/* What is released outbound bore its fee before, so the fee is the sales' alone. */
static void add_amounts(struct fz_json *json, const struct fz_settlement_batch *batch, bool shares)
{
    const struct fz_settlement_sums *sums = &batch->sums;
    int64_t pay = sums->pay + sums->split_pay, refund = sums->refund + sums->split_refund;
    begin_amount(json, "amount", batch, fz_settlement_net(sums), pay, refund);
    fz_json_integer(json, "net", pay - refund);
    fz_json_integer(json, "fee", sums->fee);
    fz_json_end_object(json);
    fz_json_string(json, "wallet_region", "CHINA_MAINLAND");
    if (!shares && sums->split_pay == 0 && sums->split_refund == 0)
        return;
    begin_amount(json, "split_amount", batch, sums->split_pay - sums->split_refund, sums->split_pay,
                 sums->split_refund);
    fz_json_end_object(json);
}

static void add_batch(struct fz_json *json, const struct fz_settlement_batch *batch, bool shares)
{
    char settled_on[FZ_DAY_SIZE] = "", first[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    if (batch->day != FZ_NO_DAY)
        fz_format_compact_day(settled_on, batch->day);
    fz_format_compact_day(first, batch->first_day);
    fz_format_compact_day(last, batch->last_day);
    fz_json_object(json, NULL);
    fz_json_string(json, "batch_id", batch->batch_id);
    fz_json_string(json, "settlement_date", settled_on);
    fz_json_string(json, "trade_start_date", first);
    fz_json_string(json, "trade_end_date", last);
    add_amounts(json, batch, shares);
    fz_json_end_object(json);
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct out *found = out;
    const struct fz_settlement_page *page = &found->page;
    (void)call;
    fz_json_object(json, NULL);
    fz_json_array(json, "data");
    for (size_t i = 0; i < page->count; i++)
        add_batch(json, &page->list[i], found->shares);
    fz_json_end_array(json);
    fz_json_integer(json, "total_count", page->total);
    fz_json_integer(json, "offset", ((const struct params *)params)->offset);
    fz_json_integer(json, "limit", (int64_t)page->count);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_settlements = {
    .name = "settlements",
    .method = "GET",
    .paths = {"/v3/global/settle/settlements", "/hk/v3/settle/settlements"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109", "settle_state": "UNSETTLE", "limit": 10, "offset": 0}),
        .answer = FZ_JSON({"data": [{"batch_id": "", "settlement_date": "", "trade_start_date": "20260104",
                          "trade_end_date": "20260104", "amount": {"settled": 0, "unsettle": 455, "currency": "USD",
                          "pay": 613, "refund": 158, "net": 455, "fee": 0}, "wallet_region": "CHINA_MAINLAND",
                          "split_amount": {"settled": 0, "unsettle": 455, "currency": "USD", "pay": 613,
                          "refund": 158}}], "total_count": 1, "offset": 0, "limit": 1}),
    },
    .title = "Query fund settlement details",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_4_10.shtml",
};

const struct fz_endpoint fz_endpoint_settlements = {
    .spec = &fz_spec_settlements,
    .out_size = sizeof(struct out),
    .check = check,
    .work = work,
    .answer = answer,
};
