/* Log lines on standard error. Only the server and the command line log; library folders return errors
 * instead. */
#ifndef FZ_BASE_SERVER_LOG_H
#define FZ_BASE_SERVER_LOG_H

#include <stdbool.h>

#include "base/result.h"

/* One line "2026-01-02T10:00:00+08:00 info text". Thread-safe: a line is one write. Never pass secrets or
 * peers' raw bytes. Nobody waits for a reader that takes nothing: such a line is lost, and a later one
 * says how many were. */
void fz_log_info(const char *format, ...) FZ_PRINTF(1, 2);
void fz_log_warning(const char *format, ...) FZ_PRINTF(1, 2);
void fz_log_error(const char *format, ...) FZ_PRINTF(1, 2);

/* Opens the same terminal or pipe once more, so that writes through the new handle never wait (EAGAIN),
 * whatever they do through `handle`, which others share; of anything else, or where that is not allowed,
 * it is a duplicate. -1: neither. */
int fz_log_open(int handle);

/* Who takes the lines, each as "info", "warning" or "error" and a text without a line end; from whichever thread logs. */
struct fz_log_taker {
    void (*take)(const struct fz_log_taker *taker, const char *level, const char *text);
};
/* From now on lines go to `taker`, which is never freed, and not to standard error: that belongs to the program that the
 * server runs inside. NULL: to standard error again. */
void fz_log_to(const struct fz_log_taker *taker);

/* From now on each line is a JSON object: log ("message"), time, level, text. */
void fz_log_as_json(void);

/* Whether standard error leads to the journal: it says so in JOURNAL_STREAM (systemd.exec(5)). */
bool fz_log_goes_to_journal(void);
/* From now on each line begins with its priority, as the journal takes it (sd-daemon(3)): "<4>". A text has neither time nor
 * level then, because the journal keeps them beside it. */
void fz_log_as_journal(void);
bool fz_log_is_journal(void);

#endif
