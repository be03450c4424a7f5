/* The tables of states, and the one function that reads them. */
#include "book/state.h"

#include "book/distribution/distribution.h"
#include "book/notification/notification.h"
#include "book/order/payment.h"
#include "book/receiver/receiver.h"

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

const struct fz_states fz_distribution_states = {1, {{FZ_DISTRIBUTION_PROCESSING, FZ_DISTRIBUTION_FINISHED}}};

const struct fz_states fz_slice_states = {
    2, {{FZ_SLICE_PENDING, FZ_SLICE_SUCCESS}, {FZ_SLICE_PENDING, FZ_SLICE_CLOSED}}};

const struct fz_states fz_receiver_states = {3,
                                             {{FZ_RECEIVER_INIT, FZ_RECEIVER_EFFECTIVE},
                                              {FZ_RECEIVER_INIT, FZ_RECEIVER_FAILED},
                                              {FZ_RECEIVER_FAILED, FZ_RECEIVER_INIT}}};

const struct fz_states fz_notification_states = {
    4,
    {{FZ_NOTIFICATION_WAITING, FZ_NOTIFICATION_DELIVERED},
     {FZ_NOTIFICATION_WAITING, FZ_NOTIFICATION_FAILED},
     {FZ_NOTIFICATION_DELIVERED, FZ_NOTIFICATION_WAITING},
     {FZ_NOTIFICATION_FAILED, FZ_NOTIFICATION_WAITING}}};

enum fz_result fz_state_check(const struct fz_states *states, unsigned from, unsigned to)
{
    for (size_t i = 0; i < states->count; i++)
        if (states->allowed[i].from == from && states->allowed[i].to == to)
            return FZ_OK;
    return FZ_FAILED;
}
