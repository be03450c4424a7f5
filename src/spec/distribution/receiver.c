/* The rows of a receiver, as its addition and its query answer it. */
#include "spec/distribution/receiver.h"

const char *const fz_receiver_type_words[] = {FZ_TYPE_MERCHANT, FZ_TYPE_OPENID, FZ_TYPE_SUB_OPENID, NULL};
const char *const fz_relation_type_words[] = {
    "SUPPLIER", "DISTRIBUTOR", "TAX_SERVICE_PROVIDER", "IT_SERVICE_PROVIDER", "SERVICE_PROVIDER",
    FZ_RELATION_CUSTOM, NULL};
const char *const fz_receiver_state_words[] = {"INIT", "EFFECTIVE", "FAILED", NULL};

const struct fz_member fz_receiver_answer_members[] = {
    FZ_TEXT(fz_receiver_answer, sub_mchid, 32, .meaning = "Sub-merchant ID; in Institutional mode"),
    FZ_TEXT(fz_receiver_answer, type, 32, .required = FZ_BOTH, .words = fz_receiver_type_words,
            .meaning = "Receiver's type"),
    FZ_TEXT(fz_receiver_answer, account, 64, .required = FZ_BOTH, .meaning = "Receiver's account"),
    FZ_TEXT(fz_receiver_answer, relation_type, 32, .required = FZ_BOTH, .words = fz_relation_type_words,
            .meaning = "Relation to the merchant"),
    FZ_TEXT(fz_receiver_answer, custom_relation, 10, .meaning = "The relation in words; with CUSTOM"),
    FZ_TEXT(fz_receiver_answer, scene, 128, .meaning = "How the distribution is used"),
    FZ_TEXT(fz_receiver_answer, major_service, 128, .meaning = "Receiver's main business"),
    FZ_NUMBER_IF(fz_receiver_answer, expected_ratio, .meaning = "Expected share, in 1/10 000"),
    FZ_TEXT(fz_receiver_answer, application_file_id, 128, .meaning = "Application letter"),
    FZ_TEXT(fz_receiver_answer, partnership_file_id, 128, .meaning = "Proof of the cooperation"),
    FZ_TEXT(fz_receiver_answer, state, 16, .required = FZ_BOTH, .words = fz_receiver_state_words,
            .meaning = "EFFECTIVE after the audit"),
    FZ_TEXT(fz_receiver_answer, fail_reason, 64, .meaning = "Why the audit failed; with FAILED"),
    FZ_TEXT(fz_receiver_answer, fail_description, 256, .meaning = "The same in more words; with FAILED"),
    {0},
};
