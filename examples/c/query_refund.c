/* Asks for one refund by the merchant's number: query_refund [OUT_REFUND_NO] */
#include <inttypes.h>

#include "settings.h"

int main(int argc, char **argv)
{
    struct fz_refund_by_out_refund_no_request query = FZ_INIT(fz_refund_by_out_refund_no_request);
    struct fz_refund_answer *refund = NULL;
    fz_error *error = NULL;
    fz_client *client = client_by_environment();
    if (client == NULL)
        return 1;
    query.sp_mchid = setting("MCHID");
    query.sub_mchid = setting("SUB_MCHID");
    query.out_refund_no = argc > 1 ? argv[1] : setting("OUT_REFUND_NO");
    int status = 0;
    if (fz_refund_by_out_refund_no(client, &query, &refund, &error) != 0)
        status = fail(error);
    else
        printf("%s: %" PRId64 " %s of order %s, %s\n", refund->id, refund->amount.refund,
               refund->amount.currency, refund->out_trade_no, refund->status);
    fz_answer_free(refund);
    fz_client_free(client);
    return status;
}
