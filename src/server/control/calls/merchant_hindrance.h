/* What the body of a control call says that stands in a merchant's way, and how it is told. */
#ifndef FZ_SERVER_CONTROL_CALLS_MERCHANT_HINDRANCE_H
#define FZ_SERVER_CONTROL_CALLS_MERCHANT_HINDRANCE_H

#include "book/merchant/hindrance.h"
#include "server/control/request/call.h"

/* -1: as it is. */
struct fz_hindrance_change {
    int papers_missing, cny_pool_empty, refused_scenes;
};

void fz_hindrance_change_read(struct fz_control_call *call, enum fz_merchant_kind kind,
                            struct fz_hindrance_change *out);
FZ_MUST_CHECK enum fz_result fz_hindrance_change_apply(struct fz_tx *tx, const char *mchid,
                                                     const struct fz_hindrance_change *change);
/* Adds the members that a merchant of this kind has. */
void fz_hindrance_tell(json_t *object, enum fz_merchant_kind kind, const struct fz_hindrance *hindrance);

#endif
