/* Calls with members that are sealed for the platform: its key is fetched first, and whatever key is used, the platform opens
 * what was written. */
#include <stdio.h>
#include <string.h>

#include "unit/client/deeds.h"

#define NAME         "张三 (Zhang San)"
#define RECEIVERS    "/v3/global/profit-sharing/receivers"
#define CERTIFICATES "/v3/certificates"

static struct scene *scene;

static int open_scene(void **state)
{
    (void)state;
    scene = scene_open(&institution);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    scene_close(scene);
    return 0;
}

/* A person that is not known yet. */
static struct fz_receiver_add_request person(const char *openid)
{
    struct fz_receiver_add_request request = FZ_INIT(fz_receiver_add_request);
    request.sub_mchid = scene->mode->sub;
    request.appid = SHOP_APPID;
    request.type = "PERSONAL_OPENID";
    request.account = openid;
    request.name = NAME;
    request.has_authorized = request.authorized = true;
    request.relation_type = "DISTRIBUTOR";
    return request;
}

/* The book has the name that the platform opened. */
static void is_known(const char *openid)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(scene->book, "SELECT name FROM receiver WHERE account = ?1", -1, &statement, NULL), SQLITE_OK);
    (void)sqlite3_bind_text(statement, 1, openid, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), NAME);
    (void)sqlite3_finalize(statement);
}

static void is_added(const char *openid)
{
    struct fz_receiver_add_request request = person(openid);
    struct fz_receiver_answer *answer = NULL;
    fz_error *error = NULL;
    shop_good(fz_receiver_add(scene->shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->account, openid);
    fz_answer_free(answer);
    is_known(openid);
}

static void rotate(void)
{
    char serial[41];
    shop_must(fz_sandbox_rotate_platform_certificate(scene->shop->sandbox, "PT0S", serial));
}

/* Of a client that has just been made. */
static void the_key_is_fetched_first(void **state)
{
    (void)state;
    shop_reopen(scene->shop);
    size_t fetched = shop_requests(scene->shop, CERTIFICATES, "200"), added = shop_requests(scene->shop, RECEIVERS, "200");
    is_added("openid-fetched-first");
    assert_int_equal(shop_requests(scene->shop, CERTIFICATES, "200"), fetched + 1);
    assert_int_equal(shop_requests(scene->shop, RECEIVERS, "200"), added + 1);
}

/* Without a key nothing can be sealed, and what is to be sealed is not sent open. */
static void nothing_is_sent_without_a_key(void **state)
{
    (void)state;
    struct fz_receiver_add_request request = person("openid-without-a-key");
    struct fz_receiver_answer *answer = NULL;
    fz_error *error = NULL;
    shop_fault(scene->shop, "certificates", "\"error\":\"SYSTEM_ERROR\"");
    shop_reopen(scene->shop);
    size_t sent = shop_requests(scene->shop, RECEIVERS, NULL);
    assert_int_equal(fz_receiver_add(scene->shop->client, &request, &answer, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_SYSTEM_ERROR); /* what the service said when it was asked for its keys */
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    assert_int_equal(shop_requests(scene->shop, RECEIVERS, NULL), sent);
    fz_error_free(error);
}

/* Sealed for a key that was in force a moment ago: the platform has it still. */
static void a_key_may_be_changed_in_between(void **state)
{
    (void)state;
    is_added("openid-before");
    rotate();
    is_added("openid-by-the-old-key"); /* its answer is signed by the new one, which is fetched */
    is_added("openid-by-the-new-key");
}

/* The repeat has the same bytes, and with them the old seals and the old key's serial number. */
static void a_lost_call_is_repeated_with_its_seals(void **state)
{
    (void)state;
    struct fz_receiver_add_request request = person("openid-lost");
    struct fz_receiver_answer *answer = NULL;
    fz_error *error = NULL, *why = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    void *found = NULL;
    const char *name = NULL;
    shop_fault(scene->shop, "receiver-add", "\"effect\":\"reset\",\"when\":\"before\"");
    assert_int_equal(fz_receiver_add(scene->shop->client, &request, &answer, &error), -1);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
    rotate();
    shop_good(fz_find_out(scene->shop->client, error, true, &outcome, &found, &name, &why), why);
    assert_int_equal(outcome, FZ_OUTCOME_DONE);
    assert_string_equal(name, "receiver-add");
    fz_answer_free(found);
    fz_error_free(error);
    is_known("openid-lost");
}

/* Once the merchant has moved to the platform's public key, that is what seals. */
static void the_public_key_seals(void **state)
{
    (void)state;
    static const char *const steps[] = {"{\"public_key\":\"both\"}", "{\"public_key\":\"only\"}"};
    static const char *const openids[] = {"openid-by-both", "openid-by-the-public-key"};
    struct shop *shop = scene->shop;
    for (size_t i = 0; i < 2; i++) {
        shop_must(fz_sandbox_change_merchant(shop->sandbox, scene->mode->caller, steps[i]));
        shop_must(fz_sandbox_get_credentials(shop->sandbox, scene->mode->caller, &shop->merchant));
        shop_must(fz_sandbox_client_options(shop->sandbox, &shop->merchant, &shop->options));
        shop->options.hosts = shop->hosts;
        shop_reopen(shop);
        is_added(openids[i]);
    }
}

/* Of a slice too, whose name is compared with the receiver's when it is paid. */
static void a_slice_has_a_name(void **state)
{
    (void)state;
    fz_error *error = NULL;
    struct fz_distribution_answer *answer = NULL;
    struct fz_distribution_submit_receiver slice = {.currency = "CNY", .type = "PERSONAL_OPENID", .account = "openid-with-a-slice",
                                                    .name = NAME, .has_authorized = true, .authorized = true, .amount = 100,
                                                    .description = "share"};
    struct fz_distribution_submit_request submit = FZ_INIT(fz_distribution_submit_request);
    struct fz_distribution_query_request query = FZ_INIT(fz_distribution_query_request);
    is_added("openid-with-a-slice");
    shop_must(fz_sandbox_advance(scene->shop->sandbox, "PT1H")); /* its audit has ended */
    rotate();
    submit.sub_mchid = query.sub_mchid = scene->mode->sub;
    submit.appid = SHOP_APPID;
    submit.transaction_id = query.transaction_id = scene->marked[0].transaction_id;
    submit.out_order_no = query.out_order_no = "sealed-slice";
    submit.receivers = &slice;
    submit.receivers_count = 1;
    shop_good(fz_distribution_submit(scene->shop->client, &submit, &answer, &error), error);
    fz_answer_free(answer);
    shop_must(fz_sandbox_advance(scene->shop->sandbox, "PT1H"));
    shop_good(fz_distribution_query(scene->shop->client, &query, &answer, &error), error);
    assert_string_equal(answer->receivers[0].result, "SUCCESS");
    fz_answer_free(answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_key_is_fetched_first),
        TEST(nothing_is_sent_without_a_key),
        TEST(a_key_may_be_changed_in_between),
        TEST(a_lost_call_is_repeated_with_its_seals),
        TEST(the_public_key_seals),
        TEST(a_slice_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
