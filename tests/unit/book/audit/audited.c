/* The story that is audited, and how it is spoilt and put back. */
#include "unit/book/audit/audited.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/notification/notification.h"
#include "book/order/code.h"
#include "book/order/rail.h"
#include "book/refund/reverse.h"
#include "unit/book/refunds.h"

#define URL "http://shop.example/told"

static struct fz_party child, sibling, merchant;
static sqlite3 *book, *kept; /* the book's file, from outside; all of it as it was told */

/* ---- telling in a line ---- */

static struct fz_payment sell(const struct fz_party *party, const char *name, bool marked,
                              struct fz_order_request order)
{
    struct fz_payment payment;
    order.out_trade_no = order.transaction_id = name;
    order.amount = order.amount == 0 ? 10000 : order.amount;
    if (marked)
        assert_booked(fz_payment_mark(tx, party, name, "CNY"));
    assert_booked(fz_payment_place(tx, party, &order, &payment));
    assert_booked(fz_rail_paid(tx, &payment, 0));
    return payment;
}

#define SELL(party, name, marked, ...) sell(party, name, marked, (struct fz_order_request){__VA_ARGS__})

/* `funds` of it from the advance balance. */
static struct fz_refund give_back(const struct fz_party *party, const struct fz_payment *payment,
                                  const char *name, int64_t gross, int64_t funds, const char *notify_url)
{
    struct fz_refund_request asked = refund_request_from(payment, gross, funds);
    struct fz_refund made;
    asked.has_from = funds > 0;
    asked.out_refund_no = asked.refund_id = name;
    asked.notify_url = notify_url;
    assert_string_equal(submit(party, &asked, &made), "NONE");
    return made;
}

static struct fz_refund give_back_recharged(const struct fz_payment *payment, const char *name, int64_t gross)
{
    struct fz_refund_request asked = refund_request(payment, gross);
    struct fz_refund made;
    asked.out_refund_no = asked.refund_id = name;
    asked.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(&child, &asked, &made), "NONE");
    return made;
}

static void share(const struct fz_party *party, const struct fz_payment *payment, const char *name,
                  int64_t to_receiver, int64_t to_sponsor, bool unfreeze)
{
    struct fz_distribution_request asked = request(payment, name, unfreeze);
    struct fz_distribution made;
    if (to_receiver > 0)
        add_slice(&asked, RECEIVER, to_receiver);
    if (to_sponsor > 0)
        add_slice(&asked, party->caller, to_sponsor);
    assert_booked(fz_distribution_submit(tx, party, &asked, &made));
}

static void pay_by_code(const char *name, int64_t amount, bool marked)
{
    static int shown;
    char auth_code[32];
    struct fz_payment payment;
    (void)snprintf(auth_code, sizeof auth_code, "1345678901234%05d", ++shown);
    struct fz_order_request order = {
        .out_trade_no = name, .transaction_id = name, .trade_type = "MICROPAY", .amount = amount};
    if (marked)
        assert_booked(fz_payment_mark(tx, &child, name, "CNY"));
    assert_booked(fz_payment_pay_by_code(tx, &child, &order, auth_code, &payment));
}

/* The notification of row `id` is sent and answered with `status`. */
static void tell(int64_t id, int status, int64_t next_due_ms)
{
    struct fz_notification sent = {0};
    assert_booked(fz_notification_by_row(tx, id, &sent));
    struct fz_attempt attempt = {.kind = FZ_ATTEMPT_TRUE,
                                 .time_ms = now_ms,
                                 .headers = "",
                                 .body = "{}",
                                 .status = status,
                                 .answer_headers = "",
                                 .answer_body = ""};
    struct fz_notification_outcome outcome = {.sent = &sent,
                                              .attempts = &attempt,
                                              .count = 1,
                                              .delivered = status / 100 == 2,
                                              .next_due_ms = next_due_ms};
    assert_booked(fz_notification_conclude(tx, &outcome));
}

static void wait_until(int day, int64_t time_of_day_ms)
{
    wait_ms(fz_day_start_ms(day) + time_of_day_ms - now_ms);
}

/* ---- Monday, 2026-01-05: converted and paid out ---- */

static void tell_sales(void)
{
    struct fz_order_request abroad = {.currency = "USD", .amount = 3000};
    struct fz_order_request mixed = {.currency = "USD",
                                     .amount = 2000,
                                     .payer_currency = "CNY",
                                     .payment_rate = 640000000,
                                     .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "3", 700}};
    struct fz_payment sale = SELL(&child, "SALE", false, .notify_url = URL);
    struct fz_payment card = SELL(&sibling, "CARD", false, .payer_kind = FZ_PAYER_CREDIT);
    struct fz_payment priced = sell(&child, "ABROAD", false, abroad);
    struct fz_payment in_cny = sell(&child, "MIXED", false, mixed);
    (void)SELL(&merchant, "LARGE", false, .amount = 1000000);
    (void)give_back(&child, &sale, "SALE-BACK", 5000, 0, URL);
    struct fz_refund closed = give_back(&sibling, &card, "CARD-CLOSED", 2000, 0, URL);
    (void)give_back(&child, &priced, "ABROAD-BACK", 300, 0, NULL);
    (void)give_back(&child, &in_cny, "MIXED-BACK", 2000, 0, NULL);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
}

/* SHARED is what docs/book.md calculates with. */
static void tell_distributions(void)
{
    struct fz_payment shared = SELL(&child, "SHARED", true), failed = SELL(&child, "FAILED", true);
    struct fz_payment ended = SELL(&child, "ENDED", true), freed = SELL(&merchant, "FREED", true);
    wait_ms(5 * FZ_MINUTE_MS);
    share(&child, &shared, "SHARE", 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    share(&child, &failed, "FAIL", 1500, 500, false);
    share(&child, &ended, "END", 1500, 0, true);
    share(&merchant, &freed, "FREE", 0, 0, true);
    assert_booked(fz_receiver_penalise(tx, RECEIVER, NULL, NULL, true));
    wait_ms(FZ_MINUTE_MS);
    assert_booked(fz_receiver_penalise(tx, RECEIVER, NULL, NULL, false));
    (void)give_back(&child, &shared, "SHARED-BACK", 6000, 1030, NULL);
}

static void tell_vouchers(void)
{
    struct fz_order_request discount = {.coupon = {FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "1", 500}};
    struct fz_order_request coupon = {.coupon = {FZ_COUPON_COUPON, FZ_SCOPE_GLOBAL, "2", 400}};
    struct fz_order_request foreign = {.payer_currency = "HKD",
                                       .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "3", 1000}};
    struct fz_payment less = sell(&child, "DISCOUNT", true, discount);
    struct fz_payment gift = sell(&sibling, "COUPON", true, coupon);
    struct fz_payment payer = sell(&child, "HKD", true, foreign);
    struct fz_refund closed = give_back(&child, &less, "DISCOUNT-CLOSED", 3333, 0, NULL);
    (void)give_back(&child, &less, "DISCOUNT-BACK", 2000, 0, NULL);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    struct fz_refund abnormal = give_back(&sibling, &gift, "COUPON-STUCK", 2500, 0, URL);
    assert_int_equal(outcome(&abnormal, FZ_REFUND_ABNORMAL), FZ_OK);
    abnormal = give_back(&sibling, &gift, "COUPON-LATE", 2500, 0, URL);
    assert_int_equal(outcome(&abnormal, FZ_REFUND_ABNORMAL), FZ_OK);
    assert_int_equal(outcome(&abnormal, FZ_REFUND_SUCCESS), FZ_OK);
    (void)give_back(&child, &payer, "HKD-BACK", 5000, 0, NULL);
}

static void tell_recharged(void)
{
    recharge(INSTITUTION, 5000);
    recharge(DIRECT, 20000);
    struct fz_payment topped = SELL(&child, "TOPPED", true);
    struct fz_refund closed = give_back_recharged(&topped, "TOPPED-CLOSED", 3000);
    (void)give_back_recharged(&topped, "TOPPED-BACK", 1000);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
}

/* Paid by code, at once or after the password; reversed, or not. */
static void tell_codes(void)
{
    pay_by_code("CODE", 10000, false);
    pay_by_code("REVERSED", 10000, true);
    pay_by_code("ASKED", 400000, false);
    pay_by_code("UNDONE", 400000, false);
    assert_booked(fz_payment_reverse(tx, &child, NULL, "REVERSED"));
    assert_booked(fz_payment_reverse(tx, &child, NULL, "UNDONE"));
}

/* Two refunds that come back a day later: one from the day's sales, one from the advance balance. */
static struct fz_refund late[2];

static void tell_late_refunds(void)
{
    static const char *const orders[] = {"CARD", "ENDED"};
    const struct fz_party *parties[] = {&sibling, &child};
    for (int i = 0; i < 2; i++) {
        struct fz_payment payment;
        assert_booked(fz_payment_by_number_alone(tx, orders[i], &payment));
        late[i] = give_back(parties[i], &payment, i == 0 ? "CARD-LATE" : "ENDED-LATE", 1000,
                            i == 0 ? 0 : 1000, NULL);
        assert_int_equal(outcome(&late[i], FZ_REFUND_ABNORMAL), FZ_OK);
    }
}

/* SALE's is delivered, SALE-BACK's has failed for good, the rest waits. */
static void tell_notifications(void)
{
    int64_t sale = told_number("SELECT id FROM notification WHERE kind = 1");
    int64_t back = told_number("SELECT id FROM notification WHERE kind = 2 AND out_refund_no = 'SALE-BACK'");
    tell(sale, 500, now_ms);
    tell(sale, 200, 0);
    tell(back, 0, 0);
}

/* ---- Tuesday: paid out; Wednesday: under way ---- */

static void tell_tuesday(void)
{
    struct fz_payment freed;
    (void)SELL(&merchant, "LARGE-2", false, .amount = 1000000);
    (void)SELL(&child, "SALE-2", false, .amount = 10000);
    freed = SELL(&merchant, "FREED-2", true);
    wait_ms(5 * FZ_MINUTE_MS);
    share(&merchant, &freed, "FREE-2", 0, 0, true);
    wait_ms(FZ_MINUTE_MS);
    for (int i = 0; i < 2; i++)
        assert_int_equal(outcome(&late[i], FZ_REFUND_CLOSED), FZ_OK);
}

static void tell_wednesday(void)
{
    struct fz_payment open, sale = SELL(&child, "SALE-3", false);
    struct fz_payment under_way = SELL(&child, "HALFWAY", true), freed = SELL(&merchant, "FREED-3", true);
    struct fz_order_request unpaid = {.out_trade_no = "OPEN", .amount = 10000};
    assert_booked(fz_payment_place(tx, &child, &unpaid, &open));
    unpaid.out_trade_no = "SHUT";
    assert_booked(fz_payment_place(tx, &child, &unpaid, &open));
    assert_booked(fz_payment_close(tx, &child, NULL, "SHUT"));
    wait_ms(5 * FZ_MINUTE_MS);
    share(&merchant, &freed, "FREE-3", 0, 0, true);
    wait_ms(FZ_MINUTE_MS);
    (void)SELL(&child, "FREEZING", true);
    share(&child, &under_way, "WAY", 800, 200, false);
    (void)give_back(&child, &under_way, "WAY-BACK", 1000, 0, NULL);
    (void)give_back(&child, &sale, "SALE-3-BACK", 1000, 0, NULL);
}

/* Numbers that the book draws by itself get the names of what they belong to. */
static void name_the_rest(void)
{
    spoil("UPDATE distribution SET order_id = COALESCE(out_order_no, 'RELEASE');"
          "UPDATE notification SET event_id = 'TOLD-' || COALESCE(out_refund_no, out_trade_no)"
          " || CASE WHEN kind = 4 THEN '-ABNORMAL' ELSE '' END;"
          "UPDATE refund SET refund_id = out_trade_no || '-BACK' WHERE out_trade_no = 'REVERSED';"
          "UPDATE payment SET transaction_id = out_trade_no WHERE transaction_id IS NOT NULL;"
          "UPDATE refund SET transaction_id = out_trade_no;");
}

static void tell_story(void)
{
    int monday = fz_day_of(MONDAY_10_MS);
    set_terms(INSTITUTION, "USD");
    set_terms(DIRECT, "CNY");
    child = institution();
    sibling = other_institution();
    merchant = direct();
    effective(&child, RECEIVER);
    tell_sales();
    tell_distributions();
    tell_vouchers();
    tell_recharged();
    tell_codes();
    tell_late_refunds();
    wait_ms(FZ_HOUR_MS);
    tell_notifications();
    wait_until(monday + 1, 12 * FZ_HOUR_MS);
    tell_tuesday();
    wait_until(monday + 2, 12 * FZ_HOUR_MS);
    tell_wednesday();
    name_the_rest();
}

/* ---- spoiling ---- */

static void copy(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    assert_non_null(backup);
    assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    assert_int_equal(sqlite3_backup_finish(backup), SQLITE_OK);
}

int audited_begin(void **state)
{
    if (sandbox_new(state) != 0 || sqlite3_open(sandbox_path(), &book) != SQLITE_OK ||
        sqlite3_open(":memory:", &kept) != SQLITE_OK)
        return -1;
    sqlite3_busy_timeout(book, 10000);
    /* What the engine guards is taken off its hands: the audit has to see it by itself. */
    spoil("PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF");
    tell_story();
    copy(kept, book);
    return 0;
}

int audited_end(void **state)
{
    sqlite3_close(kept);
    sqlite3_close(book);
    return sandbox_remove(state);
}

int spoil(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (sqlite3_exec(book, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(book));
    sqlite3_free(sql);
    return sqlite3_changes(book);
}

void mend(void)
{
    copy(book, kept);
}

static sqlite3_stmt *query(const char *sql)
{
    sqlite3_stmt *rows;
    if (sqlite3_prepare_v2(book, sql, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(book));
    return rows;
}

void each_row(const char *table, const char *where, const char *argument,
              void (*each)(const char *table, const char *argument, int64_t row))
{
    char sql[200];
    int64_t numbers[1000];
    size_t count = 0;
    (void)snprintf(sql, sizeof sql, "SELECT rowid FROM %s WHERE %s", table, where);
    sqlite3_stmt *rows = query(sql);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        assert_true(count < sizeof numbers / sizeof numbers[0]);
        numbers[count++] = sqlite3_column_int64(rows, 0);
    }
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        each(table, argument, numbers[i]);
}

size_t integer_columns(const char *table, char names[50][40])
{
    char sql[100];
    size_t count = 0;
    (void)snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s') WHERE type = 'INTEGER'", table);
    sqlite3_stmt *rows = query(sql);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        assert_true(count < 50);
        (void)snprintf(names[count++], sizeof names[0], "%s", (const char *)sqlite3_column_text(rows, 0));
    }
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    return count;
}

int64_t told_number(const char *sql)
{
    sqlite3_stmt *row = query(sql);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t number_found = sqlite3_column_int64(row, 0);
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    return number_found;
}

/* ---- finding ---- */

#define LINES_SIZE (FZ_AUDIT_FINDINGS_MAX * sizeof((struct fz_audit){0}.list[0]))

static enum fz_result read_now(void *by, fz_work work, void *argument)
{
    return work(by, argument);
}

static enum fz_result pass_now(void *by, int64_t *out)
{
    (void)by;
    *out = now_ms + 1;
    return FZ_OK;
}

static bool has(const struct fz_audit *audit, const char *what)
{
    for (int64_t i = 0; i < audit->findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        if (strcmp(audit->list[i].what, what) == 0)
            return true;
    return false;
}

static enum fz_result audit_in_slices(struct fz_tx *tx, struct fz_audit *out)
{
    const struct fz_audit_reading reading = {.read = read_now, .pass = pass_now, .by = tx, .size = 3};
    return fz_audit_in_slices(&reading, out);
}

/* In slices of three rows it is sound or not as it is in one snapshot, and what that finds first is found. Some faults are told of with more, or
 * other, consequences: what is the first to differ, another part may meet before. */
static void assert_same_in_slices(const struct fz_audit *audit)
{
    struct fz_audit other;
    assert_booked(audit_in_slices(tx, &other));
    assert_int_equal(other.findings > 0, audit->findings > 0);
    assert_true(audit->findings == 0 || other.findings > FZ_AUDIT_FINDINGS_MAX || has(&other, audit->list[0].what));
    if (audit->findings == 0)
        assert_true(other.held == audit->held && other.paid_in == audit->paid_in);
    assert_int_equal(other.entries, audit->entries);
    assert_int_equal(other.postings, audit->postings);
    assert_int_equal(other.payments, audit->payments);
    assert_int_equal(other.distributions, audit->distributions);
    assert_int_equal(other.slices, audit->slices);
    assert_int_equal(other.refunds, audit->refunds);
    assert_int_equal(other.pools, audit->pools);
}

struct fz_audit audited(void)
{
    struct fz_audit audit;
    assert_booked(fz_audit(tx, &audit));
    assert_same_in_slices(&audit);
    return audit;
}

static void find(char lines[LINES_SIZE])
{
    struct fz_audit audit = audited();
    lines[0] = '\0';
    for (int64_t i = 0; i < audit.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        (void)snprintf(lines + strlen(lines), LINES_SIZE - strlen(lines), "%s%s", i == 0 ? "" : "\n",
                       audit.list[i].what);
}

bool is_found(const char *line)
{
    struct fz_audit audit = audited();
    for (int64_t i = 0; i < audit.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        if (strcmp(audit.list[i].what, line) == 0)
            return true;
    return false;
}

void assert_sound(void)
{
    char lines[LINES_SIZE];
    find(lines);
    assert_string_equal(lines, "");
}

void assert_plants(const struct plant *plants, size_t count)
{
    size_t wrong = 0;
    assert_sound();
    for (size_t i = 0; i < count; i++) {
        char lines[LINES_SIZE];
        spoil("%s", plants[i].sql);
        find(lines);
        mend();
        if (strcmp(lines, plants[i].found) == 0)
            continue;
        print_error("%s\nis to be found as\n%s\nand is found as\n%s\n", plants[i].sql, plants[i].found,
                    lines);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_sound();
}
