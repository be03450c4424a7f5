/* Puts the lab's story into the lines that the server writes. */
#include "lab/lines.h"

#include "base/calendar.h"
#include "lab/plant.h"

static struct fz_refund_part part_of(const struct fz_lab_source *source)
{
    return (struct fz_refund_part){.gross = source->gross, .fee = source->fee, .net = source->net};
}

static struct fz_refund_line refund_line(const struct fz_lab_order *order, const struct fz_lab_refund *refund)
{
    const struct fz_payment *payment = &order->payment;
    struct fz_lab_source own = fz_lab_billed_source(order, refund, &refund->own);
    struct fz_lab_source funds = fz_lab_billed_source(order, refund, &refund->funds);
    return (struct fz_refund_line){.created_ms = refund->accepted_ms,
                                   .success_ms = refund->success_ms,
                                   .refund_id = refund->refund_id,
                                   .out_refund_no = refund->out_refund_no,
                                   .transaction_id = payment->transaction_id,
                                   .out_trade_no = payment->out_trade_no,
                                   .amount = refund->amount,
                                   .currency = payment->currency,
                                   .coupon_cny = refund->coupon_cny,
                                   .payer_refund = refund->payer,
                                   .payer_currency = payment->payer_currency,
                                   .fee_rate = payment->fee_rate,
                                   .own = part_of(&own),
                                   .funds = part_of(&funds),
                                   .settlement_currency = payment->settlement_currency,
                                   .settlement_rate = payment->settlement_rate};
}

static enum fz_result add_refund(struct fz_lab_day_files *files, int day, const struct fz_refund_line *line)
{
    struct fz_bill_walk *walk = fz_lab_day_file(files, day);
    return walk == NULL ? FZ_FAILED : fz_refund_bill_add(walk, line);
}

enum fz_result fz_lab_bill_refund(struct fz_lab_day_files *files, const struct fz_lab_plan *plan,
                                  const struct fz_lab_order *order, const struct fz_lab_refund *refund)
{
    if (!fz_lab_is_billed(plan, refund))
        return FZ_OK;
    struct fz_refund_line line = refund_line(order, refund);
    enum fz_result result = add_refund(files, fz_day_of(refund->success_ms), &line);
    struct fz_lab_again again = fz_lab_again_of(plan, refund);
    if (result != FZ_OK || (!again.own && !again.funds))
        return result;
    *(again.own ? &line.funds : &line.own) = (struct fz_refund_part){0};
    return add_refund(files, again.day, &line);
}

enum fz_result fz_lab_bill_slices(struct fz_lab_day_files *files, const struct fz_lab_plan *plan,
                                  const struct fz_lab_order *order)
{
    int day = fz_day_of(order->slices_end_ms);
    enum fz_result result = FZ_OK;
    for (int i = 0; result == FZ_OK && i < order->slice_count && day >= plan->first && day <= plan->last; i++) {
        const struct fz_slice_line line = {.slice = &order->slices[i],
                                           .caller = order->payment.caller,
                                           .sub_mchid = order->payment.sub_mchid,
                                           .transaction_id = order->payment.transaction_id,
                                           .order_id = order->order_id,
                                           .out_order_no = order->out_order_no,
                                           .kind = FZ_DISTRIBUTION_ORDERS,
                                           .accepted_ms = order->distributed_ms};
        struct fz_bill_walk *walk = fz_lab_day_file(files, day);
        result = walk == NULL ? FZ_FAILED : fz_distribution_bill_add(walk, &line);
    }
    return result;
}

/* What a payment's line and a refund's have in common. */
static struct fz_trade_line trade_line(const struct fz_payment *payment)
{
    struct fz_trade_line line = {.appid = payment->appid,
                                 .caller = payment->caller,
                                 .sub_mchid = payment->sub_mchid,
                                 .transaction_id = payment->transaction_id,
                                 .out_trade_no = payment->out_trade_no,
                                 .trade_type = payment->trade_type,
                                 .description = payment->description,
                                 .attach = payment->attach,
                                 .payer_kind = payment->payer_kind,
                                 .fee_rate = payment->fee_rate,
                                 .currency = payment->currency,
                                 .payer_currency = payment->payer_currency,
                                 .settlement_currency = payment->settlement_currency,
                                 .coupon_type = payment->coupon.type};
    enum fz_rate_type type;
    fz_payment_exchange_rate(payment, &type, &line.rate);
    return line;
}

static struct fz_gross settled(const struct fz_payment *payment, int64_t net, int64_t fee)
{
    return fz_gross_from_cny(net, fee, fz_currency_find(payment->settlement_currency), payment->settlement_rate);
}

static enum fz_result add_trade(struct fz_lab_day_files *files, const struct fz_trade_line *line)
{
    struct fz_bill_walk *walk = fz_lab_day_file(files, fz_day_of(line->time_ms));
    return walk == NULL ? FZ_FAILED : fz_trade_bill_add(walk, line);
}

enum fz_result fz_lab_state_payment(struct fz_lab_day_files *files, const struct fz_lab_order *order)
{
    const struct fz_payment *payment = &order->payment;
    struct fz_trade_line line = trade_line(payment);
    line.time_ms = payment->success_ms;
    line.amount = payment->amount;
    line.payer_amount = payment->payer_total;
    line.coupon_amount = payment->coupon.amount;
    line.settlement = settled(payment, payment->settled - payment->fee, payment->fee);
    return add_trade(files, &line);
}

enum fz_result fz_lab_state_refund(struct fz_lab_day_files *files, const struct fz_lab_order *order,
                                   const struct fz_lab_refund *refund)
{
    if (!fz_lab_is_stated(refund))
        return FZ_OK;
    const struct fz_payment *payment = &order->payment;
    struct fz_gross own = settled(payment, refund->own.net, refund->own.fee);
    struct fz_gross funds = settled(payment, refund->funds.net, refund->funds.fee);
    bool arrived = refund->success_ms != 0 && fz_day_of(refund->success_ms) == fz_day_of(refund->accepted_ms);
    struct fz_trade_line line = trade_line(payment);
    line.time_ms = refund->accepted_ms;
    line.amount = refund->amount;
    line.payer_amount = refund->payer;
    line.coupon_amount = refund->coupon;
    line.settlement = (struct fz_gross){.gross = own.gross + funds.gross, .fee = own.fee + funds.fee};
    line.refund_id = refund->refund_id;
    line.out_refund_no = refund->out_refund_no;
    line.channel = FZ_CHANNEL_ORIGINAL;
    line.state = arrived ? FZ_REFUND_SUCCESS : FZ_REFUND_PROCESSING;
    return add_trade(files, &line);
}
