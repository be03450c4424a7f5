/* The body of an answer outside 2xx, read: {"code":"…","message":"…","detail":{…}} (S-RQ; the vendor's API
 * rules).
 *
 * Answers are read as they really come: `detail` may be an object or an array of them, may lack members,
 * may nest another `detail` (a signature that does not fit), and what is not known is passed over. What
 * comes from a proxy or a load balancer in front of the service is as a rule no such body at all. */
#ifndef FZ_WIRE_ERROR_BODY_H
#define FZ_WIRE_ERROR_BODY_H

#include <stddef.h>

#include "base/result.h"

#define FZ_ERROR_BODY_MAX (64 * 1024) /* bytes; a longer body is none of the service's */

/* Terminated UTF-8; empty where the body does not say it; longer ones are cut at a character. The
 * documents have code as string(32), the others as string(256), in characters of up to 3 bytes. */
struct fz_error_body {
    char code[65]; /* such as "PARAM_ERROR"; under /hk/v3 older spellings such as "SYSTEMERROR" */
    char message[1025];
    char field[1025];   /* a parameter's name, or in a body a JSON Pointer: /amount/currency; older form
                           #/properties/amount/currency */
    char value[1025];   /* what was sent; a number or a truth value as JSON writes it */
    char issue[1025];   /* what is wrong with it */
    char location[65];  /* "body", "url", "query"; "authorization" of a signature */
    char mistake[65];     /* by the sandbox alone, in its `diagnosis`: which known mistake it was */
    char diagnosis[2049]; /* the same in plain words */
};

/* Reads `size` bytes. FZ_MALFORMED: no JSON object with a `code` that is text and not empty; FZ_FAILED:
 * memory is short. `out` is untouched then. */
FZ_MUST_CHECK enum fz_result fz_error_body_read(const void *body, size_t size, struct fz_error_body *out);

#endif
