/* Add a receiver: a relation of this merchant (or sub-merchant) to it, usable after its audit. */
#include "spec/distribution/rows.h"

static const struct fz_member fz_receiver_add_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_receiver_add_request, FZ_IN_BODY, FZ_INSTITUTIONAL),
    FZ_RECEIVER_APPID_ROWS(fz_receiver_add_request),
    FZ_RECEIVER_TYPE_ROW(fz_receiver_add_request, FZ_IN_BODY, FZ_BOTH),
    FZ_RECEIVER_ACCOUNT_ROW(fz_receiver_add_request, FZ_IN_BODY),
    FZ_RECEIVER_NAME_ROWS(fz_receiver_add_request, "Full name of merchant or person"),
    FZ_TEXT(fz_receiver_add_request, relation_type, 32, .required = FZ_BOTH, .words = fz_relation_type_words,
            .meaning = "Relation to the merchant"),
    FZ_TEXT(fz_receiver_add_request, custom_relation, 10,
            .meaning = "The relation in words; required with CUSTOM"),
    FZ_TEXT(fz_receiver_add_request, scene, 128, .meaning = "How the distribution is used"),
    FZ_TEXT(fz_receiver_add_request, major_service, 128, .meaning = "Receiver's main business"),
    FZ_INT_IF(fz_receiver_add_request, expected_ratio, 1, 10000, .meaning = "Expected share, in 1/10 000"),
    FZ_TEXT(fz_receiver_add_request, application_file_id, 128, .letters = FZ_NUMBER_LETTERS,
            .meaning = "Application letter"),
    FZ_TEXT(fz_receiver_add_request, partnership_file_id, 128, .letters = FZ_NUMBER_LETTERS,
            .meaning = "Proof of the cooperation"),
    {0},
};

const struct fz_spec fz_spec_receiver_add = {
    .name = "receiver-add",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/receivers"},
    FZ_REQUEST(fz_receiver_add_request),
    FZ_ANSWER(fz_receiver_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_receiver_query,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000334",
                        "relation_type": "SUPPLIER"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000334",
                          "relation_type": "SUPPLIER", "state": "INIT"}),
    },
    .title = "Add a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_6.shtml",
};
