/* A distribution: by itself with its slices, against its order, and its part of the order's sums. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/parts.h"

FZ_LARGE_STATEMENT(
    audit_slices,
    "SELECT d.payment, d.id, d.order_id, d.caller, d.sub_mchid, d.kind, d.state, d.created_ms, d.finished_ms,"
    " s.id, s.caller, s.sub_mchid, s.to_sponsor, s.amount, s.result, s.settlement_currency, "
    "s.settlement_rate,"
    " s.settlement_amount, s.finished_ms, s.bill_day, s.created_ms"
    " FROM distribution d LEFT JOIN slice s ON s.distribution = d.id"
    " WHERE d.payment > $1 AND d.payment <= $2 ORDER BY d.payment, d.id, s.id",
    "ii", "iitttiiiiittiiitiiiii");

#define SLICES_MAX (FZ_RECEIVERS_MAX + 1)

enum fz_result fz_audit_slices_begin(struct fz_audit_run *run, struct fz_audit_rows *out)
{
    enum fz_result result = fz_query(run->tx, &audit_slices, FZ_VALUES(FZ_AUDIT_RANGE(run)), &out->cursor);
    return result == FZ_OK ? fz_audit_rows_next(out) : result;
}

static void read_distribution(const struct fz_cursor *row, struct fz_distribution *out)
{
    out->payment = fz_int(row, 0);
    out->id = fz_int(row, 1);
    FZ_COPY_COLUMN(out->order_id, row, 2);
    FZ_COPY_COLUMN(out->caller, row, 3);
    FZ_COPY_COLUMN(out->sub_mchid, row, 4);
    out->kind = (enum fz_distribution_kind)fz_audit_small(row, 5);
    out->state = (enum fz_distribution_state)fz_audit_small(row, 6);
    out->created_ms = fz_int(row, 7);
    out->count = 0;
}

static void read_slice(const struct fz_cursor *row, struct fz_slice *out)
{
    out->id = fz_int(row, 9);
    out->to_sponsor = fz_int(row, 12) != 0;
    out->amount = fz_int(row, 13);
    out->result = (enum fz_slice_result)fz_audit_small(row, 14);
    FZ_COPY_COLUMN(out->settlement_currency, row, 15);
    out->settlement_rate = fz_int(row, 16);
    out->settlement_amount = fz_int(row, 17);
    out->finished_ms = fz_int(row, 18);
}

/* A slice is decided when its distribution is, and a success is on the bill of that day. */
static void check_state(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_distribution *distribution, const struct fz_slice *slice,
                        const struct fz_cursor *row)
{
    bool finished = distribution->state == FZ_DISTRIBUTION_FINISHED;
    bool billed = !fz_is_null(row, 19);
    fz_audit_true(run, subject, "a slice is decided and it is not, or the other way round",
                  (slice->result != FZ_SLICE_PENDING) == finished && slice->finished_ms == fz_int(row, 8));
    fz_audit_true(run, subject, "the state and bill_day of a slice do not fit",
                  billed == (slice->result == FZ_SLICE_SUCCESS) &&
                      (!billed || fz_int(row, 19) == fz_day_of(slice->finished_ms)));
}

/* The slice in the row at hand. False if it cannot be calculated with. */
static bool check_slice(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_payment *payment, const struct fz_distribution *distribution,
                        const struct fz_slice *slice, const struct fz_cursor *row)
{
    run->out->slices++;
    run->slices_seen += fz_int(row, 20) < run->before_ms;
    fz_audit_true(run, subject, "a slice has another merchant",
                  strcmp(fz_string(row, 10), distribution->caller) == 0 &&
                      strcmp(fz_string(row, 11), distribution->sub_mchid) == 0);
    check_state(run, subject, distribution, slice, row);
    fz_audit_true(run, subject, "a slice to the sponsor failed",
                  !slice->to_sponsor || slice->result != FZ_SLICE_CLOSED);
    fz_audit_true(run, subject, "a slice is settled in another currency than its order",
                  strcmp(slice->settlement_currency, payment->settlement_currency) == 0);
    fz_audit_same(run, subject, "settlement_rate of a slice", slice->settlement_rate, "its order says",
                  payment->settlement_rate);
    if (!fz_audit_range(run, subject, "amount of a slice", slice->amount))
        return false;
    if (fz_audit_is_sane_rate(slice->settlement_currency, slice->settlement_rate))
        fz_audit_same(
            run, subject, "settlement_amount of a slice", slice->settlement_amount, "at its rate it is",
            fz_from_cny(slice->amount, fz_currency_find(slice->settlement_currency), slice->settlement_rate));
    return true;
}

static void add_to_sums(struct fz_audit_run *run, const struct fz_slice *slice, struct fz_audit_sums *sums)
{
    sums->shared += slice->amount;
    if (slice->result == FZ_SLICE_CLOSED)
        sums->returned += slice->amount;
    else if (!slice->to_sponsor)
        sums->to_receivers += slice->amount;
    if (slice->result == FZ_SLICE_PENDING)
        run->rows_cny[FZ_ACCOUNT_SHARING] += slice->amount;
    if (slice->result == FZ_SLICE_SUCCESS && !slice->to_sponsor)
        run->rows_cny[FZ_ACCOUNT_RECEIVER] += slice->amount;
}

static void tally_entries(struct fz_audit_run *run, const struct fz_distribution *distribution)
{
    static const enum fz_entry_kind kinds[] = {FZ_ENTRY_DISTRIBUTION_ACCEPTED,
                                               FZ_ENTRY_DISTRIBUTION_FINISHED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct fz_entry entry;
        int64_t time_ms;
        if (fz_audit_expect_distribution(distribution, kinds[i], &entry, &time_ms))
            fz_audit_tally(run, &entry, time_ms);
    }
}

/* Takes the slice at hand, if the distribution has one. */
static void take_slice(struct fz_audit_run *run, struct fz_audit_subject subject,
                       const struct fz_payment *payment, struct fz_distribution *distribution,
                       const struct fz_cursor *row, struct fz_audit_sums *sums)
{
    if (fz_is_null(row, 9))
        return;
    fz_audit_true(run, subject, "it has more slices than it can have", distribution->count < SLICES_MAX);
    if (distribution->count == SLICES_MAX)
        return;
    struct fz_slice *slice = &distribution->slices[distribution->count];
    read_slice(row, slice);
    if (!check_slice(run, subject, payment, distribution, slice, row))
        return;
    add_to_sums(run, slice, sums);
    distribution->count++;
}

static void check_distribution(struct fz_audit_run *run, struct fz_audit_subject subject,
                               const struct fz_payment *payment, const struct fz_distribution *distribution,
                               int64_t finished_ms)
{
    bool finished = distribution->state == FZ_DISTRIBUTION_FINISHED;
    fz_audit_true(run, subject, "its merchant is not its order's",
                  strcmp(distribution->caller, payment->caller) == 0 &&
                      strcmp(distribution->sub_mchid, payment->sub_mchid) == 0);
    fz_audit_true(run, subject, "its order is not marked and paid",
                  payment->marked && payment->state == FZ_PAYMENT_SUCCESS);
    fz_audit_true(run, subject, "its state and finished_ms do not fit",
                  (finished || distribution->state == FZ_DISTRIBUTION_PROCESSING) &&
                      finished == (finished_ms != 0));
}

enum fz_result fz_audit_distribution(struct fz_audit_run *run, struct fz_audit_rows *rows,
                                     struct fz_audit_order *order)
{
    struct fz_distribution distribution;
    read_distribution(&rows->cursor, &distribution);
    struct fz_audit_subject subject = {"distribution", distribution.order_id};
    run->out->distributions++;
    check_distribution(run, subject, &order->payment, &distribution, fz_int(&rows->cursor, 8));
    if (distribution.kind == FZ_DISTRIBUTION_ORDERS)
        order->sums.requests++;
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && rows->at_row && fz_int(&rows->cursor, 1) == distribution.id) {
        take_slice(run, subject, &order->payment, &distribution, &rows->cursor, &order->sums);
        result = fz_audit_rows_next(rows);
    }
    fz_audit_true(run, subject, "it has no slices", distribution.count > 0);
    tally_entries(run, &distribution);
    return result;
}
