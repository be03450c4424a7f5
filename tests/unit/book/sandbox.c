/* The sandbox of these tests. */
#include "unit/book/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <semaphore.h>

#include "book/audit/audit.h"
#include "book/due/due.h"
#include "book/order/rail.h"
#include "book/receiver/rail.h"
#include "book/settlement/pool.h"

int64_t now_ms;
struct fz_error error;

static char directory[64], path[sizeof directory + 16];
static struct fz_world *world;
static struct fz_store *store;

/* The hand-over between the store's writer and the test: while the test has the transaction, the writer
 * waits. */
static struct {
    struct fz_write write;
    struct fz_tx *tx;
    sem_t given, taken_back, ended;
    enum fz_result result;
    bool open;
} hand;

static enum fz_result lend(struct fz_tx *tx, void *argument)
{
    (void)argument;
    hand.tx = tx;
    sem_post(&hand.given);
    sem_wait(&hand.taken_back);
    return hand.result;
}

static void finish(struct fz_write *write, enum fz_result result)
{
    (void)write;
    hand.result = result;
    sem_post(&hand.ended);
}

struct fz_tx *sandbox_begin(void)
{
    hand.write = (struct fz_write){.work = lend, .error = &error, .done = finish};
    assert_int_equal(fz_store_submit(store, &hand.write), FZ_OK);
    sem_wait(&hand.given);
    hand.open = true;
    hand.tx->now_ms = now_ms;
    return hand.tx;
}

enum fz_result sandbox_end(enum fz_result result)
{
    hand.result = result;
    sem_post(&hand.taken_back);
    sem_wait(&hand.ended);
    hand.open = false;
    return hand.result;
}

static void add_merchants(void)
{
    struct fz_merchant merchant = {.mchid = INSTITUTION,
                                   .kind = FZ_MERCHANT_INSTITUTION,
                                   .fee_rate = 60,
                                   .settlement_currency = "USD",
                                   .distribution_ratio = 3000};
    assert_int_equal(fz_parse_day("2026-01-01", &merchant.contract_day), FZ_OK);
    assert_booked(fz_merchant_add(tx, &merchant));
    struct fz_merchant child = {.mchid = CHILD,
                                .kind = FZ_MERCHANT_SUB,
                                .parent = INSTITUTION,
                                .contract_day = FZ_NO_DAY,
                                .fee_rate = FZ_INHERIT,
                                .distribution_ratio = FZ_INHERIT};
    assert_booked(fz_merchant_add(tx, &child));
    strcpy(child.mchid, OTHER_CHILD);
    assert_booked(fz_merchant_add(tx, &child));
    merchant.kind = FZ_MERCHANT_DIRECT;
    merchant.fee_rate = 100;
    strcpy(merchant.mchid, DIRECT);
    strcpy(merchant.settlement_currency, "HKD");
    assert_booked(fz_merchant_add(tx, &merchant));
}

int sandbox_new(void **state)
{
    (void)state;
    static const unsigned char secret[32];
    strcpy(directory, "/tmp/fenzhang-book-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    char why[256];
    snprintf(path, sizeof path, "%s/book.db", directory);
    world = fz_world_new(true, 1, secret);
    struct fz_store_options options = {.path = path, .world = world};
    if (world == NULL || fz_store_open(&options, &store, why, sizeof why) != FZ_OK)
        return -1;
    sem_init(&hand.given, 0, 0);
    sem_init(&hand.taken_back, 0, 0);
    sem_init(&hand.ended, 0, 0);
    now_ms = MONDAY_10_MS;
    add_merchants();
    return 0;
}

struct fz_store *sandbox_store(void)
{
    return store;
}

const char *sandbox_path(void)
{
    return path;
}

int sandbox_remove(void **state)
{
    (void)state;
    if (hand.open)
        sandbox_end(FZ_ABSENT);
    fz_store_close(store);
    fz_world_free(world);
    char command[sizeof directory + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

int sandbox_audit_and_remove(void **state)
{
    struct fz_audit audit = {.findings = -1};
    enum fz_result result = hand.open ? FZ_FAILED : BOOK(fz_audit(tx, &audit));
    for (int64_t i = 0; i < audit.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        print_error("audit: %s\n", audit.list[i].what);
    return sandbox_remove(state) != 0 || result != FZ_OK || audit.findings != 0;
}

static struct fz_party party(const char *caller, const char *sub_mchid)
{
    struct fz_party out;
    assert_booked(fz_party_find(tx, caller, sub_mchid, &out));
    return out;
}

struct fz_party institution(void)
{
    return party(INSTITUTION, CHILD);
}

struct fz_party direct(void)
{
    return party(DIRECT, NULL);
}

void pass(int64_t until_ms)
{
    int64_t ran = 1, book_ms;
    while (ran > 0)
        assert_booked(fz_event_run(tx, until_ms, now_ms, 100, &ran, &book_ms));
    now_ms = until_ms;
}

struct fz_payment paid(const struct fz_party *party, const char *out_trade_no, int64_t amount, bool marked)
{
    struct fz_order_request order = {.out_trade_no = out_trade_no, .amount = amount};
    struct fz_payment payment;
    if (marked)
        assert_booked(fz_payment_mark(tx, party, out_trade_no, "CNY"));
    assert_booked(fz_payment_place(tx, party, &order, &payment));
    assert_booked(fz_rail_paid(tx, &payment, 0));
    return payment;
}

struct fz_payment frozen(const struct fz_party *party, const char *out_trade_no, int64_t amount)
{
    struct fz_payment payment = paid(party, out_trade_no, amount, true);
    pass(now_ms + 5 * FZ_MINUTE_MS);
    return payment_now(payment.id);
}

struct fz_payment payment_now(int64_t id)
{
    struct fz_payment payment;
    assert_booked(fz_payment_by_row(tx, id, &payment));
    return payment;
}

void effective(const struct fz_party *party, const char *account)
{
    struct fz_receiver receiver = {.type = "MERCHANT_ID", .relation_type = "SUPPLIER", .expected_ratio = -1};
    strcpy(receiver.caller, party->caller);
    strcpy(receiver.sub_mchid, party->sub_mchid);
    snprintf(receiver.account, sizeof receiver.account, "%s", account);
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_booked(fz_rail_receiver_audited(tx, receiver.id, PASSED));
}

struct fz_distribution_request request(const struct fz_payment *payment, const char *out_order_no,
                                       bool unfreeze_unsplit)
{
    struct fz_distribution_request out = {.transaction_id = payment->transaction_id,
                                          .out_order_no = out_order_no,
                                          .unfreeze_unsplit = unfreeze_unsplit};
    snprintf((char *)out.digest, sizeof out.digest, "%s", out_order_no);
    return out;
}

void add_slice(struct fz_distribution_request *out, const char *account, int64_t amount)
{
    out->slices[out->count++] = (struct fz_slice_request){
        .type = "MERCHANT_ID", .account = account, .description = "a part", .amount = amount};
}

/* ---- looking into the book ---- */

FZ_STATEMENT(sandbox_balance,
             "SELECT CAST(COALESCE(SUM(amount), 0) AS FZ_INT) FROM posting"
             " WHERE account = $1 AND ($2 = 0 OR payment = $2)",
             "ii", "i");
FZ_STATEMENT(sandbox_due, "SELECT due_ms FROM event WHERE kind = $1 AND subject = $2", "ii", "i");

static enum fz_result read_number(struct fz_tx *tx, const struct fz_statement *statement,
                                  const struct fz_value *values, size_t count, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, statement, values, count, &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result;
}

int64_t balance(enum fz_account account, int64_t payment)
{
    int64_t out = 0;
    assert_booked(read_number(tx, &sandbox_balance, FZ_VALUES(FZ_I(account), FZ_I(payment)), &out));
    return out;
}

int64_t pool(const char *sponsor, int kind)
{
    int64_t out = 0;
    assert_booked(fz_pool_balance(tx, sponsor, (enum fz_pool_kind)kind, &out));
    return out;
}

int64_t due(enum fz_event_kind kind, int64_t subject)
{
    int64_t out = -1;
    enum fz_result result = BOOK(read_number(tx, &sandbox_due, FZ_VALUES(FZ_I(kind), FZ_I(subject)), &out));
    assert_true(result == FZ_OK || result == FZ_ABSENT);
    return out;
}

int64_t number(const struct fz_statement *statement)
{
    int64_t out = 0;
    assert_booked(read_number(tx, statement, NULL, 0, &out));
    return out;
}
