/* The demo book's story. It is told in one transaction whose time it moves itself: so it is there whole or
 * not at all, also when POST /reset tells it anew under the eyes of clients. */
#include "server/birth/demo.h"

#include "base/calendar.h"
#include "base/text.h"
#include "book/distribution/distribution.h"
#include "book/distribution/rail.h"
#include "book/due/due.h"
#include "book/event.h"
#include "book/merchant/merchant.h"
#include "book/order/rail.h"
#include "book/receiver/receiver.h"
#include "book/refund/refund.h"
#include "server/birth/demo_story.h"
#include "server/keys/identity.h"

#define BEGINS_BEFORE_MS (5 * FZ_DAY_MS)
#define CNY              "CNY"

static const unsigned char no_digest[FZ_DIGEST_SIZE]; /* no request of a client has this content */

struct story {
    struct fz_tx *tx;
    const struct fz_secrets *secrets;
    int64_t now_ms; /* where it ends */
    int bill_day;
    struct fz_party child, other, direct;
    enum fz_result result; /* the first that was not well: from there on nothing happens any more */
};

int fz_demo_bill_day(int64_t created_ms)
{
    int today = fz_day_of(created_ms);
    bool out = created_ms - fz_day_start_ms(today) >= 10 * FZ_HOUR_MS;
    return out ? today - 1 : today - 2;
}

/* ---- time ---- */

/* Moves on to `time_ms`: what falls due on the way happens at its own time. */
static void move_to(struct story *story, int64_t time_ms)
{
    struct fz_tx *tx = story->tx;
    int64_t ran = 1, at_ms = tx->now_ms;
    while (story->result == FZ_OK && ran > 0)
        story->result = fz_event_run(tx, time_ms, at_ms, 1000, &ran, &at_ms);
    tx->now_ms = time_ms;
}

static void move_to_clock(struct story *story, int day, int hour, int minute)
{
    move_to(story, fz_day_start_ms(day) + hour * FZ_HOUR_MS + minute * FZ_MINUTE_MS);
}

/* ---- who ---- */

static void add_merchant(struct story *story, const char *mchid, enum fz_merchant_kind kind)
{
    bool sub = kind == FZ_MERCHANT_SUB;
    struct fz_merchant merchant = {.kind = kind,
                                   .contract_day = sub ? FZ_NO_DAY : fz_day_of(story->tx->now_ms) - 30,
                                   .fee_rate = sub ? FZ_INHERIT : 60,
                                   .settlement_currency = "USD",
                                   .distribution_ratio = sub ? FZ_INHERIT : 3000};
    fz_copy(merchant.mchid, sizeof merchant.mchid, mchid);
    if (sub)
        fz_copy(merchant.parent, sizeof merchant.parent, FZ_DEMO_MCHID);
    if (story->result == FZ_OK)
        story->result = fz_merchant_add(story->tx, &merchant);
}

static void issue(struct story *story, const char *mchid, const char *pem, const char *apiv3_key)
{
    if (story->result == FZ_OK)
        story->result = fz_identity_issue(story->tx, story->secrets, mchid, pem, apiv3_key);
}

static void find_party(struct story *story, const char *caller, const char *sub_mchid, struct fz_party *out)
{
    if (story->result == FZ_OK)
        story->result = fz_party_find(story->tx, caller, sub_mchid, out);
}

static void add_receiver(struct story *story, const struct fz_party *party)
{
    struct fz_receiver receiver = {.type = "MERCHANT_ID",
                                   .account = FZ_DEMO_RECEIVER,
                                   .relation_type = "SUPPLIER",
                                   .expected_ratio = -1};
    fz_copy(receiver.caller, sizeof receiver.caller, party->caller);
    fz_copy(receiver.sub_mchid, sizeof receiver.sub_mchid, party->sub_mchid);
    if (story->result == FZ_OK)
        story->result = fz_receiver_add(story->tx, &receiver);
}

static void tell_who(struct story *story)
{
    add_merchant(story, FZ_DEMO_MCHID, FZ_MERCHANT_INSTITUTION);
    add_merchant(story, FZ_DEMO_SUB_MCHID, FZ_MERCHANT_SUB);
    add_merchant(story, FZ_DEMO_OTHER_SUB_MCHID, FZ_MERCHANT_SUB);
    add_merchant(story, FZ_DEMO_DIRECT_MCHID, FZ_MERCHANT_DIRECT);
    issue(story, FZ_DEMO_MCHID, fz_demo_institution_pem, FZ_DEMO_APIV3_KEY);
    issue(story, FZ_DEMO_DIRECT_MCHID, fz_demo_direct_pem, FZ_DEMO_DIRECT_APIV3_KEY);
    find_party(story, FZ_DEMO_MCHID, FZ_DEMO_SUB_MCHID, &story->child);
    find_party(story, FZ_DEMO_MCHID, FZ_DEMO_OTHER_SUB_MCHID, &story->other);
    find_party(story, FZ_DEMO_DIRECT_MCHID, NULL, &story->direct);
    add_receiver(story, &story->child);
    add_receiver(story, &story->direct);
}

/* ---- what they do ---- */

struct sale {
    const char *transaction_id, *out_trade_no, *description;
    int64_t amount;
    struct fz_coupon coupon;
};

/* A marked order, placed and paid. */
static void sell(struct story *story, const struct fz_party *party, const struct sale *sale)
{
    struct fz_order_request request = {.out_trade_no = sale->out_trade_no,
                                       .transaction_id = sale->transaction_id,
                                       .trade_type = "NATIVE",
                                       .description = sale->description,
                                       .amount = sale->amount,
                                       .coupon = sale->coupon,
                                       .payer_kind = FZ_PAYER_BALANCE};
    struct fz_payment payment;
    if (story->result == FZ_OK)
        story->result = fz_payment_mark(story->tx, party, sale->out_trade_no, CNY);
    if (story->result == FZ_OK)
        story->result = fz_payment_place(story->tx, party, &request, &payment);
    if (story->result == FZ_OK)
        story->result = fz_rail_paid(story->tx, &payment, FZ_PAYER_BALANCE);
}

/* A slice to the receiver, and one to the sponsor itself (0: none), which goes outbound. */
static void distribute(struct story *story, const struct fz_party *party, const char *transaction_id,
                       const char *out_order_no, int64_t to_receiver, int64_t outbound)
{
    struct fz_distribution_request request = {.transaction_id = transaction_id,
                                              .out_order_no = out_order_no,
                                              .count = outbound > 0 ? 2 : 1,
                                              .slices = {{.type = "MERCHANT_ID",
                                                          .account = FZ_DEMO_RECEIVER,
                                                          .description = "The supplier's share",
                                                          .amount = to_receiver},
                                                         {.type = "MERCHANT_ID",
                                                          .account = party->caller,
                                                          .description = "Goods abroad",
                                                          .amount = outbound}}};
    struct fz_distribution distribution;
    if (story->result == FZ_OK)
        story->result = fz_distribution_submit(story->tx, party, &request, &distribution);
}

/* A refund; of `from_funds` fen, if any, the advance balance is the source. Its two numbers are the same, as
 * in the documents. */
static void refund(struct story *story, const struct fz_party *party, const struct sale *sale,
                   const char *refund_id, int64_t amount, int64_t from_funds)
{
    struct fz_refund_request request = {.transaction_id = sale->transaction_id,
                                        .out_refund_no = refund_id,
                                        .refund_id = refund_id,
                                        .reason = "Sent back",
                                        .source = FZ_SOURCE_UNSETTLED,
                                        .refund = amount,
                                        .total = sale->amount,
                                        .currency = CNY,
                                        .has_from = from_funds > 0,
                                        .from_order = from_funds > 0 ? amount - from_funds : 0,
                                        .from_funds = from_funds};
    struct fz_refund accepted;
    if (story->result == FZ_OK)
        story->result = fz_refund_submit(story->tx, party, &request, &accepted);
}

/* Releases all that an order holds. The other side settles at once instead of within a minute, because the
 * story ends here. */
static void release_now(struct story *story, const struct fz_party *party, const char *transaction_id,
                        const char *out_order_no)
{
    struct fz_distribution distribution;
    if (story->result == FZ_OK)
        story->result = fz_distribution_unfreeze(story->tx, party, transaction_id, out_order_no, "Released",
                                                 no_digest, &distribution);
    if (story->result == FZ_OK)
        story->result = fz_event_cancel(story->tx, FZ_EVENT_DISTRIBUTED, distribution.id);
    if (story->result == FZ_OK)
        story->result = fz_rail_distributed(story->tx, distribution.id);
}

/* ---- the story ---- */

/* At 0.6 % the fee of 5000 fen is 30. */
static const struct sale main_sale = {FZ_DEMO_TRANSACTION_ID, FZ_DEMO_OUT_TRADE_NO, "Camera", 5000, {0}};
static const struct sale split_sale = {
    FZ_DEMO_SPLIT_TRANSACTION_ID, FZ_DEMO_SPLIT_OUT_TRADE_NO, "Telescope", 10000, {0}};
static const struct sale voucher_sale = {
    FZ_DEMO_VOUCHER_TRANSACTION_ID,
    FZ_DEMO_VOUCHER_OUT_TRADE_NO,
    "Tripod",
    3000,
    {.type = FZ_COUPON_COUPON, .scope = FZ_SCOPE_GLOBAL, .promotion_id = "109519", .amount = 300}};
/* 1006 fen less a fee of 6 are the 1000 fen of the advance balance. */
static const struct sale last_sale = {
    FZ_DEMO_LAST_TRANSACTION_ID, FZ_DEMO_LAST_OUT_TRADE_NO, "Lens cap", 1006, {0}};
static const struct sale direct_sale = {
    FZ_DEMO_DIRECT_TRANSACTION_ID, FZ_DEMO_DIRECT_OUT_TRADE_NO, "Binoculars", 8000, {0}};
static const struct sale direct_last_sale = {
    FZ_DEMO_DIRECT_LAST_TRANSACTION_ID, FZ_DEMO_DIRECT_LAST_OUT_TRADE_NO, "Strap", 1006, {0}};

/* On the day before the empty one, so that nothing of it succeeds on either. */
static void tell_sales(struct story *story)
{
    move_to_clock(story, story->bill_day - 2, 14, 0);
    sell(story, &story->child, &main_sale);
    sell(story, &story->child, &split_sale);
    sell(story, &story->other, &voucher_sale);
    sell(story, &story->child, &last_sale);
    sell(story, &story->direct, &direct_sale);
    sell(story, &story->direct, &direct_last_sale);
}

/* Of the camera's 4970 fen, 1000 go to the receiver, 982 outbound, 1988 back (2000 less the fee of 12 that is
 * given back with them): 1000 are left. The telescope is the worked example of docs/book.md. */
static void tell_bill_day(struct story *story)
{
    move_to_clock(story, story->bill_day, 10, 0);
    distribute(story, &story->child, main_sale.transaction_id, "D20150806125346", 1000, 982);
    distribute(story, &story->child, split_sale.transaction_id, "D20150806125347", 2000, 3000);
    distribute(story, &story->direct, direct_sale.transaction_id, "D20150806125350", 2000, 0);
    move_to_clock(story, story->bill_day, 11, 0);
    refund(story, &story->child, &main_sale, FZ_DEMO_REFUND_ID, 2000, 0);
    refund(story, &story->child, &split_sale, "1217752501201407033233368019", 6000, 1030);
    refund(story, &story->other, &voucher_sale, "1217752501201407033233368017", 1000, 0);
    refund(story, &story->direct, &direct_sale, FZ_DEMO_DIRECT_REFUND_ID, 1000, 0);
}

static void tell_now(struct story *story)
{
    move_to(story, story->now_ms);
    release_now(story, &story->child, last_sale.transaction_id, "U20150806125349");
    release_now(story, &story->direct, direct_last_sale.transaction_id, "U20150806125351");
}

enum fz_result fz_demo_tell(struct fz_tx *tx, const struct fz_secrets *secrets)
{
    struct story story = {
        .tx = tx, .secrets = secrets, .now_ms = tx->now_ms, .bill_day = fz_demo_bill_day(tx->now_ms)};
    tx->now_ms -= BEGINS_BEFORE_MS;
    tell_who(&story);
    tell_sales(&story);
    tell_bill_day(&story);
    tell_now(&story);
    return story.result;
}
