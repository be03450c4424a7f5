/* A small ledger of the tests' own. */
#include "unit/store/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char schema[] =
    "CREATE TABLE account (id FZ_INT PRIMARY KEY, balance FZ_INT NOT NULL CHECK (balance >= 0)) FZ_STRICT;"
    "CREATE TABLE transfer (id FZ_INT PRIMARY KEY, number FZ_INT NOT NULL UNIQUE,"
    " source FZ_INT NOT NULL REFERENCES account (id), target FZ_INT NOT NULL REFERENCES account (id),"
    " amount FZ_INT NOT NULL) FZ_STRICT;"
    "CREATE TABLE bulk (id FZ_INT PRIMARY KEY, data FZ_BLOB NOT NULL, note TEXT) FZ_STRICT;"
    "CREATE TABLE commit_number (id FZ_INT PRIMARY KEY CHECK (id = 1), number FZ_INT NOT NULL,"
    " home FZ_INT NOT NULL DEFAULT 0) FZ_STRICT;";

const char *const fz_migrations[] = {schema};
const size_t fz_migration_count = 1;
const size_t fz_migrations_needed = 1;

FZ_STATEMENT(account_add, "INSERT INTO account (id, balance) VALUES ($1, $2)", "ii", "");
FZ_STATEMENT(account_debit, "UPDATE account SET balance = balance - $2 WHERE id = $1 AND balance >= $2", "ii",
             "");
FZ_STATEMENT(account_credit, "UPDATE account SET balance = balance + $2 WHERE id = $1", "ii", "");
FZ_STATEMENT(account_balance, "SELECT balance FROM account WHERE id = $1 FOR UPDATE", "i", "i");
FZ_STATEMENT(account_totals, "SELECT CAST(sum(balance) AS FZ_INT), min(balance) FROM account", "", "ii");
FZ_STATEMENT(transfer_add,
             "INSERT INTO transfer (id, number, source, target, amount) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (number) DO NOTHING", "iiiii",
             "");
FZ_STATEMENT(transfer_totals, "SELECT count(*), CAST(sum(amount) AS FZ_INT) FROM transfer", "", "ii");
FZ_STATEMENT(transfer_by_number, "SELECT id FROM transfer WHERE number = $1", "i", "i");

static enum fz_result add_accounts(struct fz_tx *tx, void *argument)
{
    (void)argument;
    for (int64_t id = 1; id <= LEDGER_ACCOUNTS; id++) {
        enum fz_result result = fz_run(tx, &account_add, FZ_VALUES(FZ_I(id), FZ_I(LEDGER_START)), NULL);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER;
static char told[1024];
static int tellings;

static void on_tell(const char *sentence)
{
    pthread_mutex_lock(&telling);
    snprintf(told, sizeof told, "%s", sentence);
    tellings++;
    pthread_mutex_unlock(&telling);
}

void ledger_listen(void)
{
    pthread_mutex_lock(&telling);
    told[0] = '\0';
    tellings = 0;
    pthread_mutex_unlock(&telling);
}

int ledger_told(char out[1024])
{
    pthread_mutex_lock(&telling);
    memcpy(out, told, sizeof told);
    int count = tellings;
    pthread_mutex_unlock(&telling);
    return count;
}

void ledger_open(struct ledger *ledger, const char *vfs)
{
    char why[512] = "";
    struct fz_store_options options = {
        .path = ledger->path, .world = ledger->world, .vfs = vfs, .tell = on_tell};
    if (fz_store_open(&options, &ledger->store, why, sizeof why) != FZ_OK)
        fail_msg("%s", why);
}

void ledger_close(struct ledger *ledger)
{
    if (ledger->store != NULL)
        fz_store_close(ledger->store);
    ledger->store = NULL;
}

void ledger_accounts(struct ledger *ledger)
{
    assert_int_equal(fz_store_write(ledger->store, add_accounts, NULL, NULL), FZ_OK);
}

void ledger_place(struct ledger *out)
{
    *out = (struct ledger){.world = fz_world_new(true, 1, NULL)};
    snprintf(out->directory, sizeof out->directory, "/tmp/fenzhang-store-XXXXXX");
    assert_non_null(mkdtemp(out->directory));
    snprintf(out->path, sizeof out->path, "%s/book.db", out->directory);
}

void ledger_path(const struct ledger *ledger, const char *ending, char out[96])
{
    snprintf(out, 96, "%s%s", ledger->path, ending);
}

void ledger_copy(const struct ledger *ledger, struct ledger *out)
{
    static const char *const endings[] = {"", "-wal", "-acknowledged"};
    char from[96], to[96];
    ledger_place(out);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        ledger_path(ledger, endings[i], from);
        ledger_path(out, endings[i], to);
        ledger_copy_file(from, to);
    }
}

void ledger_new(struct ledger *out, const char *vfs)
{
    ledger_listen();
    ledger_place(out);
    ledger_open(out, vfs);
    ledger_accounts(out);
}

void ledger_remove(struct ledger *ledger)
{
    ledger_close(ledger);
    fz_world_free(ledger->world);
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock", "-acknowledged"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s%s", ledger->path, suffixes[i]);
        (void)unlink(name);
    }
    assert_int_equal(rmdir(ledger->directory), 0);
}

enum fz_result ledger_transfer(struct fz_tx *tx, void *argument)
{
    const struct transfer *transfer = argument;
    int64_t id = 0, changed = 0;
    enum fz_result result = fz_next_id(tx, "transfer", &id);
    if (result == FZ_OK)
        result = fz_insert(tx, &transfer_add,
                           FZ_VALUES(FZ_I(id), FZ_I(transfer->number), FZ_I(transfer->from), FZ_I(transfer->to),
                                     FZ_I(transfer->amount)));
    if (result == FZ_OK)
        result =
            fz_run(tx, &account_debit, FZ_VALUES(FZ_I(transfer->from), FZ_I(transfer->amount)), &changed);
    if (result == FZ_OK && changed == 0)
        return fz_refuse(tx->error, FZ_REFUND_SHORT);
    if (result == FZ_OK)
        result = fz_run(tx, &account_credit, FZ_VALUES(FZ_I(transfer->to), FZ_I(transfer->amount)), NULL);
    return result;
}

enum fz_result ledger_look(struct fz_tx *tx, void *argument)
{
    struct ledger_state *out = argument;
    FZ_CURSOR accounts = {0};
    enum fz_result result = fz_query_one(tx, &account_totals, NULL, 0, &accounts);
    if (result != FZ_OK)
        return result;
    FZ_CURSOR transfers = {0};
    result = fz_query_one(tx, &transfer_totals, NULL, 0, &transfers);
    if (result == FZ_OK)
        *out = (struct ledger_state){.total = fz_int(&accounts, 0),
                                     .least = fz_int(&accounts, 1),
                                     .transfers = fz_int(&transfers, 0),
                                     .moved = fz_int(&transfers, 1)};
    return result;
}

struct ledger_state ledger_state(struct ledger *ledger)
{
    struct ledger_state state = {0};
    assert_int_equal(fz_store_read_once(ledger->store, ledger_look, &state), FZ_OK);
    return state;
}

static enum fz_result find_transfer(struct fz_tx *tx, void *number)
{
    FZ_CURSOR found = {0};
    return fz_query_one(tx, &transfer_by_number, FZ_VALUES(FZ_I(*(int64_t *)number)), &found);
}

bool ledger_has(struct ledger *ledger, int64_t number)
{
    enum fz_result result = fz_store_read_once(ledger->store, find_transfer, &number);
    assert_true(result == FZ_OK || result == FZ_ABSENT);
    return result == FZ_OK;
}

static enum fz_result find_balance(struct fz_tx *tx, void *account)
{
    FZ_CURSOR found = {0};
    enum fz_result result = fz_query_one(tx, &account_balance, FZ_VALUES(FZ_I(*(int64_t *)account)), &found);
    if (result == FZ_OK)
        *(int64_t *)account = fz_int(&found, 0);
    return result;
}

int64_t ledger_balance(struct ledger *ledger, int64_t account)
{
    assert_int_equal(fz_store_read_once(ledger->store, find_balance, &account), FZ_OK);
    return account;
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

static enum fz_result hold_gate(struct fz_tx *tx, void *argument)
{
    (void)tx;
    struct batch *batch = argument;
    sem_post(&batch->entered);
    wait_for(&batch->opened);
    return FZ_OK;
}

static void gate_done(struct fz_write *write, enum fz_result result)
{
    (void)result;
    struct batch *batch = write->argument;
    sem_post(&batch->ended);
}

void batch_init(struct batch *batch, struct ledger *ledger)
{
    memset(batch, 0, sizeof *batch);
    sem_init(&batch->entered, 0, 0);
    sem_init(&batch->opened, 0, 0);
    sem_init(&batch->ended, 0, 0);
    batch->gate = (struct fz_write){.work = hold_gate, .argument = batch, .done = gate_done};
    assert_int_equal(fz_store_submit(ledger->store, &batch->gate), FZ_OK);
    wait_for(&batch->entered);
}

/* The batch of each write: set once, before the writes are handed over. */
static struct batch *batch_of_writes;

static void write_done(struct fz_write *write, enum fz_result result)
{
    struct batch *batch = batch_of_writes;
    if (batch->before_answer != NULL)
        batch->before_answer();
    batch->results[write - batch->writes] = result;
    sem_post(&batch->ended);
}

void batch_add(struct batch *batch, struct ledger *ledger, fz_work work, void *argument)
{
    batch_of_writes = batch;
    assert_true(batch->count < BATCH_MAX);
    struct fz_write *write = &batch->writes[batch->count];
    *write = (struct fz_write){
        .work = work, .argument = argument, .error = &batch->errors[batch->count], .done = write_done};
    assert_int_equal(fz_store_submit(ledger->store, write), FZ_OK);
    batch->count++;
}

void batch_finish(struct batch *batch)
{
    sem_post(&batch->opened);
    for (size_t i = 0; i < batch->count + 1; i++)
        wait_for(&batch->ended);
    sem_destroy(&batch->entered);
    sem_destroy(&batch->opened);
    sem_destroy(&batch->ended);
}

void ledger_copy_file(const char *from, const char *to)
{
    char block[65536];
    int in = open(from, O_RDONLY);
    if (in < 0)
        return;
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(out >= 0);
    for (ssize_t size = 0; (size = read(in, block, sizeof block)) > 0;)
        assert_int_equal(write(out, block, (size_t)size), size);
    close(in);
    close(out);
}

bool ledger_wait_writable(struct ledger *ledger, bool writable)
{
    for (int64_t end = fz_ticks_ms() + 30000; fz_ticks_ms() < end; usleep(5000)) {
        struct fz_store_health health;
        fz_store_health(ledger->store, &health);
        if (health.writable == writable)
            return true;
    }
    return false;
}
