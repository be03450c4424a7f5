/* What those who tell a world share. */
#ifndef FZ_SERVER_BIRTH_TELLING_H
#define FZ_SERVER_BIRTH_TELLING_H

#include "book/merchant/merchant.h"
#include "server/birth/world_file.h"
#include "world/moment.h"
#include "world/read.h"

struct fz_telling {
    struct fz_tx *tx;
    const struct fz_secrets *secrets;
    const struct fz_node *root;
    struct fz_anchors anchors;
    struct fz_world_fault *fault;
};

/* What stands at `node` cannot be: `what`, and why. A failure of the store stays what it is. */
FZ_MUST_CHECK enum fz_result fz_telling_end(const struct fz_telling *telling, const struct fz_node *node, const char *what,
                                            enum fz_result result);

/* Who acts: "mchid" and "sub_mchid" of `map`, or the first of the file who calls and its first sub-merchant. */
FZ_MUST_CHECK enum fz_result fz_telling_party(const struct fz_telling *telling, const struct fz_node *map, struct fz_party *out);

/* who.c: the platform's public key, rates, merchants, receivers. */
FZ_MUST_CHECK enum fz_result fz_telling_who(const struct fz_telling *telling);
FZ_MUST_CHECK enum fz_result fz_telling_receiver(const struct fz_telling *telling, const struct fz_node *map);
FZ_MUST_CHECK enum fz_result fz_telling_change_receiver(const struct fz_telling *telling, const struct fz_node *map);

/* names.c: looks at what demo.env will say. */
FZ_MUST_CHECK enum fz_result fz_telling_environment(const struct fz_telling *telling);

/* What happens in a step; each has been checked by its rows. */
typedef enum fz_result fz_telling_step(const struct fz_telling *telling, const struct fz_node *map);
fz_telling_step fz_telling_pay, fz_telling_place, fz_telling_close, fz_telling_payer_account;                    /* orders.c */
fz_telling_step fz_telling_distribute, fz_telling_unfreeze;                                                     /* shares.c */
fz_telling_step fz_telling_refund, fz_telling_outcome, fz_telling_recharge;                                     /* refunds.c */

/* The order that a step names by transaction_id or out_trade_no. */
struct fz_payment;
FZ_MUST_CHECK enum fz_result fz_telling_order(const struct fz_telling *telling, const struct fz_node *map, struct fz_payment *payment,
                                              struct fz_party *party);

#endif
