/* The merchant of the tests. */
#include "unit/client/shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void shop_must(int result)
{
    if (result != 0)
        fail_msg("%s", fz_sandbox_error());
}

fz_client *shop_client(const struct fz_client_options *options)
{
    fz_client *client = NULL;
    fz_error *error = NULL;
    shop_good(fz_client_new(options, &client, &error), error);
    return client;
}

void shop_reopen(struct shop *shop)
{
    fz_client_free(shop->client);
    shop->client = shop_client(&shop->options);
}

int shop_open(void **state)
{
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    struct shop *shop = calloc(1, sizeof *shop);
    assert_non_null(shop);
    if (fz_sandbox_new(NULL, &shop->sandbox, why, sizeof why) != 0)
        fail_msg("%s", why);
    shop->merchant.size = sizeof shop->merchant;
    shop->options.size = sizeof shop->options;
    shop_must(fz_sandbox_get_credentials(shop->sandbox, FZ_SANDBOX_MCHID, &shop->merchant));
    shop_must(fz_sandbox_client_options(shop->sandbox, &shop->merchant, &shop->options));
    shop->hosts[0] = fz_sandbox_url(shop->sandbox);
    shop->options.hosts = shop->hosts;
    shop->options.backoff_ms = 2;
    shop_reopen(shop);
    *state = shop;
    return 0;
}

int shop_close(void **state)
{
    struct shop *shop = *state;
    fz_client_free(shop->client);
    fz_sandbox_free(shop->sandbox);
    free(shop);
    return 0;
}

void shop_fault(struct shop *shop, const char *endpoint, const char *members)
{
    char rule[400];
    snprintf(rule, sizeof rule, "{\"endpoint\":\"%s\",%s}", endpoint, members);
    shop_must(fz_sandbox_add_fault(shop->sandbox, rule, NULL));
}

struct fz_sandbox_paid shop_paid(struct shop *shop, bool marked)
{
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    struct fz_sandbox_paid paid = FZ_INIT(fz_sandbox_paid);
    payment.mchid = FZ_SANDBOX_MCHID;
    payment.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    payment.amount = 1000;
    payment.marked = marked;
    shop_must(fz_sandbox_make_payment(shop->sandbox, &payment, &paid));
    return paid;
}

struct fz_refund_submit_request shop_refund(const struct fz_sandbox_paid *paid, const char *number)
{
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    request.sp_mchid = FZ_SANDBOX_MCHID;
    request.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    request.sp_appid = SHOP_APPID;
    request.transaction_id = paid->transaction_id;
    request.out_refund_no = number;
    request.amount.refund = 100;
    request.amount.total = 1000;
    request.amount.currency = "CNY";
    return request;
}

/* The rules of faults stay away: what they struck is counted already. */
int64_t shop_refunds(struct shop *shop, const struct fz_sandbox_paid *paid, int64_t *sum)
{
    struct fz_refunds_of_order_request request = FZ_INIT(fz_refunds_of_order_request);
    struct fz_refunds_of_order_answer *answer = NULL;
    fz_error *error = NULL;
    struct fz_client_options options = shop->options;
    const char *hosts[] = {fz_sandbox_url(shop->sandbox), NULL};
    options.hosts = hosts;
    options.deadline_ms = options.attempt_ms = 0;
    shop_must(fz_sandbox_clear_faults(shop->sandbox));
    fz_client *client = shop_client(&options);
    request.sp_mchid = FZ_SANDBOX_MCHID;
    request.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    request.transaction_id = paid->transaction_id;
    request.count = FZ_REFUNDS_A_PAGE;
    *sum = 0;
    if (fz_refunds_of_order(client, &request, &answer, &error) != 0) /* an order without any is answered 404 */
        shop_take_refusal(error, FZ_CODE_RESOURCE_NOT_EXISTS);
    int64_t count = answer == NULL ? 0 : answer->total_num;
    for (size_t i = 0; answer != NULL && i < answer->data_count; i++)
        *sum += answer->data[i].amount.refund;
    fz_answer_free(answer);
    fz_client_free(client);
    return count;
}

size_t shop_requests(struct shop *shop, const char *path, const char *status)
{
    char query[200], *text = NULL;
    snprintf(query, sizeof query, "limit=100&path=%s%s%s", path, status == NULL ? "" : "&status=", status == NULL ? "" : status);
    shop_must(fz_sandbox_requests(shop->sandbox, query, &text));
    json_t *log = json_loads(text, 0, NULL);
    size_t count = json_array_size(json_object_get(log, "requests"));
    json_decref(log);
    fz_sandbox_text_free(text);
    return count;
}

void shop_take_refusal(fz_error *error, enum fz_code code)
{
    if (fz_error_code(error) != code)
        fail_msg("%d in the place of %d: %s", fz_error_code(error), code, fz_error_message(error));
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_REFUSED);
    fz_error_free(error);
}
