/* The rows of a distribution, as its submission, its query and an unfreeze answer it. */
#include "spec/distribution/distribution.h"

const char *const fz_distribution_state_words[] = {"PROCESSING", "FINISHED", NULL};
const char *const fz_slice_result_words[] = {"PENDING", "SUCCESS", "CLOSED", NULL};
const char *const fz_slice_fail_words[] = {"ACCOUNT_ABNORMAL",
                                           "NO_RELATION",
                                           "RECEIVER_HIGH_RISK",
                                           "RECEIVER_REAL_NAME_NOT_VERIFIED",
                                           "NO_AUTH",
                                           "RECEIVER_RECEIPT_LIMIT",
                                           "PAYER_ACCOUNT_ABNORMAL",
                                           "INVALID_REQUEST",
                                           NULL};

static const struct fz_member fz_distribution_receiver_members[] = {
    FZ_TEXT(fz_distribution_receiver, currency, 3, .required = FZ_BOTH, .words = fz_cny_words,
            .meaning = "Currency of the slice"),
    FZ_NUMBER(fz_distribution_receiver, amount, .required = FZ_BOTH,
              .meaning = "Amount of the slice, in fen"),
    FZ_TEXT(fz_distribution_receiver, description, 80, .required = FZ_BOTH,
            .meaning = "Reason, as requested"),
    FZ_TEXT(fz_distribution_receiver, type, 32, .required = FZ_BOTH, .meaning = "Receiver's type"),
    FZ_TEXT(fz_distribution_receiver, account, 64, .required = FZ_BOTH, .meaning = "Receiver's account"),
    FZ_TEXT(fz_distribution_receiver, result, 16, .required = FZ_BOTH, .words = fz_slice_result_words,
            .meaning = "What became of the slice"),
    FZ_TEXT(fz_distribution_receiver, fail_reason, 64, .words = fz_slice_fail_words,
            .meaning = "Why it was not paid; with CLOSED"),
    FZ_MOMENT(fz_distribution_receiver, create_time, .required = FZ_BOTH, .milliseconds = true,
              .meaning = "When the slice was accepted, with milliseconds"),
    FZ_MOMENT(fz_distribution_receiver, finish_time, .milliseconds = true,
              .meaning = "When it was decided; absent while PENDING"),
    FZ_TEXT(fz_distribution_receiver, detail_id, 64, .meaning = "WeChat Pay number of the slice"),
    FZ_TEXT(fz_distribution_receiver, settlement_currency, 16,
            .meaning = "The sponsor's settlement currency"),
    FZ_NUMBER_IF(fz_distribution_receiver, settlement_amount,
                 .meaning = "The slice in the settlement currency's smallest unit"),
    FZ_NUMBER_IF(fz_distribution_receiver, rate,
                 .meaning = "CNY for one unit of the settlement currency x 10^8"),
    {0},
};

const struct fz_member fz_distribution_answer_members[] = {
    FZ_TEXT(fz_distribution_answer, sub_mchid, 32, .meaning = "Sub-merchant ID; in Institutional mode"),
    FZ_TEXT(fz_distribution_answer, transaction_id, 32, .required = FZ_BOTH,
            .meaning = "WeChat Pay transaction ID"),
    FZ_TEXT(fz_distribution_answer, out_order_no, 64, .required = FZ_BOTH,
            .meaning = "Merchant distribution number"),
    FZ_TEXT(fz_distribution_answer, order_id, 64, .required = FZ_BOTH,
            .meaning = "WeChat Pay distribution number"),
    FZ_TEXT(fz_distribution_answer, state, 16, .required = FZ_BOTH, .words = fz_distribution_state_words,
            .meaning = "Whether the work is over; not whether each receiver got its slice"),
    FZ_LIST(fz_distribution_answer, receivers, fz_distribution_receiver, 0, FZ_SLICES_A_REQUEST + 1,
            .required = FZ_BOTH, .meaning = "One a slice, with what is released to the sponsor"),
    {0},
};
