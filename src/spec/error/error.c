/* The rows of a refusal's body. */
#include "spec/error/error.h"

static const struct fz_member fz_error_sign_information_members[] = {
    FZ_TEXT(fz_error_sign_information, method, FZ_ERROR_TEXT_MAX, .meaning = "The method"),
    FZ_NUMBER(fz_error_sign_information, sign_message_length, .meaning = "Bytes of the whole message"),
    FZ_TEXT_SIZED(fz_error_sign_information, truncated_sign_message, 0,
                  .meaning = "The message, cut in the body"),
    FZ_TEXT(fz_error_sign_information, url, FZ_ERROR_URL_MAX, .meaning = "The target"),
    {0},
};

static const struct fz_member fz_error_inner_detail_members[] = {
    FZ_TEXT(fz_error_inner_detail, issue, FZ_ERROR_TEXT_MAX, .meaning = "What is wrong with the signature"),
    {0},
};

static const char *const location_words[] = {"body", "url", "query", NULL};

#define PARAMETER_ROWS                                                                                       \
    FZ_TEXT(fz_error_detail, field, FZ_ERROR_TEXT_MAX, .required = FZ_BOTH,                                  \
            .meaning = "JSON Pointer of a body's member, or the name of a parameter of path or query"),      \
        FZ_TEXT(fz_error_detail, value, FZ_ERROR_TEXT_MAX, .required = FZ_BOTH, .loose = true,               \
                .meaning = "What was sent"),                                                                 \
        FZ_TEXT(fz_error_detail, issue, FZ_ERROR_TEXT_MAX, .required = FZ_BOTH,                              \
                .meaning = "What is wrong with it"),                                                         \
        FZ_TEXT(fz_error_detail, location, FZ_ERROR_TEXT_MAX, .words = location_words,                       \
                .meaning = "Where it was sent")

const struct fz_member fz_error_parameter_members[] = {PARAMETER_ROWS, {0}};

static const struct fz_member fz_error_detail_members[] = {
    FZ_STRUCT_IF(fz_error_detail, detail, fz_error_inner_detail, .loose = true,
                 .meaning = "With SIGN_ERROR what is wrong"),
    PARAMETER_ROWS,
    FZ_STRUCT_IF(fz_error_detail, sign_information, fz_error_sign_information,
                 .meaning = "What was taken for the signed message"),
    {0},
};

static const struct fz_member fz_error_diagnosis_members[] = {
    FZ_TEXT(fz_error_diagnosis, mistake, 64, .required = FZ_BOTH,
            .meaning = "Which known mistake it was; UNKNOWN: none"),
    FZ_TEXTS(fz_error_diagnosis, also, 0, FZ_ERROR_ALSO_MAX, .required = FZ_BOTH,
             .meaning = "Mistakes made together with it"),
    FZ_TEXT(fz_error_diagnosis, message, FZ_ERROR_MEANING_MAX, .required = FZ_BOTH,
            .meaning = "What was wrong and what to do"),
    FZ_NUMBER_IF(fz_error_diagnosis, offset,
                 .meaning = "Where the signed message begins to differ from the expected one"),
    FZ_NUMBER_IF(fz_error_diagnosis, line, .meaning = "In which of its lines"),
    FZ_TEXT_AS("signed", fz_error_diagnosis, signed_line, FZ_ERROR_LINE_MAX,
               .meaning = "That line as it was signed"),
    FZ_TEXT(fz_error_diagnosis, expected, FZ_ERROR_LINE_MAX, .meaning = "That line as it should be"),
    {0},
};

/* S-RQ has `detail` as an array in its table and as an object in its sample. */
const struct fz_member fz_error_answer_members[] = {
    FZ_TEXT(fz_error_answer, code, 32, .required = FZ_BOTH, .meaning = "Error code"),
    FZ_TEXT(fz_error_answer, message, FZ_ERROR_TEXT_MAX, .required = FZ_BOTH,
            .meaning = "Reason, in English or Chinese by Accept-Language"),
    FZ_STRUCT_IF(fz_error_answer, detail, fz_error_detail, .loose = true,
                 .meaning = "With PARAM_ERROR the parameter at fault, with SIGN_ERROR a diagnosis"),
    FZ_STRUCT_IF(fz_error_answer, diagnosis, fz_error_diagnosis,
                 .meaning = "The sandbox's own: with SIGN_ERROR, why the signature failed"),
    {0},
};
