/* A book in a directory of its own, with merchants, for the tests of this folder. Its clock is the test's. */
#ifndef FZ_TESTS_BOOK_SANDBOX_H
#define FZ_TESTS_BOOK_SANDBOX_H

#include "book/distribution/distribution.h"
#include "book/entry.h"
#include "book/event.h"
#include "book/order/payment.h"
#include "book/receiver/rail.h"
#include "book/receiver/receiver.h"

/* 2026-01-05T10:00:00+08:00, a Monday: when every sandbox begins. */
#define MONDAY_10_MS INT64_C(1767578400000)

#define INSTITUTION "1900000100" /* USD, fee 0.6 %, ratio 30 %, contract 2026-01-01 */
#define CHILD       "1900000109" /* its terms are the institution's */
#define OTHER_CHILD "1900000110"
#define DIRECT      "1900000200" /* HKD, fee 1 %, ratio 30 %, contract 2026-01-01 */

/* Before and after each test (cmocka). */
int sandbox_new(void **state);
int sandbox_remove(void **state);
/* The same, for tests that move money by the book's own operations: the audit has to find it sound. */
int sandbox_audit_and_remove(void **state);

/* The book and its file. */
struct fz_store *sandbox_store(void);
const char *sandbox_path(void);

/* Book time of what comes next, in milliseconds. */
extern int64_t now_ms;
/* What the last refused call said. */
extern struct fz_error error;

/* A write transaction in the test's own hands: `sandbox_begin` waits until the store gives it. `sandbox_end`
 * ends it, kept if `result` is FZ_OK, and returns `result`. */
struct fz_tx *sandbox_begin(void);
enum fz_result sandbox_end(enum fz_result result);

/* Runs one call with `tx` in a transaction of its own, as the store would. */
#define BOOK(call)                                                                                           \
    ({                                                                                                       \
        struct fz_tx *tx = sandbox_begin();                                                                  \
        enum fz_result call_result = (call);                                                                 \
        sandbox_end(call_result);                                                                            \
    })
#define assert_booked(call) assert_int_equal(BOOK(call), FZ_OK)
#define assert_refused(call, refusal)                                                                        \
    do {                                                                                                     \
        assert_int_equal(BOOK(call), FZ_REFUSED);                                                            \
        assert_string_equal(fz_row_text(error.row)->name, #refusal);                                         \
    } while (0)

/* The party of INSTITUTION for CHILD, or of DIRECT for nobody. */
struct fz_party institution(void);
struct fz_party direct(void);

/* Runs all events up to `until_ms`, which is the time afterwards. */
void pass(int64_t until_ms);

/* A paid order; a marked one of 10 000 is what docs/book.md calculates with. */
struct fz_payment paid(const struct fz_party *party, const char *out_trade_no, int64_t amount, bool marked);
/* The same, and its money is frozen. */
struct fz_payment frozen(const struct fz_party *party, const char *out_trade_no, int64_t amount);
struct fz_payment payment_now(int64_t id);

/* The audit that a receiver passes. */
#define PASSED (&(const struct fz_receiver_verdict){.state = FZ_RECEIVER_EFFECTIVE})

/* A receiver MERCHANT_ID `account` whose audit is over. */
void effective(const struct fz_party *party, const char *account);

/* A request with `count` slices to MERCHANT_ID accounts, whose digest stands for `out_order_no` alone. */
struct fz_distribution_request request(const struct fz_payment *payment, const char *out_order_no,
                                       bool unfreeze_unsplit);
void add_slice(struct fz_distribution_request *request, const char *account, int64_t amount);

/* The sum of the postings on an account: of a payment, or of all (0). */
int64_t balance(enum fz_account account, int64_t payment);
/* A pool's kept balance today. */
int64_t pool(const char *sponsor, int kind);
/* The due time of an event; -1 = not planned. */
int64_t due(enum fz_event_kind kind, int64_t subject);
/* The one number that a SELECT without values gives. */
int64_t number(const struct fz_statement *statement);

#endif
