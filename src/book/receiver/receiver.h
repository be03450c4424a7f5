/* Receivers: who may be given a part of an order.
 *
 * A receiver is a relation: (caller, sub_mchid, type, account). Each sub-merchant needs its own, though
 * the account be the same. The merchant adds it, the world outside audits it (rail.h, fate.c), and once it
 * is EFFECTIVE it may be used. It can end or be penalised at any time, so a slice looks at it when it is
 * accepted and again when it is worked off. A penalised one cannot be deleted: adding it anew would lift
 * the penalty. */
#ifndef FZ_BOOK_RECEIVER_RECEIVER_H
#define FZ_BOOK_RECEIVER_RECEIVER_H

#include "book/merchant/merchant.h"
#include "book/state.h"

/* Stored. Allowed: INIT -> EFFECTIVE, INIT -> FAILED; FAILED -> INIT (added again). */
enum fz_receiver_state { FZ_RECEIVER_INIT = 1, FZ_RECEIVER_EFFECTIVE, FZ_RECEIVER_FAILED };
extern const struct fz_states fz_receiver_states;

struct fz_receiver {
    int64_t id;
    char caller[FZ_MCHID_SIZE], sub_mchid[FZ_MCHID_SIZE];
    char type[33], account[65];
    char appid[33], sub_appid[33];
    char name[3073]; /* opened; never written to an answer */
    char relation_type[33], custom_relation[64];
    char scene[400], major_service[400];
    int64_t expected_ratio; /* 1/10 000; -1 = not given */
    char application_file_id[129], partnership_file_id[129];
    enum fz_receiver_state state;
    char fail_reason[65], fail_description[769]; /* of a FAILED audit; "" = not told */
    char fails_with[40];                         /* why every slice to it fails for now; "" = none does */
    bool penalised;
    int64_t created_ms;
};

/* Adds a receiver (id, state, created_ms are set); it is EFFECTIVE after its audit, 60 s later. Refuses
 * FZ_RECEIVER_EXISTS while INIT or EFFECTIVE. */
FZ_MUST_CHECK enum fz_result fz_receiver_add(struct fz_tx *tx, struct fz_receiver *receiver);
/* Ends the relation; it can be added again. Refuses FZ_NO_AUTH_RECEIVER for a penalised one: deleting it
 * and adding it anew would lift the penalty. FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_receiver_delete(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                                const char *type, const char *account);
/* FZ_ABSENT if it was never added, or was deleted. */
FZ_MUST_CHECK enum fz_result fz_receiver_find(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                              const char *type, const char *account, struct fz_receiver *out);
/* Sets or lifts the penalty on every relation of `account` (of `caller` and `sub_mchid` where not NULL).
 * FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_receiver_penalise(struct fz_tx *tx, const char *account, const char *caller,
                                                  const char *sub_mchid, bool penalised);
/* Lets every slice to these relations fail for `fail_reason` from now on, NULL: no more. FZ_ABSENT if
 * there is none. */
FZ_MUST_CHECK enum fz_result fz_receiver_fail_slices(struct fz_tx *tx, const char *account,
                                                     const char *caller, const char *sub_mchid,
                                                     const char *fail_reason);
/* Whether a receiver already used on this order is penalised. */
FZ_MUST_CHECK enum fz_result fz_receiver_any_penalised(struct fz_tx *tx, int64_t payment, bool *out);

#endif
