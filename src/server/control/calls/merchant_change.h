/* A change of a merchant that a control call asks for: its terms, its appids, its identity. */
#ifndef FZ_SERVER_CONTROL_CALLS_MERCHANT_CHANGE_H
#define FZ_SERVER_CONTROL_CALLS_MERCHANT_CHANGE_H

#include "book/merchant/merchant.h"
#include "server/control/calls/merchant_hindrance.h"
#include "server/control/request/call.h"
#include "server/keys/directory.h"
#include "server/keys/own_identity.h"

#define FZ_CHANGE_APPIDS_MAX 50

/* What a caller's certificate and APIv3 key are to be; KEEP: as they are. */
enum fz_certificate_change {
    FZ_CHANGE_KEEP_CERTIFICATE = -1,
    FZ_CHANGE_VALID,
    FZ_CHANGE_EXPIRED,
    FZ_CHANGE_REVOKED,
    FZ_CHANGE_ROTATE,
    FZ_CHANGE_NO_CERTIFICATE
};
enum fz_apiv3_change { FZ_CHANGE_KEEP_APIV3_KEY = -1, FZ_CHANGE_SET_APIV3_KEY, FZ_CHANGE_NO_APIV3_KEY };

struct fz_merchant_change {
    struct fz_control_call *call;
    struct fz_merchant merchant; /* in: the defaults, or how it stands; out: as it is to be */
    const char *appids[FZ_CHANGE_APPIDS_MAX];
    size_t appid_count;
    bool has_appids;
    enum fz_certificate_change certificate;
    enum fz_apiv3_change apiv3_key;
    struct fz_own_identity own;    /* what it brings itself, borrowed from the body */
    const char *own_apiv3_key;     /* NULL: it brings none */
    bool serial_taken;             /* out, with FZ_CONFLICT: its serial number names another key */
    struct fz_hindrance_change hindrance;
    int public_key;            /* enum fz_public_key_use; -1: as it is */
    int callback_key_share;    /* of 10 000 callbacks those signed with it; -1: as public_key says; -2: as it is */
    struct fz_text public_pem; /* a platform's key for it */
    struct fz_text pem;        /* a key made for it beforehand: that takes too long for a transaction */
};

/* Reads change->call's body upon change->merchant; faults go to the call. May be done again upon other
 * terms. */
void fz_merchant_change_read(struct fz_merchant_change *change);
/* Makes the key for a certificate that will have to be issued. `has_certificate`: there is one now. */
FZ_MUST_CHECK enum fz_result fz_merchant_change_prepare(struct fz_merchant_change *change,
                                                        bool has_certificate);
/* Sets appids, hindrances, certificate, APIv3 key, the use of the platform's public key and what signs callbacks, in a
 * transaction. */
FZ_MUST_CHECK enum fz_result fz_merchant_change_apply(struct fz_tx *tx,
                                                      struct fz_merchant_change *change);
/* Puts into `object` which of the platform's keys `caller` checks with. */
void fz_merchant_keys_tell(json_t *object, const struct fz_caller *caller);
void fz_merchant_change_done(struct fz_merchant_change *change);

#endif
