/* A day's refund bill, fetched and checked, as a table: bill_table [DAY] */
#include <inttypes.h>

#include "settings.h"

/* An amount in fen as people write it. */
static void print_amount(int64_t amount)
{
    printf(" %s%" PRId64 ".%02d", amount < 0 ? "-" : "", (amount < 0 ? -amount : amount) / 100,
           (int)((amount < 0 ? -amount : amount) % 100));
}

static int print_row(void *refunds, const struct fz_bill_row *row)
{
    if (row->refund != NULL) {
        printf("%-32s", row->refund->out_refund_no);
        print_amount(row->refund->source_amount);
        printf(" %s from %s\n", row->refund->currency, row->refund->source);
        ++*(int64_t *)refunds;
    }
    if (row->refund_summary != NULL) {
        printf("settled in %s: %" PRId64 " refunds,", row->refund_summary->settlement_currency,
               row->refund_summary->refund_count);
        print_amount(row->refund_summary->settlement);
        printf("\n");
    }
    return 0;
}

int main(int argc, char **argv)
{
    int64_t refunds = 0;
    struct fz_bill_day day = FZ_INIT(fz_bill_day);
    fz_error *error = NULL;
    fz_client *client = client_by_environment();
    if (client == NULL)
        return 2;
    day.kind = FZ_BILL_REFUNDS;
    day.date = argc > 1 ? argv[1] : setting("BILL_DATE");
    day.sub_mchid = setting("SUB_MCHID");
    int status = 0;
    if (fz_bill_read_day(client, &day, NULL, print_row, &refunds, &error) != 0)
        status = fail(error); /* no row was given: a bill that is not whole gives none */
    else
        printf("%" PRId64 " lines\n", refunds);
    fz_client_free(client);
    return status;
}
