/* The deeds, and the book's own word on them. */
#include "unit/client/deeds.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIVER "1900000334"
#define FILE_     "\x89PNG\r\n\x1a\n letter"

/* A request of its type in the wish, with its size. */
#define BEGIN(member) (memset(&wish->request, 0, sizeof wish->request), wish->request.member.size = sizeof wish->request.member, \
                       &wish->request.member)

static const struct mode *mode_of(const struct wish *wish)
{
    return wish->scene->mode;
}

/* ---- orders ---- */

static struct fz_order_place_request *place(struct wish *wish, const char *type)
{
    struct fz_order_place_request *request = BEGIN(place);
    SET_MODE(mode_of(wish), *request);
    SET_APPID(mode_of(wish), *request);
    request->description = "Camera";
    request->notify_url = "http://127.0.0.1:9/notify";
    request->out_trade_no = wish->number;
    request->trade_type = type;
    request->merchant_category_code = "5812";
    request->amount.total = 100;
    request->amount.currency = "CNY";
    return request;
}

static void make_native(struct wish *wish)
{
    (void)place(wish, "NATIVE");
}

static void make_app(struct wish *wish)
{
    (void)place(wish, "APP");
}

static void make_jsapi(struct wish *wish)
{
    struct fz_order_place_request *request = place(wish, "JSAPI");
    request->has_payer = true;
    *(mode_of(wish)->sp == NULL ? &request->payer.openid : &request->payer.sp_openid) = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
}

static void make_mweb(struct wish *wish)
{
    struct fz_order_place_request *request = place(wish, "MWEB");
    request->has_scene_info = request->scene_info.has_store_info = true;
    request->scene_info.payer_client_ip = "14.23.150.211";
    request->scene_info.store_info.id = "0001";
    request->scene_info.store_info.name = "shop";
    request->scene_info.store_info.address = "street";
}

static void make_micropay(struct wish *wish)
{
    struct fz_order_micropay_request *request = BEGIN(micropay);
    SET_MODE(mode_of(wish), *request);
    SET_APPID(mode_of(wish), *request);
    request->description = "Camera";
    request->out_trade_no = wish->number;
    request->trade_type = "MICROPAY";
    request->merchant_category_code = "5812";
    request->amount.total = 100;
    request->amount.currency = "CNY";
    request->payer.auth_code = wish->code;
}

/* Does it once, undisturbed; what was answered is the caller's. */
static void *do_it(const struct wish *wish, const char *call)
{
    void *answer = NULL;
    fz_error *error = NULL;
    shop_good(fz_call(wish->scene->shop->client, call, &wish->request, NULL, &answer, &error), error);
    return answer;
}

static void make_close(struct wish *wish)
{
    make_native(wish);
    fz_answer_free(do_it(wish, "order-native"));
    struct fz_order_by_number_request *request = BEGIN(by_number);
    SET_MODE(mode_of(wish), *request);
    request->out_trade_no = wish->number;
}

static void pay_by_code(struct wish *wish)
{
    make_micropay(wish);
    struct fz_order_answer *answer = do_it(wish, "order-micropay");
    snprintf(wish->transaction_id, sizeof wish->transaction_id, "%s", answer->id);
    fz_answer_free(answer);
}

static void make_reverse_by_number(struct wish *wish)
{
    pay_by_code(wish);
    struct fz_order_by_number_request *request = BEGIN(by_number);
    SET_MODE(mode_of(wish), *request);
    request->out_trade_no = wish->number;
}

static void make_reverse_by_id(struct wish *wish)
{
    pay_by_code(wish);
    struct fz_order_by_id_request *request = BEGIN(by_id);
    SET_MODE(mode_of(wish), *request);
    request->transaction_id = wish->transaction_id;
}

/* ---- refunds and distributions ---- */

static void take_id(struct wish *wish, const struct fz_sandbox_paid *paid)
{
    memcpy(wish->transaction_id, paid->transaction_id, sizeof wish->transaction_id);
}

static void make_refund(struct wish *wish)
{
    struct fz_sandbox_paid paid = mode_paid(wish->scene->shop, mode_of(wish), false);
    take_id(wish, &paid);
    struct fz_refund_submit_request *request = BEGIN(refund);
    *request = shop_refund(&paid, wish->number);
    request->transaction_id = wish->transaction_id;
    SET_MODE(mode_of(wish), *request);
    SET_APPID(mode_of(wish), *request);
}

static void make_mark(struct wish *wish)
{
    struct fz_mark_request *request = BEGIN(mark);
    request->sub_mchid = mode_of(wish)->sub;
    request->out_trade_no = wish->number;
    request->currency = "CNY";
}

static void take_marked(struct wish *wish)
{
    assert_true(wish->scene->used < SCENE_MARKED);
    take_id(wish, &wish->scene->marked[wish->scene->used++]);
}

static void make_distribution(struct wish *wish)
{
    take_marked(wish);
    struct fz_distribution_submit_request *request = BEGIN(distribution);
    wish->slice = (struct fz_distribution_submit_receiver){
        .currency = "CNY", .type = "MERCHANT_ID", .account = RECEIVER, .amount = 100, .description = "share"};
    request->sub_mchid = mode_of(wish)->sub;
    request->transaction_id = wish->transaction_id;
    request->out_order_no = wish->number;
    request->receivers = &wish->slice;
    request->receivers_count = 1;
}

static void make_unfreeze(struct wish *wish)
{
    take_marked(wish);
    struct fz_unfreeze_request *request = BEGIN(unfreeze);
    request->sub_mchid = mode_of(wish)->sub;
    request->transaction_id = wish->transaction_id;
    request->out_order_no = wish->number;
    request->description = "rest";
}

/* ---- receivers and files ---- */

static void make_add(struct wish *wish)
{
    struct fz_receiver_add_request *request = BEGIN(add);
    request->sub_mchid = mode_of(wish)->sub;
    request->type = "MERCHANT_ID";
    request->account = wish->number;
    request->relation_type = "SUPPLIER";
}

static void make_delete(struct wish *wish)
{
    make_add(wish);
    fz_answer_free(do_it(wish, "receiver-add"));
    struct fz_receiver_delete_request *request = BEGIN(delete);
    request->sub_mchid = mode_of(wish)->sub;
    request->type = "MERCHANT_ID";
    request->account = wish->number;
}

static void make_upload(struct wish *wish)
{
    unsigned char digest[32];
    struct fz_file_upload_request *request = BEGIN(upload);
    assert_int_equal(EVP_Digest(FILE_, sizeof FILE_ - 1, digest, NULL, EVP_sha256(), NULL), 1);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(wish->digest + 2 * i, 3, "%02x", digest[i]);
    snprintf(wish->file_name, sizeof wish->file_name, "%s.png", wish->number);
    request->filename = wish->file_name;
    request->sha256 = wish->digest;
    wish->options.file = FILE_;
    wish->options.file_size = sizeof FILE_ - 1;
    wish->options.file_name = wish->file_name;
    wish->options.file_type = "image/png";
}

/* ---- all ---- */

#define PLACED      "SELECT count(*) FROM payment WHERE out_trade_no = ?1 AND caller = ?3"
#define BY_NUMBER   "order-query-by-number"
#define DISTRIBUTED "distribution-query"
/* How often its money went back. */
#define REVERSED "SELECT count(*) FROM payment JOIN refund ON refund.payment = payment.id" \
                 " WHERE payment.out_trade_no = ?1 AND payment.refunded = payment.amount"

/* States of a payment are those of src/book/order/payment.h: 2 paid, 3 closed. */
const struct deed deeds[] = {
    {"order-native", BY_NUMBER, false, FZ_CODE_NONE, make_native, PLACED},
    {"order-jsapi", BY_NUMBER, false, FZ_CODE_NONE, make_jsapi, PLACED},
    {"order-app", BY_NUMBER, false, FZ_CODE_NONE, make_app, PLACED},
    {"order-mweb", BY_NUMBER, false, FZ_CODE_NONE, make_mweb, PLACED},
    {"order-micropay", BY_NUMBER, false, FZ_CODE_NONE, make_micropay, PLACED " AND state = 2"},
    {"order-close-by-number", NULL, false, FZ_CODE_NONE, make_close, PLACED " AND state = 3"},
    {"order-reverse-by-number", NULL, false, FZ_CODE_NONE, make_reverse_by_number, REVERSED},
    {"order-reverse-by-id", NULL, false, FZ_CODE_NONE, make_reverse_by_id, REVERSED},
    {"refund-submit", "refund-by-out-refund-no", false, FZ_CODE_NONE, make_refund,
     "SELECT payment.refunded / 100 FROM payment JOIN refund ON refund.payment = payment.id WHERE out_refund_no = ?1"},
    {"mark", NULL, false, FZ_CODE_NONE, make_mark, "SELECT count(*) FROM mark WHERE out_trade_no = ?1 AND caller = ?3"},
    {"distribution-submit", DISTRIBUTED, false, FZ_CODE_NONE, make_distribution,
     "SELECT payment.to_receivers / 100 FROM payment JOIN distribution ON distribution.payment = payment.id WHERE out_order_no = ?1"},
    {"unfreeze", DISTRIBUTED, false, FZ_CODE_NONE, make_unfreeze, "SELECT count(*) FROM distribution WHERE out_order_no = ?1"},
    {"receiver-add", "receiver-query", false, FZ_CODE_INVALID_REQUEST, make_add,
     "SELECT count(*) FROM receiver WHERE account = ?1 AND caller = ?3"},
    {"receiver-delete", "receiver-query", true, FZ_CODE_RESOURCE_NOT_EXISTS, make_delete,
     "SELECT count(*) = 0 FROM receiver WHERE account = ?1 AND caller = ?3"},
    {"file-upload", NULL, false, FZ_CODE_NONE, make_upload, "SELECT count(*) FROM upload WHERE filename = ?1 || '.png'"},
    {0},
};

void wish_make(struct wish *wish, struct scene *scene, const struct deed *deed)
{
    int number = ++scene->wishes;
    *wish = (struct wish){.deed = deed, .scene = scene, .options = FZ_INIT(fz_call_options)};
    snprintf(wish->number, sizeof wish->number, "wish-%06d", number);
    snprintf(wish->code, sizeof wish->code, "13%016d", number);
    deed->make(wish);
}

int64_t wish_held(const struct wish *wish)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(wish->scene->book, wish->deed->held, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", wish->deed->call, sqlite3_errmsg(wish->scene->book));
    (void)sqlite3_bind_text(statement, 1, wish->number, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 2, wish->transaction_id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(statement, 3, mode_of(wish)->caller, -1, SQLITE_STATIC);
    int64_t held = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    return held;
}

/* ---- scenes ---- */

static void add_receiver(struct scene *scene)
{
    fz_error *error = NULL;
    struct fz_receiver_answer *answer = NULL;
    struct fz_receiver_add_request request = FZ_INIT(fz_receiver_add_request);
    request.sub_mchid = scene->mode->sub;
    request.type = "MERCHANT_ID";
    request.account = RECEIVER;
    request.relation_type = "SUPPLIER";
    shop_good(fz_receiver_add(scene->shop->client, &request, &answer, &error), error);
    fz_answer_free(answer);
}

struct scene *scene_open(const struct mode *mode)
{
    char path[4200];
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->mode = mode;
    scene->shop = mode_open(mode);
    scene->shop->options.attempts = 3;
    scene->shop->options.backoff_ms = 1;
    shop_reopen(scene->shop);
    add_receiver(scene);
    for (size_t i = 0; i < SCENE_MARKED; i++)
        scene->marked[i] = mode_paid(scene->shop, mode, true);
    shop_must(fz_sandbox_advance(scene->shop->sandbox, "PT10M")); /* their money is frozen, the receiver's audit has ended */
    snprintf(path, sizeof path, "%s/book.db", fz_sandbox_data(scene->shop->sandbox));
    if (sqlite3_open_v2(path, &scene->book, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        fail_msg("%s: %s", path, sqlite3_errmsg(scene->book));
    return scene;
}

void scene_close(struct scene *scene)
{
    void *shop = scene->shop;
    (void)sqlite3_close(scene->book);
    (void)shop_close(&shop);
    free(scene);
}
