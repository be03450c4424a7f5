/* Tokens of bill links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/base64.h"
#include "wire/server/token.h"

static const unsigned char key[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static void assert_link(const struct fz_bill_link *link)
{
    char token[FZ_TOKEN_SIZE];
    struct fz_bill_link read;
    assert_int_equal(fz_token_write(link, key, token), FZ_OK);
    size_t size = strlen(token);
    assert_true(size < FZ_TOKEN_SIZE);
    assert_int_equal(strspn(token, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"), size);
    assert_int_equal(fz_token_read(token, key, &read), FZ_OK);
    assert_string_equal(read.caller, link->caller);
    assert_string_equal(read.sub_mchid, link->sub_mchid);
    assert_int_equal(read.kind, link->kind);
    assert_int_equal(read.day, link->day);
    assert_int_equal(read.expires_ms, link->expires_ms);
}

static void links_come_back(void **state)
{
    (void)state;
    assert_link(
        &(struct fz_bill_link){"1900000100", "1900000109", FZ_SORT_REFUNDS, 20458, INT64_C(1767628830000)});
    assert_link(&(struct fz_bill_link){"1900000100", "", FZ_SORT_DISTRIBUTIONS, 0, 0});
    assert_link(&(struct fz_bill_link){"", "", FZ_SORT_REFUNDS, -1, -1});
    assert_link(&(struct fz_bill_link){"01234567890123456789012345678901", "abcdefghijabcdefghijabcdefghijab",
                                       FZ_SORT_REFUNDS, INT32_MAX, INT64_MAX});
    assert_link(&(struct fz_bill_link){"01234567890123456789012345678901", "", FZ_SORT_REFUNDS, INT32_MIN,
                                       INT64_MIN});
}

/* Expected: Python, base64url of 01 01 ‖ day (4 bytes) ‖ expiry (8) ‖ 0A "1900000100" ‖ 0A "1900000109" ‖
 * hmac-sha256 of that. */
static void the_token_is_what_python_makes_of_it(void **state)
{
    (void)state;
    struct fz_bill_link link = {"1900000100", "1900000109", FZ_SORT_REFUNDS, 20458, INT64_C(1767628830000)};
    char token[FZ_TOKEN_SIZE];
    assert_int_equal(fz_token_write(&link, key, token), FZ_OK);
    assert_string_equal(
        token, "AQEAAE_qAAABm47jdTAKMTkwMDAwMDEwMAoxOTAwMDAwMTA5CmD6EFp3M4GiOSToN1gbO_iuH6q4zliSNby-KHpxkW8");
}

/* The fields end where their lengths say: what stands in one name cannot move into the other. */
static void names_cannot_flow_into_each_other(void **state)
{
    (void)state;
    struct fz_bill_link one = {"1900000100", "19", FZ_SORT_REFUNDS, 1, 1},
                        other = {"190000010", "019", FZ_SORT_REFUNDS, 1, 1};
    char first[FZ_TOKEN_SIZE], second[FZ_TOKEN_SIZE];
    assert_int_equal(fz_token_write(&one, key, first), FZ_OK);
    assert_int_equal(fz_token_write(&other, key, second), FZ_OK);
    assert_string_not_equal(first, second);
}

static void assert_malformed(const char *token)
{
    struct fz_bill_link read;
    memset(&read, 'x', sizeof read);
    if (fz_token_read(token, key, &read) != FZ_MALFORMED)
        fail_msg("taken: '%s'", token);
    for (size_t i = 0; i < sizeof read; i++)
        assert_int_equal(((const unsigned char *)&read)[i], 'x');
}

static void a_changed_token_is_none(void **state)
{
    (void)state;
    struct fz_bill_link link = {"1900000100", "1900000109", FZ_SORT_REFUNDS, 20458, INT64_C(1767628830000)};
    char token[FZ_TOKEN_SIZE + 1];
    assert_int_equal(fz_token_write(&link, key, token), FZ_OK);
    size_t size = strlen(token);
    for (size_t at = 0; at < size; at++) {
        char good = token[at];
        token[at] = good == 'A' ? 'B' : 'A';
        assert_malformed(token);
        token[at] = '=';
        assert_malformed(token);
        token[at] = '\0'; /* cut here */
        assert_malformed(token);
        token[at] = good;
    }
    strcat(token, "A");
    assert_malformed(token);
    char huge[5000];
    memset(huge, 'A', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_malformed(huge);
    assert_malformed("");
    assert_malformed("../../../etc/passwd");
    assert_malformed("\xFF\xFE");
}

static void another_key_does_not_read_it(void **state)
{
    (void)state;
    struct fz_bill_link link = {"1900000100", "1900000109", FZ_SORT_REFUNDS, 20458, INT64_C(1767628830000)},
                        read;
    char token[FZ_TOKEN_SIZE];
    assert_int_equal(fz_token_write(&link, key, token), FZ_OK);
    unsigned char other[32];
    memcpy(other, key, sizeof other);
    other[31] ^= 1;
    assert_int_equal(fz_token_read(token, other, &read), FZ_MALFORMED);
}

/* Written under the right key by somebody whose fields make no sense: a later version, say. */
static void fields_are_checked_behind_a_right_mac(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *token;
    } cases[] = {
        {"nothing at all", "04tCCW2A9F-Ca0Sp1WB95ySWpBXT9KGoyI47udqNwcs"},
        {"version 2",
         "AgEAAE_qAAABm47jdTAKMTkwMDAwMDEwMAoxOTAwMDAwMTA5Fh7if7RCUjWVE0shj7x9e_jGY2nBU09xp2cCu0WieK4"},
        {"kind 0",
         "AQAAAE_qAAABm47jdTAKMTkwMDAwMDEwMAoxOTAwMDAwMTA5AaUqwlz1fvUQgiBjY6lD_KkQAfRQRHETWX-0PNpl5Y8"},
        {"kind 3",
         "AQMAAE_qAAABm47jdTAKMTkwMDAwMDEwMAoxOTAwMDAwMTA5vGmpoL2kT8KLGERGIZAA50VQMLhh9UNg2lU5GwPY1eo"},
        {"no names", "AQEAAE_qAAABm47jdTB_IMHtZFhzPLURy7dNjhZig4NnZHkLknQzJ3Dg_ELTfQ"},
        {"a short head", "AQEAAE_qAAABm47jdaP0v_SN5CkmBKGVIhMnX4JG9w0kNBSAh1FwdfK8Qsba"},
        {"one name", "AQEAAE_qAAABm47jdTACMTmX5ANYLCI6oXHnRtyFdwJbgrwO75M4HqtU4QpLPrWfIw"},
        {"a name longer than what is there",
         "AQEAAE_qAAABm47jdTAKMTkwKxIS-S39bs149ctjOIJW5NwR-i2J-fG4-FYk1xkXqDM"},
        {"a name of 33", "AQEAAE_qAAABm47jdTAhMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExAD_"
                         "w1zT355XTwXzmnk8V_saSVxoeiOcUY0lFgW-gkMlS"},
        {"a length of 255", "AQEAAE_qAAABm47jdTACMTn_MTm5RIms5bM5J-PTR9Bnw_d-FTyG0LWrD79i_W1ZmzgXjQ"},
        {"something behind",
         "AQEAAE_qAAABm47jdTAKMTkwMDAwMDEwMAoxOTAwMDAwMTA5ePPDP4ejtt7Mv2w3BniMPkN2kvNDUFMQ_PnYnzKgtf9a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_malformed(cases[i].token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_come_back),
        cmocka_unit_test(the_token_is_what_python_makes_of_it),
        cmocka_unit_test(names_cannot_flow_into_each_other),
        cmocka_unit_test(a_changed_token_is_none),
        cmocka_unit_test(another_key_does_not_read_it),
        cmocka_unit_test(fields_are_checked_behind_a_right_mac),
    };
    return cmocka_run_group_tests_name("wire_server_token", tests, NULL, NULL);
}
