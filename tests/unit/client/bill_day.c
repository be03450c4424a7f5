/* A day's bills fetched from a sandbox: all three kinds, in both orders, held against what the queries say; and cut, forged,
 * expired or misplaced ones, of which no row is given. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/bill/spool.h"
#include "client/call.h"
#include "spec/calls.h"
#include "unit/client/shop.h"

/* Of a bill: what its rows come to, and what its summary tells. */
struct seen {
    size_t rows, summaries;
    int64_t amount, settlement, told_amount, told_settlement, told_count;
    char numbers[64][40]; /* of refunds */
};

static void see_trade(struct seen *seen, const struct fz_bill_row *row)
{
    if (row->trade != NULL) {
        seen->settlement += row->trade->settlement;
        seen->amount += row->trade->refund_settlement;
    }
    if (row->trade_summary != NULL) {
        seen->told_settlement += row->trade_summary->settlement;
        seen->told_amount += row->trade_summary->refund_settlement;
        seen->told_count += row->trade_summary->payment_count + row->trade_summary->refund_count;
    }
}

static int see(void *argument, const struct fz_bill_row *row)
{
    struct seen *seen = argument;
    if (row->refund != NULL && seen->rows < 64)
        snprintf(seen->numbers[seen->rows], 40, "%s", row->refund->out_refund_no);
    seen->rows += row->part == FZ_BILL_DETAIL;
    seen->summaries += row->part == FZ_BILL_SUMMARY;
    if (row->refund != NULL)
        seen->amount += row->refund->source_amount;
    if (row->refund_summary != NULL) {
        seen->told_amount += row->refund_summary->source_amount;
        seen->told_count += row->refund_summary->refund_count;
    }
    if (row->distribution != NULL)
        seen->amount += row->distribution->amount;
    if (row->distribution_summary != NULL) {
        seen->told_amount += row->distribution_summary->amount;
        seen->told_count += row->distribution_summary->count;
    }
    see_trade(seen, row);
    return 0;
}

/* The demo book's bill day. */
static struct fz_bill_day demo_day(struct shop *shop, enum fz_bill_kind kind)
{
    static char date[16];
    char *value;
    struct fz_bill_day day = FZ_INIT(fz_bill_day);
    shop_must(fz_sandbox_demo_value(shop->sandbox, "BILL_DATE", &value));
    snprintf(date, sizeof date, "%s", value);
    fz_sandbox_text_free(value);
    day.kind = kind;
    day.date = date;
    day.sub_mchid = kind == FZ_BILL_DISTRIBUTIONS ? FZ_SANDBOX_SUB_MCHID : NULL;
    return day;
}

/* Bills are made by the book's clock, which is at 10:00 or later of the day after. */
static struct seen fetched(struct shop *shop, const struct fz_bill_day *day)
{
    struct seen seen = {0};
    fz_error *error = NULL;
    shop_good(fz_bill_read_day(shop->client, day, NULL, see, &seen, &error), error);
    return seen;
}

static void refused(struct shop *shop, const struct fz_bill_day *day, enum fz_code code)
{
    struct seen seen = {0};
    fz_error *error = NULL;
    assert_int_equal(fz_bill_read_day(shop->client, day, NULL, see, &seen, &error), -1);
    if (fz_error_code(error) != code)
        fail_msg("%d in the place of %d: %s", fz_error_code(error), code, fz_error_message(error));
    assert_int_equal(seen.rows + seen.summaries, 0);
    fz_error_free(error);
}

/* ---- what they say ---- */

static bool has_number(const struct seen *seen, size_t before, const char *number)
{
    for (size_t i = 0; i < before; i++)
        if (strcmp(seen->numbers[i], number) == 0)
            return true;
    return false;
}

/* What a refund of the bill is, by its query: of one sub-merchant or the other. */
static int64_t asked(struct shop *shop, const char *number)
{
    static const char *const children[] = {FZ_SANDBOX_SUB_MCHID, FZ_SANDBOX_OTHER_SUB_MCHID};
    for (size_t i = 0; i < 2; i++) {
        struct fz_refund_by_out_refund_no_request request = FZ_INIT(fz_refund_by_out_refund_no_request);
        struct fz_refund_answer *answer;
        request.out_refund_no = number;
        request.sp_mchid = FZ_SANDBOX_MCHID;
        request.sub_mchid = children[i];
        if (fz_refund_by_out_refund_no(shop->client, &request, &answer, NULL) != 0)
            continue;
        assert_string_equal(answer->status, "SUCCESS");
        assert_string_equal(answer->amount.currency, "CNY");
        int64_t refund = answer->amount.refund;
        fz_answer_free(answer);
        return refund;
    }
    fail_msg("no query finds %s", number);
    return 0;
}

/* All of the demo bill's refunds are priced in CNY, so its sources come to what the queries tell. */
static void assert_refunds(struct shop *shop)
{
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    struct seen seen = fetched(shop, &day);
    int64_t sum = 0, count = 0;
    assert_in_range(seen.rows, 1, 64);
    for (size_t i = 0; i < seen.rows; i++)
        if (!has_number(&seen, i, seen.numbers[i])) {
            sum += asked(shop, seen.numbers[i]);
            count++;
        }
    assert_int_equal(seen.amount, sum);
    assert_int_equal(seen.told_amount, sum);
    assert_int_equal(seen.told_count, count);
}

static void assert_others(struct shop *shop)
{
    struct fz_bill_day day = demo_day(shop, FZ_BILL_DISTRIBUTIONS);
    struct seen seen = fetched(shop, &day);
    assert_true(seen.rows > 0);
    assert_int_equal(seen.told_count, seen.rows);
    assert_int_equal(seen.told_amount, seen.amount);
    day = demo_day(shop, FZ_BILL_STATEMENT);
    seen = fetched(shop, &day);
    assert_true(seen.rows > 0);
    assert_int_equal(seen.told_count, seen.rows);
    assert_int_equal(seen.told_settlement, seen.settlement);
    assert_int_equal(seen.told_amount, seen.amount);
}

static void the_demo_bills_say_what_the_queries_say(void **state)
{
    assert_refunds(*state);
    assert_others(*state);
}

static void whichever_block_comes_first(void **state)
{
    struct shop shop = *(struct shop *)*state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    char why[FZ_SANDBOX_WHY_SIZE];
    options.overview_first = true;
    if (fz_sandbox_new(&options, &shop.sandbox, why, sizeof why) != 0)
        fail_msg("%s", why);
    shop_must(fz_sandbox_get_credentials(shop.sandbox, FZ_SANDBOX_MCHID, &shop.merchant));
    shop_must(fz_sandbox_client_options(shop.sandbox, &shop.merchant, &shop.options));
    shop.client = shop_client(&shop.options);
    assert_refunds(&shop);
    assert_others(&shop);
    fz_client_free(shop.client);
    fz_sandbox_free(shop.sandbox);
}

static void a_direct_merchant_s_statement(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_STATEMENT);
    shop_must(fz_sandbox_get_credentials(shop->sandbox, FZ_SANDBOX_DIRECT_MCHID, &shop->merchant));
    shop_must(fz_sandbox_client_options(shop->sandbox, &shop->merchant, &shop->options));
    shop_reopen(shop);
    day.direct = true;
    assert_true(fetched(shop, &day).rows > 0);
}

static void a_day_without_a_bill(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    char *date;
    shop_must(fz_sandbox_demo_value(shop->sandbox, "EMPTY_BILL_DATE", &date));
    day.date = date;
    refused(shop, &day, FZ_CODE_NO_STATEMENT_EXIST);
    fz_sandbox_text_free(date);
}

/* ---- what is not to be relied on ---- */

static void a_cut_file_gives_no_row(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day refunds = demo_day(shop, FZ_BILL_REFUNDS), statement = demo_day(shop, FZ_BILL_STATEMENT);
    shop_fault(shop, "bill-file", "\"effect\":\"cut\"");
    shop_fault(shop, "statement", "\"effect\":\"cut\"");
    refused(shop, &refunds, FZ_CODE_NETWORK);
    refused(shop, &statement, FZ_CODE_NETWORK);
}

static void a_file_cut_once_is_fetched_again_from_its_beginning(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    size_t whole = fetched(shop, &day).rows;
    shop_fault(shop, "bill-file", "\"effect\":\"cut\",\"count\":1");
    assert_int_equal(fetched(shop, &day).rows, whole);
}

static void a_statement_has_to_be_signed(void **state)
{
    static const char *const effects[] = {"wrong_signature", "no_signature", "probe_signature", "stale_timestamp"};
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_STATEMENT);
    for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
        char members[100];
        snprintf(members, sizeof members, "\"effect\":\"%s\",\"count\":1", effects[i]);
        shop_fault(shop, "statement", members);
        refused(shop, &day, FZ_CODE_UNVERIFIED);
    }
}

/* A link is given under a signature like any answer. */
static void a_forged_link_is_not_followed(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    shop_fault(shop, "refund-bill-url", "\"effect\":\"wrong_signature\"");
    refused(shop, &day, FZ_CODE_UNVERIFIED);
    assert_int_equal(shop_requests(shop, "/v3/billdownload/file", NULL), 0);
}

/* ---- changed on the way ---- */

#define ANSWER_MAX (4 << 20)

/* Stands between client and sandbox, and changes answers: `from` becomes `to`, of the same length. */
struct between {
    struct shop *shop;
    int listener;
    char url[64];
    const char *from, *to;
    bool packed; /* files may come compressed */
    atomic_bool found, ends;
    pthread_t thread;
};

static int connected_to(const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(end, (struct sockaddr *)&address, sizeof address) == 0 ? end : -1;
}

/* A request's head, so that its answer ends with the connection. */
static bool pass_request(const struct between *between, int client, int service)
{
    char head[16384];
    size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size + 1 < sizeof head && memmem(head, size, "\r\n\r\n", 4) == NULL) {
        got = read(client, head + size, sizeof head - size - 1);
        size += got > 0 ? (size_t)got : 0;
    }
    char *packing = between->packed ? NULL : memmem(head, size, "Accept-Encoding", strlen("Accept-Encoding"));
    if (packing != NULL)
        *packing = 'X';
    return size > 2 && dprintf(service, "%.*sConnection: close\r\n\r\n", (int)(size - 2), head) > 0;
}

static void pass_answer(struct between *between, int client, int service)
{
    static char answer[ANSWER_MAX];
    size_t size = 0;
    for (ssize_t got = 1; got > 0 && size < ANSWER_MAX; size += got > 0 ? (size_t)got : 0)
        got = read(service, answer + size, ANSWER_MAX - size);
    char *at = memmem(answer, size, "text/plain", strlen("text/plain")) == NULL
                   ? NULL /* no file */
                   : memmem(answer, size, between->from, strlen(between->from));
    if (at != NULL) {
        atomic_store(&between->found, true);
        memcpy(at, between->to, strlen(between->to));
    }
    for (size_t sent = 0; sent < size;) {
        ssize_t part = send(client, answer + sent, size - sent, MSG_NOSIGNAL);
        if (part <= 0)
            break;
        sent += (size_t)part;
    }
}

static void *stand_between(void *argument)
{
    struct between *between = argument;
    while (!atomic_load(&between->ends)) {
        int client = accept(between->listener, NULL, NULL);
        int service = client < 0 ? -1 : connected_to(fz_sandbox_url(between->shop->sandbox));
        if (service >= 0 && pass_request(between, client, service))
            pass_answer(between, client, service);
        if (service >= 0)
            close(service);
        if (client >= 0)
            close(client);
    }
    return NULL;
}

static void open_between(struct between *between)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    between->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(between->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(between->listener, 8), 0);
    assert_int_equal(getsockname(between->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(between->url, sizeof between->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&between->thread, NULL, stand_between, between), 0);
    between->shop->hosts[0] = between->url;
    shop_reopen(between->shop);
}

static void close_between(struct between *between)
{
    atomic_store(&between->ends, true);
    close(connected_to(between->url));
    pthread_join(between->thread, NULL);
    close(between->listener);
}

static void refused_when_changed(struct shop *shop, enum fz_bill_kind kind, const char *from, const char *to, enum fz_code code)
{
    struct fz_bill_day day = demo_day(shop, kind);
    struct between between = {.shop = shop, .from = from, .to = to};
    open_between(&between);
    refused(shop, &day, code);
    assert_true(between.found);
    close_between(&between);
}

/* Statements alone: no document says that of the others. What the SHA-1 is of is the text, and a download has the text. */
static void a_statement_comes_compressed(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_STATEMENT);
    struct between between = {.shop = shop, .from = "Content-Encoding: gzip", .to = "Content-Encoding: gzip", .packed = true};
    struct seen seen = {0}, direct = fetched(shop, &day);
    char path[] = "/tmp/fz-statement-XXXXXX";
    fz_error *error = NULL;
    open_between(&between);
    close(mkstemp(path));
    shop_good(fz_bill_download(shop->client, &day, NULL, path, &error), error);
    assert_true(between.found);
    close_between(&between);
    FILE *file = fopen(path, "r");
    assert_int_not_equal(fgetc(file), 0x1f); /* as gzip begins */
    fclose(file);
    shop_good(fz_bill_read_file(FZ_BILL_STATEMENT, path, see, &seen, &error), error);
    assert_int_equal(seen.rows, direct.rows);
    assert_int_equal(seen.amount, direct.amount);
    assert_int_equal(unlink(path), 0);
}

/* An unsigned bill by its sums, a statement by its SHA-1 even where the sums stay. */
static void a_changed_file_gives_no_row(void **state)
{
    refused_when_changed(*state, FZ_BILL_REFUNDS, "`PACKAGE,`", "`PACKAGE,`9", FZ_CODE_MALFORMED);
    refused_when_changed(*state, FZ_BILL_STATEMENT, "`SUCCESS,", "`SUCCESZ,", FZ_CODE_UNVERIFIED);
}

/* Then its end is where the connection ends, and so may a half of it. */
static void an_unsigned_file_whose_length_nobody_tells_is_not_taken(void **state)
{
    refused_when_changed(*state, FZ_BILL_REFUNDS, "Content-Length:", "Xontent-Length:", FZ_CODE_UNVERIFIED);
}

/* ---- a signature over the file ---- */

/* Under its other path the same file is signed: a signature that is there has to fit all of it. */
static void a_signed_bill_file_is_verified_whole(void **state)
{
    static const char *const effects[] = {NULL, "\"effect\":\"wrong_signature\",\"count\":1", "\"effect\":\"no_signature\",\"count\":1"};
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    struct fz_bill_url_request request = FZ_INIT(fz_bill_url_request);
    struct fz_bill_url_answer *link;
    fz_error *error = NULL;
    void *nothing;
    request.bill_date = day.date;
    shop_good(fz_refund_bill_url(shop->client, &request, &link, &error), error);
    for (size_t i = 0; i < 3; i++) {
        struct fz_bill_spool file;
        struct fz_operation operation = {.client = shop->client, .spec = &fz_spec_bill_file, .is_written = true, .target.max = 4096};
        assert_null(fz_bill_spool_open(&file, NULL));
        fz_bill_spool_take(&file, &operation.sending);
        fz_text_format(&operation.target, "/v3/bill/downloadurl%s", strchr(link->download_url, '?'));
        if (effects[i] != NULL)
            shop_fault(shop, "bill-file", effects[i]);
        int result = fz_operate(&operation, &nothing, &error);
        assert_int_equal(result, i == 0 ? 0 : -1);
        if (result == 0) {
            fz_answer_free(nothing);
        } else {
            assert_int_equal(fz_error_code(error), FZ_CODE_UNVERIFIED);
            fz_error_free(error);
        }
        fz_bill_spool_done(&file);
    }
    fz_answer_free(link);
}

/* ---- the link's 30 seconds ---- */

struct late {
    struct shop *shop;
    EVP_PKEY *key;
    int times; /* that the clock moves on between the link and its use */
};

/* Signs, and lets a link grow old first. */
static int sign_late(void *argument, const void *message, size_t size, unsigned char *signature, size_t *signature_size)
{
    struct late *late = argument;
    if (memmem(message, size, "billdownload", strlen("billdownload")) != NULL && late->times-- > 0)
        shop_must(fz_sandbox_advance(late->shop->sandbox, "PT31S"));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, late->key) == 1 &&
                EVP_DigestSign(context, signature, signature_size, message, size) == 1;
    EVP_MD_CTX_free(context);
    return made ? 0 : -1;
}

static void an_expired_link_is_asked_for_once_more(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    struct late late = {.shop = shop, .times = 1};
    FILE *file = fopen(shop->merchant.private_key_file, "r");
    assert_non_null(file);
    late.key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    shop->options.sign = sign_late;
    shop->options.signer = &late;
    shop_reopen(shop);
    assert_true(fetched(shop, &day).rows > 0);
    assert_int_equal(shop_requests(shop, "/v3/billdownload/file", "403"), 1);
    late.times = 2;
    refused(shop, &day, FZ_CODE_INVALID_REQUEST);
    assert_int_equal(shop_requests(shop, "/v3/billdownload/file", "403"), 3);
    EVP_PKEY_free(late.key);
}

/* ---- into a file ---- */

static void a_file_is_there_when_it_is_good(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    char directory[] = "/tmp/fz-bill-XXXXXX", path[64];
    struct seen seen = {0}, rows = fetched(shop, &day);
    fz_error *error = NULL;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/bill.csv", directory);
    shop_fault(shop, "bill-file", "\"effect\":\"cut\",\"count\":4");
    assert_int_equal(fz_bill_download(shop->client, &day, NULL, path, &error), -1);
    fz_error_free(error);
    assert_int_equal(rmdir(directory), 0); /* nothing is left in it */
    assert_int_equal(mkdir(directory, 0700), 0);
    shop_good(fz_bill_download(shop->client, &day, NULL, path, &error), error);
    shop_good(fz_bill_read_file(FZ_BILL_REFUNDS, path, see, &seen, &error), error);
    assert_int_equal(seen.rows, rows.rows);
    assert_int_equal(seen.amount, rows.amount);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static int see_summary(void *argument, const struct fz_bill_row *row)
{
    assert_non_null(row->refund_summary);
    *(int64_t *)argument += row->refund_summary->source_amount;
    return 0;
}

/* What sha256sum says of the file. */
static void the_file_is_known_again_by_its_hash(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    struct fz_bill_facts facts = FZ_INIT(fz_bill_facts), again = FZ_INIT(fz_bill_facts);
    char path[] = "/tmp/fz-bill-XXXXXX", command[80], told[80] = "";
    struct seen rows = fetched(shop, &day);
    int64_t sum = 0;
    fz_error *error = NULL;
    close(mkstemp(path));
    shop_good(fz_bill_fetch(shop->client, &day, NULL, path, see_summary, &sum, &facts, &error), error);
    snprintf(command, sizeof command, "sha256sum %s", path);
    FILE *tool = popen(command, "r");
    assert_non_null(fgets(told, sizeof told, tool));
    pclose(tool);
    assert_memory_equal(told, facts.sha256, 64);
    assert_int_equal(facts.rows, rows.rows);
    assert_int_equal(sum, rows.amount);
    shop_good(fz_bill_check_file(FZ_BILL_REFUNDS, path, NULL, NULL, &again, &error), error);
    assert_memory_equal(&facts, &again, sizeof facts);
    assert_int_equal(truncate(path, (off_t)facts.bytes - 40), 0);
    assert_int_equal(fz_bill_check_file(FZ_BILL_REFUNDS, path, NULL, NULL, &again, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_MALFORMED);
    fz_error_free(error);
    assert_int_equal(unlink(path), 0);
}

static void a_directory_that_is_not_there(void **state)
{
    struct shop *shop = *state;
    struct fz_bill_day day = demo_day(shop, FZ_BILL_REFUNDS);
    fz_error *error = NULL;
    assert_int_equal(fz_bill_download(shop->client, &day, NULL, "/no/such/directory/bill", &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_FILE);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
}

#define WITH_SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SHOP(the_demo_bills_say_what_the_queries_say),
        WITH_SHOP(whichever_block_comes_first),
        WITH_SHOP(a_direct_merchant_s_statement),
        WITH_SHOP(a_day_without_a_bill),
        WITH_SHOP(a_cut_file_gives_no_row),
        WITH_SHOP(a_file_cut_once_is_fetched_again_from_its_beginning),
        WITH_SHOP(a_statement_has_to_be_signed),
        WITH_SHOP(a_statement_comes_compressed),
        WITH_SHOP(a_forged_link_is_not_followed),
        WITH_SHOP(a_changed_file_gives_no_row),
        WITH_SHOP(an_unsigned_file_whose_length_nobody_tells_is_not_taken),
        WITH_SHOP(a_signed_bill_file_is_verified_whole),
        WITH_SHOP(an_expired_link_is_asked_for_once_more),
        WITH_SHOP(a_file_is_there_when_it_is_good),
        WITH_SHOP(the_file_is_known_again_by_its_hash),
        WITH_SHOP(a_directory_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
