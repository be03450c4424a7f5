/* Refunds a part of an order, once, whatever the network does.
 * submit_refund OUT_TRADE_NO OUT_REFUND_NO REFUND TOTAL */
#include <inttypes.h>

#include "settings.h"

/* Whether it was made is not known here. The service is asked by its number, and where it does not know that,
 * the same bytes are sent again under the same number. Under another number it could be a second refund. */
static int find_out(fz_client *client, const fz_error *pending)
{
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    void *answer = NULL;
    const char *by = NULL;
    fz_error *error = NULL;
    if (fz_find_out(client, pending, true, &outcome, &answer, &by, &error) != 0)
        return fail(error); /* still not known: run this again later, with the same arguments */
    printf("the answer was lost; refunded all the same, says %s\n", by);
    fz_answer_free(answer);
    return 0;
}

static int submit(fz_client *client, const struct fz_refund_submit_request *request)
{
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    if (fz_refund_submit(client, request, &answer, &error) == 0) {
        printf("accepted as %s: %" PRId64 " %s\n", answer->id, answer->amount.refund,
               answer->amount.currency);
        fz_answer_free(answer);
        return 0;
    }
    if (fz_error_outcome(error) != FZ_OUTCOME_MAYBE_DONE)
        return fail(error); /* refused, or never sent: nothing was refunded */
    int status = find_out(client, error);
    fz_error_free(error);
    return status;
}

int main(int argc, char **argv)
{
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    fz_client *client = argc == 5 ? client_by_environment() : NULL;
    if (client == NULL) {
        if (argc != 5)
            fputs("usage: submit_refund OUT_TRADE_NO OUT_REFUND_NO REFUND TOTAL\n", stderr);
        return 2;
    }
    request.sp_mchid = setting("MCHID");
    request.sub_mchid = setting("SUB_MCHID");
    request.sp_appid = setting("APPID");
    request.out_trade_no = argv[1];
    request.out_refund_no = argv[2];
    request.amount.refund = strtoll(argv[3], NULL, 10);
    request.amount.total = strtoll(argv[4], NULL, 10);
    request.amount.currency = "CNY";
    int status = submit(client, &request);
    fz_client_free(client);
    return status;
}
