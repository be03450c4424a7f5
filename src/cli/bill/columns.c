/* The tables of members. */
#include "cli/bill/columns.h"

#include <stddef.h>

#define MEMBER(of, kind, which) {#which, FZ_BILL_##kind, offsetof(struct fz_##of##_bill_line, which)}

#define REFUND(kind, which) MEMBER(refund, kind, which)
static const struct fz_bill_column refund_columns[] = {
    REFUND(TIME, apply_time),
    REFUND(TIME, success_time),
    REFUND(TEXT, refund_id),
    REFUND(TEXT, out_refund_no),
    REFUND(TEXT, transaction_id),
    REFUND(TEXT, out_trade_no),
    REFUND(NUMBER, refund),
    REFUND(TEXT, currency),
    REFUND(NUMBER, coupon_refund),
    REFUND(NUMBER, payer_refund),
    REFUND(TEXT, payer_currency),
    REFUND(NUMBER, fee_rate),
    REFUND(TEXT, source),
    REFUND(TEXT, source_type),
    REFUND(NUMBER, source_amount),
    REFUND(NUMBER, source_fee),
    REFUND(TEXT, settlement_currency),
    REFUND(NUMBER, exchange_rate),
    REFUND(NUMBER, settlement),
    REFUND(NUMBER, settlement_fee),
    {0},
};

#define DISTRIBUTION(kind, which) MEMBER(distribution, kind, which)
static const struct fz_bill_column distribution_columns[] = {
    DISTRIBUTION(TIME, create_time),
    DISTRIBUTION(TEXT, initiator),
    DISTRIBUTION(TEXT, sponsor),
    DISTRIBUTION(TEXT, sub_mchid),
    DISTRIBUTION(TEXT, transaction_id),
    DISTRIBUTION(TEXT, order_id),
    DISTRIBUTION(TEXT, out_order_no),
    DISTRIBUTION(TEXT, detail_id),
    DISTRIBUTION(TEXT, receiver_account),
    DISTRIBUTION(NUMBER, amount),
    DISTRIBUTION(TEXT, currency),
    DISTRIBUTION(NUMBER, settlement_amount),
    DISTRIBUTION(TEXT, settlement_currency),
    DISTRIBUTION(NUMBER, exchange_rate),
    DISTRIBUTION(TEXT, business_type),
    DISTRIBUTION(TEXT, status),
    DISTRIBUTION(TEXT, description),
    {0},
};

#define TRADE(kind, which) MEMBER(trade, kind, which)
static const struct fz_bill_column trade_columns[] = {
    TRADE(TIME, time),
    TRADE(TEXT, appid),
    TRADE(TEXT, mchid),
    TRADE(TEXT, sub_mchid),
    TRADE(TEXT, device),
    TRADE(TEXT, transaction_id),
    TRADE(TEXT, out_trade_no),
    TRADE(TEXT, user),
    TRADE(TEXT, trade_type),
    TRADE(TEXT, trade_state),
    TRADE(TEXT, bank),
    TRADE(TEXT, coupon_currency),
    TRADE(NUMBER, coupon),
    TRADE(TEXT, discount_currency),
    TRADE(NUMBER, discount),
    TRADE(TEXT, refund_id),
    TRADE(TEXT, out_refund_no),
    TRADE(TEXT, refund_type),
    TRADE(TEXT, refund_status),
    TRADE(TEXT, description),
    TRADE(TEXT, attach),
    TRADE(NUMBER, fee),
    TRADE(NUMBER, fee_rate),
    TRADE(TEXT, currency),
    TRADE(NUMBER, amount),
    TRADE(TEXT, payer_currency),
    TRADE(NUMBER, payer_amount),
    TRADE(TEXT, settlement_currency),
    TRADE(NUMBER, settlement),
    TRADE(NUMBER, payment_rate),
    TRADE(NUMBER, refund_rate),
    TRADE(NUMBER, refund),
    TRADE(TEXT, payer_refund_currency),
    TRADE(NUMBER, payer_refund),
    TRADE(TEXT, refund_settlement_currency),
    TRADE(NUMBER, refund_settlement),
    TRADE(NUMBER, coupon_refund),
    TRADE(NUMBER, discount_refund),
    {0},
};

const struct fz_bill_column *const fz_bill_columns[] = {
    [FZ_BILL_REFUNDS] = refund_columns, [FZ_BILL_DISTRIBUTIONS] = distribution_columns, [FZ_BILL_STATEMENT] = trade_columns};

const void *fz_bill_row_line(const struct fz_bill_row *row)
{
    if (row->refund != NULL)
        return row->refund;
    return row->distribution != NULL ? (const void *)row->distribution : row->trade;
}
