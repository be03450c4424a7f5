/* The columns of the refund bill (S-RBILL). */
#include "spec/bill/lines.h"

const char *const fz_refund_part_words[] = {"PACKAGE", NULL};

/* So spelt, in this order. */
#define LINE(kind, which, ...) FZ_##kind##_COLUMN(fz_refund_bill_line, which, __VA_ARGS__)
static const struct fz_column fz_refund_bill_line_columns[] = {
    LINE(TIME, apply_time, "Refund apply time", "When the refund was accepted"),
    LINE(TIME, success_time, "Refund success time", "When it arrived"),
    LINE(TEXT, refund_id, "Wechat refund number(refund_id)", "WeChat Pay refund number"),
    LINE(TEXT, out_refund_no, "Vendor refund number(out_refund_no)", "Merchant refund number"),
    LINE(TEXT, transaction_id, "Wechat order number(transaction_id)", "WeChat Pay transaction ID"),
    LINE(TEXT, out_trade_no, "Vendor order number(out_transaction_id)", "Merchant order number"),
    LINE(AMOUNT, refund, currency, "Refund amount(refund_fee)", "All that is refunded"),
    LINE(TEXT, currency, "Currency type", "Price currency"),
    LINE(CNY, coupon_refund, "Coupon refund amount", "The voucher's share of it, in CNY"),
    LINE(AMOUNT, payer_refund, payer_currency, "Payer's refund amount",
         "What the payer gets, without vouchers"),
    LINE(TEXT, payer_currency, "Payer's refund currency type", "Payment currency"),
    LINE(PERCENT, fee_rate, "Rate", "Fee rate"),
    LINE(TEXT, source, "Refund source", "ORDER_REFUNDABLE_BALANCE or FUNDS_REFUNDABLE_BALANCE"),
    LINE(TEXT, source_type, "Refund source type", "PACKAGE"),
    LINE(CNY, source_amount, "Refund source amount", "What came from this source, gross, in CNY"),
    LINE(CNY_BACK, source_fee, "Refund source fee in CNY", "The fee given back for it"),
    LINE(TEXT, settlement_currency, "Refund settlement currency type", "Settlement currency"),
    LINE(RATE, exchange_rate, "Refund exchange rate", "CNY for one unit of it x 10^8"),
    LINE(AMOUNT, settlement, settlement_currency, "Refund source settlement amount",
         "What of the source's amount is settled"),
    LINE(BACK, settlement_fee, settlement_currency, "Refund source fee in settlement currency type",
         "The fee given back for it, in the settlement currency"),
    {0},
};

/* The document tells nothing of the summary's columns: docs/fidelity.md. */
#define TOTAL(kind, which, ...) FZ_##kind##_COLUMN(fz_refund_bill_summary, which, __VA_ARGS__)
static const struct fz_column fz_refund_bill_summary_columns[] = {
    TOTAL(TEXT, settlement_currency, "Settlement currency type", "What the lines are settled in"),
    TOTAL(COUNT, refund_count, "Total refund count", "Refunds; one from two sources is one"),
    TOTAL(CNY, refund, "Total refund amount", "What was refunded, in CNY"),
    TOTAL(CNY, coupon_refund, "Total coupon refund amount", "The vouchers' shares, in CNY"),
    TOTAL(CNY, source_amount, "Total refund source amount", "What the sources gave, in CNY"),
    TOTAL(CNY_BACK, source_fee, "Total refund source fee in CNY", "The fee given back"),
    TOTAL(AMOUNT, settlement, settlement_currency, "Total refund source settlement amount",
          "What of the sources' amounts is settled"),
    TOTAL(BACK, settlement_fee, settlement_currency, "Total refund source fee in settlement currency",
          "The fee given back, in the settlement currency"),
    {0},
};

const struct fz_bill fz_refund_bill = {FZ_BLOCK(fz_refund_bill_line), FZ_BLOCK(fz_refund_bill_summary)};
