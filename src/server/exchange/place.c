/* In which book a request is worked on: that of the merchant who says that he signed it. */
#include "server/exchange/exchange.h"

void fz_exchange_place(struct fz_exchange *exchange)
{
    const struct fz_tools *tools = exchange->tools;
    struct fz_authorization claim;
    if (tools->others == NULL || exchange->headers.authorization_doubled ||
        fz_authorization_read(exchange->headers.authorization, &claim) != FZ_AUTHORIZATION_READ)
        return;
    size_t store = fz_stores_find(tools->stores, claim.mchid);
    if (store > 0)
        exchange->tools = &tools->others[store - 1];
}
