/* Plants the differences. What a difference looks like is drawn from its refund's number, so that every file tells the same.
 */
#include "lab/plant.h"

#include <string.h>

#include "base/calendar.h"

#define BEIJING_MIN 480

/* ---- the service's side ---- */

bool fz_lab_is_stated(const struct fz_lab_refund *refund)
{
    return refund->kind != FZ_LAB_missing_there;
}

bool fz_lab_is_billed(const struct fz_lab_plan *plan, const struct fz_lab_refund *refund)
{
    int day = fz_day_of(refund->success_ms);
    return refund->kind != FZ_LAB_missing_there && refund->success_ms != 0 && day >= plan->first && day <= plan->last;
}

/* In the same file, or once more in that of a later day. */
struct fz_lab_again fz_lab_again_of(const struct fz_lab_plan *plan, const struct fz_lab_refund *refund)
{
    struct fz_lab_draws draws = refund->draws;
    if (refund->kind != FZ_LAB_duplicate_there)
        return (struct fz_lab_again){0};
    int day = fz_day_of(refund->success_ms), later = fz_lab_active_from(plan, day + 1);
    bool is_own = refund->funds.gross == 0 || (refund->own.gross != 0 && fz_lab_one_in(&draws, 2));
    return (struct fz_lab_again){
        .own = is_own, .funds = !is_own, .day = later > day && fz_lab_one_in(&draws, 2) ? later : day};
}

/* Of the differences in rates, some are the bill's own. */
static bool is_the_bill_s(const struct fz_lab_refund *refund)
{
    struct fz_lab_draws draws = refund->draws;
    return refund->kind == FZ_LAB_rate && fz_lab_one_in(&draws, 4);
}

struct fz_lab_source fz_lab_billed_source(const struct fz_lab_order *order, const struct fz_lab_refund *refund,
                                          const struct fz_lab_source *source)
{
    struct fz_lab_source billed = *source;
    if (!is_the_bill_s(refund))
        return billed;
    const struct fz_payment *payment = &order->payment;
    billed.net += (source->net + source->fee) * 4 / 100;
    billed.settlement =
        fz_from_cny(billed.net + billed.fee, fz_currency_find(payment->settlement_currency), payment->settlement_rate);
    return billed;
}

/* ---- the records' side ---- */

static int line_count(const struct fz_lab_refund *refund)
{
    return (refund->own.gross != 0) + (refund->funds.gross != 0);
}

/* All of it in one row, as the bill has it. */
static struct fz_lab_row true_row(const struct fz_lab_order *order, const struct fz_lab_refund *refund)
{
    struct fz_lab_source own = fz_lab_billed_source(order, refund, &refund->own);
    struct fz_lab_source funds = fz_lab_billed_source(order, refund, &refund->funds);
    return (struct fz_lab_row){.sub_mchid = order->payment.sub_mchid,
                               .currency = order->payment.currency,
                               .status = refund->success_ms == 0 ? "PROCESSING" : "SUCCESS",
                               .amount = refund->amount,
                               .fee = -(own.fee + funds.fee),
                               .settlement = own.settlement + funds.settlement,
                               .success_ms = refund->success_ms,
                               .offset_min = BEIJING_MIN};
}

/* Books that have a row for each source. */
static int rows_of_sources(const struct fz_lab_refund *refund, struct fz_lab_row out[FZ_LAB_ROWS_MAX])
{
    out[1] = out[0];
    out[0].amount = refund->own.gross;
    out[0].fee = -refund->own.fee;
    out[0].settlement = refund->own.settlement;
    out[1].amount = refund->funds.gross;
    out[1].fee = -refund->funds.fee;
    out[1].settlement = refund->funds.settlement;
    return 2;
}

/* A slip of the pen, of the decimal point, or of all that was meant; never what one source gave. */
static int64_t wrong_amount(const struct fz_lab_refund *refund, struct fz_lab_draws *draws)
{
    int64_t right = refund->amount, slips[] = {right + 1, right - 1, right * 10, right / 10, right + 900};
    int64_t wrong = slips[fz_lab_below(draws, 5)];
    while (wrong == right || wrong == refund->own.gross || wrong == refund->funds.gross)
        wrong++;
    return wrong;
}

static const char *other_currency(const char *code, struct fz_lab_draws *draws)
{
    static const char *const codes[] = {"USD", "JPY", "EUR", "HKD", "CNY"};
    const char *other = codes[fz_lab_below(draws, 4)];
    return strcmp(other, code) == 0 ? codes[4] : other;
}

/* Behind or ahead of Beijing by so much that there it is another day. */
static int offset_of_another_day(int64_t success_ms)
{
    static const struct {
        int before_hour, offset_min;
    } zones[] = {{8, 0}, {13, -300}, {16, -480}, {18, -600}, {19, -660}};
    int hour = (int)((success_ms - fz_day_start_ms(fz_day_of(success_ms))) / FZ_HOUR_MS);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (hour < zones[i].before_hour)
            return zones[i].offset_min;
    return hour == 23 ? 540 : 780;
}

/* At another rate, by 2 to 6 %. */
static int64_t at_another_rate(int64_t settlement, struct fz_lab_draws *draws)
{
    int64_t off = settlement * fz_lab_between(draws, 2, 6) / 100;
    return fz_lab_one_in(draws, 2) ? settlement + off : settlement - off;
}

/* What becomes of the one row that is right; of kinds that are the bill's, nothing. */
static void change_row(const struct fz_lab_refund *refund, bool heads, struct fz_lab_draws *draws, struct fz_lab_row *row)
{
    switch (refund->kind) {
    case FZ_LAB_amount:
        row->amount = wrong_amount(refund, draws);
        break;
    case FZ_LAB_part_of_a_refund:
        row->amount = heads ? refund->own.gross : refund->funds.gross;
        row->bare = true;
        break;
    case FZ_LAB_status:
        row->status = refund->success_ms != 0 && heads ? "ABNORMAL" : "PROCESSING";
        row->success_ms = 0;
        break;
    case FZ_LAB_closed_after_the_bill:
        row->status = heads ? "CLOSED" : "REFUNDCLOSE";
        row->success_ms = 0;
        break;
    case FZ_LAB_currency:
        row->currency = other_currency(row->currency, draws);
        break;
    case FZ_LAB_day_boundary:
        row->offset_min = offset_of_another_day(row->success_ms);
        break;
    case FZ_LAB_fee:
        row->fee = heads ? row->fee - fz_lab_between(draws, 1, 99) : row->fee < 0 ? 0 : -1;
        break;
    case FZ_LAB_rate:
        if (!is_the_bill_s(refund))
            row->settlement = at_another_rate(row->settlement, draws);
        break;
    case FZ_LAB_rounding:
        row->settlement += (heads ? 1 : -1) * fz_lab_between(draws, 1, line_count(refund));
        break;
    case FZ_LAB_other_merchant:
        row->sub_mchid = fz_lab_other_merchant(draws, row->sub_mchid);
        break;
    default:
        break;
    }
}

/* How many rows are left of one, or made of it. */
static int change(const struct fz_lab_refund *refund, struct fz_lab_row out[FZ_LAB_ROWS_MAX])
{
    struct fz_lab_draws draws = refund->draws;
    bool heads = fz_lab_one_in(&draws, 2);
    if (refund->kind == FZ_LAB_missing_here)
        return 0;
    change_row(refund, heads, &draws, &out[0]);
    if (refund->kind != FZ_LAB_duplicate_here)
        return 1;
    out[1] = out[2] = out[0];
    return heads ? 2 : 3;
}

int fz_lab_rows(const struct fz_lab_order *order, const struct fz_lab_refund *refund, struct fz_lab_row out[FZ_LAB_ROWS_MAX])
{
    struct fz_lab_draws draws = refund->draws;
    out[0] = true_row(order, refund);
    if (refund->kind != FZ_LAB_NONE)
        return change(refund, out);
    out[0].bare = fz_lab_one_in(&draws, 50);
    if (line_count(refund) == 2 && fz_is_cny(order->payment.currency) && fz_lab_one_in(&draws, 3))
        return rows_of_sources(refund, out);
    return 1;
}
