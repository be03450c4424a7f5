/* Pools and settlement details of a book that is read in slices: each day against its movements, by one sum.
 *
 * What is kept is added, what the movements call for is taken off, each times a number that belongs to its pool, or its row, alone: so the sum is 0 if
 * all of them are right, in constant memory and in whatever order the movements come. A day whose sum is not 0 is gone through row by row, in one
 * snapshot, which says what is wrong with it; that alone takes anything down. */
#include "base/calendar.h"
#include "book/audit/parts.h"
#include "book/settlement/pool.h"

FZ_LARGE_STATEMENT(audit_next_day,
             "SELECT MIN(n.day) FROM (SELECT MIN(day) AS day FROM pool WHERE day > $1 UNION ALL"
             " SELECT MIN(day) FROM posting WHERE day > $1 UNION ALL"
             " SELECT MIN(day) FROM settlement_day WHERE day > $1) n",
             "i", "i");
FZ_LARGE_STATEMENT(audit_last_day,
             "SELECT MAX(n.day) FROM (SELECT MAX(day) AS day FROM pool UNION ALL SELECT MAX(day) FROM posting WHERE day IS NOT NULL"
             " UNION ALL SELECT MAX(day) FROM settlement_day) n",
             "", "i");
FZ_LARGE_STATEMENT(audit_pools_kept, "SELECT sponsor, kind, balance FROM pool WHERE day = $1", "i", "tii");
FZ_LARGE_STATEMENT(audit_pools_counted,
             "SELECT COUNT(*), COUNT(m.mchid) FROM (SELECT DISTINCT sponsor, kind FROM pool WHERE day = $1) p"
             " LEFT JOIN merchant m ON m.mchid = p.sponsor",
             "i", "ii");
FZ_LARGE_STATEMENT(audit_details_kept,
             "SELECT mchid, currency, sub_mchid, pay, refund, fee, split_pay, split_refund"
             " FROM settlement_day WHERE day = $1",
             "i", "tttiiiii");
/* $3: a posting's number has room for no larger one. */
FZ_LARGE_STATEMENT(audit_moved_since,
             "SELECT p.owner, p.account, p.amount, p.payment FROM entry e JOIN posting p ON p.id >= e.id * 256 AND"
             " p.id < (e.id + 1) * 256 WHERE e.time_ms >= $2 AND e.id >= 0 AND e.id < $3 AND p.day = $1",
             "iii", "tiii");
FZ_LARGE_STATEMENT(audit_moved_upto,
             "SELECT MAX(n.id), COUNT(*), (SELECT MAX(id) FROM posting WHERE day = $1) FROM"
             " (SELECT id FROM posting WHERE day = $1 AND id > $2 ORDER BY id LIMIT $3) n",
             "iii", "iii");
/* 4 and 6 are refunds accepted and closed. */
FZ_LARGE_STATEMENT(audit_moved,
             "SELECT p.owner, p.account, p.amount, p.payment, p.id, p.currency, e.time_ms, e.kind,"
             " m.settlement_currency, m.settlement_rate, m.sub_mchid, m.settled, m.fee, r.own_net, r.own_fee"
             " FROM posting p JOIN entry e ON e.id = p.entry AND e.id >= $4 AND e.id <= $5"
             " LEFT JOIN payment m ON m.id = p.payment"
             " LEFT JOIN refund r ON r.id = e.subject AND e.kind IN (4, 6)"
             " WHERE p.day = $1 AND p.id > $2 AND p.id <= $3",
             "iiiii", "tiiiitiititiiii");

#define TRIES 5 /* of a day that is converted meanwhile */

/* ---- the sum ---- */

/* What numbers belong to; behind BALANCE and CONVERTED is a pool's kind, behind DETAIL a column. */
enum what { BALANCE = 10, CONVERTED = 20, SETTLED = 30, BRIDGED = 40, DETAIL = 50 };

/* What concerns one sponsor, and one currency or sub-merchant of his. */
struct whose {
    const char *mchid, *currency, *sub_mchid;
};

/* An odd one times anything but 0 is not 0. */
static void add(struct fz_audit_run *run, int what, struct whose whose, __int128 amount)
{
    uint64_t hash = fz_audit_mix_text(fz_audit_mix(2, (uint64_t)what), whose.mchid);
    hash = fz_audit_mix_text(fz_audit_mix_text(hash, whose.currency), whose.sub_mchid);
    run->day.sum += (unsigned __int128)amount * (hash | 1);
}

static void add_detail(struct fz_audit_run *run, struct whose whose, const struct fz_settlement_sums *sums, int sign)
{
    const int64_t amounts[] = {sums->pay, sums->refund, sums->fee, sums->split_pay, sums->split_refund};
    for (int i = 0; i < (int)(sizeof amounts / sizeof amounts[0]); i++)
        if (amounts[i] != 0)
            add(run, DETAIL + i, whose, (__int128)amounts[i] * sign);
}

/* 0 for an account that is no pool's. */
static int kind_of(int64_t account)
{
    return account == FZ_ACCOUNT_OUTBOUND ? FZ_POOL_OUTBOUND : account == FZ_ACCOUNT_SALES ? FZ_POOL_SALES : 0;
}

/* ---- what is kept ---- */

static enum fz_result add_pools(struct fz_audit_run *run)
{
    struct fz_audit_day *day = &run->day;
    FZ_CURSOR row = {0}, count = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_pools_counted, FZ_VALUES(FZ_I(day->day)), &count);
    if (result != FZ_OK)
        return result;
    day->pools = fz_int(&count, 0);
    day->is_odd = day->is_odd || fz_int(&count, 1) != day->pools;
    result = fz_query(run->tx, &audit_pools_kept, FZ_VALUES(FZ_I(day->day)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        int64_t kind = fz_int(&row, 1), balance = fz_int(&row, 2);
        day->is_odd = day->is_odd || balance < 0 || (kind != FZ_POOL_OUTBOUND && kind != FZ_POOL_SALES);
        add(run, BALANCE + (int)(kind & 3), (struct whose){fz_string(&row, 0), "", ""}, balance);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result add_details(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_details_kept, FZ_VALUES(FZ_I(run->day.day)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        const struct fz_settlement_sums sums = {.pay = fz_int(&row, 3),
                                                .refund = fz_int(&row, 4),
                                                .fee = fz_int(&row, 5),
                                                .split_pay = fz_int(&row, 6),
                                                .split_refund = fz_int(&row, 7)};
        add_detail(run, (struct whose){fz_string(&row, 0), fz_string(&row, 1), fz_string(&row, 2)}, &sums, 1);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* The pools of a day that is not over go on: less what has come since. */
static enum fz_result take_off_since(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_moved_since,
                                     FZ_VALUES(FZ_I(run->day.day), FZ_I(run->day.moment_ms), FZ_I(INT64_MAX / FZ_LINES_PER_ENTRY)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        int kind = kind_of(fz_int(&row, 1));
        if (kind != 0 && !fz_is_null(&row, 3))
            add(run, BALANCE + kind, (struct whose){fz_string(&row, 0), "", ""}, -(__int128)fz_int(&row, 2));
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* How far the day is. What is wrong with that is told by who goes through it row by row. */
static enum fz_result find_positions(struct fz_audit_run *run, int64_t *converted_to, int64_t *detailed_to)
{
    int64_t before = run->out->findings;
    enum fz_result result = fz_audit_converted_to(run, run->day.day, converted_to);
    if (result == FZ_OK)
        result = fz_audit_detailed_to(run, run->day.day, detailed_to);
    run->day.is_odd = run->day.is_odd || run->out->findings != before;
    run->out->findings = before;
    return result;
}

static enum fz_result begin_day(struct fz_audit_run *run)
{
    struct fz_audit_day *day = &run->day;
    day->is_odd = day->has_moved = false;
    day->sum = 0;
    run->after = INT64_MIN;
    enum fz_result result = find_positions(run, &day->converted_to, &day->detailed_to);
    if (result == FZ_OK)
        result = add_pools(run);
    if (result == FZ_OK)
        result = add_details(run);
    return result == FZ_OK && day->is_open ? take_off_since(run) : result;
}

/* ---- movements ---- */

/* A posting of the conversion itself. The bridge takes CNY in and gives the other currency out. */
static void add_conversion(struct fz_audit_run *run, const struct fz_cursor *row)
{
    const char *mchid = fz_string(row, 0);
    int64_t account = fz_int(row, 1), amount = fz_int(row, 2);
    int kind = kind_of(account);
    struct whose whose = {mchid, kind == 0 ? fz_string(row, 5) : "CNY", ""};
    if (kind != 0)
        add(run, CONVERTED + kind, (struct whose){mchid, "", ""}, amount);
    if (account == FZ_ACCOUNT_SETTLEMENT)
        add(run, SETTLED, whose, amount);
    if (kind != 0 || account == FZ_ACCOUNT_SETTLEMENT || account == FZ_ACCOUNT_CONVERSION)
        add(run, BRIDGED, whose, amount);
}

static void take_off_converted(struct fz_audit_run *run, const struct fz_cursor *row, int kind)
{
    const char *mchid = fz_string(row, 0), *currency = fz_string(row, 8);
    int64_t amount = fz_int(row, 2), rate = fz_int(row, 9);
    if (!fz_audit_is_sane_rate(currency, rate))
        return;
    add(run, CONVERTED + kind, (struct whose){mchid, "", ""}, amount);
    add(run, SETTLED, (struct whose){mchid, currency, ""}, -(__int128)fz_from_cny(amount, fz_currency_find(currency), rate));
}

static void take_off_detail(struct fz_audit_run *run, const struct fz_cursor *row)
{
    const struct fz_audit_movement movement = {.account = (enum fz_account)fz_audit_small(row, 1),
                                               .amount = fz_int(row, 2),
                                               .kind = (enum fz_entry_kind)fz_audit_small(row, 7),
                                               .currency = fz_string(row, 8),
                                               .rate = fz_int(row, 9),
                                               .settled = fz_int(row, 11),
                                               .fee = fz_int(row, 12),
                                               .own_net = fz_int(row, 13),
                                               .own_fee = fz_int(row, 14)};
    struct whose whose = {fz_string(row, 0), movement.currency, ""};
    struct fz_settlement_sums sums;
    if (!fz_audit_movement(&movement, &sums))
        return;
    add_detail(run, whose, &sums, -1);
    whose.sub_mchid = fz_string(row, 10);
    if (whose.sub_mchid[0] != '\0')
        add_detail(run, whose, &sums, -1);
}

static void take_off_movement(struct fz_audit_run *run, const struct fz_cursor *row)
{
    const struct fz_audit_day *day = &run->day;
    int kind = kind_of(fz_int(row, 1));
    int64_t amount = fz_int(row, 2), number = fz_int(row, 4);
    if (day->is_open && fz_int(row, 6) >= day->moment_ms)
        return;
    if (number <= day->detailed_to)
        take_off_detail(run, row);
    if (kind == 0 || amount > FZ_AUDIT_AMOUNT_MAX || amount < -FZ_AUDIT_AMOUNT_MAX)
        return;
    add(run, BALANCE + kind, (struct whose){fz_string(row, 0), "", ""}, -(__int128)amount);
    if (number <= day->converted_to)
        take_off_converted(run, row, kind);
}

/* So many postings of the day. */
static enum fz_result read_postings(struct fz_audit_run *run)
{
    FZ_CURSOR last = {0}, row = {0};
    const struct fz_value day = FZ_I(run->day.day);
    fz_audit_stretch(run);
    enum fz_result result = fz_query_one(run->tx, &audit_moved_upto, FZ_VALUES(day, FZ_I(run->after), FZ_I(run->stretch)), &last);
    if (result != FZ_OK)
        return result;
    run->upto = fz_int(&last, 1) < run->stretch ? INT64_MAX : fz_int(&last, 0);
    fz_audit_meet_end(run, fz_int(&last, 2));
    result = fz_query(run->tx, &audit_moved,
                      FZ_VALUES(day, FZ_AUDIT_RANGE(run), FZ_I(run->after / FZ_LINES_PER_ENTRY - 1), FZ_I(run->upto / FZ_LINES_PER_ENTRY)),
                      &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        if (fz_is_null(&row, 3))
            add_conversion(run, &row);
        else
            take_off_movement(run, &row);
    }
    run->after = run->upto;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- a day ---- */

static enum fz_result end_day(struct fz_audit_run *run)
{
    struct fz_audit_day *day = &run->day;
    int64_t converted_to, detailed_to;
    enum fz_result result = find_positions(run, &converted_to, &detailed_to);
    day->has_moved = converted_to != day->converted_to || detailed_to != day->detailed_to;
    return result;
}

static enum fz_result go_through(struct fz_audit_run *run)
{
    enum fz_result result = fz_audit_pools_of(run, run->day.day);
    return result == FZ_OK ? fz_audit_details_of(run, run->day.day) : result;
}

/* The clock may bring new days faster than they can be read: the last is the last that there is at the beginning. */
static enum fz_result find_last(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_last_day, NULL, 0, &row);
    if (result == FZ_OK)
        run->day = (struct fz_audit_day){.day = INT64_MIN, .last = fz_int(&row, 0)};
    return result;
}

static enum fz_result find_next(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_next_day, FZ_VALUES(FZ_I(run->day.day)), &row);
    if (result == FZ_OK && (fz_is_null(&row, 0) || fz_int(&row, 0) > run->day.last))
        return FZ_ABSENT;
    run->day.day = fz_int(&row, 0);
    return result;
}

/* Nothing is added to a day that is over at a moment that has passed. */
static enum fz_result find_moment(struct fz_audit_walk *walk)
{
    struct fz_audit_day *day = &walk->so_far.run.day;
    enum fz_result result = FZ_OK;
    if (day->day >= fz_day_of(walk->moment_ms))
        result = walk->reading->pass(walk->reading->by, &walk->moment_ms);
    day->moment_ms = walk->moment_ms;
    day->is_open = day->day >= fz_day_of(walk->moment_ms);
    return result;
}

static enum fz_result add_up(struct fz_audit_walk *walk)
{
    struct fz_audit_run *run = &walk->so_far.run;
    enum fz_result result = find_moment(walk);
    if (result == FZ_OK)
        result = fz_audit_look(walk, begin_day);
    do
        if (result == FZ_OK)
            result = fz_audit_look(walk, read_postings);
    while (result == FZ_OK && run->upto != INT64_MAX);
    return result == FZ_OK ? fz_audit_look(walk, end_day) : result;
}

static enum fz_result check_day(struct fz_audit_walk *walk)
{
    const struct fz_audit_day *day = &walk->so_far.run.day;
    enum fz_result result = FZ_OK;
    int tries = 0;
    do
        result = add_up(walk);
    while (result == FZ_OK && day->has_moved && ++tries < TRIES);
    if (result == FZ_OK && !day->has_moved && !day->is_odd && day->sum == 0) {
        walk->so_far.found.pools += day->pools;
        return FZ_OK;
    }
    return result == FZ_OK || result == FZ_ABSENT ? fz_audit_look(walk, go_through) : result;
}

enum fz_result fz_audit_days(struct fz_audit_walk *walk)
{
    enum fz_result result = fz_audit_look(walk, find_last);
    while (result == FZ_OK && (result = fz_audit_look(walk, find_next)) == FZ_OK)
        result = check_day(walk);
    return result == FZ_ABSENT ? FZ_OK : result;
}
