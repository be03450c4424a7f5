/* Figures of the book on PostgreSQL without HTTP and signatures:
 *   bench-postgres fill ADDRESS ORDERS INSTITUTIONS       paid orders, a part of them of each institution, in a new book
 *   bench-postgres refunds ADDRESS ORDERS INSTITUTIONS FIRST SECONDS WRITERS   accepts refunds, from the one numbered FIRST on, each of
 *                                                         another order than the one before: prints how many a second
 *   bench-postgres record ADDRESS ORDERS INSTITUTIONS FIRST   prints what one refund says to the server, for pgbench
 *   bench-postgres query ADDRESS ORDERS INSTITUTIONS FIRST SECONDS  reads a refund by the book and by a bare SELECT: prints µs of each */
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "book/clock.h"
#include "book/merchant/merchant.h"
#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "recorder.h"
#include "rounds.h"
#include "store/dialect.h"

#define PARTS          50 /* refunds an order may have */
#define PART_FEN       100
#define FILL_AT_ONCE   100
#define FIRST_MCHID    1910000000
#define FIRST_CHILD    1920000000
#define FIRST_NUMBER   4200000000000000000 /* of a transaction_id: + the order's number */
/* Rows of what is recorded: numbers that nothing else has, so that pgbench's own can stand in their places. */
#define FIRST_ORDER  6000000000
#define FIRST_REFUND 7100000000
#define FIRST_ENTRY  7200000000
#define FIRST_EVENT  7300000000

static struct fz_world *world;
static struct fz_store *store;
static int64_t orders, institutions = 1;

static void check(enum fz_result result, const char *what)
{
    if (result != FZ_OK) {
        fprintf(stderr, "bench: %s failed (%d)\n", what, (int)result);
        exit(1);
    }
}

static void open_book(const char *address, size_t writers)
{
    static const unsigned char secret[32] = "figures need no secret, just one";
    char why[512];
    world = fz_world_new(false, 0, secret);
    struct fz_store_options options = {.path = address, .world = world, .writers = writers};
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK) {
        fprintf(stderr, "bench: %s\n", why);
        exit(1);
    }
}

/* Order `number`, from 1 on, is of institution `number % institutions`. */
static void write_mchids(int64_t number, char caller[FZ_MCHID_SIZE], char child[FZ_MCHID_SIZE])
{
    snprintf(caller, FZ_MCHID_SIZE, "%lld", (long long)(FIRST_MCHID + number % institutions));
    snprintf(child, FZ_MCHID_SIZE, "%lld", (long long)(FIRST_CHILD + number % institutions));
}

static enum fz_result find_party(struct fz_tx *tx, int64_t number, struct fz_party *out)
{
    char caller[FZ_MCHID_SIZE], child[FZ_MCHID_SIZE];
    write_mchids(number, caller, child);
    return fz_party_find(tx, caller, child, out);
}

/* And the clock, without which a read takes the book for one that is being made anew. */
static enum fz_result add_merchants(struct fz_tx *tx, void *argument)
{
    (void)argument;
    enum fz_result result = fz_clock_store(tx, &(struct fz_clock_state){.book_ms = tx->now_ms, .wire_ms = tx->wire_ms});
    for (int64_t i = 0; i < institutions && result == FZ_OK; i++) {
        struct fz_merchant merchant = {.kind = FZ_MERCHANT_INSTITUTION, .fee_rate = 60, .settlement_currency = "USD", .distribution_ratio = 3000};
        struct fz_merchant child = {.kind = FZ_MERCHANT_SUB, .contract_day = FZ_NO_DAY, .fee_rate = FZ_INHERIT, .distribution_ratio = FZ_INHERIT};
        snprintf(merchant.mchid, sizeof merchant.mchid, "%lld", (long long)(FIRST_MCHID + i));
        snprintf(child.mchid, sizeof child.mchid, "%lld", (long long)(FIRST_CHILD + i));
        fz_copy(child.parent, sizeof child.parent, merchant.mchid);
        result = fz_merchant_add(tx, &merchant);
        if (result == FZ_OK)
            result = fz_merchant_add(tx, &child);
    }
    return result;
}

static enum fz_result make_order(struct fz_tx *tx, int64_t number)
{
    char out_trade_no[32], transaction_id[32];
    struct fz_party party;
    snprintf(out_trade_no, sizeof out_trade_no, "BENCH%lld", (long long)number);
    snprintf(transaction_id, sizeof transaction_id, "%lld", (long long)(FIRST_NUMBER + number));
    struct fz_order_request request = {.id = FIRST_ORDER + number,
                                       .out_trade_no = out_trade_no,
                                       .transaction_id = transaction_id,
                                       .trade_type = "NATIVE",
                                       .description = "bench",
                                       .amount = PARTS * PART_FEN,
                                       .currency = "CNY"};
    struct fz_payment payment;
    enum fz_result result = find_party(tx, number, &party);
    if (result == FZ_OK)
        result = fz_payment_mark(tx, &party, out_trade_no, "CNY");
    if (result == FZ_OK)
        result = fz_payment_place(tx, &party, &request, &payment);
    return result == FZ_OK ? fz_rail_paid(tx, &payment, FZ_PAYER_BALANCE) : result;
}

static enum fz_result make_orders(struct fz_tx *tx, void *argument)
{
    int64_t first = *(int64_t *)argument;
    enum fz_result result = FZ_OK;
    for (int64_t number = first; result == FZ_OK && number < first + FILL_AT_ONCE && number <= orders; number++)
        result = make_order(tx, number);
    return result;
}

static PGconn *connect_plainly(const char *address)
{
    PGconn *connection = PQconnectdb(address);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "bench: %s", PQerrorMessage(connection));
        exit(1);
    }
    return connection;
}

/* Its name, by which a process knows that it is the book that it was. */
static void give_name(const char *address)
{
    PGconn *connection = connect_plainly(address);
    PGresult *result = PQexec(connection, "INSERT INTO book (id, seeded, seed, demo, created_ms, story, name) VALUES (1, 0, 0, 0, 0, 0, 'bench')");
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "bench: %s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

static void fill(const char *address)
{
    give_name(address);
    check(fz_store_write(store, add_merchants, NULL, NULL), "adding institutions");
    for (int64_t first = 1; first <= orders; first += FILL_AT_ONCE)
        check(fz_store_write(store, make_orders, &first, NULL), "making orders");
}

/* ---- refunds ---- */

/* A write that accepts one refund and, when it is done, goes into the queue again. */
struct loop {
    struct fz_write write;
    struct fz_error error;
    int64_t refund; /* counted through all: part refund / orders of order refund % orders + 1 */
    struct fz_refund accepted;
};

static atomic_int_fast64_t next_refund;

struct texts {
    char out_refund_no[32], transaction_id[32];
};

static struct fz_refund_request request_of(const struct loop *loop, struct texts *texts)
{
    int64_t order = loop->refund % orders + 1;
    snprintf(texts->out_refund_no, sizeof texts->out_refund_no, "BENCH%lldR%lld", (long long)order, (long long)(loop->refund / orders));
    snprintf(texts->transaction_id, sizeof texts->transaction_id, "%lld", (long long)(FIRST_NUMBER + order));
    struct fz_refund_request request = {.transaction_id = texts->transaction_id,
                                        .out_refund_no = texts->out_refund_no,
                                        .source = FZ_SOURCE_UNSETTLED,
                                        .refund = PART_FEN,
                                        .total = PARTS * PART_FEN,
                                        .currency = "CNY"};
    memcpy(request.digest, &loop->refund, sizeof loop->refund);
    return request;
}

static enum fz_result refund_once(struct fz_tx *tx, void *argument)
{
    struct loop *loop = argument;
    struct fz_party party;
    struct texts texts;
    struct fz_refund_request request = request_of(loop, &texts);
    enum fz_result result = find_party(tx, loop->refund % orders + 1, &party);
    return result == FZ_OK ? fz_refund_submit(tx, &party, &request, &loop->accepted) : result;
}

static void ask(struct fz_tx *tx, void *argument)
{
    const struct loop *loop = argument;
    int64_t order = loop->refund % orders + 1;
    char caller[FZ_MCHID_SIZE], child[FZ_MCHID_SIZE];
    struct texts texts;
    struct fz_refund_request request = request_of(loop, &texts);
    write_mchids(order, caller, child);
    fz_merchant_ask(tx, caller, child);
    fz_refund_submit_ask(tx, caller, child, &request);
}

static void refund_done(struct fz_write *write, enum fz_result result)
{
    struct loop *loop = (struct loop *)write; /* its first member */
    if (result != FZ_OK)
        fprintf(stderr, "bench: refund %lld: %s\n", (long long)loop->refund, loop->error.issue);
    check(result, "a refund");
    loop->refund = atomic_fetch_add(&next_refund, 1);
    rounds_again(write);
}

/* As many waiting as there are writers; how many refunds were done. */
static int64_t submit_all(struct loop *loops, size_t count, double seconds)
{
    rounds_begin(store, seconds, count);
    for (size_t i = 0; i < count; i++) {
        loops[i].refund = atomic_fetch_add(&next_refund, 1);
        loops[i].write = (struct fz_write){.work = refund_once, .ahead = ask, .argument = &loops[i], .error = &loops[i].error, .done = refund_done};
        rounds_submit(&loops[i].write);
    }
    return rounds_wait();
}

static void refunds(double seconds, size_t writers)
{
    struct loop *loops = calloc(writers, sizeof *loops);
    if (loops == NULL)
        abort();
    (void)submit_all(loops, writers, 0.3); /* connections are made, statements prepared */
    int64_t begin_us = fz_ticks_us(), statements[2], messages[2];
    recorder_counts(&statements[0], &messages[0]);
    int64_t refunds_done = submit_all(loops, writers, seconds);
    recorder_counts(&statements[1], &messages[1]);
    printf("per_second=%.1f statements=%.2f messages=%.2f next=%lld\n", (double)refunds_done * 1e6 / (double)(fz_ticks_us() - begin_us),
           (double)(statements[1] - statements[0]) / (double)refunds_done, (double)(messages[1] - messages[0]) / (double)refunds_done,
           (long long)atomic_load(&next_refund));
    free(loops);
}

/* ---- one refund for pgbench ---- */

/* The book goes on with these row numbers. */
static void set_numbers(const char *address)
{
    char sql[400];
    PGconn *connection = connect_plainly(address);
    snprintf(sql, sizeof sql,
             "INSERT INTO numbering (name, next) VALUES ('refund', %lld), ('entry', %lld), ('event', %lld)"
             " ON CONFLICT (name) DO UPDATE SET next = excluded.next",
             (long long)FIRST_REFUND, (long long)FIRST_ENTRY, (long long)FIRST_EVENT);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "bench: %s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

#define LINES 8 /* of an entry */

static void record(void)
{
    struct loop loop = {0};
    for (int i = 0; i < 3; i++) { /* the last one has all prepared, and numbers at hand */
        loop.refund = atomic_fetch_add(&next_refund, 1);
        if (i == 2)
            recorder_begin();
        check(fz_store_write(store, refund_once, &loop, &loop.error), "a refund");
    }
    static char texts[4 + LINES][32], variables[LINES][16];
    const int64_t numbers[] = {loop.accepted.payment, loop.accepted.id, FIRST_ENTRY + 2, FIRST_EVENT + 2};
    static const char *const of[] = {"order", "refund", "refund", "refund"};
    struct recorder_name names[4 + LINES + 4] = {{loop.accepted.transaction_id, "transaction_id"},
                                                 {loop.accepted.refund_id, "refund"},
                                                 {loop.accepted.out_refund_no, "refund"}};
    for (int i = 0; i < 4; i++) {
        snprintf(texts[i], sizeof texts[i], "%lld", (long long)numbers[i]);
        names[3 + i] = (struct recorder_name){texts[i], of[i]};
    }
    for (int i = 0; i < LINES; i++) {
        snprintf(texts[4 + i], sizeof texts[i], "%lld", (long long)((FIRST_ENTRY + 2) * 256 + i));
        snprintf(variables[i], sizeof variables[i], "posting%d", i);
        names[7 + i] = (struct recorder_name){texts[4 + i], variables[i]};
    }
    recorder_end(names);
}

/* ---- a read ---- */

/* By whom, and which: written once, as a request brings them. */
static char sought[FZ_REFUND_ID_SIZE], sought_caller[FZ_MCHID_SIZE], sought_child[FZ_MCHID_SIZE];

static enum fz_result look_up(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_party party;
    struct fz_refund refund;
    enum fz_result result = fz_party_find(tx, sought_caller, sought_child, &party);
    return result == FZ_OK ? fz_refund_told(tx, &party, sought, &refund) : result;
}

static void ask_look_up(struct fz_tx *tx, void *argument)
{
    (void)argument;
    fz_party_ask(tx, sought_caller, sought_child);
    fz_refund_ask_told(tx, sought_caller, sought_child, sought);
}

static const char *told(void)
{
    size_t count;
    const struct fz_statement *statements = fz_statements(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(statements[i].name, "refund_told") == 0)
            return fz_dialect_text(&fz_dialect_postgres, statements[i].sql);
    abort();
}

static double bare_us(PGconn *connection, double seconds)
{
    const char *const values[] = {sought, sought_caller, sought_child};
    int64_t done = 0, begin_us = fz_ticks_us(), end_us = begin_us + (int64_t)(seconds * 1e6);
    for (; fz_ticks_us() < end_us; done++) {
        PGresult *rows = PQexecPrepared(connection, "told", 3, values, NULL, NULL, 1);
        if (PQntuples(rows) != 1)
            check(FZ_FAILED, "a bare SELECT");
        PQclear(rows);
    }
    return (double)(fz_ticks_us() - begin_us) / (double)done;
}

static double book_us(struct fz_reader *reader, double seconds)
{
    struct fz_error error;
    int64_t done = 0, begin_us = fz_ticks_us(), end_us = begin_us + (int64_t)(seconds * 1e6);
    for (; fz_ticks_us() < end_us; done++)
        check(fz_store_read_ahead(reader, ask_look_up, look_up, NULL, &error), "looking up");
    return (double)(fz_ticks_us() - begin_us) / (double)done;
}

static void query(const char *address, double seconds)
{
    struct loop loop = {.refund = atomic_fetch_add(&next_refund, 1)};
    check(fz_store_write(store, refund_once, &loop, &loop.error), "a refund");
    write_mchids(loop.refund % orders + 1, sought_caller, sought_child);
    fz_copy(sought, sizeof sought, loop.accepted.refund_id);
    PGconn *connection = connect_plainly(address);
    PQclear(PQprepare(connection, "told", told(), 0, NULL));
    struct fz_reader *reader;
    check(fz_reader_open(store, &reader), "opening a reader");
    (void)book_us(reader, 0.1);
    double bare = bare_us(connection, seconds / 4), book = book_us(reader, seconds / 2);
    bare = (bare + bare_us(connection, seconds / 4)) / 2;
    printf("bare_us=%.2f book_us=%.2f\n", bare, book);
    fz_reader_close(reader);
    PQfinish(connection);
}

int main(int count, char **arguments)
{
    if (count < 5) {
        fputs("usage: bench-postgres fill ADDRESS ORDERS INSTITUTIONS | refunds ADDRESS ORDERS INSTITUTIONS FIRST SECONDS WRITERS |"
              " record ADDRESS ORDERS INSTITUTIONS FIRST | query ADDRESS ORDERS INSTITUTIONS FIRST SECONDS\n",
              stderr);
        return 2;
    }
    const char *what = arguments[1], *address = arguments[2];
    orders = atoll(arguments[3]);
    institutions = atoll(arguments[4]);
    atomic_store(&next_refund, count > 5 ? atoll(arguments[5]) : 0);
    if (strcmp(what, "record") == 0)
        set_numbers(address);
    open_book(address, count > 7 ? (size_t)atoll(arguments[7]) : 1);
    if (strcmp(what, "fill") == 0)
        fill(address);
    else if (strcmp(what, "record") == 0)
        record();
    else if (strcmp(what, "query") == 0)
        query(address, atof(arguments[6]));
    else
        refunds(atof(arguments[6]), (size_t)atoll(arguments[7]));
    fz_store_close(store);
    fz_world_free(world);
    return 0;
}
