/* A distribution of the book as the API answers it: to its submission, to its query, and to an unfreeze. */
#ifndef FZ_API_DISTRIBUTION_ANSWER_H
#define FZ_API_DISTRIBUTION_ANSWER_H

#include "api/call/endpoint.h"
#include "book/distribution/distribution.h"
#include "spec/distribution/distribution.h"

/* A distribution and what is answered of it, which borrows from the rest. */
struct fz_distribution_out {
    struct fz_distribution_answer answer;
    struct fz_distribution distribution;
    struct fz_distribution_receiver receivers[FZ_RECEIVERS_MAX + 1];
};

/* Fills the answer from `out->distribution`. */
void fz_distribution_answer(struct fz_distribution_out *out);

#endif
