/* Words that the book stores or compares, because the API has them: they are those of the description, which the book does not
 * know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "book/merchant/hindrance.h"
#include "spec/calls.h"
#include "spec/distribution/distribution.h"
#include "spec/distribution/receiver.h"

static bool has(const char *const *words, const char *wanted)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, wanted) == 0)
            return true;
    return false;
}

static const char *const *words_of(const struct fz_spec *spec, const char *name)
{
    for (const struct fz_member *member = spec->request; member->name != NULL; member++)
        if (strcmp(member->name, name) == 0)
            return member->words;
    return NULL;
}

/* hindrance.c: the scenes that a merchant may be kept from, by the call that pays in each. */
static void scenes_are_the_trade_types(void **state)
{
    (void)state;
    const struct fz_spec *const placing[] = {&fz_spec_order_native, &fz_spec_order_jsapi, &fz_spec_order_app,
                                             &fz_spec_order_mweb};
    for (size_t i = 0; i < sizeof placing / sizeof placing[0]; i++)
        assert_true(has(words_of(placing[i], "trade_type"), fz_scene_words[i]));
    assert_string_equal(fz_scene_words[4], "MICROPAY"); /* by code: the call has no trade_type */
    assert_null(fz_scene_words[5]);
}

/* distribution/submit.c, accept.c, decide.c, receipts.c: what they compare and write. */
static void distribution_words(void **state)
{
    (void)state;
    static const char *const fails[] = {"NO_RELATION", "RECEIVER_HIGH_RISK", "RECEIVER_RECEIPT_LIMIT",
                                        "RECEIVER_REAL_NAME_NOT_VERIFIED", "NO_AUTH"};
    assert_true(has(fz_receiver_type_words, "MERCHANT_ID"));
    for (size_t i = 0; i < sizeof fails / sizeof fails[0]; i++)
        assert_true(has(fz_slice_fail_words, fails[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_are_the_trade_types),
        cmocka_unit_test(distribution_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
