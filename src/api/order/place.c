/* Placing an order, whatever it is paid by. */
#include "api/order/place.h"

#include <stdio.h>
#include <string.h>

#include "api/call/notify_url.h"
#include "base/calendar.h"

static enum fz_result check_time(const struct fz_call *call, const char *field, const char *text,
                                 int64_t *out)
{
    if (text == NULL || fz_parse_time(text, out) == FZ_OK)
        return FZ_OK;
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, text, FZ_ISSUE_NO_TIME);
}

static enum fz_result refuse_as_over(struct fz_error *error, const struct fz_order_place_request *in)
{
    return fz_refuse_at(error, FZ_PARAM_ERROR, "body", "/time_expire", in->time_expire, FZ_ISSUE_OVER_ALREADY);
}

enum fz_result fz_order_check(struct fz_call *call, void *params)
{
    const struct fz_order_place_request *in = params;
    int64_t start_ms = 0, expires_ms = INT64_MAX;
    enum fz_result result = fz_notify_url_check(call, in->notify_url);
    if (result == FZ_OK)
        result = check_time(call, "/time_start", in->time_start, &start_ms);
    if (result == FZ_OK)
        result = check_time(call, "/time_expire", in->time_expire, &expires_ms);
    return result == FZ_OK && expires_ms <= start_ms ? refuse_as_over(call->error, in) : result;
}

enum fz_result fz_order_place(struct fz_tx *tx, const struct fz_call *call,
                              const struct fz_order_place_request *in, struct fz_payment *out)
{
    struct fz_order_request request = FZ_ORDER_REQUEST_OF(in);
    request.notify_url = in->notify_url;
    if (in->time_expire != NULL && fz_parse_time(in->time_expire, &request.expires_ms) != FZ_OK)
        request.expires_ms = 0; /* cannot be: it was checked */
    /* Not before the transaction: another process may have moved the clock, which this one learns by it. */
    if (in->time_expire != NULL && request.expires_ms <= tx->now_ms)
        return refuse_as_over(tx->error, in);
    memcpy(request.digest, call->digest, sizeof request.digest);
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    return result == FZ_OK ? fz_payment_place(tx, &party, &request, out) : result;
}

/* As the vendor's: wx, when it was placed to the second, and a tail that nobody guesses. */
void fz_order_prepay_id(const struct fz_tx *tx, const struct fz_payment *payment, char out[FZ_PREPAY_ID_SIZE])
{
    char time[FZ_TIME_SIZE], digits[15] = "";
    size_t size = 0;
    fz_format_time(time, payment->created_ms);
    for (const char *at = time; *at != '\0' && size < 14; at++)
        if (*at >= '0' && *at <= '9')
            digits[size++] = *at;
    snprintf(
        out, FZ_PREPAY_ID_SIZE, "wx%s%020llu", digits,
        (unsigned long long)fz_draw(tx->world, "prepay_id", payment->id, UINT64_C(10000000000000000000)));
}
