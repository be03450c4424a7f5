/* The account that paid an order, where refunds go: whether it can still take money. Set from outside; the
 * payer's own affair, so a book knows of it nothing but what hinders. */
#ifndef FZ_BOOK_ORDER_PAYER_ACCOUNT_H
#define FZ_BOOK_ORDER_PAYER_ACCOUNT_H

#include "store/store.h"

/* Stored, but for OPEN, which has no row. */
enum fz_payer_account {
    FZ_PAYER_ACCOUNT_OPEN = 0,
    FZ_PAYER_ACCOUNT_CLOSED, /* no refund is accepted, and one under way does not arrive: ABNORMAL */
    FZ_PAYER_ACCOUNT_FROZEN  /* refunds are accepted, and do not arrive */
};

extern const char *const fz_payer_account_words[]; /* open, closed, frozen */

FZ_MUST_CHECK enum fz_result fz_payer_account_set(struct fz_tx *tx, int64_t payment,
                                                  enum fz_payer_account account);
FZ_MUST_CHECK enum fz_result fz_payer_account_of(struct fz_tx *tx, int64_t payment,
                                                 enum fz_payer_account *out);
/* The account of the payer of an order, by the row of one of its refunds. */
FZ_MUST_CHECK enum fz_result fz_payer_account_of_refund(struct fz_tx *tx, int64_t refund,
                                                        enum fz_payer_account *out);

#endif
