/* The ladder of sending again. */
#include "server/courier/ladder.h"

#include <string.h>

#include "base/calendar.h"

#define S FZ_SECOND_MS
#define M (60 * S)
#define H (60 * M)

const struct fz_ladder fz_vendor_ladder = {15,
                                           {15 * S, 15 * S, 30 * S, 3 * M, 10 * M, 20 * M, 30 * M, 30 * M,
                                            30 * M, 60 * M, 3 * H, 3 * H, 3 * H, 6 * H, 6 * H}};

static int64_t unit_ms(char letter)
{
    switch (letter) {
    case 's':
        return S;
    case 'm':
        return M;
    case 'h':
        return H;
    case 'd':
        return FZ_DAY_MS;
    default:
        return 0;
    }
}

/* One step, up to a comma or the end; `text` is moved behind it. */
static enum fz_result read_step(const char **text, int64_t *out)
{
    char digits[8];
    int64_t number;
    size_t size = strspn(*text, "0123456789");
    if (size == 0 || size >= sizeof digits)
        return FZ_MALFORMED;
    memcpy(digits, *text, size);
    digits[size] = '\0';
    int64_t unit = unit_ms((*text)[size]);
    if (unit == 0 || fz_parse_int(digits, &number) != FZ_OK || number < 1 || number * unit > 7 * FZ_DAY_MS)
        return FZ_MALFORMED;
    *text += size + 1;
    *out = number * unit;
    return FZ_OK;
}

enum fz_result fz_ladder_read(const char *text, struct fz_ladder *out)
{
    struct fz_ladder ladder = {0};
    if (strcmp(text, "none") != 0)
        for (;; text++) {
            if (ladder.count == FZ_LADDER_MAX || read_step(&text, &ladder.step_ms[ladder.count]) != FZ_OK)
                return FZ_MALFORMED;
            ladder.count++;
            if (*text == '\0')
                break;
            if (*text != ',')
                return FZ_MALFORMED;
        }
    *out = ladder;
    return FZ_OK;
}

int64_t fz_ladder_next_ms(const struct fz_ladder *ladder, int failed, int64_t time_ms)
{
    return failed >= 0 && (size_t)failed < ladder->count ? time_ms + ladder->step_ms[failed] : 0;
}
