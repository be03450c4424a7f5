/* Everything that a client can do to the book, each as a thing that is wanted once, and how often the book has it. */
#ifndef FZ_UNIT_CLIENT_DEEDS_H
#define FZ_UNIT_CLIENT_DEEDS_H

#include <sqlite3.h>

#include "unit/client/mode.h"

#define SCENE_MARKED 80 /* orders whose money is frozen, one for each distribution that is wanted */

/* A mode's merchant, with what wishes use up. */
struct scene {
    struct shop *shop;
    const struct mode *mode;
    sqlite3 *book; /* the file itself: nobody is asked */
    struct fz_sandbox_paid marked[SCENE_MARKED];
    size_t used;
    int wishes;
};

struct scene *scene_open(const struct mode *mode);
void scene_close(struct scene *scene);

struct wish;

struct deed {
    const char *call;
    const char *found_by; /* NULL: no query tells of it */
    bool finds_nothing;   /* that query tells that it was done by finding nothing */
    enum fz_code again;   /* with what doing it once more is refused; FZ_CODE_NONE: it is answered as the first time */
    void (*make)(struct wish *wish);
    const char *held; /* SQL: how often the book has it; ?1 the wish's number, ?2 its transaction_id, ?3 the caller */
};

/* NULL-name-ended. */
extern const struct deed deeds[];

/* A thing that is wanted: its request, ready to be sent. */
struct wish {
    const struct deed *deed;
    struct scene *scene;
    char number[24], transaction_id[33], code[19], file_name[32], digest[65];
    struct fz_distribution_submit_receiver slice;
    union {
        struct fz_order_place_request place;
        struct fz_order_micropay_request micropay;
        struct fz_order_by_number_request by_number;
        struct fz_order_by_id_request by_id;
        struct fz_refund_submit_request refund;
        struct fz_mark_request mark;
        struct fz_distribution_submit_request distribution;
        struct fz_unfreeze_request unfreeze;
        struct fz_receiver_add_request add;
        struct fz_receiver_delete_request delete;
        struct fz_file_upload_request upload;
    } request;
    struct fz_call_options options;
};

/* Another one, never wanted before; what has to be there for it is done. */
void wish_make(struct wish *wish, struct scene *scene, const struct deed *deed);
/* How often the book has it. */
int64_t wish_held(const struct wish *wish);

#endif
