/* Placing an order, which native, JSAPI, app and H5 orders have in common, and paying by code in part: the
 * parameters, their check, the order's way into the book, and the numbers that are drawn for it. */
#ifndef FZ_API_ORDER_PLACE_H
#define FZ_API_ORDER_PLACE_H

#include "api/merchant/identity.h"

struct fz_order_goods {
    const char *goods_id, *wxpay_goods_id, *goods_name;
    int64_t quantity, price;
};
struct fz_order_promotion {
    int64_t cost_price;
    const char *receipt_id;
    struct fz_items goods_detail;
};
struct fz_order_store_info {
    const char *id, *name, *address;
};
struct fz_order_scene_info {
    const char *device_id, *device_ip, *payer_client_ip, *operator_id;
    struct fz_order_store_info store_info;
};
struct fz_order_payer {
    const char *openid, *sp_openid, *sub_openid;
    const char *auth_code; /* of a payment code alone, and then none of the others */
};
struct fz_order_amount {
    int64_t total;
    const char *currency;
};

struct fz_order_params {
    struct fz_identity identity;
    const char *appid, *sp_appid, *sub_appid;
    const char *description, *attach, *notify_url, *out_trade_no, *goods_tag, *trade_type, *limit_pay;
    const char *time_start, *time_expire, *merchant_category_code;
    struct fz_order_amount amount;
    struct fz_order_payer payer;
    struct fz_order_scene_info scene_info;
    struct fz_order_promotion detail;
    struct fz_items promotion_detail;
};

#define FZ_ORDER_TEXT(structure, parameter_name, required_in, shortest, longest, which_letters, said)        \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING,                   \
        .required = required_in, .min = shortest, .max = longest, .letters = which_letters,                  \
        .offset = offsetof(structure, parameter_name), .meaning = said                                       \
    }
#define FZ_ORDER_WORD(parameter_name, required_in, word, said)                                               \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING,                   \
        .required = required_in, .min = 1, .max = 32, .words = (const char *const[]){word, NULL},           \
        .offset = offsetof(struct fz_order_params, parameter_name), .meaning = said                          \
    }
#define FZ_ORDER_OBJECT(structure, parameter_name, required_in, its_members, said)                           \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_OBJECT,                   \
        .required = required_in, .members = its_members, .offset = offsetof(structure, parameter_name),      \
        .meaning = said                                                                                      \
    }
#define FZ_ORDER_ARRAY(structure, parameter_name, most, its_members, item, said)                             \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_ARRAY, .max = most,       \
        .members = its_members, .size = sizeof(item), .offset = offsetof(structure, parameter_name),    \
        .count = offsetof(structure, parameter_name.count), .meaning = said                                                                                      \
    }

extern const struct fz_member fz_order_promotion_members[], fz_order_payer_members[],
    fz_order_amount_members[];
/* For an H5 order, payer_client_ip and store_info are required. */
extern const struct fz_member fz_order_scene_members[], fz_order_h5_scene_members[];

/* The rows of struct fz_order_params, in parts: who and what for, */
#define FZ_ORDER_HEAD                                                                                        \
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct fz_order_params, identity)),                          \
        FZ_APPID_PARAMETER("appid", FZ_COMMON, FZ_COMMON, offsetof(struct fz_order_params, appid),           \
                           "Merchant's appid"),                                                              \
        FZ_APPID_PARAMETER("sp_appid", FZ_INSTITUTIONAL, FZ_INSTITUTIONAL,                                   \
                           offsetof(struct fz_order_params, sp_appid), "Institution's appid"),               \
        FZ_APPID_PARAMETER("sub_appid", FZ_INSTITUTIONAL, FZ_NEVER,                                          \
                           offsetof(struct fz_order_params, sub_appid), "Sub-merchant's appid"),             \
        FZ_ORDER_TEXT(struct fz_order_params, description, FZ_BOTH, 1, 127, FZ_ANY_TEXT, "What is sold"),    \
        FZ_ORDER_TEXT(struct fz_order_params, attach, FZ_NEVER, 1, 127, FZ_ANY_TEXT,                         \
                      "Merchant's own data, given back by queries")
/* the order, */
#define FZ_ORDER_NUMBER(the_trade_type)                                                                      \
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_BODY, FZ_BOTH, 6, offsetof(struct fz_order_params, out_trade_no)),       \
        FZ_ORDER_TEXT(struct fz_order_params, goods_tag, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Tag for vouchers"),  \
        FZ_ORDER_WORD(trade_type, FZ_BOTH, the_trade_type, "Trade type"),                                    \
        FZ_ORDER_WORD(limit_pay, FZ_NEVER, "no_credit", "no_credit: no credit cards")
/* how much, from whom and where. */
#define FZ_ORDER_REST(payer_required, payer_members, scene_required, scene_members)                          \
    FZ_ORDER_TEXT(struct fz_order_params, merchant_category_code, FZ_BOTH, 4, 4, FZ_DIGITS, "MCC"),          \
        FZ_ORDER_OBJECT(struct fz_order_params, amount, FZ_BOTH, fz_order_amount_members, "Order amount"),   \
        FZ_ORDER_OBJECT(struct fz_order_params, payer, payer_required, payer_members, "Payer"),              \
        FZ_ORDER_OBJECT(struct fz_order_params, scene_info, scene_required, scene_members,                   \
                        "Where the order is placed"),                                                        \
        FZ_ORDER_OBJECT(struct fz_order_params, detail, FZ_NEVER, fz_order_promotion_members,                \
                        "Articles, for vouchers"),                                                           \
        FZ_ORDER_ARRAY(struct fz_order_params, promotion_detail, 10, fz_order_promotion_members,             \
                       struct fz_order_promotion, "Articles, as some libraries send them")

/* All of them, for an order that is paid later. Their order is part of the content's digest: it stays. */
#define FZ_ORDER_PARAMETERS(the_trade_type, payer_required, scene_required, scene_members)                   \
    FZ_ORDER_HEAD,                                                                                           \
        {.name = "notify_url",                                                                               \
         .place = FZ_IN_BODY,                                                                                \
         .kind = FZ_STRING,                                                                                  \
                                                                                           \
         .required = FZ_BOTH,                                                                                \
         .min = 1,                                                                                           \
         .max = 256,                                                                                         \
         .not_content = true,                                                                                \
         .offset = offsetof(struct fz_order_params, notify_url),                                             \
         .meaning = "Callback address"},                                                                     \
        FZ_ORDER_NUMBER(the_trade_type),                                                                     \
        FZ_ORDER_TEXT(struct fz_order_params, time_start, FZ_NEVER, 1, 64, FZ_ANY_TEXT,                      \
                      "When the order was made, RFC 3339"),                                                  \
        FZ_ORDER_TEXT(struct fz_order_params, time_expire, FZ_NEVER, 1, 64, FZ_ANY_TEXT,                     \
                      "Until when it can be paid, RFC 3339"),                                                \
        FZ_ORDER_REST(payer_required, fz_order_payer_members, scene_required, scene_members)

/* What a row cannot say; `params` is a struct fz_order_params. An endpoint's own check may go on from it. */
FZ_MUST_CHECK enum fz_result fz_order_check(struct fz_call *call, void *params);
/* What the book is asked for. Texts borrowed from `in`. */
struct fz_order_request fz_order_request_of(const struct fz_call *call, const struct fz_order_params *in);
/* Places the order, or finds the same one placed before. */
FZ_MUST_CHECK enum fz_result fz_order_place(struct fz_tx *tx, const struct fz_call *call,
                                            const struct fz_order_params *params, struct fz_payment *out);

#define FZ_PREPAY_ID_SIZE 37
/* The order's prepay_id: drawn for its row and not kept, so a repeat gets the same. */
void fz_order_prepay_id(const struct fz_tx *tx, const struct fz_payment *payment,
                        char out[FZ_PREPAY_ID_SIZE]);

#endif
