/* Settlement details: the batches that were paid out, or what waits for it. */
#include "spec/bill/bill.h"
#include "spec/common/merchants.h"

const char *const fz_settle_state_words[] = {"SETTLED", "UNSETTLE", NULL};
const char *const fz_wallet_region_words[] = {"CHINA_MAINLAND", "CHINA_HONGKONG", NULL};

#define DATE_ROW(which, said)                                                                                \
    FZ_TEXT_OF(fz_settlements_request, which, 8, 8, .place = FZ_IN_QUERY, .letters = FZ_COMPACT_DATE,        \
               .meaning = said)

static const struct fz_member fz_settlements_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_settlements_request, FZ_IN_QUERY, FZ_NEVER),
    FZ_TEXT(fz_settlements_request, settle_state, 32, .place = FZ_IN_QUERY, .required = FZ_BOTH,
            .words = fz_settle_state_words,
            .meaning = "SETTLED: paid out; UNSETTLE: converted, not paid out"),
    DATE_ROW(settle_start_date,
             "First Beijing day of payout, YYYYMMDD; required with SETTLED, else of no effect"),
    DATE_ROW(settle_end_date, "Last day of payout, later than the first; required with SETTLED"),
    FZ_INT(fz_settlements_request, limit, 1, FZ_SETTLEMENTS_A_PAGE, .place = FZ_IN_QUERY, .required = FZ_BOTH,
           .meaning = "How many records to answer at most"),
    FZ_INT(fz_settlements_request, offset, 0, INT32_MAX, .place = FZ_IN_QUERY, .required = FZ_BOTH,
           .meaning = "How many records to pass over, from the oldest"),
    {0},
};

#define AMOUNT(of, which, said) FZ_NUMBER(of, which, .required = FZ_BOTH, .meaning = said)

static const struct fz_member fz_settlement_amount_members[] = {
    AMOUNT(fz_settlement_amount, settled, "Paid out: net less fee"),
    AMOUNT(fz_settlement_amount, unsettle, "Not paid out: net less fee"),
    FZ_TEXT(fz_settlement_amount, currency, 3, .required = FZ_BOTH, .meaning = "Settlement currency"),
    AMOUNT(fz_settlement_amount, pay, "Payments"),
    AMOUNT(fz_settlement_amount, refund, "Refunds"),
    AMOUNT(fz_settlement_amount, net, "Payments less refunds"),
    AMOUNT(fz_settlement_amount, fee, "The fee of both"),
    {0},
};

static const struct fz_member fz_settlement_split_members[] = {
    AMOUNT(fz_settlement_split, settled, "Paid out"),
    AMOUNT(fz_settlement_split, unsettle, "Not paid out"),
    FZ_TEXT(fz_settlement_split, currency, 3, .required = FZ_BOTH, .meaning = "Settlement currency"),
    AMOUNT(fz_settlement_split, pay, "Released outbound"),
    AMOUNT(fz_settlement_split, refund, "Drawn by advance refunds"),
    {0},
};

#define TEXT(which, longest, said)                                                                           \
    FZ_TEXT(fz_settlement, which, longest, .required = FZ_BOTH, .meaning = said)

static const struct fz_member fz_settlement_members[] = {
    TEXT(batch_id, 32, "Payout batch; empty before there is one"),
    TEXT(settlement_date, 8, "Day of the payout; empty before it"),
    TEXT(trade_start_date, 8, "First day of its trades, YYYYMMDD"),
    TEXT(trade_end_date, 8, "Last day of its trades"),
    FZ_STRUCT(fz_settlement, amount, fz_settlement_amount, .required = FZ_BOTH,
              .meaning = "All of it, in the smallest unit of its currency"),
    FZ_TEXT(fz_settlement, wallet_region, 32, .required = FZ_BOTH, .words = fz_wallet_region_words,
            .meaning = "Whose wallet was paid from"),
    FZ_STRUCT_IF(fz_settlement, split_amount, fz_settlement_split,
                 .meaning = "What of it is from distributed orders"),
    {0},
};

static const struct fz_member fz_settlements_answer_members[] = {
    FZ_LIST(fz_settlements_answer, data, fz_settlement, 0, FZ_SETTLEMENTS_A_PAGE, .required = FZ_BOTH,
            .meaning = "Batches, oldest first"),
    AMOUNT(fz_settlements_answer, total_count, "How many records there are"),
    AMOUNT(fz_settlements_answer, offset, "As asked"),
    AMOUNT(fz_settlements_answer, limit, "How many records are here"),
    {0},
};

const struct fz_spec fz_spec_settlements = {
    .name = "settlements",
    .method = "GET",
    .paths = {"/v3/global/settle/settlements", "/hk/v3/settle/settlements"},
    FZ_REQUEST(fz_settlements_request),
    FZ_ANSWER(fz_settlements_answer),
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
