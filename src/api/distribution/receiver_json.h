/* A receiver as it is named by requests, and as it is answered to its addition and its query. */
#ifndef FZ_API_DISTRIBUTION_RECEIVER_JSON_H
#define FZ_API_DISTRIBUTION_RECEIVER_JSON_H

#include "api/merchant/identity.h"
#include "book/receiver/receiver.h"

extern const struct fz_field fz_receiver_fields[];
/* NULL-ended. */
extern const char *const fz_receiver_type_words[];
extern const char *const fz_relation_type_words[];

#define FZ_RECEIVER_TYPE_PARAMETER(where, required_in, at)                                                   \
    {                                                                                                        \
        .name = "type", .place = where, .kind = FZ_STRING, .required = required_in,        \
        .min = 1, .max = 32, .words = fz_receiver_type_words, .offset = at, .meaning = "Receiver's type"    \
    }

/* Merchant numbers and openids have no other letters. */
#define FZ_RECEIVER_ACCOUNT_PARAMETER(where, at)                                                             \
    {                                                                                                        \
        .name = "account", .place = where, .kind = FZ_STRING, .required = FZ_BOTH,         \
        .min = 1, .max = 64, .letters = FZ_NUMBER_LETTERS, .offset = at,                                     \
        .meaning = "Merchant number or openid"                                                               \
    }

/* The appids that openids of receivers belong to, members of `structure`. */
#define FZ_RECEIVER_APPID_PARAMETERS(structure)                                                              \
    FZ_APPID_PARAMETER("appid", FZ_BOTH, FZ_NEVER, offsetof(structure, appid),                               \
                       "Needed for PERSONAL_OPENID"),                                                        \
        FZ_APPID_PARAMETER("sub_appid", FZ_INSTITUTIONAL, FZ_NEVER, offsetof(structure, sub_appid),          \
                           "Needed for PERSONAL_SUB_OPENID")

/* A name that only the platform can read, and whether the person agreed to its check; members of `structure`.
 */
#define FZ_RECEIVER_NAME_PARAMETERS(structure, said)                                                         \
    {.name = "name",                                                                                         \
     .place = FZ_IN_BODY,                                                                                    \
     .kind = FZ_STRING,                                                                                      \
                                                                                           \
     .min = 1,                                                                                               \
     .max = 1024,                                                                                            \
     .sealed = true,                                                                                         \
     .offset = offsetof(structure, name),                                                                    \
     .meaning = said "; sealed for the platform's key"},                                                     \
    {                                                                                                        \
        .name = "authorized", .place = FZ_IN_BODY, .kind = FZ_BOOLEAN,                     \
        .offset = offsetof(structure, authorized),                                                           \
        .meaning = "Whether the person agreed to the check of the name"                                      \
    }

/* An openid means something only beside the appid that it was given for: refuses with FZ_DISTRIBUTION_APPID.
 */
FZ_MUST_CHECK enum fz_result fz_receiver_check_appid(struct fz_error *error, const char *type,
                                                     const char *appid, const char *sub_appid);

/* The answer function of the two endpoints; `out` is a struct fz_receiver. */
void fz_receiver_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);

#endif
