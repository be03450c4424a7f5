/* A till: takes a payment code, waits for the payer's password, reverses what is not paid.
 * point_of_sale OUT_TRADE_NO AUTH_CODE TOTAL [POLLS] */
#include <string.h>
#include <time.h>

#include "settings.h"

enum state { PAID, WAITING, FAILED, REFUSED };

static enum state state_of(const struct fz_order_answer *order)
{
    printf("%s\n", order->trade_state);
    return strcmp(order->trade_state, "SUCCESS") == 0      ? PAID
           : strcmp(order->trade_state, "USERPAYING") == 0 ? WAITING
                                                           : FAILED;
}

/* How the order stands. Without an answer nothing is known, so it is asked again. */
static enum state look(fz_client *client, const char *out_trade_no)
{
    struct fz_order_by_number_request query = FZ_INIT(fz_order_by_number_request);
    struct fz_order_answer *order = NULL;
    fz_error *error = NULL;
    query.sp_mchid = setting("MCHID");
    query.sub_mchid = setting("SUB_MCHID");
    query.out_trade_no = out_trade_no;
    if (fz_order_query_by_number(client, &query, &order, &error) != 0) {
        fail(error);
        return WAITING;
    }
    enum state state = state_of(order);
    fz_answer_free(order);
    return state;
}

/* Nobody pays it any more, and what was paid goes back. Twice is as good as once, so it is tried again. */
static int reverse(fz_client *client, const char *out_trade_no)
{
    struct fz_order_by_number_request request = FZ_INIT(fz_order_by_number_request);
    fz_error *error = NULL;
    request.sp_mchid = setting("MCHID");
    request.sub_mchid = setting("SUB_MCHID");
    request.out_trade_no = out_trade_no;
    for (int tries = 0; tries < 5; tries++) {
        if (fz_order_reverse_by_number(client, &request, &error) == 0) {
            printf("reversed\n");
            return 3;
        }
        if (!fz_error_may_retry(error) && fz_error_outcome(error) != FZ_OUTCOME_MAYBE_DONE)
            break;
        int64_t wait_ms = fz_error_wait_ms(error);
        struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
        nanosleep(&wait, NULL);
        fz_error_free(error);
        error = NULL;
    }
    return error == NULL ? 1 : fail(error);
}

/* An answer that was lost is looked for, like a password that is waited for; what was refused is no order. */
static enum state pay(fz_client *client, const struct fz_order_micropay_request *request)
{
    struct fz_order_answer *order = NULL;
    fz_error *error = NULL;
    if (fz_order_micropay(client, request, &order, &error) == 0) {
        enum state state = state_of(order);
        fz_answer_free(order);
        return state;
    }
    enum state state = fz_error_outcome(error) == FZ_OUTCOME_MAYBE_DONE ? WAITING : REFUSED;
    fail(error);
    return state;
}

int main(int argc, char **argv)
{
    struct fz_order_micropay_request request = FZ_INIT(fz_order_micropay_request);
    if (argc < 4) {
        fputs("usage: point_of_sale OUT_TRADE_NO AUTH_CODE TOTAL [POLLS]\n", stderr);
        return 2;
    }
    fz_client *client = client_by_environment();
    if (client == NULL)
        return 2;
    request.sp_mchid = setting("MCHID");
    request.sub_mchid = setting("SUB_MCHID");
    request.sp_appid = setting("APPID");
    request.description = "Apples";
    request.trade_type = "MICROPAY";
    request.merchant_category_code = "5411";
    request.out_trade_no = argv[1];
    request.payer.auth_code = argv[2];
    request.amount.total = strtoll(argv[3], NULL, 10);
    request.amount.currency = "CNY";
    enum state state = pay(client, &request);
    for (int polls = argc > 4 ? atoi(argv[4]) : 10; state == WAITING && polls > 0; polls--) {
        nanosleep(&(struct timespec){.tv_sec = 3}, NULL);
        state = look(client, request.out_trade_no);
    }
    int status = state == PAID ? 0 : state == REFUSED ? 1 : reverse(client, request.out_trade_no);
    fz_client_free(client);
    return status;
}
