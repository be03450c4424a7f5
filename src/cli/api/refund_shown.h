/* What is shown of a refund. */
#ifndef FZ_CLI_API_REFUND_SHOWN_H
#define FZ_CLI_API_REFUND_SHOWN_H

#include "cli/api/show.h"

static const struct fz_shown fz_refund_shown[] = {
    {"refund", "id", FZ_AS_TEXT, NULL},
    {"number", "out_refund_no", FZ_AS_TEXT, NULL},
    {"status", "status", FZ_AS_TEXT, NULL},
    {"amount", "amount.refund", FZ_AS_AMOUNT, "amount.currency"},
    {"to the payer", "amount.payer_refund", FZ_AS_AMOUNT, "amount.payer_currency"},
    {"transaction", "transaction_id", FZ_AS_TEXT, NULL},
    {"order", "out_trade_no", FZ_AS_TEXT, NULL},
    {"accepted", "create_time", FZ_AS_TEXT, NULL},
    {"arrived", "success_time", FZ_AS_TEXT, NULL},
    {"channel", "channel", FZ_AS_TEXT, NULL},
    {"account", "recv_account", FZ_AS_TEXT, NULL},
    {"source", "fund_source", FZ_AS_TEXT, NULL},
    {0},
};

#endif
