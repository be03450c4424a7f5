/* Whom a client believes, and when it fetches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/trust.h"
#include "unit/client/platform.h"

#define OLD    "56B967D6BDE78849FB8EDFDA6787867439372B3B"
#define NEW    "4C0FFEE00123456789ABCDEF0123456789ABCDEF"
#define ENDED  "7E57ED0000000000000000000000000000000001"
#define OTHER  "1DEA000000000000000000000000000000000001"
#define KEY_ID "PUB_KEY_ID_0114232134912410000000000000"
#define BODY   "{\"code\":\"OK\"}"
#define DAY_S  86400
#define S      INT64_C(1000)
#define HOUR   (3600 * S)

static EVP_PKEY *old_key, *new_key, *other_key, *ec_key;
static char *old_pem, *new_pem, *ended_pem, *early_pem, *other_pem, *ec_pem, *public_pem;
static int64_t now_s, now_ms; /* the machine's: files bear its time */
static char why[512];

static int make_platform(void **state)
{
    (void)state;
    now_s = time(NULL);
    now_ms = now_s * 1000;
    old_key = EVP_RSA_gen(2048);
    new_key = EVP_RSA_gen(2048);
    other_key = EVP_RSA_gen(2048);
    ec_key = EVP_EC_gen("P-256");
    old_pem = platform_certificate(old_key, OLD, now_s - 1000 * DAY_S, now_s + 20 * DAY_S);
    new_pem = platform_certificate(new_key, NEW, now_s - DAY_S, now_s + 1000 * DAY_S);
    ended_pem = platform_certificate(other_key, ENDED, now_s - 10 * DAY_S, now_s - 10);
    early_pem = platform_certificate(other_key, ENDED, now_s + 10, now_s + DAY_S);
    other_pem = platform_certificate(other_key, OTHER, now_s - DAY_S, now_s + 100 * DAY_S);
    ec_pem = platform_certificate(ec_key, OTHER, now_s - DAY_S, now_s + 100 * DAY_S);
    public_pem = platform_public_key(other_key);
    return 0;
}

static int free_platform(void **state)
{
    (void)state;
    EVP_PKEY *const keys[] = {old_key, new_key, other_key, ec_key};
    char *const texts[] = {old_pem, new_pem, ended_pem, early_pem, other_pem, ec_pem, public_pem};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        EVP_PKEY_free(keys[i]);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    return 0;
}

/* ---- short forms ---- */

#define PEMS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct fz_trust *trust_of(struct fz_trust_setup setup)
{
    struct fz_trust *trust = NULL;
    if (fz_trust_new(&setup, now_ms, &trust, why, sizeof why) != FZ_OK)
        fail_msg("not made: %s", why);
    return trust;
}

static struct fz_trust *fetching_trust(void)
{
    return trust_of((struct fz_trust_setup){.apiv3_key = (const unsigned char *)APIV3_KEY});
}

static struct fz_trust *fixed_trust(const char *const *pems)
{
    return trust_of((struct fz_trust_setup){.certificates = pems, .fixed = true});
}

static struct fz_signed_headers headers_of(const struct platform_answer *answer)
{
    return (struct fz_signed_headers){answer->timestamp, answer->nonce, answer->serial, answer->signature};
}

/* The verdict `late_s` after an answer that `key` signed under the name of `serial`. */
static enum fz_verdict verdict_late(struct fz_trust *trust, EVP_PKEY *key, const char *serial, int64_t late_s,
                                    int64_t tolerance_s)
{
    struct platform_answer answer;
    platform_sign(&answer, key, serial, now_s - late_s, strdup(BODY));
    struct fz_signed_headers headers = headers_of(&answer);
    enum fz_verdict verdict = fz_trust_verify(trust, &headers, BODY, strlen(BODY), now_ms, tolerance_s);
    free(answer.body);
    return verdict;
}

static enum fz_verdict verdict(struct fz_trust *trust, EVP_PKEY *key, const char *serial)
{
    return verdict_late(trust, key, serial, 0, 300);
}

/* What becomes of a list that `key` signed, at `at_ms`. Takes over `body`. */
static enum fz_result fetched_body(struct fz_trust *trust, EVP_PKEY *key, const char *serial, char *body,
                                   int64_t at_ms, int64_t ticks_ms)
{
    struct platform_answer answer;
    platform_sign(&answer, key, serial, at_ms / 1000, body);
    struct fz_signed_headers headers = headers_of(&answer);
    enum fz_result result =
        fz_trust_fetched(trust, &headers, body, strlen(body), at_ms, 300, ticks_ms, why, sizeof why);
    free(body);
    return result;
}

static enum fz_result fetched(struct fz_trust *trust, EVP_PKEY *key, const char *serial,
                              const char *const *pems)
{
    return fetched_body(trust, key, serial, platform_list(APIV3_KEY, pems), now_ms, 0);
}

static enum fz_fetch want(struct fz_trust *trust, const char *serial, int64_t at_ms, int64_t ticks_ms)
{
    static struct fz_trust_waiter waiter; /* nobody waits where this is used */
    enum fz_fetch fetch = fz_trust_want(trust, serial, at_ms, ticks_ms, &waiter);
    assert_int_not_equal(fetch, FZ_FETCH_WAITS);
    return fetch;
}

/* ---- making ---- */

static void assert_not_made(struct fz_trust_setup setup, enum fz_result expected, const char *word)
{
    struct fz_trust *trust = NULL;
    assert_int_equal(fz_trust_new(&setup, now_ms, &trust, why, sizeof why), expected);
    assert_null(trust);
    if (strstr(why, word) == NULL)
        fail_msg("'%s' does not say '%s'", why, word);
}

static void what_is_no_key_is_refused_at_once(void **state)
{
    (void)state;
    assert_not_made((struct fz_trust_setup){.certificates = PEMS(old_pem, "no PEM")}, FZ_MALFORMED,
                    "certificate 2");
    assert_not_made((struct fz_trust_setup){.certificates = PEMS(ec_pem)}, FZ_MALFORMED, "RSA");
    assert_not_made((struct fz_trust_setup){.public_key = public_pem}, FZ_MALFORMED, "id");
    assert_not_made((struct fz_trust_setup){.public_key_id = KEY_ID}, FZ_MALFORMED, "PEM");
    assert_not_made((struct fz_trust_setup){.public_key_id = OLD, .public_key = public_pem}, FZ_MALFORMED,
                    "PUB_KEY_ID_");
    assert_not_made((struct fz_trust_setup){.public_key_id = KEY_ID, .public_key = old_pem}, FZ_MALFORMED,
                    "BEGIN PUBLIC KEY");
    char *twin = platform_certificate(new_key, OLD, now_s - 1, now_s + DAY_S);
    assert_not_made((struct fz_trust_setup){.certificates = PEMS(old_pem, twin)}, FZ_MALFORMED,
                    "serial number");
    free(twin);
}

static void something_must_verify_or_be_fetched(void **state)
{
    (void)state;
    const unsigned char *key = (const unsigned char *)APIV3_KEY;
    assert_not_made((struct fz_trust_setup){.fixed = true, .apiv3_key = key}, FZ_ABSENT, "nothing to verify");
    assert_not_made((struct fz_trust_setup){0}, FZ_ABSENT, "nothing to verify");
    assert_not_made((struct fz_trust_setup){.certificates = PEMS(ended_pem), .fixed = true}, FZ_ABSENT,
                    "ended");
    fz_trust_free(trust_of((struct fz_trust_setup){.certificates = PEMS(ended_pem), .apiv3_key = key}));
    fz_trust_free(fixed_trust(PEMS(early_pem))); /* the next one may be given ahead of its time */
    fz_trust_free(NULL);
}

/* ---- verdicts ---- */

static void each_verdict(void **state)
{
    (void)state;
    struct fz_trust *trust = fixed_trust(PEMS(old_pem, early_pem));
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_int_equal(verdict(trust, old_key, "56b967d6bde78849fb8edfda6787867439372b3b"), FZ_TRUSTED);
    assert_int_equal(verdict(trust, new_key, OLD), FZ_WRONG_SIGNATURE);
    assert_int_equal(verdict(trust, new_key, NEW), FZ_UNKNOWN_SERIAL);
    assert_int_equal(verdict(trust, old_key, "0" OLD), FZ_UNKNOWN_SERIAL);
    assert_int_equal(verdict(trust, old_key, KEY_ID), FZ_UNKNOWN_SERIAL);
    assert_int_equal(verdict(trust, other_key, ENDED), FZ_KEY_OUTDATED); /* it begins in ten seconds */
    assert_int_equal(verdict_late(trust, old_key, OLD, 300, 300), FZ_TRUSTED);
    assert_int_equal(verdict_late(trust, old_key, OLD, 301, 300), FZ_STALE);
    assert_int_equal(verdict_late(trust, old_key, OLD, -300, 300), FZ_TRUSTED);
    assert_int_equal(verdict_late(trust, old_key, OLD, -301, 300), FZ_STALE);
    fz_trust_free(trust);
}

static void tolerance_0_is_this_very_second(void **state)
{
    (void)state;
    struct fz_trust *trust = fixed_trust(PEMS(old_pem));
    assert_int_equal(verdict_late(trust, old_key, OLD, 0, 0), FZ_TRUSTED);
    assert_int_equal(verdict_late(trust, old_key, OLD, 1, 0), FZ_STALE);
    assert_int_equal(verdict_late(trust, old_key, OLD, -1, 0), FZ_STALE);
    fz_trust_free(trust);
}

static enum fz_verdict verdict_on(struct fz_trust *trust, struct fz_signed_headers headers, const char *body)
{
    return fz_trust_verify(trust, &headers, body, strlen(body), now_ms, 300);
}

static void headers_that_are_missing_or_changed(void **state)
{
    (void)state;
    struct fz_trust *trust = fixed_trust(PEMS(old_pem));
    struct platform_answer answer;
    platform_sign(&answer, old_key, OLD, now_s, strdup(BODY));
    const struct fz_signed_headers good = headers_of(&answer);
    for (int i = 0; i < 8; i++) {
        struct fz_signed_headers headers = good;
        const char **const four[] = {&headers.timestamp, &headers.nonce, &headers.serial, &headers.signature};
        *four[i / 2] = i % 2 == 0 ? NULL : "";
        assert_int_equal(verdict_on(trust, headers, BODY), FZ_NO_SIGNATURE);
    }
    assert_int_equal(verdict_on(trust, (struct fz_signed_headers){0}, BODY), FZ_NO_SIGNATURE);
    assert_int_equal(verdict_on(trust, good, BODY), FZ_TRUSTED);
    assert_int_equal(verdict_on(trust, good, "{\"code\": \"OK\"}"), FZ_WRONG_SIGNATURE);
    struct fz_signed_headers headers = good;
    headers.nonce = "593BEC0C930BF1AFEB40B4A08C8FB243";
    assert_int_equal(verdict_on(trust, headers, BODY), FZ_WRONG_SIGNATURE);
    headers = good;
    headers.timestamp = good.signature; /* headers that were mixed up */
    assert_int_equal(verdict_on(trust, headers, BODY), FZ_WRONG_SIGNATURE);
    free(answer.body);
    fz_trust_free(trust);
}

/* The platform sends them on purpose, to see whether they are refused. */
static void probes_are_wrong_signatures(void **state)
{
    (void)state;
    struct fz_trust *trust = fixed_trust(PEMS(old_pem));
    struct platform_answer answer;
    platform_sign(&answer, old_key, OLD, now_s, strdup(BODY));
    struct fz_signed_headers headers = headers_of(&answer);
    char probe[1200];
    snprintf(probe, sizeof probe, "WECHATPAY/SIGNTEST/%s", answer.signature);
    headers.signature = probe;
    assert_int_equal(verdict_on(trust, headers, BODY), FZ_WRONG_SIGNATURE);
    headers.signature = "WECHATPAY/SIGNTEST/";
    assert_int_equal(verdict_on(trust, headers, BODY), FZ_WRONG_SIGNATURE);
    /* as long as a right one */
    snprintf(probe, sizeof probe, "WECHATPAY/SIGNTEST/%s", answer.signature + strlen("WECHATPAY/SIGNTEST/"));
    headers.signature = probe;
    assert_int_equal(verdict_on(trust, headers, BODY), FZ_WRONG_SIGNATURE);
    free(answer.body);
    fz_trust_free(trust);
}

/* ---- the public key ---- */

static void assert_seals(struct fz_trust *trust, const char *expected_serial, EVP_PKEY *key)
{
    char serial[FZ_TRUST_SERIAL_SIZE], sealed[1024];
    assert_int_equal(fz_trust_sealing_serial(trust, now_ms, serial), FZ_OK);
    assert_string_equal(serial, expected_serial);
    assert_int_equal(fz_trust_seal(trust, serial, now_ms, "李四", sealed, sizeof sealed), FZ_OK);
    char *plain = platform_open(key, sealed);
    assert_non_null(plain);
    assert_string_equal(plain, "李四");
    free(plain);
}

static void a_public_key_needs_no_certificates(void **state)
{
    (void)state;
    struct fz_trust *trust = trust_of((struct fz_trust_setup){
        .public_key_id = KEY_ID, .public_key = public_pem, .apiv3_key = (const unsigned char *)APIV3_KEY});
    assert_int_equal(verdict(trust, other_key, KEY_ID), FZ_TRUSTED);
    assert_int_equal(verdict(trust, old_key, KEY_ID), FZ_WRONG_SIGNATURE);
    assert_string_equal(fz_trust_public_key_id(trust), KEY_ID);
    assert_seals(trust, KEY_ID, other_key);
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NULL, now_ms + 1000 * HOUR, 1000 * HOUR), FZ_FETCH_NONE);
    assert_int_equal(want(trust, KEY_ID, now_ms, 0), FZ_FETCH_NONE);
    assert_int_equal(want(trust, KEY_ID "1", now_ms, 0), FZ_FETCH_USELESS); /* no list has it */
    assert_int_equal(want(trust, OLD, now_ms, 0), FZ_FETCH_YOURS);          /* not all has moved yet */
    fz_trust_free(trust);
}

static void both_hold_at_once(void **state)
{
    (void)state;
    struct fz_trust *trust = trust_of((struct fz_trust_setup){.certificates = PEMS(old_pem),
                                                              .public_key_id = KEY_ID,
                                                              .public_key = public_pem,
                                                              .fixed = true});
    assert_int_equal(verdict(trust, other_key, KEY_ID), FZ_TRUSTED);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_int_equal(verdict(trust, other_key, OLD), FZ_WRONG_SIGNATURE); /* never another than is named */
    assert_int_equal(verdict(trust, old_key, KEY_ID), FZ_WRONG_SIGNATURE);
    assert_seals(trust, KEY_ID, other_key);
    fz_trust_free(trust);
}

/* ---- fetching ---- */

static void the_first_call_fetches(void **state)
{
    (void)state;
    char serial[FZ_TRUST_SERIAL_SIZE], sealed[1024];
    struct fz_trust *trust = fetching_trust();
    assert_string_equal(fz_trust_public_key_id(trust), "");
    assert_int_equal(fz_trust_sealing_serial(trust, now_ms, serial), FZ_ABSENT);
    assert_int_equal(fz_trust_seal(trust, OLD, now_ms, "x", sealed, sizeof sealed), FZ_ABSENT);
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_YOURS);
    assert_int_equal(fetched(trust, old_key, OLD, PEMS(old_pem)), FZ_OK);
    assert_string_equal(why, "");
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_NONE);
    assert_int_equal(want(trust, OLD, now_ms, 0), FZ_FETCH_NONE);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_seals(trust, OLD, old_key);
    char text[256];
    memset(text, 'x', sizeof text);
    text[215] = '\0'; /* OAEP under 2048 bits seals 214 bytes */
    assert_int_equal(fz_trust_seal(trust, OLD, now_ms, text, sealed, sizeof sealed), FZ_FULL);
    fz_trust_free(trust);
}

static void old_and_new_hold_while_they_overlap(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_int_equal(fetched(trust, old_key, OLD, PEMS(old_pem)), FZ_OK);
    /* The new one is listed before it signs. */
    assert_int_equal(fetched(trust, old_key, OLD, PEMS(old_pem, new_pem)), FZ_OK);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_int_equal(verdict(trust, new_key, NEW), FZ_TRUSTED);
    assert_seals(trust, NEW, new_key); /* the one that lasts longer */
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED); /* listed no more, and in force */
    fz_trust_free(trust);
}

static void what_ended_is_dropped_with_the_next_list(void **state)
{
    (void)state;
    struct fz_trust *trust = trust_of((struct fz_trust_setup){.certificates = PEMS(old_pem),
                                                              .apiv3_key = (const unsigned char *)APIV3_KEY});
    int64_t later_ms = now_ms + 21 * DAY_S * S;
    char serial[FZ_TRUST_SERIAL_SIZE], sealed[1024];
    struct platform_answer late;
    platform_sign(&late, old_key, OLD, later_ms / 1000, strdup(BODY));
    struct fz_signed_headers headers = headers_of(&late);
    assert_int_equal(fz_trust_verify(trust, &headers, BODY, strlen(BODY), later_ms, 300), FZ_KEY_OUTDATED);
    assert_int_equal(fz_trust_sealing_serial(trust, later_ms, serial), FZ_ABSENT);
    assert_int_equal(fz_trust_seal(trust, OLD, later_ms, "x", sealed, sizeof sealed), FZ_ABSENT);
    assert_int_equal(want(trust, OLD, later_ms, 0), FZ_FETCH_NONE); /* a fetch would not mend it */
    assert_int_equal(want(trust, NULL, later_ms, 0), FZ_FETCH_YOURS);
    char *list = platform_list(APIV3_KEY, PEMS(new_pem));
    assert_int_equal(fetched_body(trust, new_key, NEW, list, later_ms, 0), FZ_OK);
    assert_int_equal(fz_trust_verify(trust, &headers, BODY, strlen(BODY), later_ms, 300), FZ_UNKNOWN_SERIAL);
    free(late.body);
    fz_trust_free(trust);
}

static void what_is_of_no_use_in_a_list_is_passed_over(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    const char *const *pems = PEMS(ec_pem, ended_pem, early_pem, old_pem, old_pem);
    assert_int_equal(fetched(trust, old_key, OLD, pems), FZ_OK);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_int_equal(verdict(trust, other_key, ENDED), FZ_UNKNOWN_SERIAL);
    fz_trust_free(trust);
}

/* ---- lists that are not believed ---- */

static void assert_refused(struct fz_trust *trust, enum fz_result result, const char *word)
{
    assert_int_equal(result, FZ_MALFORMED);
    if (strstr(why, word) == NULL)
        fail_msg("'%s' does not say '%s'", why, word);
    assert_int_equal(verdict(trust, new_key, NEW), FZ_UNKNOWN_SERIAL);
}

static void a_list_is_signed_by_one_that_it_lists(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_refused(trust, fetched(trust, other_key, OTHER, PEMS(new_pem)), "does not list");
    assert_refused(trust, fetched(trust, other_key, NEW, PEMS(new_pem)), "does not fit");
    assert_int_equal(fetched(trust, old_key, OLD, PEMS(old_pem)), FZ_OK);
    /* Nor is one that is known enough. */
    assert_refused(trust, fetched(trust, old_key, OLD, PEMS(new_pem)), "does not list");
    assert_refused(trust, fetched(trust, other_key, ENDED, PEMS(new_pem, ended_pem)), "does not list");
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    fz_trust_free(trust);
}

static void another_apiv3_key_opens_nothing(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    char *body = platform_list("0123456789abcdefghijABCDEFGHIJ+.", PEMS(new_pem));
    assert_refused(trust, fetched_body(trust, new_key, NEW, body, now_ms, 0), "APIv3 key");
    fz_trust_free(trust);
}

static void a_list_without_use(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_refused(trust, fetched(trust, other_key, ENDED, PEMS(ended_pem)), "clock");
    assert_refused(trust, fetched(trust, ec_key, OTHER, PEMS(ec_pem)), "RSA");
    assert_refused(trust, fetched_body(trust, new_key, NEW, strdup("{\"data\":[]}"), now_ms, 0), "in force");
    assert_refused(trust, fetched_body(trust, new_key, NEW, strdup("{}"), now_ms, 0), "in force");
    assert_refused(trust, fetched_body(trust, new_key, NEW, strdup("<html>"), now_ms, 0), "no list");
    assert_refused(trust, fetched_body(trust, new_key, NEW, strdup("{\"data\":[1]}"), now_ms, 0), "data");
    char *twin = platform_certificate(new_key, OLD, now_s - 1, now_s + DAY_S);
    assert_refused(trust, fetched(trust, old_key, OLD, PEMS(old_pem, twin)), "serial number");
    assert_int_equal(fetched(trust, old_key, OLD, PEMS(old_pem)), FZ_OK);
    assert_refused(trust, fetched(trust, new_key, OLD, PEMS(twin)), "serial number");
    free(twin);
    fz_trust_free(trust);
}

static enum fz_result fetched_with(struct fz_trust *trust, const struct fz_signed_headers *headers,
                                   const char *body, int64_t tolerance_s)
{
    return fz_trust_fetched(trust, headers, body, strlen(body), now_ms, tolerance_s, 0, why, sizeof why);
}

static void a_list_has_to_be_signed_and_of_now(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    struct platform_answer answer;
    platform_sign(&answer, new_key, NEW, now_s - 301, platform_list(APIV3_KEY, PEMS(new_pem)));
    struct fz_signed_headers headers = headers_of(&answer);
    assert_refused(trust, fetched_with(trust, &headers, answer.body, 300), "clock");
    headers.signature = NULL;
    assert_refused(trust, fetched_with(trust, &headers, answer.body, 301), "not signed");
    headers.signature = answer.signature;
    assert_int_equal(fetched_with(trust, &headers, answer.body, 301), FZ_OK);
    free(answer.body);
    fz_trust_free(trust);
}

/* ---- when ---- */

static void it_is_renewed_after_twelve_hours_by_one(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    assert_int_equal(want(trust, NULL, now_ms + 12 * HOUR - 1, 12 * HOUR - 1), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NEW, now_ms + 12 * HOUR, 12 * HOUR), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NULL, now_ms + 12 * HOUR, 12 * HOUR), FZ_FETCH_YOURS);
    /* The others go on with what there is. */
    assert_int_equal(want(trust, NULL, now_ms + 12 * HOUR, 12 * HOUR), FZ_FETCH_NONE);
    fz_trust_fetch_failed(trust, 12 * HOUR);
    int64_t again_ms = 12 * HOUR + 600 * S;
    assert_int_equal(want(trust, NULL, now_ms + again_ms - 1, again_ms - 1), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NULL, now_ms + again_ms, again_ms), FZ_FETCH_YOURS);
    fz_trust_free(trust);
}

static void it_is_renewed_when_the_newest_ends_soon(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    int64_t almost_ms = now_ms + 15 * DAY_S * S; /* five days before the end */
    char *list = platform_list(APIV3_KEY, PEMS(old_pem));
    assert_int_equal(fetched_body(trust, old_key, OLD, list, almost_ms - HOUR, 0), FZ_OK);
    assert_int_equal(want(trust, NULL, almost_ms - 1, HOUR - 1), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NULL, almost_ms, HOUR), FZ_FETCH_YOURS);
    list = platform_list(APIV3_KEY, PEMS(old_pem));
    assert_int_equal(fetched_body(trust, old_key, OLD, list, almost_ms, HOUR), FZ_OK);
    assert_int_equal(want(trust, NULL, almost_ms + S, HOUR + S), FZ_FETCH_NONE); /* not with every call */
    assert_int_equal(want(trust, NULL, almost_ms + 600 * S, HOUR + 600 * S), FZ_FETCH_YOURS);
    list = platform_list(APIV3_KEY, PEMS(old_pem, new_pem));
    assert_int_equal(fetched_body(trust, old_key, OLD, list, almost_ms, HOUR), FZ_OK);
    assert_int_equal(want(trust, NULL, almost_ms + 2 * HOUR, 3 * HOUR), FZ_FETCH_NONE);
    fz_trust_free(trust);
}

/* Nobody knows then how long ago the last fetch was. */
static void a_clock_that_was_set_back_is_a_reason_too(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    assert_int_equal(want(trust, NULL, now_ms - S, HOUR), FZ_FETCH_YOURS);
    fz_trust_free(trust);
}

static void after_a_fruitless_fetch_there_is_none_for_five_seconds(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_int_equal(want(trust, NULL, now_ms, 100), FZ_FETCH_YOURS);
    fz_trust_fetch_failed(trust, 200);
    assert_int_equal(want(trust, NULL, now_ms, 200), FZ_FETCH_USELESS);
    assert_int_equal(want(trust, NULL, now_ms, 5199), FZ_FETCH_USELESS);
    assert_int_equal(want(trust, NULL, now_ms, 5200), FZ_FETCH_YOURS);
    char *list = platform_list(APIV3_KEY, PEMS(old_pem));
    assert_int_equal(fetched_body(trust, old_key, OLD, list, now_ms, 6000), FZ_OK);
    assert_int_equal(want(trust, NEW, now_ms, 6000), FZ_FETCH_YOURS); /* that one was of use */
    list = platform_list(APIV3_KEY, PEMS(old_pem));
    assert_int_equal(fetched_body(trust, old_key, OLD, list, now_ms, 7000), FZ_OK);
    assert_int_equal(want(trust, NEW, now_ms, 11999), FZ_FETCH_USELESS);
    assert_int_equal(want(trust, OTHER, now_ms, 11999), FZ_FETCH_USELESS); /* whatever name is made up next */
    assert_int_equal(want(trust, OTHER, now_ms, 12000), FZ_FETCH_YOURS);
    fz_trust_free(trust);
}

/* Whoever is told that what came is no list may say so again. */
static void a_failure_is_told_once_or_twice(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_YOURS);
    assert_int_equal(fetched_body(trust, new_key, NEW, strdup("{}"), now_ms, 0), FZ_MALFORMED);
    fz_trust_fetch_failed(trust, 4000);
    assert_int_equal(want(trust, NULL, now_ms, 4999), FZ_FETCH_USELESS);
    assert_int_equal(want(trust, NULL, now_ms, 5000), FZ_FETCH_YOURS);
    fz_trust_free(trust);
}

static void where_none_can_be_fetched_none_is(void **state)
{
    (void)state;
    struct fz_trust *trust = fixed_trust(PEMS(old_pem));
    assert_int_equal(want(trust, NULL, now_ms + 13 * HOUR, 0), FZ_FETCH_NONE);
    assert_int_equal(want(trust, NULL, now_ms + 21 * DAY_S * S, 0), FZ_FETCH_USELESS);
    assert_int_equal(want(trust, NEW, now_ms, 0), FZ_FETCH_USELESS);
    fz_trust_free(trust);
    trust = fetching_trust();
    static const char *const no_serials[] = {"0" OLD, OLD "0", "-1", "56:B9", KEY_ID};
    for (size_t i = 0; i < sizeof no_serials / sizeof no_serials[0]; i++)
        assert_int_equal(want(trust, no_serials[i], now_ms, 0), FZ_FETCH_USELESS);
    fz_trust_free(trust);
}

/* ---- the directory ---- */

static char directory[] = "/tmp/fz_trust_XXXXXX", cache[sizeof directory + 8];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/fz_trust_XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(cache, sizeof cache, "%s/cache", directory);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", cache, name);
    return path;
}

static size_t count_files(const char *path, bool remove_them)
{
    size_t count = 0;
    DIR *listing = opendir(path);
    const struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_them)
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    if (listing != NULL)
        closedir(listing);
    return count;
}

static int remove_directory(void **state)
{
    (void)state;
    count_files(cache, true);
    rmdir(cache);
    count_files(directory, true);
    return rmdir(directory);
}

static struct fz_trust *trust_with(const char *path)
{
    return trust_of((struct fz_trust_setup){.directory = path,
                                            .apiv3_key = (const unsigned char *)APIV3_KEY});
}

static void put_at(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void put_file(const char *name, const char *text, mode_t mode)
{
    put_at(path_of(name), text, mode);
}

static void what_was_fetched_is_there_after_a_start(void **state)
{
    (void)state;
    struct stat is;
    struct fz_trust *trust = trust_with(cache);
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(old_pem, new_pem)), FZ_OK);
    assert_string_equal(why, "");
    fz_trust_free(trust);
    assert_int_equal(count_files(cache, false), 2); /* and nothing under another name */
    assert_int_equal(stat(path_of(OLD ".pem"), &is), 0);
    assert_int_equal(is.st_mode & 07777, 0600);
    assert_int_equal(stat(path_of(NEW ".pem"), &is), 0);
    assert_int_equal(stat(cache, &is), 0);
    assert_int_equal(is.st_mode & 07777, 0700);
    now_ms += 60000; /* the file is of the real time, and the test may be slow */
    trust = trust_with(cache);
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_NONE); /* the last fetch was just now */
    assert_int_equal(want(trust, NULL, now_ms + 13 * HOUR, 0), FZ_FETCH_YOURS);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_TRUSTED);
    assert_int_equal(verdict(trust, new_key, NEW), FZ_TRUSTED);
    now_ms -= 60000;
    fz_trust_free(trust);
}

static void a_stop_of_half_a_day_is_followed_by_a_fetch(void **state)
{
    (void)state;
    struct fz_trust *trust = trust_with(cache);
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    fz_trust_free(trust);
    const struct timespec times[2] = {{.tv_sec = now_s - 12 * 3600}, {.tv_sec = now_s - 12 * 3600}};
    assert_int_equal(utimensat(AT_FDCWD, path_of(NEW ".pem"), times, 0), 0);
    trust = trust_with(cache);
    assert_int_equal(verdict(trust, new_key, NEW), FZ_TRUSTED);
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_YOURS);
    fz_trust_free(trust);
}

static void assert_nothing_read(void)
{
    char serial[FZ_TRUST_SERIAL_SIZE];
    struct fz_trust *trust = trust_with(cache);
    assert_int_equal(fz_trust_sealing_serial(trust, now_ms, serial), FZ_ABSENT);
    assert_int_equal(verdict(trust, old_key, OLD), FZ_UNKNOWN_SERIAL);
    assert_int_equal(verdict(trust, other_key, ENDED), FZ_UNKNOWN_SERIAL);
    fz_trust_free(trust);
}

/* `name` with `text` is not believed. */
static void assert_ignored(const char *name, const char *text, mode_t mode)
{
    put_file(name, text, mode);
    assert_nothing_read();
    assert_int_equal(unlink(path_of(name)), 0);
}

static void files_that_are_none_are_ignored(void **state)
{
    (void)state;
    assert_int_equal(mkdir(cache, 0700), 0);
    char half[256], *huge = malloc(40000);
    snprintf(half, sizeof half, "%s", old_pem);
    assert_ignored(OLD ".pem", half, 0600);
    assert_ignored(OLD ".pem", "", 0600);
    assert_ignored(NEW ".pem", old_pem, 0600);  /* under another's name */
    assert_ignored("." OLD ".Ab3xYz", old_pem, 0600); /* what a crash left */
    assert_ignored("56b967d6bde78849fb8edfda6787867439372b3b.pem", old_pem, 0600);
    assert_ignored(ENDED ".pem", ended_pem, 0600);
    assert_ignored(ENDED ".pem", early_pem, 0600);
    assert_ignored(OTHER ".pem", ec_pem, 0600);
    assert_ignored(OLD ".pem", old_pem, 0620); /* others may have written it */
    assert_ignored(OLD ".pem", old_pem, 0602);
    memset(huge, '\n', 39999);
    memcpy(huge, old_pem, strlen(old_pem));
    huge[39999] = '\0';
    assert_ignored(OLD ".pem", huge, 0600);
    free(huge);
    put_file("real", old_pem, 0600);
    char target[256];
    snprintf(target, sizeof target, "%s", path_of("real"));
    assert_int_equal(symlink(target, path_of(OLD ".pem")), 0);
    assert_int_equal(mkfifo(path_of(NEW ".pem"), 0600), 0);
    assert_nothing_read();
}

static void ended_ones_leave_the_directory(void **state)
{
    (void)state;
    assert_int_equal(mkdir(cache, 0700), 0);
    put_file(ENDED ".pem", ended_pem, 0600);
    put_file(OLD ".pem", old_pem, 0600);
    put_file("notes.txt", "not ours", 0600);
    struct fz_trust *trust = trust_with(cache);
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    fz_trust_free(trust);
    assert_int_not_equal(access(path_of(ENDED ".pem"), F_OK), 0);
    assert_int_equal(access(path_of(OLD ".pem"), F_OK), 0); /* not listed, and in force */
    assert_int_equal(access(path_of(NEW ".pem"), F_OK), 0);
    assert_int_equal(access(path_of("notes.txt"), F_OK), 0);
}

static void a_directory_that_cannot_be_written_is_no_error(void **state)
{
    (void)state;
    put_at(cache, "a file", 0600);
    struct fz_trust *trust = trust_with(cache);
    assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem)), FZ_OK);
    assert_non_null(strstr(why, cache));
    assert_non_null(strstr(why, "in memory"));
    assert_int_equal(verdict(trust, new_key, NEW), FZ_TRUSTED);
    fz_trust_free(trust);
    assert_int_equal(unlink(cache), 0);
}

/* ---- many threads ---- */

#define THREADS 8

struct caller {
    struct fz_trust_waiter waiter;
    struct fz_trust *trust;
    sem_t woken;
    enum fz_fetch last;
};

static pthread_barrier_t at_once;
static atomic_int fetches, waits;
static const char *brought; /* the certificate in the list, beside the old one; NULL: none */

static void on_wake(struct fz_trust_waiter *waiter)
{
    sem_post(&((struct caller *)(void *)waiter)->woken);
}

/* Not before all others wait for it. */
static void fetch(struct fz_trust *trust)
{
    struct fz_signed_headers headers;
    struct platform_answer answer;
    char reason[256];
    atomic_fetch_add(&fetches, 1);
    while (atomic_load(&waits) < THREADS - 1)
        usleep(1000);
    platform_sign(&answer, old_key, OLD, now_s, platform_list(APIV3_KEY, PEMS(old_pem, brought)));
    headers = headers_of(&answer);
    size_t size = strlen(answer.body);
    enum fz_result result =
        fz_trust_fetched(trust, &headers, answer.body, size, now_ms, 300, 0, reason, sizeof reason);
    free(answer.body);
    if (result != FZ_OK)
        abort();
}

static void *call(void *argument)
{
    struct caller *caller = argument;
    pthread_barrier_wait(&at_once);
    while ((caller->last = fz_trust_want(caller->trust, NEW, now_ms, 0, &caller->waiter)) == FZ_FETCH_WAITS ||
           caller->last == FZ_FETCH_YOURS) {
        if (caller->last == FZ_FETCH_YOURS) {
            fetch(caller->trust);
            continue;
        }
        atomic_fetch_add(&waits, 1);
        sem_wait(&caller->woken);
    }
    if (caller->last == FZ_FETCH_NONE && verdict(caller->trust, new_key, NEW) != FZ_TRUSTED)
        abort();
    fz_trust_leave(caller->trust, &caller->waiter);
    return NULL;
}

static void assert_one_fetch(const char *brings, enum fz_fetch expected)
{
    pthread_t threads[THREADS];
    struct caller callers[THREADS] = {0};
    struct fz_trust *trust = trust_of((struct fz_trust_setup){.certificates = PEMS(old_pem),
                                                              .apiv3_key = (const unsigned char *)APIV3_KEY});
    brought = brings;
    atomic_store(&fetches, 0);
    atomic_store(&waits, 0);
    pthread_barrier_init(&at_once, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        callers[i].trust = trust;
        callers[i].waiter.wake = on_wake;
        sem_init(&callers[i].woken, 0, 0);
        assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(callers[i].last, expected);
        sem_destroy(&callers[i].woken);
    }
    pthread_barrier_destroy(&at_once);
    assert_int_equal(atomic_load(&fetches), 1);
    fz_trust_free(trust);
}

static void eight_threads_fetch_once(void **state)
{
    (void)state;
    assert_one_fetch(new_pem, FZ_FETCH_NONE);
    assert_one_fetch(NULL, FZ_FETCH_USELESS); /* nobody tries again at once what brought nothing */
}

/* Verifying and sealing go on while lists come in. */
static void *verify_often(void *argument)
{
    char serial[FZ_TRUST_SERIAL_SIZE], sealed[1024];
    for (int i = 0; i < 20; i++)
        if (verdict(argument, old_key, OLD) != FZ_TRUSTED ||
            fz_trust_sealing_serial(argument, now_ms, serial) != FZ_OK ||
            fz_trust_seal(argument, serial, now_ms, "x", sealed, sizeof sealed) != FZ_OK)
            abort();
    return NULL;
}

static void threads_verify_while_lists_come_in(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct fz_trust *trust = trust_of((struct fz_trust_setup){.certificates = PEMS(old_pem),
                                                              .directory = cache,
                                                              .apiv3_key = (const unsigned char *)APIV3_KEY});
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, trust), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(fetched(trust, new_key, NEW, PEMS(new_pem, i % 2 == 0 ? NULL : other_pem)), FZ_OK);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    fz_trust_free(trust);
}

/* ---- waiting no longer ---- */

struct slow {
    struct fz_trust_waiter waiter;
    struct fz_trust *trust;
    sem_t began;
    atomic_bool ended;
    int wakes;
};

static void wake_slowly(struct fz_trust_waiter *waiter)
{
    struct slow *slow = (struct slow *)(void *)waiter;
    slow->wakes++;
    sem_post(&slow->began);
    usleep(50000);
    atomic_store(&slow->ended, true);
}

static void wake_and_leave(struct fz_trust_waiter *waiter)
{
    struct slow *slow = (struct slow *)(void *)waiter;
    slow->wakes++;
    fz_trust_leave(slow->trust, waiter);
}

static void *fail_fetch(void *argument)
{
    fz_trust_fetch_failed(argument, 0);
    return NULL;
}

static void who_leaves_is_not_woken(void **state)
{
    (void)state;
    struct fz_trust *trust = fetching_trust();
    struct slow first = {.waiter.wake = wake_and_leave, .trust = trust}, second = first, third = first;
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_YOURS);
    assert_int_equal(fz_trust_want(trust, NULL, now_ms, 0, &first.waiter), FZ_FETCH_WAITS);
    assert_int_equal(fz_trust_want(trust, NULL, now_ms, 0, &second.waiter), FZ_FETCH_WAITS);
    assert_int_equal(fz_trust_want(trust, NULL, now_ms, 0, &second.waiter), FZ_FETCH_WAITS); /* still once */
    assert_int_equal(fz_trust_want(trust, NULL, now_ms, 0, &third.waiter), FZ_FETCH_WAITS);
    fz_trust_leave(trust, &third.waiter);
    fz_trust_fetch_failed(trust, 0);
    assert_int_equal(first.wakes, 1);
    assert_int_equal(second.wakes, 1);
    assert_int_equal(third.wakes, 0);
    fz_trust_leave(trust, &third.waiter); /* does not wait: nothing to do */
    fz_trust_free(trust);
}

/* Else its memory would go while it is used. */
static void who_leaves_while_it_is_woken_waits_for_that(void **state)
{
    (void)state;
    pthread_t thread;
    struct fz_trust *trust = fetching_trust();
    struct slow slow = {.waiter.wake = wake_slowly, .trust = trust};
    sem_init(&slow.began, 0, 0);
    assert_int_equal(want(trust, NULL, now_ms, 0), FZ_FETCH_YOURS);
    assert_int_equal(fz_trust_want(trust, NULL, now_ms, 0, &slow.waiter), FZ_FETCH_WAITS);
    assert_int_equal(pthread_create(&thread, NULL, fail_fetch, trust), 0);
    sem_wait(&slow.began);
    fz_trust_leave(trust, &slow.waiter);
    assert_true(atomic_load(&slow.ended));
    pthread_join(thread, NULL);
    assert_int_equal(slow.wakes, 1);
    sem_destroy(&slow.began);
    fz_trust_free(trust);
}

/* ---- the key ---- */

static bool key_seen, something_freed;

struct measured {
    max_align_t size_before;
    char data[];
};

static void *allocate_measured(size_t size)
{
    struct measured *memory = malloc(sizeof *memory + size);
    if (memory == NULL)
        return NULL;
    memcpy(&memory->size_before, &size, sizeof size);
    return memory->data;
}

static void release_measured(void *pointer)
{
    size_t size;
    struct measured *memory = (struct measured *)(void *)((char *)pointer - offsetof(struct measured, data));
    memcpy(&size, &memory->size_before, sizeof size);
    something_freed = true;
    key_seen = key_seen || memmem(memory->data, size, APIV3_KEY, 8) != NULL;
    free(memory);
}

static void the_key_is_wiped_in_the_end(void **state)
{
    (void)state;
    fz_memory_use(allocate_measured, NULL, release_measured);
    fz_trust_free(fetching_trust());
    fz_memory_use(malloc, realloc, free);
    assert_true(something_freed);
    assert_false(key_seen);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_key_is_refused_at_once),
        cmocka_unit_test(something_must_verify_or_be_fetched),
        cmocka_unit_test(each_verdict),
        cmocka_unit_test(tolerance_0_is_this_very_second),
        cmocka_unit_test(headers_that_are_missing_or_changed),
        cmocka_unit_test(probes_are_wrong_signatures),
        cmocka_unit_test(a_public_key_needs_no_certificates),
        cmocka_unit_test(both_hold_at_once),
        cmocka_unit_test(the_first_call_fetches),
        cmocka_unit_test(old_and_new_hold_while_they_overlap),
        cmocka_unit_test(what_ended_is_dropped_with_the_next_list),
        cmocka_unit_test(what_is_of_no_use_in_a_list_is_passed_over),
        cmocka_unit_test(a_list_is_signed_by_one_that_it_lists),
        cmocka_unit_test(another_apiv3_key_opens_nothing),
        cmocka_unit_test(a_list_without_use),
        cmocka_unit_test(a_list_has_to_be_signed_and_of_now),
        cmocka_unit_test(it_is_renewed_after_twelve_hours_by_one),
        cmocka_unit_test(it_is_renewed_when_the_newest_ends_soon),
        cmocka_unit_test(a_clock_that_was_set_back_is_a_reason_too),
        cmocka_unit_test(after_a_fruitless_fetch_there_is_none_for_five_seconds),
        cmocka_unit_test(a_failure_is_told_once_or_twice),
        cmocka_unit_test(where_none_can_be_fetched_none_is),
        WITH_DIRECTORY(what_was_fetched_is_there_after_a_start),
        WITH_DIRECTORY(a_stop_of_half_a_day_is_followed_by_a_fetch),
        WITH_DIRECTORY(files_that_are_none_are_ignored),
        WITH_DIRECTORY(ended_ones_leave_the_directory),
        WITH_DIRECTORY(a_directory_that_cannot_be_written_is_no_error),
        cmocka_unit_test(eight_threads_fetch_once),
        WITH_DIRECTORY(threads_verify_while_lists_come_in),
        cmocka_unit_test(who_leaves_is_not_woken),
        cmocka_unit_test(who_leaves_while_it_is_woken_waits_for_that),
        cmocka_unit_test(the_key_is_wiped_in_the_end),
    };
    return cmocka_run_group_tests_name("client_trust", tests, make_platform, free_platform);
}
