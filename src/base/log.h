/* Log lines on standard error. Only the server and the command line log; library folders return errors
 * instead. */
#ifndef FZ_BASE_LOG_H
#define FZ_BASE_LOG_H

#include "base/result.h"

/* One line "2026-01-02T10:00:00+08:00 info text". Thread-safe: a line is one write. Never pass secrets or
 * peers' raw bytes. */
void fz_log_info(const char *format, ...) FZ_PRINTF(1, 2);
void fz_log_warning(const char *format, ...) FZ_PRINTF(1, 2);
void fz_log_error(const char *format, ...) FZ_PRINTF(1, 2);

#endif
