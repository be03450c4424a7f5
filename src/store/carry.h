/* A whole book carried from one store to another, whichever engine keeps either: every table, every row with its number.
 *
 * It can be cut off anywhere: begun again it goes on behind the last row that arrived, and compares everything at the end. Until
 * fz_carry_release the target is no book yet, and nobody can open it as one. */
#ifndef FZ_STORE_CARRY_H
#define FZ_STORE_CARRY_H

#include "store/store.h"

/* How far it is. */
enum fz_carry_stage { FZ_CARRY_COPIES, FZ_CARRY_COMPARES, FZ_CARRY_COMPLETES };
struct fz_carry_at {
    enum fz_carry_stage stage;
    const char *table;   /* NULL of FZ_CARRY_COMPLETES */
    bool ended;          /* this table is done */
    int64_t table_rows;  /* of this table so far */
    int64_t rows, total; /* of all tables so far, and in the end */
    int64_t found;       /* of these rows an earlier run had brought over so many */
};

struct fz_carry {
    const char *from, *to; /* a file's path or postgresql://…, as of struct fz_store_options */
    void (*tell)(const struct fz_carry_at *at, void *argument); /* often */
    void *argument;
};

/* Looks at both sides, and changes nothing of the source. FZ_ABSENT: there is no such book; FZ_CONFLICT: it is in use, or something is in
 * the target already; FZ_REFUSED: its schema is another program version's; FZ_FAILED. `why` says what, and what to do. */
FZ_MUST_CHECK enum fz_result fz_carry_look(const struct fz_carry *carry, char *why, size_t why_size);
/* Brings over what is not there yet, compares every row, and has the references looked at. Results as above; FZ_MALFORMED: the target
 * cannot keep a row; `why` says which. */
FZ_MUST_CHECK enum fz_result fz_carry_rows(const struct fz_carry *carry, char *why, size_t why_size);
/* From here on the target is a book like another. */
FZ_MUST_CHECK enum fz_result fz_carry_release(const struct fz_carry *carry, char *why, size_t why_size);

#endif
