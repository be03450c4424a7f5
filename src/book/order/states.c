/* Which states of an order and of its money may follow which. */
#include "book/order/payment.h"

/* Those after CLOSED belong to payment codes. */
const struct fz_states fz_payment_states = {7,
                                            {{FZ_PAYMENT_NOTPAY, FZ_PAYMENT_SUCCESS},
                                             {FZ_PAYMENT_NOTPAY, FZ_PAYMENT_CLOSED},
                                             {FZ_PAYMENT_USERPAYING, FZ_PAYMENT_SUCCESS},
                                             {FZ_PAYMENT_USERPAYING, FZ_PAYMENT_PAYERROR},
                                             {FZ_PAYMENT_USERPAYING, FZ_PAYMENT_REVOKED},
                                             {FZ_PAYMENT_SUCCESS, FZ_PAYMENT_REVOKED},
                                             {FZ_PAYMENT_PAYERROR, FZ_PAYMENT_REVOKED}}};

/* FREEZING -> ENDED: the 180 days are over though the freezing was never reported. */
const struct fz_states fz_funds_states = {4,
                                          {{FZ_FUNDS_NONE, FZ_FUNDS_FREEZING},
                                           {FZ_FUNDS_FREEZING, FZ_FUNDS_FROZEN},
                                           {FZ_FUNDS_FROZEN, FZ_FUNDS_ENDED},
                                           {FZ_FUNDS_FREEZING, FZ_FUNDS_ENDED}}};
