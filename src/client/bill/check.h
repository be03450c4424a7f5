/* Whether a bill's file is whole, and the one that was told of: what it comes to, without its rows. */
#ifndef FZ_CLIENT_BILL_CHECK_H
#define FZ_CLIENT_BILL_CHECK_H

#include <openssl/evp.h>

#include "client/error.h"
#include "fenzhang/bill_file.h"

#define FZ_BILL_HASH_TEXT 65 /* of SHA-1 or SHA-256 in hex digits */

struct fz_bill_check {
    fz_bill_reader *reader;
    EVP_MD_CTX *file, *text; /* of the bytes as they are; of what is in them, if a hash of it was told */
    struct fz_bill_facts facts;
};

/* Takes a file in pieces. `digest` (NULL: none was told) is of the hash that its text has to have. `each_cell`: all has to
 * be readable; otherwise it is looked at as far as it adds up, and its summary is kept. NULL, or what is wrong;
 * fz_bill_check_done either way. */
fz_error *fz_bill_check_begin(struct fz_bill_check *check, enum fz_bill_kind kind, const EVP_MD *digest, bool each_cell);
fz_error *fz_bill_check_feed(struct fz_bill_check *check, const void *data, size_t size);
/* There is no more. `hash` in hex digits, if one was told. */
fz_error *fz_bill_check_finish(struct fz_bill_check *check, const char *hash);
void fz_bill_check_done(struct fz_bill_check *check);

/* Gives the summary that was kept, and the facts; each may be NULL. Of the latter as much as the program's own version of
 * the library knows. */
fz_error *fz_bill_check_give(const struct fz_bill_check *check, fz_bill_on_row *on_summary, void *argument,
                             struct fz_bill_facts *facts);

#endif
