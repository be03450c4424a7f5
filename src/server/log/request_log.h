/* The request log: a ring of the latest exchanges, in the memory of this process and nowhere else. Workers
 * append finished records; the control interface reads. */
#ifndef FZ_SERVER_LOG_REQUEST_LOG_H
#define FZ_SERVER_LOG_REQUEST_LOG_H

#include "server/log/record.h"

struct fz_request_log;

/* At most so many records, and so many bytes of them (both at least 1). New: fz_request_log_free. NULL when
 * memory or file descriptors are short. */
struct fz_request_log *fz_request_log_new(size_t records_max, size_t bytes_max);
void fz_request_log_free(struct fz_request_log *log); /* NULL allowed */

/* Takes over the reference and gives the record its sequence; the oldest ones fall out. The lock is held for
 * a few stores only. */
void fz_request_log_append(struct fz_request_log *log, struct fz_request_record *record);
/* Forgets all records (a sandbox's reset). Sequences go on. */
void fz_request_log_empty(struct fz_request_log *log);

/* The records with a sequence under `before` (0: the newest too), newest first, or above `after`, oldest
 * first: at most `max`, each with a new reference. Returns how many. */
size_t fz_request_log_before(struct fz_request_log *log, uint64_t before, struct fz_request_record *out[],
                             size_t max);
size_t fz_request_log_after(struct fz_request_log *log, uint64_t after, struct fz_request_record *out[],
                            size_t max);

struct fz_request_log_state {
    uint64_t first, next;     /* sequences: of the oldest record that is kept, and of the next that comes */
    uint64_t resets;          /* how often it was emptied */
    uint64_t logged, dropped; /* in all; dropped: fell out, or was too large to be kept */
    size_t bytes;
};
void fz_request_log_state(struct fz_request_log *log, struct fz_request_log_state *out);

/* News: an eventfd for each who waits, which becomes readable once, when a record is appended or the log emptied after
 * its fz_request_log_want_news. Want first, then look, then wait: nothing is missed. */
enum fz_news { FZ_NEWS_STREAMS, FZ_NEWS_ACCESS_LOG, FZ_NEWS_COUNT };
int fz_request_log_news(const struct fz_request_log *log, enum fz_news who);
void fz_request_log_want_news(struct fz_request_log *log, enum fz_news who);

#endif
