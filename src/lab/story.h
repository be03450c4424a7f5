/* The story of a lab: its orders one behind the other, with their refunds and slices, and which refund has which difference.
 * The same plan tells the same story, as often as it is asked. */
#ifndef FZ_LAB_STORY_H
#define FZ_LAB_STORY_H

#include "book/distribution/distribution.h"
#include "book/order/payment.h"
#include "book/refund/refund.h"
#include "lab/draws.h"
#include "lab/plan.h"

#define FZ_LAB_SPONSOR          "1900000100"
#define FZ_LAB_REFUNDS_OF_ORDER 6
#define FZ_LAB_SLICES_OF_ORDER  3

/* What one source gave, as struct fz_refund_part, but in CNY whatever the order is priced in; and settled. */
struct fz_lab_source {
    int64_t gross, fee, net;
    int64_t settlement; /* of fee + net, in the settlement currency */
};

struct fz_lab_refund {
    int64_t number;
    enum fz_lab_part part;
    enum fz_lab_kind kind;
    struct fz_lab_draws draws; /* for how its difference looks */
    char refund_id[FZ_REFUND_ID_SIZE], out_refund_no[FZ_OUT_REFUND_NO_SIZE];
    int64_t accepted_ms, success_ms; /* success_ms 0: still on its way */
    int64_t amount;                  /* price currency */
    int64_t payer;                   /* payer currency, without vouchers */
    int64_t coupon, coupon_cny;      /* the voucher's share, in its own currency and in CNY */
    struct fz_lab_source own, funds; /* gross 0: not drawn from there */
};

struct fz_lab_order {
    int64_t number;
    struct fz_payment payment;
    int refund_count;
    struct fz_lab_refund refunds[FZ_LAB_REFUNDS_OF_ORDER];
    int64_t distributed_ms; /* when its slices were asked for; they succeed a little later */
    int64_t slices_end_ms;
    char order_id[65], out_order_no[FZ_OUT_ORDER_NO_SIZE];
    int slice_count;
    struct fz_slice slices[FZ_LAB_SLICES_OF_ORDER];
};

struct fz_lab_story {
    const struct fz_lab_plan *plan;
    int64_t orders, refunds;         /* told */
    int64_t left[FZ_LAB_KIND_COUNT]; /* of those planted in the body */
    int64_t wanted;                  /* refunds that these take */
    bool pause;                      /* the last order was refunded: one without refunds may follow */
};

void fz_lab_story_begin(const struct fz_lab_plan *plan, struct fz_lab_story *out);
/* False: it is told. */
bool fz_lab_story_next(struct fz_lab_story *story, struct fz_lab_order *out);

/* ---- order.c: what an order comes to ---- */

/* What the difference to be planted takes. */
struct fz_lab_demand {
    bool converted; /* settled in another currency than CNY */
    bool priced_cny;
    bool plain;       /* without a voucher */
    bool large;       /* so that every refund comes to many units */
    int both_sources; /* the refund of the order that is drawn from both; -1: none has to be */
};
struct fz_lab_demand fz_lab_demand_of(enum fz_lab_kind kind, int refund);

/* Fills an order that has its number, count of refunds and time of payment: terms, amounts, texts; and what its refunds and
 * slices come to. */
void fz_lab_order_fill(const struct fz_lab_plan *plan, const struct fz_lab_demand *demand, struct fz_lab_draws *draws,
                       struct fz_lab_order *order);

/* ---- names.c: numbers as the service and a shop give them ---- */

void fz_lab_name_order(struct fz_lab_order *order);
void fz_lab_name_refund(struct fz_lab_refund *refund);
/* Another sub-merchant than `mchid`. */
const char *fz_lab_other_merchant(struct fz_lab_draws *draws, const char *mchid);

#endif
