/* What is in the parts of an order that is placed: amount, payer, place and articles. */
#include "spec/order/place.h"

#include "base/amount.h"

const struct fz_member fz_order_place_amount_members[] = {
    FZ_INT(fz_order_place_amount, total, 1, FZ_AMOUNT_MAX, .required = FZ_BOTH,
           .meaning = "Order amount, in the smallest unit of its currency"),
    FZ_TEXT_OF(fz_order_place_amount, currency, 3, 3, .letters = FZ_NUMBER_LETTERS,
               .meaning = "Price currency (CNY where it is left out)"),
    {0},
};

const struct fz_member fz_order_payer_members[] = {
    FZ_TEXT(fz_order_payer, openid, 128, .meaning = "Payer, for appid"),
    FZ_TEXT(fz_order_payer, sp_openid, 128, .meaning = "Payer, for sp_appid"),
    FZ_TEXT(fz_order_payer, sub_openid, 128, .meaning = "Payer, for sub_appid"),
    {0},
};

static const struct fz_member fz_order_store_info_members[] = {
    FZ_TEXT(fz_order_store_info, id, 32, .meaning = "Store number"),
    FZ_TEXT(fz_order_store_info, name, 256, .required = FZ_BOTH, .meaning = "Store"),
    FZ_TEXT(fz_order_store_info, address, 512, .required = FZ_BOTH, .meaning = "Where the store is"),
    {0},
};

#define SCENE_ROWS(required_in)                                                                              \
    FZ_TEXT(fz_order_scene_info, device_id, 32, .meaning = "Merchant's device"),                             \
        FZ_TEXT(fz_order_scene_info, device_ip, 45, .meaning = "IP address of the merchant's device"),       \
        FZ_TEXT(fz_order_scene_info, payer_client_ip, 45, .required = required_in,                           \
                .meaning = "IP address of the payer's device"),                                              \
        FZ_TEXT(fz_order_scene_info, operator_id, 32, .meaning = "Operator"),                                \
        FZ_STRUCT_IF(fz_order_scene_info, store_info, fz_order_store_info, .required = required_in,          \
                     .meaning = "Store")

const struct fz_member fz_order_scene_info_members[] = {SCENE_ROWS(FZ_NEVER), {0}};
const struct fz_member fz_order_h5_scene_members[] = {SCENE_ROWS(FZ_BOTH), {0}};

static const struct fz_member fz_order_goods_members[] = {
    FZ_TEXT(fz_order_goods, goods_id, 32, .required = FZ_BOTH, .meaning = "Merchant's article number"),
    FZ_TEXT(fz_order_goods, wxpay_goods_id, 32, .meaning = "WeChat Pay's article number"),
    FZ_TEXT(fz_order_goods, goods_name, 256, .meaning = "Article"),
    FZ_INT(fz_order_goods, quantity, 1, 1000000, .required = FZ_BOTH, .meaning = "How many"),
    FZ_INT(fz_order_goods, price, 0, FZ_AMOUNT_MAX, .required = FZ_BOTH, .meaning = "Price of one"),
    {0},
};

const struct fz_member fz_order_promotion_members[] = {
    FZ_INT_IF(fz_order_promotion, cost_price, 1, FZ_AMOUNT_MAX, .meaning = "Price before discounts"),
    FZ_TEXT(fz_order_promotion, receipt_id, 32, .meaning = "Receipt number"),
    FZ_LIST(fz_order_promotion, goods_detail, fz_order_goods, 0, 100, .meaning = "Articles"),
    {0},
};
