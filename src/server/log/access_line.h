/* Lines of the access log, as text or as JSON. What they tell of an exchange comes from its record, so it is masked, and
 * what a peer sent is clean: no byte of it is obeyed by a terminal. */
#ifndef FZ_SERVER_LOG_ACCESS_LINE_H
#define FZ_SERVER_LOG_ACCESS_LINE_H

#include "base/text.h"
#include "server/log/record.h"

struct fz_access_style {
    bool json;
    bool colour;  /* of text */
    bool journal; /* lines begin with their priority, and a text has no time (base/server/log.h) */
};

/* Each adds one line to `out`.
 *
 * An exchange: time, method, path and query, status; of a refusal its code, its name where that is another, and what it
 * says in a few words; how long it took; Request-ID. */
void fz_access_exchange(struct fz_text *out, struct fz_access_style style, const struct fz_request_record *record);

/* What came of a callback that was tried: a 2xx; another answer; none. */
enum fz_callback_outcome {
    FZ_CALLBACK_DELIVERED,
    FZ_CALLBACK_REFUSED,
    FZ_CALLBACK_UNANSWERED,
    FZ_CALLBACK_OUTCOMES
};
extern const char *const fz_callback_outcome_words[];

/* One request that was sent to a notify_url. Texts borrowed; "" where there is none. */
struct fz_called_back {
    const char *event_id, *event_type, *mchid, *sub_mchid, *out_trade_no, *out_refund_no, *url;
    const char *kind;  /* NOTIFICATION, or what was sent beside it */
    int64_t wire_ms, book_ms, duration_ms;
    int status;        /* 0: no answer */
    enum fz_callback_outcome outcome;
    const char *error; /* why there was no answer, or no whole one */
    int64_t next_ms;   /* book time when it is sent again; 0: it is not */
};
void fz_access_callback(struct fz_text *out, struct fz_access_style style, const struct fz_called_back *called);

/* So many lines are not there. */
void fz_access_missed(struct fz_text *out, struct fz_access_style style, uint64_t missed, int64_t wire_ms);

#endif
