/* The platform's keys: several at once, each under its own name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "base/text.h"
#include "unit/wire/queued_error.h"
#include "unit/wire/vectors.h"
#include "wire/trusted_key.h"

#define SERIAL "4C0FFEE00123456789ABCDEF0123456789ABCDEF"
#define ID     "PUB_KEY_ID_0114232134912410000000000000"

static int make_set(void **state)
{
    *state = fz_trusted_keys_new();
    return *state == NULL ? -1 : 0;
}

static int free_set(void **state)
{
    fz_trusted_keys_free(*state);
    return 0;
}

static void certificates_and_public_keys_stand_side_by_side(void **state)
{
    struct fz_trusted_keys *keys = *state;
    assert_int_equal(fz_trusted_keys_count(keys), 0);
    assert_null(fz_trusted_keys_name(keys, 0));
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_certificate_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_short_certificate_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_add_public_key(keys, ID, vector_other_public_key_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_count(keys), 3);
    assert_string_equal(fz_trusted_keys_name(keys, 0), SERIAL);
    assert_string_equal(fz_trusted_keys_name(keys, 1), "F01");
    assert_string_equal(fz_trusted_keys_name(keys, 2), ID);
    assert_null(fz_trusted_keys_name(keys, 3));
    struct fz_trusted_key *key = fz_trusted_keys_find(keys, SERIAL);
    assert_non_null(key);
    assert_int_equal(key->validity.not_before_ms, INT64_C(1614834367000)); /* 2021-03-04T05:06:07Z */
    assert_ptr_equal(fz_trusted_keys_find(keys, "4c0ffee00123456789abcdef0123456789abcdef"), key);
    assert_ptr_equal(fz_trusted_keys_find(keys, ID), key + 2);
    assert_int_equal(EVP_PKEY_eq(key->key, key[1].key), 1);
    assert_int_equal(EVP_PKEY_eq(key->key, key[2].key), 0);
    assert_null(fz_trusted_keys_find(keys, ""));
    assert_null(fz_trusted_keys_find(keys, "4C0FFEE00123456789ABCDEF0123456789ABCDE"));
    assert_null(fz_trusted_keys_find(keys, "pub_key_id_0114232134912410000000000000"));
}

/* And another key of the same name is told. */
static void the_same_again_changes_nothing(void **state)
{
    struct fz_trusted_keys *keys = *state;
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_certificate_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_certificate_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_add_public_key(keys, ID, vector_other_public_key_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_add_public_key(keys, ID, vector_other_public_key_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_count(keys), 2);
    struct fz_text pem = {.max = 4096};
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, fz_trusted_keys_find(keys, SERIAL)->key), 1);
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    fz_text_add(&pem, data, (size_t)size);
    BIO_free(bio);
    assert_int_equal(fz_trusted_keys_add_public_key(keys, ID, pem.data), FZ_CONFLICT);
    fz_text_done(&pem);
    assert_int_equal(fz_trusted_keys_count(keys), 2);
}

static void what_is_none_is_not_added(void **state)
{
    struct fz_trusted_keys *keys = *state;
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_certificate(keys, "") == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_certificate(keys, vector_ec_certificate_pem) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_certificate(keys, vector_other_public_key_pem) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_public_key(keys, ID, vector_certificate_pem) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_public_key(keys, ID, vector_ec_public_key_pem) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_trusted_keys_add_public_key(keys, ID, vector_large_public_key_pem) == FZ_MALFORMED);
    static const char *const ids[] = {
        "", "PUB_KEY_ID_", "PUB_KEY_ID", "PUB_KEY_ID_1 ", "pub_key_id_1", " PUB_KEY_ID_1", "PUB_KEY_ID_\n",
        "PUB_KEY_ID_1\"", SERIAL,
        "PUB_KEY_ID_000000000000000000000000000000000000000000000000000000", /* 65 characters */
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (fz_trusted_keys_add_public_key(keys, ids[i], vector_other_public_key_pem) != FZ_MALFORMED)
            fail_msg("'%s' taken", ids[i]);
    assert_int_equal(fz_trusted_keys_count(keys), 0);
}

static void there_is_room_for_sixteen(void **state)
{
    struct fz_trusted_keys *keys = *state;
    char id[40];
    for (int i = 0; i < 16; i++) {
        snprintf(id, sizeof id, "PUB_KEY_ID_%d", i);
        assert_int_equal(fz_trusted_keys_add_public_key(keys, id, vector_other_public_key_pem), FZ_OK);
    }
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_certificate_pem), FZ_FULL);
    assert_int_equal(fz_trusted_keys_add_public_key(keys, "PUB_KEY_ID_3", vector_other_public_key_pem), FZ_OK);
    assert_int_equal(fz_trusted_keys_remove(keys, "PUB_KEY_ID_3"), FZ_OK);
    assert_int_equal(fz_trusted_keys_remove(keys, "PUB_KEY_ID_3"), FZ_ABSENT);
    assert_int_equal(fz_trusted_keys_add_certificate(keys, vector_certificate_pem), FZ_OK);
    assert_string_equal(fz_trusted_keys_name(keys, 3), "PUB_KEY_ID_4"); /* those behind it moved up */
    assert_string_equal(fz_trusted_keys_name(keys, 15), SERIAL);
    assert_int_equal(fz_trusted_keys_remove(keys, "4c0ffee00123456789abcdef0123456789abcdef"), FZ_OK);
    assert_int_equal(fz_trusted_keys_count(keys), 15);
}

static void none_can_be_freed(void **state)
{
    (void)state;
    fz_trusted_keys_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(certificates_and_public_keys_stand_side_by_side, make_set, free_set),
        cmocka_unit_test_setup_teardown(the_same_again_changes_nothing, make_set, free_set),
        cmocka_unit_test_setup_teardown(what_is_none_is_not_added, make_set, free_set),
        cmocka_unit_test_setup_teardown(there_is_room_for_sixteen, make_set, free_set),
        cmocka_unit_test(none_can_be_freed),
    };
    return cmocka_run_group_tests_name("wire_trusted_keys", tests, NULL, NULL);
}
