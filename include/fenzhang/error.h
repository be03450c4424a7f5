/* Errors: objects that answer questions. */
#ifndef FENZHANG_ERROR_H
#define FENZHANG_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FZ_API
#define FZ_API __attribute__((visibility("default")))
#endif

typedef struct fz_client_error fz_error;

/* What became of a write. Of a call that only reads it says whether it was answered. */
enum fz_outcome {
    FZ_OUTCOME_NOT_SENT,   /* the service never saw it: do it again, or not */
    FZ_OUTCOME_REFUSED,    /* the service says under its signature that it did nothing: see the code. Of a query, also a 401 that
                              is not signed, as the service signs none for whom it does not know */
    FZ_OUTCOME_DONE,       /* it was done; an error has this where the answer verifies and cannot be read */
    FZ_OUTCOME_MAYBE_DONE  /* it may have been: ask fz_find_out before doing it with another number */
};

/* What went wrong. The first ones happen on this side; the others are the service's codes, in all their spellings
 * (SYSTEM_ERROR, SYSTEMERROR, SYSTEM ERROR …). Numbers never change; new ones come at the end. */
enum fz_code {
    FZ_CODE_NONE = 0,
    FZ_CODE_OPTIONS = 1,       /* the options, or the request, cannot be used as they are */
    FZ_CODE_MEMORY = 2,        /* memory is short */
    FZ_CODE_CANCELLED = 3,
    FZ_CODE_DEADLINE = 4,      /* no answer within the deadline */
    FZ_CODE_NETWORK = 5,       /* no host could be reached, or a connection broke */
    FZ_CODE_TLS = 6,           /* a host's certificate does not verify */
    FZ_CODE_UNVERIFIED = 7,    /* an answer came whose signature is missing, wrong, or not of now */
    FZ_CODE_NO_KEY = 8,        /* nothing to verify with: the platform's certificates cannot be had. A write is not sent then */
    FZ_CODE_MALFORMED = 9,     /* an answer that verifies and is not what the call answers */
    FZ_CODE_UNKNOWN = 10,      /* the service refused with a code that this library does not know: fz_error_code_text */
    FZ_CODE_FORKED = 11,       /* the client belongs to another process */
    FZ_CODE_SIGNING = 12,      /* the request could not be signed */
    FZ_CODE_FILE = 13,         /* a file could not be read or written */
    FZ_CODE_NO_BODY = 14,      /* an answer outside 2xx without a body of the service's: of something in between */

    /* the protocol */
    FZ_CODE_PARAM_ERROR = 100,
    FZ_CODE_INVALID_REQUEST = 101,
    FZ_CODE_SIGN_ERROR = 102,          /* also SIGNERROR */
    FZ_CODE_NO_AUTH = 103,
    FZ_CODE_SYSTEM_ERROR = 104,        /* also SYSTEMERROR: call again with the same parameters */
    FZ_CODE_SERVICE_UNAVAILABLE = 105, /* the same */
    FZ_CODE_FREQUENCY_LIMITED = 106,   /* also INVALID_REQ_TOO_MUCH */
    FZ_CODE_NOT_FOUND = 107,           /* a path that the service does not have */
    FZ_CODE_METHOD_NOT_ALLOWED = 108,  /* also REQUIRE_POST_METHOD */
    /* merchants */
    FZ_CODE_MCH_NOT_EXISTS = 120, /* also MCHID_NOT_EXIST */
    FZ_CODE_APPID_NOT_EXIST = 121,
    FZ_CODE_USER_ACCOUNT_ABNORMAL = 122,
    /* what was asked for */
    FZ_CODE_RESOURCE_NOT_EXISTS = 130, /* also REFUNDNOTEXIST */
    FZ_CODE_ORDER_NOT_EXIST = 131,     /* also ORDERNOTEXIST */
    FZ_CODE_NO_STATEMENT_EXIST = 132,
    FZ_CODE_STATEMENT_CREATING = 133,
    /* orders */
    FZ_CODE_OUT_TRADE_NO_USED = 140,
    FZ_CODE_ORDER_PAID = 141,     /* also ORDERPAID */
    FZ_CODE_ORDER_CLOSED = 142,   /* also ORDERCLOSED */
    FZ_CODE_ORDER_REVERSED = 143, /* also ORDERREVERSED */
    FZ_CODE_AUTH_CODE_INVALID = 144,
    FZ_CODE_USERPAYING = 145,
    FZ_CODE_REVERSE_EXPIRE = 146,
    FZ_CODE_ORDER_NOT_READY = 147,
    /* money */
    FZ_CODE_NOT_ENOUGH = 160, /* also NOTENOUGH */
    FZ_CODE_INVALID_TRANSACTIONID = 161,
    FZ_CODE_OUT_REFUND_NO_USED = 162,
    FZ_CODE_REFUND_FEE_MISMATCH = 163,
    FZ_CODE_TRADE_OVERDUE = 164
};

FZ_API void fz_error_free(fz_error *error); /* NULL is allowed */

FZ_API enum fz_code fz_error_code(const fz_error *error);
/* The code as the service spelled it; "" of one of this side's. */
FZ_API const char *fz_error_code_text(const fz_error *error);
/* One or two sentences for people: what happened, why, what to do. */
FZ_API const char *fz_error_message(const fz_error *error);
FZ_API enum fz_outcome fz_error_outcome(const fz_error *error);
/* The HTTP status; 0: there was no answer. */
FZ_API int fz_error_status(const fz_error *error);
/* Of a parameter at fault: its name or JSON Pointer, what was sent, what is wrong, where ("body", "url", "query"). "" each
 * where the service did not say. */
FZ_API const char *fz_error_field(const fz_error *error);
FZ_API const char *fz_error_value(const fz_error *error);
FZ_API const char *fz_error_issue(const fz_error *error);
FZ_API const char *fz_error_location(const fz_error *error);
/* The Request-ID of the answer, "" without one; and what its number behind the dash says of the kind of fault, in words. */
FZ_API const char *fz_error_request_id(const fz_error *error);
FZ_API const char *fz_error_request_id_meaning(const fz_error *error);

/* May the same call be made again as it is, with the same numbers? */
FZ_API bool fz_error_may_retry(const fz_error *error);
/* After how many milliseconds; 0: at once. */
FZ_API int64_t fz_error_wait_ms(const fz_error *error);
/* Does the same number have to be kept? Always true of a write that may have been done. */
FZ_API bool fz_error_keep_number(const fz_error *error);
/* Is it of no use to go on with this client (wrong key, no certificates, another process)? */
FZ_API bool fz_error_is_fatal(const fz_error *error);
/* With FZ_CODE_SIGN_ERROR: what differs between the text that was signed here and the one the service took for signed,
 * line by line; and the sandbox's diagnosis where it gave one. "" otherwise. */
FZ_API const char *fz_error_signature_difference(const fz_error *error);

#ifdef __cplusplus
}
#endif

#endif
