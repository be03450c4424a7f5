/* The auditors' rail: by it, and by nothing else, an audit of a receiver ends. In a sandbox, events and
 * control calls open it. FZ_ABSENT: there is no such receiver; FZ_CONFLICT: its audit is over already. */
#ifndef FZ_BOOK_RECEIVER_RAIL_H
#define FZ_BOOK_RECEIVER_RAIL_H

#include "book/receiver/receiver.h"

/* How a receiver's audit ended. */
struct fz_receiver_verdict {
    enum fz_receiver_state state;               /* EFFECTIVE or FAILED */
    const char *fail_reason, *fail_description; /* with FAILED; may be NULL */
};
FZ_MUST_CHECK enum fz_result fz_rail_receiver_audited(struct fz_tx *tx, int64_t receiver,
                                                      const struct fz_receiver_verdict *verdict);
/* Ends the audits of all relations of `account` that are INIT (of `caller` and `sub_mchid` where not NULL).
 * FZ_CONFLICT: none is. */
FZ_MUST_CHECK enum fz_result fz_rail_receivers_audited(struct fz_tx *tx, const char *account,
                                                       const char *caller, const char *sub_mchid,
                                                       const struct fz_receiver_verdict *verdict);

#endif
