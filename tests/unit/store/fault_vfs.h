/* A VFS between SQLite and the machine's, that fails when told to, and keeps watch over what is written but
 * not yet synced. */
#ifndef FZ_TESTS_FAULT_VFS_H
#define FZ_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stddef.h>

enum fault_call {
    FAULT_WRITE = 1,
    FAULT_SYNC = 2,
    FAULT_TRUNCATE = 4,
    FAULT_BOOK_WRITE = 8, /* to the book, not to its WAL: only checkpoints do so */
    FAULT_BOOK_SYNC = 16,
    FAULT_READ = 32 /* of the book or its WAL */
};

/* Registers it and returns its name, for fz_store_options.vfs. */
const char *fault_vfs(void);

/* The `nth` call (from 1) of one of `calls` (a sum of enum fault_call) fails with `code`; with `for_good`
 * every later one too. Calls on the book and its WAL count, failed ones as well. */
struct fault {
    unsigned calls;
    int nth;
    int code;
    bool for_good;
};

/* From now on these faults happen, at most two. */
void fault_arm(const struct fault *faults, size_t count);
/* The same for one. */
void fault_arm_one(unsigned calls, int nth, int code, bool for_good);
/* How many calls failed since fault_arm. */
int fault_failed(void);
/* Nothing fails any more. Returns how many calls failed since fault_arm. */
int fault_disarm(void);

/* How many syncs of the book's own file there were since fault_arm. */
int fault_book_syncs(void);

/* Called, on whichever thread, ahead of each write, sync and truncation of the book and its WAL (`synced` false),
 * and after each sync of one (`synced` true). NULL: nobody. */
void fault_watch(void (*watch)(bool synced, bool wal));

/* Whether something written to the WAL was not synced since. */
bool fault_wal_unsynced(void);

#endif
