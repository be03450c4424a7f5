/* The refunds of a bill: one scan along their index, row by row. */
#include "book/bill/refund_bill.h"

/* bill_day is set for marked orders alone (S-RBILL: "funds-distribution refunds"). */
FZ_STATEMENT(refund_bill_any, "SELECT 1 FROM refund WHERE caller = $1 AND bill_day = $2 LIMIT 1", "ti", "i");
FZ_STATEMENT(refund_bill_any_of_sub,
             "SELECT 1 FROM refund WHERE caller = $1 AND bill_day = $2 AND sub_mchid = $3 LIMIT 1", "tit",
             "i");

#define ROWS                                                                                                 \
    "SELECT id, refund_id, out_refund_no, transaction_id, out_trade_no, amount, currency, payer_refund,"     \
    " payer_currency, coupon_type, coupon_refund, coupon_settled, own_gross, own_fee, own_net,"              \
    " funds_gross, funds_fee, funds_net, fee_rate, settlement_currency, settlement_rate, created_ms,"        \
    " success_ms"                                                                                            \
    " FROM refund WHERE caller = $1 AND bill_day = $2 AND id > $3"
#define LETTERS "ittttititiiiiiiiiiitiii"
FZ_STATEMENT(refund_bill_rows, ROWS " ORDER BY id LIMIT $4", "tiii", LETTERS);
FZ_STATEMENT(refund_bill_rows_of_sub, ROWS " AND sub_mchid = $5 ORDER BY id LIMIT $4", "tiiit", LETTERS);

enum fz_result fz_refund_bill_exists(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                     bool *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result;
    if (sub_mchid[0] == '\0')
        result = fz_query_one(tx, &refund_bill_any, FZ_VALUES(FZ_T(caller), FZ_I(day)), &row);
    else
        result = fz_query_one(tx, &refund_bill_any_of_sub,
                              FZ_VALUES(FZ_T(caller), FZ_I(day), FZ_T(sub_mchid)), &row);
    if (result == FZ_OK || result == FZ_ABSENT)
        *out = result == FZ_OK;
    return result == FZ_ABSENT ? FZ_OK : result;
}

static void read_line(const struct fz_cursor *row, struct fz_refund_line *out)
{
    /* A marked order is priced in CNY, and so is its DISCOUNT. */
    bool coupon = fz_int(row, 9) == FZ_COUPON_COUPON;
    *out = (struct fz_refund_line){
        .refund_id = fz_string(row, 1),
        .out_refund_no = fz_string(row, 2),
        .transaction_id = fz_string(row, 3),
        .out_trade_no = fz_string(row, 4),
        .amount = fz_int(row, 5),
        .currency = fz_string(row, 6),
        .payer_refund = fz_int(row, 7),
        .payer_currency = fz_string(row, 8),
        .coupon_cny = fz_int(row, coupon ? 11 : 10),
        .own = {.gross = fz_int(row, 12), .fee = fz_int(row, 13), .net = fz_int(row, 14)},
        .funds = {.gross = fz_int(row, 15), .fee = fz_int(row, 16), .net = fz_int(row, 17)},
        .fee_rate = (int)fz_int(row, 18),
        .settlement_currency = fz_string(row, 19),
        .settlement_rate = fz_int(row, 20),
        .created_ms = fz_int(row, 21),
        .success_ms = fz_int(row, 22),
    };
}

enum fz_result fz_refund_bill_each(struct fz_tx *tx, const char *caller, const char *sub_mchid, int day,
                                   int64_t after, int64_t limit,
                                   enum fz_result (*each)(void *argument, const struct fz_refund_line *),
                                   void *argument, int64_t *last, int64_t *count)
{
    FZ_CURSOR row = {0};
    const struct fz_value values[] = {FZ_T(caller), FZ_I(day), FZ_I(after), FZ_I(limit), FZ_T(sub_mchid)};
    bool all = sub_mchid[0] == '\0';
    enum fz_result result =
        fz_query(tx, all ? &refund_bill_rows : &refund_bill_rows_of_sub, values, all ? 4 : 5, &row);
    int64_t seen = 0, reached = after;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_refund_line line;
        read_line(&row, &line);
        reached = fz_int(&row, 0);
        seen++;
        result = each(argument, &line);
    }
    if (result != FZ_ABSENT)
        return result;
    *last = reached;
    *count = seen;
    return FZ_OK;
}
