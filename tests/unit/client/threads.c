/* One client in eight threads at once: blocking calls, a loop, lost answers, cancelled calls and callbacks, while the platform's keys
 * change. Whatever meets whatever, each refund is made once. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "unit/client/shop.h"

#define THREADS 8
#define TURNS   12

static struct shop *shop;
static struct fz_sandbox_paid paid[THREADS];
static atomic_int wrong; /* asserts of cmocka are for the thread that runs the test */

static int open_shop(void **state)
{
    int result = shop_open(state);
    shop = *state;
    return result;
}

static void expect(bool holds, const char *what, const fz_error *error)
{
    if (holds)
        return;
    atomic_fetch_add(&wrong, 1);
    fprintf(stderr, "%s: %s\n", what, error == NULL ? "no error" : fz_error_message(error));
}

/* Whatever is lost on its way is found out, or made again under its number. */
static void refund(const struct fz_sandbox_paid *of, int turn)
{
    char number[40];
    snprintf(number, sizeof number, "%.20s-%d", of->out_trade_no, turn);
    struct fz_refund_submit_request request = shop_refund(of, number);
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL, *why = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    const char *name;
    void *found = NULL;
    request.amount.refund = 1;
    if (fz_refund_submit(shop->client, &request, &answer, &error) != 0) {
        expect(fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE, "a refund that was refused", error);
        while (fz_find_out(shop->client, error, true, &outcome, &found, &name, &why) != 0) {
            fz_error_free(why);
            why = NULL;
        }
        expect(outcome == FZ_OUTCOME_DONE, "a refund that is not done", error);
    }
    fz_answer_free(answer);
    fz_answer_free(found);
    fz_error_free(error);
}

static void query(const struct fz_sandbox_paid *of)
{
    struct fz_order_by_id_request request = FZ_INIT(fz_order_by_id_request);
    struct fz_order_answer *answer = NULL;
    fz_error *error = NULL;
    request.sp_mchid = FZ_SANDBOX_MCHID;
    request.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    request.transaction_id = of->transaction_id;
    int result = fz_order_query_by_id(shop->client, &request, &answer, &error);
    expect(result == 0 && strcmp(answer->out_trade_no, of->out_trade_no) == 0, "a query", error);
    fz_answer_free(answer);
    fz_error_free(error);
}

/* Ended in its middle, at its beginning or not at all. */
static void cancelled(int turn)
{
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_call_options options = FZ_INIT(fz_call_options);
    void *answer = NULL;
    fz_error *error = NULL;
    options.cancel = fz_cancel_new();
    if (turn % 2 == 0)
        fz_cancel_all(options.cancel);
    int result = fz_call(shop->client, "refundable-balance", &request, &options, &answer, &error);
    expect((result == 0) == (turn % 2 != 0), "a call that was ended", error);
    expect(result == 0 || fz_error_code(error) == FZ_CODE_CANCELLED, "another end", error);
    fz_answer_free(answer);
    fz_error_free(error);
    fz_cancel_free(options.cancel);
}

/* Of nobody's: the key is looked for, with all others who look for it. */
static void callback(int turn)
{
    char now[24], serial[41];
    struct fz_callback_received *received = NULL;
    struct fz_callback_request request = FZ_INIT(fz_callback_request);
    fz_error *error = NULL;
    snprintf(now, sizeof now, "%lld", (long long)time(NULL));
    snprintf(serial, sizeof serial, "%040X", (unsigned)turn + 1);
    request.timestamp = now;
    request.nonce = "nonce";
    request.serial = serial;
    request.signature = "AAAA";
    request.body = "{}";
    request.body_size = 2;
    expect(fz_callback_open(shop->client, &request, &received, &error) == -1, "a callback of nobody's", error);
    fz_error_free(error);
}

static void on_done(void *left, void *answer, fz_error *error)
{
    expect(error == NULL, "a call of a loop", error);
    fz_answer_free(answer);
    fz_error_free(error);
    --*(int *)left;
}

static void loop(void)
{
    int left = 0;
    fz_loop *mine = NULL;
    fz_error *error = NULL;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    expect(fz_loop_new(shop->client, NULL, &mine, &error) == 0, "a loop", error);
    for (; left < 4; left++)
        expect(fz_loop_start(mine, "refundable-balance", &request, NULL, on_done, &left, NULL, &error) == 0, "a start", error);
    while (left > 0) {
        struct pollfd wait = {.fd = fz_loop_handle(mine), .events = POLLIN};
        (void)poll(&wait, 1, -1);
        fz_loop_work(mine);
    }
    fz_loop_free(mine);
}

static void *work(void *argument)
{
    const struct fz_sandbox_paid *of = argument;
    int number = (int)(of - paid);
    for (int turn = 0; turn < TURNS; turn++) {
        refund(of, turn);
        query(of);
        if (number % 4 == 0)
            loop();
        if (number % 4 == 1)
            cancelled(turn);
        if (number % 4 == 2)
            callback(turn);
    }
    return NULL;
}

/* Some answers are lost after their work, some before it; the platform changes its key in between. */
static void one_client_in_eight_threads(void **state)
{
    (void)state;
    char serial[41];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        paid[i] = shop_paid(shop, false);
    shop->options.attempts = 2;
    shop_reopen(shop);
    shop_fault(shop, "refund-submit", "\"effect\":\"reset\",\"when\":\"after\",\"share\":3000,\"seed\":1");
    shop_fault(shop, "refund-submit", "\"error\":\"SYSTEM_ERROR\",\"share\":3000,\"seed\":2");
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &paid[i]), 0);
    shop_must(fz_sandbox_rotate_platform_certificate(shop->sandbox, "PT0S", serial));
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    for (size_t i = 0; i < THREADS; i++) {
        int64_t sum;
        assert_int_equal(shop_refunds(shop, &paid[i], &sum), TURNS);
        assert_int_equal(sum, TURNS);
    }
    shop_must(fz_sandbox_audit(shop->sandbox, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_client_in_eight_threads, open_shop, shop_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
