/* Moments and days as a world file writes them: by the calendar, or from where the story begins or ends. */
#ifndef FZ_WORLD_MOMENT_H
#define FZ_WORLD_MOMENT_H

#include <stdint.h>

#include "base/result.h"

/* What they are counted from. */
struct fz_anchors {
    int64_t begin_ms, now_ms;
};

/* The latest Beijing day whose bill is out at `now_ms`: bills come at 10:00 of the day after. */
int fz_bill_day_at(int64_t now_ms);

/* As regular expressions, for a JSON Schema; and in words, for a message. */
#define FZ_DAY_PATTERN    "^(\\d{4}-\\d{2}-\\d{2}|(begin|now|today|bill-day)( ?[-+] ?\\d{1,5})?)$"
#define FZ_MOMENT_PATTERN                                                                                              \
    "^(\\d{4}-\\d{2}-\\d{2}T.*|(begin|now|today|bill-day)( ?[-+] ?\\d{1,5})?( \\d{2}:\\d{2}(:\\d{2})?)?)$"
#define FZ_DAY_EXAMPLES    "2026-01-02, or today, bill-day, begin or now, with days more or less: begin - 30"
#define FZ_MOMENT_EXAMPLES "2026-01-02T10:00:00+08:00, or today, bill-day, begin or now, with days more or less and a time of day: " \
                           "bill-day - 2 14:00"

/* FZ_MALFORMED: it is none. `anchors` NULL: only looks whether it is one, `out` is untouched. */
FZ_MUST_CHECK enum fz_result fz_moment_read(const char *text, const struct fz_anchors *anchors, int64_t *out);
FZ_MUST_CHECK enum fz_result fz_moment_day_read(const char *text, const struct fz_anchors *anchors, int *out);

#endif
