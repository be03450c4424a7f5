/* Merchants, their terms, and who may act for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/book/sandbox.h"

static struct fz_merchant merchant(const char *mchid)
{
    struct fz_merchant out;
    assert_booked(fz_merchant_find(tx, mchid, &out));
    return out;
}

static void a_row_comes_back_as_it_was(void **state)
{
    (void)state;
    struct fz_merchant found = merchant(INSTITUTION);
    assert_int_equal(found.kind, FZ_MERCHANT_INSTITUTION);
    assert_string_equal(found.parent, "");
    assert_int_equal(found.contract_day, 20454); /* 2026-01-01 */
    assert_int_equal(found.fee_rate, 60);
    assert_string_equal(found.settlement_currency, "USD");
    assert_int_equal(found.distribution_ratio, 3000);
    assert_false(found.penalised);

    found = merchant(CHILD);
    assert_int_equal(found.kind, FZ_MERCHANT_SUB);
    assert_string_equal(found.parent, INSTITUTION);
    assert_int_equal(found.contract_day, FZ_NO_DAY);
    assert_int_equal(found.fee_rate, FZ_INHERIT);
    assert_string_equal(found.settlement_currency, "USD"); /* the institution's */
    assert_int_equal(found.distribution_ratio, FZ_INHERIT);

    assert_int_equal(BOOK(fz_merchant_find(tx, "1900000999", &found)), FZ_ABSENT);
    assert_int_equal(BOOK(fz_merchant_add(tx, &found)), FZ_CONFLICT);
}

static void terms_that_cannot_be_are_malformed(void **state)
{
    (void)state;
    struct fz_merchant sound = merchant(DIRECT), wrong;
    strcpy(sound.mchid, "1900000201");
#define assert_malformed(field, value)                                                                       \
    do {                                                                                                     \
        wrong = sound;                                                                                       \
        wrong.field = (value);                                                                               \
        assert_int_equal(BOOK(fz_merchant_add(tx, &wrong)), FZ_MALFORMED);                                   \
    } while (0)
    assert_malformed(fee_rate, FZ_INHERIT);
    assert_malformed(fee_rate, 10001);
    assert_malformed(fee_rate, -2);
    assert_malformed(distribution_ratio, FZ_INHERIT);
    assert_malformed(distribution_ratio, 10001);
    assert_malformed(settlement_currency[0], 'X');
    assert_malformed(parent[0], '1');
    assert_malformed(kind, FZ_MERCHANT_SUB); /* of nobody */
    wrong = sound;
    wrong.kind = FZ_MERCHANT_SUB;
    strcpy(wrong.parent, DIRECT);
    assert_int_equal(BOOK(fz_merchant_add(tx, &wrong)), FZ_MALFORMED);
    assert_booked(fz_merchant_add(tx, &sound));
    sound.fee_rate = FZ_INHERIT;
    assert_int_equal(BOOK(fz_merchant_change(tx, &sound)), FZ_MALFORMED);
}

static void terms_change_kind_and_parent_stay(void **state)
{
    (void)state;
    struct fz_merchant child = merchant(CHILD);
    child.kind = FZ_MERCHANT_DIRECT;
    strcpy(child.parent, DIRECT);
    child.fee_rate = 100;
    child.distribution_ratio = 5000;
    child.contract_day = 20460;
    child.penalised = true;
    assert_booked(fz_merchant_change(tx, &child));
    child = merchant(CHILD);
    assert_int_equal(child.kind, FZ_MERCHANT_SUB);
    assert_string_equal(child.parent, INSTITUTION);
    assert_int_equal(child.fee_rate, 100);
    assert_int_equal(child.distribution_ratio, 5000);
    assert_int_equal(child.contract_day, 20460);
    assert_true(child.penalised);
    strcpy(child.mchid, "1900000999");
    assert_int_equal(BOOK(fz_merchant_change(tx, &child)), FZ_ABSENT);
}

static enum fz_result note(void *argument, const struct fz_merchant *each)
{
    strcat(argument, each->mchid);
    strcat(argument, " ");
    return strlen(argument) > 40 ? FZ_FULL : FZ_OK;
}

static void merchants_come_by_number(void **state)
{
    (void)state;
    char list[100] = "";
    assert_int_equal(BOOK(fz_merchant_each(tx, note, list)), FZ_FULL); /* what `each` says counts */
    assert_string_equal(list, INSTITUTION " " CHILD " " OTHER_CHILD " " DIRECT " ");
}

static void appids_are_checked_where_there_is_a_list(void **state)
{
    (void)state;
    assert_booked(fz_merchant_check_appid(tx, DIRECT, "wx1"));
    static const char *const list[] = {"wx1", "wx2", "wx1"};
    assert_booked(fz_merchant_set_appids(tx, DIRECT, list, 3));
    assert_booked(fz_merchant_check_appid(tx, DIRECT, "wx1"));
    assert_booked(fz_merchant_check_appid(tx, DIRECT, "wx2"));
    assert_refused(fz_merchant_check_appid(tx, DIRECT, "wx3"), APPID_UNKNOWN);
    assert_booked(fz_merchant_check_appid(tx, DIRECT, NULL));
    assert_booked(fz_merchant_check_appid(tx, DIRECT, ""));
    assert_booked(fz_merchant_check_appid(tx, INSTITUTION, "wx3"));
    assert_booked(fz_merchant_set_appids(tx, DIRECT, list + 1, 1));
    assert_refused(fz_merchant_check_appid(tx, DIRECT, "wx1"), APPID_UNKNOWN);
    assert_booked(fz_merchant_set_appids(tx, DIRECT, NULL, 0));
    assert_booked(fz_merchant_check_appid(tx, DIRECT, "wx3"));
}

static void a_child_inherits_what_it_has_not(void **state)
{
    (void)state;
    struct fz_party party = institution();
    assert_string_equal(party.caller, INSTITUTION);
    assert_string_equal(party.sub_mchid, CHILD);
    assert_int_equal(party.kind, FZ_MERCHANT_INSTITUTION);
    assert_int_equal(party.contract_day, 20454);
    assert_int_equal(party.fee_rate, 60);
    assert_int_equal(party.distribution_ratio, 3000);
    assert_string_equal(party.settlement_currency, "USD");
    assert_false(party.penalised);

    struct fz_merchant child = merchant(CHILD);
    child.contract_day = 20458;
    child.fee_rate = 0;
    child.distribution_ratio = 4000;
    child.penalised = true;
    assert_booked(fz_merchant_change(tx, &child));
    party = institution();
    assert_int_equal(party.contract_day, 20458);
    assert_int_equal(party.fee_rate, 0);
    assert_int_equal(party.distribution_ratio, 4000);
    assert_true(party.penalised);
}

struct look {
    const char *caller, *sub_mchid;
    struct fz_party party;
};

static enum fz_result look(struct fz_tx *tx, void *argument)
{
    struct look *look = argument;
    return fz_party_find(tx, look->caller, look->sub_mchid, &look->party);
}

static int fee_rate_read(struct fz_reader *reader, const char *caller, const char *sub_mchid)
{
    struct look asked = {.caller = caller, .sub_mchid = sub_mchid};
    assert_int_equal(fz_store_read(reader, look, &asked, &error), FZ_OK);
    assert_string_equal(asked.party.caller, caller);
    assert_string_equal(asked.party.sub_mchid, sub_mchid == NULL ? "" : sub_mchid);
    return asked.party.fee_rate;
}

/* Whoever asked before and in whatever order, on one reader and on two. */
static void a_read_finds_the_terms_of_the_last_commit(void **state)
{
    (void)state;
    struct fz_reader *readers[2];
    struct fz_merchant child = merchant(CHILD);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fz_reader_open(sandbox_store(), &readers[i]), FZ_OK);
    for (int round = 1; round <= 20; round++) {
        for (int i = 0; i < 4; i++)
            assert_int_equal(fee_rate_read(readers[i % 2], INSTITUTION, CHILD), round == 1 ? 60 : round);
        assert_int_equal(fee_rate_read(readers[round % 2], INSTITUTION, OTHER_CHILD), 60);
        assert_int_equal(fee_rate_read(readers[round % 2], INSTITUTION, NULL), 60);
        assert_int_equal(fee_rate_read(readers[round % 2], DIRECT, ""), 100);
        assert_int_equal(fee_rate_read(readers[round % 2], DIRECT, NULL), 100);
        child.fee_rate = round + 1;
        assert_booked(fz_merchant_change(tx, &child));
    }
    struct look stranger = {.caller = DIRECT, .sub_mchid = CHILD};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fz_store_read(readers[0], look, &stranger, &error), FZ_REFUSED);
        assert_int_equal(fee_rate_read(readers[0], INSTITUTION, CHILD), 21);
    }
    for (int i = 0; i < 2; i++)
        fz_reader_close(readers[i]);
}

/* What a write changed itself it sees too, and it leaves nothing for others when it is undone. */
static void a_write_finds_the_terms_it_changed(void **state)
{
    (void)state;
    struct fz_merchant child = merchant(CHILD);
    struct fz_party party;
    struct fz_tx *tx = sandbox_begin();
    for (child.fee_rate = 1; child.fee_rate <= 3; child.fee_rate++) {
        assert_int_equal(fz_merchant_change(tx, &child), FZ_OK);
        assert_int_equal(fz_party_find(tx, INSTITUTION, CHILD, &party), FZ_OK);
        assert_int_equal(party.fee_rate, child.fee_rate);
    }
    sandbox_end(FZ_ABSENT);
    assert_int_equal(institution().fee_rate, 60);
}

static void only_known_kin_may_act(void **state)
{
    (void)state;
    struct fz_party party;
    assert_refused(fz_party_find(tx, "1900000999", NULL, &party), MERCHANT_UNKNOWN);
    assert_refused(fz_party_find(tx, INSTITUTION, "1900000999", &party), MERCHANT_UNKNOWN);
    assert_refused(fz_party_find(tx, INSTITUTION, DIRECT, &party), NO_AUTH_CHILD);
    assert_refused(fz_party_find(tx, INSTITUTION, INSTITUTION, &party), NO_AUTH_CHILD);
    assert_refused(fz_party_find(tx, DIRECT, CHILD, &party), NO_AUTH_CHILD);
    assert_refused(fz_party_find(tx, DIRECT, "1900000999", &party), NO_AUTH_CHILD);
    assert_refused(fz_party_find(tx, CHILD, NULL, &party), NO_AUTH_CHILD);
    assert_booked(fz_party_find(tx, INSTITUTION, "", &party));
    assert_string_equal(party.sub_mchid, "");
    assert_booked(fz_party_find(tx, DIRECT, NULL, &party));
    assert_int_equal(party.kind, FZ_MERCHANT_DIRECT);
}

static void a_contract_holds_from_the_next_day(void **state)
{
    (void)state;
    struct fz_party party = direct();
    party.contract_day = FZ_NO_DAY;
    assert_refused(fz_party_check_contract(tx, &party), NO_AUTH_CONTRACT);
    party.contract_day = 20458; /* today */
    assert_refused(fz_party_check_contract(tx, &party), NO_AUTH_WAITING);
    now_ms = MONDAY_10_MS + 14 * FZ_HOUR_MS - 1; /* 23:59:59.999 */
    assert_refused(fz_party_check_contract(tx, &party), NO_AUTH_WAITING);
    now_ms += 1; /* 00:00 */
    assert_booked(fz_party_check_contract(tx, &party));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_comes_back_as_it_was),
        TEST(terms_that_cannot_be_are_malformed),
        TEST(terms_change_kind_and_parent_stay),
        TEST(merchants_come_by_number),
        TEST(appids_are_checked_where_there_is_a_list),
        TEST(a_child_inherits_what_it_has_not),
        TEST(a_read_finds_the_terms_of_the_last_commit),
        TEST(a_write_finds_the_terms_it_changed),
        TEST(only_known_kin_may_act),
        TEST(a_contract_holds_from_the_next_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
