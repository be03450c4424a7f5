/* What the parts of `fenzhang explain` share. */
#ifndef FZ_CLI_EXPLAIN_EXPLAIN_H
#define FZ_CLI_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "cli/command/command.h"
#include "wire/certificate.h"
#include "wire/doctor/doctor.h"

extern const struct fz_command fz_explain_command;

/* A request as it was pasted. Texts point into the paste; NULL: not there. */
struct fz_pasted {
    const char *method, *target;
    const char *host, *authorization, *content_type;
    const char *body;
    size_t body_size;
    size_t missing;          /* bytes of the body, by Content-Length */
    const char *broken_line; /* of the head: no header, so HTTP refuses the request; NULL: none */
};

/* explain_paste.c: takes `text` (of `size` bytes and a NUL) apart, in place: an HTTP/1.1 head and a body, the
 * lines of the head perhaps behind "> " as curl -v prints them. FZ_MALFORMED: there is no request in it. */
FZ_MUST_CHECK enum fz_result fz_pasted_read(char *text, size_t size, struct fz_pasted *out);

/* explain_upload.c: of a form with a part `meta` that part becomes the body, for it is what was signed (of anything else nothing
 * changes). */
void fz_pasted_take_meta(struct fz_pasted *pasted);

/* Public keys to try. */
struct fz_keyring {
    struct {
        char serial_no[FZ_SERIAL_SIZE];
        EVP_PKEY *key;
        bool is_platform;
    } list[FZ_CANDIDATES_MAX];
    size_t count;
};

/* explain_keys.c: adds the certificate in `path`; FZ_MALFORMED: there is none in it; FZ_FULL. */
FZ_MUST_CHECK enum fz_result fz_keyring_add(struct fz_keyring *ring, const char *path, bool is_platform);
/* Adds those that a data directory has for `mchid`, and the platform's: nobody else's. */
void fz_keyring_add_data(struct fz_keyring *ring, const char *directory, const char *mchid);
void fz_keyring_done(struct fz_keyring *ring);

#endif
