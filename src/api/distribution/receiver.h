/* A receiver as requests name it, and as it is answered to its addition and its query. */
#ifndef FZ_API_DISTRIBUTION_RECEIVER_H
#define FZ_API_DISTRIBUTION_RECEIVER_H

#include "api/call/endpoint.h"
#include "book/receiver/receiver.h"
#include "spec/distribution/receiver.h"

/* A receiver and what is answered of it, which borrows from the rest. */
struct fz_receiver_out {
    struct fz_receiver_answer answer;
    struct fz_receiver receiver;
};

/* Fills the answer from `out->receiver`. */
void fz_receiver_answer(struct fz_receiver_out *out);

/* An openid means something only beside the appid that it was given for: refuses with FZ_DISTRIBUTION_APPID.
 */
FZ_MUST_CHECK enum fz_result fz_receiver_check_appid(struct fz_error *error, const char *type,
                                                     const char *appid, const char *sub_appid);

#endif
