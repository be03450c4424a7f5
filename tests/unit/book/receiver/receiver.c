/* Receivers: relations, audit, penalty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/merchant/upload.h"
#include "book/receiver/rail.h"
#include "unit/book/sandbox.h"

static struct fz_receiver relation(const char *caller, const char *sub_mchid)
{
    struct fz_receiver receiver = {.type = "PERSONAL_OPENID",
                                   .account = "oABC",
                                   .appid = "wx1",
                                   .name = "张三",
                                   .relation_type = "CUSTOM",
                                   .custom_relation = "friend",
                                   .scene = "sales",
                                   .major_service = "goods",
                                   .expected_ratio = 2000};
    strcpy(receiver.caller, caller);
    strcpy(receiver.sub_mchid, sub_mchid);
    return receiver;
}

/* A file of `caller` whose bytes are told apart by `letter`. */
static struct fz_upload uploaded(const char *caller, const char *filename, char letter)
{
    struct fz_upload upload = {.size = 100};
    strcpy(upload.caller, caller);
    strcpy(upload.filename, filename);
    memset(upload.sha256, letter, sizeof upload.sha256);
    assert_booked(fz_upload_keep(tx, &upload));
    return upload;
}

static struct fz_receiver found(const char *caller, const char *sub_mchid)
{
    struct fz_receiver out;
    assert_booked(fz_receiver_find(tx, caller, sub_mchid, "PERSONAL_OPENID", "oABC", &out));
    return out;
}

static void a_relation_is_effective_after_its_audit(void **state)
{
    (void)state;
    struct fz_receiver receiver = relation(INSTITUTION, CHILD);
    struct fz_upload letter = uploaded(INSTITUTION, "a.pdf", 'a'),
                     proof = uploaded(INSTITUTION, "b.pdf", 'b');
    strcpy(receiver.application_file_id, letter.file_id);
    strcpy(receiver.partnership_file_id, proof.file_id);
    receiver.state = FZ_RECEIVER_EFFECTIVE; /* not for the asking */
    receiver.penalised = true;
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_int_equal(receiver.state, FZ_RECEIVER_INIT);
    assert_false(receiver.penalised);
    assert_int_equal(receiver.created_ms, MONDAY_10_MS);
    pass(MONDAY_10_MS + 59999);
    assert_int_equal(found(INSTITUTION, CHILD).state, FZ_RECEIVER_INIT);
    pass(MONDAY_10_MS + 60000);
    struct fz_receiver kept = found(INSTITUTION, CHILD);
    assert_int_equal(kept.state, FZ_RECEIVER_EFFECTIVE);
    assert_int_equal(kept.id, receiver.id);
    assert_string_equal(kept.appid, "wx1");
    assert_string_equal(kept.sub_appid, "");
    assert_string_equal(kept.name, "张三");
    assert_string_equal(kept.relation_type, "CUSTOM");
    assert_string_equal(kept.custom_relation, "friend");
    assert_string_equal(kept.scene, "sales");
    assert_string_equal(kept.major_service, "goods");
    assert_int_equal(kept.expected_ratio, 2000);
    assert_string_equal(kept.application_file_id, letter.file_id);
    assert_string_equal(kept.partnership_file_id, proof.file_id);
    assert_int_equal(kept.created_ms, MONDAY_10_MS);
    assert_int_equal(BOOK(fz_rail_receiver_audited(tx, receiver.id, PASSED)), FZ_CONFLICT);
    assert_int_equal(BOOK(fz_rail_receiver_audited(tx, 99, PASSED)), FZ_ABSENT);
}

static void a_file_is_its_caller_s(void **state)
{
    (void)state;
    struct fz_upload first = uploaded(INSTITUTION, "a.pdf", 'a');
    now_ms += FZ_MINUTE_MS;
    struct fz_upload again = uploaded(INSTITUTION, "a.pdf", 'a');
    assert_string_equal(again.file_id, first.file_id);
    assert_int_equal(again.created_ms, MONDAY_10_MS);
    assert_string_not_equal(uploaded(INSTITUTION, "b.pdf", 'a').file_id, first.file_id);
    assert_string_not_equal(uploaded(INSTITUTION, "a.pdf", 'b').file_id, first.file_id);
    assert_string_not_equal(uploaded(DIRECT, "a.pdf", 'a').file_id, first.file_id);
    assert_booked(fz_upload_find(tx, INSTITUTION, first.file_id));
    assert_int_equal(BOOK(fz_upload_find(tx, DIRECT, first.file_id)), FZ_ABSENT);

    struct fz_receiver receiver = relation(DIRECT, ""), none;
    strcpy(receiver.partnership_file_id, first.file_id);
    assert_refused(fz_receiver_add(tx, &receiver), PARAM_ERROR);
    assert_string_equal(error.field, "/partnership_file_id");
    assert_string_equal(error.value, first.file_id);
    strcpy(receiver.application_file_id, "nobody's");
    assert_refused(fz_receiver_add(tx, &receiver), PARAM_ERROR);
    assert_string_equal(error.field, "/application_file_id");
    assert_int_equal(BOOK(fz_receiver_find(tx, DIRECT, "", "PERSONAL_OPENID", "oABC", &none)), FZ_ABSENT);
}

static void a_relation_is_added_once(void **state)
{
    (void)state;
    struct fz_receiver receiver = relation(INSTITUTION, CHILD);
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_refused(fz_receiver_add(tx, &receiver), RECEIVER_EXISTS); /* INIT */
    pass(MONDAY_10_MS + FZ_MINUTE_MS);
    assert_refused(fz_receiver_add(tx, &receiver), RECEIVER_EXISTS); /* EFFECTIVE */
    struct fz_receiver other = relation(INSTITUTION, OTHER_CHILD);
    other.expected_ratio = -1;
    assert_booked(fz_receiver_add(tx, &other)); /* each sub-merchant its own */
    assert_int_equal(found(INSTITUTION, OTHER_CHILD).expected_ratio, -1);
    assert_int_equal(found(INSTITUTION, OTHER_CHILD).state, FZ_RECEIVER_INIT);
    assert_int_equal(BOOK(fz_receiver_find(tx, INSTITUTION, CHILD, "PERSONAL_SUB_OPENID", "oABC", &other)),
                     FZ_ABSENT);
}

static void a_failed_relation_is_asked_for_anew(void **state)
{
    (void)state;
    struct fz_receiver receiver = relation(DIRECT, "");
    assert_booked(fz_receiver_add(tx, &receiver));
    int64_t id = receiver.id;
    const struct fz_receiver_verdict failed = {
        .state = FZ_RECEIVER_FAILED, .fail_reason = "PAPERS", .fail_description = "The letter has no stamp"};
    assert_booked(fz_rail_receivers_audited(tx, "oABC", DIRECT, NULL, &failed));
    assert_string_equal(found(DIRECT, "").fail_reason, "PAPERS");
    assert_string_equal(found(DIRECT, "").fail_description, "The letter has no stamp");
    assert_int_equal(due(FZ_EVENT_RECEIVER_AUDITED, id), -1);
    assert_int_equal(BOOK(fz_rail_receivers_audited(tx, "oABC", DIRECT, NULL, &failed)), FZ_CONFLICT);
    assert_booked(fz_receiver_penalise(tx, "oABC", NULL, NULL, true));
    pass(MONDAY_10_MS + FZ_MINUTE_MS);
    assert_int_equal(found(DIRECT, "").state, FZ_RECEIVER_FAILED);

    strcpy(receiver.scene, "better papers");
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_int_equal(receiver.id, id);
    struct fz_receiver again = found(DIRECT, "");
    assert_int_equal(again.state, FZ_RECEIVER_INIT);
    assert_string_equal(again.fail_reason, "");
    assert_string_equal(again.fail_description, "");
    assert_string_equal(again.scene, "better papers");
    assert_true(again.penalised); /* papers lift no penalty */
    assert_int_equal(again.created_ms, MONDAY_10_MS + FZ_MINUTE_MS);
    pass(MONDAY_10_MS + 2 * FZ_MINUTE_MS);
    assert_int_equal(found(DIRECT, "").state, FZ_RECEIVER_EFFECTIVE);
}

static void a_verdict_meets_the_audits_it_names(void **state)
{
    (void)state;
    struct fz_receiver child = relation(INSTITUTION, CHILD), other = relation(INSTITUTION, OTHER_CHILD),
                       direct = relation(DIRECT, "");
    assert_booked(fz_receiver_add(tx, &child));
    assert_booked(fz_receiver_add(tx, &other));
    assert_booked(fz_receiver_add(tx, &direct));
    const struct fz_receiver_verdict failed = {.state = FZ_RECEIVER_FAILED, .fail_reason = "PAPERS"};
    assert_booked(fz_rail_receivers_audited(tx, "oABC", INSTITUTION, OTHER_CHILD, PASSED));
    assert_int_equal(found(INSTITUTION, OTHER_CHILD).state, FZ_RECEIVER_EFFECTIVE);
    assert_int_equal(found(INSTITUTION, CHILD).state, FZ_RECEIVER_INIT);
    assert_booked(fz_rail_receivers_audited(tx, "oABC", NULL, NULL, &failed)); /* those that are left */
    assert_int_equal(found(INSTITUTION, OTHER_CHILD).state, FZ_RECEIVER_EFFECTIVE);
    assert_int_equal(found(INSTITUTION, CHILD).state, FZ_RECEIVER_FAILED);
    assert_int_equal(found(DIRECT, "").state, FZ_RECEIVER_FAILED);
    assert_string_equal(found(DIRECT, "").fail_reason, "PAPERS");
    assert_string_equal(found(DIRECT, "").fail_description, "");
    assert_int_equal(BOOK(fz_rail_receivers_audited(tx, "oXYZ", NULL, NULL, PASSED)), FZ_CONFLICT);
    pass(MONDAY_10_MS + FZ_MINUTE_MS);
    assert_int_equal(found(DIRECT, "").state, FZ_RECEIVER_FAILED);
}

static void a_penalty_meets_the_relations_it_names(void **state)
{
    (void)state;
    struct fz_receiver child = relation(INSTITUTION, CHILD), other = relation(INSTITUTION, OTHER_CHILD),
                       direct = relation(DIRECT, "");
    assert_booked(fz_receiver_add(tx, &child));
    assert_booked(fz_receiver_add(tx, &other));
    assert_booked(fz_receiver_add(tx, &direct));
    assert_booked(fz_receiver_penalise(tx, "oABC", INSTITUTION, CHILD, true));
    assert_true(found(INSTITUTION, CHILD).penalised);
    assert_false(found(INSTITUTION, OTHER_CHILD).penalised);
    assert_false(found(DIRECT, "").penalised);
    assert_booked(fz_receiver_penalise(tx, "oABC", NULL, NULL, true));
    assert_true(found(DIRECT, "").penalised);
    assert_booked(fz_receiver_penalise(tx, "oABC", INSTITUTION, NULL, false));
    assert_false(found(INSTITUTION, CHILD).penalised);
    assert_false(found(INSTITUTION, OTHER_CHILD).penalised);
    assert_true(found(DIRECT, "").penalised);
    assert_int_equal(BOOK(fz_receiver_penalise(tx, "oXYZ", NULL, NULL, true)), FZ_ABSENT);
    assert_int_equal(BOOK(fz_receiver_penalise(tx, "oABC", DIRECT, CHILD, true)), FZ_ABSENT);
}

static void a_relation_ends(void **state)
{
    (void)state;
    struct fz_receiver receiver = relation(INSTITUTION, CHILD), again = relation(INSTITUTION, CHILD), other;
    assert_booked(fz_receiver_add(tx, &receiver));
    now_ms += 30 * FZ_SECOND_MS;
    assert_int_equal(BOOK(fz_receiver_delete(tx, INSTITUTION, OTHER_CHILD, "PERSONAL_OPENID", "oABC")),
                     FZ_ABSENT);
    assert_int_equal(BOOK(fz_receiver_delete(tx, INSTITUTION, CHILD, "MERCHANT_ID", "oABC")), FZ_ABSENT);
    assert_booked(fz_receiver_delete(tx, INSTITUTION, CHILD, "PERSONAL_OPENID", "oABC"));
    assert_int_equal(BOOK(fz_receiver_find(tx, INSTITUTION, CHILD, "PERSONAL_OPENID", "oABC", &other)),
                     FZ_ABSENT);
    /* Added anew it has an audit of its own: that of the first would have been over 30 s earlier. */
    assert_booked(fz_receiver_add(tx, &again));
    pass(MONDAY_10_MS + 60000);
    assert_int_equal(found(INSTITUTION, CHILD).state, FZ_RECEIVER_INIT);
    pass(MONDAY_10_MS + 90000);
    assert_int_equal(found(INSTITUTION, CHILD).state, FZ_RECEIVER_EFFECTIVE);
    assert_booked(fz_receiver_penalise(tx, "oABC", NULL, NULL, true));
    assert_refused(fz_receiver_delete(tx, INSTITUTION, CHILD, "PERSONAL_OPENID", "oABC"), NO_AUTH_RECEIVER);
    assert_true(found(INSTITUTION, CHILD).penalised);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_relation_is_effective_after_its_audit),
        TEST(a_file_is_its_caller_s),
        TEST(a_relation_is_added_once),
        TEST(a_failed_relation_is_asked_for_anew),
        TEST(a_verdict_meets_the_audits_it_names),
        TEST(a_penalty_meets_the_relations_it_names),
        TEST(a_relation_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
