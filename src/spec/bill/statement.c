/* The transaction statement: a day's trades, as the file itself. */
#include "spec/bill/bill.h"
#include "spec/common/merchants.h"

/* The rows are those of trades, but that an institution may leave out its sub-merchant. */
static const struct fz_member fz_statement_request_members[] = {
    FZ_TEXT_OF(fz_statement_request, date, 8, 8, .place = FZ_IN_QUERY, .required = FZ_BOTH,
               .letters = FZ_COMPACT_DATE,
               .meaning = "Beijing day of the trades, YYYYMMDD, at most 180 days back"),
    FZ_MCHID_ROWS(fz_statement_request, FZ_IN_QUERY),
    FZ_MERCHANT_ROW(fz_statement_request, sub_mchid, FZ_IN_QUERY, FZ_SUB_MCHID, FZ_INSTITUTIONAL, FZ_NEVER,
                    "Sub-merchant ID; without it all sub-merchants are in the file"),
    {0},
};

const struct fz_spec fz_spec_statement = {
    .name = "statement",
    .method = "GET",
    .paths = {"/v3/global/statements", "/hk/v3/statements"},
    FZ_REQUEST(fz_statement_request),
    .status = 200,
    .answers_file = FZ_FILE_WITH_SHA1,
    .example = {
        .parameters = FZ_JSON({"date": "20260104", "sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON("Transaction time,Official Account ID,Vendor ID,Sub vendor ID"),
    },
    .title = "Download the transaction statement",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_6.shtml",
};
