/* Orders and refunds of the sandbox, told in a line each; and its book seen, and spoilt, from outside. */
#ifndef FZ_TESTS_BOOK_REFUNDS_H
#define FZ_TESTS_BOOK_REFUNDS_H

#include "book/refund/refund.h"
#include "unit/book/sandbox.h"

#define RECEIVER "1900000300"

struct fz_party other_institution(void); /* INSTITUTION for OTHER_CHILD */
/* Lets `mchid` give away all of an order, settled in `currency`. */
void set_terms(const char *mchid, const char *currency);
/* Time passes, and what is due happens. */
void wait_ms(int64_t ms);

/* An order under a number of its own, paid at once. `asked` gives what differs from 100.00 CNY paid from the
 * balance; may be NULL. */
struct fz_payment bought(const struct fz_party *party, bool marked, const struct fz_order_request *asked);
/* One that is placed and not paid. */
struct fz_payment unpaid(const struct fz_party *party);

/* Gives so much to RECEIVER and to the sponsor (left out if 0) and, with `unfreeze`, the rest to the sponsor:
 * accepted, not yet worked off. */
void distribute(const struct fz_party *party, const struct fz_payment *payment, int64_t to_receiver,
                int64_t to_sponsor, bool unfreeze);

/* A request of `gross` that passes, under a number of its own; of the last 64 the numbers live. */
struct fz_refund_request refund_request(const struct fz_payment *payment, int64_t gross);
/* `funds` of it from the advance balance. */
struct fz_refund_request refund_request_from(const struct fz_payment *payment, int64_t gross, int64_t funds);
/* The name of the refusal, "NONE" if it was accepted; `out` may be NULL. */
const char *submit(const struct fz_party *party, const struct fz_refund_request *request,
                   struct fz_refund *out);
/* An accepted refund. */
struct fz_refund refunded(const struct fz_party *party, const struct fz_payment *payment, int64_t gross,
                          int64_t funds);
/* The same from the recharged balance; and paying into that, in the settlement currency. */
struct fz_refund refunded_recharged(const struct fz_party *party, const struct fz_payment *payment,
                                    int64_t gross);
void recharge(const char *mchid, int64_t amount);
/* What `mchid` has recharged and not refunded. */
int64_t recharged(const char *mchid, const char *currency);
struct fz_refund refund_now(const struct fz_refund *refund);
enum fz_result outcome(const struct fz_refund *refund, enum fz_refund_state state);

/* Runs a script on the book's file, past the book and its foreign keys. */
void outside(const char *sql);
/* The number that a query from outside gives. */
int64_t outside_number(const char *sql);

#endif
