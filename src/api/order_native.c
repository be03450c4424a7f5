/* Place a native order: the answer is the link of a QR code. */
#include <string.h>

#include "api/identity.h"
#include "api/notify_url.h"
#include "base/calendar.h"

struct goods {
    const char *goods_id, *wxpay_goods_id, *goods_name;
    int64_t quantity, price;
};
struct promotion {
    int64_t cost_price;
    const char *receipt_id;
    struct fz_items goods_detail;
};
struct store_info {
    const char *id, *name, *address;
};
struct scene_info {
    const char *device_id, *device_ip, *payer_client_ip, *operator_id;
    struct store_info store_info;
};
struct payer {
    const char *openid, *sp_openid, *sub_openid;
};
struct amount {
    int64_t total;
    const char *currency;
};

struct params {
    struct fz_identity identity;
    const char *appid, *sp_appid, *sub_appid;
    const char *description, *attach, *notify_url, *out_trade_no, *goods_tag, *trade_type, *limit_pay;
    const char *time_start, *time_expire, *merchant_category_code;
    struct amount amount;
    struct payer payer;
    struct scene_info scene_info;
    struct promotion detail;
    struct fz_items promotion_detail;
};

struct out {
    struct fz_payment payment;
    char code[10];
};

#define TEXT(structure, parameter_name, required_in, shortest, longest, which_letters, said)                 \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING, .modes = FZ_BOTH,                   \
        .required = required_in, .min = shortest, .max = longest, .letters = which_letters,                  \
        .offset = offsetof(structure, parameter_name), .meaning = said                                       \
    }
#define WORD(parameter_name, required_in, word, said)                                                        \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING, .modes = FZ_BOTH,                   \
        .required = required_in, .min = 1, .max = 32, .values = (const char *const[]){word, NULL},           \
        .offset = offsetof(struct params, parameter_name), .meaning = said                                   \
    }
#define NUMBER(structure, parameter_name, required_in, smallest, largest, said)                              \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_INTEGER, .modes = FZ_BOTH,                  \
        .required = required_in, .min = smallest, .max = largest,                                            \
        .offset = offsetof(structure, parameter_name), .meaning = said                                       \
    }
#define OBJECT(structure, parameter_name, required_in, its_members, said)                                    \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_OBJECT, .modes = FZ_BOTH,                   \
        .required = required_in, .members = its_members, .offset = offsetof(structure, parameter_name),      \
        .meaning = said                                                                                      \
    }
#define ARRAY(structure, parameter_name, most, its_members, item, said)                                      \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_ARRAY, .modes = FZ_BOTH, .max = most,       \
        .members = its_members, .item_size = sizeof(item), .offset = offsetof(structure, parameter_name),    \
        .meaning = said                                                                                      \
    }

static const struct fz_parameter goods_members[] = {
    TEXT(struct goods, goods_id, FZ_BOTH, 1, 32, FZ_ANY_TEXT, "Merchant's article number"),
    TEXT(struct goods, wxpay_goods_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "WeChat Pay's article number"),
    TEXT(struct goods, goods_name, FZ_NEVER, 1, 256, FZ_ANY_TEXT, "Article"),
    NUMBER(struct goods, quantity, FZ_BOTH, 1, 1000000, "How many"),
    NUMBER(struct goods, price, FZ_BOTH, 0, FZ_AMOUNT_MAX, "Price of one"),
    {0},
};
static const struct fz_parameter promotion_members[] = {
    NUMBER(struct promotion, cost_price, FZ_NEVER, 1, FZ_AMOUNT_MAX, "Price before discounts"),
    TEXT(struct promotion, receipt_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Receipt number"),
    ARRAY(struct promotion, goods_detail, 100, goods_members, struct goods, "Articles"),
    {0},
};
static const struct fz_parameter store_members[] = {
    TEXT(struct store_info, id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Store number"),
    TEXT(struct store_info, name, FZ_BOTH, 1, 256, FZ_ANY_TEXT, "Store"),
    TEXT(struct store_info, address, FZ_BOTH, 1, 512, FZ_ANY_TEXT, "Where the store is"),
    {0},
};
static const struct fz_parameter scene_members[] = {
    TEXT(struct scene_info, device_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Merchant's device"),
    TEXT(struct scene_info, device_ip, FZ_NEVER, 1, 45, FZ_ANY_TEXT, "IP address of the merchant's device"),
    TEXT(struct scene_info, payer_client_ip, FZ_NEVER, 1, 45, FZ_ANY_TEXT,
         "IP address of the payer's device"),
    TEXT(struct scene_info, operator_id, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Operator"),
    OBJECT(struct scene_info, store_info, FZ_NEVER, store_members, "Store"),
    {0},
};
static const struct fz_parameter payer_members[] = {
    TEXT(struct payer, openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for appid"),
    TEXT(struct payer, sp_openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for sp_appid"),
    TEXT(struct payer, sub_openid, FZ_NEVER, 1, 128, FZ_ANY_TEXT, "Payer, for sub_appid"),
    {0},
};
static const struct fz_parameter amount_members[] = {
    NUMBER(struct amount, total, FZ_BOTH, 1, FZ_AMOUNT_MAX,
           "Order amount, in the smallest unit of its currency"),
    TEXT(struct amount, currency, FZ_NEVER, 3, 3, FZ_NUMBER_LETTERS,
         "Price currency (CNY where it is left out)"),
    {0},
};

static const struct fz_parameter parameters[] = {
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct params, identity)),
    FZ_APPID_PARAMETER("appid", FZ_COMMON, FZ_COMMON, offsetof(struct params, appid), "Merchant's appid"),
    FZ_APPID_PARAMETER("sp_appid", FZ_INSTITUTIONAL, FZ_INSTITUTIONAL, offsetof(struct params, sp_appid),
                       "Institution's appid"),
    FZ_APPID_PARAMETER("sub_appid", FZ_INSTITUTIONAL, FZ_NEVER, offsetof(struct params, sub_appid),
                       "Sub-merchant's appid"),
    TEXT(struct params, description, FZ_BOTH, 1, 127, FZ_ANY_TEXT, "What is sold"),
    TEXT(struct params, attach, FZ_NEVER, 1, 127, FZ_ANY_TEXT, "Merchant's own data, given back by queries"),
    {.name = "notify_url",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .modes = FZ_BOTH,
     .required = FZ_BOTH,
     .min = 1,
     .max = 256,
     .not_content = true,
     .offset = offsetof(struct params, notify_url),
     .meaning = "Callback address"},
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_BODY, FZ_BOTH, 6, offsetof(struct params, out_trade_no)),
    TEXT(struct params, goods_tag, FZ_NEVER, 1, 32, FZ_ANY_TEXT, "Tag for vouchers"),
    WORD(trade_type, FZ_BOTH, "NATIVE", "Trade type"),
    WORD(limit_pay, FZ_NEVER, "no_credit", "no_credit: no credit cards"),
    TEXT(struct params, time_start, FZ_NEVER, 1, 64, FZ_ANY_TEXT, "When the order was made, RFC 3339"),
    TEXT(struct params, time_expire, FZ_NEVER, 1, 64, FZ_ANY_TEXT, "Until when it can be paid, RFC 3339"),
    TEXT(struct params, merchant_category_code, FZ_BOTH, 4, 4, FZ_DIGITS, "MCC"),
    OBJECT(struct params, amount, FZ_BOTH, amount_members, "Order amount"),
    OBJECT(struct params, payer, FZ_NEVER, payer_members, "Payer"),
    OBJECT(struct params, scene_info, FZ_NEVER, scene_members, "Where the order is placed"),
    OBJECT(struct params, detail, FZ_NEVER, promotion_members, "Articles, for vouchers"),
    ARRAY(struct params, promotion_detail, 10, promotion_members, struct promotion,
          "Articles, as some libraries send them"),
    {0},
};

static const struct fz_field fields[] = {
    {"code_url", FZ_STRING, 512, true, NULL, "What the QR code says; the same for a repeat"},
    {0},
};

static enum fz_result check_time(const struct fz_call *call, const char *field, const char *text,
                                 int64_t *out)
{
    if (text == NULL || fz_parse_time(text, out) == FZ_OK)
        return FZ_OK;
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, text, "is not a time as RFC 3339 has it");
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    int64_t start_ms = 0, expires_ms = INT64_MAX;
    enum fz_result result = fz_notify_url_check(call, in->notify_url);
    if (result == FZ_OK)
        result = check_time(call, "/time_start", in->time_start, &start_ms);
    if (result == FZ_OK)
        result = check_time(call, "/time_expire", in->time_expire, &expires_ms);
    if (result == FZ_OK && expires_ms <= (start_ms > call->now_ms ? start_ms : call->now_ms))
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/time_expire", in->time_expire,
                            "is over already");
    return result;
}

static struct fz_order_request request_of(const struct fz_call *call, const struct params *in)
{
    struct fz_order_request request = {
        .out_trade_no = in->out_trade_no,
        .trade_type = in->trade_type,
        .description = in->description,
        .attach = in->attach,
        .notify_url = in->notify_url,
        .appid = in->appid != NULL ? in->appid : in->sp_appid,
        .sub_appid = in->sub_appid,
        .amount = in->amount.total,
        .currency = in->amount.currency,
    };
    if (in->time_expire != NULL && fz_parse_time(in->time_expire, &request.expires_ms) != FZ_OK)
        request.expires_ms = 0; /* cannot be: it was checked */
    memcpy(request.digest, call->digest, sizeof request.digest);
    return request;
}

/* A repeat gets the same link, so it is drawn for the order's row and not kept. */
static void draw_code(const struct fz_tx *tx, int64_t payment, char out[10])
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t codes = 1;
    for (int i = 0; i < 9; i++)
        codes *= sizeof letters - 1;
    uint64_t code = fz_draw(tx->world, "code_url", payment, codes);
    for (int i = 0; i < 9; i++, code /= sizeof letters - 1)
        out[i] = letters[code % (sizeof letters - 1)];
    out[9] = '\0';
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct out *placed = out;
    struct fz_order_request request = request_of(call, in);
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_payment_place(tx, &party, &request, &placed->payment);
    if (result == FZ_OK)
        draw_code(tx, placed->payment.id, placed->code);
    return result;
}

static json_t *answer(const struct fz_call *call, const void *params, const void *out)
{
    (void)call;
    (void)params;
    return json_pack("{s:o}", "code_url",
                     json_sprintf("weixin://wxpay/bizpayurl?pr=%s", ((const struct out *)out)->code));
}

const struct fz_endpoint fz_endpoint_order_native = {
    .name = "order-native",
    .method = "POST",
    .paths = {"/v3/global/transactions/native", "/hk/v3/transactions/native"},
    .parameters = parameters,
    .fields = fields,
    .params_size = sizeof(struct params),
    .out_size = sizeof(struct out),
    .status = 200,
    .writes = true,
    .title = "Place a native order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_2_1.shtml",
    .check = check,
    .work = work,
    .answer = answer,
};
