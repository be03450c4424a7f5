/* A small ledger of the tests' own: the schema, the works and the checks that the store's tests use. */
#ifndef FZ_TESTS_LEDGER_H
#define FZ_TESTS_LEDGER_H

#include <pthread.h>
#include <semaphore.h>

#include "store/store.h"

/* Accounts 1 to LEDGER_ACCOUNTS begin with LEDGER_START each. */
#define LEDGER_ACCOUNTS 10
#define LEDGER_START    100
#define LEDGER_LOOKS    3000 /* of 10 ms each, for what the store does by itself: a checkpoint that failed pauses for up to ten seconds */

/* A book in a directory of its own. */
struct ledger {
    char directory[64];
    char path[80];
    struct fz_world *world;
    struct fz_store *store; /* NULL while it is closed */
};

void ledger_place(struct ledger *out); /* a directory, nothing in it */
void ledger_new(struct ledger *out, const char *vfs); /* opened, with its accounts */
void ledger_open(struct ledger *ledger, const char *vfs);
void ledger_close(struct ledger *ledger);
/* What a server that is killed now would leave: the files as they are, without the shared memory, in a directory of
 * their own. Not opened. */
void ledger_copy(const struct ledger *ledger, struct ledger *out);
void ledger_path(const struct ledger *ledger, const char *ending, char out[96]); /* book.db`ending` */

/* What the store told since the last ledger_new or ledger_listen: how often, and the last sentence. */
void ledger_listen(void);
int ledger_told(char out[1024]);

void ledger_remove(struct ledger *ledger); /* closes as well */
void ledger_accounts(struct ledger *ledger);

/* Moves money and takes it down under `number`, the row first. FZ_CONFLICT if the number is taken, refused
 * with REFUND_SHORT if the account has too little. */
struct transfer {
    int64_t number, from, to, amount;
};
enum fz_result ledger_transfer(struct fz_tx *tx, void *transfer);

/* What stands in the book, in one state. */
struct ledger_state {
    int64_t total;     /* of all accounts */
    int64_t least;     /* the smallest balance */
    int64_t transfers; /* how many */
    int64_t moved;     /* sum of amounts */
};
enum fz_result ledger_look(struct fz_tx *tx, void *state);
struct ledger_state ledger_state(struct ledger *ledger);
bool ledger_has(struct ledger *ledger, int64_t number);
int64_t ledger_balance(struct ledger *ledger, int64_t account);

/* Writes handed over together: the first of them holds the writer until all wait, so that they make one
 * group. */
#define BATCH_MAX 200
struct batch {
    struct fz_write writes[BATCH_MAX];
    struct fz_error errors[BATCH_MAX];
    enum fz_result results[BATCH_MAX];
    size_t count;
    struct fz_write gate;
    sem_t entered, opened, ended;
    void (*before_answer)(void); /* called ahead of each `done`'s taking down; may be NULL */
};
void batch_init(struct batch *batch, struct ledger *ledger); /* closes the gate */
void batch_add(struct batch *batch, struct ledger *ledger, fz_work work, void *argument);
void batch_finish(struct batch *batch); /* opens the gate and waits for all results */

void ledger_copy_file(const char *from, const char *to); /* one that is not there is left out */

/* Waits up to five seconds for `writable` to be as said. */
bool ledger_wait_writable(struct ledger *ledger, bool writable);

#endif
