/* The columns of the distribution bill. */
#include "spec/bill/lines.h"

/* Neither the columns of the summary nor the words of business_type and status are public:
 * docs/fidelity.md. */
const char *const fz_business_type_words[] = {"PROFITSHARING", "UNFREEZE", "AUTO_UNFREEZE", NULL};
const char *const fz_slice_status_words[] = {"SUCCESS", NULL};

#define LINE(kind, which, ...) FZ_##kind##_COLUMN(fz_distribution_bill_line, which, __VA_ARGS__)
static const struct fz_column fz_distribution_bill_line_columns[] = {
    LINE(TIME, create_time, "create_time", "When the distribution was accepted"),
    LINE(TEXT, initiator, "initiator", "Who asked for it; system: it was released by itself"),
    LINE(TEXT, sponsor, "sponsor", "Whose transaction it is"),
    LINE(TEXT, sub_mchid, "sub_mchid", "Sub-merchant ID"),
    LINE(TEXT, transaction_id, "transaction_id", "WeChat Pay transaction ID"),
    LINE(TEXT, order_id, "order_id", "WeChat Pay distribution number"),
    LINE(TEXT, out_order_no, "out_order_no", "Merchant distribution number"),
    LINE(TEXT, detail_id, "detail_id", "Number of the slice"),
    LINE(TEXT, receiver_account, "receiver_account", "Who gets it"),
    LINE(AMOUNT, amount, currency, "amount", "The slice"),
    LINE(TEXT, currency, "currency", "CNY"),
    LINE(AMOUNT, settlement_amount, settlement_currency, "settlement_amount", "What is settled of it"),
    LINE(TEXT, settlement_currency, "settlement_currency", "The sponsor's"),
    LINE(RATE, exchange_rate, "exchange_rate", "CNY for one unit of it x 10^8"),
    LINE(TEXT, business_type, "business_type", "PROFITSHARING, UNFREEZE or AUTO_UNFREEZE"),
    LINE(TEXT, status, "status", "SUCCESS"),
    LINE(TEXT, description, "description", "As it was asked for"),
    {0},
};

#define TOTAL(kind, which, ...) FZ_##kind##_COLUMN(fz_distribution_bill_summary, which, __VA_ARGS__)
static const struct fz_column fz_distribution_bill_summary_columns[] = {
    TOTAL(TEXT, settlement_currency, "settlement_currency", "What the lines are settled in"),
    TOTAL(COUNT, count, "Total count", "Slices"),
    TOTAL(CNY, amount, "Total amount", "Their sum, in CNY"),
    TOTAL(AMOUNT, settlement_amount, settlement_currency, "Total settlement amount", "What is settled of it"),
    {0},
};

const struct fz_bill fz_distribution_bill = {FZ_BLOCK(fz_distribution_bill_line),
                                             FZ_BLOCK(fz_distribution_bill_summary)};
