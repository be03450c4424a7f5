/* Moves of the clock, where several processes have the book: a move is one process's, and it owns it by a row with a time, which it says anew
 * while it lives. Meanwhile the clock's row stands, at the instant to which the move has come. Of a process that has died the move is given up, by
 * whoever sees it: the clock goes on from there, as it stood or ran before; one that was being caught up with from where it would be by now.
 *
 * Who begins, ends or gives up does so in a transaction that is alone (fz_store_write_alone). With one process there are no such rows. */
#ifndef FZ_BOOK_MOVE_H
#define FZ_BOOK_MOVE_H

#include "store/store.h"

#define FZ_OWNER_SIZE    17
#define FZ_MOVE_LEASE_MS 6000 /* somebody who has said nothing for so long has died */

struct fz_move {
    char owner[FZ_OWNER_SIZE];
    int64_t until_ms; /* of wire time */
    bool frozen;      /* how the clock stands apart from it */
};
/* The one that is under way. FZ_ABSENT: none is. */
FZ_MUST_CHECK enum fz_result fz_move_find(struct fz_tx *tx, struct fz_move *out);

/* Begins one. With `stands` the clock stands from here on, at tx->now_ms; without, nothing is moved, and nobody else moves it. FZ_CONFLICT: another
 * one is under way. */
FZ_MUST_CHECK enum fz_result fz_move_begin(struct fz_tx *tx, const char *owner, bool stands);
/* Still there. FZ_CONFLICT: it was given up. */
FZ_MUST_CHECK enum fz_result fz_move_renew(struct fz_tx *tx, const char *owner);
/* It has come to `book_ms`, and stands there. `behind_ms`: so much of the time that has passed is left to be caught up with; 0 of a move that leads
 * elsewhere. */
FZ_MUST_CHECK enum fz_result fz_move_come_to(struct fz_tx *tx, int64_t book_ms, int64_t behind_ms);
/* It has ended at `book_ms`. FZ_CONFLICT: it was given up. */
FZ_MUST_CHECK enum fz_result fz_move_end(struct fz_tx *tx, const char *owner, int64_t book_ms);
/* Gives it up if its owner has died, or is `owner`. */
FZ_MUST_CHECK enum fz_result fz_move_give_up(struct fz_tx *tx, const char *owner);

#endif
