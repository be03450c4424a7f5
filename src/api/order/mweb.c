/* Place an H5 order: the answer is a link, on which a browser outside WeChat opens the payment. */
#include <inttypes.h>
#include <stdio.h>

#include "api/order/place.h"

#define LINK_URL  "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=%s&package=%" PRIu64
#define LINK_MS   (5 * FZ_MINUTE_MS)
#define LINKS_MAX (1 << 20) /* ten years of them: more than an order lives */

struct out {
    struct fz_order_mweb_answer answer;
    char mweb_url[256];
};

/* The link lives 5 minutes: who places the order again after that gets a fresh one. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct out *placed = out;
    struct fz_payment payment;
    enum fz_result result = fz_order_place(tx, call, params, &payment);
    if (result != FZ_OK)
        return result;
    char prepay_id[FZ_PREPAY_ID_SIZE];
    fz_order_prepay_id(tx, &payment, prepay_id);
    int64_t link = (tx->now_ms - payment.created_ms) / LINK_MS;
    uint64_t package = fz_draw(tx->world, "mweb_url", payment.id * LINKS_MAX + link % LINKS_MAX, UINT32_MAX);
    snprintf(placed->mweb_url, sizeof placed->mweb_url, LINK_URL, prepay_id, package);
    placed->answer.mweb_url = placed->mweb_url;
    return FZ_OK;
}

const struct fz_endpoint fz_endpoint_order_mweb = {
    .spec = &fz_spec_order_mweb,
    .out_size = sizeof(struct out),
    .check = fz_order_check,
    .work = work,
};
