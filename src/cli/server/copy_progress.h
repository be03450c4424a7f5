/* How far a copy has come: a bar on a terminal, a line for each table elsewhere. */
#ifndef FZ_CLI_SERVER_COPY_PROGRESS_H
#define FZ_CLI_SERVER_COPY_PROGRESS_H

#include "cli/output/progress.h"
#include "store/carry.h"

struct fz_copy_progress {
    struct fz_progress bar;
    char text[160]; /* what the bar says */
    enum fz_carry_stage stage;
    bool has_begun;
    int64_t stage_ms, stage_rows; /* when the stage began, and how many rows were there by then */
    int64_t rows, found, tables, copy_ms; /* in the end: of the copying alone */
};

/* As fz_carry's `tell`; `progress` is a struct fz_copy_progress, zeroed before. */
void fz_copy_progress_at(const struct fz_carry_at *at, void *progress);
/* The end, good or bad. */
void fz_copy_progress_end(struct fz_copy_progress *progress);

#endif
