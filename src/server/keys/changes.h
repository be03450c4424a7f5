/* Changes of merchants and keys, which each process of a book keeps in memory: how it learns what another has changed. Every such change
 * adds one to a number in the book's row, in its own transaction; whoever finds another number than it has read reads all anew. */
#ifndef FZ_SERVER_KEYS_CHANGES_H
#define FZ_SERVER_KEYS_CHANGES_H

#include "store/store.h"

struct fz_changes {
    char book[24];  /* the name of the book: another one has come in its place by POST /reset if it differs */
    int64_t number; /* of changes in it */
};

/* FZ_ABSENT: there is no book yet. */
FZ_MUST_CHECK enum fz_result fz_changes_read(struct fz_tx *tx, struct fz_changes *out);
/* One more change, which the transaction makes. First in it: from here on others that change something wait for its end, so that none
 * of them decides by what is about to change. */
FZ_MUST_CHECK enum fz_result fz_changes_add(struct fz_tx *tx);

#endif
