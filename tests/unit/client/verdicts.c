/* What the library says became of a call, beside what the book says, whatever goes wrong on the way. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit/client/forked.h"
#include "unit/client/shop.h"

#define REFUNDS       "/v3/global/refunds"
#define DEAD_HOST     "http://127.0.0.1:1" /* tcpmux: nobody listens there */
#define CERTIFICATES  "/v3/certificates"

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- faults and refunds ---- */

/* A fault that strikes every attempt, and what is true then. */
struct fault {
    const char *members; /* of the rule */
    enum fz_code code;
    bool is_done; /* the service does it all the same */
};

/* docs/control.md, "Faults": what strikes an answer strikes it after the work; an error and a reset `before` are not worked on. */
static const struct fault faults[] = {
    {"\"effect\":\"reset\",\"when\":\"before\"", FZ_CODE_NETWORK, false},
    {"\"effect\":\"reset\",\"when\":\"after\"", FZ_CODE_NETWORK, true},
    {"\"effect\":\"cut\"", FZ_CODE_NETWORK, true},
    {"\"effect\":\"wrong_signature\"", FZ_CODE_UNVERIFIED, true},
    {"\"effect\":\"probe_signature\"", FZ_CODE_UNVERIFIED, true},
    {"\"effect\":\"no_signature\"", FZ_CODE_UNVERIFIED, true},
    {"\"effect\":\"stale_timestamp\"", FZ_CODE_UNVERIFIED, true},
    {"\"effect\":\"expired_certificate\"", FZ_CODE_NO_KEY, true},
    {"\"error\":\"SYSTEM_ERROR\"", FZ_CODE_SYSTEM_ERROR, false},
    {"\"error\":\"SYSTEM_ERROR\",\"when\":\"after\"", FZ_CODE_SYSTEM_ERROR, true},
    {"\"error\":\"OVERLOAD\"", FZ_CODE_SERVICE_UNAVAILABLE, false},
};

static enum fz_outcome ask(struct shop *shop, const fz_error *pending, bool repeat, const char *call)
{
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    void *answer = NULL;
    const char *name = NULL;
    fz_error *error = NULL;
    shop_good(fz_find_out(shop->client, pending, repeat, &outcome, &answer, &name, &error), error);
    if (outcome == FZ_OUTCOME_DONE)
        assert_string_equal(name, call);
    assert_int_equal(answer != NULL, outcome == FZ_OUTCOME_DONE);
    fz_answer_free(answer);
    return outcome;
}

static void a_fault_is_told_truly(struct shop *shop, const struct fault *fault)
{
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, paid.out_trade_no);
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    int64_t sum;
    shop_fault(shop, "refund-submit", fault->members);
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    if (fz_error_code(error) != fault->code)
        fail_msg("%s: code %d: %s", fault->members, fz_error_code(error), fz_error_message(error));
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    assert_true(fz_error_keep_number(error));
    assert_int_equal(shop_refunds(shop, &paid, &sum), fault->is_done);
    assert_int_equal(ask(shop, error, false, "refund-by-out-refund-no"), fault->is_done ? FZ_OUTCOME_DONE : FZ_OUTCOME_NOT_SENT);
    assert_int_equal(shop_refunds(shop, &paid, &sum), fault->is_done); /* asking does nothing */
    assert_int_equal(ask(shop, error, true, fault->is_done ? "refund-by-out-refund-no" : "refund-submit"), FZ_OUTCOME_DONE);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
    assert_int_equal(sum, 100);
    fz_error_free(error);
}

static void what_became_of_a_refund_is_what_the_book_says(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        a_fault_is_told_truly(*state, &faults[i]);
}

/* Struck once, the next attempt goes through: one refund, whatever became of the first. */
static void a_repeat_refunds_once(void **state)
{
    static const char *const once[] = {"\"effect\":\"reset\",\"when\":\"before\"", "\"effect\":\"reset\",\"when\":\"after\"",
                                       "\"effect\":\"cut\"", "\"error\":\"SYSTEM_ERROR\",\"when\":\"after\"",
                                       "\"error\":\"OVERLOAD\""};
    struct shop *shop = *state;
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        char members[120];
        int64_t sum;
        struct fz_sandbox_paid paid = shop_paid(shop, false);
        struct fz_refund_submit_request request = shop_refund(&paid, paid.out_trade_no);
        struct fz_refund_submit_answer *answer = NULL;
        fz_error *error = NULL;
        snprintf(members, sizeof members, "%s,\"count\":1", once[i]);
        shop_fault(shop, "refund-submit", members);
        shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
        assert_string_equal(answer->out_refund_no, paid.out_trade_no);
        fz_answer_free(answer);
        assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
        assert_int_equal(sum, 100);
    }
}

static int balance_is_asked(struct shop *shop)
{
    struct fz_refundable_balance_request query = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *balance = NULL;
    int result = fz_refundable_balance(shop->client, &query, &balance, NULL);
    fz_answer_free(balance);
    return result;
}

/* libcurl would send it again by itself, over a new connection, when a kept one ends without an answer. */
static void one_attempt_goes_out_once(void **state)
{
    struct shop *shop = *state;
    int64_t sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-once");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop->options.attempts = 1;
    shop_reopen(shop);
    assert_int_equal(balance_is_asked(shop), 0); /* the connection is kept */
    shop_fault(shop, "refund-submit", "\"effect\":\"reset\",\"when\":\"after\",\"count\":1");
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_NETWORK);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    assert_int_equal(ask(shop, error, false, "refund-by-out-refund-no"), FZ_OUTCOME_DONE);
    fz_error_free(error);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
    shop_fault(shop, "refundable-balance", "\"effect\":\"reset\",\"when\":\"after\",\"count\":1");
    assert_int_equal(balance_is_asked(shop), 0); /* a query may */
}

/* A refusal that is signed is the service's word, and cancels no doubt of an attempt before it. */
static void a_refusal_after_a_lost_answer_leaves_the_doubt(void **state)
{
    struct shop *shop = *state;
    int64_t sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-doubt");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop_fault(shop, "refund-submit", "\"effect\":\"reset\",\"when\":\"after\",\"count\":1");
    shop_fault(shop, "refund-submit", "\"error\":\"REFUND_SHORT\",\"count\":1");
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_NOT_ENOUGH);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    assert_int_equal(ask(shop, error, false, "refund-by-out-refund-no"), FZ_OUTCOME_DONE);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
    fz_error_free(error);
}

/* ---- orders and distributions ---- */

/* A call that is lost before or after its work, and what its own query says then. */
static void a_loss_is_found_out(struct shop *shop, const char *name, const void *request, bool after, const char *query)
{
    void *answer = NULL;
    fz_error *error = NULL;
    shop_fault(shop, name, after ? "\"effect\":\"reset\",\"when\":\"after\"" : "\"effect\":\"reset\",\"when\":\"before\"");
    assert_int_equal(fz_call(shop->client, name, request, NULL, &answer, &error), -1);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    shop_must(fz_sandbox_clear_faults(shop->sandbox));
    assert_int_equal(ask(shop, error, false, query), after ? FZ_OUTCOME_DONE : FZ_OUTCOME_NOT_SENT);
    assert_int_equal(ask(shop, error, true, after ? query : name), FZ_OUTCOME_DONE);
    assert_int_equal(ask(shop, error, true, query), FZ_OUTCOME_DONE);
    fz_error_free(error);
}

static void what_became_of_an_order_is_found_out(void **state)
{
    struct fz_order_place_request request = FZ_INIT(fz_order_place_request);
    request.sp_mchid = FZ_SANDBOX_MCHID;
    request.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    request.sp_appid = SHOP_APPID;
    request.description = "Camera";
    request.notify_url = "http://127.0.0.1:9/notify";
    request.trade_type = "NATIVE";
    request.merchant_category_code = "5812";
    request.amount.total = 100;
    request.out_trade_no = "lost-after";
    a_loss_is_found_out(*state, "order-native", &request, true, "order-query-by-number");
    request.out_trade_no = "lost-before";
    a_loss_is_found_out(*state, "order-native", &request, false, "order-query-by-number");
}

/* The rest of each order, released to its sponsor. */
static void what_became_of_a_distribution_is_found_out(void **state)
{
    struct shop *shop = *state;
    struct fz_sandbox_paid first = shop_paid(shop, true), second = shop_paid(shop, true);
    struct fz_distribution_submit_request request = FZ_INIT(fz_distribution_submit_request);
    shop_must(fz_sandbox_advance(shop->sandbox, "PT10M")); /* until their money is frozen */
    request.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    request.unfreeze_unsplit = true;
    request.transaction_id = first.transaction_id;
    request.out_order_no = "lost-after";
    a_loss_is_found_out(shop, "distribution-submit", &request, true, "distribution-query");
    request.transaction_id = second.transaction_id;
    request.out_order_no = "lost-before";
    a_loss_is_found_out(shop, "distribution-submit", &request, false, "distribution-query");
}

/* ---- who cannot be asked ---- */

/* "The service does not know it" has to be the service's own word: docs/control.md, no_signature. */
static void an_unsigned_unknown_tells_nothing(void **state)
{
    struct shop *shop = *state;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-hidden");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL, *why = NULL;
    enum fz_outcome outcome;
    void *found = NULL;
    const char *name;
    shop_fault(shop, "refund-submit", "\"effect\":\"reset\",\"when\":\"before\"");
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    shop_fault(shop, "refund-by-out-refund-no", "\"effect\":\"no_signature\"");
    assert_int_equal(fz_find_out(shop->client, error, false, &outcome, &found, &name, &why), -1);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    fz_error_free(why);
    shop_must(fz_sandbox_clear_faults(shop->sandbox));
    assert_int_equal(ask(shop, error, false, "refund-by-out-refund-no"), FZ_OUTCOME_NOT_SENT); /* it can be asked again */
    fz_error_free(error);
}

/* ---- hosts ---- */

static void another_host_gets_the_same_number(void **state)
{
    struct shop *shop = *state;
    int64_t sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-host");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop->hosts[0] = DEAD_HOST;
    shop->hosts[1] = fz_sandbox_url(shop->sandbox);
    shop_reopen(shop); /* without keys: they too come from the second host */
    shop_fault(shop, "refund-submit", "\"effect\":\"reset\",\"when\":\"after\",\"count\":1");
    shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->out_refund_no, "R-host");
    fz_answer_free(answer);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
    assert_int_equal(shop_requests(shop, REFUNDS, "200") > 0, true);
}

static void what_reached_no_host_was_not_sent(void **state)
{
    struct shop *shop = *state;
    int64_t sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-dead");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop->hosts[0] = shop->hosts[1] = DEAD_HOST;
    shop_reopen(shop);
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_NETWORK);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 0);
}

/* ---- the deadline ---- */

/* Where the machine was so busy that nothing was sent in the time that there was, more of it is given. */
static void forget_what_was_not_sent(const struct shop *shop, fz_error **error)
{
    if (fz_error_outcome(*error) != FZ_OUTCOME_NOT_SENT || shop->options.deadline_ms > 5000)
        return;
    fz_error_free(*error);
    *error = NULL;
}

/* Over all attempts; what is delayed before its work is done nevertheless. */
static void the_deadline_holds_for_all_attempts(void **state)
{
    struct shop *shop = *state;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-late");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop_fault(shop, "refund-submit", "\"delay_ms\":30000");
    for (shop->options.deadline_ms = 400; error == NULL; shop->options.deadline_ms *= 4) {
        shop->options.attempt_ms = shop->options.deadline_ms * 3 / 8;
        shop_reopen(shop);
        int64_t began = now_ms();
        assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
        assert_in_range(now_ms() - began, 300, 20000); /* an answer takes 30 s */
        assert_int_equal(fz_error_code(error), FZ_CODE_DEADLINE);
        forget_what_was_not_sent(shop, &error);
    }
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    fz_error_free(error);
}

/* A client that knows the keys of now, from a directory; then another key signs, and the list of keys is late. */
static void know_old_keys(struct shop *shop, char directory[200])
{
    char serial[41];
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *balance = NULL;
    fz_error *error = NULL;
    snprintf(directory, 200, "%s/keys", fz_sandbox_data(shop->sandbox));
    assert_int_equal(mkdir(directory, 0700), 0);
    shop->options.certificate_directory = directory;
    shop_reopen(shop);
    shop_good(fz_refundable_balance(shop->client, &request, &balance, &error), error);
    fz_answer_free(balance);
    shop_must(fz_sandbox_rotate_platform_certificate(shop->sandbox, "PT0S", serial));
    shop_fault(shop, "certificates", "\"delay_ms\":30000");
}

/* That the first host could not be reached says nothing of the answer of the second. */
static void an_answer_whose_key_is_late_may_be_of_something_done(void **state)
{
    struct shop *shop = *state;
    int64_t sum;
    char directory[200];
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-key");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    know_old_keys(shop, directory);
    shop->hosts[1] = shop->hosts[0];
    shop->hosts[0] = DEAD_HOST;
    for (shop->options.deadline_ms = 500; error == NULL; shop->options.deadline_ms *= 4) {
        shop_reopen(shop);
        assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
        assert_int_equal(fz_error_code(error), FZ_CODE_DEADLINE);
        forget_what_was_not_sent(shop, &error);
    }
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_MAYBE_DONE);
    fz_error_free(error);
    for (int looks = 0; shop_refunds(shop, &paid, &sum) == 0 && looks < 1000; looks++)
        usleep(10000); /* it may just be doing it */
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
}

/* ---- cancelling ---- */

struct canceller {
    struct shop *shop;
    fz_cancel *cancel;
    int64_t struck; /* by then */
    int64_t at_ms;  /* out */
};

/* How many requests went wrong by the rules that stand. */
static int64_t count_struck(struct shop *shop)
{
    char *text = NULL;
    size_t i;
    json_t *rule;
    int64_t hits = 0;
    shop_must(fz_sandbox_faults(shop->sandbox, &text));
    json_t *rules = json_loads(text, 0, NULL);
    json_array_foreach(json_object_get(rules, "faults"), i, rule)
        hits += json_integer_value(json_object_get(rule, "hits"));
    json_decref(rules);
    fz_sandbox_text_free(text);
    return hits;
}

/* Once the service has the request, and a moment later: in which the call waits for what does not come. */
static void *cancel_later(void *argument)
{
    struct canceller *canceller = argument;
    while (count_struck(canceller->shop) == canceller->struck)
        usleep(1000);
    usleep(50000);
    canceller->at_ms = now_ms();
    if (canceller->cancel != NULL)
        fz_cancel_all(canceller->cancel);
    else
        fz_client_cancel(canceller->shop->client);
    return NULL;
}

/* A refund that is cancelled on its way; how it ended, and within how many ms. */
static fz_error *cancelled(struct shop *shop, const struct fz_sandbox_paid *paid, fz_cancel *cancel, int64_t *took)
{
    pthread_t thread;
    struct canceller canceller = {shop, cancel, count_struck(shop), 0};
    struct fz_refund_submit_request request = shop_refund(paid, paid->out_trade_no);
    struct fz_call_options options = FZ_INIT(fz_call_options);
    void *answer = NULL;
    fz_error *error = NULL;
    options.cancel = cancel;
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &canceller), 0);
    assert_int_equal(fz_call(shop->client, "refund-submit", &request, &options, &answer, &error), -1);
    int64_t ended_ms = now_ms();
    pthread_join(thread, NULL);
    *took = ended_ms - canceller.at_ms;
    assert_null(answer);
    assert_int_equal(fz_error_code(error), FZ_CODE_CANCELLED);
    return error;
}

struct phase {
    const char *endpoint, *members;
    enum fz_outcome outcome;
    int64_t refunds;
};

static const struct phase phases[] = {
    {"certificates", "\"delay_ms\":20000", FZ_OUTCOME_NOT_SENT, 0}, /* fetching keys, before anything is sent */
    {"refund-submit", "\"delay_ms\":20000,\"when\":\"after\"", FZ_OUTCOME_MAYBE_DONE, 1}, /* waiting for its answer */
    {"refund-submit", "\"error\":\"SYSTEM_ERROR\"", FZ_OUTCOME_MAYBE_DONE, 0}, /* waiting for the next attempt */
};

static void a_cancelled_call_ends_at_once(struct shop *shop, const struct phase *phase, fz_cancel *cancel)
{
    int64_t took, sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    shop_reopen(shop);
    shop_fault(shop, phase->endpoint, phase->members);
    int tries = 0;
    do { /* once more where the machine was busy */
        fz_error *error = cancelled(shop, &paid, cancel, &took);
        assert_int_equal(fz_error_outcome(error), phase->outcome);
        fz_error_free(error);
        if (cancel != NULL)
            fz_cancel_reset(cancel);
    } while (took > 900 && ++tries < 5);
    assert_in_range(took, 0, 900); /* not by the poll's own end */
    assert_int_equal(shop_refunds(shop, &paid, &sum), phase->refunds);
}

static void a_call_is_cancelled_in_every_phase(void **state)
{
    struct shop *shop = *state;
    fz_cancel *cancel = fz_cancel_new();
    shop->options.backoff_ms = 10000;
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        a_cancelled_call_ends_at_once(shop, &phases[i], NULL);
        a_cancelled_call_ends_at_once(shop, &phases[i], cancel);
    }
    fz_cancel_free(cancel);
}

/* A fetch that its caller gave up says nothing of the service: the next call fetches. */
static void a_cancelled_fetch_leaves_the_next_call_its_own(void **state)
{
    struct shop *shop = *state;
    int64_t took;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-next");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error;
    shop_fault(shop, "certificates", "\"delay_ms\":20000");
    fz_error_free(cancelled(shop, &paid, NULL, &took));
    shop_must(fz_sandbox_clear_faults(shop->sandbox));
    shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
    fz_answer_free(answer);
}

/* ---- keys ---- */

/* The POST's own answer is kept while its key is fetched: it is not made again. */
static void an_answer_waits_for_its_key(void **state)
{
    struct shop *shop = *state;
    char serial[41];
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, "R-first");
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
    fz_answer_free(answer);
    shop_must(fz_sandbox_rotate_platform_certificate(shop->sandbox, "PT0S", serial));
    request.out_refund_no = "R-second";
    shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
    assert_string_equal(answer->out_refund_no, "R-second");
    fz_answer_free(answer);
    assert_int_equal(shop_requests(shop, REFUNDS, NULL), 2);
    assert_int_equal(shop_requests(shop, CERTIFICATES, NULL), 2);
}

static void *query_often(void *argument)
{
    struct shop *shop = argument;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    intptr_t bad = 0;
    for (int i = 0; i < 25; i++) {
        struct fz_refundable_balance_answer *answer = NULL;
        fz_error *error = NULL;
        if (fz_refundable_balance(shop->client, &request, &answer, &error) != 0) {
            bad++;
            fprintf(stderr, "%s\n", fz_error_message(error));
            fz_error_free(error);
        }
        fz_answer_free(answer);
    }
    return (void *)bad;
}

static void threads_go_on_while_keys_change(void **state)
{
    struct shop *shop = *state;
    pthread_t threads[8];
    char serial[41];
    void *bad;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, query_often, shop), 0);
    shop_must(fz_sandbox_rotate_platform_certificate(shop->sandbox, "PT0S", serial));
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
}

/* From certificates over both to the public key alone (docs/control.md, `public_key`). */
static void a_merchant_moves_to_the_public_key(void **state)
{
    struct shop *shop = *state;
    static const char *const steps[] = {"{\"public_key\":\"both\"}", "{\"public_key\":\"only\"}"};
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    for (size_t i = 0; i < 2; i++) {
        struct fz_refundable_balance_answer *answer = NULL;
        fz_error *error = NULL;
        shop_must(fz_sandbox_change_merchant(shop->sandbox, FZ_SANDBOX_MCHID, steps[i]));
        shop_must(fz_sandbox_get_credentials(shop->sandbox, FZ_SANDBOX_MCHID, &shop->merchant));
        shop_must(fz_sandbox_client_options(shop->sandbox, &shop->merchant, &shop->options));
        shop->options.hosts = shop->hosts;
        assert_memory_equal(shop->options.public_key_id, "PUB_KEY_ID_", 11);
        shop_reopen(shop);
        shop_good(fz_refundable_balance(shop->client, &request, &answer, &error), error);
        fz_answer_free(answer);
    }
}

/* ---- other processes ---- */

static int child(void *argument)
{
    struct shop *shop = argument;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *answer = NULL;
    struct fz_callback_request sent = FZ_INIT(fz_callback_request);
    struct fz_callback_received *received = NULL;
    fz_error *error = NULL;
    if (fz_refundable_balance(shop->client, &request, &answer, &error) != -1 || fz_error_code(error) != FZ_CODE_FORKED ||
        fz_error_outcome(error) != FZ_OUTCOME_NOT_SENT || !fz_error_is_fatal(error))
        return 1;
    fz_error_free(error);
    if (fz_callback_open(shop->client, &sent, &received, &error) != -1 || fz_error_code(error) != FZ_CODE_FORKED)
        return 2;
    fz_error_free(error);
    fz_client_free(shop->client);
    return 0;
}

/* Also while other threads of the parent hold whatever locks they have. */
static void a_child_has_no_client_and_its_parent_goes_on(void **state)
{
    struct shop *shop = *state;
    pthread_t thread;
    void *bad;
    assert_int_equal(pthread_create(&thread, NULL, query_often, shop), 0);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(forked(child, shop), 0);
    }
    pthread_join(thread, &bad);
    assert_null(bad);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_open, shop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_became_of_a_refund_is_what_the_book_says),
        TEST(a_repeat_refunds_once),
        TEST(one_attempt_goes_out_once),
        TEST(a_refusal_after_a_lost_answer_leaves_the_doubt),
        TEST(what_became_of_an_order_is_found_out),
        TEST(what_became_of_a_distribution_is_found_out),
        TEST(an_unsigned_unknown_tells_nothing),
        TEST(another_host_gets_the_same_number),
        TEST(what_reached_no_host_was_not_sent),
        TEST(the_deadline_holds_for_all_attempts),
        TEST(an_answer_whose_key_is_late_may_be_of_something_done),
        TEST(a_call_is_cancelled_in_every_phase),
        TEST(a_cancelled_fetch_leaves_the_next_call_its_own),
        TEST(an_answer_waits_for_its_key),
        TEST(threads_go_on_while_keys_change),
        TEST(a_merchant_moves_to_the_public_key),
        TEST(a_child_has_no_client_and_its_parent_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
