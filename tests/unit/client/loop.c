/* Calls on an event loop: whatever the loop and the program do, each call is done once. */
#include "fenzhang/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/clock.h"
#include "fenzhang-sandbox.h"
#include "fenzhang/calls.h"
#include "unit/client/forked.h"
#include "unit/client/loop_driver.h"
#include "unit/client/silent.h"

#define IN_FLIGHT  64
#define PATIENCE_MS 30000
#define AT_ONCE_MS 400

static fz_sandbox *sandbox;
static struct fz_sandbox_credentials merchant = FZ_INIT(fz_sandbox_credentials);
static struct fz_refund_by_id_request query = FZ_INIT(fz_refund_by_id_request);
static char *refund_id, *public_key;

static int open_sandbox(void **state)
{
    (void)state;
    char why[FZ_SANDBOX_WHY_SIZE];
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    if (fz_sandbox_new(&options, &sandbox, why, sizeof why) != 0)
        fail_msg("%s", why);
    fz_sandbox_get_credentials(sandbox, FZ_SANDBOX_MCHID, &merchant);
    fz_sandbox_demo_value(sandbox, "REFUND_ID", &refund_id);
    query.id = refund_id;
    query.sp_mchid = FZ_SANDBOX_MCHID;
    query.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *text = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(text, key);
    BIO_write(text, "", 1);
    char *data;
    BIO_get_mem_data(text, &data);
    public_key = strdup(data);
    BIO_free(text);
    EVP_PKEY_free(key);
    return 0;
}

static int close_sandbox(void **state)
{
    (void)state;
    free(public_key);
    fz_sandbox_text_free(refund_id);
    fz_sandbox_free(sandbox);
    return 0;
}

static struct fz_client_options options_for(void)
{
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    assert_int_equal(fz_sandbox_client_options(sandbox, &merchant, &options), 0);
    options.proxy = "";
    return options;
}

static fz_client *client_of(const struct fz_client_options *options)
{
    fz_client *client = NULL;
    fz_error *error = NULL;
    if (fz_client_new(options, &client, &error) != 0)
        fail_msg("%s", fz_error_message(error));
    return client;
}

/* ---- calls that are counted ---- */

struct counted {
    fz_loop *loop;
    fz_loop_call *call;
    int started, done, answered;
    enum fz_code code;
    enum fz_outcome outcome;
    int again;                              /* so many more are started when one is done */
    struct counted *cancels[IN_FLIGHT + 1]; /* when it is done; NULL-ended */
    bool inside;                            /* fz_loop_start is under way */
};

static void start(struct counted *counted, const struct fz_call_options *options);

static void on_done(void *argument, void *answer, fz_error *error)
{
    struct counted *counted = argument;
    assert_false(counted->inside);
    assert_true((answer == NULL) != (error == NULL));
    counted->done++;
    counted->answered += answer != NULL;
    counted->code = error == NULL ? FZ_CODE_NONE : fz_error_code(error);
    counted->outcome = error == NULL ? FZ_OUTCOME_DONE : fz_error_outcome(error);
    if (answer != NULL)
        assert_string_equal(((struct fz_refund_answer *)answer)->id, refund_id);
    fz_answer_free(answer);
    fz_error_free(error);
    for (struct counted **other = counted->cancels; *other != NULL; other++)
        if ((*other)->done < (*other)->started || *other == counted)
            fz_loop_cancel(counted->loop, (*other)->call);
    if (counted->again > 0) {
        counted->again--;
        start(counted, NULL);
    }
}

static void start(struct counted *counted, const struct fz_call_options *options)
{
    fz_error *error = NULL;
    counted->inside = true;
    if (fz_loop_start(counted->loop, "refund-by-id", &query, options, on_done, counted, &counted->call, &error) != 0)
        fail_msg("%s", fz_error_message(error));
    counted->inside = false;
    counted->started++;
}

static int count_done(const struct counted *all, int count)
{
    int done = 0;
    for (int i = 0; i < count; i++) {
        assert_true(all[i].done <= all[i].started);
        done += all[i].done == all[i].started;
    }
    return done;
}

/* Until all are done. */
static void run(const struct loop_driver *driver, const struct counted *all, int count)
{
    int64_t until = fz_ticks_ms() + PATIENCE_MS;
    while (count_done(all, count) < count) {
        if (fz_ticks_ms() > until)
            fail_msg("%s, hostility %d: %d of %d were done", driver->name, hostility, count_done(all, count), count);
        driver->turn();
    }
}

static void run_for(const struct loop_driver *driver, int64_t milliseconds)
{
    int64_t until = fz_ticks_ms() + milliseconds;
    do
        driver->turn();
    while (fz_ticks_ms() < until);
}

static struct counted *many(fz_loop *loop, int again)
{
    struct counted *all = calloc(IN_FLIGHT, sizeof *all);
    for (int i = 0; i < IN_FLIGHT; i++) {
        all[i].loop = loop;
        all[i].again = again;
        start(&all[i], NULL);
        assert_int_equal(all[i].done, 0);
    }
    return all;
}

/* ---- many at a time ---- */

static void answers_all(const struct loop_driver *driver, int again)
{
    struct fz_client_options options = options_for();
    fz_client *client = client_of(&options);
    struct counted *all = many(driver->open(client), again);
    run(driver, all, IN_FLIGHT);
    for (int i = 0; i < IN_FLIGHT; i++) {
        assert_int_equal(all[i].done, 1 + again);
        assert_int_equal(all[i].answered, 1 + again);
    }
    driver->close();
    fz_client_free(client);
    free(all);
}

static void test_many_on_one_thread(void **state)
{
    (void)state;
    for (const struct loop_driver *const *driver = loop_drivers; *driver != NULL; driver++)
        answers_all(*driver, 3);
}

static void test_a_hostile_loop(void **state)
{
    (void)state;
    static const int each[] = {HOSTILE_NOT,     HOSTILE_EARLY,  HOSTILE_LATE,
                               HOSTILE_SPURIOUS, HOSTILE_STRANGE, HOSTILE_WITHIN,
                               HOSTILE_LATE | HOSTILE_SPURIOUS | HOSTILE_STRANGE | HOSTILE_WITHIN,
                               HOSTILE_ALL & ~HOSTILE_CUTS};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        hostility = each[i];
        answers_all(&by_hostile, 1);
        assert_int_equal(hostile_watched(), 0);
        assert_false(hostile_timer_is_set());
    }
    hostility = HOSTILE_NOT;
}

/* What `done` starts goes out at once, however busy the loop is, and not when a timer comes that every event puts off. */
static void test_what_done_starts_waits_for_no_timer(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    fz_client *client = client_of(&options);
    struct counted chain = {.loop = by_hostile.open(client), .again = 20};
    start(&chain, NULL);
    run(&by_hostile, &chain, 1);
    assert_int_equal(chain.answered, 21);
    assert_in_range(hostile_timers_that_came(), 1, chain.answered - 2); /* of connections and keys, more on a busy machine: not one a call */
    by_hostile.close();
    fz_client_free(client);
}

static void test_sockets_that_are_closed_from_outside(void **state)
{
    (void)state;
    static const int each[] = {HOSTILE_CUTS, HOSTILE_ALL};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        hostility = each[i];
        struct fz_client_options options = options_for();
        options.attempt_ms = 500;
        options.backoff_ms = 5;
        fz_client *client = client_of(&options);
        struct counted *all = many(by_hostile.open(client), 3);
        run(&by_hostile, all, IN_FLIGHT);
        for (int k = 0; k < IN_FLIGHT; k++)
            assert_int_equal(all[k].done, 4);
        by_hostile.close();
        assert_int_equal(hostile_watched(), 0);
        assert_false(hostile_timer_is_set());
        fz_client_free(client);
        free(all);
    }
    hostility = HOSTILE_NOT;
}

/* ---- the end, in every state ---- */

enum stage { JUST_STARTED, CONNECTING, WAITING_FOR_ANSWER, BACKING_OFF, FETCHING_KEYS, STAGES };
enum means { BY_CALL, BY_CANCEL, BY_CLIENT, BY_FREE, MEANS };

struct scene {
    const struct loop_driver *driver;
    enum stage stage;
    struct silent silent;
    fz_client *client;
    fz_cancel *cancel;
    struct counted calls[2]; /* of two that need keys one fetches them, and the other waits for that */
};

static void open_scene(struct scene *scene)
{
    struct fz_client_options options = options_for();
    struct fz_call_options call_options = FZ_INIT(fz_call_options);
    silent_open(&scene->silent, scene->stage == CONNECTING);
    if (scene->stage == BACKING_OFF)
        silent_shut(&scene->silent);
    options.hosts = scene->silent.hosts;
    options.deadline_ms = options.attempt_ms = options.backoff_ms = 60000;
    if (scene->stage == BACKING_OFF)
        options.deadline_ms = 600000;
    if (scene->stage != FETCHING_KEYS) {
        options.public_key_id = "PUB_KEY_ID_0000000000000000000000000001";
        options.public_key = public_key;
    }
    scene->client = client_of(&options);
    scene->cancel = fz_cancel_new();
    call_options.cancel = scene->cancel;
    fz_loop *loop = scene->driver->open(scene->client);
    for (int i = 0; i < 2; i++) {
        scene->calls[i] = (struct counted){.loop = loop};
        start(&scene->calls[i], &call_options);
    }
}

static void end_by(struct scene *scene, enum means means)
{
    switch (means) {
    case BY_CALL:
        for (int i = 0; i < 2; i++) {
            fz_loop_cancel(scene->calls[i].loop, scene->calls[i].call);
            fz_loop_cancel(scene->calls[i].loop, scene->calls[i].call);
        }
        break;
    case BY_CANCEL:
        fz_cancel_all(scene->cancel);
        break;
    case BY_CLIENT:
        fz_client_cancel(scene->client);
        break;
    default:
        scene->driver->close();
    }
}

static void close_scene(struct scene *scene, enum means means)
{
    if (means != BY_FREE)
        scene->driver->close();
    fz_client_free(scene->client);
    fz_cancel_free(scene->cancel);
    silent_close(&scene->silent);
}

/* How long that took. */
static int64_t end_at(const struct loop_driver *driver, enum stage stage, enum means means)
{
    struct scene scene = {.driver = driver, .stage = stage};
    open_scene(&scene);
    if (stage != JUST_STARTED)
        run_for(driver, 30);
    assert_int_equal(count_done(scene.calls, 2), 0);
    int64_t begin = fz_ticks_ms();
    end_by(&scene, means);
    if (means != BY_FREE)
        run(driver, scene.calls, 2);
    int64_t took = fz_ticks_ms() - begin;
    close_scene(&scene, means);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scene.calls[i].done, 1);
        assert_int_equal(scene.calls[i].code, FZ_CODE_CANCELLED);
        assert_int_equal(scene.calls[i].outcome, FZ_OUTCOME_NOT_SENT); /* a query changes nothing */
    }
    return took;
}

/* It was woken, and did not wait for a turn's end. Once more where the machine was busy. */
static void ends_at(const struct loop_driver *driver, enum stage stage, enum means means)
{
    int64_t took = INT64_MAX;
    for (int tries = 0; tries < 5 && took > AT_ONCE_MS; tries++)
        took = end_at(driver, stage, means);
    assert_in_range(took, 0, AT_ONCE_MS);
}

static void test_the_end_in_every_state(void **state)
{
    (void)state;
    for (const struct loop_driver *const *driver = loop_drivers; *driver != NULL; driver++)
        for (enum stage stage = 0; stage < STAGES; stage++)
            for (enum means means = 0; means < MEANS; means++)
                ends_at(*driver, stage, means);
    for (enum stage stage = 0; stage < STAGES; stage++)
        for (enum means means = 0; means < MEANS; means++) {
            hostility = HOSTILE_ALL & ~HOSTILE_CUTS;
            ends_at(&by_hostile, stage, means);
            assert_int_equal(hostile_watched(), 0);
        }
    hostility = HOSTILE_NOT;
}

/* Nothing happens, so nothing is done: neither by a timer that is due again and again, nor by a descriptor that stays ready. */
static void test_a_loop_that_waits_does_not_turn(void **state)
{
    (void)state;
    for (enum stage stage = CONNECTING; stage < STAGES; stage++) {
        struct scene scene = {.driver = &by_descriptor, .stage = stage};
        int turns = 0;
        open_scene(&scene);
        run_for(scene.driver, 100);
        for (int64_t until = fz_ticks_ms() + 400; fz_ticks_ms() < until; turns++)
            scene.driver->turn();
        assert_in_range(turns, 1, 20);
        close_scene(&scene, BY_CALL);
    }
}

/* Who fetches for all and goes away leaves it to another, not everybody without keys. */
static void test_a_cancelled_fetch_goes_to_who_waits(void **state)
{
    (void)state;
    struct scene scene = {.driver = &by_descriptor, .stage = FETCHING_KEYS};
    open_scene(&scene);
    run_for(scene.driver, 30);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(count_done(scene.calls, 2), i);
        fz_loop_cancel(scene.calls[i].loop, scene.calls[i].call); /* the first one started is the first one stepped */
        run_for(scene.driver, 30);
    }
    assert_int_equal(count_done(scene.calls, 2), 2);
    close_scene(&scene, BY_CALL);
    for (int i = 0; i < 2; i++)
        assert_int_equal(scene.calls[i].code, FZ_CODE_CANCELLED);
}

/* ---- what `done` may do ---- */

static void test_done_cancels_all(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    for (const struct loop_driver *const *driver = loop_drivers; *driver != NULL; driver++) {
        fz_client *client = client_of(&options);
        struct counted *all = many((*driver)->open(client), 0);
        for (int i = 0; i < IN_FLIGHT; i++) {
            all[i].again = i % 4;
            for (int k = 0; k < IN_FLIGHT && i % 8 == 0; k++)
                all[i].cancels[k] = &all[k]; /* itself too, which is over */
        }
        run(*driver, all, IN_FLIGHT);
        for (int i = 0; i < IN_FLIGHT; i++) {
            assert_int_equal(all[i].done, 1 + i % 4);
            assert_true(all[i].answered == all[i].done || all[i].answered < all[i].done);
        }
        (*driver)->close();
        fz_client_free(client);
        free(all);
    }
}

/* A call that is over takes its cancelling along: the one that begins with its handle goes on. */
static void test_done_cancels_itself_after_it_started_another(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    fz_client *client = client_of(&options);
    struct counted second = {.loop = by_descriptor.open(client)}, first = {.loop = second.loop};
    start(&first, NULL);
    first.cancels[0] = &first;
    run(&by_descriptor, &first, 1);
    start(&second, NULL);
    run(&by_descriptor, &second, 1);
    assert_int_equal(second.answered, 1);
    by_descriptor.close();
    fz_client_free(client);
}

static fz_loop *freed;
static int refused;

static void start_once_more(void *argument, void *answer, fz_error *error)
{
    (void)argument;
    fz_answer_free(answer);
    assert_int_equal(fz_error_code(error), FZ_CODE_CANCELLED);
    fz_error_free(error);
    assert_int_equal(fz_loop_start(freed, "refund-by-id", &query, NULL, start_once_more, NULL, NULL, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_CANCELLED);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
    refused++;
}

static void test_a_loop_that_is_freed_starts_nothing(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    fz_client *client = client_of(&options);
    freed = by_descriptor.open(client);
    assert_int_equal(fz_loop_start(freed, "refund-by-id", &query, NULL, start_once_more, NULL, NULL, NULL), 0);
    by_descriptor.close();
    assert_int_equal(refused, 1);
    fz_client_free(client);
}

/* ---- what cannot be ---- */

static void no_watch(void *data, int handle, int what)
{
    (void)data, (void)handle, (void)what;
}

static void test_half_of_the_hooks(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    struct fz_loop_hooks hooks = {.size = sizeof hooks, .watch = no_watch};
    fz_client *client = client_of(&options);
    fz_loop *loop = NULL;
    fz_error *error = NULL;
    assert_int_equal(fz_loop_new(client, &hooks, &loop, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_OPTIONS);
    fz_error_free(error);
    fz_client_free(client);
}

static int use_in_child(void *loop)
{
    fz_error *error = NULL;
    int result = fz_loop_start(loop, "refund-by-id", &query, NULL, on_done, NULL, NULL, &error);
    bool good = result == -1 && fz_error_code(error) == FZ_CODE_FORKED;
    fz_loop_work(loop);
    by_descriptor.close();
    return good ? 0 : 1;
}

/* The child may only give back; the parent's calls come to their end. */
static void test_a_fork(void **state)
{
    (void)state;
    struct fz_client_options options = options_for();
    fz_client *client = client_of(&options);
    struct counted *all = many(by_descriptor.open(client), 0);
    while (count_done(all, IN_FLIGHT) == 0)
        by_descriptor.turn();
    assert_int_equal(forked(use_in_child, all[0].loop), 0);
    run(&by_descriptor, all, IN_FLIGHT);
    for (int i = 0; i < IN_FLIGHT; i++)
        assert_int_equal(all[i].answered, 1);
    by_descriptor.close();
    fz_client_free(client);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_on_one_thread),
        cmocka_unit_test(test_a_hostile_loop),
        cmocka_unit_test(test_what_done_starts_waits_for_no_timer),
        cmocka_unit_test(test_sockets_that_are_closed_from_outside),
        cmocka_unit_test(test_the_end_in_every_state),
        cmocka_unit_test(test_a_loop_that_waits_does_not_turn),
        cmocka_unit_test(test_a_cancelled_fetch_goes_to_who_waits),
        cmocka_unit_test(test_done_cancels_all),
        cmocka_unit_test(test_done_cancels_itself_after_it_started_another),
        cmocka_unit_test(test_a_loop_that_is_freed_starts_nothing),
        cmocka_unit_test(test_half_of_the_hooks),
        cmocka_unit_test(test_a_fork),
    };
    return cmocka_run_group_tests(tests, open_sandbox, close_sandbox);
}
