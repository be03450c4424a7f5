/* Figures of the book without HTTP and signatures, and big books for the other figures:
 *   bench-book fill DB COUNT           COUNT refunds that have arrived, on top of a demo book; prints their
 * numbers bench-book query DB SECONDS KEYS   reads KEYS different refunds, spread over those that fill
 * printed: prints µs each bench-book refunds DB SECONDS one|grouped    accepts refunds, one by one or with 64
 * waiting: prints how many a second */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "book/clock.h"
#include "book/event.h"
#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "rounds.h"

#define CALLER               "1900000100"
#define SUB_MCHID            "1900000109"
#define PARTS                50 /* refunds an order may have */
#define PART_FEN             100
#define ORDERS_A_TRANSACTION 20

static struct fz_world *world;
static struct fz_store *store;
static int64_t orders_made; /* only one write makes orders at a time */

static void check(enum fz_result result, const char *what)
{
    if (result != FZ_OK) {
        fprintf(stderr, "bench: %s failed (%d)\n", what, (int)result);
        exit(1);
    }
}

static enum fz_result load_clock(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_clock_state state;
    int64_t floor_ms;
    enum fz_result result = fz_clock_load(tx, &state, &floor_ms);
    if (result == FZ_OK)
        fz_clock_restore(world, &state, floor_ms);
    return result;
}

static void open_book(const char *path)
{
    static const unsigned char secret[32] = "figures need no secret, just one";
    world = fz_world_new(false, 0, secret);
    char why[512];
    struct fz_store_options options = {.path = path, .world = world};
    if (fz_store_open(&options, &store, why, sizeof why) != FZ_OK) {
        fprintf(stderr, "bench: %s\n", why);
        exit(1);
    }
    struct fz_reader *reader;
    check(fz_reader_open(store, &reader), "opening a reader");
    struct fz_error error;
    check(fz_store_read(reader, load_clock, NULL, &error), "reading the clock");
    fz_reader_close(reader);
}

/* A paid and marked order of PARTS parts. */
static enum fz_result make_order(struct fz_tx *tx, const struct fz_party *party, int64_t number,
                                 struct fz_payment *out)
{
    char out_trade_no[64];
    snprintf(out_trade_no, sizeof out_trade_no, "BENCH%lldT%lld", (long long)(tx->now_ms / 1000),
             (long long)number);
    struct fz_order_request request = {.out_trade_no = out_trade_no,
                                       .trade_type = "NATIVE",
                                       .description = "bench",
                                       .amount = PARTS * PART_FEN,
                                       .currency = "CNY"};
    memcpy(request.digest, &number, sizeof number);
    enum fz_result result = fz_payment_mark(tx, party, out_trade_no, "CNY");
    if (result == FZ_OK)
        result = fz_payment_place(tx, party, &request, out);
    if (result == FZ_OK)
        result = fz_rail_paid(tx, out, FZ_PAYER_BALANCE);
    return result;
}

static enum fz_result make_refund(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                  int64_t number, struct fz_refund *out)
{
    char out_refund_no[65];
    snprintf(out_refund_no, sizeof out_refund_no, "%sR%lld", transaction_id, (long long)number);
    struct fz_refund_request request = {.transaction_id = transaction_id,
                                        .out_refund_no = out_refund_no,
                                        .source = FZ_SOURCE_UNSETTLED,
                                        .refund = PART_FEN,
                                        .total = PARTS * PART_FEN,
                                        .currency = "CNY"};
    memcpy(request.digest, &number, sizeof number);
    return fz_refund_submit(tx, party, &request, out);
}

static enum fz_result fill_some(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, CALLER, SUB_MCHID, &party);
    int64_t number = orders_made;
    for (int order = 0; order < ORDERS_A_TRANSACTION && result == FZ_OK; order++) {
        struct fz_payment payment;
        result = make_order(tx, &party, ++number, &payment);
        for (int64_t part = 0; part < PARTS && result == FZ_OK; part++) {
            struct fz_refund refund;
            result = make_refund(tx, &party, payment.transaction_id, part, &refund);
            struct fz_refund_outcome outcome = {.state = FZ_REFUND_SUCCESS};
            if (result == FZ_OK)
                result = fz_rail_refunded(tx, refund.id, &outcome);
            if (result == FZ_OK)
                printf("%s\n", refund.refund_id);
        }
        if (result == FZ_OK)
            result = fz_event_cancel(tx, FZ_EVENT_FROZEN, payment.id);
    }
    return result;
}

static void fill(int64_t count)
{
    for (int64_t done = 0; done < count; done += ORDERS_A_TRANSACTION * PARTS) {
        check(fz_store_write(store, fill_some, NULL, NULL), "filling");
        orders_made += ORDERS_A_TRANSACTION;
        if (done % 100000 == 0)
            fprintf(stderr, "bench: %lld of %lld refunds\n", (long long)done, (long long)count);
    }
}

struct lookup {
    struct fz_party party;
    char (*numbers)[FZ_REFUND_ID_SIZE];
    size_t count, at;
};

static enum fz_result look_up(struct fz_tx *tx, void *argument)
{
    struct lookup *lookup = argument;
    struct fz_refund refund;
    return fz_refund_told(tx, &lookup->party, lookup->numbers[lookup->at], &refund);
}

/* Reads the numbers that `fill` printed, from standard input, and looks up `keys` of them, evenly spread, in
 * a scattered order. */
static void query(double seconds, size_t keys)
{
    struct lookup lookup = {
        .party = {.caller = CALLER, .sub_mchid = SUB_MCHID, .kind = FZ_MERCHANT_INSTITUTION}};
    size_t room = 0, read = 0;
    char number[FZ_REFUND_ID_SIZE];
    while (scanf("%32s", number) == 1) {
        if (read == room) {
            room = room == 0 ? 65536 : room * 2;
            lookup.numbers = realloc(lookup.numbers, room * sizeof *lookup.numbers);
            if (lookup.numbers == NULL)
                abort();
        }
        memcpy(lookup.numbers[read++], number, sizeof number);
    }
    lookup.count = keys < read ? keys : read;
    for (size_t i = 0; i < lookup.count; i++)
        memmove(lookup.numbers[i], lookup.numbers[i * (read / lookup.count)], sizeof number);
    struct fz_reader *reader;
    check(fz_reader_open(store, &reader), "opening a reader");
    struct fz_error error;
    int64_t done = 0, begin_us = fz_ticks_us(), end_us = begin_us + (int64_t)(seconds * 1e6);
    while (fz_ticks_us() < end_us)
        for (int i = 0; i < 100; i++, done++) {
            lookup.at = (lookup.at + 7919) % lookup.count;
            check(fz_store_read(reader, look_up, &lookup, &error), "looking up");
        }
    printf("us_each=%.3f\n", (double)(fz_ticks_us() - begin_us) / (double)done);
    fz_reader_close(reader);
    free(lookup.numbers);
}

/* A write that accepts one refund and, when it is done, goes into the queue again. */
struct loop {
    struct fz_write write;
    struct fz_error error;
    char transaction_id[FZ_TRANSACTION_ID_SIZE];
    int64_t parts;
};

static enum fz_result refund_once(struct fz_tx *tx, void *argument)
{
    struct loop *loop = argument;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, CALLER, SUB_MCHID, &party);
    struct fz_payment payment;
    if (result == FZ_OK && loop->parts == 0) {
        result = make_order(tx, &party, ++orders_made, &payment);
        if (result == FZ_OK)
            fz_copy(loop->transaction_id, sizeof loop->transaction_id, payment.transaction_id);
    }
    struct fz_refund refund;
    if (result == FZ_OK)
        result = make_refund(tx, &party, loop->transaction_id, loop->parts, &refund);
    return result;
}

static void refund_done(struct fz_write *write, enum fz_result result)
{
    struct loop *loop = (struct loop *)write;
    check(result, "a refund");
    loop->parts = (loop->parts + 1) % PARTS;
    rounds_again(write);
}

static void refunds(double seconds, size_t waiting)
{
    struct loop *loops = calloc(waiting, sizeof *loops);
    orders_made = fz_ticks_us() % 1000000 * 1000;
    int64_t begin_us = fz_ticks_us();
    rounds_begin(store, seconds, waiting);
    for (size_t i = 0; i < waiting; i++) {
        loops[i].write = (struct fz_write){
            .work = refund_once, .argument = &loops[i], .error = &loops[i].error, .done = refund_done};
        rounds_submit(&loops[i].write);
    }
    int64_t refunds_done = rounds_wait();
    struct fz_store_health health;
    fz_store_health(store, &health);
    printf("per_second=%.0f group=%.1f\n", (double)refunds_done * 1e6 / (double)(fz_ticks_us() - begin_us),
           (double)health.writes / (double)(health.commits == 0 ? 1 : health.commits));
    free(loops);
}

int main(int count, char **arguments)
{
    if (count < 4) {
        fputs("usage: bench-book fill DB COUNT | query DB SECONDS KEYS | refunds DB SECONDS one|grouped\n",
              stderr);
        return 2;
    }
    open_book(arguments[2]);
    if (strcmp(arguments[1], "fill") == 0)
        fill(atoll(arguments[3]));
    else if (strcmp(arguments[1], "query") == 0)
        query(atof(arguments[3]), count > 4 ? (size_t)atoll(arguments[4]) : 2000);
    else
        refunds(atof(arguments[3]), count > 4 && strcmp(arguments[4], "one") == 0 ? 1 : 64);
    fz_store_close(store);
    fz_world_free(world);
    return 0;
}
