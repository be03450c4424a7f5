/* How far a copy has come. */
#include "cli/server/copy_progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

static const char *const stages[] = {
    [FZ_CARRY_COPIES] = "copying",
    [FZ_CARRY_COMPARES] = "comparing",
    [FZ_CARRY_COMPLETES] = "making indices, looking at references",
};

static void begin_stage(struct fz_copy_progress *progress, const struct fz_carry_at *at)
{
    progress->has_begun = true;
    progress->stage = at->stage;
    progress->stage_ms = fz_ticks_ms();
    progress->stage_rows = at->stage == FZ_CARRY_COPIES ? at->found : 0;
    fz_progress_end(&progress->bar);
    fz_progress_begin(&progress->bar, progress->text, at->stage == FZ_CARRY_COMPLETES ? 0 : at->total);
    if (!progress->bar.is_wanted && at->stage != FZ_CARRY_COPIES)
        puts(stages[at->stage]);
}

/* Rows of rows, how many a second, and how long it will take at that. */
static void write_text(struct fz_copy_progress *progress, const struct fz_carry_at *at)
{
    int64_t took_ms = fz_ticks_ms() - progress->stage_ms, rows = at->rows - progress->stage_rows;
    int64_t rate = took_ms <= 0 ? 0 : rows * 1000 / took_ms;
    if (at->table == NULL)
        snprintf(progress->text, sizeof progress->text, "%s", stages[at->stage]);
    else if (rate == 0)
        snprintf(progress->text, sizeof progress->text, "%s %s, %" PRId64 " of %" PRId64 " rows", stages[at->stage], at->table, at->rows,
                 at->total);
    else
        snprintf(progress->text, sizeof progress->text, "%s %s, %" PRId64 " of %" PRId64 " rows, %" PRId64 "/s, %" PRId64 " s left",
                 stages[at->stage], at->table, at->rows, at->total, rate, (at->total - at->rows) / rate);
}

static void note_end(struct fz_copy_progress *progress, const struct fz_carry_at *at)
{
    progress->tables++;
    progress->rows = at->rows;
    progress->found = at->found;
    progress->copy_ms = fz_ticks_ms() - progress->stage_ms;
    if (progress->bar.is_wanted)
        return;
    printf("%-24s %16" PRId64 " rows\n", at->table, at->table_rows);
    fflush(stdout);
}

void fz_copy_progress_at(const struct fz_carry_at *at, void *argument)
{
    struct fz_copy_progress *progress = argument;
    if (!progress->has_begun || progress->stage != at->stage)
        begin_stage(progress, at);
    if (at->stage == FZ_CARRY_COPIES)
        progress->stage_rows = at->found; /* an earlier run's are no merit of this one */
    if (at->stage == FZ_CARRY_COPIES && at->ended)
        note_end(progress, at);
    if (!progress->bar.is_wanted)
        return;
    write_text(progress, at);
    fz_progress_at(&progress->bar, at->rows);
}

void fz_copy_progress_end(struct fz_copy_progress *progress)
{
    fz_progress_end(&progress->bar);
}
