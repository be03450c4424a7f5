/* The control interface's guards: which header passes, and the first that does not, to the letter. */
#include "unit/server/place.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/private_file.h"
#include "base/server/host_names.h"
#include "server/control/guard.h"
#include "server/net/tls.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

static struct fz_control_guard guard;
static char why[600];

/* ---- a request is what this says; no connection is needed ---- */

static struct {
    const char *host, *origin, *authorization, *content_type;
} headers;

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                        const char *key)
{
    (void)connection;
    assert_int_equal(kind, MHD_HEADER_KIND);
    if (strcasecmp(key, "Host") == 0)
        return headers.host;
    if (strcasecmp(key, "Origin") == 0)
        return headers.origin;
    if (strcasecmp(key, "Authorization") == 0)
        return headers.authorization;
    return strcasecmp(key, "Content-Type") == 0 ? headers.content_type : NULL;
}

/* The status of the refusal, 0: it is let in. */
static unsigned status(const char *method)
{
    struct fz_control_call call = {0};
    bool admitted = fz_control_guard_admits(&guard, NULL, method, &call);
    assert_int_equal(admitted, call.status == 0);
    json_decref(call.answer);
    return call.status;
}

static struct fz_control_guard_setup setup;

static void set_up(const char *url)
{
    setup.url = url;
    assert_int_equal(fz_control_guard_init(&guard, &setup, why, sizeof why), FZ_OK);
    headers = (typeof(headers)){.host = "127.0.0.1:8081", .content_type = "application/json"};
}

static int begin(void **state)
{
    if (place_make(state) != 0)
        return -1;
    setup = (struct fz_control_guard_setup){0};
    set_up("http://127.0.0.1:8081");
    return 0;
}

/* ---- where it may listen ---- */

static int listening_on(uint32_t address)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
    int socket_made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(socket_made, (struct sockaddr *)&name, sizeof name), 0);
    return socket_made;
}

/* On this machine alone without conditions; where others reach it, with a token and TLS, and what is missing
 * is named. */
static void addresses(void **state)
{
    (void)state;
    static const struct {
        bool tls, token;
        const char *add;
    } options[] = {{false, false, "Add --tls and --control-token-file FILE (or set FENZHANG_CONTROL_TOKEN);"},
                   {false, true, "Add --tls;"},
                   {true, false, "Add --control-token-file FILE (or set FENZHANG_CONTROL_TOKEN);"},
                   {true, true, NULL}};
    int own = listening_on(INADDR_LOOPBACK), any = listening_on(INADDR_ANY);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        struct fz_control_access asked = {.address = "0.0.0.0:0", .tls = options[i].tls, .token = options[i].token ? TOKEN : NULL};
        why[0] = '\0';
        assert_int_equal(fz_control_check_access(&asked, own, why, sizeof why), FZ_OK);
        assert_string_equal(why, "");
        assert_int_equal(fz_control_check_access(&asked, any, why, sizeof why),
                         options[i].add == NULL ? FZ_OK : FZ_FAILED);
        if (options[i].add != NULL)
            assert_non_null(strstr(why, options[i].add));
    }
    close(own);
    close(any);
}

/* ---- Host ---- */

static void own_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool own;
    } hosts[] = {
        {"127.0.0.1", true},
        {"127.0.0.1:8081", true},
        {"127.0.0.1:1", true}, /* through a tunnel */
        {"localhost", true},
        {"LOCALHOST:65535", true},
        {"[::1]", true},
        {"[::1]:8081", true},
        {"192.168.1.7", false},
        {"127.0.0.2", false},
        {"127.0.0.1.evil", false},
        {"evil.example", false},
        {"localhost.", false},
        {"localhost:123456", false},
        {"localhost:8a", false},
        {"localhost:-1", false},
        {"localhost:12345", true},
        {"::1", false},
        {"[::1]:8081x", false},
        {"[::2]:8081", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        headers.host = hosts[i].host;
        if (status("GET") != (hosts[i].own ? 0 : 403))
            fail_msg("%s", hosts[i].host);
    }
}

/* The address that is listened on, an IPv6 one in its brackets; and no name beyond 255 letters. */
static void the_address_listened_on(void **state)
{
    (void)state;
    static char long_name[300];
    set_up("http://192.168.1.7:8081");
    headers.host = "192.168.1.7:9000";
    assert_int_equal(status("GET"), 0);
    headers.host = "192.168.1.8:8081";
    assert_int_equal(status("GET"), 403);
    set_up("http://[fd00::7]:8081");
    headers.host = "[FD00::7]:8081";
    assert_int_equal(status("GET"), 0);
    headers.host = "[fd00::7]";
    assert_int_equal(status("GET"), 0);
    memset(long_name, 'a', sizeof long_name - 1);
    headers.host = long_name;
    assert_int_equal(status("GET"), 403);
}

/* Whom the certificate vouches for; without TLS nobody. */
static void the_certificates_names(void **state)
{
    (void)state;
    struct fz_tls *tls;
    struct fz_tls_files files = {.data = place};
    assert_int_equal(fz_tls_load(&files, &tls, why, sizeof why), FZ_OK);
    setup.tls = tls;
    headers.host = "apihk.mch.weixin.qq.com:8081";
    assert_int_equal(status("GET"), 403);
    set_up("https://127.0.0.1:8081");
    headers.host = "apihk.mch.weixin.qq.com:8081";
    assert_int_equal(status("GET"), 0);
    headers.host = "apihk.mch.weixin.qq.com.evil";
    assert_int_equal(status("GET"), 403);
    set_up("http://127.0.0.1:8081"); /* the API speaks TLS, and this does not */
    headers.host = "apihk.mch.weixin.qq.com:8081";
    assert_int_equal(status("GET"), 403);
    fz_tls_free(tls);
}

/* Names of --control-host, on whatever port; what only looks like one is none. */
static void names_that_were_given(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool own;
    } hosts[] = {{"fenzhang", true},          {"fenzhang:8081", true},      {"FenZhang:80", true},       {"pay.test.example", true},
                 {"192.168.1.7:8081", true},  {"[fd00::7]:8081", true},     {"[FD00:0:0::7]", true},     {"127.0.0.1:8081", true},
                 {"fenzhang.", false},        {"fenzhang.evil", false},     {"x.fenzhang", false},       {"evil.example", false},
                 {"192.168.1.70", false},     {"fd00::7", false},           {"[fenzhang]", false},       {"[192.168.1.7]", false},
                 {"fenzhang,pay.test.example", false}, {"", false},         {"[]", false}};
    static struct fz_host_names names;
    char bad[FZ_HOST_NAME_SIZE];
    assert_int_equal(fz_host_names_add(&names, "fenzhang,pay.test.example,192.168.1.7,fd00::7", bad), FZ_OK);
    headers.host = "fenzhang";
    assert_int_equal(status("GET"), 403);
    setup.hosts = &names;
    set_up("http://127.0.0.1:8081");
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        headers.host = hosts[i].host;
        if (status("GET") != (hosts[i].own ? 0 : 403))
            fail_msg("%s", hosts[i].host);
    }
    headers.host = "fenzhang:8081";
    headers.origin = "http://fenzhang:8081";
    assert_int_equal(status("GET"), 0);
    headers.origin = "http://pay.test.example:8081"; /* another page than the one that was opened */
    assert_int_equal(status("GET"), 403);
}

/* ---- Origin ---- */

static void own_origins(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host, *origin;
        bool own;
    } origins[] = {
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1:8081", true},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "HTTP://127.0.0.1:8081", true},
        {"http://127.0.0.1:8081", "localhost:8081", "http://LOCALHOST:8081", true},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "https://127.0.0.1:8081", false}, /* another scheme */
        {"https://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1:8081", false},
        {"https://127.0.0.1:8081", "127.0.0.1:8081", "https://127.0.0.1:8081", true},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1:8082", false}, /* another port */
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1", false},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://localhost:8081",
         false}, /* not how it was called */
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://127.0.0.1:80811", false},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "null", false},
        {"http://127.0.0.1:8081", "127.0.0.1:8081", "", false},
    };
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        set_up(origins[i].url);
        headers.host = origins[i].host;
        headers.origin = origins[i].origin;
        if (status("GET") != (origins[i].own ? 0 : 403))
            fail_msg("%s at %s", origins[i].origin, origins[i].url);
    }
}

/* ---- the token ---- */

static enum fz_result with_token(const char *text)
{
    bool changed;
    assert_int_equal(fz_private_file_write(place_path("token"), text, strlen(text), &changed), FZ_OK);
    setup.token_file = place_path("token");
    why[0] = '\0';
    return fz_control_guard_init(&guard, &setup, why, sizeof why);
}

static void tokens(void **state)
{
    (void)state;
    static const struct {
        const char *authorization;
        bool right;
    } sent[] = {
        {"Bearer " TOKEN, true},
        {"bearer " TOKEN, true},
        {"Bearer " TOKEN "0", false},
        {"Bearer " TOKEN " ", false},
        {"Bearer  " TOKEN, false},
        {"Bearer 0123456789abcdef0123456789abcde", false},
        {"Bearer 0123456789abcdef0123456789abcdeF", false},
        {"Bearer 1123456789abcdef0123456789abcdef", false},
        {"Bearer_" TOKEN, false},
        {"Bearer ", false},
        {"Bearer", false},
        {"Basic " TOKEN, false},
        {TOKEN, false},
        {"", false},
        {NULL, false},
    };
    assert_int_equal(with_token(TOKEN "\n"), FZ_OK);
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        headers.authorization = sent[i].authorization;
        if (status("GET") != (sent[i].right ? 0 : 401))
            fail_msg("%s", sent[i].authorization);
    }
    setup.token_file = NULL;
    set_up("http://127.0.0.1:8081");
    assert_int_equal(status("GET"), 0); /* none is demanded */
}

/* The variable's; a file goes before it. */
static void tokens_without_a_file(void **state)
{
    (void)state;
    static char long_one[FZ_TOKEN_FILE_MAX + 1];
    setup.token = TOKEN;
    set_up("http://127.0.0.1:8081");
    assert_int_equal(status("GET"), 401);
    headers.authorization = "Bearer " TOKEN;
    assert_int_equal(status("GET"), 0);
    setup.token = TOKEN "\n";
    assert_int_equal(fz_control_guard_init(&guard, &setup, why, sizeof why), FZ_OK);
    assert_string_equal(guard.token, TOKEN);
    setup.token = "0123456789abcdef0123456789abcde";
    assert_int_equal(fz_control_guard_init(&guard, &setup, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "FENZHANG_CONTROL_TOKEN cannot be used: it is shorter than 32 characters"));
    assert_null(strstr(why, setup.token));
    memset(long_one, 'a', sizeof long_one - 1);
    setup.token = long_one;
    assert_int_equal(fz_control_guard_init(&guard, &setup, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "longer than 4095 characters"));
    assert_int_equal(with_token("another0123456789abcdef0123456789"), FZ_OK);
    assert_string_equal(guard.token, "another0123456789abcdef0123456789");
}

static void token_files(void **state)
{
    (void)state;
    assert_int_equal(with_token(TOKEN), FZ_OK);
    assert_string_equal(guard.token, TOKEN);
    assert_int_equal(with_token(TOKEN "\r\nanother line"), FZ_OK);
    assert_string_equal(guard.token, TOKEN);
    assert_int_equal(with_token("0123456789abcdef0123456789abcde\n"), FZ_FAILED);
    assert_non_null(strstr(why, "its token is shorter than 32 characters"));
    assert_non_null(strstr(why, place_path("token")));
    assert_int_equal(with_token(""), FZ_FAILED);
    assert_int_equal(remove(place_path("token")), 0);
    assert_int_equal(fz_control_guard_init(&guard, &setup, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "openssl rand -hex 32"));
    int own = listening_on(INADDR_LOOPBACK);
    struct fz_control_access asked = {.address = "127.0.0.1:0", .token_file = place_path("token")};
    why[0] = '\0';
    assert_int_equal(fz_control_check_access(&asked, own, why, sizeof why), FZ_FAILED);
    assert_non_null(strstr(why, "openssl rand -hex 32"));
    close(own);
}

/* ---- Content-Type ---- */

static void content_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool json;
    } types[] = {
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json; charset=utf-8", true},
        {"application/json ;a", true},
        {"application/json\t", true},
        {"application/jsonx", false},
        {"application/jso", false},
        {"application/json-patch", false},
        {"application/json,text/plain", false},
        {"text/plain", false},
        {"x-www-form-urlencoded", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        headers.content_type = types[i].type;
        if (status("POST") != (types[i].json ? 0 : 415))
            fail_msg("%s", types[i].type);
        assert_int_equal(status("GET"), 0);
        assert_int_equal(status("DELETE"), 0);
    }
}

/* Who has no business here learns nothing of what else was wrong. */
static void the_first_fault_is_told(void **state)
{
    (void)state;
    assert_int_equal(with_token(TOKEN), FZ_OK);
    headers.content_type = NULL;
    headers.host = "evil.example";
    headers.origin = "http://evil.example";
    assert_int_equal(status("POST"), 403);
    headers.host = "127.0.0.1:8081";
    assert_int_equal(status("POST"), 403);
    headers.origin = NULL;
    assert_int_equal(status("POST"), 401);
    headers.authorization = "Bearer " TOKEN;
    assert_int_equal(status("POST"), 415);
    headers.content_type = "application/json";
    assert_int_equal(status("POST"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, place_close)
    const struct CMUnitTest tests[] = {
        TEST(addresses),
        TEST(own_hosts),
        TEST(the_address_listened_on),
        TEST(the_certificates_names),
        TEST(names_that_were_given),
        TEST(own_origins),
        TEST(tokens),
        TEST(tokens_without_a_file),
        TEST(token_files),
        TEST(content_types),
        TEST(the_first_fault_is_told),
    };
    return cmocka_run_group_tests_name("server/control_guard", tests, NULL, NULL);
}
