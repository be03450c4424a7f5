/* What the request log replaces before it stores anything: secrets wherever a peer may put them, and nothing
 * that somebody who looks for a fault needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/log/mask.h"
#include "server/log/secret_answers.h"
#include "spec/calls.h"
#include "wire/json_text.h"

static char written[4096];

static const char *masked_as(const char *text, const char *also)
{
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_text(&out, text, strlen(text), also);
    written[out.size] = '\0';
    assert_false(out.cut);
    return written;
}

static const char *header(const char *name, const char *value)
{
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_header(&out, name, value);
    written[out.size] = '\0';
    return written;
}

struct pair {
    const char *text, *masked;
};

static void assert_masked(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(masked_as(pairs[i].text, NULL), pairs[i].masked);
}
#define ASSERT_MASKED(pairs) assert_masked(pairs, sizeof pairs / sizeof pairs[0])

/* ---- bodies ---- */

static void names_codes_and_ciphertexts(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"type\":\"PERSONAL_OPENID\",\"name\":\"Zhang San\",\"amount\":5}",
         "{\"type\":\"PERSONAL_OPENID\",\"name\":\"***\",\"amount\":5}"},
        {"{ \"name\" : \"\xE5\xBC\xA0\xE4\xB8\x89\" }", "{ \"name\" : \"***\" }"},
        {"{\"payer\":{\"auth_code\":\"120061098828009406\"}}", "{\"payer\":{\"auth_code\":\"***\"}}"},
        {"{\"nonce\":\"n\",\"ciphertext\":\"aGVsbG8=\"}", "{\"nonce\":\"n\",\"ciphertext\":\"***\"}"},
        {"{\"name\":\"a \\\"b\\\" c\\\\\",\"x\":\"y\"}", "{\"name\":\"***\",\"x\":\"y\"}"},
        {"{\"name\":\"\",\"x\":1}", "{\"name\":\"\",\"x\":1}"},
        {"{\"NAME\":\"A\",\"Name\":\"B\"}", "{\"NAME\":\"***\",\"Name\":\"***\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void everything_else_stays_as_it_was_sent(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "{\"out_refund_no\":\"1217752501201407033233368018\",\"amount\":{\"refund\":888}}\r\n",
        "{\"success_time\":\"2018-06-08T10:34:56+08:00\",\"nam\":\"z\"}",
        "{\"filename\":\"a.png\",\"goods_name\":\"Tea\",\"namespace\":\"x\",\"keyword\":\"y\",\"code\":\"SIGN_ERROR\"}",
        "{\"a\":\"x\\u003cy\",\"b\":\"C:\\\\temp\",\"c\":\"100%\",\"d\":\"<b>&amp;</b>\"}",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"593BEC0C\",serial_no=\"1DDE55AD\"",
        "/v3/global/refunds/out-refund-no/1217?sp_mchid=1900000100&sub_mchid=1900000109",
        "no colon, no equals sign",
        ":::===",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string_equal(masked_as(texts[i], NULL), texts[i]);
}

/* A body that is refused as broken must not give away more than a sound one. */
static void broken_bodies(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"name\":\"Zhang", "{\"name\":\"***"},
        {"{\"name\":\"Zhang\\\"", "{\"name\":\"***"},
        {"{name: Zhang San, x: 1}", "{name: ***, x: 1}"},
        {"{'name':'Zhang','x':1}", "{'name':'***','x':1}"},
        {"{\"name\":[\"Zhang\",\"San\"],\"x\":1}", "{\"name\":***"},
        {"{\"name\":{\"first\":\"Zhang\"}}", "{\"name\":***"},
        {"{\"name\":5,\"x\":1}", "{\"name\":***,\"x\":1}"},
        {"{\"n\\u0061me\":\"Zhang\"}", "{\"n\\u0061me\":\"***\"}"},
        {"name=Zhang+San&x=1", "name=***&x=1"},
        {"n%61me=Zhang&x=1", "n%61me=***&x=1"},
        {"{\"name", "{\"name"},
        {"{\"name\":", "{\"name\":"},
        /* A quote or a comma within the value, as in JSON that was put together by hand. */
        {"{\"name\":\"Zhang \"the\" San\",\"x\":1}", "{\"name\":\"***\",\"x\":1}"},
        {"{\"name\":\"Zhang\", San\",\"x\":1}", "{\"name\":\"***\",\"x\":1}"},
        {"{name: Zhang, San, x: 1}", "{name: ***, x: 1}"},
        {"name: Zhang, San; the third\nx: 1", "name: ***\nx: 1"},
        {"name: Zhang\n  San\nx: 1", "name: ***\nx: 1"},
        {"name=Zhang, San&x=1", "name=***&x=1"},
        {"name=Zhang & San&x=1", "name=***&x=1"},
        {"name=Zhang\"San&x=1", "name=***&x=1"},
        {"[name] => Zhang San\n[x] => 1", "[name] =***\n[x] => 1"},
    };
    ASSERT_MASKED(pairs);
}

static void names_by_their_words(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"receiver_name\":\"Z\",\"x\":1}", "{\"receiver_name\":\"***\",\"x\":1}"},
        {"{\"payerName\":\"Z\",\"x\":1}", "{\"payerName\":\"***\",\"x\":1}"},
        {"{\"nameOfPayer\":\"Z\",\"x\":1}", "{\"nameOfPayer\":\"***\",\"x\":1}"},
        {"{\"username\":\"Z\",\"x\":1}", "{\"username\":\"***\",\"x\":1}"},
        {"{\"names\":\"Z\",\"name2\":\"S\"}", "{\"names\":\"***\",\"name2\":\"***\"}"},
        {"{\"AUTHCODE\":\"1\",\"authCode\":\"2\",\"auth-code\":\"3\",\"auth.code\":\"4\"}",
         "{\"AUTHCODE\":\"***\",\"authCode\":\"***\",\"auth-code\":\"***\",\"auth.code\":\"***\"}"},
        {"{\"APIv3Key\":\"1\",\"APIKey\":\"2\",\"TOKENValue\":\"3\",\"paySign\":\"4\"}",
         "{\"APIv3Key\":\"***\",\"APIKey\":\"***\",\"TOKENValue\":\"***\",\"paySign\":\"***\"}"},
    };
    ASSERT_MASKED(pairs);
}

#define LONG "a value of more characters than are looked at for a name of its own"
static void forms(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"x[name]=Zhang&y=1", "x[name]=***&y=1"},
        {"x[0][name][]=Zhang&y=1", "x[0][name][]=***&y=1"},
        {"name[first]=Zhang&y=1", "name[first]=***&y=1"},
        {"x[\"name\"]=Zhang&y=1", "x[\"name\"]=***&y=1"},
        {"x['name']['y'][0] = Zhang\ny: 1", "x['name']['y'][0] = ***\ny: 1"},
        {"x['y']=1", "x['y']=1"},
        {"name=" LONG " x[token][0]=b&y=1", "name=***&y=1"},
        {"[name=a]&y=1", "[name=***]&y=1"},
        {"name=\"a\"Zhang\":1", "name=\"***"},
        {"x%5Bname%5D=Zhang&y=1", "x%5Bname%5D=***&y=1"},
        {"name%3DZhang%20San%26y%3D1", "name%3D***%26y%3D1"},
        {"name%253DZhang&y=1", "name%253D***&y=1"},
        {"body=%7B%22name%22%3A%22Zhang%22%2C%22y%22%3A1%7D", "body=%7B%22name%22%3A%22***%22%2C%22y%22%3A1%7D"},
        {"Content-Disposition: form-data; name=\"auth_code\"\r\n\r\n1200\r\n--x",
         "Content-Disposition: form-data; name=\"***"},
    };
    ASSERT_MASKED(pairs);
}

/* Between a name and its value may stand what JSON does not know as a blank. */
static void blanks_of_any_kind(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"name\"\v:\f\"Zhang\",\"x\":1}", "{\"name\"\v:\f\"***\",\"x\":1}"},
        {"{\"name\"\xC2\xA0:\"Zhang\",\"x\":1}", "{\"name\"\xC2\xA0:\"***\",\"x\":1}"},
        {"{\"name\"\xE3\x80\x80:\"Zhang\",\"x\":1}", "{\"name\"\xE3\x80\x80:\"***\",\"x\":1}"},
        {"\xE2\x80\x9Cname\xE2\x80\x9D: Zhang\nx: 1", "\xE2\x80\x9Cname\xE2\x80\x9D: ***\nx: 1"},
        {"name\xEF\xBC\x9AZhang\nx: 1", "name\xEF\xBC\x9A***\nx: 1"},
    };
    ASSERT_MASKED(pairs);
}

static void elements(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"<xml><name>Zhang</name><x>1</x></xml>", "<xml><name>***</name><x>1</x></xml>"},
        {"<name><![CDATA[Zhang <San>]]></name><x>1</x>", "<name>***</name><x>1</x>"},
        {"<name><first>Zhang</first></name><x>1</x>", "<name>***</name><x>1</x>"},
        {"<p:payerName xml:lang=\"zh\">Zhang</p:payerName><x>1</x>", "<p:payerName***</p:payerName><x>1</x>"},
        {"<sign value=\"Zhang\"/><x>1</x>", "<sign***/><x>1</x>"},
        {"<name></name><x>1</x>", "<name></name><x>1</x>"},
        {"<name>Zhang", "<name>***"},
        {"<r name='Zhang' x='1'>t</r>", "<r name='***' x='1'>t</r>"},
        {"&lt;name&gt;Zhang&lt;/name&gt;&lt;x&gt;1", "&lt;name&gt;***&lt;/name&gt;&lt;x&gt;1"},
        {"{\"a\":\"\\u003cname\\u003eZhang\\u003c/name\\u003e\"}", "{\"a\":\"\\u003cname\\u003e***\\u003c/name\\u003e\"}"},
    };
    ASSERT_MASKED(pairs);
}

/* Java's Gson writes = and & of a URL within JSON as escapes; a name may bear some itself. */
static void escapes(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"url\":\"http:\\/\\/h\\/f?token\\u003dab\\/c\\u0026x\\u003d1\"}",
         "{\"url\":\"http:\\/\\/h\\/f?token\\u003d***\\u0026x\\u003d1\"}"},
        {"{\"v\":\"name=\\u5f20\\u4e09\",\"x\":1}", "{\"v\":\"name=***\",\"x\":1}"},
        {"{\"v\":\"token=ab\\/cd\",\"x\":1}", "{\"v\":\"token=***\",\"x\":1}"},
        {"name&#58;Zhang\nx: 1", "name&#58;***\nx: 1"},
        {"name=" LONG " x[token]&#61;QUJD==", "name=***"},
        {"name=" LONG " x[token]&amp;equals;QUJD==", "name=***"},
        {"name=Zhang&amp;y=1", "name=***;y=1"},
        {"name=" LONG " \\\"token\\\"\\u000b=\\\"QUJD\\\"\\n: x", "name=***\\n: x"},
        {"\\\"name\\\":\\\"Zhang\\\"\\nx: 1", "\\\"name\\\":\\\"***\\\"\\nx: 1"},
        {"&quot;name&quot;:&quot;Zhang&quot;,&quot;x&quot;:1", "&quot;name&quot;:&quot;***&quot;,&quot;x&quot;:1"},
        {"%2525252525253Dname=Zhang&x=1", "***"},
        {"%", "%"},
        {"\\", "\\"},
        {"%4", "%4"},
        {"&#;&#x;&#", "&#;&#x;&#"},
    };
    ASSERT_MASKED(pairs);
}

/* UTF-16, of which every other byte is NUL. */
static void wide_letters(void **state)
{
    (void)state;
    static const char text[] = "{\"name\":\"Zhang\",\"x\":1}";
    char wide[2 * sizeof text];
    for (size_t i = 0; i < sizeof text; i++) {
        wide[2 * i] = text[i];
        wide[2 * i + 1] = '\0';
    }
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_text(&out, wide, 2 * (sizeof text - 1), NULL);
    assert_null(memmem(written, out.size, "Z\0h", 3));
    assert_non_null(memmem(written, out.size, "***", 3));
}

/* ---- the table of words ---- */

/* Whether `text` with `word` for # and a distinctive value for $ loses that value. */
static void assert_word_masked(const char *text, const char *word)
{
    char filled[512];
    size_t used = 0;
    for (; *text != '\0'; text++)
        used += (size_t)snprintf(filled + used, sizeof filled - used, "%.*s",
                                 *text == '#' ? (int)strlen(word) : *text == '$' ? 5 : 1,
                                 *text == '#' ? word : *text == '$' ? "Qv8xZ" : text);
    if (strstr(masked_as(filled, NULL), "Qv8xZ") != NULL)
        fail_msg("%s is shown as %s", filled, written);
}

static void every_word_in_every_place(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"#\":\"$\",\"x\":1}", "{\"x_#\":\"$\"}", "{\"x#s\":$}", "x[#]=$&y=1", "x.#.y=$&y=1", "#%3D$", "x-#: $\ny: 1",
        "<#>$</#>", "<a #='$'/>", "{\"a\":\"{\\\"#\\\":\\\"$\\\"}\"}", "{\"a\":\"#\\u003d$\"}", "#2=$", "%22#%22%3A%22$%22",
    };
    for (const char *const *word = fz_secret_words; *word != NULL; word++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            assert_word_masked(texts[i], *word);
        assert_string_equal(header(*word, "v4lue"), "***");
    }
}

/* By hand, so that a word that gets lost out of the table is missed. */
static void the_words(void **state)
{
    (void)state;
    static const char *const words[] = {
        "name",      "key",    "sign",    "token",         "apikey",     "bearer",      "cookie",
        "secret",    "signed", "api_key", "expected",      "password",   "apiv3_key",   "auth_code",
        "signature", "passwd", "pwd",     "authorization", "api_v3_key", "private_key", "ciphertext",
        "access_token", "client_secret", "passphrase"};
    static const char *const plain[] = {"",      "nam",   "signal", "tok",  "auth",
                                        "code",  "mchid", "serial_no",  "nonce",     "x_code", "coded", "filename",
                                        "goods_name"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_true(fz_is_secret_name(words[i], strlen(words[i])));
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_false(fz_is_secret_name(plain[i], strlen(plain[i])));
}

/* A refusal shows a value, and a diagnosis the message that was signed: JSON within a JSON string. */
static void texts_within_texts(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"value\":\"[{\\\"name\\\":\\\"Zhang\\\",\\\"x\\\":1}]\",\"issue\":\"i\"}",
         "{\"value\":\"[{\\\"name\\\":\\\"***\\\",\\\"x\\\":1}]\",\"issue\":\"i\"}"},
        {"{\"value\":\"{\\\"name\\\":\\\"Zhang \\\\\\\"the\\\\\\\" San\\\"}\",\"issue\":\"i\"}",
         "{\"value\":\"{\\\"name\\\":\\\"***\\\"}\",\"issue\":\"i\"}"},
        {"{\"value\":\"{\\\"name\\\":\\\"Zhan\",\"issue\":\"i\"}",
         "{\"value\":\"{\\\"name\\\":\\\"***\",\"issue\":\"i\"}"},
        {"{\"m\":\"GET\\n/v3/billdownload/file?token=abc.def_\\n1554208460\\n\"}",
         "{\"m\":\"GET\\n/v3/billdownload/file?token=***\\n1554208460\\n\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void tokens_of_bill_links(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"/v3/billdownload/file?token=AbC-_123", "/v3/billdownload/file?token=***"},
        {"/v3/billdownload/file?x=1&token=AbC-_123&y=2", "/v3/billdownload/file?x=1&token=***&y=2"},
        {"/v3/billdownload/file?Token=AbC", "/v3/billdownload/file?Token=***"},
        {"/v3/billdownload/file?%74oken=AbC", "/v3/billdownload/file?%74oken=***"},
        {"/v3/billdownload/file?token=", "/v3/billdownload/file?token="},
        {"{\"download_url\":\"http://h:1/v3/billdownload/file?token=AbC\"}",
         "{\"download_url\":\"http://h:1/v3/billdownload/file?token=***\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void the_value_that_a_refusal_repeats(void **state)
{
    (void)state;
    static const char body[] = "{\"detail\":{\"field\":\"/receivers/0/name\",\"value\":\"Zhang\"}}";
    assert_string_equal(masked_as(body, NULL), body);
    assert_string_equal(masked_as(body, "value"),
                        "{\"detail\":{\"field\":\"/receivers/0/name\",\"value\":\"***\"}}");
}

/* ---- the server's own JSON ---- */

static const char *own(const char *text, const char *also)
{
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_json(&out, text, strlen(text), also);
    written[out.size] = '\0';
    assert_false(out.cut);
    return written;
}

/* What cannot be told in one string hides nothing of the next; and no string shows more than it would alone. */
static void one_string_hides_nothing_of_another(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"", ""},
        {"{}", "{}"},
        {"{\"a\":1,\"b\":[true,null,\"x\",{\"c\":\"\"}]}", "{\"a\":1,\"b\":[true,null,\"x\",{\"c\":\"\"}]}"},
        {"{\"name\":\"Zhang\",\"x\":\"1\"}", "{\"name\":\"***\",\"x\":\"1\"}"},
        {"{\"name\" : \"a\\\"b\\\\\",\"x\":\"1\"}", "{\"name\" : \"***\",\"x\":\"1\"}"},
        {"{\"name\":\"\",\"x\":\"1\"}", "{\"name\":\"\",\"x\":\"1\"}"},
        /* What a refused signature is told. */
        {"{\"field\":\"signature\",\"sign_information\":{\"method\":\"POST\",\"sign_message_length\":95,"
         "\"truncated_sign_message\":\"POST\\n/x?token=AbC\\n1\\nn\\n{\\\"a\\\":5,\\\"name\\\":\\\"Zhang\\\",\\\"x\\\":1}\\n\","
         "\"url\":\"/x?token=AbC\"},\"mistake\":\"BODY_RESERIALISED\"}",
         "{\"field\":\"signature\",\"sign_information\":{\"method\":\"POST\",\"sign_message_length\":95,"
         "\"truncated_sign_message\":\"POST\\n/x?token=***\\n1\\nn\\n{\\\"a\\\":5,\\\"name\\\":\\\"***\\\",\\\"x\\\":1}\\n\","
         "\"url\":\"/x?token=***\"},\"mistake\":\"BODY_RESERIALISED\"}"},
        /* A request's body that was cut in a name, and the diagnosis behind it. */
        {"{\"m\":\"POST\\n{\\\"name\\\":\\\"Zhan\",\"mistake\":\"BODY_RESERIALISED\",\"expected\":\"ang\",\"signed\":\"San\"}",
         "{\"m\":\"POST\\n{\\\"name\\\":\\\"***\",\"mistake\":\"BODY_RESERIALISED\",\"expected\":\"***\",\"signed\":\"***\"}"},
        {"{\"m\":\"{name:[Zhang\",\"mistake\":\"UNKNOWN\"}", "{\"m\":\"{name:***\",\"mistake\":\"UNKNOWN\"}"},
        {"{\"m\":\"name=Zhang, and more\",\"x\":\"1\"}", "{\"m\":\"name=***\",\"x\":\"1\"}"},
        {"{\"m\":\"it ends in name:\",\"x\":\"1\"}", "{\"m\":\"it ends in name:\",\"x\":\"1\"}"},
        {"{\"u\":\"http://h/v3/billdownload/file?token=AbC\",\"x\":\"1\"}",
         "{\"u\":\"http://h/v3/billdownload/file?token=***\",\"x\":\"1\"}"},
        /* Other values than strings, and what is no JSON after all. */
        {"{\"names\":[\"Zhang\",\"San\"],\"x\":1}", "{\"names\":***"},
        {"{\"token\":5,\"x\":1}", "{\"token\":***,\"x\":1}"},
        {"{\"n\\u0061me\":\"Zhang\",\"x\":1}", "{\"n\\u0061me\":\"***\",\"x\":1}"},
        {"{\"name\":\"Zhang", "{\"name\":\"***"},
        {"{\"name\":", "{\"name\":"},
        {"{\"x\":\"1\\", "{\"x\":\"1\\"},
        {"\"", "\""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_string_equal(own(pairs[i].text, NULL), pairs[i].masked);
    assert_string_equal(own("{\"field\":\"/name\",\"value\":\"Zhang\",\"x\":\"1\"}", "value"),
                        "{\"field\":\"/name\",\"value\":\"***\",\"x\":\"1\"}");
}

/* ---- headers ---- */

#define SIGNATURE_64 "qVScW1DlbbLmlV0pFZtJwQ6Rv1cAOPQ0OZk1sT0tN2c9hYwLwXtTdYbCcd3Hq6Jm"
#define SIGNATURE    SIGNATURE_64 SIGNATURE_64 SIGNATURE_64 "=="

static void of_authorization_all_but_the_signature(void **state)
{
    (void)state;
    assert_string_equal(
        header("Authorization",
               "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"593BEC0C\",signature=\"" SIGNATURE
               "\",timestamp=\"1554208460\",serial_no=\"1DDE55AD\""),
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"593BEC0C\",signature=\"***\","
        "timestamp=\"1554208460\",serial_no=\"1DDE55AD\"");
}

static void broken_authorizations(void **state)
{
    (void)state;
    static const char *const values[] = {
        SIGNATURE,
        "Bearer " SIGNATURE,
        "Basic dXNlcjpwYXNzd29yZA==",
        "WECHATPAY2-SHA256-RSA2048 " SIGNATURE,
        "WECHATPAY2-SHA256-RSA2048 signature=" SIGNATURE ",mchid=1",
        "WECHATPAY2-SHA256-RSA2048 Signature='" SIGNATURE "'",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"" SIGNATURE "\",nonce_str=\"x\"",
        "WECHATPAY2-SHA256-RSA2048 sig=\"" SIGNATURE,
        "WECHATPAY2-SHA256-RSA2048\t" SIGNATURE,
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const char *masked = header("Authorization", values[i]);
        assert_null(strstr(masked, "qVScW1Dl"));
        assert_null(strstr(masked, "dXNlcjpw"));
        assert_non_null(strstr(masked, "***"));
    }
    assert_string_equal(header("authorization", values[1]), "Bearer ***");
    assert_string_equal(header("Authorization", values[6]),
                        "WECHATPAY2-SHA256-RSA2048 mchid=\"***\",nonce_str=\"x\"");
}

static void headers_by_name(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "Wechatpay-Signature", "Cookie", "Set-Cookie", "X-Auth-Token", "X-Api-Key", "Proxy-Authorization", "apikey",
        "X_Auth_Token", "xAuthToken", "AccessToken", "X-AuthCode", "X-Payer-Name", "Signature"};
    static const char *const plain[] = {"Wechatpay-Signature-Type",
                                        "Wechatpay-Serial",
                                        "Wechatpay-Nonce",
                                        "User-Agent",
                                        "X-Request-Id",
                                        "Content-Type"};
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        assert_string_equal(header(secret[i], "v4lue"), "***");
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_string_equal(header(plain[i], "v4lue"), "v4lue");
    assert_string_equal(header("Referer", "http://h/v3/billdownload/file?token=AbC"),
                        "http://h/v3/billdownload/file?token=***");
}

/* ---- bounds ---- */

/* `part` again and again, behind `before`: if each were looked for as far back as the text goes, it would take hours. */
static void mask_long(const char *before, const char *part)
{
    enum { SIZE = 2 << 20 };
    static char text[SIZE], shown[SIZE];
    struct fz_masked out = {.text = shown, .max = SIZE};
    size_t size = strlen(before), step = strlen(part);
    memcpy(text, before, size);
    for (; size + step <= SIZE; size += step)
        memcpy(text + size, part, step);
    fz_mask_text(&out, text, size, NULL);
    assert_true(out.size == size || before[0] != '\0');
}

static void a_long_text_takes_no_longer_for_each_character(void **state)
{
    (void)state;
    mask_long("", "\xEF\xBC\x9A");
    mask_long("", "\"]\xEF\xBC\x9A");
    mask_long("", "\"]=");
    mask_long("name=", "]");
    mask_long("name=", "'a]");
    mask_long("name=\"", "\" ");
}

/* At every length of the room: nothing behind it is written, and no piece of the secret gets in. */
static void full_is_full(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"a\":\"b\",\"name\":\"HIDDEN\",\"c\":\"d\"}", "{\"a\":\"b\",\"name\":\"***\",\"c\":\"d\"}"},
        {"{\"a\":\"\\n\",\"name\":\"HIDDEN\",\"c\":\"d\"}", "{\"a\":\"\\n\",\"name\":\"***\",\"c\":\"d\"}"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (size_t max = 0, wanted = strlen(pairs[i].masked); max <= wanted + 1; max++) {
            char room[64];
            memset(room, '#', sizeof room);
            struct fz_masked out = {.text = room, .max = max};
            fz_mask_text(&out, pairs[i].text, strlen(pairs[i].text), NULL);
            size_t size = max < wanted ? max : wanted;
            assert_int_equal(out.size, size);
            assert_int_equal(out.cut, max < wanted);
            assert_memory_equal(room, pairs[i].masked, size);
            assert_int_equal(room[size], '#');
        }
}

/* ---- the declarations ---- */

static void check_sealed(const struct fz_member *parameter, size_t *count)
{
    for (; parameter != NULL && parameter->name != NULL; parameter++) {
        if (parameter->sealed) {
            (*count)++;
            if (!fz_is_secret_name(parameter->name, strlen(parameter->name)))
                fail_msg("%s is sealed, and would be logged", parameter->name);
        }
        if (parameter->kind == FZ_OBJECT || parameter->kind == FZ_ARRAY)
            check_sealed(parameter->members, count);
    }
}

static void every_sealed_parameter_is_a_secret(void **state)
{
    (void)state;
    size_t count, sealed = 0;
    const struct fz_spec *const *rows = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        check_sealed(rows[i]->request, &sealed);
    assert_true(sealed >= 2); /* names of receivers, in two calls */
}

/* What else the API has is shown: somebody who looks for a fault needs it. */
static void check_shown(const char *name)
{
    static const char *const secret[] = {"name", "auth_code", "token", "ciphertext", "signed"};
    const char *dot = strrchr(name, '.'), *last = dot == NULL ? name : dot + 1;
    bool listed = false;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        listed = listed || strcmp(last, secret[i]) == 0;
    if (fz_is_secret_name(last, strlen(last)) != listed)
        fail_msg("%s", name);
}

static void check_parameters_shown(const struct fz_member *parameter)
{
    for (; parameter != NULL && parameter->name != NULL; parameter++) {
        check_shown(parameter->name);
        if (parameter->kind == FZ_OBJECT || parameter->kind == FZ_ARRAY)
            check_parameters_shown(parameter->members);
    }
}

static void no_other_member_of_the_api_is_a_secret(void **state)
{
    (void)state;
    size_t count;
    const struct fz_spec *const *rows = fz_specs(&count);
    for (size_t i = 0; i < count; i++) {
        check_parameters_shown(rows[i]->request);
        check_parameters_shown(rows[i]->answer);
    }
}

/* So that a body of such strings can be kept as it is. */
static void words_have_nothing_to_mask(void **state)
{
    (void)state;
    for (int i = 1; i < 256; i++) {
        const char text[] = {'n', 'a', 'm', 'e', (char)i, '"', 'Z', '\0'};
        struct fz_json json = {.text = {.max = 100}};
        fz_json_string(&json, NULL, (const char[]){(char)i, '\0'});
        fz_text_done(&json.text);
        if (!json.has_other) {
            assert_true(fz_is_nothing_to_mask(text, sizeof text - 1));
            assert_string_equal(masked_as(text, NULL), text);
        }
    }
}

static void calls_that_answer_with_secrets(void **state)
{
    (void)state;
    static const char *const secret[] = {"certificates"};
    size_t count;
    const struct fz_spec *const *rows = fz_specs(&count);
    for (size_t i = 0; i < count; i++) {
        bool listed = false;
        for (size_t j = 0; j < sizeof secret / sizeof secret[0]; j++)
            listed = listed || strcmp(rows[i]->name, secret[j]) == 0;
        if (fz_has_secret_answer(&(struct fz_route){.spec = rows[i], .number = i}) != listed)
            fail_msg("%s", rows[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_codes_and_ciphertexts),
        cmocka_unit_test(everything_else_stays_as_it_was_sent),
        cmocka_unit_test(broken_bodies),
        cmocka_unit_test(names_by_their_words),
        cmocka_unit_test(forms),
        cmocka_unit_test(blanks_of_any_kind),
        cmocka_unit_test(elements),
        cmocka_unit_test(escapes),
        cmocka_unit_test(wide_letters),
        cmocka_unit_test(every_word_in_every_place),
        cmocka_unit_test(the_words),
        cmocka_unit_test(texts_within_texts),
        cmocka_unit_test(tokens_of_bill_links),
        cmocka_unit_test(the_value_that_a_refusal_repeats),
        cmocka_unit_test(one_string_hides_nothing_of_another),
        cmocka_unit_test(of_authorization_all_but_the_signature),
        cmocka_unit_test(broken_authorizations),
        cmocka_unit_test(headers_by_name),
        cmocka_unit_test(a_long_text_takes_no_longer_for_each_character),
        cmocka_unit_test(full_is_full),
        cmocka_unit_test(every_sealed_parameter_is_a_secret),
        cmocka_unit_test(no_other_member_of_the_api_is_a_secret),
        cmocka_unit_test(words_have_nothing_to_mask),
        cmocka_unit_test(calls_that_answer_with_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
