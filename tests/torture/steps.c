/* The steps of lives. */
#include "torture/steps.h"

#include <string.h>

#include "torture/check.h"

static int64_t now_ms(void *clock)
{
    (void)clock;
    return SERVICE_NOW_MS;
}

fz_client *make_client(const char *directory, int64_t attempt_ms)
{
    fz_client *client = NULL;
    fz_error *error = NULL;
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    options.mchid = "1900000100";
    options.serial_no = "678F0000000000000000000000000000000000AA";
    options.private_key = service_merchant_key();
    options.apiv3_key = SERVICE_APIV3_KEY;
    options.hosts = (const char *const[]){"https://127.0.0.1:4430", NULL};
    options.ca_file = service_ca_file();
    options.certificate_directory = directory;
    options.proxy = "";
    options.deadline_ms = 3 * attempt_ms;
    options.attempt_ms = attempt_ms;
    options.attempts = 2;
    options.backoff_ms = 1;
    options.now_ms = now_ms;
    if (fz_client_new(&options, &client, &error) != 0) {
        check_error("client", error);
        fz_error_free(error);
    }
    expect("client", client != NULL);
    return client;
}

struct fz_refund_by_out_refund_no_request query_request(void)
{
    struct fz_refund_by_out_refund_no_request request = FZ_INIT(fz_refund_by_out_refund_no_request);
    request.out_refund_no = "R1";
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    return request;
}

void check_query(void *answer, fz_error *error)
{
    const struct fz_refund_answer *refund = answer;
    if (answer == NULL)
        check_error("query", error);
    else if (service.temper == FORGED || strcmp(refund->id, "5030000000000000001") != 0 || refund->amount.refund != 100)
        wrong("query", "an answer that the service did not give");
    const char *channel = answer != NULL ? fz_answer_member(answer, "/channel") : NULL;
    if (channel != NULL && strcmp(channel, "\"ORIGINAL\"") != 0)
        wrong("query", "a member that the service did not give");
    fz_answer_free(answer);
    fz_error_free(error);
}

void query(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_refund_answer *answer = NULL;
    struct fz_refund_by_out_refund_no_request request = query_request();
    int result = fz_refund_by_out_refund_no(client, &request, &answer, &error);
    expect("query", (result == 0) == (service.temper != FORGED));
    check_query(answer, error);
}

/* Only what never arrived may be called unknown to the service. */
static void find_out(fz_client *client, const fz_error *pending)
{
    void *answer = NULL;
    const char *name = NULL;
    fz_error *error = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    if (fz_find_out(client, pending, false, &outcome, &answer, &name, &error) == 0 &&
        (outcome != FZ_OUTCOME_NOT_SENT || service.temper == FORGED))
        wrong("finding out", "an answer that the service did not give");
    fz_answer_free(answer);
    fz_error_free(error);
}

void submit(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_refund_submit_answer *answer = NULL;
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    struct fz_refund_source from = {.fund_source = "ORDER_REFUNDABLE_BALANCE", .amount = 100};
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    request.sp_appid = "wx8888888888888888";
    request.transaction_id = "4208450740201411110007820472";
    request.out_refund_no = "R2";
    request.amount = (struct fz_refund_submit_amount){.refund = 100, .total = 5000, .currency = "CNY", .from = &from, .from_count = 1};
    int result = fz_refund_submit(client, &request, &answer, &error);
    check_write(REFUND, result, result == 0 && strcmp(answer->id, "5030000000000000002") == 0, error);
    expect("refund", (result == 0) == (service.temper == GOOD));
    if (error != NULL && fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE)
        find_out(client, error);
    fz_answer_free(answer);
    fz_error_free(error);
}

struct fz_order_place_request order_request(void)
{
    struct fz_order_place_request request = FZ_INIT(fz_order_place_request);
    request.sp_mchid = "1900000100";
    request.sub_mchid = "1900000109";
    request.sp_appid = "wx8888888888888888";
    request.description = "Camera";
    request.notify_url = "https://example.com/notify";
    request.out_trade_no = "N1";
    request.trade_type = "NATIVE";
    request.merchant_category_code = "5812";
    request.amount.total = 100;
    request.amount.currency = "CNY";
    return request;
}

void check_order(void *answer, fz_error *error)
{
    const struct fz_order_native_answer *native = answer;
    bool as_answered = answer != NULL && strncmp(native->code_url, "weixin:", 7) == 0;
    check_write(ORDER, answer != NULL ? 0 : -1, as_answered, error);
    fz_answer_free(answer);
    fz_error_free(error);
}

void order(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_order_native_answer *answer = NULL;
    struct fz_order_place_request request = order_request();
    int result = fz_order_native(client, &request, &answer, &error);
    expect("order", (result == 0) == (service.temper == GOOD));
    check_order(answer, error);
}

#define FILE_ "\x89PNG\r\n\x1a\n letter"

/* No query tells of it: what may have been done is made again, with the file that the error has kept. */
static void upload_again(fz_client *client, const fz_error *pending)
{
    void *answer = NULL;
    const char *name = NULL;
    fz_error *error = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    int result = fz_find_out(client, pending, true, &outcome, &answer, &name, &error);
    if (result == 0 && (outcome != FZ_OUTCOME_DONE || answer == NULL || service.temper != GOOD))
        wrong("upload again", "an answer that the service did not give");
    if (result != 0)
        check_error("upload again", error);
    fz_answer_free(answer);
    fz_error_free(error);
}

void upload(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_file_upload_answer *answer = NULL;
    struct fz_file_upload_request request = FZ_INIT(fz_file_upload_request);
    request.filename = "letter.png";
    request.sha256 = "9d4e1e23bd5b727046a9e3b4b7db57bd8d6ee684";
    int result = fz_file_upload(client, &request, FILE_, sizeof FILE_ - 1, "letter.png", "image/png", &answer, &error);
    check_write(UPLOAD, result, result == 0 && strcmp(answer->file_id, SERVICE_FILE_ID) == 0, error);
    expect("upload", (result == 0) == (service.temper == GOOD));
    if (error != NULL && fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE)
        upload_again(client, error);
    fz_answer_free(answer);
    fz_error_free(error);
}

void callback(fz_client *client)
{
    fz_error *error = NULL;
    struct fz_callback_received *received = NULL;
    struct fz_callback_request request = service_callback();
    int result = fz_callback_open(client, &request, &received, &error);
    if (result != 0)
        check_error("callback", error);
    else if (service.temper == FORGED || received->event != FZ_CALLBACK_REFUND_SUCCESS || received->refund->amount.refund != 100)
        wrong("callback", "one that the service did not send");
    expect("callback", (result == 0) == (service.temper != FORGED));
    fz_callback_free(received);
    fz_error_free(error);
}
