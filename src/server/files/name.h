/* The names of bill files, and of the directory that those of a book lie in. */
#ifndef FZ_SERVER_FILES_NAME_H
#define FZ_SERVER_FILES_NAME_H

#include "base/result.h"
#include "server/birth/origin.h"
#include "wire/server/token.h"

#define FZ_BILL_NAME_SIZE      136
#define FZ_BILL_DIRECTORY_SIZE (FZ_BOOK_NAME_SIZE + 16)

/* What follows a name: of the files beside a bill, and of any of them that is being made. */
#define FZ_BILL_SUM        ".sha1"
#define FZ_BILL_COMPRESSED ".gz"
#define FZ_BILL_UNFINISHED ".part"

/* In DIR/bills. It names the format, too: what an older program made of the same book is not taken for what this one
 * makes. */
void fz_bill_directory(const char *book, char out[FZ_BILL_DIRECTORY_SIZE]);
/* FZ_MALFORMED for a link that names no merchant by digits: nothing else gets into a path. */
FZ_MUST_CHECK enum fz_result fz_bill_name(const struct fz_bill_link *link, bool overview_first,
                                          char out[FZ_BILL_NAME_SIZE]);
/* Whether `name` is of a bill or of a file beside one; its day and kind go into `out`; FZ_NO_DAY if
 * it tells none. */
bool fz_bill_name_read(const char *name, struct fz_bill_link *out, bool *unfinished);

#endif
