/* The courier as an adversary: for a merchant, callbacks are doubled, held back, overtaken or spoilt, as a
 * network and a forger may do. The notification itself still comes; what is spoilt comes ahead of it. */
#ifndef FZ_SERVER_COURIER_MODE_H
#define FZ_SERVER_COURIER_MODE_H

#include "server/courier/courier.h"

#define FZ_COURIER_MODES_MAX 64

enum fz_courier_mode_kind {
    FZ_MODE_NONE,
    FZ_MODE_DUPLICATE,          /* twice, one after the other */
    FZ_MODE_CONCURRENT,         /* twice at the same time */
    FZ_MODE_DELAY,              /* the first sending comes later */
    FZ_MODE_REORDER,            /* the same of every other one, so that the next overtakes it */
    FZ_MODE_STRIPPED,           /* ahead of it, one that lacks a header */
    FZ_MODE_WRONG_SIGNATURE,    /* ahead of it, one whose signature is of something else */
    FZ_MODE_OTHER_SUB_MERCHANT, /* ahead of it, one that is meant for another sub-merchant of the institution
                                 */
};
/* Their words, in that order, NULL-ended. */
extern const char *const fz_courier_mode_words[];

struct fz_courier_mode {
    char mchid[FZ_MCHID_SIZE]; /* the caller's or the sub-merchant's; "": everybody's who has none of his own
                                */
    enum fz_courier_mode_kind kind;
    int64_t left;     /* how many more times */
    int64_t until_ms; /* book time when it ends */
    int64_t delay_ms; /* of DELAY and REORDER, book time */
    char header[32];  /* of STRIPPED */
    bool holds_next;  /* REORDER: the next one is held back */
};

/* Sets a merchant's mode in place of the one it has; NONE takes it away. FZ_FULL: there are
 * FZ_COURIER_MODES_MAX. Modes live until the server ends, or POST /reset. */
FZ_MUST_CHECK enum fz_result fz_courier_set_mode(struct fz_courier *courier,
                                                 const struct fz_courier_mode *mode);
/* Those that have not ended. Returns how many. */
size_t fz_courier_list_modes(struct fz_courier *courier, struct fz_courier_mode out[FZ_COURIER_MODES_MAX]);

#endif
