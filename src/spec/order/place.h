/* The rows that placing orders and paying by code share, in parts: `of` is the request's struct. Their order
 * is part of the content's digest: it stays. */
#ifndef FZ_SPEC_ORDER_PLACE_H
#define FZ_SPEC_ORDER_PLACE_H

#include "spec/common/merchants.h"
#include "spec/order/order.h"

extern const struct fz_member fz_order_place_amount_members[], fz_order_payer_members[];
extern const struct fz_member fz_order_promotion_members[];
/* For an H5 order, payer_client_ip and store_info are required. */
extern const struct fz_member fz_order_scene_info_members[], fz_order_h5_scene_members[];

/* Who and what for, */
#define FZ_ORDER_HEAD_ROWS(of)                                                                               \
    FZ_TRADE_ROWS(of, FZ_IN_BODY), FZ_APPID_ROWS(of),                                                        \
        FZ_TEXT(of, description, 127, .required = FZ_BOTH, .meaning = "What is sold"),                       \
        FZ_TEXT(of, attach, 127, .meaning = "Merchant's own data, given back by queries")
/* the order, */
#define FZ_ORDER_NUMBER_ROWS(of, its_trade_type)                                                             \
    FZ_OUT_TRADE_NO_ROW(of, FZ_IN_BODY, FZ_BOTH, 6),                                                         \
        FZ_TEXT(of, goods_tag, 32, .meaning = "Tag for vouchers"),                                           \
        FZ_TEXT(of, trade_type, 32, .required = FZ_BOTH,                                                     \
                .words = (const char *const[]){its_trade_type, NULL}, .meaning = "Trade type"),              \
        FZ_TEXT(of, limit_pay, 32, .words = (const char *const[]){"no_credit", NULL},                        \
                .meaning = "no_credit: no credit cards")
/* how much, */
#define FZ_ORDER_AMOUNT_ROWS(of)                                                                             \
    FZ_TEXT_OF(of, merchant_category_code, 4, 4, .required = FZ_BOTH, .letters = FZ_DIGITS,                  \
               .meaning = "MCC"),                                                                            \
        FZ_STRUCT(of, amount, fz_order_place_amount, .required = FZ_BOTH, .meaning = "Order amount")
/* and, after the payer, where and which articles. */
#define FZ_ORDER_SCENE_ROWS(of, scene_required, scene_rows)                                                  \
    FZ_STRUCT_BY(of, scene_info, fz_order_scene_info, scene_rows, .given = FZ_GIVEN(of, scene_info),         \
                 .required = scene_required, .meaning = "Where the order is placed"),                        \
        FZ_STRUCT_IF(of, detail, fz_order_promotion, .meaning = "Articles, for vouchers"),                   \
        FZ_LIST(of, promotion_detail, fz_order_promotion, 0, 10,                                             \
                .meaning = "Articles, as some libraries send them")

/* All of struct fz_order_place_request, for an order that is paid later. */
#define FZ_ORDER_PLACE_ROWS(its_trade_type, payer_required, scene_required, scene_rows)                      \
    FZ_ORDER_HEAD_ROWS(fz_order_place_request), FZ_NOTIFY_URL_ROW(fz_order_place_request, FZ_BOTH),          \
        FZ_ORDER_NUMBER_ROWS(fz_order_place_request, its_trade_type),                                        \
        FZ_TEXT(fz_order_place_request, time_start, 64, .meaning = "When the order was made, RFC 3339"),     \
        FZ_TEXT(fz_order_place_request, time_expire, 64, .meaning = "Until when it can be paid, RFC 3339"),  \
        FZ_ORDER_AMOUNT_ROWS(fz_order_place_request),                                                        \
        FZ_STRUCT_IF(fz_order_place_request, payer, fz_order_payer, .required = payer_required,              \
                     .meaning = "Payer"),                                                                    \
        FZ_ORDER_SCENE_ROWS(fz_order_place_request, scene_required, scene_rows)

#endif
