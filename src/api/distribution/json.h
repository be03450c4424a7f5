/* A distribution as it is answered, to its submission, to its query, and to an unfreeze. */
#ifndef FZ_API_DISTRIBUTION_JSON_H
#define FZ_API_DISTRIBUTION_JSON_H

#include "api/call/endpoint.h"
#include "book/distribution/distribution.h"

extern const struct fz_field fz_distribution_fields[];

#define FZ_SLICE_DESCRIPTION_PARAMETER(at)                                                                   \
    {                                                                                                        \
        .name = "description", .place = FZ_IN_BODY, .kind = FZ_STRING,                     \
        .required = FZ_BOTH, .min = 1, .max = 80, .offset = at,                                              \
        .meaning = "Reason, repeated in result and bill"                                                     \
    }

/* The answer function of the three endpoints; `out` is a struct fz_distribution. */
void fz_distribution_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);

#endif
