/* The directory: who can call, with which keys; versions that replace one another. */
#include "place.h"

#include <string.h>

#include "book/merchant.h"
#include "server/identity.h"
#include "server/platform_key.h"

static struct fz_directory *directory;

static enum fz_result load(struct fz_tx *tx, void *secrets)
{
    return fz_directory_load(tx, secrets, &directory);
}

static enum fz_result load_with(struct fz_secrets *secrets)
{
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(server.store, &reader), FZ_OK);
    enum fz_result result = fz_store_read(reader, load, secrets, NULL);
    fz_reader_close(reader);
    return result;
}

static struct fz_directory *load_now(void)
{
    assert_int_equal(load_with(&server.secrets), FZ_OK);
    return directory;
}

static enum fz_result add(struct fz_tx *tx, void *merchant)
{
    return fz_merchant_add(tx, merchant);
}

static void add_merchant(const char *mchid, enum fz_merchant_kind kind, const char *parent)
{
    struct fz_merchant merchant = {.kind = kind,
                                   .contract_day = FZ_NO_DAY,
                                   .fee_rate = 60,
                                   .settlement_currency = "USD",
                                   .distribution_ratio = 3000};
    strcpy(merchant.mchid, mchid);
    strcpy(merchant.parent, parent);
    place_write(add, &merchant);
}

static enum fz_result issue(struct fz_tx *tx, void *mchid)
{
    enum fz_result result = fz_platform_ensure(tx, &server.secrets, NULL);
    return result == FZ_OK
               ? fz_identity_issue(tx, &server.secrets, mchid, NULL, "0123456789abcdef0123456789ABCDEF")
               : result;
}

static enum fz_result revoke(struct fz_tx *tx, void *mchid)
{
    return fz_identity_set_state(tx, mchid, FZ_KEY_REVOKED);
}

static enum fz_result take_apiv3_key(struct fz_tx *tx, void *mchid)
{
    return fz_identity_set_apiv3_key(tx, &server.secrets, mchid, NULL);
}

struct serial {
    char *mchid;
    char serial_no[FZ_SERIAL_SIZE];
};

static enum fz_result read_serial(struct fz_tx *tx, void *argument)
{
    struct serial *serial = argument;
    return fz_identity_serial(tx, serial->mchid, serial->serial_no);
}

static void an_empty_book(void **state)
{
    (void)state;
    struct fz_directory *empty = load_now();
    assert_null(fz_directory_caller(empty, "1900000100"));
    assert_null(fz_directory_key(empty, "70CAF0FF51F275B5C8298AF810685ED235474580"));
    assert_null(fz_directory_signing(empty, INT64_MAX));
    assert_int_equal(fz_directory_key_count(empty), 0);
    fz_directory_unref(empty);
}

static void merchants_and_their_keys(void **state)
{
    (void)state;
    char institution[] = "1900000100";
    add_merchant(institution, FZ_MERCHANT_INSTITUTION, "");
    add_merchant("1900000109", FZ_MERCHANT_SUB, institution);
    add_merchant("1900000200", FZ_MERCHANT_DIRECT, "");
    place_write(issue, institution);
    struct serial first = {.mchid = institution};
    place_write(read_serial, &first);
    struct fz_directory *before = load_now();

    const struct fz_caller *caller = fz_directory_caller(before, institution);
    assert_non_null(caller);
    assert_string_equal(caller->mchid, institution);
    assert_int_equal(caller->kind, FZ_MERCHANT_INSTITUTION);
    assert_int_equal(caller->key_count, 1);
    assert_true(caller->has_apiv3_key);
    assert_memory_equal(caller->apiv3_key, "0123456789abcdef0123456789ABCDEF", 32);
    const struct fz_caller *direct = fz_directory_caller(before, "1900000200");
    assert_non_null(direct);
    assert_int_equal(direct->key_count, 0);
    assert_false(direct->has_apiv3_key);
    assert_int_not_equal(direct->index, caller->index);
    assert_null(fz_directory_caller(before, "1900000109")); /* a sub-merchant does not call */
    assert_null(fz_directory_caller(before, "19000001"));

    const struct fz_merchant_key *key = fz_directory_key(before, first.serial_no);
    assert_non_null(key);
    assert_string_equal(key->mchid, institution);
    assert_int_equal(key->state, FZ_KEY_VALID);
    const struct fz_platform_key *signing = fz_directory_signing(before, 0);
    assert_non_null(signing);
    assert_ptr_equal(fz_directory_sealing(before, caller, signing->serial_no, 0), signing);
    assert_null(fz_directory_sealing(before, caller, first.serial_no, 0));

    /* A second certificate, revoked at once; the first is superseded. What was loaded before stays as it was.
     */
    struct serial second = {.mchid = institution};
    place_write(issue, institution);
    place_write(revoke, institution);
    place_write(read_serial, &second);
    place_write(take_apiv3_key, institution);
    struct fz_directory *after = load_now();
    assert_string_not_equal(first.serial_no, second.serial_no);
    assert_int_equal(fz_directory_key(after, first.serial_no)->state, FZ_KEY_REPLACED);
    assert_int_equal(fz_directory_key(after, second.serial_no)->state, FZ_KEY_REVOKED);
    assert_int_not_equal(fz_directory_key(after, first.serial_no)->index,
                         fz_directory_key(after, second.serial_no)->index);
    assert_int_equal(fz_directory_caller(after, institution)->key_count, 2);
    assert_false(fz_directory_caller(after, institution)->has_apiv3_key);
    assert_int_equal(key->state, FZ_KEY_VALID);
    assert_true(fz_directory_version(after) > fz_directory_version(before));
    fz_directory_unref(before);
    fz_directory_unref(after);
}

/* Keys that were sealed under another secret are not taken for none. */
static void another_secret(void **state)
{
    (void)state;
    char mchid[] = "1900000200";
    add_merchant(mchid, FZ_MERCHANT_DIRECT, "");
    place_write(issue, mchid);
    struct fz_secrets other = server.secrets;
    other.sealing[31] ^= 1;
    assert_int_equal(load_with(&other), FZ_FAILED);
}

static void versions_replace_one_another(void **state)
{
    (void)state;
    struct fz_directory_holder *holder = fz_directory_holder_new();
    assert_null(fz_directory_present(holder));
    struct fz_directory *first = load_now(), *second = load_now();
    uint64_t first_version = fz_directory_version(first), second_version = fz_directory_version(second);
    assert_true(second_version > first_version);
    fz_directory_publish(holder, first);
    assert_true(fz_directory_is_present(holder, first_version));
    struct fz_directory *held = fz_directory_present(holder);
    assert_ptr_equal(held, first);
    fz_directory_publish(holder, second);
    assert_false(fz_directory_is_present(holder, first_version));
    assert_true(fz_directory_is_present(holder, second_version));
    assert_int_equal(fz_directory_version(held), first_version); /* who holds it may go on using it */
    fz_directory_unref(held);
    fz_directory_holder_free(holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_book, place_open, place_close),
        cmocka_unit_test_setup_teardown(merchants_and_their_keys, place_open, place_close),
        cmocka_unit_test_setup_teardown(another_secret, place_open, place_close),
        cmocka_unit_test_setup_teardown(versions_replace_one_another, place_open, place_close),
    };
    return cmocka_run_group_tests_name("server/directory", tests, NULL, NULL);
}
