/* What every answer outside 2xx says: {"code":"…","message":"…","detail":{…}} (S-RQ; the vendor's API
 * rules). The server writes it and a client reads it by the rows at the end. */
#ifndef FZ_SPEC_ERROR_ERROR_H
#define FZ_SPEC_ERROR_ERROR_H

#include "spec/row/member.h"

#define FZ_ERROR_TEXT_MAX    256  /* characters of message, field, value, issue, location (S-RQ), of a method */
#define FZ_ERROR_URL_MAX     2048 /* characters of a target that was signed */
#define FZ_ERROR_ALSO_MAX    2    /* mistakes beside the first */
#define FZ_ERROR_MEANING_MAX 800  /* characters of what a diagnosis says in words */
#define FZ_ERROR_LINE_MAX    200  /* characters of a line that it shows */

/* Texts are UTF-8; NULL: not said. */

/* What the service took for the signed message, when a signature does not fit it. */
struct fz_error_sign_information {
    const char *method;
    int64_t sign_message_length; /* bytes of the whole message; 0: not said */
    const char *truncated_sign_message; /* the body cut after 8 characters; may have a NUL in it */
    size_t truncated_sign_message_size; /* bytes */
    const char *url; /* the target, with its query */
};

/* Nested in the detail of a signature that does not fit. */
struct fz_error_inner_detail {
    const char *issue; /* "sign not match" */
};

/* What a refusal is about. With PARAM_ERROR field, value, issue and mostly location; of a signature that does
 * not fit field, location, the inner detail and sign_information. */
struct fz_error_detail {
    bool has_detail;
    struct fz_error_inner_detail detail;
    const char *field; /* a parameter's name, or in a body a JSON Pointer: /amount/currency; older form
                          #/properties/amount/currency */
    const char *value; /* what was sent; a number or a truth value as JSON writes it */
    const char *issue; /* what is wrong with it; read of a signature, it is the inner one */
    const char *location; /* "body", "url", "query"; "authorization" of a signature */
    bool has_sign_information;
    struct fz_error_sign_information sign_information;
};

/* By the sandbox alone: why a signature failed. */
struct fz_error_diagnosis {
    const char *mistake; /* such as "LAST_NEWLINE_MISSING"; "UNKNOWN": no known mistake fits */
    const char **also;   /* further mistakes that were made together with it */
    size_t also_count;
    const char *message; /* what was wrong and what to do, in plain words */
    bool has_offset;
    int64_t offset; /* bytes from the message's beginning to where the signed one differs from the expected */
    bool has_line;
    int64_t line;         /* in which of its lines that is, from 1 */
    const char *signed_line; /* that line as it was signed */
    const char *expected; /* and as it should be */
};

struct fz_error_answer {
    const char *code; /* such as "PARAM_ERROR"; under /hk/v3 older spellings such as "SYSTEMERROR" */
    const char *message; /* in English or Chinese */
    bool has_detail;
    struct fz_error_detail detail;
    bool has_diagnosis;
    struct fz_error_diagnosis diagnosis;
};

/* ---- their rows ---- */

extern const struct fz_member fz_error_answer_members[];
extern const struct fz_member fz_error_parameter_members[]; /* those of a detail that PARAM_ERROR has */

#endif
