/* Following: its end, and its lines. */
#include "cli/local/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"

#define COLUMN_CHARACTERS 400

enum { OF_SIGNAL, OF_READER };

bool fz_follow_begin(struct pollfd handles[FZ_FOLLOW_HANDLES])
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    handles[OF_SIGNAL] = (struct pollfd){.fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
    handles[OF_READER] = (struct pollfd){.fd = STDOUT_FILENO}; /* an error on it: who read it has gone */
    if (handles[OF_SIGNAL].fd < 0)
        fprintf(stderr, "fenzhang: signals cannot be waited for: %s. Raise the limit of descriptors.\n",
                strerrordesc_np(errno));
    return handles[OF_SIGNAL].fd >= 0;
}

bool fz_follow_is_over(struct pollfd handles[FZ_FOLLOW_HANDLES])
{
    bool is_written = fflush(stdout) == 0;
    (void)poll(handles, FZ_FOLLOW_HANDLES, 0);
    return !is_written || handles[OF_SIGNAL].revents != 0 || (handles[OF_READER].revents & POLLERR) != 0;
}

/* ---- lines ---- */

static bool is_begun; /* the line has a column already */

void fz_follow_column(enum fz_colour colour, const char *text)
{
    char clean[3 * COLUMN_CHARACTERS + 1];
    if (text == NULL || text[0] == '\0')
        return;
    fz_copy_clean(clean, sizeof clean, text, strlen(text), COLUMN_CHARACTERS);
    printf("%s%s%s%s", is_begun ? " " : "", colour == FZ_COLOUR_NONE ? "" : fz_colour(stdout, colour), clean,
           colour == FZ_COLOUR_NONE ? "" : fz_colour(stdout, FZ_COLOUR_NONE));
    is_begun = true;
}

void fz_follow_end_line(void)
{
    putchar('\n');
    is_begun = false;
}

void fz_follow_status(int64_t status)
{
    char text[24] = "-";
    if (status > 0)
        snprintf(text, sizeof text, "%" PRId64, status);
    fz_follow_column(status >= 200 && status < 300 ? FZ_COLOUR_GREEN
                     : status > 0 && status < 500  ? FZ_COLOUR_YELLOW
                                                   : FZ_COLOUR_RED,
                     text);
}

void fz_follow_duration(int64_t us)
{
    char text[32];
    if (us < 1000)
        snprintf(text, sizeof text, "%" PRId64 "us", us);
    else if (us < 1000000)
        snprintf(text, sizeof text, "%" PRId64 ".%" PRId64 "ms", us / 1000, us % 1000 / 100);
    else
        snprintf(text, sizeof text, "%" PRId64 ".%02" PRId64 "s", us / 1000000, us % 1000000 / 10000);
    fz_follow_column(FZ_COLOUR_NONE, text);
}

const char *fz_follow_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

void fz_follow_json(const json_t *value)
{
    (void)json_dumpf(value, stdout, JSON_COMPACT);
    putchar('\n');
}
