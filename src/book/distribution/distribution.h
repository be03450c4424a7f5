/* Distributions: slices of a marked order's money to receivers or to the sponsor, and the release of the
 * rest.
 *
 * A request is accepted or refused as a whole (submit.c). Accepting it (accept.c) moves its money from the
 * order into `sharing`, so that nobody can be promised it twice. A while later it is worked off: only then
 * is it decided what becomes of each slice (decide.c), by receiver and merchant as they are by that time,
 * and it is finished (finish.c): what succeeded reaches the receiver or the day's outbound pool, what
 * failed the order again. A release, which nobody asks for, is one slice of all that is left, to the
 * sponsor, accepted and finished in one step. docs/book.md says what is posted; invariants 2, 5, 6 and 9
 * hold. */
#ifndef FZ_BOOK_DISTRIBUTION_DISTRIBUTION_H
#define FZ_BOOK_DISTRIBUTION_DISTRIBUTION_H

#include "book/order/payment.h"

#define FZ_RECEIVERS_MAX   50
#define FZ_OUT_ORDER_NO_SIZE 65
#define FZ_RECEIPTS_A_MONTH  (200000 * INT64_C(100)) /* fen that a person may be paid in a calendar month */

enum fz_distribution_kind {
    FZ_DISTRIBUTION_ORDERS = 1,
    FZ_DISTRIBUTION_UNFREEZE,
    FZ_DISTRIBUTION_RELEASE /* after 180 days */
};
/* Stored. Allowed: PROCESSING -> FINISHED. */
enum fz_distribution_state { FZ_DISTRIBUTION_PROCESSING = 1, FZ_DISTRIBUTION_FINISHED };
extern const struct fz_states fz_distribution_states;
/* Stored. Allowed: PENDING -> SUCCESS, PENDING -> CLOSED. */
enum fz_slice_result { FZ_SLICE_PENDING = 1, FZ_SLICE_SUCCESS, FZ_SLICE_CLOSED };
extern const struct fz_states fz_slice_states;

struct fz_slice {
    int64_t id;
    char detail_id[65];
    bool to_sponsor;
    char type[33], account[65];
    int64_t amount; /* fen */
    char description[256];
    enum fz_slice_result result;
    char fail_reason[40]; /* the API's word; "" unless CLOSED */
    char settlement_currency[FZ_CURRENCY_SIZE];
    int64_t settlement_rate, settlement_amount;
    int64_t created_ms, finished_ms; /* finished_ms 0 while PENDING */
};

struct fz_distribution {
    int64_t id;
    char order_id[65];
    int64_t payment;
    char transaction_id[FZ_TRANSACTION_ID_SIZE];
    char caller[FZ_MCHID_SIZE], sub_mchid[FZ_MCHID_SIZE];
    char out_order_no[FZ_OUT_ORDER_NO_SIZE];
    enum fz_distribution_kind kind;
    enum fz_distribution_state state;
    int64_t created_ms;
    size_t count;
    /* With unfreeze_unsplit, the last is the rest to the sponsor. */
    struct fz_slice slices[FZ_RECEIVERS_MAX + 1];
};

struct fz_slice_request {
    const char *type, *account, *description, *name; /* name: opened, NULL = not given */
    int64_t amount;
};
struct fz_distribution_request {
    const char *transaction_id, *out_order_no;
    const char *appid, *sub_appid; /* may be NULL */
    bool unfreeze_unsplit;
    size_t count;
    struct fz_slice_request slices[FZ_RECEIVERS_MAX];
    unsigned char digest[FZ_DIGEST_SIZE];
};

/* Accepts a distribution; it is worked off 1 to 60 s later. Same number and digest: as it stands now. */
FZ_MUST_CHECK enum fz_result fz_distribution_submit(struct fz_tx *tx, const struct fz_party *party,
                                                    const struct fz_distribution_request *request,
                                                    struct fz_distribution *out);
/* Releases all that is left to the sponsor. */
FZ_MUST_CHECK enum fz_result fz_distribution_unfreeze(struct fz_tx *tx, const struct fz_party *party,
                                                      const char *transaction_id, const char *out_order_no,
                                                      const char *description,
                                                      const unsigned char digest[FZ_DIGEST_SIZE],
                                                      struct fz_distribution *out);
/* Refuses FZ_DISTRIBUTION_UNKNOWN, or FZ_ORDER_INCONSISTENT when the number belongs to another
 * transaction. */
FZ_MUST_CHECK enum fz_result fz_distribution_find(struct fz_tx *tx, const struct fz_party *party,
                                                  const char *out_order_no, const char *transaction_id,
                                                  struct fz_distribution *out);
/* What an order still holds goes outbound by itself (180 days; money that came back to an order that has
 * ended). Called by its event. */
FZ_MUST_CHECK enum fz_result fz_distribution_release(struct fz_tx *tx, int64_t payment);

#endif
