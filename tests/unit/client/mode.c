/* The two modes. */
#include "unit/client/mode.h"

const struct mode institution = {FZ_SANDBOX_MCHID, FZ_SANDBOX_MCHID, NULL, FZ_SANDBOX_SUB_MCHID, SHOP_APPID, NULL};
const struct mode direct = {FZ_SANDBOX_DIRECT_MCHID, NULL, FZ_SANDBOX_DIRECT_MCHID, NULL, NULL, SHOP_APPID};

struct shop *mode_open(const struct mode *mode)
{
    void *state = NULL;
    (void)shop_open(&state);
    struct shop *shop = state;
    shop_must(fz_sandbox_get_credentials(shop->sandbox, mode->caller, &shop->merchant));
    shop_must(fz_sandbox_client_options(shop->sandbox, &shop->merchant, &shop->options));
    shop->options.hosts = shop->hosts;
    shop_reopen(shop);
    return shop;
}

struct fz_sandbox_paid mode_paid(struct shop *shop, const struct mode *mode, bool marked)
{
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    struct fz_sandbox_paid out = FZ_INIT(fz_sandbox_paid);
    payment.mchid = mode->caller;
    payment.sub_mchid = mode->sub;
    payment.amount = 1000;
    payment.marked = marked;
    shop_must(fz_sandbox_make_payment(shop->sandbox, &payment, &out));
    return out;
}
