/* Orders and refunds of the sandbox. */
#include "unit/book/refunds.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "book/refund/recharged.h"

static int numbers; /* given out so far */

struct fz_party other_institution(void)
{
    struct fz_party party;
    assert_booked(fz_party_find(tx, INSTITUTION, OTHER_CHILD, &party));
    return party;
}

void set_terms(const char *mchid, const char *currency)
{
    struct fz_merchant merchant;
    assert_booked(fz_merchant_find(tx, mchid, &merchant));
    merchant.distribution_ratio = 10000;
    strcpy(merchant.settlement_currency, currency);
    assert_booked(fz_merchant_change(tx, &merchant));
}

void wait_ms(int64_t ms)
{
    pass(now_ms + ms);
}

static struct fz_payment place(const struct fz_party *party, bool marked,
                               const struct fz_order_request *asked)
{
    struct fz_order_request placed = asked == NULL ? (struct fz_order_request){0} : *asked;
    char out_trade_no[32];
    snprintf(out_trade_no, sizeof out_trade_no, "ORDER%06d", ++numbers);
    placed.out_trade_no = out_trade_no;
    placed.amount = placed.amount == 0 ? 10000 : placed.amount;
    struct fz_payment payment;
    if (marked)
        assert_booked(fz_payment_mark(tx, party, out_trade_no, "CNY"));
    assert_booked(fz_payment_place(tx, party, &placed, &payment));
    return payment;
}

struct fz_payment bought(const struct fz_party *party, bool marked, const struct fz_order_request *asked)
{
    struct fz_payment payment = place(party, marked, asked);
    assert_booked(fz_rail_paid(tx, &payment, 0));
    return payment;
}

struct fz_payment unpaid(const struct fz_party *party)
{
    return place(party, false, NULL);
}

void distribute(const struct fz_party *party, const struct fz_payment *payment, int64_t to_receiver,
                int64_t to_sponsor, bool unfreeze)
{
    char out_order_no[32];
    snprintf(out_order_no, sizeof out_order_no, "SHARE%06d", ++numbers);
    struct fz_distribution_request asked = request(payment, out_order_no, unfreeze);
    if (to_receiver > 0)
        add_slice(&asked, RECEIVER, to_receiver);
    if (to_sponsor > 0)
        add_slice(&asked, party->caller, to_sponsor);
    struct fz_distribution distribution;
    assert_booked(fz_distribution_submit(tx, party, &asked, &distribution));
}

struct fz_refund_request refund_request(const struct fz_payment *payment, int64_t gross)
{
    static char names[64][32];
    char *name = names[++numbers % 64];
    snprintf(name, sizeof names[0], "REFUND%06d", numbers);
    struct fz_refund_request asked = {.transaction_id = payment->transaction_id,
                                      .out_refund_no = name,
                                      .source = FZ_SOURCE_UNSETTLED,
                                      .refund = gross,
                                      .total = payment->amount,
                                      .currency = payment->currency};
    snprintf((char *)asked.digest, sizeof asked.digest, "%s", name);
    return asked;
}

struct fz_refund_request refund_request_from(const struct fz_payment *payment, int64_t gross, int64_t funds)
{
    struct fz_refund_request asked = refund_request(payment, gross);
    asked.has_from = true;
    asked.from_order = gross - funds;
    asked.from_funds = funds;
    return asked;
}

const char *submit(const struct fz_party *party, const struct fz_refund_request *asked, struct fz_refund *out)
{
    struct fz_refund made;
    enum fz_result result = BOOK(fz_refund_submit(tx, party, asked, &made));
    if (result == FZ_REFUSED)
        return fz_row_text(error.row)->name;
    assert_int_equal(result, FZ_OK);
    if (out != NULL)
        *out = made;
    return "NONE";
}

struct fz_refund refunded(const struct fz_party *party, const struct fz_payment *payment, int64_t gross,
                          int64_t funds)
{
    struct fz_refund_request asked =
        funds == 0 ? refund_request(payment, gross) : refund_request_from(payment, gross, funds);
    struct fz_refund made;
    assert_string_equal(submit(party, &asked, &made), "NONE");
    return made;
}

struct fz_refund refunded_recharged(const struct fz_party *party, const struct fz_payment *payment,
                                    int64_t gross)
{
    struct fz_refund out;
    struct fz_refund_request request = refund_request(payment, gross);
    request.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(party, &request, &out), "NONE");
    return out;
}

static enum fz_result pay_in(struct fz_tx *tx, const char *mchid, int64_t amount)
{
    struct fz_merchant merchant;
    int64_t balance;
    enum fz_result result = fz_merchant_find(tx, mchid, &merchant);
    return result == FZ_OK ? fz_rail_recharged(tx, &merchant, amount, &balance) : result;
}

void recharge(const char *mchid, int64_t amount)
{
    assert_booked(pay_in(tx, mchid, amount));
}

int64_t recharged(const char *mchid, const char *currency)
{
    int64_t out = -1;
    assert_booked(fz_recharged_balance(tx, mchid, currency, &out));
    return out;
}

struct fz_refund refund_now(const struct fz_refund *known)
{
    struct fz_refund now;
    assert_booked(fz_refund_find(tx, known->refund_id, &now));
    return now;
}

enum fz_result outcome(const struct fz_refund *decided, enum fz_refund_state state)
{
    struct fz_refund_outcome became = {.state = state};
    return BOOK(fz_rail_refunded(tx, decided->id, &became));
}

static sqlite3 *open_outside(void)
{
    sqlite3 *book;
    assert_int_equal(sqlite3_open(sandbox_path(), &book), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(book, 10000), SQLITE_OK);
    return book;
}

void outside(const char *sql)
{
    sqlite3 *book = open_outside();
    if (sqlite3_exec(book, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(book));
    assert_int_equal(sqlite3_close(book), SQLITE_OK);
}

int64_t outside_number(const char *sql)
{
    sqlite3 *book = open_outside();
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(book, sql, -1, &row, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(book));
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t number_found = sqlite3_column_int64(row, 0);
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    assert_int_equal(sqlite3_close(book), SQLITE_OK);
    return number_found;
}
