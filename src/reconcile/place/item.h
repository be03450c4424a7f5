/* What is kept of a line of a bill or a row of records, packed, so that millions of them can be put aside and be looked at
 * again. */
#ifndef FZ_RECONCILE_PLACE_ITEM_H
#define FZ_RECONCILE_PLACE_ITEM_H

#include <stddef.h>
#include <stdint.h>

/* Where it stands. */
enum fz_side { FZ_SIDE_REFUND, FZ_SIDE_TRADE, FZ_SIDE_SLICE, FZ_SIDE_RECORD };
/* What it tells of: numbers of different families are never compared. */
enum fz_family { FZ_FAMILY_REFUND, FZ_FAMILY_SLICE, FZ_FAMILY_PAYMENT };

enum fz_item_text {
    FZ_ITEM_PLATFORM_NO, /* refund_id, detail_id, or a payment's transaction_id */
    FZ_ITEM_OWN_NO,      /* out_refund_no, "out_order_no/receiver_account", or a payment's out_trade_no */
    FZ_ITEM_TRANSACTION_ID,
    FZ_ITEM_SUB_MCHID,
    FZ_ITEM_STATUS,
    FZ_ITEM_SOURCE, /* what a refund was drawn from */
    FZ_ITEM_TEXTS
};

/* What of the numbers is told. */
enum {
    FZ_HAS_AMOUNT = 1,
    FZ_HAS_FEE = 2,
    FZ_HAS_SETTLEMENT = 4,
    FZ_HAS_SUCCESS = 8, /* arrived, or for a payment and a slice: when */
    FZ_HAS_CREATED = 16,
    FZ_IS_QUESTION = 32,    /* placed by its order: whether that is marked decides */
    FZ_HAS_MERCHANT = 64,   /* its sub_mchid is the statement's, not only one's own */
    FZ_BY_PLATFORM_NO = 128 /* which of its numbers it is placed by */
};

#define FZ_ITEM_TEXT_MAX 255 /* bytes */

struct fz_item {
    uint32_t size; /* with its texts behind it, a multiple of 8 */
    uint8_t side, family, has;
    uint8_t is_outbound;          /* a slice to the sponsor itself */
    uint8_t sizes[FZ_ITEM_TEXTS]; /* of the texts, without the NUL behind each */
    char currency[4], settlement_currency[4];
    uint32_t piece;             /* of which input … */
    uint32_t line;              /* … and which line of it, from 0 */
    int32_t own_day;            /* of the success time as it is written there */
    uint64_t hash;              /* of the number by which it is placed */
    int64_t amount;             /* all of it, in `currency` */
    int64_t source_amount, fee; /* in CNY; a refund's fee is 0 or less */
    int64_t coupon;             /* a voucher's share, in CNY; in a statement a DISCOUNT's alone */
    int64_t settlement, rate;   /* in `settlement_currency`; CNY for one unit, x 10^8 */
    int64_t success_ms, create_ms;
    char texts[];
};

struct fz_item_part {
    const char *text;
    size_t size;
};

/* An item before it is packed. */
struct fz_draft {
    struct fz_item item;
    struct fz_item_part texts[FZ_ITEM_TEXTS];
};

/* Never NULL; "" where there is none. */
const char *fz_item_text(const struct fz_item *item, enum fz_item_text which);
uint32_t fz_draft_size(const struct fz_draft *draft);
/* Into `size` bytes, as fz_draft_size said. */
void fz_draft_pack(const struct fz_draft *draft, void *out);
/* Where to put what has this number. Equal hashes are no equality. */
uint64_t fz_number_hash(enum fz_family family, const char *text, size_t size);

#endif
