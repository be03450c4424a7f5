/* Two processes, 32 writers each, on a handful of orders and one pool: nobody waits for somebody who waits for him, and no fen is lost. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "book/audit/audit.h"
#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "unit/store/postgres/shared.h"

#define INSTITUTION "1900000100"
#define CHILD       "1900000109"
#define ORDERS      5
#define WRITERS     32
#define TURNS       12
#define AMOUNT      1000

static struct shared book;

static int open_book(void **state)
{
    (void)state;
    shared_open(&book, "crowd", (struct fz_store_options){0});
    return 0;
}

static int close_book(void **state)
{
    (void)state;
    shared_close(&book);
    return 0;
}

static enum fz_result place(struct fz_tx *tx, const struct fz_party *party, const char *out_trade_no)
{
    struct fz_payment payment;
    struct fz_order_request request = {
        .out_trade_no = out_trade_no, .trade_type = "NATIVE", .description = "crowd", .amount = AMOUNT, .currency = "CNY"};
    enum fz_result result = fz_payment_place(tx, party, &request, &payment);
    return result == FZ_OK ? fz_rail_paid(tx, &payment, FZ_PAYER_BALANCE) : result;
}

static enum fz_result begin(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_party party;
    struct fz_merchant merchant = {.mchid = INSTITUTION, .kind = FZ_MERCHANT_INSTITUTION, .fee_rate = 60, .settlement_currency = "USD"};
    struct fz_merchant child = {.mchid = CHILD,
                                .kind = FZ_MERCHANT_SUB,
                                .parent = INSTITUTION,
                                .contract_day = FZ_NO_DAY,
                                .fee_rate = FZ_INHERIT,
                                .distribution_ratio = FZ_INHERIT};
    enum fz_result result = fz_merchant_add(tx, &merchant);
    if (result == FZ_OK)
        result = fz_merchant_add(tx, &child);
    if (result == FZ_OK)
        result = fz_party_find(tx, INSTITUTION, CHILD, &party);
    for (int i = 0; i < ORDERS && result == FZ_OK; i++) {
        char number[16];
        snprintf(number, sizeof number, "C%d", i);
        result = place(tx, &party, number);
    }
    return result;
}

/* What a writer does in a turn: a refund of one of the orders, and what became of it, or another sale. */
struct turn {
    int process, writer, turn;
    int64_t refund;
    enum fz_refund_state state;
};

static enum fz_result refund_or_sell(struct fz_tx *tx, void *argument)
{
    struct turn *turn = argument;
    char number[64], order[16];
    struct fz_party party;
    struct fz_refund refund;
    snprintf(number, sizeof number, "P%dW%dT%d", turn->process, turn->writer, turn->turn);
    snprintf(order, sizeof order, "C%d", (turn->writer * 7 + turn->turn) % ORDERS);
    turn->refund = 0;
    enum fz_result result = fz_party_find(tx, INSTITUTION, CHILD, &party);
    if (result != FZ_OK || turn->turn % 4 == 3)
        return result == FZ_OK ? place(tx, &party, number) : result;
    struct fz_refund_request request = {.out_trade_no = order,
                                        .out_refund_no = number,
                                        .source = FZ_SOURCE_UNSETTLED,
                                        .refund = 3 + turn->writer * 5 % 70,
                                        .total = AMOUNT,
                                        .currency = "CNY"};
    result = fz_refund_submit(tx, &party, &request, &refund);
    if (result == FZ_OK)
        turn->refund = refund.id;
    return result;
}

static void ask(struct fz_tx *tx, void *argument)
{
    const struct turn *turn = argument;
    char number[64], order[16];
    snprintf(number, sizeof number, "P%dW%dT%d", turn->process, turn->writer, turn->turn);
    snprintf(order, sizeof order, "C%d", (turn->writer * 7 + turn->turn) % ORDERS);
    struct fz_refund_request request = {.out_trade_no = order, .out_refund_no = number};
    fz_merchant_ask(tx, INSTITUTION, CHILD);
    if (turn->turn % 4 != 3)
        fz_refund_submit_ask(tx, INSTITUTION, CHILD, &request);
}

static enum fz_result decide(struct fz_tx *tx, void *argument)
{
    const struct turn *turn = argument;
    return fz_rail_refunded(tx, turn->refund, &(const struct fz_refund_outcome){.state = turn->state});
}

struct writer {
    pthread_t thread;
    struct fz_store *store;
    int process, number, failed;
};

/* A write that is waited for. */
struct waiting {
    struct fz_write write;
    enum fz_result result;
    sem_t ended;
};

static void wake(struct fz_write *write, enum fz_result result)
{
    struct waiting *waiting = (struct waiting *)write; /* its first member */
    waiting->result = result;
    sem_post(&waiting->ended);
}

static enum fz_result write_one(struct fz_store *store, fz_work work, fz_ahead ahead, struct turn *turn)
{
    struct fz_error error;
    struct waiting waiting = {.write = {.work = work, .ahead = ahead, .argument = turn, .error = &error, .done = wake}};
    sem_init(&waiting.ended, 0, 0);
    if (fz_store_submit(store, &waiting.write) != FZ_OK)
        return FZ_FULL;
    while (sem_wait(&waiting.ended) != 0)
        continue;
    sem_destroy(&waiting.ended);
    if (waiting.result != FZ_OK && waiting.result != FZ_REFUSED)
        fprintf(stderr, "P%dW%dT%d: %d %s\n", turn->process, turn->writer, turn->turn, (int)waiting.result, error.issue);
    return waiting.result;
}

/* Most refunds are closed again, so there is always something to refund. */
static void *run_writer(void *argument)
{
    struct writer *writer = argument;
    for (int i = 0; i < TURNS; i++) {
        struct turn turn = {.process = writer->process, .writer = writer->number, .turn = i};
        turn.state = i % 5 == 0 ? FZ_REFUND_SUCCESS : FZ_REFUND_CLOSED;
        enum fz_result result = write_one(writer->store, refund_or_sell, ask, &turn);
        if (result == FZ_OK && turn.refund != 0)
            result = write_one(writer->store, decide, NULL, &turn);
        writer->failed += result != FZ_OK && result != FZ_REFUSED;
    }
    return NULL;
}

/* In a process of its own; its exit status. */
static int run_process(int number)
{
    static struct writer writers[WRITERS];
    char why[512], address[256];
    struct fz_world *world = fz_world_new(true, 1, NULL);
    snprintf(address, sizeof address, "%s&dbname=crowd", getenv("FENZHANG_POSTGRES"));
    struct fz_store_options options = {.path = address, .world = world, .writers = WRITERS};
    struct fz_store *store;
    int failed = 0;
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK)
        return 2;
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.store = store, .process = number, .number = i};
        if (pthread_create(&writers[i].thread, NULL, run_writer, &writers[i]) != 0)
            return 2;
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        failed += writers[i].failed;
    }
    fz_store_close(store);
    fz_world_free(world);
    return failed != 0;
}

static enum fz_result audit(struct fz_tx *tx, void *out)
{
    return fz_audit(tx, out);
}

/* Audits the book in slices of a few rows, again and again until the process has ended; how often. */
static int audits_beside(pid_t process)
{
    struct fz_reader *reader;
    struct fz_error error = {0};
    int audits = 0;
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    for (siginfo_t ended = {0}; ended.si_pid == 0; audits++) {
        struct fz_audit found;
        assert_int_equal(fz_audit_beside(reader, 7, &found, &error), FZ_OK);
        for (int64_t i = 0; i < found.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
            print_error("audit beside the writers: %s\n", found.list[i].what);
        assert_int_equal(found.findings, 0);
        assert_int_equal(waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    }
    fz_reader_close(reader);
    return audits;
}

static void writers_on_few_orders_never_lock_each_other_out(void **state)
{
    (void)state;
    pid_t processes[2];
    struct fz_audit found = {.findings = -1};
    assert_int_equal(fz_store_write(book.store, begin, NULL, NULL), FZ_OK);
    for (int i = 0; i < 2; i++) {
        processes[i] = fork();
        if (processes[i] == 0)
            _exit(run_process(i));
    }
    int audits = audits_beside(processes[0]);
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(processes[i], &status, 0), processes[i]);
        assert_int_equal(status, 0);
    }
    assert_true(audits > 0);
    assert_int_equal(fz_store_write(book.store, audit, &found, NULL), FZ_OK);
    for (int64_t i = 0; i < found.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        print_error("audit: %s\n", found.list[i].what);
    assert_int_equal(found.findings, 0);
    assert_int_equal(found.payments, ORDERS + 2 * WRITERS * (TURNS / 4));
    assert_true(found.refunds > 2 * WRITERS);
    assert_int_equal(shared_number(&book, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writers_on_few_orders_never_lock_each_other_out, open_book, close_book),
    };
    return cmocka_run_group_tests_name("book/refund/crowd", tests, NULL, NULL);
}
