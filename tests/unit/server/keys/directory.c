/* The directory: who can call, with which keys; versions that replace one another. */
#include "unit/server/place.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "book/merchant/merchant.h"
#include "server/keys/identity.h"
#include "server/keys/platform_key.h"
#include "wire/server/key.h"

static struct fz_directory *directory;

static enum fz_result load(struct fz_tx *tx, void *secrets)
{
    return fz_directory_load(tx, secrets, &directory);
}

static enum fz_result load_with(struct fz_secrets *secrets)
{
    return fz_store_read_once(place_store, load, secrets);
}

struct renewal {
    const struct fz_directory *before;
    const char *mchid;
};

static enum fz_result renew(struct fz_tx *tx, void *argument)
{
    const struct renewal *renewal = argument;
    return fz_directory_renew(tx, &place_secrets, renewal->before, renewal->mchid, &directory);
}

static struct fz_directory *renewed(const struct fz_directory *before, const char *mchid)
{
    struct renewal renewal = {before, mchid};
    place_write(renew, &renewal);
    return directory;
}

static struct fz_directory *load_now(void)
{
    assert_int_equal(load_with(&place_secrets), FZ_OK);
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
    enum fz_result result = fz_platform_ensure(tx, &place_secrets, NULL);
    return result == FZ_OK
               ? fz_identity_issue(tx, &place_secrets, mchid, NULL, "0123456789abcdef0123456789ABCDEF")
               : result;
}

static enum fz_result revoke(struct fz_tx *tx, void *mchid)
{
    return fz_identity_set_state(tx, mchid, FZ_KEY_REVOKED);
}

static enum fz_result take_apiv3_key(struct fz_tx *tx, void *mchid)
{
    return fz_identity_set_apiv3_key(tx, &place_secrets, mchid, NULL);
}

static enum fz_result use_public_key(struct fz_tx *tx, void *mchid)
{
    EVP_PKEY *key = fz_key_new();
    struct fz_text pem = {.max = 8192};
    enum fz_result result = fz_key_write(key, &pem);
    if (result == FZ_OK)
        result = fz_platform_public_key_ensure(tx, &place_secrets, pem.data);
    EVP_PKEY_free(key);
    fz_text_done(&pem);
    return result == FZ_OK ? fz_identity_set_public_key(tx, mchid, FZ_PUBLIC_KEY_BOTH) : result;
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

/* A version says the same as one that was read whole. */
static void assert_same(const struct fz_directory *left, const struct fz_directory *right, char *const mchids[],
                        size_t count)
{
    assert_int_equal(fz_directory_key_count(left), fz_directory_key_count(right));
    for (size_t i = 0; i < count; i++) {
        const struct fz_caller *one = fz_directory_caller(left, mchids[i]),
                               *other = fz_directory_caller(right, mchids[i]);
        assert_int_equal(one == NULL, other == NULL);
        if (one == NULL)
            continue;
        assert_memory_equal(one, other, sizeof *one);
        const struct fz_merchant_key *keys[8], *others[8];
        size_t found = fz_directory_keys_of(left, mchids[i], keys, 8);
        assert_int_equal(found, fz_directory_keys_of(right, mchids[i], others, 8));
        for (size_t at = 0; at < found; at++) {
            assert_string_equal(keys[at]->serial_no, others[at]->serial_no);
            assert_int_equal(keys[at]->state, others[at]->state);
            assert_int_equal(EVP_PKEY_eq(keys[at]->public_key, others[at]->public_key), 1);
            assert_ptr_equal(fz_directory_key(left, keys[at]->serial_no), keys[at]);
        }
    }
}

static const struct fz_merchant_key *only_key(const struct fz_directory *version, const char *mchid)
{
    const struct fz_merchant_key *keys[2];
    assert_int_equal(fz_directory_keys_of(version, mchid, keys, 2), 1);
    return keys[0];
}

/* Whoever did not change is not read again: the same key under the same number, so that what workers have made ready
 * for it still serves. */
static void what_did_not_change_is_shared(void **state)
{
    (void)state;
    char first[] = "1900000100", second[] = "1900000200", new[] = "1900000150", newest[] = "1900000050";
    char *const all[] = {first, second, new, newest};
    add_merchant(first, FZ_MERCHANT_DIRECT, "");
    add_merchant(second, FZ_MERCHANT_DIRECT, "");
    place_write(issue, first);
    place_write(issue, second);
    struct fz_directory *versions[6] = {load_now()};

    add_merchant(new, FZ_MERCHANT_DIRECT, "");
    place_write(issue, new);
    versions[1] = renewed(versions[0], new);
    add_merchant(newest, FZ_MERCHANT_INSTITUTION, "");
    versions[2] = renewed(versions[1], newest);
    place_write(revoke, second);
    place_write(take_apiv3_key, second);
    versions[3] = renewed(versions[2], second);
    versions[4] = renewed(versions[3], "1900009999"); /* nobody */
    struct fz_directory *whole = load_now();
    assert_same(versions[4], whole, all, 4);
    for (size_t i = 1; i <= 4; i++) {
        assert_true(fz_directory_version(versions[i]) > fz_directory_version(versions[i - 1]));
        assert_ptr_equal(only_key(versions[i], first)->public_key, only_key(versions[0], first)->public_key);
        assert_int_equal(only_key(versions[i], first)->number, only_key(versions[0], first)->number);
        assert_ptr_equal(fz_directory_platform_at(versions[i], 0)->private_key,
                         fz_directory_platform_at(versions[0], 0)->private_key);
    }
    /* The state of a key changes, and the key is the same. */
    assert_int_equal(only_key(versions[2], second)->state, FZ_KEY_VALID);
    assert_int_equal(only_key(versions[3], second)->state, FZ_KEY_REVOKED);
    assert_int_equal(only_key(versions[3], second)->number, only_key(versions[0], second)->number);
    assert_int_not_equal(only_key(versions[3], second)->number, only_key(versions[3], new)->number);
    for (size_t i = 0; i < 5; i++)
        fz_directory_unref(versions[i]);
    fz_directory_unref(whole);
}

/* Of the platform's keys merchants know nothing. */
static void a_new_platform_key(void **state)
{
    (void)state;
    char mchid[] = "1900000200";
    add_merchant(mchid, FZ_MERCHANT_DIRECT, "");
    place_write(issue, mchid);
    struct fz_directory *before = load_now(), *after = renewed(before, NULL);
    assert_ptr_equal(only_key(after, mchid)->public_key, only_key(before, mchid)->public_key);
    assert_string_equal(fz_directory_platform_at(after, 0)->serial_no, fz_directory_platform_at(before, 0)->serial_no);
    assert_ptr_equal(fz_directory_platform_at(after, 0)->private_key,
                     fz_directory_platform_at(before, 0)->private_key);
    assert_null(fz_directory_platform_at(after, 1));
    /* A merchant's first use of the public key makes one. */
    place_write(use_public_key, mchid);
    struct fz_directory *with_key = renewed(after, mchid);
    assert_int_equal(fz_directory_platform_at(with_key, 1)->kind, FZ_PLATFORM_PUBLIC_KEY);
    assert_ptr_equal(fz_directory_platform_at(with_key, 0)->private_key,
                     fz_directory_platform_at(before, 0)->private_key);
    fz_directory_unref(with_key);
    fz_directory_unref(before);
    fz_directory_unref(after);
}

/* ---- what is given back is wiped ---- */

#define APIV3_KEY "0123456789abcdef0123456789ABCDEF"

static size_t given_back, unwiped;

static void look_through(void *block)
{
    if (block == NULL)
        return;
    given_back++;
    unwiped += memmem(block, malloc_usable_size(block), APIV3_KEY, strlen(APIV3_KEY)) != NULL;
}

static void *take(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return calloc(1, size);
}

static void give_back(void *block, const char *file, int line)
{
    (void)file, (void)line;
    look_through(block);
    free(block);
}

static void *change(void *block, size_t size, const char *file, int line)
{
    void *larger = take(size, file, line);
    size_t old = block == NULL ? 0 : malloc_usable_size(block);
    if (larger != NULL && block != NULL)
        memcpy(larger, block, old < size ? old : size);
    if (larger != NULL)
        give_back(block, file, line);
    return larger;
}

static void keys_do_not_stay_in_freed_memory(void **state)
{
    (void)state;
    char mchids[5][12] = {"1900000100", "1900000101", "1900000102", "1900000103", "1900000104"};
    for (size_t i = 0; i < 5; i++) { /* the array grows three times */
        add_merchant(mchids[i], FZ_MERCHANT_DIRECT, "");
        place_write(issue, mchids[i]);
    }
    given_back = unwiped = 0;
    struct fz_directory *first = load_now(), *second = renewed(first, mchids[2]);
    place_write(take_apiv3_key, mchids[4]);
    struct fz_directory *third = renewed(second, mchids[4]);
    fz_directory_unref(first);
    fz_directory_unref(second);
    fz_directory_unref(third);
    assert_true(given_back > 6);
    assert_int_equal(unwiped, 0);
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
    assert_int_not_equal(fz_directory_key(after, first.serial_no)->number,
                         fz_directory_key(after, second.serial_no)->number);
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
    struct fz_secrets other = place_secrets;
    other.sealing[31] ^= 1;
    assert_int_equal(load_with(&other), FZ_FAILED);
}

static void versions_replace_one_another(void **state)
{
    (void)state;
    struct fz_directory_holder *holder = fz_directory_holder_new(place_store, &place_secrets);
    assert_null(fz_directory_present(holder));
    struct fz_directory *first = load_now(), *second = load_now();
    uint64_t first_version = fz_directory_version(first), second_version = fz_directory_version(second);
    assert_true(second_version > first_version);
    fz_directory_publish(holder, first);
    struct fz_directory *held = fz_directory_present(holder), *followed = NULL;
    assert_ptr_equal(held, first);
    fz_directory_follow(holder, &followed);
    assert_ptr_equal(followed, first);
    fz_directory_publish(holder, second);
    assert_ptr_equal(followed, first); /* until it looks */
    fz_directory_follow(holder, &followed);
    assert_int_equal(fz_directory_version(followed), second_version);
    assert_int_equal(fz_directory_version(held), first_version); /* who holds it may go on using it */
    fz_directory_unref(held);
    fz_directory_unref(followed);
    fz_directory_holder_free(holder);
}

int main(void)
{
    (void)CRYPTO_set_mem_functions(take, change, give_back); /* before libcrypto takes any memory */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_book, place_open, place_close),
        cmocka_unit_test_setup_teardown(merchants_and_their_keys, place_open, place_close),
        cmocka_unit_test_setup_teardown(what_did_not_change_is_shared, place_open, place_close),
        cmocka_unit_test_setup_teardown(a_new_platform_key, place_open, place_close),
        cmocka_unit_test_setup_teardown(keys_do_not_stay_in_freed_memory, place_open, place_close),
        cmocka_unit_test_setup_teardown(another_secret, place_open, place_close),
        cmocka_unit_test_setup_teardown(versions_replace_one_another, place_open, place_close),
    };
    return cmocka_run_group_tests_name("server/directory", tests, NULL, NULL);
}
