/* A fork: a data directory whose book begins as a copy of another's. */
#ifndef FZ_SERVER_BIRTH_FORK_H
#define FZ_SERVER_BIRTH_FORK_H

#include "base/text.h"
#include "server/data/data_directory.h"

/* All borrowed. */
struct fz_fork {
    const char *from;        /* DIR, which a server may be using, or DIR@NAME: a snapshot there */
    const char *data;        /* the new directory, which is held */
    const char *book;        /* where its book goes */
    const char *secret_file; /* what opens the keys of both; NULL: each has a secret.key of its own, the new one a copy */
    struct fz_text *asked;   /* out, of a snapshot: what its server was asked (snapshot/asked.h) */
};

/* Makes the new book, with all keys: whole, or not at all, so that a start that was cut short can be done again. Where a book
 * is already, nothing is done. What is drawn in it follows the seed as it does in the other; without a seed it is drawn
 * afresh. What happened, why and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_fork_make(const struct fz_fork *fork, char *why, size_t why_size);

#endif
