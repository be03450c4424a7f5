/* Every call under every fault of the service, in both modes: whatever goes wrong, what was said of it is true, and the book has
 * each thing that was wanted once. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "spec/calls.h"
#include "unit/client/queries.h"

/* docs/control.md, "Faults": what strikes an answer strikes it after the work; an error and a reset `before` are not worked on. */
struct fault {
    const char *members; /* of the rule */
    enum fz_code code;   /* of the error, if it strikes every attempt */
    bool is_done;        /* the service does it all the same */
    bool repeats;        /* the library makes another attempt */
};

static const struct fault faults[] = {
    {"\"effect\":\"reset\",\"when\":\"before\"", FZ_CODE_NETWORK, false, true},
    {"\"effect\":\"reset\",\"when\":\"after\"", FZ_CODE_NETWORK, true, true},
    {"\"effect\":\"cut\"", FZ_CODE_NETWORK, true, true},
    {"\"effect\":\"wrong_signature\"", FZ_CODE_UNVERIFIED, true, false},
    {"\"effect\":\"probe_signature\"", FZ_CODE_UNVERIFIED, true, false},
    {"\"effect\":\"no_signature\"", FZ_CODE_UNVERIFIED, true, false},
    {"\"effect\":\"stale_timestamp\"", FZ_CODE_UNVERIFIED, true, false},
    {"\"effect\":\"expired_certificate\"", FZ_CODE_NO_KEY, true, false},
    {"\"error\":\"SYSTEM_ERROR\"", FZ_CODE_SYSTEM_ERROR, false, true},
    {"\"error\":\"SYSTEM_ERROR\",\"when\":\"after\"", FZ_CODE_SYSTEM_ERROR, true, true},
    {"\"error\":\"OVERLOAD\"", FZ_CODE_SERVICE_UNAVAILABLE, false, true},
};
#define FAULTS (sizeof faults / sizeof faults[0])

static struct scene *scene;

static int open_institution(void **state)
{
    (void)state;
    scene = scene_open(&institution);
    return 0;
}

static int open_direct(void **state)
{
    (void)state;
    scene = scene_open(&direct);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    scene_close(scene);
    return 0;
}

static void must_be(bool holds, const char *call, const struct fault *fault, const char *what, const fz_error *error)
{
    if (!holds)
        fail_msg("%s under %s: %s: %s", call, fault->members, what, error == NULL ? "no error" : fz_error_message(error));
}

static void strike(const char *call, const struct fault *fault, bool once)
{
    char members[160];
    snprintf(members, sizeof members, "%s%s", fault->members, once ? ",\"count\":1" : "");
    shop_fault(scene->shop, call, members);
}

/* ---- writes ---- */

/* Asked for, and with `repeat` made again: what is said afterwards. */
static void is_found_out(const struct wish *wish, const struct fault *fault, const fz_error *pending, bool is_done, bool repeat)
{
    const struct deed *deed = wish->deed;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    void *answer = NULL;
    const char *name = "";
    fz_error *why = NULL;
    int result = fz_find_out(scene->shop->client, pending, repeat, &outcome, &answer, &name, &why);
    if (deed->found_by == NULL && !repeat) {
        must_be(result == -1 && fz_error_outcome(why) == FZ_OUTCOME_MAYBE_DONE, deed->call, fault, "told without being asked", why);
    } else {
        bool done = is_done || repeat, asked = deed->found_by != NULL && is_done;
        must_be(result == 0, deed->call, fault, "not found out", why);
        must_be(outcome == (done ? FZ_OUTCOME_DONE : FZ_OUTCOME_NOT_SENT), deed->call, fault, "the wrong outcome", NULL);
        must_be((answer != NULL) == (done && !(asked && deed->finds_nothing)), deed->call, fault, "the wrong answer", NULL);
        must_be(!done || strcmp(name, asked ? deed->found_by : deed->call) == 0, deed->call, fault, name, NULL);
    }
    fz_answer_free(answer);
    fz_error_free(why);
}

static void is_held(const struct wish *wish, const struct fault *fault, int64_t times)
{
    int64_t held = wish_held(wish);
    if (held != times)
        fail_msg("%s under %s: %d times in the book in the place of %d", wish->deed->call, fault->members, (int)held, (int)times);
}

/* Every attempt is struck: it may have been done, and nothing else is said. */
static void is_told_truly(const struct wish *wish, const struct fault *fault)
{
    const struct deed *deed = wish->deed;
    void *answer = NULL;
    fz_error *error = NULL;
    strike(deed->call, fault, false);
    must_be(fz_call(scene->shop->client, deed->call, &wish->request, &wish->options, &answer, &error) == -1, deed->call, fault,
            "answered", NULL);
    bool was_repeated = fault->is_done && fault->repeats && fz_error_code(error) == deed->again;
    must_be(fz_error_code(error) == fault->code || was_repeated, deed->call, fault, "the wrong code", error);
    must_be(fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE && fz_error_keep_number(error), deed->call, fault, "said to be known", error);
    is_held(wish, fault, fault->is_done);
    shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
    is_found_out(wish, fault, error, fault->is_done, false);
    is_held(wish, fault, fault->is_done); /* asking does nothing */
    is_found_out(wish, fault, error, fault->is_done, true);
    is_held(wish, fault, 1);
    fz_error_free(error);
}

/* Only the first attempt is struck, and the next goes through; where doing it again is refused, that it may have been done is
 * still true. */
static void is_done_once(const struct wish *wish, const struct fault *fault)
{
    const struct deed *deed = wish->deed;
    void *answer = NULL;
    fz_error *error = NULL;
    strike(deed->call, fault, true);
    bool refused = fault->is_done && deed->again != FZ_CODE_NONE;
    int result = fz_call(scene->shop->client, deed->call, &wish->request, &wish->options, &answer, &error);
    must_be(result == (refused ? -1 : 0) && (answer != NULL) == !refused, deed->call, fault, "not repeated", error);
    is_held(wish, fault, 1);
    shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
    if (refused) {
        must_be(fz_error_code(error) == deed->again && fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE, deed->call, fault,
                "its own repeat taken for the whole", error);
        is_found_out(wish, fault, error, true, false);
    }
    fz_answer_free(answer);
    fz_error_free(error);
}

static void what_became_of_every_write_is_said_truly(void **state)
{
    (void)state;
    struct wish wish;
    for (const struct deed *deed = deeds; deed->call != NULL; deed++)
        for (size_t i = 0; i < FAULTS; i++) {
            wish_make(&wish, scene, deed);
            is_told_truly(&wish, &faults[i]);
        }
    shop_must(fz_sandbox_audit(scene->shop->sandbox, NULL));
}

static void every_write_is_done_once(void **state)
{
    (void)state;
    struct wish wish;
    for (const struct deed *deed = deeds; deed->call != NULL; deed++)
        for (size_t i = 0; i < FAULTS; i++)
            if (faults[i].repeats) {
                wish_make(&wish, scene, deed);
                is_done_once(&wish, &faults[i]);
            }
    shop_must(fz_sandbox_audit(scene->shop->sandbox, NULL));
}

/* ---- limits ---- */

/* A limit looks at nothing of what is asked (docs/errors.md, LIMIT_CALLER), so nothing was done; a second later it may be. waits.c has
 * what the answer itself can say of that time. */
static void a_limit_is_waited_for(void **state)
{
    (void)state;
    static const struct fault limit = {"\"error\":\"LIMIT_CALLER\"", FZ_CODE_FREQUENCY_LIMITED, false, true};
    struct wish wish;
    void *answer = NULL;
    fz_error *error = NULL;
    wish_make(&wish, scene, &deeds[0]);
    wish.options.deadline_ms = 900;
    strike(wish.deed->call, &limit, false);
    for (int tries = 0; tries == 0 || (fz_error_code(error) == FZ_CODE_DEADLINE && tries < 5); tries++) { /* the machine was busy */
        fz_error_free(error);
        error = NULL;
        assert_int_equal(fz_call(scene->shop->client, wish.deed->call, &wish.request, &wish.options, &answer, &error), -1);
    }
    assert_int_equal(fz_error_code(error), FZ_CODE_FREQUENCY_LIMITED);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_REFUSED);
    assert_int_equal(fz_error_wait_ms(error), 1000);
    is_held(&wish, &limit, 0);
    fz_error_free(error);
    shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
    int64_t began = fz_ticks_ms();
    wish.options.deadline_ms = 0;
    is_done_once(&wish, &limit);
    assert_in_range(fz_ticks_ms() - began, 1000, 20000);
}

/* ---- reads ---- */

/* "Of a call that only reads it says whether it was answered" (fenzhang/error.h). */
static void no_query_is_answered_falsely(void **state)
{
    (void)state;
    queries_prepare(scene);
    for (const struct query *query = queries; query->call != NULL; query++)
        for (size_t i = 0; i < FAULTS && query_is_of(query, scene->mode); i++) {
            void *answer = NULL;
            fz_error *error = NULL;
            strike(query->call, &faults[i], false);
            must_be(query_make(query, scene, &answer, &error) == -1 && answer == NULL, query->call, &faults[i], "answered", NULL);
            must_be(fz_error_code(error) == faults[i].code, query->call, &faults[i], "the wrong code", error);
            must_be(fz_error_outcome(error) == FZ_OUTCOME_NOT_SENT || fz_error_outcome(error) == FZ_OUTCOME_REFUSED, query->call,
                    &faults[i], "a query that did something", error);
            must_be(!fz_error_keep_number(error), query->call, &faults[i], "a number to keep", error);
            fz_error_free(error);
            shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
            error = NULL;
            strike(query->call, &faults[i], true);
            int result = query_make(query, scene, &answer, &error);
            must_be((result == 0) == faults[i].repeats && (answer != NULL) == (result == 0), query->call, &faults[i], "not repeated", error);
            fz_answer_free(answer);
            fz_error_free(error);
            shop_must(fz_sandbox_clear_faults(scene->shop->sandbox));
        }
}

/* ---- too late ---- */

#define LATE_MS    1200
#define ATTEMPT_MS 500 /* shorter than that, and long enough for fifteen calls at once on a slow machine */
#define WISHES     15

struct late {
    struct wish wish;
    bool done;
};

static size_t left;

static void on_done(void *argument, void *answer, fz_error *error)
{
    struct late *late = argument;
    if (error != NULL && fz_error_code(error) != late->wish.deed->again)
        fail_msg("%s: %s", late->wish.deed->call, fz_error_message(error));
    late->done = true;
    left--;
    fz_answer_free(answer);
    fz_error_free(error);
}

static void all_are_held_once(const struct late *all)
{
    for (size_t i = 0; i < WISHES; i++)
        if (wish_held(&all[i].wish) != 1)
            fail_msg("%s: %d times in the book", all[i].wish.deed->call, (int)wish_held(&all[i].wish));
}

/* The first attempt of each is worked on long after its repeat was: by then it is the same thing again. */
static void what_is_worked_on_too_late_is_not_done_again(void **state)
{
    (void)state;
    fz_error *error = NULL;
    fz_loop *loop = NULL;
    struct late *all = calloc(WISHES, sizeof *all);
    scene->shop->options.attempt_ms = ATTEMPT_MS;
    scene->shop->options.attempts = 20; /* more than are needed, unless the machine stands still */
    for (size_t i = 0; i < WISHES; i++)
        wish_make(&all[i].wish, scene, &deeds[i]);
    shop_reopen(scene->shop);
    shop_good(fz_loop_new(scene->shop->client, NULL, &loop, &error), error);
    for (size_t i = 0; i < WISHES; i++) {
        char members[60];
        snprintf(members, sizeof members, "\"delay_ms\":%d,\"count\":1", LATE_MS);
        shop_fault(scene->shop, deeds[i].call, members);
        shop_good(fz_loop_start(loop, deeds[i].call, &all[i].wish.request, &all[i].wish.options, on_done, &all[i], NULL, &error), error);
    }
    for (left = WISHES; left > 0; fz_loop_work(loop)) {
        struct pollfd wait = {.fd = fz_loop_handle(loop), .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 30000), 1);
    }
    all_are_held_once(all);
    nanosleep(&(struct timespec){.tv_sec = (LATE_MS + 300) / 1000, .tv_nsec = (LATE_MS + 300) % 1000 * 1000000L}, NULL);
    all_are_held_once(all);
    shop_must(fz_sandbox_audit(scene->shop->sandbox, NULL));
    fz_loop_free(loop);
    free(all);
}

/* ---- nothing is left out ---- */

/* Every call of the API is struck here, but for those that answer files (bill_day.c), and the closing of an order by its
 * transaction_id: an order has that once it is paid, and is not closed then. */
static void every_call_is_struck(void **state)
{
    (void)state;
    size_t count, known = 0;
    for (const struct deed *deed = deeds; deed->call != NULL; deed++)
        known++;
    for (const struct query *query = queries; query->call != NULL; query++)
        known++;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        known += specs[i]->answers_file != FZ_NO_FILE || strcmp(specs[i]->name, "order-close-by-id") == 0;
    assert_int_equal(known, count);
    assert_null(deeds[WISHES].call);
    assert_non_null(deeds[WISHES - 1].call);
}

#define BOTH(name)                                                               \
    {#name "_institution", name, open_institution, close_scene, NULL},           \
    {#name "_direct", name, open_direct, close_scene, NULL}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_struck),
        BOTH(what_became_of_every_write_is_said_truly),
        BOTH(every_write_is_done_once),
        cmocka_unit_test_setup_teardown(a_limit_is_waited_for, open_institution, close_scene),
        BOTH(no_query_is_answered_falsely),
        BOTH(what_is_worked_on_too_late_is_not_done_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
