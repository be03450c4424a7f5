/* Every call once, as an institution and as a direct merchant, and its typical refusal. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "unit/client/mode.h"

static struct shop *shop;
static const struct mode *mode;

static int open_mode(void **state, const struct mode *which)
{
    *state = shop = mode_open(which);
    mode = which;
    return 0;
}

static int open_institution(void **state)
{
    return open_mode(state, &institution);
}

static int open_direct(void **state)
{
    return open_mode(state, &direct);
}

/* ---- orders ---- */

static struct fz_order_place_request order(const char *type, const char *number)
{
    struct fz_order_place_request request = FZ_INIT(fz_order_place_request);
    SET_MODE(mode, request);
    SET_APPID(mode, request);
    request.description = "Camera";
    request.notify_url = "http://127.0.0.1:9/notify";
    request.out_trade_no = number;
    request.trade_type = type;
    request.merchant_category_code = "5812";
    request.amount.total = 100;
    request.amount.currency = "CNY";
    return request;
}

static void orders_are_placed(void **state)
{
    (void)state;
    fz_error *error = NULL;
    struct fz_order_native_answer *native = NULL, *again = NULL;
    struct fz_order_prepaid_answer *jsapi = NULL, *app = NULL;
    struct fz_order_mweb_answer *mweb = NULL;
    struct fz_order_place_request request = order("NATIVE", "every-native");
    shop_good(fz_order_native(shop->client, &request, &native, &error), error);
    shop_good(fz_order_native(shop->client, &request, &again, &error), error);
    assert_string_equal(native->code_url, again->code_url); /* a repeat is the same order */
    request.amount.total = 200;
    fz_answer_free(again);
    shop_refused(fz_order_native(shop->client, &request, &again, &error), error, FZ_CODE_OUT_TRADE_NO_USED);
    request = order("JSAPI", "every-jsapi");
    request.has_payer = true;
    *(mode->sp == NULL ? &request.payer.openid : &request.payer.sp_openid) = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
    shop_good(fz_order_jsapi(shop->client, &request, &jsapi, &error), error);
    assert_true(strlen(jsapi->prepay_id) > 0);
    request = order("APP", "every-app");
    shop_good(fz_order_app(shop->client, &request, &app, &error), error);
    assert_true(strlen(app->prepay_id) > 0);
    request = order("MWEB", "every-mweb");
    request.has_scene_info = request.scene_info.has_store_info = true;
    request.scene_info.payer_client_ip = "14.23.150.211";
    request.scene_info.store_info.id = "0001";
    request.scene_info.store_info.name = "shop";
    request.scene_info.store_info.address = "street";
    shop_good(fz_order_mweb(shop->client, &request, &mweb, &error), error);
    assert_memory_equal(mweb->mweb_url, "http", 4);
    fz_answer_free(native);
    fz_answer_free(jsapi);
    fz_answer_free(app);
    fz_answer_free(mweb);
}

static void is_in_state(const char *number, const char *trade_state)
{
    struct fz_order_by_number_request request = FZ_INIT(fz_order_by_number_request);
    struct fz_order_answer *answer = NULL;
    fz_error *error = NULL;
    SET_MODE(mode, request);
    request.out_trade_no = number;
    shop_good(fz_order_query_by_number(shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->trade_state, trade_state);
    assert_int_equal(answer->amount.total, 100);
    assert_string_equal(fz_answer_member(answer, "/amount/total"), "100");
    assert_null(fz_answer_member(answer, "/amount/nothing"));
    fz_answer_free(answer);
}

static void orders_are_queried_closed_and_paid(void **state)
{
    (void)state;
    fz_error *error = NULL;
    struct fz_order_native_answer *native = NULL;
    struct fz_order_answer *answer = NULL;
    struct fz_sandbox_paid out = FZ_INIT(fz_sandbox_paid);
    struct fz_order_by_number_request number = FZ_INIT(fz_order_by_number_request);
    struct fz_order_by_id_request id = FZ_INIT(fz_order_by_id_request);
    SET_MODE(mode, number);
    SET_MODE(mode, id);
    struct fz_order_place_request request = order("NATIVE", "every-closed");
    shop_good(fz_order_native(shop->client, &request, &native, &error), error);
    fz_answer_free(native);
    is_in_state("every-closed", "NOTPAY");
    number.out_trade_no = "every-closed";
    shop_good(fz_order_close_by_number(shop->client, &number, &error), error);
    is_in_state("every-closed", "CLOSED");
    request = order("NATIVE", "every-paid");
    shop_good(fz_order_native(shop->client, &request, &native, &error), error);
    fz_answer_free(native);
    shop_must(fz_sandbox_pay(shop->sandbox, mode->caller, "every-paid", "balance", false, &out));
    id.transaction_id = out.transaction_id;
    shop_good(fz_order_query_by_id(shop->client, &id, &answer, &error), error);
    assert_string_equal(answer->id, out.transaction_id);
    assert_string_equal(answer->trade_state, "SUCCESS");
    fz_answer_free(answer);
    /* An order has a transaction_id once it is paid, and then it is not closed: this call is never answered otherwise. */
    shop_refused(fz_order_close_by_id(shop->client, &id, &error), error, FZ_CODE_ORDER_PAID);
    shop_refused(fz_order_reverse_by_id(shop->client, &id, &error), error, FZ_CODE_INVALID_REQUEST); /* ORDER_NOT_BY_CODE */
    number.out_trade_no = "every-nothing";
    shop_refused(fz_order_query_by_number(shop->client, &number, &answer, &error), error, FZ_CODE_ORDER_NOT_EXIST);
}

/* What the payer shows as a code pays an order; its transaction_id is in `id`. */
static void pay_by_code(const char *number, const char *code, char id[33])
{
    fz_error *error = NULL;
    struct fz_order_answer *answer = NULL;
    struct fz_order_micropay_request request = FZ_INIT(fz_order_micropay_request);
    SET_MODE(mode, request);
    SET_APPID(mode, request);
    request.description = "Camera";
    request.out_trade_no = number;
    request.trade_type = "MICROPAY";
    request.merchant_category_code = "5812";
    request.amount.total = 100;
    request.amount.currency = "CNY";
    request.payer.auth_code = code;
    shop_good(fz_order_micropay(shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->trade_state, "SUCCESS");
    assert_string_equal(answer->out_trade_no, number);
    snprintf(id, 33, "%s", answer->id);
    fz_answer_free(answer);
}

static void codes_are_paid_by_and_reversed(void **state)
{
    (void)state;
    char transaction_id[33];
    fz_error *error = NULL;
    struct fz_order_by_number_request number = FZ_INIT(fz_order_by_number_request);
    struct fz_order_by_id_request id = FZ_INIT(fz_order_by_id_request);
    SET_MODE(mode, number);
    SET_MODE(mode, id);
    number.out_trade_no = "every-code";
    id.transaction_id = transaction_id;
    pay_by_code("every-code", "134567890123456789", transaction_id);
    shop_good(fz_order_reverse_by_number(shop->client, &number, &error), error);
    is_in_state("every-code", "REVOKED");
    pay_by_code("every-other-code", "134567890123456780", transaction_id);
    shop_good(fz_order_reverse_by_id(shop->client, &id, &error), error);
    is_in_state("every-other-code", "REVOKED");
    is_in_state("every-code", "REVOKED");
    shop_good(fz_order_reverse_by_id(shop->client, &id, &error), error); /* once more does nothing twice */
}

/* ---- refunds ---- */

static void refunds_are_submitted_and_found(void **state)
{
    (void)state;
    fz_error *error = NULL;
    struct fz_refund_submit_answer *made = NULL;
    struct fz_refund_answer *answer = NULL;
    struct fz_refunds_of_order_answer *all = NULL;
    struct fz_refund_by_id_request id = FZ_INIT(fz_refund_by_id_request);
    struct fz_refund_by_out_refund_no_request number = FZ_INIT(fz_refund_by_out_refund_no_request);
    struct fz_refunds_of_order_request of_order = FZ_INIT(fz_refunds_of_order_request);
    struct fz_sandbox_paid sold = mode_paid(shop, mode, false);
    struct fz_refund_submit_request request = shop_refund(&sold, "every-refund");
    SET_MODE(mode, request);
    SET_APPID(mode, request);
    SET_MODE(mode, id);
    SET_MODE(mode, number);
    SET_MODE(mode, of_order);
    shop_good(fz_refund_submit(shop->client, &request, &made, &error), error);
    id.id = made->id;
    shop_good(fz_refund_by_id(shop->client, &id, &answer, &error), error);
    assert_string_equal(answer->out_refund_no, "every-refund");
    assert_string_equal(answer->transaction_id, sold.transaction_id);
    assert_int_equal(answer->amount.refund, 100);
    assert_true(answer->create_time.ms > 0);
    fz_answer_free(answer);
    number.out_refund_no = "every-refund";
    shop_good(fz_refund_by_out_refund_no(shop->client, &number, &answer, &error), error);
    assert_string_equal(answer->id, made->id);
    fz_answer_free(answer);
    of_order.transaction_id = sold.transaction_id;
    of_order.count = FZ_REFUNDS_A_PAGE;
    shop_good(fz_refunds_of_order(shop->client, &of_order, &all, &error), error);
    assert_int_equal(all->total_num, 1);
    assert_string_equal(all->data[0].id, made->id);
    fz_answer_free(all);
    fz_answer_free(made);
    request.amount.refund = 200;
    shop_refused(fz_refund_submit(shop->client, &request, &made, &error), error, FZ_CODE_OUT_REFUND_NO_USED);
    number.out_refund_no = "every-nothing";
    shop_refused(fz_refund_by_out_refund_no(shop->client, &number, &answer, &error), error, FZ_CODE_RESOURCE_NOT_EXISTS);
}

/* docs/control.md, recharge: what was paid in remains. */
static void balances_are_told(void **state)
{
    (void)state;
    fz_error *error = NULL;
    int64_t remaining = 0;
    struct fz_recharge_balance_answer *recharged = NULL;
    struct fz_refundable_balance_answer *refundable = NULL;
    struct fz_recharge_balance_request own = FZ_INIT(fz_recharge_balance_request);
    struct fz_recharge_balance_partner_request partner = FZ_INIT(fz_recharge_balance_partner_request);
    struct fz_refundable_balance_request balance = FZ_INIT(fz_refundable_balance_request);
    shop_must(fz_sandbox_recharge(shop->sandbox, mode->caller, 2000, &remaining));
    partner.sub_mchid = mode->sub;
    if (mode->sub == NULL)
        shop_good(fz_recharge_balance(shop->client, &own, &recharged, &error), error);
    else
        shop_good(fz_recharge_balance_partner(shop->client, &partner, &recharged, &error), error);
    assert_int_equal(recharged->remaining_amount, remaining);
    fz_answer_free(recharged);
    shop_good(fz_refundable_balance(shop->client, &balance, &refundable, &error), error);
    assert_string_equal(refundable->sponsor_mchid, mode->caller);
    assert_string_equal(refundable->currency, "CNY");
    fz_answer_free(refundable);
}

/* ---- distribution ---- */

#define RECEIVER "1900000334"

static void add_receiver(void)
{
    fz_error *error = NULL;
    struct fz_receiver_answer *answer = NULL;
    struct fz_receiver_add_request add = FZ_INIT(fz_receiver_add_request);
    struct fz_receiver_query_request query = FZ_INIT(fz_receiver_query_request);
    add.sub_mchid = query.sub_mchid = mode->sub;
    add.type = query.type = "MERCHANT_ID";
    add.account = query.account = RECEIVER;
    add.relation_type = "SUPPLIER";
    shop_good(fz_receiver_add(shop->client, &add, &answer, &error), error);
    assert_string_equal(answer->state, "INIT");
    fz_answer_free(answer);
    shop_must(fz_sandbox_end_receiver_audit(shop->sandbox, RECEIVER, mode->caller, NULL, NULL));
    shop_good(fz_receiver_query(shop->client, &query, &answer, &error), error);
    assert_string_equal(answer->state, "EFFECTIVE");
    fz_answer_free(answer);
}

static void delete_receiver(void)
{
    fz_error *error = NULL;
    struct fz_receiver_delete_request request = FZ_INIT(fz_receiver_delete_request);
    request.sub_mchid = mode->sub;
    request.type = "MERCHANT_ID";
    request.account = RECEIVER;
    shop_good(fz_receiver_delete(shop->client, &request, &error), error);
    shop_refused(fz_receiver_delete(shop->client, &request, &error), error, FZ_CODE_RESOURCE_NOT_EXISTS);
}

static void is_distributed(const struct fz_sandbox_paid *sold)
{
    fz_error *error = NULL;
    struct fz_distribution_answer *answer = NULL;
    struct fz_distribution_submit_receiver slice = {
        .currency = "CNY", .type = "MERCHANT_ID", .account = RECEIVER, .amount = 100, .description = "share"};
    struct fz_distribution_submit_request submit = FZ_INIT(fz_distribution_submit_request);
    struct fz_distribution_query_request query = FZ_INIT(fz_distribution_query_request);
    submit.sub_mchid = query.sub_mchid = mode->sub;
    submit.transaction_id = query.transaction_id = sold->transaction_id;
    submit.out_order_no = query.out_order_no = "every-slice";
    submit.receivers = &slice;
    submit.receivers_count = 1;
    shop_good(fz_distribution_submit(shop->client, &submit, &answer, &error), error);
    assert_string_equal(answer->out_order_no, "every-slice");
    fz_answer_free(answer);
    shop_must(fz_sandbox_advance(shop->sandbox, "PT1H"));
    shop_good(fz_distribution_query(shop->client, &query, &answer, &error), error);
    assert_string_equal(answer->state, "FINISHED");
    assert_string_equal(answer->receivers[0].result, "SUCCESS");
    assert_int_equal(answer->receivers[0].amount, 100);
    fz_answer_free(answer);
    query.out_order_no = "every-nothing";
    shop_refused(fz_distribution_query(shop->client, &query, &answer, &error), error, FZ_CODE_RESOURCE_NOT_EXISTS);
}

static void is_unfrozen(const struct fz_sandbox_paid *sold)
{
    fz_error *error = NULL;
    struct fz_distribution_answer *answer = NULL;
    struct fz_unfreeze_request request = FZ_INIT(fz_unfreeze_request);
    request.sub_mchid = mode->sub;
    request.transaction_id = sold->transaction_id;
    request.out_order_no = "every-rest";
    request.description = "rest";
    shop_good(fz_unfreeze(shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->transaction_id, sold->transaction_id);
    fz_answer_free(answer);
}

/* 1000 fen at a fee of 60/10 000 leave 994 (docs/book.md, own funds). */
static void amounts_are_told(const struct fz_sandbox_paid *sold)
{
    fz_error *error = NULL;
    struct fz_transaction_amounts_answer *amounts = NULL;
    struct fz_refundable_amounts_answer *refundable = NULL;
    struct fz_transaction_amounts_request ask = FZ_INIT(fz_transaction_amounts_request);
    struct fz_refundable_amounts_request ask_refund = FZ_INIT(fz_refundable_amounts_request);
    ask.sub_mchid = ask_refund.sub_mchid = mode->sub;
    ask.transaction_id = ask_refund.transaction_id = sold->transaction_id;
    shop_good(fz_transaction_amounts(shop->client, &ask, &amounts, &error), error);
    assert_in_range(amounts->unsplit_amount, 1, 994);
    fz_answer_free(amounts);
    shop_good(fz_refundable_amounts(shop->client, &ask_refund, &refundable, &error), error);
    assert_int_equal(refundable->refundable_amount, 1000); /* fee included */
    fz_answer_free(refundable);
    ask.transaction_id = "4200000000000000000000000000";
    shop_refused(fz_transaction_amounts(shop->client, &ask, &amounts, &error), error, FZ_CODE_INVALID_REQUEST);
}

static void orders_are_distributed(void **state)
{
    (void)state;
    struct fz_sandbox_paid sold = mode_paid(shop, mode, true);
    shop_must(fz_sandbox_advance(shop->sandbox, "PT10M")); /* until its money is frozen: docs/errors.md, ORDER_FREEZING */
    add_receiver();
    amounts_are_told(&sold);
    is_distributed(&sold);
    is_unfrozen(&sold);
    delete_receiver();
}

static void orders_are_marked(void **state)
{
    (void)state;
    fz_error *error = NULL;
    struct fz_mark_request request = FZ_INIT(fz_mark_request);
    request.sub_mchid = mode->sub;
    request.out_trade_no = "every-marked";
    request.currency = "CNY";
    shop_good(fz_mark(shop->client, &request, &error), error);
    request.currency = "USD";
    shop_refused(fz_mark(shop->client, &request, &error), error, FZ_CODE_INVALID_REQUEST); /* MARK_CURRENCY */
}

/* ---- the rest ---- */

static void bills_settlements_and_certificates_are_had(void **state)
{
    (void)state;
    fz_error *error = NULL;
    char *day = NULL;
    struct fz_bill_url_answer *bill = NULL;
    struct fz_settlements_answer *settlements = NULL;
    struct fz_certificates_answer *certificates = NULL;
    struct fz_bill_url_request ask = FZ_INIT(fz_bill_url_request);
    struct fz_settlements_request settled = FZ_INIT(fz_settlements_request);
    struct fz_certificates_request listed = FZ_INIT(fz_certificates_request);
    shop_must(fz_sandbox_demo_value(shop->sandbox, "BILL_DATE", &day));
    ask.sub_mchid = settled.sub_mchid = mode->sub;
    ask.bill_date = day;
    shop_good(fz_refund_bill_url(shop->client, &ask, &bill, &error), error);
    assert_memory_equal(bill->download_url, "http", 4);
    fz_answer_free(bill);
    shop_good(fz_distribution_bill_url(shop->client, &ask, &bill, &error), error);
    fz_answer_free(bill);
    ask.bill_date = "2001-01-01";
    assert_int_equal(fz_refund_bill_url(shop->client, &ask, &bill, &error), -1);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_REFUSED);
    fz_error_free(error);
    settled.settle_state = "UNSETTLE";
    settled.limit = 10;
    shop_good(fz_settlements(shop->client, &settled, &settlements, &error), error);
    fz_answer_free(settlements);
    shop_good(fz_certificates(shop->client, &listed, &certificates, &error), error);
    assert_int_equal(certificates->data_count, 1);
    fz_answer_free(certificates);
    fz_sandbox_text_free(day);
}

static void files_are_uploaded(void **state)
{
    (void)state;
    static const char file[] = "\x89PNG\r\n\x1a\n letter";
    fz_error *error = NULL;
    unsigned char digest[32];
    char hex[65];
    struct fz_file_upload_answer *answer = NULL;
    struct fz_file_upload_request request = FZ_INIT(fz_file_upload_request);
    assert_int_equal(EVP_Digest(file, sizeof file - 1, digest, NULL, EVP_sha256(), NULL), 1);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    request.filename = "letter.png";
    request.sha256 = hex;
    shop_good(fz_file_upload(shop->client, &request, file, sizeof file - 1, "letter.png", "image/png", &answer, &error), error);
    assert_true(strlen(answer->file_id) > 0);
    fz_answer_free(answer);
    hex[0] = hex[0] == '0' ? '1' : '0';
    assert_int_equal(fz_file_upload(shop->client, &request, file, sizeof file - 1, "letter.png", "image/png", &answer, &error), -1);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_REFUSED);
    fz_error_free(error);
}

/* ---- structs of other versions ---- */

/* What a newer program knows more is not sent; what an older one does not know is not given. */
static void structs_may_be_larger_and_smaller(void **state)
{
    (void)state;
    struct {
        struct fz_refundable_balance_request known;
        char newer[64];
    } larger;
    struct {
        size_t size;
    } smaller = {sizeof smaller}, none = {0};
    void *answer = NULL;
    fz_error *error = NULL;
    memset(&larger, 0xff, sizeof larger);
    larger.known = (struct fz_refundable_balance_request){.size = sizeof larger};
    shop_good(fz_call(shop->client, "refundable-balance", &larger, NULL, &answer, &error), error);
    fz_answer_free(answer);
    shop_good(fz_call(shop->client, "refundable-balance", &smaller, NULL, &answer, &error), error);
    fz_answer_free(answer);
    assert_int_equal(fz_call(shop->client, "refundable-balance", &none, NULL, &answer, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_OPTIONS);
    fz_error_free(error);
    answer = &larger;
    assert_int_equal(fz_call(shop->client, "no-such-call", &smaller, NULL, &answer, &error), -1);
    assert_null(answer);
    assert_int_equal(fz_error_code(error), FZ_CODE_OPTIONS);
    fz_error_free(error);
}

#define BOTH(name)                                                              \
    {#name "_institution", name, open_institution, shop_close, NULL},           \
    {#name "_direct", name, open_direct, shop_close, NULL}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(orders_are_placed),
        BOTH(orders_are_queried_closed_and_paid),
        BOTH(codes_are_paid_by_and_reversed),
        BOTH(refunds_are_submitted_and_found),
        BOTH(balances_are_told),
        BOTH(orders_are_distributed),
        BOTH(orders_are_marked),
        BOTH(bills_settlements_and_certificates_are_had),
        BOTH(files_are_uploaded),
        BOTH(structs_may_be_larger_and_smaller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
