/* A line that says how far it has come. */
#include "cli/output/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/output/screen.h"

#define QUIET_MS   1000
#define BETWEEN_MS 100
#define BAR_MAX    40

void fz_progress_begin(struct fz_progress *progress, const char *what, int64_t total)
{
    *progress = (struct fz_progress){
        .what = what, .total = total, .began_ms = fz_ticks_ms(), .is_wanted = fz_screen_columns(stderr) > 0};
}

/* "[#####     ]  50 %", as long as the terminal has room for it. */
static void draw_bar(const struct fz_progress *progress, int64_t done, int room)
{
    int64_t whole = done > progress->total ? progress->total : done;
    int length = room > BAR_MAX ? BAR_MAX : room, filled = (int)(length * whole / progress->total);
    if (length > 4)
        fprintf(stderr, " [%.*s%*s]", filled, "########################################", length - filled, "");
    fprintf(stderr, " %3d %%", (int)(100 * whole / progress->total));
}

static void draw(struct fz_progress *progress, int64_t done)
{
    int columns = fz_screen_columns(stderr), used = (int)fz_text_width(progress->what, strlen(progress->what));
    fprintf(stderr, "\r\x1b[K%s", progress->what);
    if (progress->total > 0)
        draw_bar(progress, done, columns - used - 12);
    else
        fprintf(stderr, " %" PRId64, done);
    fflush(stderr);
    progress->is_drawn = true;
}

void fz_progress_at(struct fz_progress *progress, int64_t done)
{
    if (!progress->is_wanted)
        return;
    int64_t now_ms = fz_ticks_ms();
    if (now_ms - progress->began_ms < QUIET_MS || now_ms - progress->drawn_ms < BETWEEN_MS)
        return;
    progress->drawn_ms = now_ms;
    draw(progress, done);
}

void fz_progress_clear(struct fz_progress *progress)
{
    if (progress->is_drawn)
        fputs("\r\x1b[K", stderr);
    progress->is_drawn = false;
}

void fz_progress_end(struct fz_progress *progress)
{
    fz_progress_clear(progress);
    progress->is_wanted = false;
}
