/* Requests, read and written by their call's rows. */
#ifndef FZ_SPEC_SERVER_REQUEST_H
#define FZ_SPEC_SERVER_REQUEST_H

#include "base/arena.h"
#include "spec/server/route.h"

/* Bytes of a file that is sent; the parts around it get 64 KiB more. */
#define FZ_FILE_MAX (5 * 1024 * 1024)

#define FZ_CONTENT_DIGEST_SIZE 32 /* SHA-256 */

/* The multipart body of a call that takes a file, as it was received: `meta` is the body that is signed and whose members the
 * request's are, the file was hashed on its way and is gone. */
struct fz_received {
    enum fz_issue fault; /* what is wrong with the body's form */
    char part[40];       /* and with which part of it; "" = the whole body */
    bool has_meta, has_file;
    int64_t size; /* of the file, in bytes */
    unsigned char sha256[32];
};

/* What reading needs beside the request itself. All borrowed. */
struct fz_reading {
    struct fz_arena *arena; /* gets all that is read */
    struct fz_error *error; /* where it refuses */
    const char *caller;     /* mchid, whose signature was good */
    bool institution;       /* the caller is one */
    const struct fz_received *received; /* of a call that takes a file */
    /* Opens what was sealed for the platform. Refuses through `error`; FZ_MALFORMED: not sealed for the key that is named. */
    enum fz_result (*open_sealed)(void *opener, const char *base64, char *out, size_t out_size);
    void *opener;
};

/* Reads and checks all members into `*request`, a new struct of the call's, in the arena; and, where the call
 * writes, the content's digest into `digest`. Unknown or doubled query parameters and JSON members are
 * FZ_PARAM_ERROR. Also the rules of modes: sub_mchid missing in Institutional mode is FZ_PARAM_NO_SUB_MCHID,
 * mchid beside sp_mchid or sub_mchid is FZ_PARAM_ERROR. Whether a merchant number is the caller's own is not
 * looked at: only the book can tell an unknown number from another's. FZ_FAILED when memory is short. */
FZ_MUST_CHECK enum fz_result fz_request_read(const struct fz_reading *reading, const struct fz_route *route,
                                             const void *body, size_t body_size, void **request,
                                             unsigned char digest[FZ_CONTENT_DIGEST_SIZE]);

/* SHA-256 over the content of `values`, a struct that `members` describe. The form is one-to-one: names,
 * kinds and lengths are part of it; the order of members in the request is not. FZ_FAILED when memory is
 * short. */
FZ_MUST_CHECK enum fz_result fz_content_digest(const struct fz_member *members, const void *values,
                                               unsigned char out[FZ_CONTENT_DIGEST_SIZE]);

#endif
