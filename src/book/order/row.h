/* The row of a payment, for the files of the book that write it. */
#ifndef FZ_BOOK_ORDER_ROW_H
#define FZ_BOOK_ORDER_ROW_H

#include "book/order/payment.h"

/* Copies the digest of a request's content out of a row of any noun. */
void fz_digest_read(unsigned char out[FZ_DIGEST_SIZE], const struct fz_cursor *row, int column);

/* Writes a new row. FZ_CONFLICT: its order number or its transaction_id is taken. */
FZ_MUST_CHECK enum fz_result fz_payment_insert(struct fz_tx *tx, const struct fz_payment *payment);

/* Reads a payment as fz_payment_by_row does; nobody else changes the row until the transaction ends. To be
 * called before a pool is touched. */
FZ_MUST_CHECK enum fz_result fz_payment_lock(struct fz_tx *tx, int64_t id, struct fz_payment *out);
/* Ahead of the two below (fz_ask_ahead). */
void fz_payment_ask_lock(struct fz_tx *tx, const char *transaction_id, const char *caller, const char *sub_mchid, const char *out_trade_no);
/* Find a payment by its number, as fz_payment_by_transaction_id and fz_payment_by_out_trade_no, and lock
 * it, in one read. */
FZ_MUST_CHECK enum fz_result fz_payment_lock_by_transaction_id(struct fz_tx *tx, const char *transaction_id,
                                                               struct fz_payment *out);
FZ_MUST_CHECK enum fz_result fz_payment_lock_by_out_trade_no(struct fz_tx *tx, const char *caller,
                                                             const char *sub_mchid, const char *out_trade_no,
                                                             struct fz_payment *out);

#endif
