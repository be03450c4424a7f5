/* Each endpoint's answers, on a book: the worked example of docs/book.md told through the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "unit/api/service.h"

#define SHARING "/v3/global/profit-sharing"
#define OURS    "sp_mchid=" INSTITUTION "&sub_mchid=" CHILD

static void assert_amounts(const char *transaction_id, int64_t unsplit, int64_t refundable,
                           int64_t by_advance)
{
    assert_answer(get(INSTITUTION, text(SHARING "/transactions/%s/amounts?sub_mchid=" CHILD, transaction_id)),
                  text("{\"transaction_id\":\"%s\",\"unsplit_amount\":%lld,\"currency\":\"CNY\"}",
                       transaction_id, (long long)unsplit));
    assert_answer(get(INSTITUTION,
                      text(SHARING "/transactions/%s/refundable-amounts?sub_mchid=" CHILD, transaction_id)),
                  text("{\"transaction_id\":\"%s\",\"refundable_amount\":%lld,\"funds_refundable_amount\":%"
                       "lld,\"currency\":\"CNY\"}",
                       transaction_id, (long long)refundable, (long long)by_advance));
}

static void assert_balance(int64_t balance)
{
    assert_answer(get(INSTITUTION, SHARING "/refunds/refundable-balance"),
                  text("{\"sponsor_mchid\":\"" INSTITUTION "\",\"balance\":%lld,\"currency\":\"CNY\"}",
                       (long long)balance));
}

static void add_receiver(const char *account)
{
    const char *body = text("{\"sub_mchid\":\"" CHILD
                            "\",\"type\":\"MERCHANT_ID\",\"account\":\"%s\",\"relation_type\":\"SUPPLIER\"}",
                            account);
    assert_answered(request(INSTITUTION, "POST", SHARING "/receivers", body));
    pass(FZ_MINUTE_MS);
}

static const char *distribution_body(const char *transaction_id, const char *number, const char *account,
                                     int64_t amount)
{
    return text(
        "{\"sub_mchid\":\"" CHILD
        "\",\"transaction_id\":\"%s\",\"out_order_no\":\"%s\",\"unfreeze_unsplit\":false,\"receivers\":["
        "{\"currency\":\"CNY\",\"type\":\"MERCHANT_ID\",\"account\":\"%s\",\"amount\":%lld,\"description\":"
        "\"its share\"}]}",
        transaction_id, number, account, (long long)amount);
}

static void distribute(const char *transaction_id, const char *number, const char *account, int64_t amount)
{
    assert_answered(request(INSTITUTION, "POST", SHARING "/orders",
                            distribution_body(transaction_id, number, account, amount)));
    pass(FZ_MINUTE_MS);
}

/* ---- the example of docs/book.md: 100.00 at 0.6 % ---- */

static void the_worked_example(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    assert_amounts(order, 9940, 10000, 0);
    add_receiver("86693852");
    distribute(order, "D1", "86693852", 2000);
    assert_amounts(order, 7940, 7988, 2012);
    assert_balance(0);
    distribute(order, "D2", INSTITUTION, 3000);
    assert_amounts(order, 4940, 4970, 5030);
    assert_balance(3000);

    const char *refund = text(
        "{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
        "\",\"sp_appid\":\"wx8\",\"transaction_id\":\"%s\","
        "\"out_refund_no\":\"R1\",\"amount\":{\"refund\":6000,\"total\":10000,\"currency\":\"CNY\",\"from\":["
        "{\"fund_source\":\"FUNDS_REFUNDABLE_BALANCE\",\"amount\":1030},"
        "{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":4970}]}}",
        order);
    assert_answered(request(INSTITUTION, "POST", "/v3/global/refunds", refund));
    const char *id = member("id");
    const char *amount =
        "{\"refund\":6000,\"currency\":\"CNY\",\"payer_refund\":6000,\"payer_currency\":\"CNY\","
        "\"exchange_rate\":{\"type\":\"SETTLEMENT_RATE\",\"rate\":650000000}}";
    /* 5 minutes of freezing, a minute of audit, two of distributions */
    const char *accepted = text("{\"id\":\"%s\",\"out_refund_no\":\"R1\",\"create_time\":\"2026-01-05T10:08:"
                                "00+08:00\",\"amount\":%s}",
                                id, amount);
    service_compare(accepted);
    assert_answer(request(INSTITUTION, "POST", "/hk/v3/refunds", refund), accepted);
    assert_amounts(order, 0, 0, 4000);
    assert_balance(1976);

    const char *common = text(
        "\"id\":\"%s\",\"out_refund_no\":\"R1\",\"transaction_id\":\"%s\",\"out_trade_no\":\"T00001\","
        "\"amount\":%s,"
        "\"channel\":\"ORIGINAL\",\"recv_account\":\"The balance of the paying user\","
        "\"fund_source\":\"REFUND_SOURCE_UNSETTLED_FUNDS\",\"create_time\":\"2026-01-05T10:08:00+08:00\"",
        id, order, amount);
    const char *targets[] = {
        text("/v3/global/refunds/id/%s?" OURS, id), text("/hk/v3/refunds/id/%s?" OURS, id),
        "/v3/global/refunds/out-refund-no/R1?" OURS, "/hk/v3/refunds/out-refund-no/R1?" OURS};
    for (size_t i = 0; i < 4; i++)
        assert_answer(get(INSTITUTION, targets[i]), text("{%s,\"status\":\"PROCESSING\"}", common));
    pass(20 * FZ_MINUTE_MS);
    for (size_t i = 0; i < 4; i++)
        assert_answer(
            get(INSTITUTION, targets[i]),
            text("{%s,\"status\":\"SUCCESS\",\"success_time\":\"2026-01-05T10:28:00+08:00\"}", common));
}

/* ---- orders ---- */

static void an_order_before_and_after_it_is_paid(void **state)
{
    (void)state;
    const char *body = "{\"mchid\":\"" DIRECT "\",\"appid\":\"wx8\",\"description\":\"tea\",\"attach\":"
                       "\"table 5\",\"notify_url\":\"https://shop.example/n\","
                       "\"out_trade_no\":\"T00001\",\"trade_type\":\"NATIVE\",\"merchant_category_code\":"
                       "\"5812\",\"amount\":{\"total\":1000}}";
    assert_answered(request(DIRECT, "POST", "/hk/v3/transactions/native", body));
    const char *code_url = member("code_url");
    assert_memory_equal(code_url, "weixin://wxpay/bizpayurl?pr=", 28);
    assert_int_equal(strlen(code_url), 28 + 9);
    assert_answered(request(DIRECT, "POST", "/v3/global/transactions/native", body));
    assert_string_equal(member("code_url"), code_url);

    assert_answer(
        get(DIRECT, "/hk/v3/transactions/out-trade-no/T00001?mchid=" DIRECT),
        "{\"mchid\":\"" DIRECT
        "\",\"appid\":\"wx8\",\"out_trade_no\":\"T00001\",\"attach\":\"table 5\",\"trade_type\":\"NATIVE\","
        "\"trade_state\":\"NOTPAY\",\"trade_state_desc\":\"Not paid "
        "yet\",\"amount\":{\"total\":1000,\"currency\":\"CNY\"}}");
    pass(30 * FZ_SECOND_MS);
    pay(DIRECT, "", "T00001", FZ_PAYER_CREDIT);
    assert_answered(get(DIRECT, "/v3/global/transactions/out-trade-no/T00001?mchid=" DIRECT));
    const char *id = member("id");
    const char *after = text(
        "{\"mchid\":\"" DIRECT
        "\",\"appid\":\"wx8\",\"out_trade_no\":\"T00001\",\"attach\":\"table 5\",\"trade_type\":\"NATIVE\","
        "\"id\":\"%s\",\"bank_type\":\"CMB_CREDIT\",\"success_time\":\"2026-01-05T10:00:30+08:00\",\"trade_"
        "state\":\"SUCCESS\","
        "\"trade_state_desc\":\"Paid\",\"amount\":{\"total\":1000,\"currency\":\"CNY\",\"payer_total\":1000,"
        "\"payer_currency\":\"CNY\",\"exchange_rate\":{\"type\":\"SETTLEMENT_RATE\",\"rate\":100000000}}}",
        id);
    service_compare(after);
    assert_answer(get(DIRECT, text("/v3/global/transactions/id/%s?mchid=" DIRECT, id)), after);
    assert_refused(request(DIRECT, "POST", "/v3/global/transactions/native", body), ORDER_PAID);
    assert_refused(get(DIRECT, "/v3/global/transactions/out-trade-no/T00002?mchid=" DIRECT), ORDER_UNKNOWN);
    assert_refused(get(INSTITUTION, text("/v3/global/transactions/id/%s?" OURS, id)), ORDER_UNKNOWN);
}

static void a_closed_order(void **state)
{
    (void)state;
    const char *order = "{\"mchid\":\"" DIRECT "\",\"appid\":\"wx8\",\"description\":\"tea\","
                        "\"notify_url\":\"https://shop.example/n\",\"out_trade_no\":\"T00001\","
                        "\"trade_type\":\"NATIVE\",\"merchant_category_code\":\"5812\","
                        "\"amount\":{\"total\":1000}}",
               *ours = "{\"mchid\":\"" DIRECT "\"}", *close = "%s/transactions/out-trade-no/T00001/close";
    for (int old = 0; old < 2; old++)
        assert_refused(request(DIRECT, "POST", text(close, old ? "/hk/v3" : "/v3/global"), ours),
                       ORDER_UNKNOWN);
    assert_answered(request(DIRECT, "POST", "/v3/global/transactions/native", order));
    assert_refused(request(INSTITUTION, "POST", text(close, "/hk/v3"),
                           "{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD "\"}"),
                   ORDER_UNKNOWN);
    for (int old = 0; old < 2; old++) { /* 204, and again */
        assert_null(request(DIRECT, "POST", text(close, old ? "/hk/v3" : "/v3/global"), ours));
        assert_string_equal(row, "");
    }
    assert_answered(get(DIRECT, "/hk/v3/transactions/out-trade-no/T00001?mchid=" DIRECT));
    assert_string_equal(member("trade_state"), "CLOSED");
    assert_refused(request(DIRECT, "POST", "/v3/global/transactions/native", order), ORDER_CLOSED);

    const char *id = paid("T00002", 1000, false),
               *child = "{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD "\"}";
    assert_refused(request(INSTITUTION, "POST", "/v3/global/transactions/out-trade-no/T00002/close", child),
                   ORDER_PAID);
    assert_refused(request(INSTITUTION, "POST", text("/hk/v3/transactions/id/%s/close", id), child),
                   ORDER_PAID);
    assert_refused(request(DIRECT, "POST", text("/hk/v3/transactions/id/%s/close", id), ours), ORDER_UNKNOWN);
    assert_answered(get(INSTITUTION, "/hk/v3/transactions/out-trade-no/T00002?" OURS));
    assert_string_equal(member("trade_state"), "SUCCESS");
}

static const char *order_body(const char *merchants, const char *number, const char *trade_type,
                              const char *more)
{
    return text(
        "{%s,\"description\":\"tea\",\"notify_url\":\"https://shop.example/n\",\"out_trade_no\":\"%s\","
        "\"trade_type\":\"%s\",\"merchant_category_code\":\"5812\",\"amount\":{\"total\":1000}%s}",
        merchants, number, trade_type, more);
}

#define COMMON        "\"mchid\":\"" DIRECT "\",\"appid\":\"wx8\""
#define INSTITUTIONAL "\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD "\",\"sp_appid\":\"wx8\""
#define AT_HOME                                                                                              \
    ",\"scene_info\":{\"payer_client_ip\":\"127.0.0.1\",\"store_info\":{\"name\":\"n\",\"address\":\"a\"}}"

/* Placed at 10:00:00 on 2026-01-05. */
static void assert_prepay_id(const char *prepay_id)
{
    assert_memory_equal(prepay_id, "wx20260105100000", 16);
    assert_int_equal(strspn(prepay_id + 2, "0123456789"), 34);
}

static void prepay_ids(void **state)
{
    (void)state;
    static const struct {
        const char *path, *trade_type, *more;
    } kinds[] = {{"jsapi", "JSAPI", ",\"payer\":{\"openid\":\"oX\"}"}, {"app", "APP", ""}};
    const char *ids[2];
    for (size_t i = 0; i < 2; i++) {
        const char *body = order_body(COMMON, text("T0000%zu", i), kinds[i].trade_type, kinds[i].more);
        for (int old = 0; old < 2; old++) { /* the same again, whatever the prefix */
            assert_answered(request(DIRECT, "POST",
                                    text("%s/transactions/%s", old ? "/hk/v3" : "/v3/global", kinds[i].path),
                                    body));
            if (old == 0)
                ids[i] = member("prepay_id");
            assert_string_equal(member("prepay_id"), ids[i]);
        }
        assert_prepay_id(ids[i]);
        assert_answered(get(DIRECT, text("/hk/v3/transactions/out-trade-no/T0000%zu?mchid=" DIRECT, i)));
        assert_string_equal(member("trade_type"), kinds[i].trade_type);
        assert_refused(request(DIRECT, "POST", text("/hk/v3/transactions/%s", kinds[1 - i].path), body),
                       PARAM_ERROR); /* its trade_type */
    }
    assert_string_not_equal(ids[0], ids[1]);
    /* One number, one order, whatever it is paid by. */
    assert_refused(
        request(DIRECT, "POST", "/hk/v3/transactions/app", order_body(COMMON, "T00000", "APP", "")),
        ORDER_NUMBER_USED);
}

static void a_jsapi_order_knows_its_payer(void **state)
{
    (void)state;
    static const struct {
        const char *merchants, *more, *field;
    } cases[] = {{COMMON, "", "/payer"},
                 {COMMON, ",\"payer\":{}", "/payer/openid"},
                 {COMMON, ",\"payer\":{\"sp_openid\":\"oX\"}", "/payer/openid"},
                 {INSTITUTIONAL, ",\"payer\":{\"openid\":\"oX\"}", "/payer/sp_openid"},
                 {INSTITUTIONAL, ",\"payer\":{\"sub_openid\":\"oX\"}", "/sub_appid"},
                 {INSTITUTIONAL, ",\"payer\":{\"sp_openid\":\"oX\"}", NULL},
                 {INSTITUTIONAL, ",\"sub_appid\":\"wx9\",\"payer\":{\"sub_openid\":\"oX\"}", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *caller = strcmp(cases[i].merchants, COMMON) == 0 ? DIRECT : INSTITUTION,
                   *body = order_body(cases[i].merchants, text("T0000%zu", i), "JSAPI", cases[i].more);
        (void)request(caller, "POST", "/v3/global/transactions/jsapi", body);
        assert_string_equal(row, cases[i].field == NULL ? "" : "PARAM_ERROR");
        assert_string_equal(error.field, cases[i].field == NULL ? "" : cases[i].field);
    }
}

/* "H5 links live 5 minutes." */
static void an_h5_link(void **state)
{
    (void)state;
    static const char head[] = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=";
    const char *body = order_body(COMMON, "T00001", "MWEB", AT_HOME), *target = "/hk/v3/transactions/mweb";
    assert_answered(request(DIRECT, "POST", target, body));
    const char *first = member("mweb_url");
    assert_memory_equal(first, head, sizeof head - 1);
    assert_prepay_id(first + sizeof head - 1);
    size_t size = sizeof head - 1 + 36;
    assert_memory_equal(first + size, "&package=", 9);
    pass(5 * FZ_MINUTE_MS - 1);
    assert_answered(request(DIRECT, "POST", "/v3/global/transactions/mweb", body));
    assert_string_equal(member("mweb_url"), first);
    pass(1);
    assert_answered(request(DIRECT, "POST", target, body));
    assert_string_not_equal(member("mweb_url"), first);
    assert_memory_equal(member("mweb_url"), first, size); /* the same prepay_id */
    static const struct {
        const char *more, *field;
    } lacking[] = {{"", "/scene_info"},
                   {",\"scene_info\":{\"payer_client_ip\":\"127.0.0.1\"}", "/scene_info/store_info"},
                   {",\"scene_info\":{\"store_info\":{\"name\":\"n\",\"address\":\"a\"}}",
                    "/scene_info/payer_client_ip"}};
    for (size_t i = 0; i < 3; i++) {
        assert_refused(request(DIRECT, "POST", "/v3/global/transactions/mweb",
                               order_body(COMMON, "T00002", "MWEB", lacking[i].more)),
                       PARAM_ERROR);
        assert_string_equal(error.field, lacking[i].field);
    }
}

static void two_orders_have_two_codes(void **state)
{
    (void)state;
    (void)paid("T00001", 1000, false);
    const char *first = text("T%05d", 2);
    const char *body =
        text("{\"mchid\":\"" DIRECT
             "\",\"appid\":\"wx8\",\"description\":\"tea\",\"notify_url\":\"https://shop.example/n\","
             "\"out_trade_no\":\"%s\",\"trade_type\":\"NATIVE\",\"merchant_category_code\":\"5812\","
             "\"amount\":{\"total\":1000}}",
             first);
    assert_answered(request(DIRECT, "POST", "/v3/global/transactions/native", body));
    const char *one = member("code_url");
    body = text("{\"mchid\":\"" DIRECT
                "\",\"appid\":\"wx8\",\"description\":\"tea\",\"notify_url\":\"https://shop.example/n\","
                "\"out_trade_no\":\"T00003\",\"trade_type\":\"NATIVE\",\"merchant_category_code\":\"5812\","
                "\"amount\":{\"total\":1000}}");
    assert_answered(request(DIRECT, "POST", "/v3/global/transactions/native", body));
    assert_string_not_equal(member("code_url"), one);
}

static enum fz_result add_voucher_orders(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_party party;
    assert_int_equal(fz_party_find(tx, DIRECT, NULL, &party), FZ_OK);
    static const enum fz_coupon_type types[] = {FZ_COUPON_COUPON, FZ_COUPON_DISCOUNT};
    for (int i = 0; i < 2; i++) {
        struct fz_order_request order = {.out_trade_no = i == 0 ? "COUPON" : "DISCOUNT",
                                         .description = "tea",
                                         .amount = 10000,
                                         .payer_currency = "HKD",
                                         .payment_rate = 80000000,
                                         .coupon = {types[i], FZ_SCOPE_SINGLE, "109519", 500}};
        struct fz_payment payment;
        assert_int_equal(fz_payment_place(tx, &party, &order, &payment), FZ_OK);
        assert_int_equal(fz_rail_paid(tx, &payment, FZ_PAYER_BALANCE), FZ_OK);
    }
    return FZ_OK;
}

/* S-RQ: a COUPON is worth payment currency, a DISCOUNT price currency; another payment currency goes by the
 * payment's own rate. */
static void vouchers_and_a_foreign_payer(void **state)
{
    (void)state;
    write_book(add_voucher_orders, NULL);
    for (int i = 0; i < 2; i++) {
        const char *number = i == 0 ? "COUPON" : "DISCOUNT", *currency = i == 0 ? "HKD" : "CNY";
        assert_answered(get(DIRECT, text("/v3/global/transactions/out-trade-no/%s?mchid=" DIRECT, number)));
        json_t *amount = json_object_get(answer, "amount"),
               *voucher = json_array_get(json_object_get(answer, "promotion_detail"), 0);
        json_t *expected = json_pack("{s:s, s:s, s:s, s:i, s:s}", "promotion_id", "109519", "scope", "SINGLE",
                                     "type", number, "amount", 500, "currency", currency);
        assert_true(json_equal(voucher, expected));
        json_decref(expected);
        /* 100.00 CNY at 0.8 are 125.00 HKD, less 5.00 HKD; 95.00 CNY are 118.75 HKD */
        assert_int_equal(json_integer_value(json_object_get(amount, "payer_total")), i == 0 ? 12000 : 11875);
        expected = json_pack("{s:s, s:i}", "type", "USERPAYMENT_RATE", "rate", 80000000);
        assert_true(json_equal(json_object_get(amount, "exchange_rate"), expected));
        json_decref(expected);

        const char *body = text("{\"mchid\":\"" DIRECT
                                "\",\"appid\":\"wx8\",\"out_trade_no\":\"%s\",\"out_refund_no\":\"R-%s\","
                                "\"amount\":{\"refund\":5000,\"total\":10000,\"currency\":\"CNY\"}}",
                                number, number);
        assert_answered(request(DIRECT, "POST", "/hk/v3/refunds", body));
        expected = json_pack("[{s:s, s:s, s:s, s:i, s:i, s:s}]", "promotion_id", "109519", "scope", "SINGLE",
                             "type", number, "amount", 500, "refund_amount", 250, "currency", currency);
        assert_true(json_equal(json_object_get(answer, "detail"), expected));
        assert_answered(get(DIRECT, text("/hk/v3/refunds/out-refund-no/R-%s?mchid=" DIRECT, number)));
        assert_true(json_equal(json_object_get(answer, "detail"), expected));
        json_decref(expected);
        /* 50.00 CNY are 62.50 HKD, less 2.50 HKD; 47.50 CNY are 59.375 HKD */
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(answer, "amount"), "payer_refund")),
            i == 0 ? 6000 : 5938);
    }
}

/* ---- refunds ---- */

struct outcome {
    const char *refund_id;
    enum fz_refund_state state;
};

static enum fz_result set_outcome(struct fz_tx *tx, void *argument)
{
    const struct outcome *outcome = argument;
    struct fz_refund refund;
    enum fz_result result = fz_refund_find(tx, outcome->refund_id, &refund);
    struct fz_refund_outcome turned = {
        .state = outcome->state, .channel = FZ_CHANNEL_OTHER_BANKCARD, .recv_account = "a card"};
    return result == FZ_OK ? fz_rail_refunded(tx, refund.id, &turned) : result;
}

static const char *refunded(const char *order, const char *number, int64_t amount, int64_t total)
{
    assert_answered(request(
        INSTITUTION, "POST", "/v3/global/refunds",
        text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
             "\",\"sp_appid\":\"wx8\",\"transaction_id\":\"%s\","
             "\"out_refund_no\":\"%s\",\"amount\":{\"refund\":%lld,\"total\":%lld,\"currency\":\"CNY\"}}",
             order, number, (long long)amount, (long long)total)));
    return member("id");
}

/* S-RQ knows SUCCESS, REFUNDCLOSE and PROCESSING. */
static void the_states_words(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    static const struct {
        enum fz_refund_state state;
        const char *newer, *older;
    } words[] = {{FZ_REFUND_SUCCESS, "SUCCESS", "SUCCESS"},
                 {FZ_REFUND_CLOSED, "REFUNDCLOSE", "REFUNDCLOSE"},
                 {FZ_REFUND_ABNORMAL, "ABNORMAL", "PROCESSING"}};
    for (size_t i = 0; i < 3; i++) {
        const char *number = text("R%zu", i);
        struct outcome outcome = {refunded(order, number, 100, 10000), words[i].state};
        write_book(set_outcome, &outcome);
        for (int old = 0; old < 2; old++) {
            assert_answered(get(INSTITUTION, text("%s/refunds/out-refund-no/%s?" OURS,
                                                  old ? "/hk/v3" : "/v3/global", number)));
            assert_string_equal(member("status"), old ? words[i].older : words[i].newer);
            assert_string_equal(member("channel"), "OTHER_BANKCARD");
            assert_string_equal(member("recv_account"), "a card");
            assert_int_equal(json_object_get(answer, "success_time") != NULL,
                             words[i].state == FZ_REFUND_SUCCESS);
        }
    }
}

/* "For orders completed one year ago, check the refund via the merchant refund No." */
static void by_id_for_a_year(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    const char *id = refunded(order, "R1", 100, 10000);
    const char *by_id = text("/hk/v3/refunds/id/%s?" OURS, id),
               *by_number = "/hk/v3/refunds/out-refund-no/R1?" OURS;
    pass(365 * FZ_DAY_MS - 5 * FZ_MINUTE_MS); /* frozen 5 minutes after payment */
    assert_answered(get(INSTITUTION, by_id));
    pass(1);
    assert_refused(get(INSTITUTION, by_id), REFUND_BY_NUMBER_ONLY);
    assert_answered(get(INSTITUTION, by_number));
    assert_string_equal(member("id"), id);
}

static json_t *refund_at(size_t i)
{
    return json_array_get(json_object_get(answer, "data"), i);
}

static void refunds_of_an_order(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true), *numbers = "offset=%d&count=%d&" OURS;
    const char *by_id = text("/v3/global/refunds?transaction_id=%s&%s", order, numbers),
               *by_number = text("/hk/v3/refunds?out_trade_no=T00001&%s", numbers);
    assert_refused(get(INSTITUTION, text(by_id, 0, 10)), REFUND_UNKNOWN); /* the order has none */
    const char *ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = refunded(order, text("R%d", i), 100 + i, 10000);
    struct outcome outcome = {ids[1], FZ_REFUND_CLOSED};
    write_book(set_outcome, &outcome);

    static const struct {
        int offset, count, first, answered;
    } pages[] = {{0, 50, 0, 3}, {0, 2, 0, 2}, {1, 1, 1, 1}, {2, 10, 2, 1}, {3, 10, 3, 0}};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        for (int old = 0; old < 2; old++) {
            assert_answered(get(INSTITUTION, text(old ? by_number : by_id, pages[i].offset, pages[i].count)));
            json_t *data = json_incref(json_object_get(answer, "data"));
            assert_int_equal(json_array_size(data), pages[i].answered);
            json_object_set_new(answer, "data", json_array());
            service_compare(text("{\"id\":\"%s\",\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
                                 "\",\"out_trade_no\":\"T00001\",\"amount\":{\"total\":10000,\"currency\":"
                                 "\"CNY\",\"payer_total\":10000,\"payer_currency\":\"CNY\"},\"data\":[],"
                                 "\"total_num\":3,\"current_total_num\":%d}",
                                 order, pages[i].answered));
            for (int j = 0; j < pages[i].answered; j++) { /* as each is told by itself */
                assert_answered(get(INSTITUTION, text("%s/refunds/id/%s?" OURS, old ? "/hk/v3" : "/v3/global",
                                                      ids[pages[i].first + j])));
                assert_true(json_equal(json_array_get(data, (size_t)j), answer));
            }
            json_decref(data);
        }
    assert_refused(get(INSTITUTION, text(by_id, 4, 10)), PARAM_ERROR);
    assert_string_equal(error.field, "offset");
    assert_string_equal(error.value, "4");
    assert_string_equal(error.location, "query");
    const char *fit = text("%s&out_trade_no=%%s", text(by_id, 0, 1));
    assert_answered(get(INSTITUTION, text(fit, "T00001")));
    assert_refused(get(INSTITUTION, text(fit, "T00002")), REFUND_UNKNOWN);
    assert_refused(
        get(INSTITUTION, text("/hk/v3/refunds?out_trade_no=T00001&offset=0&count=1&sp_mchid=" INSTITUTION
                              "&sub_mchid=" OTHER_CHILD)),
        REFUND_UNKNOWN);
    assert_refused(get(INSTITUTION, text("/hk/v3/refunds?%s", text(numbers, 0, 1))), PARAM_ERROR);
    assert_string_equal(error.field, "transaction_id");
    pass(365 * FZ_DAY_MS - 5 * FZ_MINUTE_MS); /* frozen 5 minutes after payment */
    assert_answered(get(INSTITUTION, text(by_id, 0, 1)));
    pass(1);
    assert_refused(get(INSTITUTION, text(by_id, 0, 1)), REFUND_BY_NUMBER_ONLY);
}

static void a_voucher_in_a_list(void **state)
{
    (void)state;
    write_book(add_voucher_orders, NULL);
    assert_answered(request(DIRECT, "POST", "/hk/v3/refunds",
                            "{\"mchid\":\"" DIRECT
                            "\",\"appid\":\"wx8\",\"out_trade_no\":\"COUPON\",\"out_refund_no\":\"R1\","
                            "\"amount\":{\"refund\":5000,\"total\":10000,\"currency\":\"CNY\"}}"));
    assert_answered(get(DIRECT, "/hk/v3/refunds?out_trade_no=COUPON&offset=0&count=1&mchid=" DIRECT));
    assert_string_equal(member("mchid"), DIRECT);
    assert_null(json_object_get(answer, "sp_mchid"));
    assert_null(json_object_get(answer, "sub_mchid"));
    json_t *expected =
        json_pack("[{s:s, s:s, s:s, s:i, s:i, s:s}]", "promotion_id", "109519", "scope", "SINGLE", "type",
                  "COUPON", "amount", 500, "refund_amount", 250, "currency", "HKD");
    assert_true(json_equal(json_object_get(refund_at(0), "refund_detail"), expected));
    assert_null(json_object_get(refund_at(0), "detail"));
    json_decref(expected);
}

struct paying_in {
    const char *mchid;
    int64_t amount;
};

static enum fz_result pay_in(struct fz_tx *tx, void *argument)
{
    const struct paying_in *in = argument;
    struct fz_merchant merchant;
    int64_t balance;
    enum fz_result result = fz_merchant_find(tx, in->mchid, &merchant);
    return result == FZ_OK ? fz_rail_recharged(tx, &merchant, in->amount, &balance) : result;
}

static void the_recharged_balance(void **state)
{
    (void)state;
    const char *of_direct = "/v3/global/refund/recharge-balance",
               *of_child = "/v3/global/refund/partner/recharge-balance/sub-mchid/%s",
               *told = "{\"remaining_amount\":%d,\"currency\":\"%s\"}";
    assert_answer(get(DIRECT, of_direct), text(told, 0, "CNY"));
    assert_answer(get(INSTITUTION, text(of_child, CHILD)), text(told, 0, "USD"));
    write_book(pay_in, &(struct paying_in){INSTITUTION, 2000});
    assert_answer(get(INSTITUTION, text(of_child, CHILD)), text(told, 2000, "USD"));
    assert_answer(get(INSTITUTION, text(of_child, OTHER_CHILD)), text(told, 2000, "USD"));
    assert_answer(get(DIRECT, of_direct), text(told, 0, "CNY"));
    assert_refused(get(INSTITUTION, of_direct), PARAM_NO_SUB_MCHID);
    assert_refused(get(INSTITUTION, text(of_child, NOT_OURS)), NO_AUTH_CHILD);
    assert_refused(get(INSTITUTION, text(of_child, "1999999999")), MERCHANT_UNKNOWN);
    assert_refused(get(INSTITUTION, text(of_child, "x")), PARAM_ERROR);
    assert_refused(get(DIRECT, text(of_child, CHILD)), NO_AUTH_CHILD);

    const char *order = paid("T00001", 10000, true);
    const char *refund = text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
                              "\",\"sp_appid\":\"wx8\",\"transaction_id\":\"%s\",\"out_refund_no\":\"R1\","
                              "\"source\":\"REFUND_SOURCE_RECHARGE_FUNDS\","
                              "\"amount\":{\"refund\":6500,\"total\":10000,\"currency\":\"CNY\"}}",
                              order);
    assert_answered(request(INSTITUTION, "POST", "/v3/global/refunds", refund));
    /* 6 500 less a fee of 39 are 64.61 CNY, at 6.5 9.94 USD */
    assert_answer(get(INSTITUTION, text(of_child, CHILD)), text(told, 1006, "USD"));
    assert_answered(get(INSTITUTION, "/hk/v3/refunds/out-refund-no/R1?" OURS));
    assert_string_equal(member("fund_source"), "REFUND_SOURCE_RECHARGE_FUNDS");
    assert_amounts(order, 9940, 3500, 0);
}

/* ---- distributions ---- */

static void a_distribution_from_acceptance_to_its_end(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    add_receiver("86693852");
    const char *body =
        text("{\"sub_mchid\":\"" CHILD
             "\",\"transaction_id\":\"%s\",\"out_order_no\":\"D1\",\"unfreeze_unsplit\":true,\"receivers\":["
             "{\"currency\":\"CNY\",\"type\":\"MERCHANT_ID\",\"account\":\"86693852\",\"amount\":2500,"
             "\"description\":\"its share\"}]}",
             order);
    assert_answered(request(INSTITUTION, "POST", SHARING "/orders", body));
    assert_string_equal(member("state"), "PROCESSING");
    json_t *receivers = json_object_get(answer, "receivers");
    assert_int_equal(json_array_size(receivers), 2);
    json_t *share = json_array_get(receivers, 0), *rest = json_array_get(receivers, 1);
    assert_string_equal(json_string_value(json_object_get(share, "result")), "PENDING");
    assert_string_equal(json_string_value(json_object_get(share, "create_time")),
                        "2026-01-05T10:06:00.000+08:00");
    assert_null(json_object_get(share, "finish_time"));
    assert_null(json_object_get(share, "fail_reason"));
    assert_string_equal(json_string_value(json_object_get(rest, "account")), INSTITUTION);
    assert_int_equal(json_integer_value(json_object_get(rest, "amount")), 7440);
    /* 74.40 CNY at 6.5 are 11.446 USD */
    assert_string_equal(json_string_value(json_object_get(rest, "settlement_currency")), "USD");
    assert_int_equal(json_integer_value(json_object_get(rest, "settlement_amount")), 1145);
    assert_int_equal(json_integer_value(json_object_get(rest, "rate")), 650000000);
    pass(FZ_MINUTE_MS);
    assert_answered(
        get(INSTITUTION, text(SHARING "/orders/D1?sub_mchid=" CHILD "&transaction_id=%s", order)));
    assert_string_equal(member("state"), "FINISHED");
    assert_string_equal(member("sub_mchid"), CHILD);
    size_t i;
    json_t *slice;
    json_array_foreach(json_object_get(answer, "receivers"), i, slice)
    {
        assert_string_equal(json_string_value(json_object_get(slice, "result")), "SUCCESS");
        const char *finished = json_string_value(json_object_get(slice, "finish_time"));
        assert_true(strcmp(finished, "2026-01-05T10:06:01.000+08:00") >= 0 &&
                    strcmp(finished, "2026-01-05T10:07:00.000+08:00") <= 0);
    }
    json_t *kept = json_incref(answer);
    assert_answered(request(INSTITUTION, "POST", SHARING "/orders", body));
    assert_true(json_equal(answer, kept)); /* a repeat tells how it stands */
    json_decref(kept);
    assert_refused(
        request(INSTITUTION, "POST", SHARING "/orders", distribution_body(order, "D1", "86693852", 2500)),
        PARAM_NUMBER_REUSED);
    assert_string_equal(error.field, "/out_order_no");
    assert_string_equal(error.location, "body");
    assert_refused(get(INSTITUTION, text(SHARING "/orders/D9?sub_mchid=" CHILD "&transaction_id=%s", order)),
                   DISTRIBUTION_UNKNOWN);
}

static void an_unfreeze(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    const char *body =
        text("{\"sub_mchid\":\"" CHILD
             "\",\"transaction_id\":\"%s\",\"out_order_no\":\"U1\",\"description\":\"the rest\"}",
             order);
    assert_answered(request(INSTITUTION, "POST", SHARING "/orders/unfreeze", body));
    json_t *receivers = json_object_get(answer, "receivers");
    assert_int_equal(json_array_size(receivers), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(receivers, 0), "amount")), 9940);
    assert_string_equal(json_string_value(json_object_get(json_array_get(receivers, 0), "description")),
                        "the rest");
    pass(FZ_MINUTE_MS);
    assert_balance(9940);
    assert_amounts(order, 0, 0, 10000);
}

#define UPLOAD "/v3/global/merchant-storage/file/upload"
#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-2, B.1 */

/* The server has received a file of three bytes, "abc". */
static void receive_abc(void)
{
    received = (struct fz_received){.has_meta = true, .has_file = true, .size = 3};
    for (size_t i = 0; i < 32; i++) {
        unsigned byte;
        assert_int_equal(sscanf(&OF_ABC[2 * i], "%2x", &byte), 1);
        received.sha256[i] = (unsigned char)byte;
    }
}

static void an_upload(void **state)
{
    (void)state;
    const char *body = "{\"filename\":\"a.pdf\",\"sha256\":\"" OF_ABC "\"}";
    receive_abc();
    assert_answered(request(INSTITUTION, "POST", UPLOAD, body));
    const char *file_id = text("{\"file_id\":\"%s\"}", member("file_id"));
    assert_int_equal(strlen(member("file_id")), 36);
    pass(FZ_MINUTE_MS);
    assert_answer(request(INSTITUTION, "POST", UPLOAD, body), file_id);
    assert_answered(request(DIRECT, "POST", UPLOAD, body));
    assert_string_not_equal(text("{\"file_id\":\"%s\"}", member("file_id")), file_id);

    static const struct {
        int64_t size;
        enum fz_issue fault;
        const char *part, *field, *issue;
    } faults[] = {
        {3, FZ_ISSUE_TWICE, "meta", "/meta", "is given twice"},
        {3, FZ_ISSUE_UNDECLARED_PART, "more", "/more", "is not a part of this API's body"},
        {3, FZ_ISSUE_NO_LAST_BOUNDARY, "", "", "ends before its last boundary"},
        {0, FZ_ISSUE_NONE, "", "/file", "is empty"},
        {5 * 1024 * 1024 + 1, FZ_ISSUE_NONE, "", "/file", "is larger than 5 MiB"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        received.size = faults[i].size;
        received.fault = faults[i].fault;
        strcpy(received.part, faults[i].part);
        assert_refused(request(INSTITUTION, "POST", UPLOAD, body), PARAM_ERROR);
        assert_string_equal(error.field, faults[i].field);
        assert_string_equal(error.issue, faults[i].issue);
    }
    receive_abc();
    received.sha256[31] ^= 1;
    assert_refused(request(INSTITUTION, "POST", UPLOAD, body), PARAM_ERROR);
    assert_string_equal(error.field, "/meta/sha256");
}

static void receivers(void **state)
{
    (void)state;
    receive_abc();
    assert_answered(
        request(INSTITUTION, "POST", UPLOAD, "{\"filename\":\"a.pdf\",\"sha256\":\"" OF_ABC "\"}"));
    const char *file_id = text("%s", member("file_id"));
    const char *body = text("{\"sub_mchid\":\"" CHILD "\",\"type\":\"PERSONAL_OPENID\",\"account\":\"oX-1_\","
                            "\"appid\":\"wx8\",\"relation_type\":\"CUSTOM\","
                            "\"custom_relation\":\"代理商\",\"scene\":\"a,\\nb\",\"major_service\":\"税务\","
                            "\"expected_ratio\":2000,\"application_file_id\":\"%s\"}",
                            file_id);
    static const char told[] =
        "{\"sub_mchid\":\"" CHILD
        "\",\"type\":\"PERSONAL_OPENID\",\"account\":\"oX-1_\",\"relation_type\":\"CUSTOM\","
        "\"custom_relation\":\"代理商\",\"scene\":\"a,\\nb\",\"major_service\":\"税务\","
        "\"expected_ratio\":2000,\"application_file_id\":\"%s\",\"state\":\"%s\"}";
    assert_answer(request(INSTITUTION, "POST", SHARING "/receivers", body), text(told, file_id, "INIT"));
    assert_refused(request(INSTITUTION, "POST", SHARING "/receivers", body), RECEIVER_EXISTS);
    pass(FZ_MINUTE_MS);
    static const char *const targets[] = {SHARING "/receivers/oX-1_?sub_mchid=" CHILD,
                                          SHARING "/receivers/oX-1_?sub_mchid=" CHILD
                                                  "&type=PERSONAL_OPENID&appid=wx8"};
    for (size_t i = 0; i < 2; i++)
        assert_answer(get(INSTITUTION, targets[i]), text(told, file_id, "EFFECTIVE"));
    assert_refused(get(INSTITUTION, SHARING "/receivers/oX-1_?sub_mchid=" CHILD "&type=MERCHANT_ID"),
                   RECEIVER_UNKNOWN);
    assert_refused(get(INSTITUTION, SHARING "/receivers/oX-1_?sub_mchid=" OTHER_CHILD), RECEIVER_UNKNOWN);
    static const char *const lacking[] = {"PERSONAL_OPENID\",\"sub_appid\":\"wx8",
                                          "PERSONAL_SUB_OPENID\",\"appid\":\"wx8"};
    for (size_t i = 0; i < 2; i++)
        assert_refused(request(INSTITUTION, "POST", SHARING "/receivers",
                               text("{\"sub_mchid\":\"" CHILD
                                    "\",\"type\":\"%s\",\"account\":\"o2\",\"relation_type\":\"SUPPLIER\"}",
                                    lacking[i])),
                       DISTRIBUTION_APPID);
    assert_refused(request(INSTITUTION, "POST", SHARING "/receivers",
                           "{\"sub_mchid\":\"" CHILD "\",\"type\":\"MERCHANT_ID\",\"account\":\"1\","
                           "\"relation_type\":\"SUPPLIER\",\"name\":\"AAAA\"}"),
                   SEALED_FIELD);
}

static void a_deleted_receiver(void **state)
{
    (void)state;
    const char *named = "{\"sub_mchid\":\"" CHILD "\",\"type\":\"%s\",\"account\":\"86693852\"%s}";
    const char *body = text(named, "MERCHANT_ID", "");
    assert_refused(request(INSTITUTION, "DELETE", SHARING "/receivers", body), RECEIVER_UNKNOWN);
    add_receiver("86693852");
    assert_refused(request(INSTITUTION, "DELETE", SHARING "/receivers",
                           text(named, "PERSONAL_SUB_OPENID", ",\"sub_appid\":\"wx8\"")),
                   RECEIVER_UNKNOWN);
    assert_refused(request(INSTITUTION, "DELETE", SHARING "/receivers",
                           text(named, "PERSONAL_SUB_OPENID", ",\"appid\":\"wx8\"")),
                   DISTRIBUTION_APPID);
    assert_null(request(INSTITUTION, "DELETE", SHARING "/receivers", body)); /* 204 */
    assert_string_equal(row, "");
    assert_refused(get(INSTITUTION, SHARING "/receivers/86693852?sub_mchid=" CHILD), RECEIVER_UNKNOWN);
    assert_refused(request(INSTITUTION, "DELETE", SHARING "/receivers", body), RECEIVER_UNKNOWN);
    add_receiver("86693852");
    assert_answered(get(INSTITUTION, SHARING "/receivers/86693852?sub_mchid=" CHILD));
    assert_string_equal(member("state"), "EFFECTIVE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, service_begin, service_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_worked_example),
        TEST(an_order_before_and_after_it_is_paid),
        TEST(a_closed_order),
        TEST(prepay_ids),
        TEST(a_jsapi_order_knows_its_payer),
        TEST(an_h5_link),
        TEST(two_orders_have_two_codes),
        TEST(vouchers_and_a_foreign_payer),
        TEST(the_states_words),
        TEST(by_id_for_a_year),
        TEST(refunds_of_an_order),
        TEST(a_voucher_in_a_list),
        TEST(the_recharged_balance),
        TEST(a_distribution_from_acceptance_to_its_end),
        TEST(an_unfreeze),
        TEST(an_upload),
        TEST(receivers),
        TEST(a_deleted_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
