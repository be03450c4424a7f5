/* Faults on demand: which requests a rule strikes, how often, how long, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "server/fault/faults.h"

static struct fz_faults *faults;

static int begin(void **state)
{
    (void)state;
    faults = fz_faults_new();
    return faults == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    fz_faults_free(faults);
    return 0;
}

static const struct fz_fault_request usual = {.endpoint = "refund-submit",
                                              .target = "/v3/global/refunds?a=b",
                                              .mchid = "1900000100",
                                              .sub_mchid = "1900000109",
                                              .ticks_ms = 1000,
                                              .book_ms = 5000};

static struct fz_fault_rule rule_of(enum fz_row row)
{
    return (struct fz_fault_rule){.fault = {.effect = FZ_FAULT_ERROR, .row = row},
                                  .share = FZ_FAULT_SHARE_ALL};
}

static int64_t add(const struct fz_fault_rule *rule)
{
    int64_t id = 0;
    assert_int_equal(fz_faults_add(faults, rule, &id), FZ_OK);
    return id;
}

/* The row that strikes a request; NONE if nothing does. */
static enum fz_row strike(const struct fz_fault_request *request)
{
    struct fz_fault fault = {0};
    bool struck = fz_faults_draw(faults, request, &fault);
    assert_int_equal(struck, fault.row != FZ_ROW_NONE);
    return fault.row;
}

static void no_rule_strikes_nothing(void **state)
{
    (void)state;
    assert_false(fz_faults_any(faults));
    assert_int_equal(strike(&usual), FZ_ROW_NONE);
}

static void a_rule_without_terms_strikes_all(void **state)
{
    (void)state;
    struct fz_fault_rule rule = rule_of(FZ_REFUND_SHORT);
    add(&rule);
    assert_true(fz_faults_any(faults));
    assert_int_equal(strike(&usual), FZ_REFUND_SHORT);
    struct fz_fault_request other = {.endpoint = "certificates", .target = "/v3/certificates", .mchid = "1"};
    assert_int_equal(strike(&other), FZ_REFUND_SHORT);
}

/* Each term for itself: it strikes what fits and lets pass what does not. */
static void every_term_has_to_fit(void **state)
{
    (void)state;
    struct fz_fault_rule rule = rule_of(FZ_REFUND_SHORT);
    strcpy(rule.endpoint, "refund-submit");
    strcpy(rule.mchid, "1900000100");
    strcpy(rule.sub_mchid, "1900000109");
    strcpy(rule.path, "/v3/global/refunds");
    add(&rule);
    assert_int_equal(strike(&usual), FZ_REFUND_SHORT);
    struct fz_fault_request other = usual;
    other.endpoint = "refund-by-id";
    assert_int_equal(strike(&other), FZ_ROW_NONE);
    other = usual;
    other.mchid = "1900000101";
    assert_int_equal(strike(&other), FZ_ROW_NONE);
    other = usual;
    other.sub_mchid = "1900000110";
    assert_int_equal(strike(&other), FZ_ROW_NONE);
    other.sub_mchid = NULL;
    assert_int_equal(strike(&other), FZ_ROW_NONE);
    other = usual;
    other.target = "/hk/v3/refunds";
    assert_int_equal(strike(&other), FZ_ROW_NONE);
}

static void a_star_stands_for_anything(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *target;
        bool fits;
    } cases[] = {
        {"/hk/v3/*", "/hk/v3/refunds/id/7?x=/hk/v3/", true},
        {"/hk/v3/*", "/v3/global/refunds", false},
        {"/hk/v3/*", "/hk/v3/", true},
        {"*/refunds", "/v3/global/refunds?a=b", true},
        {"*/refunds", "/v3/global/refunds/id/7", false},
        {"/v3/*/id/7", "/v3/global/refunds/id/7", true},
        {"/v3/*/v3", "/v3", false}, /* the two ends may not share what there is */
        {"/v3/global/refunds", "/v3/global/refund", false},
        {"/v3/global/refunds", "/v3/global/refunds2", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_fault_rule rule = rule_of(FZ_REFUND_SHORT);
        strcpy(rule.path, cases[i].pattern);
        struct fz_fault_request request = usual;
        request.target = cases[i].target;
        add(&rule);
        if ((strike(&request) == FZ_REFUND_SHORT) != cases[i].fits)
            fail_msg("%s and %s", cases[i].pattern, cases[i].target);
        fz_faults_clear(faults, 0);
    }
}

static void the_first_rule_that_fits_strikes(void **state)
{
    (void)state;
    struct fz_fault_rule first = rule_of(FZ_REFUND_SHORT), second = rule_of(FZ_SYSTEM_ERROR);
    strcpy(first.endpoint, "refund-submit");
    first.count = 1;
    add(&first);
    add(&second);
    assert_int_equal(strike(&usual), FZ_REFUND_SHORT);
    assert_int_equal(strike(&usual), FZ_SYSTEM_ERROR);
}

static void after_its_count_it_is_over(void **state)
{
    (void)state;
    struct fz_fault_rule rule = rule_of(FZ_REFUND_SHORT);
    rule.count = 3;
    add(&rule);
    for (int i = 0; i < 3; i++)
        assert_int_equal(strike(&usual), FZ_REFUND_SHORT);
    assert_false(fz_faults_any(faults));
    assert_int_equal(strike(&usual), FZ_ROW_NONE);
    struct fz_fault_state states[FZ_FAULTS_MAX];
    assert_int_equal(fz_faults_list(faults, 1000, 5000, states), 1);
    assert_int_equal(states[0].hits, 3);
    assert_int_equal(states[0].seen, 3);
    assert_true(states[0].over);
}

static void it_ends_at_its_time(void **state)
{
    (void)state;
    struct fz_fault_rule real = rule_of(FZ_REFUND_SHORT), book = rule_of(FZ_SYSTEM_ERROR);
    real.until_ticks_ms = 2000;
    book.until_book_ms = 9000;
    add(&real);
    add(&book);
    struct fz_fault_request request = usual;
    request.ticks_ms = 1999;
    assert_int_equal(strike(&request), FZ_REFUND_SHORT);
    request.ticks_ms = 2000;
    request.book_ms = 8999;
    assert_int_equal(strike(&request), FZ_SYSTEM_ERROR);
    assert_true(fz_faults_any(faults));
    request.book_ms = 9000;
    assert_int_equal(strike(&request), FZ_ROW_NONE);
    assert_false(fz_faults_any(faults));
}

/* Strikes of 1000 requests as a bit each; returns how many. */
static int strikes(uint64_t seed, int share, unsigned char out[1000])
{
    struct fz_fault_rule rule = rule_of(FZ_SYSTEM_ERROR);
    rule.share = share;
    rule.seed = seed;
    int64_t id = add(&rule);
    int count = 0;
    for (int i = 0; i < 1000; i++)
        count += out[i] = strike(&usual) != FZ_ROW_NONE;
    assert_int_equal(fz_faults_clear(faults, id), 1);
    return count;
}

/* 10 % of 1000, give or take five standard deviations (9.5). */
static void the_seed_says_which_requests(void **state)
{
    (void)state;
    unsigned char first[1000], again[1000], other[1000];
    int count = strikes(7, 1000, first);
    assert_in_range(count, 53, 147);
    assert_int_equal(strikes(7, 1000, again), count);
    assert_memory_equal(first, again, sizeof first);
    strikes(8, 1000, other);
    assert_memory_not_equal(first, other, sizeof first);
}

static void sixty_four_rules(void **state)
{
    (void)state;
    struct fz_fault_rule rule = rule_of(FZ_SYSTEM_ERROR), once = rule_of(FZ_REFUND_SHORT);
    once.count = 1;
    int64_t id = 0;
    add(&once);
    for (int i = 1; i < FZ_FAULTS_MAX; i++)
        add(&rule);
    assert_int_equal(fz_faults_add(faults, &rule, &id), FZ_FULL);
    assert_int_equal(strike(&usual), FZ_REFUND_SHORT); /* that one is over now and makes room */
    assert_int_equal(add(&rule), FZ_FAULTS_MAX + 1);
    assert_int_equal(fz_faults_add(faults, &rule, &id), FZ_FULL);
    struct fz_fault_state states[FZ_FAULTS_MAX];
    assert_int_equal(fz_faults_list(faults, 0, 0, states), FZ_FAULTS_MAX);
    assert_int_equal(states[0].id, 2);
    assert_int_equal(states[FZ_FAULTS_MAX - 1].id, FZ_FAULTS_MAX + 1);
}

static void rules_are_taken_away(void **state)
{
    (void)state;
    struct fz_fault_rule first = rule_of(FZ_REFUND_SHORT), second = rule_of(FZ_SYSTEM_ERROR);
    int64_t id = add(&first);
    add(&second);
    assert_int_equal(fz_faults_clear(faults, id), 1);
    assert_int_equal(fz_faults_clear(faults, id), 0);
    assert_int_equal(strike(&usual), FZ_SYSTEM_ERROR);
    add(&first);
    assert_int_equal(fz_faults_clear(faults, 0), 2);
    assert_false(fz_faults_any(faults));
}

static void *strike_often(void *count)
{
    for (int i = 0; i < 2000; i++)
        *(int *)count += fz_faults_any(faults) && strike(&usual) != FZ_ROW_NONE;
    return NULL;
}

/* Many threads at once: a count is a count. */
static void threads_share_a_count(void **state)
{
    (void)state;
    struct fz_fault_rule rule = rule_of(FZ_SYSTEM_ERROR);
    rule.count = 1500;
    rule.share = 5000;
    add(&rule);
    pthread_t threads[4];
    int counts[4] = {0}, sum = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, strike_often, &counts[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        sum += counts[i];
    }
    assert_int_equal(sum, 1500);
}

static void the_expired_certificate_is_expired(void **state)
{
    (void)state;
    struct fz_certificate read;
    assert_null(fz_faults_expired(faults));
    assert_int_equal(fz_faults_make_expired(faults), FZ_OK);
    const struct fz_expired_identity *expired = fz_faults_expired(faults);
    assert_non_null(expired);
    assert_int_equal(fz_certificate_read(expired->pem.data, &read, NULL), FZ_OK);
    assert_string_equal(read.serial, expired->serial);
    assert_int_equal(read.validity.not_after_ms, INT64_C(1640966399000)); /* 2021-12-31T15:59:59Z: 2022 in Beijing */
    assert_int_equal(fz_faults_make_expired(faults), FZ_OK);
    assert_ptr_equal(fz_faults_expired(faults), expired);
    assert_string_equal(read.serial, expired->serial);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {TEST(no_rule_strikes_nothing),
                                       TEST(a_rule_without_terms_strikes_all),
                                       TEST(every_term_has_to_fit),
                                       TEST(a_star_stands_for_anything),
                                       TEST(the_first_rule_that_fits_strikes),
                                       TEST(after_its_count_it_is_over),
                                       TEST(it_ends_at_its_time),
                                       TEST(the_seed_says_which_requests),
                                       TEST(sixty_four_rules),
                                       TEST(rules_are_taken_away),
                                       TEST(threads_share_a_count),
                                       TEST(the_expired_certificate_is_expired)};
    return cmocka_run_group_tests_name("server/faults", tests, NULL, NULL);
}
