/* The rows of exchange rate and voucher. */
#include "spec/common/money.h"

const char *const fz_rate_type_words[] = {"SETTLEMENT_RATE", "USERPAYMENT_RATE", NULL};
const char *const fz_cny_words[] = {"CNY", NULL};
const char *const fz_coupon_type_words[] = {"COUPON", "DISCOUNT", NULL};
const char *const fz_coupon_scope_words[] = {"GLOBAL", "SINGLE", NULL};

const struct fz_member fz_exchange_rate_members[] = {
    FZ_TEXT(fz_exchange_rate, type, 16, .required = FZ_BOTH, .words = fz_rate_type_words, .meaning = "Which rate"),
    FZ_NUMBER(fz_exchange_rate, rate, .required = FZ_BOTH, .meaning = "The rate x 10^8"),
    {0},
};
