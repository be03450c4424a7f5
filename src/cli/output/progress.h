/* How far something long has come: a line on standard error, only if that is a terminal, and only once it takes over a
 * second. */
#ifndef FZ_CLI_OUTPUT_PROGRESS_H
#define FZ_CLI_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct fz_progress {
    const char *what; /* "reading the bills" */
    int64_t total;    /* of whatever is counted; 0: nobody knows */
    int64_t began_ms, drawn_ms;
    bool is_wanted, is_drawn;
};

void fz_progress_begin(struct fz_progress *progress, const char *what, int64_t total);
/* So much of it is done. As often as one likes: it draws ten times a second at most. */
void fz_progress_at(struct fz_progress *progress, int64_t done);
/* Takes the line away, before something else is written to standard error; it comes again by itself. */
void fz_progress_clear(struct fz_progress *progress);
/* The end: takes it away. */
void fz_progress_end(struct fz_progress *progress);

#endif
