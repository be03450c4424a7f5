/* The rows by which requests of funds distribution name receivers and slices: `of` is the struct, whose
 * members have the API's names; `where` is where they stand. */
#ifndef FZ_SPEC_DISTRIBUTION_ROWS_H
#define FZ_SPEC_DISTRIBUTION_ROWS_H

#include "spec/common/merchants.h"
#include "spec/distribution/receiver.h"

#define FZ_RECEIVER_TYPE_ROW(of, where, required_in)                                                         \
    FZ_TEXT(of, type, 32, .place = where, .required = required_in, .words = fz_receiver_type_words,          \
            .meaning = "Receiver's type")

/* Merchant numbers and openids have no other letters. */
#define FZ_RECEIVER_ACCOUNT_ROW(of, where)                                                                   \
    FZ_TEXT(of, account, 64, .place = where, .required = FZ_BOTH, .letters = FZ_NUMBER_LETTERS,              \
            .meaning = "Merchant number or openid")

/* The appids that openids of receivers belong to. */
#define FZ_RECEIVER_APPID_ROWS(of)                                                                           \
    FZ_APPID_ROW(of, appid, FZ_BOTH, FZ_NEVER, "Needed for PERSONAL_OPENID"),                                \
        FZ_APPID_ROW(of, sub_appid, FZ_INSTITUTIONAL, FZ_NEVER, "Needed for PERSONAL_SUB_OPENID")

/* A name that only the platform can read, and whether the person agreed to its check. */
#define FZ_RECEIVER_NAME_ROWS(of, said)                                                                      \
    FZ_TEXT(of, name, FZ_NAME_MAX, .sealed = true, .meaning = said "; sealed for the platform's key"),       \
        FZ_BOOL_IF(of, authorized, .meaning = "Whether the person agreed to the check of the name")

#define FZ_SLICE_DESCRIPTION_ROW(of)                                                                         \
    FZ_TEXT(of, description, 80, .required = FZ_BOTH, .meaning = "Reason, repeated in result and bill")

#endif
