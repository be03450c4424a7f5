/* The access log: a line for each exchange and each callback, on standard error. A thread of its own takes the records
 * that the request log has anyhow, and writes their lines in batches: a request costs nothing more, and who reads the
 * lines slowly, or not at all, holds up nobody. What falls out of the request log meanwhile is missing, and it is said
 * how much. */
#ifndef FZ_SERVER_LOG_ACCESS_LOG_H
#define FZ_SERVER_LOG_ACCESS_LOG_H

#include "server/log/access_line.h"
#include "server/log/request_log.h"

struct fz_access_log;

/* What is written of exchanges and callbacks to standard error. By default it is for people: text on a
 * terminal, nothing anywhere else. FZ_LOG_JOURNAL is text for a process whose lines are the journal's (base/server/log.h). */
enum fz_log_format { FZ_LOG_BY_TERMINAL, FZ_LOG_TEXT, FZ_LOG_JSON, FZ_LOG_JOURNAL, FZ_LOG_NONE };

/* The one that is asked for, or NULL: there is none, as without a `log`, which may be NULL. With JSON the
 * server's other lines are JSON too. FZ_FAILED: memory or threads are short. */
FZ_MUST_CHECK enum fz_result fz_access_log_open(enum fz_log_format format, struct fz_request_log *log,
                                                struct fz_access_log **out);

/* Writes to where `handle` leads. `log` and `handle` are borrowed. New: fz_access_log_stop. */
FZ_MUST_CHECK enum fz_result fz_access_log_start(struct fz_request_log *log, struct fz_access_style style, int handle,
                                                 struct fz_access_log **out);
/* Adds the line of a callback, or drops it when there are too many. Any thread. */
void fz_access_log_callback(struct fz_access_log *access, const struct fz_called_back *called);
/* Waits until what the request log has is written, half a second at most: before it is emptied. */
void fz_access_log_flush(struct fz_access_log *access);
/* Writes what is left, within a moment, and frees. NULL is allowed. */
void fz_access_log_stop(struct fz_access_log *access);

#endif
