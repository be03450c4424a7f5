/* Receivers of funds distribution: adding one, asking for it, ending the relation. */
#ifndef FENZHANG_RECEIVER_H
#define FENZHANG_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an account is. An openid means something only beside the appid that it was given for: `appid` or
 * `sub_appid`. */
#define FZ_TYPE_MERCHANT   "MERCHANT_ID"
#define FZ_TYPE_OPENID     "PERSONAL_OPENID"
#define FZ_TYPE_SUB_OPENID "PERSONAL_SUB_OPENID"

/* The relation that is told in words of one's own. */
#define FZ_RELATION_CUSTOM "CUSTOM"

struct fz_receiver_add_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid; /* Institutional mode */
    const char *appid;     /* with a PERSONAL_OPENID; else may be NULL */
    const char *sub_appid; /* with a PERSONAL_SUB_OPENID; else may be NULL; Institutional mode */
    const char *type;      /* MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID */
    const char *account;   /* merchant number or openid */
    const char *name;      /* full name, or NULL; plain, it is sealed on its way */
    bool has_authorized;
    bool authorized;             /* whether the person agreed to the check of the name */
    const char *relation_type;   /* SUPPLIER, DISTRIBUTOR …, CUSTOM */
    const char *custom_relation; /* with CUSTOM; else may be NULL */
    const char *scene;           /* how the distribution is used; may be NULL */
    const char *major_service;   /* the receiver's main business; may be NULL */
    bool has_expected_ratio;
    int64_t expected_ratio;          /* its share, in 1/10 000 */
    const char *application_file_id; /* an uploaded application letter; may be NULL */
    const char *partnership_file_id; /* an uploaded proof of the cooperation; may be NULL */
};

struct fz_receiver_query_request {
    size_t size; /* FZ_INIT */
    const char *account;
    const char *sub_mchid;      /* Institutional mode */
    const char *appid;          /* as added, and of no effect; may be NULL */
    const char *sub_appid;      /* likewise; Institutional mode */
    const char *type;           /* may be NULL: the first kind of receiver that has the account */
    const char *transaction_id; /* of no effect; may be NULL */
};

/* Answered with 204, which has no body. */
struct fz_receiver_delete_request {
    size_t size; /* FZ_INIT */
    const char *sub_mchid;      /* Institutional mode */
    const char *appid;          /* with a PERSONAL_OPENID; else may be NULL */
    const char *sub_appid;      /* with a PERSONAL_SUB_OPENID; else may be NULL; Institutional mode */
    const char *type, *account; /* as added */
};

/* A receiver, as it is answered to its addition and its query. The name is not in it: it came sealed, and
 * nobody asks for it back. */
struct fz_receiver_answer {
    const char *sub_mchid; /* Institutional mode */
    const char *type, *account;
    const char *relation_type;
    const char *custom_relation; /* with CUSTOM; else NULL */
    const char *scene;           /* this and the following: NULL if they were not given */
    const char *major_service;
    bool has_expected_ratio;
    int64_t expected_ratio; /* 1/10 000 */
    const char *application_file_id;
    const char *partnership_file_id;
    const char *state;            /* INIT, EFFECTIVE after the audit, or FAILED */
    const char *fail_reason;      /* why the audit failed; NULL unless FAILED */
    const char *fail_description; /* the same in more words; may be NULL */
};

#endif
