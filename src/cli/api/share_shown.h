/* What is shown of a distribution: a line a receiver. */
#ifndef FZ_CLI_API_SHARE_SHOWN_H
#define FZ_CLI_API_SHARE_SHOWN_H

#include "cli/api/show.h"

static const struct fz_shown fz_share_shown[] = {
    {"account", "account", FZ_AS_TEXT, NULL},
    {"amount", "amount", FZ_AS_AMOUNT, "currency"},
    {"result", "result", FZ_AS_TEXT, NULL},
    {"why not", "fail_reason", FZ_AS_TEXT, NULL},
    {"settled as", "settlement_amount", FZ_AS_AMOUNT, "settlement_currency"},
    {"rate", "rate", FZ_AS_RATE, NULL},
    {"decided", "finish_time", FZ_AS_TEXT, NULL},
    {"slice", "detail_id", FZ_AS_TEXT, NULL},
    {0},
};

#endif
