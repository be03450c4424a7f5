/* The columns of the transaction statement. */
#include "spec/bill/lines.h"

/* The 38 columns in their order. The English page names them as far as "user payment currency"; the rest is
 * worded after the Chinese list: docs/fidelity.md. */
#define LINE(kind, which, ...) FZ_##kind##_COLUMN(fz_trade_bill_line, which, __VA_ARGS__)
static const struct fz_column fz_trade_bill_line_columns[] = {
    LINE(TIME, time, "Transaction time", "When it was paid, or the refund accepted"),
    LINE(TEXT, appid, "Official Account ID", "appid"),
    LINE(TEXT, mchid, "Vendor ID", "Merchant ID, or the institution's"),
    LINE(TEXT, sub_mchid, "Sub vendor ID", "Sub-merchant ID"),
    LINE(TEXT, device, "Device No.", "Device"),
    LINE(TEXT, transaction_id, "WeChat order No.", "WeChat Pay transaction ID"),
    LINE(TEXT, out_trade_no, "Vendor order No.", "Merchant order number"),
    LINE(TEXT, user, "User identifier", "openid"),
    LINE(TEXT, trade_type, "Transaction type", "NATIVE and so on"),
    LINE(TEXT, trade_state, "Transaction status", "SUCCESS, REFUND or REVOKED"),
    LINE(TEXT, bank, "Payment bank", "What was paid from"),
    LINE(TEXT, coupon_currency, "Top-up voucher currency", "Of a voucher that is settled (COUPON)"),
    LINE(AMOUNT, coupon, coupon_currency, "Top-up voucher amount", "What of it was used"),
    LINE(TEXT, discount_currency, "Voucher currency", "Of a voucher that is not settled (DISCOUNT)"),
    LINE(AMOUNT, discount, discount_currency, "Voucher amount", "What of it was used"),
    LINE(TEXT, refund_id, "WeChat refund No.", "WeChat Pay refund number"),
    LINE(TEXT, out_refund_no, "Merchant refund No.", "Merchant refund number"),
    LINE(TEXT, refund_type, "Refund type", "Refund channel"),
    LINE(TEXT, refund_status, "Refund status", "At the end of the day"),
    LINE(TEXT, description, "Commodity name", "The order's description"),
    LINE(TEXT, attach, "Merchant data package", "The order's attach"),
    LINE(AMOUNT, fee, settlement_currency, "Service fee", "Fee; below zero of a refund"),
    LINE(PERCENT, fee_rate, "Rate", "Fee rate"),
    LINE(TEXT, currency, "Priced currency", "Price currency"),
    LINE(AMOUNT, amount, currency, "Order amount (priced currency)", "The order's amount"),
    LINE(TEXT, payer_currency, "User payment currency", "Payment currency"),
    LINE(AMOUNT, payer_amount, payer_currency, "User payment amount",
         "What the payer paid, without vouchers"),
    LINE(TEXT, settlement_currency, "Settlement currency", "Settlement currency"),
    LINE(AMOUNT, settlement, settlement_currency, "Settlement order amount", "What is settled, gross"),
    LINE(RATE, payment_rate, "Payment exchange rate", "Exchange rate of the payment x 10^8"),
    LINE(RATE, refund_rate, "Refund exchange rate", "Exchange rate of the refund x 10^8"),
    LINE(AMOUNT, refund, currency, "Requested refund amount", "What is asked back"),
    LINE(TEXT, payer_refund_currency, "User refund currency", "Payment currency"),
    LINE(AMOUNT, payer_refund, payer_refund_currency, "User refund amount",
         "What the payer gets, without vouchers"),
    LINE(TEXT, refund_settlement_currency, "Refund settlement currency", "Settlement currency"),
    LINE(AMOUNT, refund_settlement, refund_settlement_currency, "Refund settlement amount",
         "What is taken back"),
    LINE(AMOUNT, coupon_refund, payer_currency, "Top-up voucher refund amount", "Given back of a COUPON"),
    LINE(AMOUNT, discount_refund, currency, "Voucher refund amount", "Given back of a DISCOUNT"),
    {0},
};

/* Nobody tells the columns of the summary: docs/fidelity.md. */
#define TOTAL(kind, which, ...) FZ_##kind##_COLUMN(fz_trade_bill_summary, which, __VA_ARGS__)
static const struct fz_column fz_trade_bill_summary_columns[] = {
    TOTAL(TEXT, settlement_currency, "Settlement currency", "What the lines are settled in"),
    TOTAL(COUNT, payment_count, "Total payment count", "Payments"),
    TOTAL(COUNT, refund_count, "Total refund count", "Refunds"),
    TOTAL(AMOUNT, settlement, settlement_currency, "Total settlement order amount", "What is settled, gross"),
    TOTAL(AMOUNT, refund_settlement, settlement_currency, "Total refund settlement amount",
          "What is taken back"),
    TOTAL(AMOUNT, fee, settlement_currency, "Total service fee", "Fee of payments less what was given back"),
    {0},
};

const struct fz_bill fz_trade_bill = {FZ_BLOCK(fz_trade_bill_line), FZ_BLOCK(fz_trade_bill_summary)};
