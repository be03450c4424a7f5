/* Funds distribution: distributing an order's money, releasing what is left of it, and asking for both. */
#ifndef FENZHANG_DISTRIBUTION_H
#define FENZHANG_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fenzhang/time.h"

/* Amounts are in fen unless another currency is named. Texts are borrowed: a request's from who sends it, an
 * answer's live as long as the answer. */

#define FZ_SLICES_A_REQUEST 50

/* ---- request a distribution ---- */

/* A slice that is asked for: who gets what. */
struct fz_distribution_submit_receiver {
    const char *currency;    /* CNY */
    const char *type;        /* MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID */
    const char *account;     /* merchant number or openid */
    const char *name;        /* the person's, to be checked; or NULL; plain, it is sealed on its way */
    bool has_authorized;
    bool authorized;         /* whether the person agreed to the check of the name */
    int64_t amount;          /* fen */
    const char *description; /* reason, repeated in result and bill */
};

struct fz_distribution_submit_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid;      /* Institutional mode */
    const char *appid;          /* with a PERSONAL_OPENID; else may be NULL */
    const char *sub_appid;      /* with a PERSONAL_SUB_OPENID; else may be NULL; Institutional mode */
    const char *transaction_id; /* of the order */
    const char *out_order_no;   /* the merchant's; the same again with the same content distributes once */
    struct fz_distribution_submit_receiver *receivers; /* each once; NULL where only the rest is released */
    size_t receivers_count;
    bool unfreeze_unsplit; /* the rest goes to the sponsor, and no further distribution is possible */
};

/* ---- release an order's remaining funds ---- */

struct fz_unfreeze_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid; /* Institutional mode */
    const char *transaction_id;
    const char *out_order_no; /* the merchant's, out of the same numbers as distributions */
    const char *description;  /* reason, repeated in result and bill */
};

/* ---- ask for either ---- */

struct fz_distribution_query_request {
    size_t size; /* FZ_INIT */
    const char *out_order_no;
    const char *transaction_id;
    const char *sub_mchid; /* Institutional mode */
};

/* ---- a distribution, as it is answered to all three ---- */

/* A slice as it stands. */
struct fz_distribution_receiver {
    const char *currency; /* CNY */
    int64_t amount;       /* fen */
    const char *description;
    const char *type, *account;
    const char *result;      /* PENDING, SUCCESS, CLOSED */
    const char *fail_reason; /* why it was not paid; NULL unless CLOSED */
    struct fz_timestamp create_time; /* when it was accepted, with milliseconds */
    struct fz_timestamp finish_time; /* when it was decided, with milliseconds; none while PENDING */
    const char *detail_id;           /* WeChat Pay's number of the slice */
    const char *settlement_currency; /* the sponsor's */
    bool has_settlement_amount, has_rate;
    int64_t settlement_amount; /* the slice, in the settlement currency's smallest unit */
    int64_t rate;              /* CNY for one unit of the settlement currency x 10^8 */
};

struct fz_distribution_answer {
    const char *sub_mchid; /* Institutional mode */
    const char *transaction_id;
    const char *out_order_no;
    const char *order_id; /* WeChat Pay's number of the distribution */
    const char *state;    /* PROCESSING, FINISHED: not whether each receiver got its slice */
    struct fz_distribution_receiver *receivers; /* one a slice, and last what is released to the sponsor */
    size_t receivers_count;
};

/* ---- what can still be distributed (S-AMT) ---- */

struct fz_transaction_amounts_request {
    size_t size; /* FZ_INIT */
    const char *transaction_id;
    const char *sub_mchid; /* Institutional mode */
};
struct fz_transaction_amounts_answer {
    const char *transaction_id;
    int64_t unsplit_amount; /* fen */
    const char *currency;   /* CNY */
};

#endif
