/* What stands in a merchant's way, set from outside: papers, payment scenes, its pools of CNY. No money moves
 * by it. */
#ifndef FZ_BOOK_MERCHANT_HINDRANCE_H
#define FZ_BOOK_MERCHANT_HINDRANCE_H

#include "book/merchant/merchant.h"

/* The payment scenes: how an order is paid (trade_type). Stored as bits, from 1 on. */
extern const char *const fz_scene_words[]; /* NULL-ended */
extern const char *const fz_papers_words[], *const fz_cny_pool_words[]; /* by the two bools: complete, missing; open, empty */

struct fz_hindrance {
    bool papers_missing;     /* a sub-merchant or direct merchant: it cannot take payments */
    unsigned refused_scenes; /* bits, as fz_scene_words */
    bool cny_pool_empty;     /* a caller: nothing can be drawn from today's pools, as if converted */
};

/* All false where nothing was set. */
FZ_MUST_CHECK enum fz_result fz_hindrance_find(struct fz_tx *tx, const char *mchid, struct fz_hindrance *out);
FZ_MUST_CHECK enum fz_result fz_hindrance_set(struct fz_tx *tx, const char *mchid,
                                              const struct fz_hindrance *hindrance);
/* Whether this merchant may take a new order of this trade_type. Refuses: FZ_ORDER_PAPERS, FZ_ORDER_SCENE. */
FZ_MUST_CHECK enum fz_result fz_hindrance_check_sale(struct fz_tx *tx, const char *mchid,
                                                     const char *trade_type);

#endif
