/* The rows of fenzhang/callback.h, and how each event is told. */
#ifndef FZ_SPEC_CALLBACK_CALLBACK_H
#define FZ_SPEC_CALLBACK_CALLBACK_H

#include "fenzhang/callback.h"
#include "spec/common/money.h"
#include "spec/row/member.h"

/* How an event is told, and by which rows its resource is read and written. */
struct fz_callback_spec {
    const char *event_type, *summary, *original_type;
    const char *refund_status;        /* of a refund's */
    const struct fz_member *resource; /* of a struct fz_order_answer or fz_callback_refund */
    size_t resource_size;
};
extern const struct fz_callback_spec fz_callback_specs[FZ_CALLBACK_EVENTS];

extern const struct fz_member fz_callback_body_members[];

#define FZ_CALLBACK_RESOURCE_TYPE "encrypt-resource"
#define FZ_CALLBACK_SEALED_BY     "AEAD_AES_256_GCM"

#endif
