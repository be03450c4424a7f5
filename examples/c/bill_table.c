/* A day's refund bill, as it was downloaded, as a table: bill_table FILE */
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

/* Rows are printed as they come, and count once the whole file was seen: the reading says so by its result. */
int main(int argc, char **argv)
{
    int64_t refunds = 0;
    fz_error *error = NULL;
    if (argc != 2) {
        fputs("usage: bill_table FILE\n", stderr);
        return 2;
    }
    if (fz_bill_read_file(FZ_BILL_REFUNDS, argv[1], print_row, &refunds, &error) != 0)
        return fail(error);
    printf("%" PRId64 " lines\n", refunds);
    return 0;
}
