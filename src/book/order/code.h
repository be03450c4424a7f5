/* Payment codes: the payer shows one and the order is placed and paid in one step, or waits for his
 * password. */
#ifndef FZ_BOOK_ORDER_CODE_H
#define FZ_BOOK_ORDER_CODE_H

#include "book/order/payment.h"

#define FZ_AUTH_CODE_SIZE 19 /* 18 digits */

/* Places the order and takes the payer's money, or, above 3 000 CNY, leaves it USERPAYING until the payer has
 * entered his password. `request` is of a trade type MICROPAY. The same number and digest again returns the
 * order as it is now. Refuses what fz_payment_place does, and FZ_CODE_INVALID, FZ_CODE_USED, FZ_CODE_SHORT.
 */
FZ_MUST_CHECK enum fz_result fz_payment_pay_by_code(struct fz_tx *tx, const struct fz_party *party,
                                                    const struct fz_order_request *request,
                                                    const char *auth_code, struct fz_payment *out);

/* What the payer does, in a sandbox by the last four digits of his code (docs/integrators.md). */
struct fz_code_payer {
    bool is_asked;       /* for the password, whatever the amount */
    bool is_short;       /* of money */
    int64_t enters_ms;   /* how long he takes to enter it; 0: as long as nobody says he did */
    int64_t gives_up_ms; /* how long until he no longer can */
    int64_t holds_ms;    /* for how long the order cannot be reversed, because he is about it */
};
struct fz_code_payer fz_code_payer_of(const char *auth_code);

#endif
