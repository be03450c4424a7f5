/* Bill files behind a descriptor. */
#ifndef FZ_CLIENT_BILL_READ_H
#define FZ_CLIENT_BILL_READ_H

#include <openssl/evp.h>

#include "client/error.h"
#include "fenzhang/bill_file.h"

/* From where it stands to its end; `path` is what errors call it. `hash` (NULL is allowed) digests the text: of gzip what is in
 * it. */
int fz_bill_read_descriptor(enum fz_bill_kind kind, int file, const char *path, EVP_MD_CTX *hash, fz_bill_on_row *on_row, void *argument,
                            fz_error **error);
void fz_bill_reader_hash(fz_bill_reader *reader, EVP_MD_CTX *hash);
/* What the last system call said: "PATH could not be opened: …". */
fz_error *fz_bill_file_error(const char *what, const char *path);

#endif
