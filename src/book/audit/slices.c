/* The audit of a book that others write meanwhile: in slices, each a snapshot of its own, so that none is held for long.
 *
 * What hangs together is read in one snapshot: an entry and its postings, an order and all that is of it, a row and its event. What is added up over the
 * whole book is added up as it was at one moment that has passed: entries are never changed, and of every row the entries follow that it called for then,
 * whatever has become of it since. So it does not matter when a slice is read. Days are days.c's. What does not fit because a row came late after all
 * (the database's clock was put back) is no finding: where no row is found that lacks its entry, or the other way round, one snapshot decides. */
#include <string.h>

#include "base/text.h"
#include "book/audit/parts.h"

/* The end of the next slice behind $1, and how many rows there are up to it: if less than $2, it is the last. And the end of all. */
#define BOUND(column, table)                                                                                                     \
    "SELECT MAX(n.id), COUNT(*), (SELECT MAX(" column ") FROM " table ") FROM (SELECT " column " AS id FROM " table " WHERE " column \
    " > $1 ORDER BY " column " LIMIT $2) n"
FZ_LARGE_STATEMENT(audit_upto_entry, BOUND("id", "entry"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_payment, BOUND("id", "payment"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_payment_refunded, BOUND("payment", "refund"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_payment_shared, BOUND("payment", "distribution"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_distribution, BOUND("id", "distribution"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_slice, BOUND("id", "slice"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_refund, BOUND("id", "refund"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_notification, BOUND("id", "notification"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_recharge, BOUND("id", "recharge"), "ii", "iii");
FZ_LARGE_STATEMENT(audit_upto_account,
             "SELECT MAX(n.account), COUNT(*) FROM (SELECT account FROM slice WHERE bill_day IS NOT NULL AND"
             " type <> 'MERCHANT_ID' AND account > $1 ORDER BY account LIMIT $2) n",
             "ti", "ti");
FZ_STATEMENT(audit_book_name, "SELECT name FROM book WHERE id = 1", "", "t");

#define BOOKS_MAX 3 /* that one audit may meet */

/* The entries first, and slices behind the orders that they are of. Persons' accounts are texts; balances and payouts are read at once. */
static const struct {
    enum fz_audit_span span;
    const struct fz_statement *bounds[3];
} spans[] = {
    {FZ_AUDIT_ENTRIES, {&audit_upto_entry}},
    {FZ_AUDIT_ORDERS, {&audit_upto_payment, &audit_upto_payment_refunded, &audit_upto_payment_shared}},
    {FZ_AUDIT_SLICES, {&audit_upto_slice}},
    {FZ_AUDIT_DISTRIBUTIONS, {&audit_upto_distribution}},
    {FZ_AUDIT_REFUNDS, {&audit_upto_refund}},
    {FZ_AUDIT_NOTIFICATIONS, {&audit_upto_notification}},
    {FZ_AUDIT_RECHARGES, {&audit_upto_recharge}},
    {FZ_AUDIT_PERSONS, {NULL}},
    {FZ_AUDIT_BALANCES, {NULL}},
    {FZ_AUDIT_PAYOUTS, {NULL}},
};

/* ---- a snapshot ---- */

/* A reset, or a restored backup, has put another book in the place of the one that is read. */
static enum fz_result check_book(struct fz_audit_walk *walk, struct fz_tx *tx)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &audit_book_name, NULL, 0, &row);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    const char *name = result == FZ_OK ? fz_string(&row, 0) : "";
    if (!walk->is_known)
        fz_copy(walk->book, sizeof walk->book, name);
    walk->is_known = true;
    return strcmp(walk->book, name) == 0 ? FZ_OK : FZ_CONFLICT;
}

static enum fz_result look(struct fz_tx *tx, void *argument)
{
    struct fz_audit_walk *walk = argument;
    walk->next = walk->so_far;
    walk->next.run.tx = tx;
    walk->next.run.out = &walk->next.found;
    enum fz_result result = check_book(walk, tx);
    return result == FZ_OK ? walk->look(&walk->next.run) : result;
}

enum fz_result fz_audit_look(struct fz_audit_walk *walk, enum fz_result (*with)(struct fz_audit_run *run))
{
    walk->look = with;
    enum fz_result result = walk->reading->read(walk->reading->by, look, walk);
    if (result == FZ_OK)
        walk->so_far = walk->next;
    return result;
}

/* ---- ranges ---- */

static enum fz_result find_end(struct fz_audit_run *run, const struct fz_statement *bound)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, bound, FZ_VALUES(FZ_I(run->after), FZ_I(run->stretch)), &row);
    if (result != FZ_OK)
        return result;
    if (fz_int(&row, 1) == run->stretch && fz_int(&row, 0) < run->upto)
        run->upto = fz_int(&row, 0);
    fz_audit_meet_end(run, fz_int(&row, 2));
    return FZ_OK;
}

/* Behind what there was at the beginning slices become longer, or one who reads would never reach those who write. */
void fz_audit_stretch(struct fz_audit_run *run)
{
    if (run->after == INT64_MIN) {
        run->end = INT64_MIN;
        run->stretch = run->size;
    } else if (run->after >= run->end && run->stretch < INT64_MAX / 2) {
        run->stretch *= 2;
    }
}

void fz_audit_meet_end(struct fz_audit_run *run, int64_t end)
{
    if (run->after == INT64_MIN && end > run->end)
        run->end = end;
}

/* An account is longer than its place in damaged books alone: then the last slice is the rest. */
static enum fz_result find_last_account(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_upto_account, FZ_VALUES(FZ_T(run->after_account), FZ_I(run->size)), &row);
    if (result != FZ_OK || fz_int(&row, 1) < run->size || strlen(fz_string(&row, 0)) >= sizeof run->upto_account)
        return result;
    FZ_COPY_COLUMN(run->upto_account, &row, 0);
    run->upto = 0;
    return FZ_OK;
}

static enum fz_result find_range(struct fz_audit_run *run)
{
    enum fz_result result = FZ_OK;
    run->upto = INT64_MAX;
    run->upto_account[0] = '\0';
    fz_audit_stretch(run);
    if (run->span == FZ_AUDIT_PERSONS)
        return find_last_account(run);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        for (size_t k = 0; k < 3 && run->span == spans[i].span && spans[i].bounds[k] != NULL && result == FZ_OK; k++)
            result = find_end(run, spans[i].bounds[k]);
    return result;
}

static void go_on(struct fz_audit_run *run)
{
    run->after = run->upto;
    fz_copy(run->after_account, sizeof run->after_account, run->upto_account);
}

static enum fz_result check_slice(struct fz_audit_run *run)
{
    enum fz_result result = find_range(run);
    return result == FZ_OK ? fz_audit_at_hand(run) : result;
}

static enum fz_result match_slice(struct fz_audit_run *run)
{
    enum fz_result result = find_range(run);
    return result == FZ_OK ? fz_audit_match(run) : result;
}

/* All rows, slice by slice. */
static enum fz_result go_through(struct fz_audit_walk *walk, enum fz_result (*with)(struct fz_audit_run *run))
{
    struct fz_audit_run *run = &walk->so_far.run;
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && i < sizeof spans / sizeof spans[0]; i++) {
        run->span = spans[i].span;
        run->after = INT64_MIN;
        run->after_account[0] = '\0';
        do {
            result = fz_audit_look(walk, with);
            go_on(run);
        } while (result == FZ_OK && run->upto != INT64_MAX);
    }
    return result;
}

/* ---- the whole ---- */

static enum fz_result in_one(struct fz_tx *tx, void *out)
{
    return fz_audit(tx, out);
}

/* FZ_ABSENT: one snapshot has to decide. */
static enum fz_result audit_slices(struct fz_audit_walk *walk)
{
    enum fz_result result = go_through(walk, check_slice);
    if (result == FZ_OK)
        result = fz_audit_days(walk);
    int64_t before = walk->so_far.found.findings;
    if (result == FZ_OK && !fz_audit_matches(&walk->so_far.run)) {
        result = go_through(walk, match_slice);
        if (result == FZ_OK && walk->so_far.found.findings == before)
            return FZ_ABSENT;
    }
    return result;
}

static enum fz_result audit_book(const struct fz_audit_reading *reading, struct fz_audit *out)
{
    struct fz_audit_walk walk = {.reading = reading};
    enum fz_result result = reading->pass(reading->by, &walk.moment_ms);
    walk.so_far.run = (struct fz_audit_run){.size = reading->size, .before_ms = walk.moment_ms};
    if (result == FZ_OK)
        result = audit_slices(&walk);
    if (result == FZ_ABSENT)
        return reading->read(reading->by, in_one, out);
    if (result != FZ_OK)
        return result;
    walk.so_far.run.out = &walk.so_far.found;
    fz_audit_end(&walk.so_far.run);
    *out = walk.so_far.found;
    return FZ_OK;
}

enum fz_result fz_audit_in_slices(const struct fz_audit_reading *reading, struct fz_audit *out)
{
    enum fz_result result = FZ_CONFLICT;
    for (int i = 0; result == FZ_CONFLICT && i < BOOKS_MAX; i++)
        result = audit_book(reading, out);
    return result;
}
