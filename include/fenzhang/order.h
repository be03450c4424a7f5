/* Orders: placing them, paying by code, asking for them and ending them; and marking one for distribution. */
#ifndef FENZHANG_ORDER_H
#define FENZHANG_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/time.h"
#include "fenzhang/money.h"

/* Amounts are in the smallest unit of their currency. Texts are borrowed: a request's from who sends it, an
 * answer's live as long as the answer. */

/* ---- place an order: native, JSAPI, app, H5 ---- */

struct fz_order_goods {
    const char *goods_id;       /* the merchant's article number */
    const char *wxpay_goods_id; /* WeChat Pay's; may be NULL */
    const char *goods_name;     /* may be NULL */
    int64_t quantity;           /* 1 to 1000000 */
    int64_t price;              /* of one */
};

/* Articles, for vouchers. */
struct fz_order_promotion {
    bool has_cost_price;
    int64_t cost_price;     /* before discounts */
    const char *receipt_id; /* may be NULL */
    struct fz_order_goods *goods_detail; /* up to 100; may be NULL */
    size_t goods_detail_count;
};

struct fz_order_store_info {
    const char *id; /* may be NULL */
    const char *name;
    const char *address;
};

/* Where the order is placed. Any text may be NULL, but an H5 order has payer_client_ip and store_info. */
struct fz_order_scene_info {
    const char *device_id, *device_ip; /* of the merchant's device */
    const char *payer_client_ip;       /* of the payer's device */
    const char *operator_id;           /* who serves */
    bool has_store_info;
    struct fz_order_store_info store_info;
};

/* Who pays: known by the appid beside which the openid was given. */
struct fz_order_payer {
    const char *openid;                  /* for appid; Common mode */
    const char *sp_openid, *sub_openid; /* for sp_appid, for sub_appid; Institutional mode, one of them */
};

struct fz_order_place_amount {
    int64_t total;
    const char *currency; /* price currency; NULL: CNY */
};

/* The same for all four. */
struct fz_order_place_request {
    size_t size; /* FZ_INIT */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *appid;                /* Common mode */
    const char *sp_appid, *sub_appid; /* Institutional mode; sub_appid may be NULL */
    const char *description;          /* what is sold */
    const char *attach;               /* the merchant's own data, given back by queries; may be NULL */
    const char *notify_url;           /* callback address */
    const char *out_trade_no; /* the merchant's number; the same again with the same content is one order */
    const char *goods_tag;    /* for vouchers; may be NULL */
    const char *trade_type;   /* NATIVE, JSAPI, APP, MWEB: as the call */
    const char *limit_pay;    /* no_credit: no credit cards; NULL: any */
    const char *time_start;   /* when it was made, RFC 3339; may be NULL */
    const char *time_expire;  /* until when it can be paid, RFC 3339; NULL: two hours from now */
    const char *merchant_category_code; /* MCC: four digits */
    struct fz_order_place_amount amount;
    bool has_payer; /* of JSAPI: has to be there */
    struct fz_order_payer payer;
    bool has_scene_info; /* of H5: has to be there */
    struct fz_order_scene_info scene_info;
    bool has_detail;
    struct fz_order_promotion detail;
    struct fz_order_promotion *promotion_detail; /* as some libraries send it, up to 10; may be NULL */
    size_t promotion_detail_count;
};

struct fz_order_native_answer {
    const char *code_url; /* what the QR code says; the same for a repeat */
};
/* Of JSAPI and app. */
struct fz_order_prepaid_answer {
    const char *prepay_id; /* with what the payer's client opens the payment; the same for a repeat */
};
struct fz_order_mweb_answer {
    const char *mweb_url; /* where the payer's browser is sent; lives 5 minutes */
};

/* ---- pay by code ---- */

struct fz_order_micropay_payer {
    const char *auth_code; /* 18 digits beginning with 10 to 15 */
};

/* There is no callback, and no time to pay it in. It is answered by the order as it stands. */
struct fz_order_micropay_request {
    size_t size; /* FZ_INIT */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *appid;                /* Common mode */
    const char *sp_appid, *sub_appid; /* Institutional mode; sub_appid may be NULL */
    const char *description;          /* what is sold */
    const char *attach;               /* the merchant's own data, given back by queries; may be NULL */
    const char *out_trade_no; /* the merchant's number; the same again with the same content is one order */
    const char *goods_tag;    /* for vouchers; may be NULL */
    const char *trade_type;   /* MICROPAY */
    const char *limit_pay;    /* no_credit: no credit cards; NULL: any */
    const char *merchant_category_code; /* MCC: four digits */
    struct fz_order_place_amount amount;
    struct fz_order_micropay_payer payer;
    bool has_scene_info;
    struct fz_order_scene_info scene_info;
    bool has_detail;
    struct fz_order_promotion detail;
    struct fz_order_promotion *promotion_detail; /* as some libraries send it, up to 10; may be NULL */
    size_t promotion_detail_count;
};

/* ---- an order, as it is answered ---- */

/* What only a payment brings is absent before it. */
struct fz_order_amount {
    int64_t total;        /* in the price currency */
    const char *currency; /* price currency */
    bool has_payer_total;
    int64_t payer_total;        /* what the payer paid, without vouchers */
    const char *payer_currency; /* payment currency; once paid */
    bool has_exchange_rate;
    struct fz_exchange_rate exchange_rate; /* once paid */
};

/* The voucher used. */
struct fz_order_coupon {
    const char *promotion_id;
    const char *scope;    /* GLOBAL or SINGLE */
    const char *type;     /* COUPON: it is settled; DISCOUNT: it is not */
    int64_t amount;       /* its worth */
    const char *currency; /* the payer's of a COUPON, the price's of a DISCOUNT */
};

/* An order as it stands. */
struct fz_order_answer {
    const char *mchid, *appid;        /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
    const char *sp_appid, *sub_appid; /* Institutional mode; sub_appid may be NULL */
    const char *out_trade_no;
    const char *id;         /* WeChat Pay's transaction ID; once paid */
    const char *attach;     /* as it was given; may be NULL */
    const char *trade_type; /* NATIVE, JSAPI, APP, MWEB, MICROPAY */
    const char *bank_type;  /* the payer's bank; once paid */
    struct fz_timestamp success_time; /* when it was paid */
    const char *trade_state; /* SUCCESS, REFUND, NOTPAY, CLOSED; by code also USERPAYING, REVOKED, PAYERROR */
    const char *trade_state_desc; /* the same in words */
    struct fz_order_amount amount;
    struct fz_order_coupon *promotion_detail; /* NULL without a voucher */
    size_t promotion_detail_count;
    const char *transaction_id; /* of a callback alone: the same as `id` */
};

/* ---- query, close or reverse an order by one of its numbers ---- */

struct fz_order_by_id_request {
    size_t size; /* FZ_INIT */
    const char *transaction_id;       /* an order has one from its payment on */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
};

struct fz_order_by_number_request {
    size_t size; /* FZ_INIT */
    const char *out_trade_no;         /* the merchant's number */
    const char *mchid;                /* Common mode */
    const char *sp_mchid, *sub_mchid; /* Institutional mode */
};

/* ---- mark an order for funds distribution, before it is placed ---- */

struct fz_mark_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid;    /* Institutional mode */
    const char *out_trade_no; /* of the order to come */
    const char *currency;     /* of the order: CNY */
};

#endif
