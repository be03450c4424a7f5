/* Bill files behind a descriptor, and what readers do otherwise for the library itself. */
#ifndef FZ_CLIENT_BILL_READ_H
#define FZ_CLIENT_BILL_READ_H

#include <openssl/evp.h>

#include "client/error.h"
#include "fenzhang/bill_file.h"

/* From where it stands to its end; `path` is what errors call it. */
int fz_bill_read_descriptor(enum fz_bill_kind kind, int file, const char *path, fz_bill_on_row *on_row, void *argument, fz_error **error);

/* ---- readers ---- */

/* `hash` (NULL is allowed) digests the text: of gzip what is in it. */
void fz_bill_reader_hash(fz_bill_reader *reader, EVP_MD_CTX *hash);
/* Of details only what adds up to the summary is looked at; the summary is kept, and no row is given. */
void fz_bill_reader_sums_alone(fz_bill_reader *reader);
/* How many lines of details there were. */
size_t fz_bill_reader_rows(const fz_bill_reader *reader);

/* Gives the rows of the summary that it has kept; without one that it knows, what the details add up to. */
fz_error *fz_bill_reader_give_summary(fz_bill_reader *reader, fz_bill_on_row *on_row, void *argument);

/* What the last system call said: "PATH could not be opened: …". */
fz_error *fz_bill_file_error(const char *what, const char *path);

#endif
