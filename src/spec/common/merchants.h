/* The rows by which requests name merchants, their apps and their numbers: `of` is the request's struct, whose
 * members have the API's names; `where` is where they stand, `required_in` the modes in which they have to. */
#ifndef FZ_SPEC_COMMON_MERCHANTS_H
#define FZ_SPEC_COMMON_MERCHANTS_H

#include "spec/row/member.h"

#define FZ_MERCHANT_ROW(of, which, where, its_role, mode, required_in, said)                                 \
    FZ_TEXT(of, which, 32, .place = where, .role = its_role, .only = mode, .required = required_in,          \
            .letters = FZ_DIGITS, .meaning = said)

/* Whose trades: mchid (Common mode) or sp_mchid (Institutional mode). */
#define FZ_MCHID_ROWS(of, where)                                                                             \
    FZ_MERCHANT_ROW(of, mchid, where, FZ_MCHID, FZ_COMMON, FZ_COMMON, "Merchant ID"),                        \
        FZ_MERCHANT_ROW(of, sp_mchid, where, FZ_SP_MCHID, FZ_INSTITUTIONAL, FZ_INSTITUTIONAL,                \
                        "Institution's merchant ID")

/* Orders and refunds name mchid (Common mode) or sp_mchid and sub_mchid (Institutional mode), S-RQ. */
#define FZ_TRADE_ROWS(of, where) FZ_MCHID_ROWS(of, where), FZ_SUB_MCHID_ROW(of, where, FZ_INSTITUTIONAL)

/* Funds distribution names the sub-merchant alone; `required_in` is FZ_INSTITUTIONAL or FZ_NEVER. */
#define FZ_SUB_MCHID_ROW(of, where, required_in)                                                             \
    FZ_MERCHANT_ROW(of, sub_mchid, where, FZ_SUB_MCHID, FZ_INSTITUTIONAL, required_in, "Sub-merchant ID")

/* appid, sp_appid and sub_appid of a body. */
#define FZ_APPID_ROW(of, which, mode, required_in, said)                                                     \
    FZ_TEXT(of, which, 32, .only = mode, .required = required_in, .letters = FZ_NUMBER_LETTERS, .meaning = said)
#define FZ_APPID_ROWS(of)                                                                                    \
    FZ_APPID_ROW(of, appid, FZ_COMMON, FZ_COMMON, "Merchant's appid"),                                       \
        FZ_APPID_ROW(of, sp_appid, FZ_INSTITUTIONAL, FZ_INSTITUTIONAL, "Institution's appid"),               \
        FZ_APPID_ROW(of, sub_appid, FZ_INSTITUTIONAL, FZ_NEVER, "Sub-merchant's appid")

#define FZ_TRANSACTION_ID_ROW(of, where, required_in)                                                        \
    FZ_TEXT(of, transaction_id, 32, .place = where, .required = required_in, .meaning = "WeChat Pay transaction ID")

#define FZ_OUT_TRADE_NO_ROW(of, where, required_in, shortest)                                                \
    FZ_TEXT_OF(of, out_trade_no, shortest, 32, .place = where, .required = required_in,                      \
               .letters = FZ_REFUND_LETTERS, .meaning = "Merchant order number")

#define FZ_OUT_ORDER_NO_ROW(of, where)                                                                       \
    FZ_TEXT(of, out_order_no, 64, .place = where, .required = FZ_BOTH, .letters = FZ_NUMBER_LETTERS,         \
            .meaning = "Merchant distribution number")

#define FZ_NOTIFY_URL_ROW(of, required_in)                                                                   \
    FZ_TEXT(of, notify_url, 256, .required = required_in, .not_content = true, .meaning = "Callback address")

#endif
