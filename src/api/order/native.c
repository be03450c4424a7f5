/* Place a native order: the answer is the link of a QR code. */
#include <stdio.h>

#include "api/order/place.h"

#define CODE_URL    "weixin://wxpay/bizpayurl?pr="
#define CODE_LENGTH 9

struct out {
    struct fz_order_native_answer answer;
    char code_url[sizeof CODE_URL + CODE_LENGTH];
};

/* A repeat gets the same link, so it is drawn for the order's row and not kept. */
static void draw_code(const struct fz_tx *tx, int64_t payment, char out[CODE_LENGTH + 1])
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t codes = 1;
    for (int i = 0; i < CODE_LENGTH; i++)
        codes *= sizeof letters - 1;
    uint64_t code = fz_draw(tx->world, "code_url", payment, codes);
    for (int i = 0; i < CODE_LENGTH; i++, code /= sizeof letters - 1)
        out[i] = letters[code % (sizeof letters - 1)];
    out[CODE_LENGTH] = '\0';
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct out *placed = out;
    struct fz_payment payment;
    enum fz_result result = fz_order_place(tx, call, params, &payment);
    if (result != FZ_OK)
        return result;
    char code[CODE_LENGTH + 1];
    draw_code(tx, payment.id, code);
    snprintf(placed->code_url, sizeof placed->code_url, CODE_URL "%s", code);
    placed->answer.code_url = placed->code_url;
    return FZ_OK;
}

const struct fz_endpoint fz_endpoint_order_native = {
    .spec = &fz_spec_order_native,
    .out_size = sizeof(struct out),
    .check = fz_order_check,
    .work = work,
};
